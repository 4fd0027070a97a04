"""What platforms, devices and distributions are called, and in which order they stand."""

from typing import get_args

from kb.base.model import Device, Distribution, Platform

PLATFORM_NAMES: dict[Platform, str] = {
    "linux-x86_64": "Linux x86-64",
    "linux-aarch64": "Linux Arm64",
    "windows-x86_64": "Windows x86-64",
    "macos-x86_64": "macOS x86-64",
    "macos-arm64": "macOS Arm64",
}


DEVICE_NAMES: dict[Device, str] = {
    "cpu": "CPU",
    "cuda": "CUDA",
    "rocm": "ROCm",
    "metal": "Metal",
    "directml": "DirectML",
    "xpu": "XPU",
}


PREFERENCE: dict[str, int] = {
    name: place
    for place, name in enumerate(
        ("tensorflow-cpu", *(d for d in get_args(Distribution) if d != "tensorflow-cpu"))
    )
}


def is_tensorflow(name: str) -> bool:
    """Tell whether a distribution of this name holds TensorFlow itself."""
    return name in _DISTRIBUTIONS


_PLUGINS = {"tensorflow-metal", "tensorflow-directml-plugin", "intel-extension-for-tensorflow"}


_DISTRIBUTIONS: frozenset[str] = frozenset(get_args(Distribution)) - _PLUGINS
