"""The folder of runs: put a run where it belongs, and read all that are there."""

import re
import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from kb.base.errors import DocumentError, NotARun
from kb.base.model import RunId, Sha256
from kb.base.record import Record
from kb.base.versions import series
from kb.base.writing import write
from kb.cells.recipe_id import recipe_id
from kb.cells.recipes import Recipe
from kb.runs import run_file
from kb.runs.run_file import Run

_UNFINISHED = re.compile(r"\.[0-9]{4}-[0-9]{2}-[0-9]{2}-[0-9a-f]{12}\.json\.\w+")
_WRITTEN_S = 60.0  # what writing a run takes at most


class Filed(Record):
    """A run and the file that holds it."""

    path: Path
    raw: bytes
    run: Run

    @property
    def id(self) -> RunId:
        """The id of the run."""
        return run_file.run_id(self.run, self.raw)

    @property
    def sha256(self) -> Sha256:
        """The SHA-256 of the file, by which ledgers know it."""
        return sha256(self.raw).hexdigest()

    @property
    def place(self) -> Path:
        """Where the file belongs, below the folder of all runs."""
        return run_file.place(self.run, self.raw)


def save(folder: Path, run: Run) -> Path:
    """Write a run below a folder and return its path. Raises NotARun, OSError."""
    text = run_file.text(run)
    raw = text.encode()
    try:
        if run_file.read(raw, "the run") != run:
            raise NotARun("the run does not read back as it was written")
    except DocumentError as error:
        raise NotARun(f"{error}; report it as a bug") from None
    path = folder / run_file.place(run, raw)
    if not path.exists():
        write(path, text)
    return path


def remove_unfinished(folder: Path) -> None:
    """Remove the temporary files of runs that were being written when the process was killed."""
    for path in folder.glob("*/*/.*"):
        if _UNFINISHED.fullmatch(path.name) and time.time() - path.stat().st_mtime > _WRITTEN_S:
            path.unlink(missing_ok=True)


def files(folder: Path) -> list[Path]:
    """Return the files of all runs, sorted."""
    return sorted(folder.glob("*/*/*.json"))


def read_all(folder: Path) -> Iterator[Filed]:
    """Yield every run. Raises DocumentError for a file that holds none."""
    yield from map(filed, files(folder))


def of_recipe(folder: Path, recipe: Recipe) -> list[Filed]:
    """Return the runs of a recipe. Raises DocumentError for a file that holds no run."""
    cell = recipe.cell
    paths = sorted((folder / series(cell.release) / run_file.cell_name(cell)).glob("*.json"))
    return [file for file in map(filed, paths) if file.run.recipe == recipe_id(recipe)]


def filed(path: Path) -> Filed:
    """Read the run in a file. Raises DocumentError where it holds none."""
    raw = load(path)
    return Filed(path, raw, run_file.read(raw, str(path)))


def load(path: Path) -> bytes:
    """Return the bytes of a run's file, of which no more than allowed are read.

    Raises DocumentError.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(run_file.MAX_BYTES + 1)
    except OSError as error:
        raise DocumentError(f"{path}: {error.strerror or error}") from None
    if len(raw) > run_file.MAX_BYTES:
        raise DocumentError(f"{path}: larger than {run_file.MAX_BYTES} bytes; no run is that large")
    return raw
