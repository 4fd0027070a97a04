"""Everything on one page: for each platform and device a grid of series and Pythons."""

from kb.cells import Cell
from kb.model import Python
from kb.record import Record
from kb.standing import RUNGS
from kb.terminal import DEVICE_NAMES, PLATFORM_NAMES
from pages.knowledge import Knowledge
from pages.rungs import MARKS, Mark, Place, by_place, mark, newest_first


class Panel(Record):
    """The grid of one platform and device; the newest series and Python first."""

    id: str
    device: str
    pythons: tuple[Python, ...]
    rows: tuple[tuple[str, tuple[Cell | None, ...]], ...]


class PlatformPanels(Record):
    """The grids of one platform, a device each."""

    id: str
    name: str
    panels: tuple[Panel, ...]


def platform_panels(knowledge: Knowledge) -> tuple[PlatformPanels, ...]:
    """Return the grids of every platform and device that some series has a build for."""
    cells = {name: by_place(answer) for name, answer in knowledge.answers.items()}
    found = []
    for platform, name in PLATFORM_NAMES.items():
        panels = tuple(
            _panel(f"{platform}-{device}", device_name, rows)
            for device, device_name in DEVICE_NAMES.items()
            if (rows := _rows(cells, (platform, device)))
        )
        if panels:
            found.append(PlatformPanels(platform, name, panels))
    return tuple(found)


def _rows(
    cells: dict[str, dict[Place, dict[Python, Cell]]], place: Place
) -> dict[str, dict[Python, Cell]]:
    return {name: places[place] for name, places in cells.items() if place in places}


def _panel(name: str, device: str, rows: dict[str, dict[Python, Cell]]) -> Panel:
    pythons = newest_first(python for row in rows.values() for python in row)
    return Panel(
        name,
        device,
        pythons,
        tuple((series, tuple(row.get(one) for one in pythons)) for series, row in rows.items()),
    )


class Count(Record):
    """How many cells have a mark, and where its bar begins and how long it is, out of 1000."""

    mark: Mark
    cells: int
    start: int
    length: int


def counts(knowledge: Knowledge) -> tuple[Count, ...]:
    """Count the cells of all series by their mark, the highest rung first."""
    marks = [
        mark(cell.standing)
        for answer in knowledge.answers.values()
        for build in answer.builds
        for cell in build.cells
    ]
    found = []
    start = 0
    for one in sorted(MARKS, key=_height, reverse=True):
        number = marks.count(one)
        length = round(1000 * number / (len(marks) or 1))
        found.append(Count(one, number, start, length))
        start += length
    return tuple(found)


def _height(one: Mark) -> int:
    return next((place for place, rung in enumerate(RUNGS) if rung == one.name), -1)
