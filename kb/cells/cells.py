"""One cell: its pins, its recipe, and where it stands by all that is known of it."""

from kb.base.model import (
    CellRun,
    CudaFile,
    Device,
    LibraryPath,
    Pin,
    Python,
    Resolution,
    SeriesFile,
    WheelCode,
)
from kb.base.record import Record
from kb.base.store import Store
from kb.base.versions import key
from kb.cells.installs import Installs, installs_of
from kb.cells.recipe_id import recipe_id
from kb.cells.recipes import (
    CellKey,
    Recipe,
    Resolutions,
    candidates,
    cell_of,
    path_of,
    pins_of,
    recipe,
)
from kb.cells.standing import Evidence, Proof, Standing, standing
from kb.cells.sureness import MachineStanding, SureCase, Sureness, sureness
from kb.facts import official
from kb.facts.builds import Published, documented, row_source
from kb.facts.claims import Claims, Source
from kb.facts.gpu_code import BuildCode, code_in
from kb.facts.sources import claims_of
from kb.facts.toolkits import Toolkit


class PinnedRecipe(Record):
    """The recipe of a cell with a pin that it needs under a condition, and where that stands."""

    pin: Pin
    recipe: Recipe
    standing: Standing

    def serves(self, capability: str | None) -> bool:
        """Tell whether it is the recipe for a GPU of a compute capability."""
        below = self.pin.compute_capability_below
        return capability is not None and below is not None and key(capability) < key(below)

    def sureness(self) -> Sureness:
        """Say how sure we are of this recipe."""
        cell, pin = self.recipe.cell, self.pin.pin
        case = SureCase(platform=cell.platform, device=cell.device, pin=pin)
        return sureness(self.standing.on(), case)


class Cell(Record):
    """A cell of the answer: where it stands, its recipe, the simpler way that the recipe avoids
    because a resolver found it in conflict, why it sets a search path, if it does, and what it
    really installs of NVIDIA's packages, if anything; the recipes that a condition changes.
    """

    key: CellKey
    standing: Standing
    pins: tuple[Pin, ...]
    recipe: Recipe
    avoided: Resolution | None = None
    library_path: LibraryPath | None = None
    installs: Installs | None = None
    pinned: tuple[PinnedRecipe, ...] = ()

    def why(self) -> str | None:
        """Return why the cell is broken or disputed, if it is: the run's word, or the conflict."""
        conflict = self.avoided.conflict if self.avoided else None
        return self.standing.why or (conflict if self.standing.standing == "broken" else None)

    def sureness(
        self, wsl2: bool | None = None, capability: str | None = None, *, below: bool = True
    ) -> Sureness:
        """Say how sure we are of the cell, for a machine of which this is told: whether it is WSL2,
        and its GPU's compute capability. `below` tells that the set-up stands below the sentence.
        """
        changed = self._changed(capability)
        case = SureCase(
            platform=self.key.platform,
            device=self.key.device,
            pin=changed.pin.pin if changed else None,
            wsl2=wsl2,
            compute_capability=capability,
        )
        return sureness(self.stands(wsl2, capability), case, below=below)

    def stands(self, wsl2: bool | None = None, capability: str | None = None) -> MachineStanding:
        """Return where the recipe for such a machine stands there."""
        changed = self._changed(capability)
        own = changed.standing if changed else self.standing._replace(why=self.why())
        return own.on(wsl2, capability)

    def _changed(self, capability: str | None) -> PinnedRecipe | None:
        """Return the recipe for a GPU, where a pin changes it."""
        found = [own for own in self.pinned if own.serves(capability)]
        return found[-1] if found else None


class SeriesFacts(Record):
    """What every cell of a series is held against."""

    series: SeriesFile
    cuda: CudaFile
    claims: Claims
    pins: tuple[Pin, ...]
    library_paths: tuple[LibraryPath, ...]
    resolutions: Resolutions
    runs: dict[CellKey, tuple[CellRun, ...]]
    code: dict[str, WheelCode]

    def code_of(self, offer: Published) -> BuildCode | None:
        """Return what is known of the code for GPUs in a build."""
        return code_in(offer, self.code)


def open_series_facts(store: Store, series: SeriesFile) -> SeriesFacts:
    """Open what is known of the cells of a series. Raises DocumentError."""
    evidence = store.evidence(series.series).runs
    runs: dict[CellKey, tuple[CellRun, ...]] = {}
    for run in evidence:
        own = cell_of(run)
        runs[own] = (*runs.get(own, ()), run)
    resolutions = Resolutions(store.resolutions(series.series).resolutions)
    paths = store.library_paths().library_paths
    cuda = store.cuda()
    code = code_by_wheel(store, series.series)
    return SeriesFacts(
        series=series,
        cuda=cuda,
        claims=claims_of(series, cuda.drivers, evidence, cuda.gpu_support, code),
        pins=store.pins().pins,
        library_paths=paths,
        resolutions=resolutions,
        runs=runs,
        code=code,
    )


def code_by_wheel(store: Store, series: str) -> dict[str, WheelCode]:
    """Return the code that was read in the wheels of a series, by their sha256."""
    return {wheel.sha256: wheel for wheel in store.code(series).wheels}


def key_of(offer: Published, python: Python, device: Device) -> CellKey:
    """Return the cell of a build for a Python and a device."""
    return CellKey(
        distribution=offer.release.distribution,
        release=offer.release.release,
        platform=offer.build.platform,
        python=python,
        device=device,
    )


def cell(
    series_facts: SeriesFacts, offer: Published, tools: Toolkit, python: Python, device: Device
) -> Cell:
    """Return a cell of a build of those facts."""
    own = key_of(offer, python, device)
    pins = pins_of(own, series_facts.pins)
    path = path_of(own, offer.says(), series_facts.library_paths)
    steps = recipe(own, offer.says(), tools, pins, series_facts.resolutions, path)
    simplest = candidates(own, offer.says(), pins)[0]
    avoided = series_facts.resolutions.of(own, simplest)
    pinned = tuple(_pinned(series_facts, offer, steps, pin) for pin in pins if pin.is_conditional)
    return Cell(
        key=own,
        standing=standing(_evidence(series_facts, offer, own, steps)),
        pins=pins,
        recipe=steps,
        avoided=avoided if simplest != steps.requirements() else None,
        library_path=path,
        installs=installs_of(series_facts.resolutions.of(own, steps.requirements())),
        pinned=pinned,
    )


def _pinned(series_facts: SeriesFacts, offer: Published, steps: Recipe, pin: Pin) -> PinnedRecipe:
    """Return a recipe with one pin more: it stands on what is proven of its own."""
    changed = steps._replace(
        steps=tuple(
            step._replace(requirements=(*step.requirements, pin.pin))
            if step.action == "install"
            else step
            for step in steps.steps
        )
    )
    evidence = _evidence(series_facts, offer, steps.cell, changed)
    return PinnedRecipe(pin=pin, recipe=changed, standing=standing(evidence))


def _evidence(
    series_facts: SeriesFacts, offer: Published, cell: CellKey, steps: Recipe
) -> Evidence:
    """Gather what the sources say of a cell.

    A wheel proves a CPU cell by being there for that Python, any other by saying what it was
    built for.
    """
    page_device: Device = "cpu" if cell.device == "cpu" else "cuda"
    row = None
    if cell.device in ("cpu", "cuda"):
        row = documented(series_facts.series, cell.release, cell.platform, page_device)
    listed = row is not None and cell.python in official.pythons(row.row)
    says = offer.says()
    states = {"cuda": says.cuda_build, "rocm": says.rocm_build}.get(cell.device, True)
    verdict = series_facts.resolutions.of(cell, steps.requirements())
    runs = series_facts.runs.get(cell, ())
    published = recipe_id(steps) if runs else ""
    return Evidence(
        documented=Proof(row_source(row.row)) if row is not None and listed else None,
        shipped=Proof(offer.source_for(cell.python)) if states else None,
        resolved=None if verdict is None else Proof(_resolution_source(verdict), verdict.resolves),
        runs=tuple(run for run in runs if run.recipe == published),
    )


def _resolution_source(verdict: Resolution) -> Source:
    asked = ",".join(verdict.requirements)
    return Source(
        id=f"resolution:{asked}/{verdict.python}/{verdict.platform}", url=None, read=verdict.since
    )
