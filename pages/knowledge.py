"""All that the pages show, read once."""

from collections.abc import Callable
from os import PathLike, fspath
from pathlib import Path
from typing import Any, TypeVar

from kb.answers.releases import VersionQuestion
from kb.base.model import (
    CudaFile,
    GpusFile,
    LibrariesFile,
    LibraryPathsFile,
    PinsFile,
    ProblemsFile,
    SeriesFile,
    ToolTrial,
)
from kb.base.record import Record
from kb.base.store import Store
from kb.lookup.answer import Answer, lookup
from pages.errors import ErrorShown, known_errors
from pages.rungs import newest_first
from pages.runs import RunShown, read_runs

File = TypeVar("File")


class Knowledge(Record):
    """The answer to a look-up of every series, the newest first, and the tables beside them.

    `index_text` is that of `index.json`, from which `find` answers.
    """

    answers: dict[str, Answer]
    files: dict[str, SeriesFile]
    cuda: CudaFile
    gpus: GpusFile
    problems: ProblemsFile
    runs: tuple[RunShown, ...]
    index_text: str
    errors: tuple[ErrorShown, ...]
    trials: tuple[ToolTrial, ...]

    def released(self) -> tuple[Answer, ...]:
        """Return the answers of the series that have a release, not only nightlies."""
        return tuple(
            answer for answer in self.answers.values() if not is_nightly(answer) and answer.builds
        )


def is_nightly(answer: Answer) -> bool:
    """Tell whether there are only nightlies of a series."""
    return {build.published.release.distribution for build in answer.builds} == {"tf-nightly"}


class _OpenedOnce(Store):
    """A store that opens each file once, however many series ask for it."""

    def __init__(self, data: str) -> None:
        super().__init__(data)
        self._kept: dict[str, Any] = {}

    def series(self, name: str) -> SeriesFile:
        return self._once(name, lambda: super(_OpenedOnce, self).series(name))

    def cuda(self) -> CudaFile:
        return self._once("cuda", super().cuda)

    def problems(self) -> ProblemsFile:
        return self._once("problems", super().problems)

    def pins(self) -> PinsFile:
        return self._once("pins", super().pins)

    def library_paths(self) -> LibraryPathsFile:
        return self._once("library_paths", super().library_paths)

    def libraries(self) -> LibrariesFile:
        return self._once("libraries", super().libraries)

    def _once(self, name: str, read: Callable[[], File]) -> File:
        if name not in self._kept:
            self._kept[name] = read()
        kept: File = self._kept[name]
        return kept


def read_knowledge(data: str | PathLike[str], runs: Path) -> Knowledge:
    """Read the knowledge base in one folder, and the runs in another.

    Raises DocumentError.
    """
    store = _OpenedOnce(fspath(data))
    names = newest_first(store.series_names())
    return Knowledge(
        answers={name: lookup(store, VersionQuestion(name)) for name in names},
        files={name: store.series(name) for name in names},
        cuda=store.cuda(),
        gpus=store.gpus(),
        problems=store.problems(),
        runs=read_runs(runs, store.attestations()),
        index_text=store.index_text(),
        errors=known_errors(store),
        trials=store.tools().trials,
    )
