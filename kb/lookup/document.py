"""The JSON document that `python -m kb lookup --json` promises: its records, and how an answer
fills them. Fields may be added; none may go, and none may change its meaning.
"""

from typing import Literal

from kb.answers.releases import BuildAnswer
from kb.base.findings import WayOutDocument, way_out_document
from kb.base.json_values import json_text
from kb.base.model import (
    Capability,
    Day,
    Device,
    Distribution,
    Dotted,
    DriverBranch,
    File,
    Format,
    GfxTarget,
    Line,
    Pin,
    Platform,
    Problem,
    PtxVersion,
    Python,
    RecipeId,
    ReleaseNote,
    RunId,
    Sha256,
    Slug,
    Trust,
    Url,
    Version,
)
from kb.base.record import Record
from kb.base.requirement import Requirement, requirement
from kb.base.versions import Kind, kind, strictest
from kb.cells import shells
from kb.cells.cells import Cell
from kb.cells.recipe_id import recipe_id
from kb.cells.rungs import Rung, Verdict
from kb.facts import gpu_code
from kb.facts.builds import and_cuda
from kb.facts.claims import Source
from kb.facts.gpu_code import BuildCode
from kb.facts.nightlies import nightlies_beside
from kb.facts.toolkits import MinimumDriver
from kb.lookup.answer import Answer
from kb.lookup.makers import PluginOffer, RocmOfRelease


class CudnnDocument(Record):
    """The cuDNN that the wheel was built with, that the official table names, and that the extra
    `and-cuda` installs.
    """

    built: Dotted | None
    documented: Dotted | None
    installed: Dotted | None


class CapabilitiesDocument(Record):
    """The compute capabilities that a wheel says it has machine code for, and PTX for."""

    native: tuple[Capability, ...]
    ptx: tuple[Capability, ...]


class PatchDriverDocument(Record):
    """The minimum drivers of NVIDIA for one patch of a CUDA release."""

    cuda: Dotted
    linux: Dotted
    windows: Dotted


class PartlyDocument(Record):
    """A compute capability with machine code in some objects: in how many, of how many."""

    compute_capability: Capability
    objects: int
    of: int


class PtxDocument(Record):
    """PTX for a compute capability: its version, in how many objects it is, and the first driver
    branch that compiles it, null where that is not known.
    """

    compute_capability: Capability
    version: Dotted
    objects: int
    driver: DriverBranch | None


class CodeDocument(Record):
    """What the libraries of a build hold, object by object: the compute capabilities with machine
    code in every object, those with machine code in some, and the PTX.
    """

    objects: int
    native: tuple[Capability, ...]
    partly: tuple[PartlyDocument, ...]
    ptx: tuple[PtxDocument, ...]


class DriverDocument(Record):
    """The minimum drivers of NVIDIA."""

    linux: Dotted
    windows: Dotted


class MinimumDriverDocument(Record):
    """The minimum drivers of NVIDIA, system by system. `wsl2` is that of Windows under WSL2, null
    where no source names one. `patches` has those of the CUDA release where they ask for different
    drivers, the newest first: the minimum is the first's. `source` says where it is documented.
    """

    linux: Dotted
    windows: Dotted
    wsl2: Dotted | None
    patches: tuple[PatchDriverDocument, ...]
    source: Url | None


class WheelDocument(Record):
    """One file of a build; size in bytes; `yanked` is why it was withdrawn, if it was."""

    file: File
    python: tuple[Python, ...]
    size: int
    sha256: Sha256
    uploaded: Day
    yanked: Line | None


class PinDocument(Record):
    """An extra requirement of a cell; `when` is its condition, if it has one. A public source says
    so, or runs of ours prove it, or both. Under a condition it changes the recipe: `rung` and
    `sure` tell what is proven of that one.
    """

    pin: Requirement
    when: str | None
    reason: Line
    source: Url | None
    runs: tuple[RunId, ...]
    rung: Rung | None
    sure: str | None


class LibraryPathDocument(Record):
    """Why a cell puts its CUDA libraries on the search path."""

    reason: Line
    source: Url | None
    runs: tuple[RunId, ...]


class AvoidedDocument(Record):
    """The simpler requirements that a recipe avoids, for a resolver found them in conflict."""

    requirements: tuple[Requirement, ...]
    conflict: Line | None
    since: Day


class InstallsDocument(Record):
    """What the recipe really installs of NVIDIA's packages, as a resolver found it: the CUDA and
    the cuDNN that they amount to, and the day on which just these were found first.
    """

    cuda: Dotted | None
    cudnn: Dotted | None
    packages: tuple[Requirement, ...]
    since: Day


class CellDocument(Record):
    """What can be set up: where it stands, as of which day and by which sources, and how to do it.
    `recipe` is the id of its steps; `expected` is what each check prints. `who` are the independent
    runners that agree, as many as `runners` tells, `against` those that say otherwise; it is
    `confirmed` where our own workflow vouches for it or two runners agree. `sure` says in a
    sentence what was done, on what machine, when and by whom.
    """

    python: Python
    device: Device
    rung: Rung | None
    standing: Verdict
    as_of: Day | None
    trust: Trust | None
    why: str | None
    proof: tuple[str, ...]
    pins: tuple[PinDocument, ...]
    library_path: LibraryPathDocument | None
    avoided: AvoidedDocument | None
    installs: InstallsDocument | None
    setup: tuple[str, ...]
    check: tuple[str, ...]
    expected: tuple[str, ...]
    recipe: RecipeId
    runners: int
    who: tuple[str, ...]
    against: tuple[str, ...]
    confirmed: bool
    sure: str


class NightlyDocument(Record):
    """A nightly of another project that a wheel requires; it installs over the files of `over`."""

    name: str
    over: str


class RocmDocument(Record):
    """The ROCm that a build of tensorflow-rocm needs, the targets of AMD's compilers that it has
    code for, and AMD's list of the GPUs for that ROCm, null where none is known.
    """

    version: Dotted | None
    targets: tuple[GfxTarget, ...]
    supported: tuple[GfxTarget, ...] | None
    deprecated: tuple[GfxTarget, ...]
    unsupported: tuple[GfxTarget, ...]
    hardware_source: Url | None
    source: str | None


class PluginDocument(Record):
    """A plug-in that goes with a build on these Pythons: the minimum glibc or macOS of both, and
    who says so: what its wheel requires, the table in its wheel, or a public report.
    """

    plugin: Requirement
    device: Device
    distribution: Distribution
    release: Version
    platform: Platform
    python: tuple[Python, ...]
    glibc: Dotted | None
    macos: Dotted | None
    rung: Rung
    told_by: Literal["requirement", "table", "report"]
    source: str
    sure: str


class BuildDocument(Record):
    """What was published of a release for a platform. `glibc` and `macos` are the minimum that
    every wheel installs with; `requires` is the distribution that holds the code of a shim, and
    `and_cuda` what the extra of that name asks for, where the build serves CUDA.
    """

    distribution: Distribution
    release: Version
    kind: Kind
    released: Day
    platform: Platform
    device: Device
    python: tuple[Python, ...]
    glibc: Dotted | None
    macos: Dotted | None
    requires: Requirement | None
    nightlies: tuple[NightlyDocument, ...]
    cuda: Dotted | None
    cudnn: CudnnDocument
    compute_capabilities: CapabilitiesDocument | None
    and_cuda: tuple[Requirement, ...]
    documented_compute_capability: Capability | None
    code: CodeDocument | None
    driver: DriverDocument | None
    minimum_driver: MinimumDriverDocument | None
    rocm: RocmDocument | None
    wheels: tuple[WheelDocument, ...]
    cells: tuple[CellDocument, ...]


class PlaceholderDocument(Record):
    """A release without wheels; `sdist` is its only file."""

    distribution: Distribution
    release: Version
    sdist: File | None


class ClaimDocument(Record):
    """What one source says, in words."""

    source: str
    says: str


class ContradictionDocument(Record):
    """Claims about one thing that cannot all hold."""

    about: str
    claims: tuple[ClaimDocument, ...]


class ProblemDocument(Record):
    """A known problem that hits a release of the answer. `way_out` has each way out as one text,
    `ways_out` its sentence and its command apart.
    """

    id: Slug
    title: Line
    cause: Line
    way_out: tuple[str, ...]
    ways_out: tuple[WayOutDocument, ...]
    sources: tuple[Url, ...]


class NoteDocument(Record):
    """What is told of a release of the answer and is no fault. An empty list means all."""

    id: Slug
    title: Line
    platforms: tuple[Platform, ...]
    devices: tuple[Device, ...]
    told: Line
    ways_out: tuple[WayOutDocument, ...]
    sources: tuple[Url, ...]


class LookupDocument(Record):
    """The answer to a look-up: what was published of a version, and how to set it up. `kind` tells
    whether `release` is one, or a candidate or a nightly; `inherited_problems` are those of the
    release before such a one, of which nobody knows whether they are gone. `plugins` is null where
    neither a platform nor a device is asked for.
    """

    format: Format
    release: Version
    kind: Kind
    series: Dotted
    builds: tuple[BuildDocument, ...]
    placeholders: tuple[PlaceholderDocument, ...]
    contradictions: tuple[ContradictionDocument, ...]
    problems: tuple[ProblemDocument, ...]
    inherited_problems: tuple[ProblemDocument, ...]
    notes: tuple[NoteDocument, ...]
    plugins: tuple[PluginDocument, ...] | None
    sources: tuple[Source, ...]


def document(answer: Answer) -> str:
    """Return the JSON document of an answer."""
    return json_text(lookup_document(answer))


def lookup_document(answer: Answer) -> LookupDocument:
    """Return the document of an answer."""
    return LookupDocument(
        format=1,
        release=answer.release,
        kind=answer.kind,
        series=answer.series,
        builds=tuple(_build(build, answer.cuda.ptx, answer.rocm) for build in answer.builds),
        placeholders=tuple(
            PlaceholderDocument(placeholder.distribution, placeholder.release, placeholder.sdist)
            for placeholder in answer.placeholders
        ),
        contradictions=tuple(
            ContradictionDocument(
                contradiction.about,
                tuple(ClaimDocument(claim.source, claim.says) for claim in contradiction.claims),
            )
            for contradiction in answer.contradictions
        ),
        problems=tuple(map(_problem, answer.problems)),
        inherited_problems=tuple(map(_problem, answer.inherited.problems)),
        notes=tuple(map(_note, answer.notes)),
        plugins=None if answer.plugins is None else tuple(map(_plugin, answer.plugins)),
        sources=answer.sources,
    )


def _problem(problem: Problem) -> ProblemDocument:
    return ProblemDocument(
        id=problem.id,
        title=problem.title,
        cause=problem.cause,
        way_out=tuple(way.text for way in problem.way_out),
        ways_out=tuple(map(way_out_document, problem.way_out)),
        sources=problem.sources,
    )


def _when(pin: Pin) -> str | None:
    if pin.compute_capability_below is None:
        return None
    below = f"compute capability below {pin.compute_capability_below}"
    return f"{below}, where {pin.pin.name} is installed" if pin.only_beside else below


def _minimum_driver(minimum: MinimumDriver) -> MinimumDriverDocument:
    return MinimumDriverDocument(
        linux=minimum.linux,
        windows=minimum.windows,
        wsl2=minimum.wsl2,
        patches=tuple(PatchDriverDocument(*patch) for patch in minimum.patches),
        source=minimum.source,
    )


def _note(note: ReleaseNote) -> NoteDocument:
    return NoteDocument(
        id=note.id,
        title=note.title,
        platforms=note.platforms,
        devices=note.devices,
        told=note.told,
        ways_out=tuple(map(way_out_document, note.way_out)),
        sources=note.sources,
    )


def _plugin(offer: PluginOffer) -> PluginDocument:
    return PluginDocument(
        plugin=requirement(offer.plugin),
        device=offer.device,
        distribution=offer.distribution,
        release=offer.release,
        platform=offer.platform,
        python=offer.pythons,
        glibc=offer.glibc,
        macos=offer.macos,
        rung=offer.rung,
        told_by=offer.told_by,
        source=offer.source.id,
        sure=offer.sureness().sentence,
    )


def _rocm(own: RocmOfRelease) -> RocmDocument:
    hardware = own.need.hardware
    return RocmDocument(
        version=own.need.rocm,
        targets=own.need.targets(),
        supported=hardware.supported if hardware else None,
        deprecated=hardware.deprecated if hardware else (),
        unsupported=hardware.unsupported if hardware else (),
        hardware_source=hardware.source if hardware else None,
        source=own.source.id if own.source else None,
    )


def _build(
    build: BuildAnswer, ptx: tuple[PtxVersion, ...], rocm: tuple[RocmOfRelease, ...]
) -> BuildDocument:
    published, tools = build.published, build.toolkit
    needs = {own.release: own for own in rocm} if "rocm" in build.devices else {}
    need = needs.get(published.release.release)
    own = published.build
    wheels = [wheel for wheel in own.wheels if set(wheel.python) & set(build.pythons)]
    return BuildDocument(
        distribution=published.release.distribution,
        release=published.release.release,
        kind=kind(published.release.release),
        released=published.release.released,
        platform=own.platform,
        device=build.devices[0],
        python=build.pythons,
        glibc=strictest([wheel.glibc for wheel in wheels]),
        macos=strictest([wheel.macos for wheel in wheels]),
        requires=own.says.shim,
        nightlies=tuple(
            NightlyDocument(nightly.name, nightly.over)
            for nightly in nightlies_beside(published.says())
        ),
        cuda=tools.cuda,
        cudnn=CudnnDocument(tools.cudnn_built, tools.cudnn_documented, tools.cudnn_installed),
        compute_capabilities=_capabilities(build),
        and_cuda=and_cuda(published.says()) if "cuda" in build.devices else (),
        documented_compute_capability=build.documented_capability,
        code=_code(build.code, ptx),
        driver=DriverDocument(build.driver.linux, build.driver.windows) if build.driver else None,
        minimum_driver=_minimum_driver(build.driver) if build.driver else None,
        rocm=_rocm(need) if need else None,
        wheels=tuple(
            WheelDocument(
                file=wheel.file,
                python=wheel.python,
                size=wheel.size,
                sha256=wheel.sha256,
                uploaded=wheel.uploaded,
                yanked=wheel.yanked,
            )
            for wheel in wheels
        ),
        cells=tuple(map(_cell, build.cells)),
    )


def _capabilities(build: BuildAnswer) -> CapabilitiesDocument | None:
    built = build.published.says().compute_capabilities if "cuda" in build.devices else None
    return CapabilitiesDocument(built.native, built.ptx) if built else None


def _code(code: BuildCode | None, versions: tuple[PtxVersion, ...]) -> CodeDocument | None:
    if code is None or not code.objects:
        return None
    return CodeDocument(
        objects=code.of,
        native=gpu_code.throughout(code),
        partly=tuple(
            PartlyDocument(capability, objects, code.of)
            for capability, objects in gpu_code.partly(code).items()
        ),
        ptx=tuple(
            PtxDocument(
                compute_capability=ptx.compute_capability,
                version=ptx.version,
                objects=objects,
                driver=gpu_code.first_branch(ptx.version, versions),
            )
            for ptx, objects in gpu_code.ptx_counts(code).items()
        ),
    )


def _cell(cell: Cell) -> CellDocument:
    standing, path, avoided = cell.standing, cell.library_path, cell.avoided
    installs = cell.installs
    return CellDocument(
        python=cell.key.python,
        device=cell.key.device,
        rung=standing.rung,
        standing=standing.standing,
        as_of=standing.as_of,
        trust=standing.trust,
        why=standing.why,
        proof=tuple(source.id for source in standing.proof),
        pins=tuple(_pin(pin, cell) for pin in cell.pins),
        library_path=LibraryPathDocument(path.reason, path.source, path.runs) if path else None,
        avoided=AvoidedDocument(avoided.requirements, avoided.conflict, avoided.since)
        if avoided
        else None,
        installs=InstallsDocument(**installs._asdict()) if installs else None,
        setup=shells.setup(cell.recipe),
        check=shells.check(cell.recipe),
        expected=tuple(step.expected for step in cell.recipe.checks),
        recipe=recipe_id(cell.recipe),
        runners=standing.runners,
        who=standing.who,
        against=standing.against,
        confirmed=standing.confirmed,
        sure=cell.sureness().sentence,
    )


def _pin(pin: Pin, cell: Cell) -> PinDocument:
    changed = next((own for own in cell.pinned if own.pin == pin), None)
    return PinDocument(
        pin=pin.pin,
        when=_when(pin),
        reason=pin.reason,
        source=pin.source,
        runs=pin.runs,
        rung=changed.standing.rung if changed else None,
        sure=changed.sureness().sentence if changed else None,
    )
