"""The JSON document that `python -m kb list --json` promises: its records, and how the series fill
them. Fields may be added; none may go, and none may change its meaning.
"""

from kb.base.json_values import json_text
from kb.base.model import Day, Dotted, Format, Platform, Python, Version
from kb.base.record import Record
from kb.base.versions import Kind
from kb.cells.rungs import Rung
from kb.list.answer import SeriesListed, SeriesRow


class RungsDocument(Record):
    """The highest rung on which a set-up for the CPU stands, and one for CUDA; and the rungs on
    which the newest set-ups of every platform and Python stand at least.
    """

    cpu: Rung | None
    cuda: Rung | None
    cpu_least: Rung | None
    cuda_least: Rung | None


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


class PreReleaseDocument(Record):
    """What the index has that is no release: a candidate, or the newest nightly."""

    kind: Kind
    series: Dotted
    release: Version
    released: Day
    distributions: tuple[str, ...]
    python: tuple[Python, ...]
    platforms: tuple[Platform, ...]


class ListDocument(Record):
    """The series that have a release, and the pre-releases beside them; each newest first."""

    format: Format
    series: tuple[SeriesDocument, ...]
    pre_releases: tuple[PreReleaseDocument, ...]


def document(listed: SeriesListed) -> str:
    """Return the JSON document of the series."""
    pre_releases = tuple(
        PreReleaseDocument(
            kind=beside.kind,
            series=beside.series,
            release=beside.release,
            released=beside.released,
            distributions=beside.distributions,
            python=beside.pythons,
            platforms=beside.platforms,
        )
        for beside in listed.pre_releases
    )
    series = tuple(map(_series, listed.series))
    return json_text(ListDocument(format=1, series=series, pre_releases=pre_releases))


def _series(row: SeriesRow) -> SeriesDocument:
    return SeriesDocument(
        series=row.series,
        release=row.release,
        released=row.released,
        python=row.pythons,
        platforms=row.platforms,
        cuda=row.cuda,
        cudnn=row.cudnn,
        rungs=RungsDocument(
            cpu=row.cpu_rung,
            cuda=row.cuda_rung,
            cpu_least=row.cpu_least,
            cuda_least=row.cuda_least,
        ),
    )
