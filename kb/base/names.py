"""What platforms, devices and distributions are called, here and by Python, and in which order they
stand.
"""

from typing import get_args

from kb.base.model import Device, Distribution, Platform
from kb.base.record import Record
from kb.base.versions import Kind, key

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


def place_name(platform: Platform, device: Device) -> str:
    """Return what a platform is called where a device of it is meant. The systems of DirectML are
    Windows and WSL2 (https://github.com/microsoft/tensorflow-directml-plugin, its README).
    """
    if device == "directml" and platform.startswith("linux"):
        return "WSL2"
    return PLATFORM_NAMES[platform]


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


# What a distribution is, where it is proposed: by what the wheels say, their sizes and what those
# without code require. tests/kb/test_names.py holds it against them.
DISTRIBUTION_MEANINGS: dict[str, str] = {
    "tensorflow-cpu": "TensorFlow without CUDA, a smaller download on Linux",
    "tensorflow-gpu": "TensorFlow with CUDA; from 2.1 on tensorflow has it too",
    "tensorflow-intel": "what tensorflow 2.11 to 2.18.0 requires on Windows",
    "tensorflow-macos": "what tensorflow 2.13 to 2.15.0 requires on Arm Macs",
    "tensorflow-cpu-aws": "what tensorflow 2.10 to 2.15 requires on Arm Linux",
    "tensorflow-aarch64": "TensorFlow for 64-bit Arm Linux, 2.7 to 2.16",
    "tensorflow-rocm": "TensorFlow for ROCm, with a last number of its own",
    "tensorflow-directml": "TensorFlow 1.15 for DirectML, with a last number of its own",
}


# The same where one platform is meant, or releases before a series.
_ON_PLATFORM: dict[tuple[str, str], str] = {
    ("tensorflow-cpu", "linux"): "TensorFlow without CUDA, a smaller download",
    ("tensorflow-cpu", "windows"): (
        "TensorFlow without CUDA; from 2.11 on tensorflow has none on Windows either"
    ),
    ("tensorflow-cpu", "macos"): "TensorFlow without CUDA; on Macs tensorflow has none either",
}
_MACOS_BEFORE = "TensorFlow for Macs; for Arm Macs tensorflow itself has wheels from 2.13 on"
_MACOS_X86 = "TensorFlow for Macs under another name"


def meaning_of(
    distribution: str, release: str | None = None, platform: str | None = None
) -> str | None:
    """Return what a distribution is, in a phrase that holds for its release and platform where
    those are told; None of one that needs none.
    """
    if platform is not None:
        if distribution == "tensorflow-macos" and platform == "macos-x86_64":
            return _MACOS_X86
        on_platform = _ON_PLATFORM.get((distribution, platform.partition("-")[0]))
        if on_platform is not None:
            return on_platform
    if distribution == "tensorflow-macos" and release is not None and key(release) < key("2.13"):
        return _MACOS_BEFORE
    return DISTRIBUTION_MEANINGS.get(distribution)


# Distributions that count their last number for themselves: 1.15.12 is no patch of 1.15.5.
COUNTED_APART: frozenset[Distribution] = frozenset({"tensorflow-rocm", "tensorflow-directml"})


PLUGINS: frozenset[Distribution] = frozenset(
    {"tensorflow-metal", "tensorflow-directml-plugin", "intel-extension-for-tensorflow"}
)
# The distributions that hold TensorFlow itself.
TENSORFLOWS: frozenset[Distribution] = frozenset(get_args(Distribution)) - PLUGINS


def is_tensorflow(name: str) -> bool:
    """Tell whether a distribution of this name holds TensorFlow itself."""
    return name in TENSORFLOWS
