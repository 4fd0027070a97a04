"""The JSON document that `python -m kb list --json` promises: its records, and how the series fill
them. Fields may be added; none may go, and none may change its meaning.
"""

from kb.base.json_values import json_text
from kb.base.model import Day, Dotted, Format, Platform, Python, Version
from kb.base.record import Record
from kb.cells.standing import Rung
from kb.list.answer import SeriesRow


class RungsDocument(Record):
    """The highest rung on which a set-up for the CPU stands, and one for CUDA."""

    cpu: Rung | None
    cuda: Rung | None


class SeriesDocument(Record):
    """A series: its newest release and the day of that, its Pythons and platforms, the CUDA and
    cuDNN of its newest CUDA build, and how sure we are.
    """

    series: Dotted
    release: Version
    released: Day
    python: tuple[Python, ...]
    platforms: tuple[Platform, ...]
    cuda: Dotted | None
    cudnn: Dotted | None
    rungs: RungsDocument


class ListDocument(Record):
    """The series, the newest first."""

    format: Format
    series: tuple[SeriesDocument, ...]


def document(rows: tuple[SeriesRow, ...]) -> str:
    """Return the JSON document of the series."""
    return json_text(ListDocument(1, tuple(map(_series, rows))))


def _series(row: SeriesRow) -> SeriesDocument:
    return SeriesDocument(
        series=row.series,
        release=row.release,
        released=row.released,
        python=row.pythons,
        platforms=row.platforms,
        cuda=row.cuda,
        cudnn=row.cudnn,
        rungs=RungsDocument(row.cpu_rung, row.cuda_rung),
    )
