"""Which series there are: of each the newest release, for whom, with which CUDA, how sure we are;
and beside them the candidates and the nightly.

It answers from `index.json` alone.
"""

from collections.abc import Iterator

from kb.base.errors import NothingFound
from kb.base.model import Device, Platform, Python
from kb.base.names import OWN
from kb.base.printable import shown
from kb.base.record import Record
from kb.base.versions import Kind, key, series
from kb.base.vocabulary import read_version
from kb.cells.rungs import Rung, height
from kb.index.records import Index, Offer


class SeriesRow(Record):
    """A series: its newest release and the day of that, the Pythons and platforms that any of its
    releases has wheels for, the newest CUDA build's CUDA and cuDNN, and the highest rung on which a
    set-up for the CPU and one for CUDA stands; None where there is none. `cpu_least` and
    `cuda_least` are the rungs on which the best set-up of every platform and Python stands.
    """

    series: str
    release: str
    released: str
    pythons: tuple[str, ...]
    platforms: tuple[Platform, ...]
    cuda: str | None
    cudnn: str | None
    cpu_rung: Rung | None
    cuda_rung: Rung | None
    cpu_least: Rung | None
    cuda_least: Rung | None


class PreRelease(Record):
    """What the index has that is no release: a candidate, or the newest nightly. `distributions`
    are those that it comes as.
    """

    kind: Kind
    series: str
    release: str
    released: str
    distributions: tuple[str, ...]
    pythons: tuple[str, ...]
    platforms: tuple[Platform, ...]


class SeriesListed(Record):
    """The series that have a release, and what there is of pre-releases; each newest first."""

    series: tuple[SeriesRow, ...]
    pre_releases: tuple[PreRelease, ...]


def list_series(index: Index, of: str | None = None) -> SeriesListed:
    """Return the series that a version names, or all of them: those of a major version, that of a
    release or a candidate, of `latest` or of `nightly`. Raises NothingFound for one of none.
    """
    asked = None if of is None else _named(index, read_version(of))
    names = sorted(index.final_series(), key=key, reverse=True)
    chosen = [name for name in names if _is_meant(name, asked)]
    beside = tuple(found for found in pre_releases(index) if _is_meant(found.series, asked))
    if not chosen and not beside:
        majors = dict.fromkeys(name.partition(".")[0] for name in names)
        raise NothingFound(f"no series of TensorFlow {shown(of or '')}", tuple(majors))
    offers: dict[str, list[Offer]] = {name: [] for name in names}
    for offer in index.offers:
        offers[index.series[offer.release]].append(offer)
    return SeriesListed(tuple(_row(index, name, offers[name]) for name in chosen), beside)


def _is_meant(name: str, asked: str | None) -> bool:
    return asked in (None, name, name.partition(".")[0])


def _named(index: Index, version: str) -> str:
    """Return the major version or the series that a version names."""
    if version == "latest":
        return max(index.final_series(), key=key)
    if version == "nightly" and index.nightly_release is not None:
        return series(index.nightly_release)
    if version in index.releases:
        return index.series[index.releases.index(version)]
    return series(version) if version == index.nightly_release else version


def pre_releases(index: Index) -> Iterator[PreRelease]:
    """Yield the nightly and the candidates, the newest first."""
    if index.nightly_release is not None and index.nightly_day is not None:
        pythons = {python for own in index.nightly.values() for python in own}
        yield PreRelease(
            kind="nightly",
            series=series(index.nightly_release),
            release=index.nightly_release,
            released=index.nightly_day,
            distributions=("tf-nightly",),
            pythons=tuple(sorted(pythons, key=key)),
            platforms=tuple(index.nightly),
        )
    for position in sorted({offer.release for offer in index.candidates}, reverse=True):
        offers = [offer for offer in index.candidates if offer.release == position]
        pythons = {python for offer in offers for group in offer.cells for python in group.pythons}
        yield PreRelease(
            kind="candidate",
            series=index.series[position],
            release=index.releases[position],
            released=index.released[position],
            distributions=tuple(dict.fromkeys(offer.distribution for offer in offers)),
            pythons=tuple(sorted(pythons, key=key)),
            platforms=tuple(sorted({offer.platform for offer in offers})),
        )


def _row(index: Index, name: str, offers: list[Offer]) -> SeriesRow:
    own = [offer for offer in offers if offer.distribution == OWN] or offers
    newest = max(offer.release for offer in own)
    toolkits = [
        (offer.release, index.toolkits[offer.toolkit])
        for offer in offers
        if offer.device == "cuda" and offer.toolkit is not None
    ]
    toolkit = max(toolkits, default=(0, None), key=lambda pair: pair[0])[1]
    pythons = {python for offer in own for group in offer.cells for python in group.pythons}
    return SeriesRow(
        series=name,
        release=index.releases[newest],
        released=index.released[newest],
        pythons=tuple(sorted(pythons, key=key)),
        platforms=tuple(sorted({offer.platform for offer in offers})),
        cuda=None if toolkit is None else toolkit.cuda,
        cudnn=None if toolkit is None else toolkit.cudnn,
        cpu_rung=_highest(offers, "cpu"),
        cuda_rung=_highest(offers, "cuda"),
        cpu_least=_least(offers, "cpu"),
        cuda_least=_least(offers, "cuda"),
    )


def _highest(offers: list[Offer], device: Device) -> Rung | None:
    """Return the highest rung of a device's set-ups that are not known to be broken."""
    rungs = [
        group.rung
        for offer in offers
        if offer.device == device
        for group in offer.cells
        if group.rung is not None and group.standing != "broken"
    ]
    return max(rungs, key=height, default=None)


def _least(offers: list[Offer], device: Device) -> Rung | None:
    """Return the rung that the newest set-up of every platform and Python has at least, of those
    that are not known to be broken.
    """
    best: dict[tuple[Platform, Python], tuple[int, int, Rung | None]] = {}
    for offer in offers:
        for group in offer.cells if offer.device == device else ():
            own = (offer.release, height(group.rung), group.rung)
            for python in group.pythons if group.standing != "broken" else ():
                cell = (offer.platform, python)
                best[cell] = max(own, best.get(cell, own), key=lambda found: found[:2])
    return min((rung for _, _, rung in best.values()), key=height, default=None)
