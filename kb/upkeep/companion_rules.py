"""What must hold of `companions/<name>.yaml`."""

from collections.abc import Collection, Iterator, Mapping

from kb.base.model import (
    CompanionFile,
    CompanionNote,
    CompanionNotesFile,
    CompanionRelease,
    CompanionTie,
    CompanionWords,
)
from kb.base.requirement import Requirement
from kb.base.versions import InvalidVersion, is_final, key
from kb.facts.companion_names import COMPANIONS, is_kept
from kb.facts.companions import takes
from kb.facts.wheels_for import is_in_order

_SCRAPE = "run `python -m scraper companions`"


def companion_faults(name: str, file: CompanionFile) -> Iterator[str]:
    """Yield what is wrong with the releases of a companion and what they say."""
    where = f"companions/{name}.yaml"
    if file.companion != name:
        yield f"{where}: companion: {file.companion!r} stands in the file of {name}; rename it"
    if name not in COMPANIONS:
        yield f"{where}: is no companion; remove it, or add it to kb/facts/companion_names.py"
    yield from _releases_faults(where, file.releases)
    yield from _words_faults(where, file)


def notes_faults(
    file: CompanionNotesFile, known: Mapping[str, CompanionFile], tensorflows: Collection[str]
) -> Iterator[str]:
    """Yield what is wrong with `companion_notes.yaml`, given all companions and the releases of
    TensorFlow.
    """
    where = "companion_notes.yaml"
    for note in file.notes:
        entry = f"{where}: {note.companion} {note.releases or ''}".rstrip()
        yield from _source_faults(entry, note)
        own = known.get(note.companion)
        if own is not None and not any(takes(note.releases, r.release) for r in own.releases):
            yield f"{entry}: no release is meant; mend releases"
        if not any(takes(note.tensorflow, release) for release in tensorflows):
            yield f"{entry}: no TensorFlow is meant; mend tensorflow"
        if note.asks is not None and note.needs:
            yield f"{entry}: says what it asks for and what it needs; make two rows of it"
    told = [tie.companion for tie in file.ties]
    if told != sorted(set(told)):
        yield f"{where}: ties: list each companion once, in order"
    for tie in file.ties:
        yield from _source_faults(f"{where}: ties: {tie.companion}", tie)


def _source_faults(entry: str, row: CompanionNote | CompanionTie) -> Iterator[str]:
    if row.companion not in COMPANIONS:
        yield f"{entry}: is no companion; mend its name"
    if not row.sources and not row.wheels:
        yield f"{entry}: names no source and no wheel; add one"
    for wheel in row.wheels:
        if wheel.partition("-")[0].replace("_", "-").lower() != row.companion:
            yield f"{entry}: {wheel}: is a wheel of something else; mend it"


def _releases_faults(where: str, releases: tuple[CompanionRelease, ...]) -> Iterator[str]:
    try:
        keys = [key(release.release) for release in releases]
        final = all(is_final(release.release) for release in releases)
    except InvalidVersion as error:
        yield f"{where}: releases: {error}; {_SCRAPE}"
        return
    if keys != sorted(set(keys)):
        yield f"{where}: releases: out of order, or one stands twice; {_SCRAPE}"
    if not final:
        yield f"{where}: releases: one is not final; {_SCRAPE}"
    for release in releases:
        if release.sdist_alone and release.wheels:
            yield f"{where}: {release.release}: has wheels, and an sdist alone; {_SCRAPE}"
        if release.sdist_alone and not release.sdist:
            yield f"{where}: {release.release}: has an sdist alone, and none; {_SCRAPE}"
        if not is_in_order(release.wheels):
            yield f"{where}: {release.release}: wheels: out of order; {_SCRAPE}"


def _words_faults(where: str, file: CompanionFile) -> Iterator[str]:
    has_wheels = {release.release: bool(release.wheels) for release in file.releases}
    order = {release.release: position for position, release in enumerate(file.releases)}
    heard: dict[str, list[CompanionWords]] = {}
    seen = set()
    for words in file.words:
        content = words._replace(releases=())
        if content in seen:
            yield f"{where}: words of {words.releases[:1]}: stand twice; {_SCRAPE}"
        seen.add(content)
        places = [order.get(release, -1) for release in words.releases]
        if not places or places != sorted(set(places)):
            yield f"{where}: words: releases are out of order, or there are none; {_SCRAPE}"
        for release in words.releases:
            heard.setdefault(release, []).append(words)
        yield from _content_faults(where, words)
    for release in has_wheels.keys() | heard.keys():
        own = heard.get(release, [])
        if bool(own) != has_wheels.get(release, False):
            yield f"{where}: {release}: has wheels and says nothing, or none and does; {_SCRAPE}"
        platforms = [platform for words in own for platform in words.platforms]
        split = len(own) > 1
        if len(platforms) != len(set(platforms)) or any(
            bool(words.platforms) != split for words in own
        ):
            yield f"{where}: {release}: two words for one platform; {_SCRAPE}"


def _content_faults(where: str, words: CompanionWords) -> Iterator[str]:
    entry = f"{where}: words of {', '.join(words.releases[:3])}"
    lists = [words.requires, *(extra.requires for extra in words.extras)]
    every: list[Requirement] = [line for requires in lists for line in requires]
    if any(list(requires) != sorted(set(requires)) for requires in lists):
        yield f"{entry}: requirements out of order, or one stands twice; {_SCRAPE}"
    names = [extra.name for extra in words.extras]
    if names != sorted(set(names)) or not all(extra.requires for extra in words.extras):
        yield f"{entry}: extras out of order, or one is empty or stands twice; {_SCRAPE}"
    for line in every:
        if not is_kept(line.name):
            yield f"{entry}: {line.name} is not kept of a companion; {_SCRAPE}"
