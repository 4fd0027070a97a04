"""The pages by the other ends: a Python, a CUDA, a compute capability."""

from typing import TypeVar

from kb.answers.releases import BuildAnswer
from kb.base.model import (
    Capability,
    FirstToolkit,
    LastToolkit,
    MaximumDriver,
    Pin,
    Platform,
    Problem,
    Python,
)
from kb.base.record import Record
from kb.base.versions import Kind, key
from kb.cells.cells import Cell
from kb.facts.gpu_code import GpuCode, for_gpu, native_in
from kb.facts.toolkits import MinimumDriver, Toolkit
from kb.lookup.answer import Answer
from pages.facts import cudnn_versions
from pages.knowledge import Knowledge
from pages.rungs import MarkOfPythons, Target, by_mark, by_target, newest_first


class TableRow(Record):
    """One series in a table, as its release or its candidate has it: its cells by target, None
    where there is nothing.
    """

    series: str
    kind: Kind
    cells: tuple[Cell | None, ...]


class Table(Record):
    """Series by platforms and devices, and the nightly for this Python, if it has a wheel."""

    targets: tuple[Target, ...]
    rows: tuple[TableRow, ...]
    nightly: Answer | None

    def released(self) -> tuple[str, ...]:
        """Return the series that have a release, the newest first."""
        return tuple(row.series for row in self.rows if row.kind == "release")

    def candidates(self) -> tuple[str, ...]:
        """Return the series that have a candidate alone."""
        return tuple(row.series for row in self.rows if row.kind == "candidate")


def python_table(knowledge: Knowledge, python: Python) -> Table:
    """Return which series run on a Python, and where."""
    answers = {answer.series: answer for answer in knowledge.tabled()}
    found = {
        name: {target: here[python] for target, here in by_target(answer).items() if python in here}
        for name, answer in answers.items()
    }
    targets = tuple(dict.fromkeys(target for here in _widest_first(found) for target in here))
    rows = tuple(
        TableRow(name, answers[name].kind, tuple(here.get(target) for target in targets))
        for name, here in found.items()
        if here
    )
    nightlies = (
        answer
        for answer in knowledge.unreleased()
        if answer.kind == "nightly" and any(python in build.pythons for build in answer.builds)
    )
    return Table(targets, rows, next(nightlies, None))


def _widest_first(found: dict[str, dict[Target, Cell]]) -> list[dict[Target, Cell]]:
    return sorted(found.values(), key=len, reverse=True)


def pythons(knowledge: Knowledge) -> tuple[Python, ...]:
    """Return every Python that a release, a candidate or the nightly has a wheel for, the newest
    first.
    """
    return newest_first(
        python
        for answer in knowledge.answers.values()
        for build in answer.builds
        for python in build.pythons
        if "." in python
    )


class CudaSeries(Record):
    """CUDA builds of one series on one platform: their toolkit, Pythons and best cell. Of a series
    that has a candidate alone, `kind` says so.
    """

    series: str
    kind: Kind
    platform: Platform
    toolkit: Toolkit
    cudnn: tuple[tuple[str, str], ...]
    driver: MinimumDriver | None
    pythons: tuple[Python, ...]
    marks: tuple[MarkOfPythons, ...]


def cuda_builds(knowledge: Knowledge) -> tuple[CudaSeries, ...]:
    """Return the CUDA builds, each series and platform once for each toolkit."""
    found: dict[tuple[str, Platform, str | None], list[BuildAnswer]] = {}
    kinds = {}
    for answer in knowledge.tabled():
        kinds[answer.series] = answer.kind
        for build in answer.builds:
            if "cuda" in build.devices:
                group = (answer.series, build.published.build.platform, build.toolkit.cuda)
                found.setdefault(group, []).append(build)
    return tuple(
        CudaSeries(
            series=name,
            kind=kinds[name],
            platform=platform,
            toolkit=builds[0].toolkit,
            cudnn=cudnn_versions(builds[0].toolkit),
            driver=builds[0].driver,
            pythons=newest_first(python for build in builds for python in build.pythons),
            marks=by_mark(c for build in builds for c in build.cells if c.key.device == "cuda"),
        )
        for (name, platform, _), builds in found.items()
    )


def short_cuda(version: str) -> str:
    """Return the release of CUDA or cuDNN without its patch: `12.5` for `12.5.1`."""
    return ".".join(version.split(".")[:2])


def by_cuda(builds: tuple[CudaSeries, ...]) -> dict[str, tuple[CudaSeries, ...]]:
    """Return the CUDA builds of each release of CUDA, the newest first. A wheel that says only a
    major release stands under that.
    """
    found: dict[str, list[CudaSeries]] = {}
    for build in builds:
        if build.toolkit.cuda is not None:
            found.setdefault(short_cuda(build.toolkit.cuda), []).append(build)
    return {name: tuple(found[name]) for name in newest_first(found)}


def by_cudnn(builds: tuple[CudaSeries, ...]) -> dict[str, tuple[CudaSeries, ...]]:
    """Return the CUDA builds of each release of cuDNN that something names for them, the newest
    first. What names only a major release counts where nothing else does.
    """
    found: dict[str, list[CudaSeries]] = {}
    for build in builds:
        named = dict.fromkeys(short_cuda(version) for version, _ in build.cudnn)
        finer = [version for version in named if "." in version]
        for version in finer or named:
            found.setdefault(version, []).append(build)
    return {name: tuple(found[name]) for name in newest_first(found)}


class GpuRow(Record):
    """What the wheels of a series have for a compute capability; `code` is None where they do not
    say it and were not read.
    """

    series: str
    kind: Kind
    platform: Platform
    release: str
    cuda: str | None
    code: GpuCode | None


class GpuPage(Record):
    """A compute capability: its architecture, its GPUs, the first and the last CUDA that know it,
    the last driver branch for it, what each series has for it, the problems that name it, and the
    pins that it needs.
    """

    capability: Capability
    architecture: str
    gpus: tuple[str, ...]
    sources: tuple[str, ...]
    knows: FirstToolkit | None
    last: LastToolkit | None
    maximum_driver: MaximumDriver | None
    rows: tuple[GpuRow, ...]
    problems: tuple[Problem, ...]
    pins: tuple[Pin, ...]


def capabilities(knowledge: Knowledge) -> tuple[Capability, ...]:
    """Return every compute capability that is known of, the newest first."""
    return newest_first(
        [
            *(gpu.compute_capability for gpu in knowledge.gpus.gpus),
            *(toolkit.compute_capability for toolkit in knowledge.cuda.knows),
            *(
                capability
                for answer in knowledge.answers.values()
                for build in answer.builds
                if build.code is not None
                for capability in native_in(build.code)
            ),
        ]
    )


def gpu_page(knowledge: Knowledge, capability: Capability) -> GpuPage:
    """Return what there is to say of a compute capability."""
    gpus = [gpu for gpu in knowledge.gpus.gpus if gpu.compute_capability == capability]
    names = [
        architecture.name
        for architecture in knowledge.cuda.architectures
        if capability in architecture.compute_capabilities
    ]
    knows = (
        toolkit for toolkit in knowledge.cuda.knows if toolkit.compute_capability == capability
    )
    problems = knowledge.problems.problems
    return GpuPage(
        capability=capability,
        architecture="/".join(names),
        gpus=tuple(dict.fromkeys(gpu.name for gpu in gpus)),
        sources=tuple(dict.fromkeys(gpu.source for gpu in gpus)),
        knows=next(knows, None),
        last=_of_capability(knowledge.cuda.last_toolkits, capability),
        maximum_driver=_of_capability(knowledge.cuda.maximum_drivers, capability),
        rows=tuple(row for answer in knowledge.tabled() for row in _gpu_rows(answer, capability)),
        problems=tuple(
            problem for problem in problems if capability in problem.compute_capabilities
        ),
        pins=_pins(knowledge, capability),
    )


_Row = TypeVar("_Row", LastToolkit, MaximumDriver)


def _of_capability(rows: tuple[_Row, ...], capability: Capability) -> _Row | None:
    return next((row for row in rows if capability in row.compute_capabilities), None)


def _gpu_rows(answer: Answer, capability: Capability) -> list[GpuRow]:
    """Return a row for each platform with a CUDA build, of its newest release."""
    newest: dict[Platform, BuildAnswer] = {}
    for build in answer.builds:
        if "cuda" in build.devices:
            newest.setdefault(build.published.build.platform, build)
    rows = []
    for platform, build in newest.items():
        release = build.published.release.release
        rows.append(
            GpuRow(
                series=answer.series,
                kind=answer.kind,
                platform=platform,
                release=release,
                cuda=build.toolkit.cuda,
                code=for_gpu(build.code, capability) if build.code else None,
            )
        )
    return rows


def _pins(knowledge: Knowledge, capability: Capability) -> tuple[Pin, ...]:
    found = (
        pin
        for answer in knowledge.answers.values()
        for build in answer.builds
        for cell in build.cells
        for pin in cell.pins
        if pin.compute_capability_below and key(capability) < key(pin.compute_capability_below)
    )
    return tuple(dict.fromkeys(found))
