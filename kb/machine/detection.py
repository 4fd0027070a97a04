"""What this machine is: its system, its Python, and what `nvidia-smi` says of its GPUs.

`nvidia-smi` is given up after a while. One of a driver up to 470 does not know `compute_cap`, and
answers nothing at all where that is asked for: it is asked again without. What it does not tell
stays None, and `fault` says why where it failed.
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
from kb.machine.glance import is_kernel_of_wsl2

_CAPABILITY = "compute_cap"
_FIELDS: tuple[str, ...] = ("name", _CAPABILITY, "driver_version")
_TIMEOUT = 5.0
# Where Windows puts it for WSL2: https://docs.nvidia.com/cuda/wsl-user-guide/index.html
_WSL = "/usr/lib/wsl/lib"


class Gpu(Record):
    """A GPU of NVIDIA; None is unknown."""

    name: str | None
    compute_capability: str | None


class Detected(Record):
    """A machine; None is unknown. On WSL2, `os` is linux and `wsl2` is true. `gpus` are those that
    `nvidia-smi` tells, in its order.
    """

    os: Literal["linux", "windows", "macos"] | None
    arch: Arch | None
    python: str
    glibc: str | None
    macos: str | None
    wsl2: bool
    gpus: tuple[Gpu, ...] = ()
    driver: str | None = None
    fault: str | None = None

    @property
    def gpu(self) -> str | None:
        """The name of the first GPU."""
        return self.gpus[0].name if self.gpus else None

    @property
    def compute_capability(self) -> str | None:
        """The compute capability of the first GPU."""
        return self.gpus[0].compute_capability if self.gpus else None


class _Reply(Record):
    """What `nvidia-smi` printed as it succeeded, or why it failed."""

    text: str
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
        wsl2=sys.platform == "linux" and is_kernel_of_wsl2(_kernel()),
    )
    program = nvidia_smi(environment)
    return machine if program is None else _with_gpus(machine, program, timeout)


def nvidia_smi(environment: Mapping[str, str]) -> str | None:
    """Return the path of `nvidia-smi`, None where there is none: on PATH, or where WSL2 has it."""
    folders = (environment.get("PATH", ""), _WSL)
    return shutil.which("nvidia-smi", path=os.pathsep.join(filter(None, folders)))


def _with_gpus(machine: Detected, program: str, timeout: float) -> Detected:
    fields = _FIELDS
    reply = _ask(program, fields, timeout)
    if _CAPABILITY in (reply.fault or ""):
        fields = tuple(field for field in _FIELDS if field != _CAPABILITY)
        reply = _ask(program, fields, timeout)
    if reply.fault is not None:
        return machine._replace(fault=reply.fault)
    return _read(machine, reply.text, fields)


def _ask(program: str, fields: tuple[str, ...], timeout: float) -> _Reply:
    try:
        done = subprocess.run(
            [program, f"--query-gpu={','.join(fields)}", "--format=csv,noheader"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=timeout,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return _Reply("", f"nvidia-smi did not answer within {timeout:g} seconds")
    except OSError as error:
        return _Reply("", f"nvidia-smi cannot be started: {error.strerror or error}")
    answer = done.stdout.decode(errors="replace")
    if done.returncode != 0 or is_of_query(answer):
        printed = f"{answer}\n{done.stderr.decode(errors='replace')}"
        return _Reply("", _why(printed, done.returncode))
    return _Reply(answer)


def is_of_query(printed: str) -> bool:
    """Tell whether `nvidia-smi` does not know what it was asked, which says nothing of a driver."""
    return "is not a valid field to query" in printed or "Invalid combination of input" in printed


def _why(printed: str, status: int) -> str:
    """Return one line of what `nvidia-smi` said as it failed."""
    lines = [line.strip() for line in printed.splitlines() if line.strip()]
    return f"nvidia-smi failed: {one_line((lines or [f'status {status}'])[0])}"


def _read(machine: Detected, answer: str, fields: tuple[str, ...]) -> Detected:
    """Read a line for each GPU: its name, its compute capability where that was asked for, and the
    driver.
    """
    gpus, drivers = [], []
    for line in answer.splitlines():
        cells = [cell.strip() for cell in line.split(",")]
        if len(cells) < len(fields):  # a MIG line, or a warning
            continue
        drivers.append(_number(cells.pop()))
        capability = _number(cells.pop()) if _CAPABILITY in fields else None
        gpus.append(Gpu(_known(", ".join(cells)), capability))
    fault = None if gpus else "nvidia-smi finds no GPU"
    if gpus and all(gpu == Gpu(None, None) for gpu in gpus):
        fault = "nvidia-smi does not tell which GPU there is"
    driver = next((driver for driver in drivers if driver is not None), None)
    return machine._replace(gpus=tuple(gpus), driver=driver, fault=fault)


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
