"""What must hold of the tables that people edit, beyond their schema."""

from collections.abc import Collection, Iterator
from itertools import pairwise

from kb.base.model import (
    Bounds,
    CudaFile,
    GpusFile,
    LibraryPathsFile,
    PinsFile,
    ProblemsFile,
    ReleaseNotesFile,
    ResolutionsFile,
    ToolsFile,
    WayOut,
)
from kb.base.versions import key

_ASK = "run `python -m verify resolve"


def cuda_faults(file: CudaFile) -> Iterator[str]:
    """Yield what is wrong with `cuda.yaml`."""
    drivers = [key(driver.cuda.replace(".x", ".999")) for driver in file.drivers]
    if drivers != sorted(set(drivers), reverse=True):
        yield "cuda.yaml: drivers: list each CUDA once, newest first"
    known = [key(toolkit.compute_capability) for toolkit in file.knows]
    if known != sorted(set(known), reverse=True):
        yield "cuda.yaml: knows: list each compute capability once, newest first"
    yield from _ptx_faults(file)
    yield from _maximum_faults(file)
    compat = [(key(row.cuda), row.source) for row in file.forward_compatibility]
    if compat != sorted(compat, key=lambda row: row[0], reverse=True) or len(set(compat)) < len(
        compat
    ):
        yield "cuda.yaml: forward_compatibility: list each CUDA once a source, newest first"
    owners: dict[str, str] = {}
    for architecture in file.architectures:
        for capability in architecture.compute_capabilities:
            other = owners.setdefault(capability, architecture.name)
            if other != architecture.name:
                yield f"cuda.yaml: {capability}: is of {other} and {architecture.name}; choose one"


def _ptx_faults(file: CudaFile) -> Iterator[str]:
    """Yield where a newer PTX does not come with a newer CUDA and a newer driver branch."""
    for newer, older in pairwise(file.ptx):
        for field in ("version", "cuda", "branch"):
            if key(getattr(newer, field)) <= key(getattr(older, field)):
                yield (
                    f"cuda.yaml: ptx: {newer.version} stands before {older.version}, and its "
                    f"{field} is not newer; list each PTX once, newest first"
                )


def _maximum_faults(file: CudaFile) -> Iterator[str]:
    """Yield compute capabilities with two last drivers or two last toolkits, and branches that do
    not come one after the other.
    """
    for name, rows in (
        ("maximum_drivers", [row.compute_capabilities for row in file.maximum_drivers]),
        ("last_toolkits", [row.compute_capabilities for row in file.last_toolkits]),
    ):
        listed = [capability for some in rows for capability in some]
        for capability in dict.fromkeys(c for c in listed if listed.count(c) > 1):
            yield f"cuda.yaml: {name}: {capability} stands twice; remove one"
    for row in file.maximum_drivers:
        if key(row.before) <= key(row.branch):
            yield f"cuda.yaml: maximum_drivers: {row.branch} is not before {row.before}; swap them"


def gpus_faults(file: GpusFile, cuda: CudaFile | None) -> Iterator[str]:
    """Yield what is wrong with `gpus.yaml`, given the architectures in `cuda.yaml`."""
    known = (
        {capability for a in cuda.architectures for capability in a.compute_capabilities}
        if cuda
        else None
    )
    rows = {(gpu.name, gpu.compute_capability) for gpu in file.gpus}
    seen = set()
    for gpu in file.gpus:
        if known is not None and gpu.compute_capability not in known:
            yield (
                f"gpus.yaml: {gpu.name}: compute capability {gpu.compute_capability} belongs to "
                "no architecture; add it to one in cuda.yaml"
            )
        row = (gpu.name, gpu.compute_capability)
        if row in seen:
            yield f"gpus.yaml: {gpu.name}: stands twice; remove one"
        seen.add(row)
        for chip in gpu.chips:
            if (chip, gpu.compute_capability) not in rows:
                yield (
                    f"gpus.yaml: {gpu.name}: no row says that its chip {chip} has compute "
                    f"capability {gpu.compute_capability}; add one, or correct this one"
                )


def problems_faults(file: ProblemsFile, releases: Collection[str]) -> Iterator[str]:
    """Yield what is wrong with `problems.yaml`, given all releases."""
    ids = [problem.id for problem in file.problems]
    if ids != sorted(set(ids)):
        yield "problems.yaml: problems: list each id once, sorted"
    for problem in file.problems:
        where = f"problems.yaml: {problem.id}"
        yield from _bounds_faults(where, problem.releases, releases)
        for field in ("looks_like", "way_out", "sources"):
            if not getattr(problem, field):
                yield f"{where}: {field}: is empty; give at least one"
        for way in problem.way_out:
            yield from way_out_faults(f"{where}: way_out", way)


def release_notes_faults(file: ReleaseNotesFile, releases: Collection[str]) -> Iterator[str]:
    """Yield what is wrong with `release_notes.yaml`, given all releases."""
    ids = [note.id for note in file.release_notes]
    if ids != sorted(set(ids)):
        yield "release_notes.yaml: release_notes: list each id once, sorted"
    for note in file.release_notes:
        where = f"release_notes.yaml: {note.id}"
        yield from _bounds_faults(where, note.releases, releases)
        if not note.sources:
            yield f"{where}: sources: is empty; give at least one"
        for way in note.way_out:
            yield from way_out_faults(f"{where}: way_out", way)


def way_out_faults(where: str, way: WayOut) -> Iterator[str]:
    """Yield what is wrong with a way out."""
    if not way.text:
        yield f"{where}: says nothing; tell what to do, or name a command"
    if way.command is not None and way.told is not None and way.told.endswith((".", ":")):
        yield f"{where}: told: a colon follows it; end {way.told!r} without a sign"
    for name in way.presupposes:
        if way.presupposes.count(name) > 1:
            yield f"{where}: presupposes: {name} stands twice; remove one"
            break


def pins_faults(file: PinsFile, releases: Collection[str]) -> Iterator[str]:
    """Yield what is wrong with `pins.yaml`, given all releases."""
    seen = set()
    for pin in file.pins:
        where = f"pins.yaml: {pin.pin}"
        yield from _bounds_faults(where, pin.releases, releases)
        if not pin.distributions:
            yield f"{where}: distributions: is empty; name those that need it"
        if pin.source is None and not pin.runs:
            yield f"{where}: source: is null and no run proves it; name one or the other"
        row = pin._replace(reason="", source=None, runs=())
        if row in seen:
            yield f"{where}: stands twice for the same cells; remove one"
        seen.add(row)


def library_paths_faults(file: LibraryPathsFile, releases: Collection[str]) -> Iterator[str]:
    """Yield what is wrong with `library_paths.yaml`, given all releases."""
    for path in file.library_paths:
        where = f"library_paths.yaml: {path.releases.first or 'the first'}"
        yield from _bounds_faults(where, path.releases, releases)
        if not path.distributions:
            yield f"{where}: distributions: is empty; name those that need it"
        if path.source is None and not path.runs:
            yield f"{where}: source: is null and no run proves it; name one or the other"


def tools_faults(file: ToolsFile, releases: Collection[str]) -> Iterator[str]:
    """Yield what is wrong with `tools.yaml`, given all releases."""
    seen = set()
    for trial in file.trials:
        where = f"tools.yaml: {trial.tool}, {trial.release}, Python {trial.python}, {trial.device}"
        if trial.release not in releases:
            yield f"{where}: no such release; remove the row"
        cell = trial._replace(version="", day="", recipe="", why=None)
        if cell in seen:
            yield f"{where}: stands twice; remove one"
        seen.add(cell)


def resolutions_faults(name: str, file: ResolutionsFile) -> Iterator[str]:
    """Yield what is wrong with `resolutions/<name>.yaml`. A release that left the index since, as
    nightlies do, is no fault: the next run of the resolver drops it.
    """
    seen = set()
    for resolution in file.resolutions:
        first = resolution.requirements[0] if resolution.requirements else "?"
        where = f"resolutions/{name}.yaml: {first}"
        question = (resolution.python, resolution.platform, resolution.requirements)
        if question in seen:
            cell = f"Python {resolution.python}, {resolution.platform}"
            yield f"{where}, {cell}: stands twice; remove one"
        seen.add(question)
        if resolution.resolves == (resolution.conflict is not None):
            yield f"{where}: tells a conflict and resolves, or neither; {_ASK} {name}`"
        if bool(resolution.installs) == (resolution.installs_since is None):
            yield f"{where}: what it installs has no day, or a day has none; {_ASK} {name}`"
        release = resolution.requirements[0].specifier.exact if resolution.requirements else None
        if not (release or "").startswith(f"{name}."):
            yield f"{where}: is about no release of {name}; {_ASK} {name}`"


def _bounds_faults(where: str, bounds: Bounds, releases: Collection[str]) -> Iterator[str]:
    for end in bounds:
        if end is not None and end not in releases:
            yield f"{where}: releases: there is no release {end}; name one that there is"
    if bounds.first and bounds.last and key(bounds.first) > key(bounds.last):
        yield f"{where}: releases: first is after last; swap them"
