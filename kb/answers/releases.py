"""What a version offers: what was published of it, for whom, how sure we are of each cell."""

from collections.abc import Iterator

from kb.base.errors import NothingFound
from kb.base.model import (
    Architecture,
    CudaFile,
    Device,
    Pin,
    Platform,
    Problem,
    Python,
    Release,
    ReleaseNote,
    SeriesFile,
)
from kb.base.names import COUNTED_APART, OWN
from kb.base.nearest import no_version
from kb.base.printable import shown
from kb.base.record import Record
from kb.base.store import Store
from kb.base.versions import (
    InvalidVersion,
    Kind,
    agree,
    key,
    kind,
    nearest_versions,
    series,
    within,
)
from kb.base.vocabulary import read_version
from kb.cells import ranking
from kb.cells.cells import Cell, SeriesFacts, cell, open_series_facts
from kb.cells.installs import Installs
from kb.facts import official
from kb.facts.builds import Published, devices, published
from kb.facts.claims import Claims
from kb.facts.gpu_code import BuildCode
from kb.facts.toolkits import (
    NO_TOOLKIT,
    MinimumDriver,
    Toolkit,
    documented_capability,
    minimum_driver,
    toolkit,
)

LATEST = "latest"
NIGHTLY = "nightly"
# What a series means: its releases, or else its candidate, or else its nightly.
_KINDS: tuple[Kind, ...] = ("release", "candidate", "nightly")


class _Named(Record):
    """What a version names: a series, and one release of it or all of a kind."""

    series: str
    kind: Kind
    release: str | None = None

    def means(self, release: str) -> bool:
        """Tell whether a release of the series is meant."""
        if self.release is not None:
            return release == self.release
        return kind(release) == self.kind


class VersionQuestion(Record):
    """What is asked: a release, a series, `latest` or `nightly`; and what to narrow it to."""

    version: str
    platform: Platform | None = None
    python: Python | None = None
    device: Device | None = None


class BuildAnswer(Record):
    """A build of the answer: what it was built with, whom it serves, its code, and its cells; and
    the minimum compute capability that TensorFlow's page names for it.
    """

    published: Published
    pythons: tuple[Python, ...]
    devices: tuple[Device, ...]
    toolkit: Toolkit
    driver: MinimumDriver | None
    code: BuildCode | None
    cells: tuple[Cell, ...]
    documented_capability: str | None = None

    @property
    def installs(self) -> Installs | None:
        """What the recipe for CUDA really installs, on the newest Python of which that is known."""
        return next((cell.installs for cell in reversed(self.cells) if cell.installs), None)

    @property
    def other_cuda(self) -> Installs | None:
        """What the recipe installs where that is of another CUDA than the build."""
        found, built = self.installs, self.toolkit.cuda
        differs = found and found.cuda and built and not agree(found.cuda, built)
        return found if differs else None


class Inherited(Record):
    """The problems of the newest release before a candidate or a nightly that nobody tells of the
    latter: whether they are gone from it is unknown.
    """

    before: str
    problems: tuple[Problem, ...]


NOTHING_INHERITED = Inherited(before="", problems=())


class VersionBuilds(Record):
    """What a version offers: its builds with their cells, the problems that hit them, and what else
    is told of them.
    `placeholders` are releases with nothing but an sdist; `release` names the newest of all, and
    `kind` tells whether it is one, or a candidate or a nightly, which has `inherited` problems.
    `pins` are those of all releases.
    """

    file: SeriesFile
    cuda: CudaFile
    claims: Claims
    release: str
    kind: Kind
    whole_series: bool
    released: str
    builds: tuple[BuildAnswer, ...]
    placeholders: tuple[Release, ...]
    problems: tuple[Problem, ...]
    inherited: Inherited
    notes: tuple[ReleaseNote, ...]
    pins: tuple[Pin, ...]

    @property
    def series(self) -> str:
        """The series that the version is of."""
        return self.file.series

    @property
    def architectures(self) -> tuple[Architecture, ...]:
        """The generations of GPUs, by compute capability."""
        return self.cuda.architectures


def version_builds(store: Store, question: VersionQuestion) -> VersionBuilds:
    """Return what a version offers, from the files of one series. Raises NothingFound and
    DocumentError.
    """
    file, named = _named(store, question.version)
    chosen = list(_chosen(file, named, question))
    placeholders = tuple(
        listed
        for listed in file.releases
        if listed.sdist and named.means(listed.release) and not _is_narrowed(question)
    )
    if not chosen and not placeholders:
        told = _not_there(question) + _though_listed(file, named, question)
        told += _published_elsewhere(store, named, question)
        raise NothingFound(told, _nearest(store, file, named, question))
    facts = open_series_facts(store, file)
    builds = tuple(_build(facts, offer, pythons, question) for offer, pythons in chosen)
    newest = max(
        [offer.release for offer, _ in chosen] or list(placeholders), key=lambda r: key(r.release)
    )
    if named.release is None:
        newest = _headline([offer.release for offer, _ in chosen], question) or newest
    known = store.problems().problems
    problems = _problems(known, _hits(builds), placeholders, question.device)
    return VersionBuilds(
        file=file,
        cuda=facts.cuda,
        claims=facts.claims,
        release=newest.release,
        kind=kind(newest.release),
        whole_series=named.release is None,
        released=newest.released,
        builds=builds,
        placeholders=placeholders,
        problems=problems,
        inherited=_inherited(store, newest.release, builds, (known, problems), question.device),
        notes=_notes(store.release_notes().release_notes, builds, question.device),
        pins=facts.pins,
    )


def narrowed(
    store: Store, offered: VersionBuilds, builds: tuple[BuildAnswer, ...], device: Device
) -> VersionBuilds:
    """Return what a version offers with some of its builds, to serve a device: the problems and
    notes are those that hit them.
    """
    newest = max((own.published.release for own in builds), key=lambda own: key(own.release))
    return offered._replace(
        release=newest.release,
        released=newest.released,
        builds=builds,
        problems=_problems(store.problems().problems, _hits(builds), (), device),
        notes=_notes(store.release_notes().release_notes, builds, "cpu"),
    )


def _is_narrowed(question: VersionQuestion) -> bool:
    return any((question.platform, question.python, question.device))


def _named(store: Store, version: str) -> tuple[SeriesFile, _Named]:
    """Return the file of the series that a version names, and what of it is meant."""
    names = store.series_names()
    text = read_version(version)
    if text in (LATEST, NIGHTLY):
        return _newest(store, names, "release" if text == LATEST else "nightly")
    try:
        name = series(text)
    except InvalidVersion:
        released, words = store.released_names(), (LATEST, NIGHTLY)
        raise no_version(version, text, words=words, released=released, series=names) from None
    if name not in names:
        raise NothingFound(f"no TensorFlow {shown(version)}", nearest_versions(names, name))
    file = store.series(name)
    if text != name:
        of = kind(text)
        # 2.22rc0 is 2.22.0rc0
        same = (r.release for r in file.releases if of != "release" and key(r.release) == key(text))
        return file, _Named(series=name, kind=of, release=next(same, text))
    kinds = {kind(listed.release) for listed in file.releases}
    meant = next((of for of in _KINDS if of in kinds), _KINDS[0])
    return file, _Named(series=name, kind=meant)


def _newest(store: Store, names: tuple[str, ...], wanted: Kind) -> tuple[SeriesFile, _Named]:
    """Return the newest series that has what is wanted: a release, or a nightly."""
    distribution = "tensorflow" if wanted == "release" else "tf-nightly"
    for name in reversed(names):
        file = store.series(name)
        for listed in file.releases:
            own = listed.distribution == distribution and kind(listed.release) == wanted
            if own and listed.builds:
                return file, _Named(series=name, kind=wanted)
    raise NothingFound(f"no release of {distribution} is known", ())


def _chosen(
    file: SeriesFile, named: _Named, question: VersionQuestion
) -> Iterator[tuple[Published, tuple[Python, ...]]]:
    """Yield the builds that answer, each with the Pythons it answers for.

    A series means, for each distribution, platform and Python, its newest release.
    """
    taken: set[tuple[str, str, str]] = set()
    for offer in sorted(published(file), key=lambda p: key(p.release.release), reverse=True):
        distribution, platform = offer.release.distribution, offer.build.platform
        if not named.means(offer.release.release):
            continue
        if question.platform not in (None, platform):
            continue
        pythons = tuple(
            python
            for python in offer.pythons()
            if question.python in (None, python)
            and (named.release is not None or (distribution, platform, python) not in taken)
        )
        served = devices(file, offer)
        if not pythons or not served or question.device not in (None, *served):
            continue
        taken |= {(distribution, platform, python) for python in pythons}
        yield offer, pythons


def _headline(chosen: list[Release], question: VersionQuestion) -> Release | None:
    """Return the release that names the answer for a series: the newest of TensorFlow's own
    distribution; of an answer that is narrowed, the newest of all that count their releases alike.
    """
    own = [release for release in chosen if release.distribution == OWN]
    if _is_narrowed(question):
        own = [release for release in chosen if release.distribution not in COUNTED_APART]
    return max(own, key=lambda release: key(release.release), default=None)


def _build(
    series_facts: SeriesFacts,
    offer: Published,
    pythons: tuple[Python, ...],
    question: VersionQuestion,
) -> BuildAnswer:
    served = devices(series_facts.series, offer)
    is_cuda = "cuda" in served
    tools = toolkit(series_facts.claims, offer) if is_cuda else NO_TOOLKIT
    cells = tuple(
        cell(series_facts, offer, tools, python, device)
        for python in pythons
        for device in served
        if question.device in (None, device)
    )
    return BuildAnswer(
        published=offer,
        pythons=pythons,
        devices=served,
        toolkit=tools,
        driver=minimum_driver(series_facts.claims, tools.cuda) if is_cuda else None,
        code=series_facts.code_of(offer) if is_cuda else None,
        cells=cells,
        documented_capability=(
            documented_capability(series_facts.claims, offer) if is_cuda else None
        ),
    )


class _Hit(Record):
    """Where a problem may hit: a release on a platform, with the Pythons of its wheels."""

    release: str
    platform: Platform
    pythons: tuple[Python, ...]


def _hits(builds: tuple[BuildAnswer, ...], release: str | None = None) -> tuple[_Hit, ...]:
    """Return where problems may hit the builds of an answer, or another release in their place."""
    return tuple(
        _Hit(
            release=release or build.published.release.release,
            platform=build.published.build.platform,
            pythons=build.pythons,
        )
        for build in builds
    )


def _problems(
    problems: tuple[Problem, ...],
    hits: tuple[_Hit, ...],
    placeholders: tuple[Release, ...],
    device: Device | None,
) -> tuple[Problem, ...]:
    """Return the problems that hit a release and platform of the answer, and the device where one
    is asked for.
    """
    found = []
    for problem in problems:
        if device is not None and problem.devices and device not in problem.devices:
            continue
        first, last = problem.releases.first, problem.releases.last
        hit = any(
            within(own.release, first, last)
            and (not problem.platforms or own.platform in problem.platforms)
            and (not problem.pythons or set(own.pythons) & set(problem.pythons))
            for own in hits
        )
        bare = not hits and any(
            within(placeholder.release, first, last) for placeholder in placeholders
        )
        if hit or bare:
            found.append(problem)
    return tuple(found)


def _inherited(
    store: Store,
    release: str,
    builds: tuple[BuildAnswer, ...],
    problems: tuple[tuple[Problem, ...], tuple[Problem, ...]],
    device: Device | None,
) -> Inherited:
    """Return which problems the newest release before a candidate or a nightly has and itself has
    not; `problems` are all that there are, and its own.
    """
    if kind(release) == "release":
        return NOTHING_INHERITED
    every, own = problems
    before = max(
        (
            listed.release
            for name in store.released_names()[-1:]
            for listed in store.series(name).releases
            if listed.distribution == "tensorflow" and kind(listed.release) == "release"
        ),
        key=key,
        default=None,
    )
    if before is None:
        return NOTHING_INHERITED
    found = _problems(every, _hits(builds, before), (), device)
    return Inherited(before=before, problems=tuple(p for p in found if p not in own))


def _notes(
    notes: tuple[ReleaseNote, ...], builds: tuple[BuildAnswer, ...], device: Device | None
) -> tuple[ReleaseNote, ...]:
    """Return what is told of a release, platform and device of the answer."""
    return tuple(
        note
        for note in notes
        if device is None or not note.devices or device in note.devices
        if any(
            within(build.published.release.release, *note.releases)
            and (not note.platforms or build.published.build.platform in note.platforms)
            and (not note.devices or set(build.devices) & set(note.devices))
            for build in builds
        )
    )


def _not_there(question: VersionQuestion) -> str:
    asked = [f"TensorFlow {shown(question.version)}"]
    if question.python:
        asked.append(f"for Python {question.python}")
    if question.platform:
        asked.append(f"on {question.platform}")
    if question.device:
        asked.append(f"for {question.device}")
    return f"no {' '.join(asked)}"


def _though_listed(file: SeriesFile, named: _Named, question: VersionQuestion) -> str:
    """Return that the official tables list what the index does not have, and where; or nothing."""
    rows = [
        row
        for row in file.official
        if named.means(official.release(row))
        and question.platform in (None, *official.platforms(row))
        and question.python in (None, *official.pythons(row))
        and question.device in (None, official.device(row))
    ]
    if not rows:
        return ""
    names = " and ".join(dict.fromkeys(row.version for row in rows))
    pages = " and ".join(dict.fromkeys(official.source(row)[1] for row in rows))
    return f" on the index, though the official page lists {names}: {pages}"


def _published_elsewhere(store: Store, named: _Named, question: VersionQuestion) -> str:
    """Return who publishes such builds outside the index, and what tells of them; or nothing."""
    if question.device in (None, "cpu"):
        return ""
    found = [
        row
        for row in store.elsewhere().published
        if row.device == question.device
        and question.platform in (None, row.platform)
        and (not row.pythons or question.python in (None, *row.pythons))
        and _is_of(row.release, named)
    ]
    if not found:
        return ""
    releases = ", ".join(dict.fromkeys(row.release for row in reversed(found)))
    system, _, processor = found[0].platform.partition("-")
    return (
        f"; outside the index {found[0].publisher} publishes {releases}: "
        f"find --os {system} --arch {processor} --device {found[0].device} tells how to get it"
    )


def _is_of(release: str, named: _Named) -> bool:
    """Tell whether a release that others built, such as 2.12.0+nv23.06, is of what is asked for."""
    plain = release.partition("+")[0]
    return plain == named.release if named.release is not None else series(plain) == named.series


def _nearest(
    store: Store, file: SeriesFile, named: _Named, question: VersionQuestion
) -> tuple[str, ...]:
    """Return what comes closest: releases where there is no such release; else the Pythons, the
    platforms or the devices that there are, by giving up one part of the question.
    """
    everything = list(published(file))
    releases = {offer.release.release for offer in everything}
    if named.release is not None and named.release not in releases:
        known = tuple(sorted(releases, key=key))
        return nearest_versions(known, named.release) or nearest_versions(
            store.series_names(), file.series
        )
    asks_for_newest = read_version(question.version) == LATEST
    if asks_for_newest or question.platform:
        newest = _newest_before(store, file, question)
        if newest and (asks_for_newest or question.platform not in _platforms(everything)):
            return newest
    for given_up in ("python", "platform", "device"):
        if getattr(question, given_up) is None:
            continue
        looser = question._replace(**{given_up: None})
        found = [
            (offer, pythons, device)
            for offer, pythons in _chosen(file, named, looser)
            for device in devices(file, offer)
            if question.device in (None, device) or given_up == "device"
        ]
        if found:
            return _named_parts(given_up, found)
    return ()


def _platforms(offers: list[Published]) -> set[Platform]:
    return {offer.build.platform for offer in offers}


def _newest_before(store: Store, file: SeriesFile, question: VersionQuestion) -> tuple[str, ...]:
    """Return the newest final release of an older series that is there for all else that is asked;
    empty where none is.
    """
    for name in reversed(store.released_names()):
        if key(name) >= key(file.series):
            continue
        named = _Named(series=name, kind="release")
        offers = [offer.release for offer, _ in _chosen(store.series(name), named, question)]
        own = [own.release for own in offers if own.distribution not in COUNTED_APART]
        if own:
            return (max(own, key=key),)
    return ()


def _named_parts(
    part: str, found: list[tuple[Published, tuple[Python, ...], Device]]
) -> tuple[str, ...]:
    if part == "python":
        versions = {python for _, pythons, _ in found for python in pythons}
        return tuple(f"Python {python}" for python in sorted(versions, key=key))
    if part == "platform":
        return tuple(sorted({offer.build.platform for offer, _, _ in found}))
    return tuple(sorted({device for _, _, device in found}))


def best(answer: VersionBuilds, platform: Platform, python: Python, device: Device) -> Cell | None:
    """Return the cell to recommend on a machine (`kb.cells.ranking.best`); None where there is
    none for its platform and device.
    """
    cells = (
        cell
        for build in answer.builds
        for cell in build.cells
        if cell.key.platform == platform and cell.key.device == device
    )
    return ranking.best(cells, python)
