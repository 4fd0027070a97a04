"""How sure we are of a cell, as a mark: a letter, a word and a colour, never a colour alone."""

from collections.abc import Iterable

from kb.base.model import Device, Platform, Python
from kb.base.names import DEVICE_NAMES, PLATFORM_NAMES
from kb.base.record import Record
from kb.base.versions import key
from kb.cells.cells import Cell
from kb.cells.ranking import order
from kb.cells.rungs import RUNG_MEANINGS
from kb.cells.standing import Standing
from kb.cells.sureness import vouched
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
    if standing.standing in ("broken", "disputed"):
        return _BY_NAME[standing.standing]
    return None if standing.rung is None else _BY_NAME[standing.rung]


def standing_text(standing: Standing) -> str:
    """Say a standing in words, with the day and whom to believe."""
    shown = mark(standing)
    if shown is None:
        return "nothing proves this"
    text = f"{shown.name} as of {standing.as_of}: {standing.why or shown.meaning}"
    return f"{text} ({vouched(standing.on())})" if standing.trust else text


Target = tuple[Platform, Device]


def by_target(answer: Answer) -> dict[Target, dict[Python, Cell]]:
    """Return the best cell of each platform, device and Python of an answer, Pythons newest first;
    platforms and devices in the order in which they are named.
    """
    best: dict[Target, dict[Python, Cell]] = {}
    for cell in (cell for build in answer.builds for cell in build.cells):
        here = best.setdefault((cell.key.platform, cell.key.device), {})
        before = here.get(cell.key.python)
        if before is None or order(cell) > order(before):
            here[cell.key.python] = cell
    return {
        target: {python: best[target][python] for python in newest_first(best[target])}
        for target in sorted(best, key=_order)
    }


def _order(target: Target) -> tuple[int, int]:
    return list(PLATFORM_NAMES).index(target[0]), list(DEVICE_NAMES).index(target[1])


def newest_first(versions: Iterable[str]) -> tuple[str, ...]:
    """Return versions, each once, the newest first."""
    return tuple(sorted(set(versions), key=lambda version: (key(version), version), reverse=True))
