"""The recipe of a run, its steps and its outcome."""

import re
from collections.abc import Iterator
from itertools import chain, combinations

from kb.cells.cells import Cell
from kb.cells.recipe_id import recipe_id
from kb.cells.recipes import Recipe, Step, candidates
from kb.cells.shells import commands, program
from kb.runs.judge import judgement_of
from kb.runs.run_file import Run, StepSeen
from verify.checking.contribution import Contribution, Rule
from verify.plan import Offered

_PRODUCT = "[[22.0, 28.0], [49.0, 64.0]]"
_COUNTED = {
    "check-1": re.compile(r"GPUs: [1-9][0-9]*\Z").search,
    "check-2": re.compile(r"physical GPUs: [1-9][0-9]*, logical GPUs: [1-9][0-9]*\Z").search,
}
_ANYTHING = re.compile("").search
_BY_GPU = "A GPU computed this, and it is right."


def recipe_of(offered: Offered, run: Run) -> Recipe | None:
    """Return the recipe of ours that a run names; None where it is none for its cell."""
    return next((own for own in possible_recipes(offered) if recipe_id(own) == run.recipe), None)


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
    elif all(step.outcome == "ok" for step in _set_up(run)):
        yield from _left_out(run, known, len(ours.steps))


def _left_out(run: Run, known: list[tuple[str, str]], set_up: int) -> Iterator[str]:
    """Yield the step that is missing: a recipe's own checks are carried out where they can pass,
    and one for a GPU needs a GPU.
    """
    computes = run.device == "cpu" or bool(run.runner.gpus)
    if len(run.steps) < (len(known) if computes else set_up):
        yield f"it left out {known[len(run.steps)][0]}, a step of the recipe"
    elif not computes and len(run.steps) > set_up:
        yield f"it carried {run.steps[-1].name} out, which needs a GPU, and lists none"


def _set_up(run: Run) -> list[StepSeen]:
    return [step for step in run.steps if not step.is_check]


def _judgement(contribution: Contribution) -> Iterator[str]:
    run, judged = contribution.run, judgement_of(contribution.run)
    if judged != (run.outcome, run.proves, run.why):
        yield f"by what it saw it is {judged.outcome}, not {run.outcome}, or proves something else"


def _nothing_after_a_failure(contribution: Contribution) -> Iterator[str]:
    run = contribution.run
    if all(step.outcome == "ok" for step in _set_up(run)):
        return
    if run.checks or run.packages or any(run.seen):
        yield "its set-up failed, and it tells what was seen in the environment all the same"


def _own_checks(contribution: Contribution) -> Iterator[str]:
    """Hold the recipe's own checks against the probe's: both import TensorFlow and multiply."""
    imports = contribution.check("import")
    if imports is None:
        return
    for step in contribution.run.steps:
        if not step.is_check:
            continue
        if step.outcome == "ok" and imports.outcome == "error":
            yield f"{step.name}: is said to be ok, and the probe could not import TensorFlow"
        elif step.outcome == "import" and imports.outcome == "ok" and "import" not in step.output:
            yield f"{step.name}: is said to fail at an import, which it does not show"


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
        elif run.device == "cuda" and not _COUNTED.get(step.name, _ANYTHING)(step.output):
            yield f"{step.name}: is said to be ok, and did not count the GPUs"
        elif step.name == last and _PRODUCT not in step.output:
            yield f"{step.name}: is said to be ok, and printed another product"
        elif step.name == last and run.device == "cuda" and not step.output.endswith(_BY_GPU):
            yield f"{step.name}: is said to be ok, and does not say that a GPU computed it"


RULES: tuple[Rule, ...] = (
    _recipe,
    _judgement,
    _nothing_after_a_failure,
    _own_checks,
    _products,
)
