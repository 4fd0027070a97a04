"""The one recipe of a cell: the ordered steps that set it up and check it."""

from typing import Literal

from kb.base.model import (
    CellRun,
    Device,
    Distribution,
    LibraryPath,
    Pin,
    Platform,
    Python,
    Resolution,
    ToolTrial,
    Version,
    WheelFacts,
)
from kb.base.record import Record
from kb.base.requirement import Requirement, own_requirement
from kb.base.versions import within
from kb.cells.checks import Check, checks
from kb.facts.builds import and_cuda
from kb.facts.toolkits import Toolkit

Action = Literal["environment", "upgrade-pip", "install", "library-path", "cuda-by-hand"]
_TOOLKITS = "https://developer.nvidia.com/cuda-toolkit-archive"
_CUDNN = "https://developer.nvidia.com/rdp/cudnn-archive"


class CellKey(Record):
    """What a person can set up and a runner can run."""

    distribution: Distribution
    release: Version
    platform: Platform
    python: Python
    device: Device


def cell_of(row: CellRun | ToolTrial) -> CellKey:
    """Return the cell that a run or a trial is of."""
    return CellKey(
        distribution=row.distribution,
        release=row.release,
        platform=row.platform,
        python=row.python,
        device=row.device,
    )


class Step(Record):
    """One step of a set-up; which fields count depends on the action."""

    action: Action
    python: Python | None = None
    folder: str | None = None
    requirements: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    cuda: str | None = None
    cudnn: str | None = None
    addresses: tuple[str, ...] = ()


class Recipe(Record):
    """The steps of a cell, in order, and its checks."""

    cell: CellKey
    steps: tuple[Step, ...]
    checks: tuple[Check, ...]

    def requirements(self) -> tuple[str, ...]:
        """Return what the recipe asks pip for."""
        return next(step.requirements for step in self.steps if step.action == "install")


class Resolutions:
    """What a resolver found, by what it was asked."""

    def __init__(self, resolutions: tuple[Resolution, ...]) -> None:
        self._by_question: dict[tuple[str, str, tuple[str, ...]], Resolution] = {
            (resolution.python, resolution.platform, resolution.requirements): resolution
            for resolution in resolutions
        }

    def of(self, cell: CellKey, requirements: tuple[str, ...]) -> Resolution | None:
        """Return the verdict on these requirements in a cell, or None: never asked."""
        return self._by_question.get((cell.python, cell.platform, requirements))


def recipe(
    cell: CellKey,
    says: WheelFacts,
    tools: Toolkit,
    pins: tuple[Pin, ...],
    resolutions: Resolutions,
    path: LibraryPath | None = None,
) -> Recipe:
    """Return the recipe of a cell, from what its wheel says, the pins that apply to it, and whether
    it must be told where its CUDA libraries are.
    """
    folder = f"tf-{cell.release}"
    steps = [
        Step(action="environment", python=cell.python, folder=folder),
        Step(action="upgrade-pip"),
        Step(
            action="install",
            requirements=_requirements(cell, says, pins, resolutions),
            # grpcio has no wheel for 2.7 in its newest release, and building it takes minutes
            options=("--only-binary=grpcio",) if cell.python == "2.7" else (),
        ),
    ]
    if path is not None:
        steps.append(Step(action="library-path", python=cell.python, folder=folder))
    if cell.device == "cuda" and not and_cuda(says):
        steps.insert(0, _by_hand(tools))
    kind = "DML" if cell.device == "directml" else "GPU"
    return Recipe(cell, tuple(steps), checks(cell.release, cell.device != "cpu", kind))


def candidates(
    cell: CellKey, says: WheelFacts, pins: tuple[Pin, ...]
) -> tuple[tuple[Requirement, ...], ...]:
    """Return the lists of requirements that can set a cell up, the preferred one first.

    CUDA's own libraries come by the extra `and-cuda`, or, where that cannot be resolved, one by
    one without TensorRT, which TensorFlow can do without.
    """
    extra_pins = tuple(pin.pin for pin in pins if pin.compute_capability_below is None)
    plain = (own_requirement(f"{cell.distribution}=={cell.release}"),)
    nvidia = tuple(own for own in and_cuda(says) if own.name.startswith("nvidia-"))
    if cell.device != "cuda" or not nvidia:
        return ((*plain, *extra_pins),)
    by_extra = (own_requirement(f"{cell.distribution}[and-cuda]=={cell.release}"),)
    return ((*by_extra, *extra_pins), (*plain, *nvidia, *extra_pins))


def _requirements(
    cell: CellKey, says: WheelFacts, pins: tuple[Pin, ...], resolutions: Resolutions
) -> tuple[Requirement, ...]:
    """Choose the first list that was not found to be in conflict."""
    possible = candidates(cell, says, pins)
    for requirements in possible:
        verdict = resolutions.of(cell, requirements)
        if verdict is None or verdict.resolves:
            return requirements
    return possible[-1]


def _by_hand(tools: Toolkit) -> Step:
    return Step(
        action="cuda-by-hand",
        cuda=tools.cuda,
        cudnn=tools.cudnn_documented or tools.cudnn_built,
        addresses=(_TOOLKITS, _CUDNN),
    )


def pins_of(cell: CellKey, pins: tuple[Pin, ...]) -> tuple[Pin, ...]:
    """Return the pins that apply to a cell, those under a condition included."""
    return tuple(
        pin
        for pin in pins
        if cell.distribution in pin.distributions
        and (not pin.platforms or cell.platform in pin.platforms)
        and (not pin.devices or cell.device in pin.devices)
        and (not pin.pythons or cell.python in pin.pythons)
        and within(cell.release, pin.releases.first, pin.releases.last)
    )


def path_of(cell: CellKey, says: WheelFacts, paths: tuple[LibraryPath, ...]) -> LibraryPath | None:
    """Return why a cell must be told where the CUDA libraries are that its extra brings, if so."""
    if cell.device != "cuda" or not cell.platform.startswith("linux") or not and_cuda(says):
        return None
    for path in paths:
        if cell.distribution in path.distributions and within(cell.release, *path.releases):
            return path
    return None
