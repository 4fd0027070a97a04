"""The challenge of a run: its day and its cell determine the numbers that it computes with."""

import struct
from hashlib import sha256

from kb.cells.recipes import CellKey
from kb.runs.run_file import Float32, cell_name
from verify.runner.probe import FLOAT32


def seed(cell: CellKey, day: str) -> str:
    """Return the seed for the runs of a cell on a day of UTC, `2026-11-26`."""
    return sha256(f"tensorflow-compat challenge 1 {cell_name(cell)} {day}".encode()).hexdigest()


def number(word: Float32) -> float:
    """Return the float32 number of an answer, which is written to the last bit."""
    return float(struct.unpack(FLOAT32, bytes.fromhex(word))[0])
