"""The systems that people have, by the names they use for them."""

from kb.base.model import Platform
from kb.base.record import Record


class System(Record):
    """A system, the platform whose wheels it runs, and its value in the finder's form.

    WSL2 is no platform: it runs the wheels of Linux on the driver of Windows.
    """

    id: str
    name: str
    platform: Platform | None
    asked: str


SYSTEMS = (
    System("linux-x86_64", "Linux", "linux-x86_64", "linux-x86_64"),
    System("wsl2", "WSL2", "linux-x86_64", "wsl2-x86_64"),
    System("windows-x86_64", "Windows", "windows-x86_64", "windows-x86_64"),
    System("windows-arm64", "Windows on Arm", None, "windows-arm64"),
    System("macos-arm64", "macOS, Apple silicon", "macos-arm64", "macos-arm64"),
    System("macos-x86_64", "macOS, Intel", "macos-x86_64", "macos-x86_64"),
    System("linux-aarch64", "Linux on Arm", "linux-aarch64", "linux-arm64"),
)


def of_platforms() -> tuple[System, ...]:
    """Return one system for each platform."""
    return tuple(one for one in SYSTEMS if one.id == one.platform)
