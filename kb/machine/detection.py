"""What this machine is: its system, its Python, and what `nvidia-smi` says of its first GPU.

`nvidia-smi` is asked once and given up after a while. What it does not tell stays None, and `fault`
says why where it failed.
"""

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Mapping
from typing import Literal

from kb.base.printable import one_line
from kb.base.record import Record
from kb.base.versions import InvalidVersion, key
from kb.base.vocabulary import Arch

_ASK = ("--query-gpu=name,compute_cap,driver_version", "--format=csv,noheader")
_TIMEOUT = 5.0


class Detected(Record):
    """A machine; None is unknown. On WSL2, `os` is linux and `wsl2` is true."""

    os: Literal["linux", "windows", "macos"] | None
    arch: Arch | None
    python: str
    glibc: str | None
    macos: str | None
    wsl2: bool
    gpu: str | None = None
    compute_capability: str | None = None
    driver: str | None = None
    fault: str | None = None


def detected(environment: Mapping[str, str] | None = None, timeout: float = _TIMEOUT) -> Detected:
    """Look at this machine; `environment` holds PATH and defaults to the process's own, `timeout`
    is in seconds.
    """
    environment = os.environ if environment is None else environment
    machine = Detected(
        os=_system(sys.platform),
        arch=_arch(_processor()),
        python=f"{sys.version_info.major}.{sys.version_info.minor}",
        glibc=_glibc(),
        macos=_macos(),
        wsl2=_is_wsl2(_kernel()),
    )
    program = shutil.which("nvidia-smi", path=environment.get("PATH", ""))
    return machine if program is None else _with_gpu(machine, program, timeout)


def _with_gpu(machine: Detected, program: str, timeout: float) -> Detected:
    try:
        done = subprocess.run(
            [program, *_ASK],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=timeout,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return machine._replace(fault=f"nvidia-smi did not answer within {timeout:g} seconds")
    except OSError as error:
        return machine._replace(fault=f"nvidia-smi cannot be started: {error.strerror or error}")
    answer = done.stdout.decode(errors="replace")
    if done.returncode != 0:
        printed = f"{answer}\n{done.stderr.decode(errors='replace')}"
        return machine._replace(fault=_why(printed, done.returncode))
    return _first_gpu(machine, answer)


def _why(printed: str, status: int) -> str:
    """Return one line of what `nvidia-smi` said as it failed."""
    lines = [line.strip() for line in printed.splitlines() if line.strip()]
    return f"nvidia-smi failed: {one_line((lines or [f'status {status}'])[0])}"


def _first_gpu(machine: Detected, answer: str) -> Detected:
    """Read the first line of the answer: name, compute capability, driver."""
    for line in answer.splitlines():
        cells = [cell.strip() for cell in line.split(",")]
        if len(cells) < 3:  # a MIG line, or a warning
            continue
        *name, capability, driver = cells
        found = machine._replace(
            gpu=_known(", ".join(name)),
            compute_capability=_number(capability),
            driver=_number(driver),
        )
        if found.gpu is None and found.compute_capability is None:
            return found._replace(fault="nvidia-smi does not tell which GPU there is")
        return found
    return machine._replace(fault="nvidia-smi finds no GPU")


def _known(text: str) -> str | None:
    """Return what a cell tells; `[N/A]` and `[Not Supported]` tell nothing."""
    return None if not text or text.strip("[]").lower() in ("n/a", "not supported") else text[:200]


def _number(text: str) -> str | None:
    """Return a dotted number, or None for anything else."""
    try:
        key(text)
    except InvalidVersion:
        return None
    return text if "." in text else None


def _system(name: str) -> Literal["linux", "windows", "macos"] | None:
    known: dict[str, Literal["linux", "windows", "macos"]] = {
        "linux": "linux",
        "win32": "windows",
        "darwin": "macos",
    }
    return known.get(name)


def _arch(processor: str) -> Arch | None:
    known: dict[str, Arch] = {
        "x86_64": "x86_64",
        "amd64": "x86_64",
        "arm64": "arm64",
        "aarch64": "arm64",
        "armv7l": "armv7l",
    }
    return known.get(processor.lower())


def _processor() -> str:
    if sys.platform == "win32":
        return os.environ.get("PROCESSOR_ARCHITECTURE", "")
    return os.uname().machine


def _kernel() -> str:
    return "" if sys.platform == "win32" else os.uname().release


def _is_wsl2(kernel: str) -> bool:
    """Tell WSL2 by its kernel; that of WSL1 calls itself Microsoft with a capital."""
    return "microsoft" in kernel and sys.platform == "linux"


def _glibc() -> str | None:
    try:
        answer = os.confstr("CS_GNU_LIBC_VERSION") if sys.platform == "linux" else None
    except (ValueError, OSError):  # another C library
        return None
    name, _, version = (answer or "").partition(" ")
    return _number(version) if name == "glibc" else None


def _macos() -> str | None:
    if sys.platform != "darwin":
        return None
    return _number(platform.mac_ver()[0])
