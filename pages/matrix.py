"""Everything on one page: for each platform and device a grid of series and Pythons."""

from collections.abc import Mapping

from kb.base.model import Device, Platform, Python
from kb.base.names import DEVICE_NAMES
from kb.base.record import Record
from kb.base.versions import Kind
from kb.cells.cells import Cell
from kb.cells.rungs import RUNGS, height
from kb.lookup.answer import Answer
from pages.knowledge import Knowledge
from pages.others import cuda_builds
from pages.rungs import MARKS, Mark, Target, by_target, mark, newest_first
from pages.systems import System, of_platforms


class MatrixRow(Record):
    """One series, as its release or its candidate has it: its cells, and in a panel of CUDA what
    its builds were made with.
    """

    series: str
    kind: Kind
    cuda: tuple[str, ...]
    cells: tuple[Cell | None, ...]


class Panel(Record):
    """The grid of one platform and device; the newest series and Python first."""

    id: str
    device: str
    pythons: tuple[Python, ...]
    rows: tuple[MatrixRow, ...]


class SystemPanels(Record):
    """The grids of one system, a device each."""

    system: System
    panels: tuple[Panel, ...]


def system_panels(knowledge: Knowledge) -> tuple[SystemPanels, ...]:
    """Return the grids of every system and device that some series has a build for."""
    answers = {answer.series: answer for answer in knowledge.tabled()}
    cells = {name: by_target(answer) for name, answer in answers.items()}
    cuda: dict[tuple[str, Platform], list[str]] = {}
    for build in cuda_builds(knowledge):
        if build.toolkit.cuda:
            cuda.setdefault((build.series, build.platform), []).append(build.toolkit.cuda)
    found = []
    for system in of_platforms():
        platform = system.platform
        panels = tuple(
            _panel(platform, device, rows, cuda if device == "cuda" else {}, answers)
            for device in DEVICE_NAMES
            if platform and (rows := _rows(cells, (platform, device)))
        )
        if panels:
            found.append(SystemPanels(system, panels))
    return tuple(found)


def _rows(
    cells: dict[str, dict[Target, dict[Python, Cell]]], target: Target
) -> dict[str, dict[Python, Cell]]:
    return {name: found[target] for name, found in cells.items() if target in found}


def _panel(
    platform: Platform,
    device: Device,
    rows: dict[str, dict[Python, Cell]],
    cuda: Mapping[tuple[str, Platform], list[str]],
    answers: Mapping[str, Answer],
) -> Panel:
    pythons = newest_first(python for row in rows.values() for python in row)
    return Panel(
        id=f"{platform}-{device}",
        device=DEVICE_NAMES[device],
        pythons=pythons,
        rows=tuple(
            MatrixRow(
                series=series,
                kind=answers[series].kind,
                cuda=newest_first(cuda.get((series, platform), ())),
                cells=tuple(row.get(python) for python in pythons),
            )
            for series, row in rows.items()
        ),
    )


class Count(Record):
    """How many cells have a mark, and where its bar begins and how long it is, out of 1000."""

    mark: Mark
    cells: int
    start: int
    length: int


def counts(knowledge: Knowledge) -> tuple[Count, ...]:
    """Count the cells of all releases by their mark, the highest rung first."""
    marks = [
        mark(cell.standing)
        for answer in knowledge.released()
        for build in answer.builds
        for cell in build.cells
    ]
    found = []
    start = 0
    for shown in sorted(MARKS, key=_height, reverse=True):
        number = marks.count(shown)
        length = round(1000 * number / (len(marks) or 1))
        found.append(Count(mark=shown, cells=number, start=start, length=length))
        start += length
    return tuple(found)


def _height(shown: Mark) -> int:
    return height(shown.name) if shown.name in RUNGS else -1
