"""How sure we are of a cell, as a mark: a letter, a word and a colour, never a colour alone."""

from collections.abc import Iterable

from kb.base.model import Device, Platform, Python
from kb.base.names import DEVICE_NAMES, PLATFORM_NAMES
from kb.base.record import Record
from kb.base.versions import key
from kb.cells.cells import Cell
from kb.cells.ranking import best_by_python, by_certainty, certainty, stands
from kb.cells.rungs import RUNG_MEANINGS
from kb.cells.standing import Standing
from kb.lookup.answer import Answer

_LETTERS = {
    "documented": "D",
    "shipped": "S",
    "resolves": "V",
    "runs": "R",
    "links": "L",
    "runs-gpu": "G",
    "disputed": "!",
    "broken": "X",
}
_MEANINGS = {
    **{str(rung): meaning.in_short for rung, meaning in RUNG_MEANINGS.items()},
    "disputed": "one run passes and another does not",
    "broken": "it cannot be set up, or does not compute right",
}


class Mark(Record):
    """A mark: its name is a rung, `broken` or `disputed`, and is its class in the style sheet."""

    name: str
    letter: str
    meaning: str


MARKS: tuple[Mark, ...] = tuple(
    Mark(name, letter, _MEANINGS[name]) for name, letter in _LETTERS.items()
)
_BY_NAME = {mark.name: mark for mark in MARKS}


def mark(standing: Standing) -> Mark | None:
    """Return the mark of a standing; None where nothing proves anything."""
    return _BY_NAME.get(stands(standing.rung, standing.standing) or "")


class MarkOfPythons(Record):
    """A mark, the Pythons whose cells have it, and the cell of the newest of them; whether one
    runner alone saw that of some.
    """

    mark: Mark | None
    pythons: tuple[Python, ...]
    cell: Cell
    is_alone: bool


def by_mark(cells: Iterable[Cell]) -> tuple[MarkOfPythons, ...]:
    """Return the marks of the best cells of each Python, the surest first."""
    best = best_by_python(cells)
    words = ((p, stands(c.standing.rung, c.standing.standing)) for p, c in best.items())
    return tuple(
        MarkOfPythons(
            mark=_BY_NAME.get(word or ""),
            pythons=pythons,
            cell=best[pythons[0]],
            is_alone=any(best[python].standing.is_alone for python in pythons),
        )
        for word, pythons in by_certainty(words)
    )


class MarkRange(Record):
    """The mark that all of some cells have at least, and the one that the surest of them have;
    whether one runner alone saw that of each.
    """

    least: Mark | None
    most: Mark | None
    is_alone: bool


def range_of_marks(cells: Iterable[Cell]) -> MarkRange | None:
    """Return the marks of the best cells of each platform and Python; None where there is none."""
    found: dict[Platform, list[Cell]] = {}
    for cell in cells:
        found.setdefault(cell.key.platform, []).append(cell)
    standings = [cell.standing for some in found.values() for cell in best_by_python(some).values()]
    words = [stands(own.rung, own.standing) for own in standings]
    if not words:
        return None
    least, most = min(words, key=certainty), max(words, key=certainty)
    return MarkRange(
        least=_BY_NAME.get(least or ""),
        most=_BY_NAME.get(most or ""),
        is_alone=all(
            own.is_alone for own, word in zip(standings, words, strict=True) if word == most
        ),
    )


Target = tuple[Platform, Device]


def by_target(answer: Answer) -> dict[Target, dict[Python, Cell]]:
    """Return the best cell of each platform, device and Python of an answer, Pythons newest first;
    platforms and devices in the order in which they are named.
    """
    cells: dict[Target, list[Cell]] = {}
    for cell in (cell for build in answer.builds for cell in build.cells):
        cells.setdefault((cell.key.platform, cell.key.device), []).append(cell)
    return {target: best_by_python(cells[target]) for target in sorted(cells, key=_order)}


def _order(target: Target) -> tuple[int, int]:
    return list(PLATFORM_NAMES).index(target[0]), list(DEVICE_NAMES).index(target[1])


def newest_first(versions: Iterable[str]) -> tuple[str, ...]:
    """Return versions, each once, the newest first."""
    return tuple(sorted(set(versions), key=lambda version: (key(version), version), reverse=True))
