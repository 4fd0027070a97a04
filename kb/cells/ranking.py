"""Which cell is the best, and of which we are surest: one order, which all answers share."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from kb.base.model import Python
from kb.base.names import PREFERENCE
from kb.base.versions import key
from kb.cells.rungs import Verdict, height

if TYPE_CHECKING:
    from kb.cells.cells import Cell

Order = tuple[object, ...]
_BELOW_ALL = {"broken": -3, "disputed": -2}


def rank(*, release: object, rung: str | None, python: Python, distribution: str) -> Order:
    """Return what sorts cells that fit: the newest release, the highest rung, the newest Python,
    the distribution that is made for the device. `release` is whatever sorts releases.
    """
    return release, height(rung), key(python), -PREFERENCE[distribution]


def order(cell: "Cell", python: Python | None = None) -> Order:
    """Return what sorts all cells: those that are not broken, of the Python that is asked for, and
    then by `rank`.
    """
    standing, of = cell.standing, cell.key
    is_sound = standing.standing != "broken"
    fit = rank(
        release=key(of.release),
        rung=standing.rung,
        python=of.python,
        distribution=of.distribution,
    )
    return is_sound, of.python == python, *fit


def best(cells: "Iterable[Cell]", python: Python | None = None) -> "Cell | None":
    """Return the cell to recommend, by `order`; None where there is no cell."""
    return max(cells, key=lambda cell: order(cell, python), default=None)


def best_by_python(cells: "Iterable[Cell]") -> "dict[Python, Cell]":
    """Return the best cell of each Python, by `order`; the newest Python first."""
    found: dict[Python, list[Cell]] = {}
    for cell in cells:
        found.setdefault(cell.key.python, []).append(cell)
    newest_first = sorted(found, key=lambda python: (key(python), python), reverse=True)
    return {python: max(found[python], key=order) for python in newest_first}


def stands(rung: str | None, standing: Verdict) -> str | None:
    """Return in a word where a cell stands: its rung, or that it is broken or disputed; None where
    nothing proves it.
    """
    return standing if standing in ("broken", "disputed") else rung


def certainty(word: str | None) -> int:
    """Return what sorts such words: broken, disputed, nothing, and then the rungs."""
    if word in _BELOW_ALL:
        return _BELOW_ALL[word]
    return height(word)


def by_certainty(
    words: "Iterable[tuple[Python, str | None]]",
) -> "tuple[tuple[str | None, tuple[Python, ...]], ...]":
    """Return the Pythons that stand alike, and where, the surest first."""
    found: dict[str | None, list[Python]] = {}
    for python, word in words:
        found.setdefault(word, []).append(python)
    ordered = sorted(found, key=certainty, reverse=True)
    return tuple((word, tuple(found[word])) for word in ordered)
