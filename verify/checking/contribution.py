"""A run that came from outside, and all that its rules hold it against."""

from collections.abc import Callable, Iterator
from datetime import datetime, timezone

from kb.base.model import CudaFile, GpuModel, Library, Pin, Problem
from kb.base.record import Record
from kb.cells.installs import Installs
from kb.cells.recipes import Recipe
from kb.facts.gpu_code import BuildCode
from kb.facts.toolkits import MinimumDriver, Toolkit
from kb.runs.run_file import CheckSeen, Run, StepSeen
from verify.plan import Offered


class KnownFacts(Record):
    """What is known of GPUs, CUDA and faults, whatever the cell."""

    gpus: tuple[GpuModel, ...]
    cuda: CudaFile
    libraries: tuple[Library, ...]
    problems: tuple[Problem, ...]


class Contribution(Record):
    """A run, and what is known of its cell. `recipe` is the one of ours that it names; `installs`
    what a resolver found that the published one brings of NVIDIA's packages. `commit` is that of
    the release, as our own runs told. A run that was taken before runs were put to a challenge
    answers none.
    """

    run: Run
    offered: Offered
    recipe: Recipe | None
    known: KnownFacts
    code: BuildCode | None
    toolkit: Toolkit
    driver: MinimumDriver | None
    installs: Installs | None
    pins: tuple[Pin, ...]
    commit: str | None
    before_challenges: bool
    now: datetime

    def by_gpu(self) -> bool:
        """Tell whether the run says that a GPU computed right."""
        return self.run.proves == "runs-gpu"

    def imported(self) -> bool:
        """Tell whether TensorFlow was imported by the probe."""
        return any(check.name == "import" and check.outcome == "ok" for check in self.run.checks)

    def check(self, name: str) -> CheckSeen | None:
        """Return a check of the probe by its name; None where it was not reached."""
        return next((check for check in self.run.checks if check.name == name), None)

    def texts(self) -> Iterator[tuple[str, str]]:
        """Yield what each step printed and what each check says went wrong, with their names."""
        yield from ((step.name, step.output) for step in self.run.steps)
        yield from ((check.name, check.error) for check in self.run.checks if check.error)

    def step(self, name: str) -> StepSeen | None:
        """Return a step by its name; None where it was not reached."""
        return next((step for step in self.run.steps if step.name == name), None)


# Yields what is wrong, in words that a contributor can act on; nothing where all is well.
Rule = Callable[[Contribution], Iterator[str]]


def moment(text: str) -> datetime:
    """Return the time that a run names. Raises ValueError where there is no such time."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc)
