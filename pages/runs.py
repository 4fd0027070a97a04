"""Read the runs that runners sent, as a reader of the site sees them.

Their texts come from outside: nothing here trusts them, and the templates escape them.
"""

import shlex
from pathlib import Path

from kb.base.errors import DocumentError
from kb.base.model import (
    Account,
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
    SendersFile,
    Trust,
    Version,
)
from kb.base.record import Record
from kb.base.versions import series
from kb.cells.runners import NOT_KNOWN, OUR_WORKFLOW
from kb.runs import attested
from kb.runs import folder as runs_folder
from kb.runs.ledgers import Ledgers, Vouched
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
    """One run. `machine` and `seen` are pairs of a label and a text. `runner` is the account that
    ran it, `told_by` says who did and how that is known; `verifying` is the command that verifies
    that it is attested, empty where it is not.
    """

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
    runner: Account | None
    told_by: str
    verifying: str

    @property
    def series(self) -> str:
        """The series of its release. Raises kb.base.versions.InvalidVersion."""
        return series(self.release)

    @property
    def day(self) -> str:
        """The day on which it ran."""
        return self.started[:10]


def read_runs(
    folder: Path, attestations: AttestationsFile, senders: SendersFile
) -> tuple[RunShown, ...]:
    """Return the runs in a folder, the newest first; none where there is no folder.

    Raises DocumentError for a file that is no run.
    """
    ledgers = Ledgers(attestations, senders)
    runs = [_read(path, ledgers) for path in runs_folder.files(folder)]
    return tuple(sorted(runs, key=lambda run: (run.started, run.id), reverse=True))


def _read(path: Path, ledgers: Ledgers) -> RunShown:
    try:
        filed = runs_folder.filed(path)
    except DocumentError:
        raise DocumentError(f"{path}: not a run; see `python -m verify check {path}`") from None
    vouched = ledgers.of(filed.sha256)
    found = shown(path.stem, filed.run, vouched)
    return found._replace(verifying=_verifying(filed.place, vouched))


def _verifying(place: Path, vouched: Vouched) -> str:
    """Return the command that verifies a run from a checkout; empty where it is not attested."""
    row = vouched.attestation
    if row is None or row.workflow is None:
        return ""
    ours = "/".join(row.workflow.split("/")[:2])
    path = Path("runs") / place
    kept = str(attested.bundle(path))
    return shlex.join(attested.command(str(path), attested.signed(row, ours), kept))


def shown(name: str, run: Run, vouched: Vouched) -> RunShown:
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
        trust=vouched.trust,
        steps=tuple(map(_step, run.steps)),
        checks=tuple(map(_check, run.checks)),
        packages=run.packages,
        machine=tuple(_machine(run.runner)),
        seen=tuple((name, text) for name in _SEEN if (text := getattr(run.seen, name))),
        runner=vouched.runner,
        told_by=_told_by(vouched),
        verifying="",
    )


def _told_by(vouched: Vouched) -> str:
    """Say who ran it, and how that is known."""
    if vouched.trust == "attested":
        return OUR_WORKFLOW
    if vouched.attestation is not None:
        return f"{vouched.runner}, by the attestation of their fork"
    if vouched.sender is None:
        return NOT_KNOWN
    if vouched.sender.key is not None:
        return f"{vouched.runner}, who signed it"
    return f"{vouched.runner}, who opened pull request {vouched.sender.pull_request}"


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
