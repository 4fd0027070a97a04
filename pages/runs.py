"""Read the runs that runners sent, as a reader of the site sees them.

Their texts come from outside: nothing here trusts them, and the templates escape them.
"""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

from kb.base.model import AttestationsFile
from kb.base.record import Record
from kb.base.versions import series


class BadRun(ValueError):
    """A file among the runs that is none; its text is one line for the user."""


class StepShown(Record):
    """One step of a run: what was typed, how it went, the tail of what it printed."""

    name: str
    commands: str
    outcome: str
    seconds: str
    output: str


class CheckShown(Record):
    """One check of the probe, the device that computed it, and what went wrong."""

    name: str
    outcome: str
    seconds: str
    device: str
    error: str


class RunShown(Record):
    """One run. `machine` and `seen` are pairs of a label and a text."""

    id: str
    distribution: str
    release: str
    platform: str
    python: str
    device: str
    recipe: str
    started: str
    seconds: str
    outcome: str
    proves: str | None
    why: str | None
    trust: str
    steps: tuple[StepShown, ...]
    checks: tuple[CheckShown, ...]
    packages: tuple[str, ...]
    machine: tuple[tuple[str, str], ...]
    seen: tuple[tuple[str, str], ...]

    @property
    def series(self) -> str:
        """The series of its release. Raises kb.base.versions.InvalidVersion."""
        return series(self.release)

    @property
    def day(self) -> str:
        """The day on which it ran."""
        return self.started[:10]


def read_runs(folder: Path, ledger: AttestationsFile) -> tuple[RunShown, ...]:
    """Return the runs in a folder, the newest first; none where there is no folder.

    Raises BadRun for a file that is no run.
    """
    attested = {(one.run, one.sha256) for one in ledger.attestations}
    runs = [_read(path, attested) for path in sorted(folder.glob("*/*/*.json"))]
    return tuple(sorted(runs, key=lambda run: (run.started, run.id), reverse=True))


def _read(path: Path, attested: set[tuple[str, str]]) -> RunShown:
    raw = path.read_bytes()
    covered = (path.stem, sha256(raw).hexdigest()) in attested
    try:
        return _shown(path.stem, json.loads(raw), "attested" if covered else "self-reported")
    except (ValueError, KeyError, TypeError, AttributeError):
        raise BadRun(f"{path}: not a run; see `python -m verify check {path}`") from None


def _shown(name: str, run: dict[str, Any], trust: str) -> RunShown:
    texts = ("distribution", "release", "platform", "python", "device", "recipe", "started")
    series(str(run["release"]))
    return RunShown(
        id=name,
        **{key: str(run[key]) for key in texts},
        seconds=_seconds(run["seconds"]),
        outcome=str(run["outcome"]),
        proves=_optional(run["proves"]),
        why=_optional(run["why"]),
        trust=trust,
        steps=tuple(_step(one) for one in run["steps"]),
        checks=tuple(_check(one) for one in run["checks"]),
        packages=tuple(map(str, run["packages"])),
        machine=tuple(_machine(run["runner"])),
        seen=tuple((key, str(run["seen"][key])) for key in _SEEN if run["seen"].get(key)),
    )


_SEEN = ("tensorflow", "python", "numpy", "keras", "protobuf", "git_version")


def _step(step: dict[str, Any]) -> StepShown:
    return StepShown(
        str(step["name"]),
        str(step["commands"]),
        str(step["outcome"]),
        _seconds(step["seconds"]),
        str(step["output"]),
    )


def _check(check: dict[str, Any]) -> CheckShown:
    return CheckShown(
        str(check["name"]),
        str(check["outcome"]),
        _seconds(check["seconds"]),
        str(check.get("device") or ""),
        str(check.get("error") or ""),
    )


def _machine(runner: dict[str, Any]) -> list[tuple[str, str]]:
    gpus = [
        f"{gpu.get('name')}, compute capability {gpu.get('compute_capability') or 'unknown'}"
        for gpu in runner["gpus"]
    ]
    facts = {
        "System": f"{runner['system']} {runner['machine']}{' on WSL2' if runner['wsl2'] else ''}",
        "glibc": runner["glibc"],
        "CPU": runner["cpu"],
        "GPUs": "; ".join(gpus) or "none",
        "Driver": runner["driver"],
    }
    return [(label, str(text)) for label, text in facts.items() if text]


def _optional(value: object) -> str | None:
    return None if value is None else str(value)


def _seconds(value: float) -> str:
    return f"{value:.0f} s" if value >= 10 else f"{value:.1f} s"
