"""Which cell is the best, and of which we are surest: one order, which all answers share."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from kb.base.model import Python
from kb.base.names import PREFERENCE
from kb.base.versions import key
from kb.cells.rungs import height

if TYPE_CHECKING:
    from kb.cells.cells import Cell

Order = tuple[object, ...]


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


def surest(cells: "Iterable[Cell]") -> "Cell | None":
    """Return the first of those that are not broken and on the highest rung; None where there is no
    cell.
    """
    return max(
        cells,
        key=lambda cell: (cell.standing.standing != "broken", height(cell.standing.rung)),
        default=None,
    )
