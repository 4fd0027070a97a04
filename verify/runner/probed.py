"""Read what the probe wrote inside a cell into records, cut to what a run file may hold."""

import re
from collections.abc import Mapping
from typing import Any, get_args

from kb.base.model import Capability, Dotted
from kb.base.record import Record
from kb.base.scrubbing import Scrubber
from kb.runs.run_file import (
    TAIL,
    Built,
    ChallengeAnswer,
    CheckOutcome,
    CheckSeen,
    DeviceName,
    GpuSeen,
    Hardware,
    Package,
    Runner,
    Seen,
    Word,
)

_WORD = re.compile(get_args(Word)[1])
_PACKAGE = re.compile(get_args(Package)[1])
_DEVICE = re.compile(get_args(DeviceName)[1])
_DOTTED = re.compile(get_args(Dotted)[1])
_CAPABILITY = re.compile(get_args(Capability)[1])
_HARDWARE = re.compile(get_args(Hardware)[1])
_NO_HARDWARE = re.compile(r"[^A-Za-z0-9()@.,/+:_-]+")
_CHECK_OUTCOMES: tuple[CheckOutcome, ...] = get_args(CheckOutcome)


class Probed(Record):
    """What the probe saw."""

    checks: tuple[CheckSeen, ...]
    runner: Runner
    seen: Seen
    packages: tuple[str, ...]
    challenge: ChallengeAnswer | None = None


def read(answer: Mapping[str, Any], scrubber: Scrubber) -> Probed:
    """Return what the probe told, fit to publish: of words that are not, nothing is kept."""
    facts = answer["facts"]
    return Probed(
        checks=tuple(_check(row, scrubber) for row in answer["checks"]),
        runner=runner(facts["machine"], scrubber),
        seen=_seen(facts, scrubber),
        packages=tuple(
            package
            for package in facts["packages"]
            if _PACKAGE.fullmatch(package) and scrubber.is_clean(package)
        ),
        challenge=next(
            (_answer(row["answer"]) for row in answer["checks"] if "answer" in row), None
        ),
    )


def runner(machine: Mapping[str, Any], scrubber: Scrubber) -> Runner:
    """Return the machine as the probe sees it, from `verify.runner.probe.machine()`."""
    return Runner(
        system=machine["system"],
        machine=machine["machine"],
        glibc=_like(_DOTTED, machine["glibc"]),
        cpu=_hardware(machine["cpu"], scrubber),
        flags=tuple(machine["flags"]),
        wsl2=machine["wsl2"],
        driver=_like(_DOTTED, machine["driver"]),
        gpus=tuple(_gpu(gpu, scrubber) for gpu in machine["gpus"]),
    )


def _check(row: Mapping[str, Any], scrubber: Scrubber) -> CheckSeen:
    device, error = row.get("device"), row.get("error")
    return CheckSeen(
        name=row["name"],
        outcome=next(outcome for outcome in _CHECK_OUTCOMES if outcome == row["outcome"]),
        seconds=row["seconds"],
        device=device if device and _DEVICE.fullmatch(device) else None,
        signal=row.get("signal"),
        error=None if error is None else scrubber.tail(error, TAIL),
        loaded=tuple(word for word in row.get("loaded", ()) if _word(word, scrubber)),
    )


def _answer(answer: Mapping[str, Any]) -> ChallengeAnswer:
    return ChallengeAnswer(
        product32=answer["product32"],
        product64=answer["product64"],
        own=tuple(answer["own"]),
        common=tuple(answer["common"]),
    )


def _seen(facts: Mapping[str, Any], scrubber: Scrubber) -> Seen:
    if "tensorflow" not in facts:
        return Seen()
    build = facts["build"]
    built = Built(
        is_cuda_build=build.get("is_cuda_build"),
        cuda_version=_like(_WORD, build.get("cuda_version")),
        cudnn_version=_like(_WORD, build.get("cudnn_version")),
        cuda_compute_capabilities=tuple(
            capability
            for capability in build.get("cuda_compute_capabilities", ())
            if _like(_WORD, capability)
        ),
    )
    versions = {
        name: _word(facts.get(name), scrubber)
        for name in ("python", "tensorflow", "git_version", "numpy", "keras", "protobuf")
    }
    return Seen(**versions, built=built, gpus=tuple(_gpu(gpu, scrubber) for gpu in facts["gpus"]))


def _gpu(gpu: Mapping[str, Any], scrubber: Scrubber) -> GpuSeen:
    capability = _like(_CAPABILITY, gpu["compute_capability"])
    return GpuSeen(_hardware(gpu["name"], scrubber), capability, gpu.get("memory_mib"))


def _like(pattern: re.Pattern[str], value: Any) -> str | None:
    """Return a text that fits the pattern; a driver says `[N/A]` of what it cannot tell."""
    return value if isinstance(value, str) and pattern.fullmatch(value) else None


def _word(value: Any, scrubber: Scrubber) -> str | None:
    word = _like(_WORD, value)
    return word if word is not None and scrubber.is_clean(word) else None


def _hardware(value: str | None, scrubber: Scrubber) -> str | None:
    name = _NO_HARDWARE.sub(" ", value or "").strip()[:120]
    return name if _HARDWARE.fullmatch(name) and scrubber.is_clean(name) else None
