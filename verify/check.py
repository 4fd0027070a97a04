"""Is a contributed run possible? Each rule holds it against the knowledge base, and says in words
what a contributor can do.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta, timezone
from itertools import chain, combinations
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from kb.base.errors import DocumentError, NoCell
from kb.base.model import GpuModel
from kb.base.names import MARKERS
from kb.base.record import Record
from kb.base.scrubbing import leaks
from kb.base.store import Store
from kb.base.versions import key, series
from kb.cells.cells import Cell, SeriesFacts, open_series_facts
from kb.cells.recipe_id import recipe_id
from kb.cells.recipes import Recipe, Step, candidates
from kb.cells.shells import commands, program
from kb.facts.gpu_code import BuildCode, for_gpu
from kb.facts.gpu_names import AmbiguousGpu, UnknownGpu, identify
from kb.runs import run_file
from kb.runs.folder import Filed, filed
from kb.runs.judge import judgement_of
from kb.runs.run_file import Run
from verify.plan import Offered, find_on
from verify.runner import probe
from verify.runner.run import CHECK_LIMIT_S, LIMITS_S

_CLOCKS_DIFFER = timedelta(minutes=10)
_GRACE_S = 15  # what ending a step that was stopped may take
_LINE = re.compile(r"\A([0-9]+):")
_PRODUCT = "[[22.0, 28.0], [49.0, 64.0]]"
_BY_GPU = "A GPU computed this, and it is right."
_PROBED = tuple(name for name, _ in probe.LIMITS_S)


class Contribution(Record):
    """A run that came from outside, and what it is held against; `recipe` is the one of ours that
    it names.
    """

    run: Run
    offered: Offered
    recipe: Recipe | None
    gpus: tuple[GpuModel, ...]
    code: BuildCode | None
    now: datetime


Rule = Callable[[Contribution], Iterator[str]]


class Reviewer:
    """Holds files against a knowledge base, of which each part is read once."""

    def __init__(self, store: Store, now: datetime) -> None:
        self.store = store
        self.now = now
        self.gpus = store.gpus().gpus
        self.series_facts: dict[str, SeriesFacts] = {}

    def faults(self, filed: Filed) -> Iterator[str]:
        """Yield what is wrong with a run, wherever it lies; nothing where it fits.

        Raises DocumentError.
        """
        if filed.raw != run_file.text(filed.run).encode():
            yield "its text is not what `verify run` writes; send the file as it was written"
        try:
            series_facts = self._series_facts(series(filed.run.release))
            offered = find_on(series_facts, filed.run.cell())
        except NoCell as error:
            yield str(error)
            return
        ours = (
            recipe for recipe in possible_recipes(offered) if recipe_id(recipe) == filed.run.recipe
        )
        contribution = Contribution(
            run=filed.run,
            offered=offered,
            recipe=next(ours, None),
            gpus=self.gpus,
            code=series_facts.code_of(offered.published),
            now=self.now,
        )
        for rule in RULES:
            yield from rule(contribution)

    def _series_facts(self, name: str) -> SeriesFacts:
        if name not in self.store.series_names():
            raise NoCell(f"there is no series {name}")
        if name not in self.series_facts:
            self.series_facts[name] = open_series_facts(self.store, self.store.series(name))
        return self.series_facts[name]


def verdict(reviewer: Reviewer, path: Path) -> tuple[Filed | None, tuple[str, ...]]:
    """Return the run in a file, None where it holds none, and every fault."""
    try:
        file = filed(path)
        return file, tuple(reviewer.faults(file))
    except DocumentError as error:
        return None, (_LINE.sub(r"line \1:", str(error).removeprefix(f"{path}:")).strip(),)


def misplaced(filed: Filed) -> Iterator[str]:
    """Yield what is wrong with the place of a file below a folder `runs`."""
    parts = filed.path.parts
    if "runs" in parts:
        place = run_file.place(filed.run, filed.raw)
        below = Path(*parts[len(parts) - parts[::-1].index("runs") :])
        if below != place:
            yield f"belongs at runs/{place}; `python -m verify submit FILE` puts it there"


def _wheel(contribution: Contribution) -> Iterator[str]:
    run, used = contribution.run, contribution.run.wheel
    if used is None:
        if all(step.outcome == "ok" for step in run.steps):
            yield "it installed TensorFlow and does not name the wheel; run it again"
        return
    known = {wheel.file: wheel for wheel in contribution.offered.published.build.wheels}
    wheel = known.get(used.file)
    if wheel is None:
        yield f"the index lists no wheel {used.file} for this build"
    elif wheel.sha256 != used.sha256:
        yield f"the sha256 of {used.file} is not the index's"
    elif run.python not in wheel.python:
        yield f"{used.file} is not a wheel for Python {run.python}"
    elif wheel.glibc and run.runner.glibc and key(run.runner.glibc) < key(wheel.glibc):
        yield f"{used.file} needs glibc {wheel.glibc}, the runner has {run.runner.glibc}"


def possible_recipes(offered: Offered) -> Iterator[Recipe]:
    """Yield the recipes of ours for a cell: each list of requirements, with any of its pins, with
    and without a search path that it sets.
    """
    cell: Cell = offered.cell
    plain = tuple(step for step in cell.recipe.steps if step.action != "library-path")
    always = [pin for pin in cell.pins if pin.compute_capability_below is None]
    chosen = chain.from_iterable(combinations(always, n) for n in range(len(always), -1, -1))
    for pins in chosen:
        for requirements in candidates(cell.key, offered.published.says(), pins):
            for steps in dict.fromkeys((cell.recipe.steps, plain)):
                yield cell.recipe._replace(steps=_asking_for(requirements, steps))


def _asking_for(requirements: tuple[str, ...], steps: tuple[Step, ...]) -> tuple[Step, ...]:
    return tuple(
        step._replace(requirements=requirements) if step.action == "install" else step
        for step in steps
    )


def _recipe(contribution: Contribution) -> Iterator[str]:
    run, ours = contribution.run, contribution.recipe
    if ours is None:
        yield f"the recipe {run.recipe} is not one of ours for this cell; run it from main"
        return
    known: list[tuple[str, str]] = [
        (step.action, "\n".join(commands(step, ours))) for step in ours.steps
    ]
    known += [
        (f"check-{number}", program(check, powershell=False))
        for number, check in enumerate(ours.checks, start=1)
    ]
    steps = [(step.name, step.commands) for step in run.steps]
    if steps != known[: len(steps)]:
        yield f"its steps are not those of the recipe {run.recipe}"
    elif not steps or any(step.outcome != "ok" for step in _set_up(run)[:-1]):
        yield "it goes on after a step of the set-up that failed, or has none"
    elif run.proves in ("runs", "runs-gpu") and _computes(run) and len(steps) < len(known):
        yield f"it left out {known[len(steps)][0]}, a step of the recipe"


def _computes(run: Run) -> bool:
    """Tell whether the recipe's own checks can pass there: one for a GPU needs a GPU."""
    return run.device == "cpu" or bool(run.runner.gpus)


def _set_up(run: Run) -> list[run_file.StepSeen]:
    return [step for step in run.steps if not step.name.startswith("check-")]


def _judgement(contribution: Contribution) -> Iterator[str]:
    run, judged = contribution.run, judgement_of(contribution.run)
    if judged != (run.outcome, run.proves, run.why):
        yield f"by what it saw it is {judged.outcome}, not {run.outcome}, or proves something else"


def _products(contribution: Contribution) -> Iterator[str]:
    run = contribution.run
    expected = {
        f"check-{number}": check.expected
        for number, check in enumerate(contribution.offered.cell.recipe.checks, start=1)
    }
    last = f"check-{len(expected)}"
    for step in run.steps:
        if step.outcome != "ok" or step.name not in expected:
            continue
        if run.device == "cpu" and not step.output.endswith(expected[step.name]):
            yield f"{step.name}: is said to be ok, and did not print what it should"
        elif step.name == last and _PRODUCT not in step.output:
            yield f"{step.name}: is said to be ok, and printed another product"
        elif step.name == last and run.device == "cuda" and not step.output.endswith(_BY_GPU):
            yield f"{step.name}: is said to be ok, and does not say that a GPU computed it"


def _checks(contribution: Contribution) -> Iterator[str]:
    names = [check.name for check in contribution.run.checks]
    if names != list(_PROBED[: len(names)]):
        yield f"its checks are not the probe's: {', '.join(_PROBED)}"
    elif len(names) not in (0, len(_PROBED)) and contribution.run.checks[-1].outcome == "ok":
        yield f"the probe ended after {names[-1]} without a reason"


def _devices(contribution: Contribution) -> Iterator[str]:
    run = contribution.run
    computed = {check.device for check in run.checks if check.device}
    by_gpu = any("GPU" in device for device in computed)
    if by_gpu and (run.device == "cpu" or not run.runner.gpus):
        yield "a GPU is said to have computed where there was none to compute"
    if run.runner.gpus and run.runner.driver is None and run.device == "cuda":
        yield "it lists GPUs and no driver"
    if run.proves == "runs-gpu" and not by_gpu:
        yield "it says that a GPU computed, and no check was computed by one"
    for gpu in (*run.runner.gpus, *run.seen.gpus):
        known = _capability(gpu.name, contribution.gpus)
        if known and gpu.compute_capability and known != gpu.compute_capability:
            yield f"{gpu.name} has compute capability {known}, not {gpu.compute_capability}"
    yield from _code(contribution)


def _capability(name: str | None, gpus: tuple[GpuModel, ...]) -> str | None:
    try:
        return identify(name, gpus).compute_capability if name else None
    except (UnknownGpu, AmbiguousGpu):
        return None


def _code(contribution: Contribution) -> Iterator[str]:
    code = contribution.code
    if contribution.run.proves != "runs-gpu" or code is None:
        return
    capabilities = {
        gpu.compute_capability
        for gpu in (*contribution.run.seen.gpus, *contribution.run.runner.gpus)
    }
    for capability in sorted(capabilities - {None}, key=str):
        if capability and for_gpu(code, capability).kind == "without":
            yield f"the wheel has no code for compute capability {capability}"


def _times(contribution: Contribution) -> Iterator[str]:
    run = contribution.run
    try:
        started = datetime.strptime(run.started, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc)
    except ValueError:
        yield f"started: there is no such time as {run.started}"
        return
    first = min(wheel.uploaded for wheel in contribution.offered.published.build.wheels)
    if started > contribution.now + _CLOCKS_DIFFER:
        yield f"started: {run.started} is in the future; set the runner's clock"
    if run.started[:10] < first:
        yield f"started: {run.started} is before the wheel was there ({first})"
    spent = sum(step.seconds for step in run.steps) + sum(check.seconds for check in run.checks)
    if spent > run.seconds + 1:
        yield f"its steps and checks took {spent:.0f} s, all of it {run.seconds:.0f} s"
    limits: dict[str, float] = {**LIMITS_S, **{f"check-{n}": CHECK_LIMIT_S for n in range(1, 10)}}
    for step in run.steps:
        if step.seconds > limits.get(step.name, 0) + _GRACE_S:
            yield f"{step.name}: took {step.seconds:.0f} s, more than it is given"


def _versions(contribution: Contribution) -> Iterator[str]:
    run, seen = contribution.run, contribution.run.seen
    if seen.tensorflow and not _same(seen.tensorflow, run.release):
        yield f"TensorFlow called itself {seen.tensorflow}, not {run.release}"
    if seen.python and not seen.python.startswith(f"{run.python}."):
        yield f"Python called itself {seen.python}, not {run.python}"
    if not run.checks:
        return
    packages = run.versions()
    if packages.get(run.distribution) != run.release:
        yield f"its packages do not hold {run.distribution}=={run.release}"
    for name, reported in (("numpy", seen.numpy), ("protobuf", seen.protobuf)):
        if reported and name in packages and not _same(reported, packages[name]):
            yield f"{name} called itself {reported}, and {packages[name]} was installed"
    yield from _requirements(contribution, packages)


def _requirements(contribution: Contribution, packages: Mapping[str, str]) -> Iterator[str]:
    """Yield the pins of the recipe that the installed packages do not meet."""
    for requirement in map(
        Requirement, contribution.recipe.requirements() if contribution.recipe else ()
    ):
        version = packages.get(canonicalize_name(requirement.name))
        if version and not requirement.specifier.contains(version, prereleases=True):
            yield f"it installed {requirement.name} {version}, against {requirement}"


def _same(reported: str, version: str) -> bool:
    try:
        return Version(reported) == Version(version)
    except InvalidVersion:
        return False


def _platform(contribution: Contribution) -> Iterator[str]:
    runner, marks = contribution.run.runner, MARKERS[contribution.run.platform]
    is_like_it = (runner.system, runner.machine) == (marks.platform_system, marks.platform_machine)
    if not is_like_it or marks.os_name == "nt":  # cells are run by bash: never on Windows
        yield f"a runner with {runner.system} {runner.machine} is not {contribution.run.platform}"


def _words(contribution: Contribution) -> Iterator[str]:
    run = contribution.run
    texts = [(step.name, step.output) for step in run.steps]
    texts += [(check.name, check.error or "") for check in run.checks]
    texts += [("why", run.why or ""), ("cpu", run.runner.cpu or "")]
    for name, text in texts:
        for leak in leaks(text):
            yield f"{name}: holds {leak}; run it again with the present `verify run`"


RULES: tuple[Rule, ...] = (
    _platform,
    _recipe,
    _wheel,
    _checks,
    _judgement,
    _products,
    _devices,
    _times,
    _versions,
    _words,
)
