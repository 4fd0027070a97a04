"""Take what cells left behind: of each cell that was asked for one file, a run of that cell that
fits. Nothing that a cell wrote decides what it is taken for.
"""

import stat
from collections.abc import Iterator
from pathlib import Path

from kb.base.record import Record
from kb.base.writing import write
from kb.cells.recipes import CellKey
from kb.runs import run_file
from kb.runs.folder import Filed
from verify.check import Reviewer, verdict


class Taken(Record):
    """What came of one artifact: the run that was taken, or why none was."""

    artifact: str
    run: Filed | None
    why: tuple[str, ...] = ()


def take(reviewer: Reviewer, artifacts: Path, asked: dict[str, CellKey]) -> Iterator[Taken]:
    """Yield what came of each artifact that was asked for, and of each that was not.

    `asked` has the cell of each artifact, by the name of its folder in `artifacts`.
    """
    there = sorted(path.name for path in artifacts.iterdir()) if artifacts.is_dir() else []
    for name in there:
        if name not in asked:
            yield Taken(name, None, ("nobody asked for it",))
    for name, cell in asked.items():
        if name in there:
            yield _taken(reviewer, artifacts / name, cell)
        else:
            yield Taken(name, None, ("the runner left no run",))


def _taken(reviewer: Reviewer, folder: Path, cell: CellKey) -> Taken:
    path = _only_file(folder)
    if path is None:
        return Taken(folder.name, None, ("it is not one plain file",))
    filed, faults = verdict(reviewer, path)
    if filed is not None and filed.run.cell() != cell:
        faults = (f"it is of {run_file.cell_name(filed.run.cell())}", *faults)
    if filed is None or faults:
        return Taken(folder.name, None, faults)
    return Taken(folder.name, filed)


def _only_file(folder: Path) -> Path | None:
    """Return the one thing in a folder, if it is a plain file; links are none."""
    if not stat.S_ISDIR(folder.lstat().st_mode):
        return None
    found = list(folder.iterdir())
    if len(found) != 1 or not stat.S_ISREG(found[0].lstat().st_mode):
        return None
    return found[0]


def keep(taken: Filed, into: Path) -> Path:
    """Write a run that was taken where it belongs below a folder; return its path."""
    path = into / taken.place
    write(path, taken.raw.decode())
    return path
