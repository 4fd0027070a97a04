"""What platforms, devices and distributions are called, here and by Python, and in which order they
stand.
"""

from typing import get_args

from kb.base.model import Device, Distribution, Platform
from kb.base.record import Record
from kb.base.versions import Kind

# TensorFlow's own distribution, which names a series' answer.
OWN: Distribution = "tensorflow"
PLATFORM_NAMES: dict[Platform, str] = {
    "linux-x86_64": "Linux x86-64",
    "linux-aarch64": "Linux Arm64",
    "windows-x86_64": "Windows x86-64",
    "macos-x86_64": "macOS x86-64",
    "macos-arm64": "macOS Arm64",
}


class Markers(Record):
    """What Python calls a platform; requirement markers ask by these names."""

    sys_platform: str
    platform_system: str
    platform_machine: str
    os_name: str


MARKERS: dict[Platform, Markers] = {
    "linux-x86_64": Markers(
        sys_platform="linux", platform_system="Linux", platform_machine="x86_64", os_name="posix"
    ),
    "linux-aarch64": Markers(
        sys_platform="linux", platform_system="Linux", platform_machine="aarch64", os_name="posix"
    ),
    "windows-x86_64": Markers(
        sys_platform="win32", platform_system="Windows", platform_machine="AMD64", os_name="nt"
    ),
    "macos-x86_64": Markers(
        sys_platform="darwin", platform_system="Darwin", platform_machine="x86_64", os_name="posix"
    ),
    "macos-arm64": Markers(
        sys_platform="darwin", platform_system="Darwin", platform_machine="arm64", os_name="posix"
    ),
}


def platform_of(system: str, machine: str) -> Platform | None:
    """Return the platform that Python calls by these `sys.platform` and `platform.machine()`; None
    where TensorFlow has none like it.
    """
    machine = machine.lower()
    if (system, machine) == ("linux", "arm64"):
        return "linux-aarch64"
    for platform, marks in MARKERS.items():
        if (system, machine) == (marks.sys_platform, marks.platform_machine.lower()):
            return platform
    return None


DEVICE_NAMES: dict[Device, str] = {
    "cpu": "CPU",
    "cuda": "CUDA",
    "rocm": "ROCm",
    "metal": "Metal",
    "directml": "DirectML",
    "xpu": "XPU",
}


KIND_NAMES: dict[Kind, str] = {
    "release": "release",
    "candidate": "release candidate",
    "nightly": "nightly",
}


PREFERENCE: dict[str, int] = {
    name: position
    for position, name in enumerate(
        ("tensorflow-cpu", *(d for d in get_args(Distribution) if d != "tensorflow-cpu"))
    )
}


PLUGINS: frozenset[Distribution] = frozenset(
    {"tensorflow-metal", "tensorflow-directml-plugin", "intel-extension-for-tensorflow"}
)
# The distributions that hold TensorFlow itself.
TENSORFLOWS: frozenset[Distribution] = frozenset(get_args(Distribution)) - PLUGINS


def is_tensorflow(name: str) -> bool:
    """Tell whether a distribution of this name holds TensorFlow itself."""
    return name in TENSORFLOWS
