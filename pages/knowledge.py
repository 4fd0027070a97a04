"""All that the pages show, read once."""

from os import PathLike
from pathlib import Path

from kb.answers.releases import VersionQuestion
from kb.base.model import (
    CudaFile,
    GpusFile,
    OtherGpusFile,
    ProblemsFile,
    SeriesFile,
    ToolTrial,
)
from kb.base.record import Record
from kb.base.store import OpenedOnce
from kb.lookup.answer import Answer, lookup
from pages.errors import ErrorShown, known_errors
from pages.rungs import newest_first
from pages.runs import RunShown, read_runs


class Knowledge(Record):
    """The answer to a look-up of every series, the newest first, and the tables beside them.

    `index_text` is that of `index.json`, from which `find` answers.
    """

    answers: dict[str, Answer]
    files: dict[str, SeriesFile]
    cuda: CudaFile
    gpus: GpusFile
    other_gpus: OtherGpusFile
    problems: ProblemsFile
    runs: tuple[RunShown, ...]
    index_text: str
    errors: tuple[ErrorShown, ...]
    trials: tuple[ToolTrial, ...]

    def released(self) -> tuple[Answer, ...]:
        """Return the answers of the series that have a release."""
        return tuple(
            answer for answer in self.answers.values() if answer.kind == "release" and answer.builds
        )

    def tabled(self) -> tuple[Answer, ...]:
        """Return the answers that tables hold: those of releases, and of candidates, which the
        tables mark. A nightly is no series.
        """
        return tuple(answer for answer in self.answers.values() if answer.kind != "nightly")

    def unreleased(self) -> tuple[Answer, ...]:
        """Return the answers of candidates and of the nightly."""
        return tuple(answer for answer in self.answers.values() if answer.kind != "release")


def read_knowledge(data: str | PathLike[str], runs: Path) -> Knowledge:
    """Read the knowledge base in one folder, and the runs in another.

    Raises DocumentError.
    """
    store = OpenedOnce(data)
    names = newest_first(store.series_names())
    return Knowledge(
        answers={
            name: lookup(store, VersionQuestion(version=name), with_plugins=True) for name in names
        },
        files={name: store.series(name) for name in names},
        cuda=store.cuda(),
        gpus=store.gpus(),
        other_gpus=store.other_gpus(),
        problems=store.problems(),
        runs=read_runs(runs, store.attestations(), store.senders()),
        index_text=store.index_text(),
        errors=known_errors(store),
        trials=store.tools().trials,
    )
