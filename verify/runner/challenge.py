"""The challenge of a run: its day and its cell determine the numbers that it computes with."""

from hashlib import sha256

from kb.cells.recipes import CellKey
from kb.runs.run_file import cell_name


def seed(cell: CellKey, day: str) -> str:
    """Return the seed for the runs of a cell on a day of UTC, `2026-11-26`."""
    return sha256(f"tensorflow-compat challenge 1 {cell_name(cell)} {day}".encode()).hexdigest()
