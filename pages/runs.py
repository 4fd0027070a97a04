"""Read the runs that runners sent, as a reader of the site sees them.

Their texts come from outside: nothing here trusts them, and the templates escape them.
"""

from hashlib import sha256
from pathlib import Path

from kb.base.errors import DocumentError
from kb.base.model import (
    AttestationsFile,
    Device,
    Distribution,
    Line,
    Moment,
    Outcome,
    Platform,
    Proves,
    Python,
    RecipeId,
    RunId,
    Trust,
    Version,
)
from kb.base.record import Record
from kb.base.versions import series
from kb.runs import folder as runs_folder
from kb.runs.run_file import CheckSeen, Run, Runner, StepSeen


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

    id: RunId
    distribution: Distribution
    release: Version
    platform: Platform
    python: Python
    device: Device
    recipe: RecipeId
    started: Moment
    seconds: str
    outcome: Outcome
    proves: Proves | None
    why: Line | None
    trust: Trust
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

    Raises DocumentError for a file that is no run.
    """
    attested = {(attestation.run, attestation.sha256) for attestation in ledger.attestations}
    runs = [_read(path, attested) for path in runs_folder.files(folder)]
    return tuple(sorted(runs, key=lambda run: (run.started, run.id), reverse=True))


def _read(path: Path, attested: set[tuple[str, str]]) -> RunShown:
    try:
        filed = runs_folder.filed(path)
    except DocumentError:
        raise DocumentError(f"{path}: not a run; see `python -m verify check {path}`") from None
    covered = (path.stem, sha256(filed.raw).hexdigest()) in attested
    return shown(path.stem, filed.run, "attested" if covered else "self-reported")


def shown(name: str, run: Run, trust: Trust) -> RunShown:
    """Return a run as a reader of the site sees it; `name` is its id."""
    return RunShown(
        id=name,
        distribution=run.distribution,
        release=run.release,
        platform=run.platform,
        python=run.python,
        device=run.device,
        recipe=run.recipe,
        started=run.started,
        seconds=_seconds(run.seconds),
        outcome=run.outcome,
        proves=run.proves,
        why=run.why,
        trust=trust,
        steps=tuple(map(_step, run.steps)),
        checks=tuple(map(_check, run.checks)),
        packages=run.packages,
        machine=tuple(_machine(run.runner)),
        seen=tuple((name, text) for name in _SEEN if (text := getattr(run.seen, name))),
    )


_SEEN = ("tensorflow", "python", "numpy", "keras", "protobuf", "git_version")


def _step(step: StepSeen) -> StepShown:
    return StepShown(
        name=step.name,
        commands=step.commands,
        outcome=step.outcome,
        seconds=_seconds(step.seconds),
        output=step.output,
    )


def _check(check: CheckSeen) -> CheckShown:
    return CheckShown(
        name=check.name,
        outcome=check.outcome,
        seconds=_seconds(check.seconds),
        device=check.device or "",
        error=check.error or "",
    )


def _machine(runner: Runner) -> list[tuple[str, str]]:
    gpus = [
        f"{gpu.name}, compute capability {gpu.compute_capability or 'unknown'}"
        for gpu in runner.gpus
    ]
    facts = {
        "System": f"{runner.system} {runner.machine}{' on WSL2' if runner.wsl2 else ''}",
        "glibc": runner.glibc,
        "CPU": runner.cpu,
        "GPUs": "; ".join(gpus) or "none",
        "Driver": runner.driver,
    }
    return [(label, text) for label, text in facts.items() if text]


def _seconds(value: float) -> str:
    return f"{value:.0f} s" if value >= 10 else f"{value:.1f} s"
