"""What can be told of this machine at once: its platform, its Python, whether it has an NVIDIA GPU.

Nothing is started, so a look-up stays quick.
"""

import os
import sys
from collections.abc import Mapping

from kb.base.model import Device, Platform, Python
from kb.base.names import platform_of
from kb.base.record import Record

_NVIDIA_DRIVER = "/proc/driver/nvidia/version"
_WSL_DRIVER = "/usr/lib/wsl/lib/libcuda.so.1"  # that of Windows, which WSL2 shares


class MachineGlance(Record):
    """The machine that asks; the platform is None where TensorFlow has none like it. On WSL2 it is
    that of Linux.
    """

    platform: Platform | None
    python: Python
    device: Device
    wsl2: bool = False


def detect(environment: Mapping[str, str] | None = None) -> MachineGlance:
    """Look at this machine; `environment` holds PATH, and defaults to the process's own."""
    environment = os.environ if environment is None else environment
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    has_driver = os.path.exists(_NVIDIA_DRIVER) or os.path.exists(_WSL_DRIVER)
    has_gpu = has_driver or _on_path("nvidia-smi", environment)
    return MachineGlance(
        platform=platform_of(sys.platform, _processor()),
        python=python,
        device="cuda" if has_gpu else "cpu",
        wsl2=sys.platform == "linux" and is_kernel_of_wsl2(os.uname().release),
    )


def is_kernel_of_wsl2(release: str) -> bool:
    """Tell WSL2 by its kernel; that of WSL1 calls itself Microsoft with a capital."""
    return "microsoft" in release


def _processor() -> str:
    if sys.platform == "win32":
        return os.environ.get("PROCESSOR_ARCHITECTURE", "")
    return os.uname().machine


def _on_path(program: str, environment: Mapping[str, str]) -> bool:
    name = f"{program}.exe" if sys.platform == "win32" else program
    folders = environment.get("PATH", "").split(os.pathsep)
    return any(os.access(os.path.join(folder, name), os.X_OK) for folder in folders if folder)
