"""The systems that people have, by the names they use for them."""

from kb.base.model import Platform
from kb.base.record import Record


class System(Record):
    """A system, the platform whose wheels it runs, and its value in the finder's form; one without
    a tab on the pages of releases has the cells of another.

    WSL2 is no platform: it runs the wheels of Linux on the driver of Windows.
    """

    id: str
    name: str
    platform: Platform | None
    asked: str
    has_tab: bool = True


SYSTEMS = (
    System(id="linux-x86_64", name="Linux", platform="linux-x86_64", asked="linux-x86_64"),
    System(id="wsl2", name="WSL2", platform="linux-x86_64", asked="wsl2-x86_64"),
    System(id="windows-x86_64", name="Windows", platform="windows-x86_64", asked="windows-x86_64"),
    System(id="windows-arm64", name="Windows on Arm", platform=None, asked="windows-arm64"),
    System(
        id="macos-arm64", name="macOS, Apple silicon", platform="macos-arm64", asked="macos-arm64"
    ),
    System(id="macos-x86_64", name="macOS, Intel", platform="macos-x86_64", asked="macos-x86_64"),
    System(id="linux-aarch64", name="Linux on Arm", platform="linux-aarch64", asked="linux-arm64"),
    System(
        id="wsl2-aarch64",
        name="WSL2 on Arm",
        platform="linux-aarch64",
        asked="wsl2-arm64",
        has_tab=False,
    ),
    System(id="linux-armv7l", name="Linux on 32-bit Arm", platform=None, asked="linux-armv7l"),
)


def of_platforms() -> tuple[System, ...]:
    """Return one system for each platform."""
    return tuple(system for system in SYSTEMS if system.id == system.platform)
