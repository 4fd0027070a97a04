"""Which releases of a companion go with which series of TensorFlow, as far as they state it."""

from collections.abc import Iterator

from kb.base.errors import NothingFound
from kb.base.model import (
    CompanionFile,
    CompanionNote,
    CompanionRelease,
    CompanionTie,
    Platform,
    Python,
)
from kb.base.names import OWN
from kb.base.nearest import nearest
from kb.base.printable import shown
from kb.base.record import Record
from kb.base.requirement import Requirement
from kb.base.store import Store
from kb.base.versions import is_final, key, nearest_versions
from kb.facts.builds import published
from kb.facts.companions import Beside, By, Stated, Verdict, going_with, takes


class CompanionQuestion(Record):
    """What is asked of a companion: all of it, a version (`0.18`: all of its patches), one platform
    or Python.
    """

    companion: str
    version: str | None = None
    platform: Platform | None = None
    python: Python | None = None


class CompanionRow(Record):
    """The newest release of a companion for a series of TensorFlow, and the newest TensorFlow of it
    that it goes with, on some Pythons of some platforms: what states that, by which bounds, and
    what it needs besides.
    """

    series: str
    tensorflow: str
    release: str
    pythons: tuple[Python, ...]
    platforms: tuple[Platform, ...]
    verdict: Verdict
    by: By | None
    bounds: str | None
    needs: tuple[Requirement, ...]


class CompanionAnswer(Record):
    """What is known of a companion: its newest release, by what it is tied to TensorFlow, what goes
    with what, the newest series first, and what METADATA do not tell.
    """

    companion: str
    releases: int
    newest: CompanionRelease
    tie: CompanionTie | None
    rows: tuple[CompanionRow, ...]
    notes: tuple[CompanionNote, ...]


def companion(store: Store, question: CompanionQuestion) -> CompanionAnswer:
    """Answer a question. Raises NothingFound, with the nearest, and DocumentError."""
    names = store.companion_names()
    name = question.companion.strip().lower().replace("_", "-").replace(".", "-")
    if name not in names:
        raise NothingFound(f"no companion {shown(question.companion)}", nearest(name, names))
    file = store.companion(name)
    asked = _asked(file, question.version)
    told = store.companion_notes()
    rows = [
        row
        for series in reversed(store.released_names())
        for row in _rows(store, series, file, asked, question, told.notes)
    ]
    notes = (note for note in told.notes if note.companion == name)
    return CompanionAnswer(
        companion=name,
        releases=len(file.releases),
        newest=file.releases[-1],
        tie=next((tie for tie in told.ties if tie.companion == name), None),
        rows=tuple(rows),
        notes=tuple(n for n in notes if any(takes(n.releases, release) for release in asked)),
    )


def _asked(file: CompanionFile, version: str | None) -> frozenset[str]:
    every = [release.release for release in file.releases]
    if version is None:
        return frozenset(every)
    found = [r for r in every if r == version or r.startswith(f"{version}.")]
    if not found:
        named = f"no {file.companion} {shown(version)}"
        known = version.replace(".", "").isdecimal()
        raise NothingFound(named, nearest_versions(every, version) if known else tuple(every[-3:]))
    return frozenset(found)


def _rows(
    store: Store,
    series: str,
    file: CompanionFile,
    asked: frozenset[str],
    question: CompanionQuestion,
    notes: tuple[CompanionNote, ...],
) -> Iterator[CompanionRow]:
    """Yield what goes with one series, platforms alike on the same Pythons in one row."""
    best: dict[tuple[Platform, Python], Stated] = {}
    for beside in _besides(store, series, question):
        going = going_with(file, beside, notes)
        found = next((one for one in going if one.release in asked), None)
        place = (beside.platform, beside.python)
        if found is not None and (place not in best or _is_newer(found, best[place])):
            best[place] = found
    pythons: dict[tuple[Stated, Platform], list[Python]] = {}
    for (platform, python), stated in best.items():
        pythons.setdefault((stated, platform), []).append(python)
    alike: dict[tuple[Stated, tuple[Python, ...]], list[Platform]] = {}
    for (stated, platform), own in pythons.items():
        alike.setdefault((stated, tuple(sorted(own, key=key))), []).append(platform)
    for stated, on in sorted(alike, key=lambda a: (key(a[0].release), key(a[1][-1])), reverse=True):
        yield _row(series, stated, on, tuple(alike[stated, on]))


def _is_newer(one: Stated, other: Stated) -> bool:
    ranks = [(key(own.release), key(own.tensorflow)) for own in (one, other)]
    return ranks[0] > ranks[1]


def _row(
    series: str, found: Stated, pythons: tuple[Python, ...], platforms: tuple[Platform, ...]
) -> CompanionRow:
    line, note = found.requirement, found.note
    bounds = f"{line.name}{line.specifier}" if line else None
    if found.by == "note" and note is not None and note.asks:
        bounds = f"{OWN}{note.asks}"
    return CompanionRow(
        series=series,
        tensorflow=found.tensorflow,
        release=found.release,
        pythons=pythons,
        platforms=platforms,
        verdict=found.verdict,
        by=found.by,
        bounds=bounds,
        needs=found.needs,
    )


def _besides(store: Store, series: str, question: CompanionQuestion) -> Iterator[Beside]:
    """Yield every release of TensorFlow itself in a series, where it has a wheel."""
    for offer in published(store.series(series)):
        release, platform = offer.release, offer.build.platform
        if release.distribution != OWN or not is_final(release.release):
            continue
        if question.platform not in (None, platform):
            continue
        for python in offer.pythons():
            if question.python in (None, python) and "." in python:
                yield Beside(release.release, python, platform, offer.says().requires)
