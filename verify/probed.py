"""Read what the probe wrote inside a cell into records, cut to what a run file may hold."""

import re
from collections.abc import Mapping
from typing import Any, get_args

from kb.record import Record
from verify import scrub
from verify.run_file import (
    Built,
    CheckOutcome,
    CheckSeen,
    DeviceName,
    GpuSeen,
    Package,
    Runner,
    Seen,
    Word,
)

_WORD = re.compile(get_args(Word)[1])
_PACKAGE = re.compile(get_args(Package)[1])
_DEVICE = re.compile(get_args(DeviceName)[1])
_NO_LINE = re.compile(r"[^\x20-\x7e]|<(?=[A-Za-z/!?])")
_CHECK_OUTCOMES: tuple[CheckOutcome, ...] = get_args(CheckOutcome)


class Probed(Record):
    """What the probe saw."""

    checks: tuple[CheckSeen, ...]
    runner: Runner
    seen: Seen
    packages: tuple[str, ...]


def read(told: Mapping[str, Any], names: Mapping[str, str]) -> Probed:
    """Return what the probe told; `names` are texts of this machine and what stands for them."""
    facts = told["facts"]
    return Probed(
        checks=tuple(_check(row, names) for row in told["checks"]),
        runner=runner(facts["machine"]),
        seen=_seen(facts),
        packages=tuple(p for p in facts["packages"] if _PACKAGE.fullmatch(p)),
    )


def runner(machine: Mapping[str, Any]) -> Runner:
    """Return the machine as the probe sees it, from `verify.probe.machine()`."""
    return Runner(
        system=machine["system"],
        machine=machine["machine"],
        glibc=machine["glibc"],
        cpu=_line(machine["cpu"]),
        flags=tuple(machine["flags"]),
        wsl2=machine["wsl2"],
        driver=machine["driver"],
        gpus=tuple(_gpu(gpu) for gpu in machine["gpus"]),
    )


def _check(row: Mapping[str, Any], names: Mapping[str, str]) -> CheckSeen:
    device, error = row.get("device"), row.get("error")
    return CheckSeen(
        name=row["name"],
        outcome=next(one for one in _CHECK_OUTCOMES if one == row["outcome"]),
        seconds=row["seconds"],
        device=device if device and _DEVICE.fullmatch(device) else None,
        signal=row.get("signal"),
        error=None if error is None else scrub.tail(error, names),
        loaded=tuple(word for word in row.get("loaded", ()) if _WORD.fullmatch(word)),
    )


def _seen(facts: Mapping[str, Any]) -> Seen:
    if "tensorflow" not in facts:
        return Seen()
    build = facts["build"]
    built = Built(
        is_cuda_build=build.get("is_cuda_build"),
        cuda_version=_word(build.get("cuda_version")),
        cudnn_version=_word(build.get("cudnn_version")),
        cuda_compute_capabilities=tuple(build.get("cuda_compute_capabilities", ())),
    )
    versions = {
        name: _word(facts.get(name))
        for name in ("python", "tensorflow", "git_version", "numpy", "keras", "protobuf")
    }
    return Seen(**versions, built=built, gpus=tuple(_gpu(gpu) for gpu in facts["gpus"]))


def _gpu(gpu: Mapping[str, Any]) -> GpuSeen:
    return GpuSeen(_line(gpu["name"]), gpu["compute_capability"], gpu.get("memory_mib"))


def _word(value: Any) -> str | None:
    return value if isinstance(value, str) and _WORD.fullmatch(value) else None


def _line(value: str | None) -> str | None:
    return _NO_LINE.sub(" ", value)[:200].strip() or None if value else None
