"""Which series there are: of each the newest release, for whom, with which CUDA, how sure we are.

It answers from `index.json` alone.
"""

from kb.base.errors import NothingFound
from kb.base.model import Device, Platform
from kb.base.printable import shown
from kb.base.record import Record
from kb.base.versions import key
from kb.base.vocabulary import read_version
from kb.cells.standing import Rung, height
from kb.index.records import Index, Offer

_OWN = "tensorflow"


class SeriesRow(Record):
    """A series: its newest release and the day of that, the Pythons and platforms that any of its
    releases has wheels for, the newest CUDA build's CUDA and cuDNN, and the highest rung on which a
    set-up for the CPU and one for CUDA stands; None where there is none.
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


def list_series(index: Index, of: str | None = None) -> tuple[SeriesRow, ...]:
    """Return the series that a version names, or all of them, the newest first: those of a major
    version, that of a release, of `latest` or of `nightly`. Raises NothingFound for one of none.
    """
    names = sorted(set(index.series), key=key, reverse=True)
    asked = None if of is None else _named(index, read_version(of))
    chosen = [name for name in names if asked in (None, name, name.partition(".")[0])]
    if not chosen:
        majors = dict.fromkeys(name.partition(".")[0] for name in names)
        raise NothingFound(f"no series of TensorFlow {shown(of or '')}", tuple(majors))
    offers: dict[str, list[Offer]] = {name: [] for name in names}
    for offer in index.offers:
        offers[index.series[offer.release]].append(offer)
    return tuple(_row(index, name, offers[name]) for name in chosen)


def _named(index: Index, version: str) -> str:
    """Return the major version or the series that a version names."""
    if version in ("latest", "nightly"):  # nightlies are no releases: both are of the newest series
        return max(index.series, key=key)
    if version in index.releases:
        return index.series[index.releases.index(version)]
    return version


def _row(index: Index, name: str, offers: list[Offer]) -> SeriesRow:
    own = [offer for offer in offers if offer.distribution == _OWN] or offers
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
