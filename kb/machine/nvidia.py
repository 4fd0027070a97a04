"""What can be seen of NVIDIA's GPUs and their driver: by NVML where its Python binding is there, or
else by `nvidia-smi`, and by what the kernel shows of the driver and of the PCI bus.
"""

import importlib.util
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

from kb.base.printable import one_line
from kb.base.record import Record
from kb.machine.detection import Detected, Gpu, nvidia_smi
from kb.machine.root_files import display_controllers, inside, text_of

AskedBy = Literal["NVML", "nvidia-smi", "driver", "PCI"]
_VENDOR = "0x10de"
_DRIVER = re.compile(r"\b([0-9]{3}\.[0-9]{1,3}(?:\.[0-9]{1,3})?)\b")
# Asked in a child, for a driver that hangs does so here too.
_NVML = """\
import json, pynvml
text = lambda value: value.decode() if isinstance(value, bytes) else value
try:
    pynvml.nvmlInit()
    handles = [pynvml.nvmlDeviceGetHandleByIndex(n) for n in range(pynvml.nvmlDeviceGetCount())]
    told = {"driver": text(pynvml.nvmlSystemGetDriverVersion()), "gpus": [
        [text(pynvml.nvmlDeviceGetName(one)),
         "%d.%d" % tuple(pynvml.nvmlDeviceGetCudaComputeCapability(one))] for one in handles]}
except pynvml.NVMLError as error:
    told = {"fault": str(error)}
print(json.dumps(told))
"""


class Nvidia(Record):
    """NVIDIA's GPUs and driver, who told of them, and what went wrong in asking.

    `in_kernel` is the driver that the kernel has loaded, `has_tool` whether nvidia-smi is there.
    """

    gpus: tuple[Gpu, ...] = ()
    driver: str | None = None
    asked: AskedBy | None = None
    fault: str | None = None
    in_kernel: str | None = None
    has_tool: bool = False


def nvidia(machine: Detected, environment: Mapping[str, str], root: Path, timeout: float) -> Nvidia:
    """Return what is seen of NVIDIA's GPUs. `machine` has the answer of `nvidia-smi`, `root` holds
    /proc and /sys; NVML has `timeout` seconds to answer.
    """
    in_kernel = _in_kernel(root)
    has_tool = nvidia_smi(environment) is not None
    answer = _by_nvml(environment, timeout)
    fault = machine.fault or (str(answer["fault"]) if in_kernel and "fault" in answer else None)
    seen = Nvidia(in_kernel=in_kernel, has_tool=has_tool, fault=_plain(fault))
    if answer.get("gpus"):
        return seen._replace(
            gpus=tuple(
                Gpu(one_line(str(name)), one_line(str(cap))) for name, cap in answer["gpus"]
            ),
            driver=one_line(str(answer["driver"])),
            asked="NVML",
        )
    if any(gpu != Gpu(None, None) for gpu in machine.gpus):
        gpus = _with_further(machine.gpus, _models(root))
        return seen._replace(gpus=gpus, driver=machine.driver, asked="nvidia-smi")
    shown = seen_by_kernel(root)
    return seen._replace(gpus=shown.gpus, driver=shown.driver, asked=shown.asked)


def seen_by_kernel(root: Path) -> Nvidia:
    """Return what the kernel alone shows: the GPUs that its driver serves, or those on the PCI bus.
    `root` holds /proc and /sys.
    """
    in_kernel = _in_kernel(root)
    seen = Nvidia(driver=in_kernel, in_kernel=in_kernel)
    if gpus := tuple(Gpu(name, None) for name in _models(root)):
        return seen._replace(gpus=gpus, asked="driver")
    on_bus = tuple(Gpu(None, None) for _ in display_controllers(root, _VENDOR))
    return seen._replace(gpus=on_bus, asked="PCI" if on_bus else None)


def _with_further(told: tuple[Gpu, ...], models: Iterable[str]) -> tuple[Gpu, ...]:
    """Return the GPUs that nvidia-smi tells, and those that the driver serves beside them."""
    plain = tuple(gpu._replace(name=_plain(gpu.name)) for gpu in told)
    further = list(models)
    for gpu in plain:
        if gpu.name in further:
            further.remove(gpu.name)
    unnamed = sum(gpu.name is None for gpu in plain)
    return (*plain, *(Gpu(name, None) for name in further[unnamed:]))


def _plain(text: str | None) -> str | None:
    return None if text is None else one_line(text)


def _by_nvml(environment: Mapping[str, str], timeout: float) -> dict[str, Any]:
    """Return what NVML tells, empty where it is not there or does not answer."""
    if importlib.util.find_spec("pynvml") is None:
        return {}
    try:
        done = subprocess.run(
            [sys.executable, "-c", _NVML],
            env={**environment},
            cwd=Path(os.sep),  # no file of the current folder may stand in for a module
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=timeout,
            check=False,
        )
        answer = json.loads(done.stdout)
    except (subprocess.TimeoutExpired, OSError, ValueError):
        return {}
    return answer if isinstance(answer, dict) else {}


def _in_kernel(root: Path) -> str | None:
    found = _DRIVER.search(text_of(root / "proc/driver/nvidia/version"))
    return found[1] if found else None


def _models(root: Path) -> Iterator[str]:
    """Yield the names of the GPUs that the driver in the kernel serves."""
    for path in inside(root / "proc/driver/nvidia/gpus"):
        for line in text_of(path / "information").splitlines():
            name, _, value = line.partition(":")
            if name.strip() == "Model" and value.strip():
                yield one_line(value)
