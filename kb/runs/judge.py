"""Say what a run proves: a pure function of what was seen, so that anyone can check it."""

import re
from collections.abc import Iterator

from kb.base.model import Device, Outcome, Proves
from kb.base.record import Record
from kb.cells.recipes import CellKey
from kb.facts.processors import instructions_used
from kb.runs.run_file import CheckSeen, Run, Runner, StepSeen

_MISSING_LIBRARY = re.compile(r"cannot open shared object file|Could not load dynamic library")
_MISSING_MODULE = re.compile(r"\b(ImportError|ModuleNotFoundError)\b")
_NO_GPU = re.compile(r"cpu-instead-of-gpu|finds no GPU|No GPU computed")
_EXCEPTION = re.compile(r"[A-Za-z_][\w.]*(Error|Exception|Exit|Interrupt): ")
_SIGILL = 4
_LONGEST = 300
_MOST_SIGNS = 20  # of `<` that a line of a document may have


class Judgement(Record):
    """The outcome of a run, the rung that it proves, and the reason where it failed."""

    outcome: Outcome
    proves: Proves | None = None
    why: str | None = None


def judge(
    cell: CellKey, steps: tuple[StepSeen, ...], checks: tuple[CheckSeen, ...], runner: Runner
) -> Judgement:
    """Judge a run of a cell: the set-up first, then the probe, then the recipe's own checks."""
    faults = [
        *((step.outcome, f"{step.name}: {last_words(step.output)}") for step in _set_up(steps)),
        *_check_faults(cell, checks, runner),
        *((step.outcome, f"{step.name}: {last_words(step.output)}") for step in _own_checks(steps)),
    ]
    for outcome, why in faults:
        if outcome != "ok":
            return Judgement(outcome, None, _line(why))
    if not checks:
        return Judgement("crash", None, "the probe: left no result")
    return Judgement("ok", _proves(cell.device, checks, runner))


def judgement_of(run: Run) -> Judgement:
    """Judge a run that was written by what it saw."""
    return judge(run.cell(), run.steps, run.checks, run.runner)


def _set_up(steps: tuple[StepSeen, ...]) -> Iterator[StepSeen]:
    return (step for step in steps if not step.is_check)


def _own_checks(steps: tuple[StepSeen, ...]) -> Iterator[StepSeen]:
    return (step for step in steps if step.is_check)


def _proves(device: Device, checks: tuple[CheckSeen, ...], runner: Runner) -> Proves:
    if device == "cpu":
        return "runs"
    if runner.gpus:
        return "runs-gpu"
    linked = any(check.name == "libraries" and check.outcome == "ok" for check in checks)
    return "links" if linked else "runs"


def _check_faults(
    cell: CellKey, checks: tuple[CheckSeen, ...], runner: Runner
) -> Iterator[tuple[Outcome, str]]:
    """Yield the probe's faults; libraries that are missing explain the others, and come first."""
    for check in sorted(checks, key=lambda seen: seen.name != "libraries"):
        if check.outcome in ("ok", "not-offered"):
            continue
        yield (
            _fault(cell, check, runner),
            f"{check.name}: {last_words(check.error or check.outcome)}",
        )
    for check in checks:
        if cell.device == "cuda" and runner.gpus and check.device and "GPU" not in check.device:
            yield "cpu-instead-of-gpu", f"{check.name}: computed by {check.device}"


def _fault(cell: CellKey, check: CheckSeen, runner: Runner) -> Outcome:
    error = check.error or ""
    if check.outcome == "crash":
        used = instructions_used(cell.release, cell.platform)
        lacks = used is not None and used.flag not in runner.flags
        return "no-avx" if check.signal == _SIGILL and lacks else "crash"
    if check.outcome == "timeout":
        return "timeout"
    return text_fault(error, importing=check.name == "import")


def text_fault(error: str, importing: bool = False) -> Outcome:
    """Name the fault that the text of an error tells of."""
    if _NO_GPU.search(error):
        return "cpu-instead-of-gpu"
    if "library-missing" in error or (importing and _MISSING_LIBRARY.search(error)):
        return "library-missing"
    return "import" if importing or _MISSING_MODULE.search(error) else "wrong-result"


def last_words(text: str) -> str:
    """Return the last exception with all its words, or else the last line that says something."""
    lines = [line.rstrip() for line in text.splitlines() if line.strip()]
    raised = [number for number, line in enumerate(lines) if _EXCEPTION.match(line)]
    last = lines[raised[-1] :] if raised else lines[-1:]
    return " ".join(last) or "no word of why"


def _line(text: str) -> str:
    line = "<".join(" ".join(text.split()).split("<")[:_MOST_SIGNS])
    return line if len(line) <= _LONGEST else line[: _LONGEST - 3] + "..."
