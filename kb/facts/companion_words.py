"""What METADATA of a companion's wheel says of TensorFlow and the rest of the set."""

import re
from collections.abc import Iterable

from packaging import requirements
from packaging.metadata import parse_email
from packaging.utils import canonicalize_name

from kb.base.model import CompanionWords, Extra, Platform
from kb.base.record import Record
from kb.base.requirement import InvalidRequirement, Requirement, Specifier
from kb.base.versions import InvalidVersion, key
from kb.facts.companion_names import is_kept
from kb.facts.wheel_text import MAX_TEXT, UnreadableText, headers, python_bounds

_NAME = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)")
_EXTRA = re.compile(r'extra == "([^"]+)"')
_EXTRA_CLAUSE = re.compile(r'(?:(.+) and )?extra == "([^"]+)"')


class Words(Record):
    """What one METADATA says: the Pythons it takes, the requirements that are kept, and what cannot
    be read of it.
    """

    requires_python: Specifier | None = None
    requires: tuple[Requirement, ...] = ()
    extras: tuple[Extra, ...] = ()
    unreadable: str | None = None


def read_words(text: str, companion: str, release: str) -> Words:
    """Read METADATA's headers, which must be of this release. What of it cannot be read is told in
    `unreadable`.
    """
    try:
        return _read(text, companion, release)
    except UnreadableText as error:
        return Words(unreadable=_line(error))


def _line(error: UnreadableText) -> str:
    return re.sub(r"[^\x20-\x7e]|[<>]", " ", str(error))[:200]


def _read(text: str, companion: str, release: str) -> Words:
    if not text:
        raise UnreadableText("its wheel holds no METADATA that can be read")
    if len(text) > MAX_TEXT:
        raise UnreadableText(f"METADATA has more than {MAX_TEXT} characters")
    raw, _ = parse_email(headers(text).replace("\r\n", "\n"))
    _check_release(raw.get("name", ""), raw.get("version", ""), companion, release)
    requires_python = python_bounds(raw.get("requires_python"))
    plain: set[Requirement] = set()
    by_extra: dict[str, set[Requirement]] = {}
    unreadable = None
    for line in raw.get("requires_dist", []):
        name = _NAME.match(line)
        if name is None or not is_kept(name[1]):
            continue
        try:
            extra, requirement = _requirement(line)
        except UnreadableText as error:
            unreadable = unreadable or _line(error)
        else:
            (plain if extra is None else by_extra.setdefault(extra, set())).add(requirement)
    return Words(
        requires_python=requires_python,
        requires=tuple(sorted(plain)),
        extras=tuple(Extra(name, tuple(sorted(by_extra[name]))) for name in sorted(by_extra)),
        unreadable=unreadable,
    )


def _check_release(name: str, version: str, companion: str, release: str) -> None:
    try:
        same = key(version) == key(release)
    except InvalidVersion:
        same = version == release
    if canonicalize_name(name) != companion or not same:
        raise UnreadableText(f"METADATA is of {name[:60]!r} {version[:40]!r}")


def _requirement(line: str) -> tuple[str | None, Requirement]:
    """Return the extra that a requirement stands under, if just one, and the requirement."""
    try:
        read = requirements.Requirement(line)
        read.name = canonicalize_name(read.name)
        read.extras = set(map(canonicalize_name, read.extras))
        marker = _EXTRA.sub(
            lambda match: f'extra == "{_extra_name(match[1])}"', str(read.marker or "")
        )
        clause = _EXTRA_CLAUSE.fullmatch(marker)
        if read.url is not None:
            raise UnreadableText(f"METADATA has a requirement by its address: {line[:80]!r}")
        read.marker = None
        if clause is None or _joins_otherwise(clause[1] or ""):
            return None, Requirement(f"{read}; {marker}" if marker else str(read))
        return clause[2], Requirement(f"{read}; {clause[1]}" if clause[1] else str(read))
    except requirements.InvalidRequirement:
        raise UnreadableText(f"METADATA has a requirement that is none: {line[:80]!r}") from None
    except InvalidRequirement as error:
        raise UnreadableText(f"METADATA has a requirement that is not taken: {error}") from None


def _extra_name(name: str) -> str:
    """Return the name of an extra as pip asks for it, without what no such name can have."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:60] or "nameless"


def _joins_otherwise(rest: str) -> bool:
    """Tell whether the rest of a marker is not joined by `and` alone, or names an extra too."""
    inner = ""
    while inner != rest:
        inner, rest = rest, re.sub(r"\([^()]*\)", "", rest)
    return " or " in rest or "extra" in rest


def together(
    said: Iterable[tuple[str, tuple[Platform, ...], Words]],
) -> tuple[CompanionWords, ...]:
    """Keep the same words once: each release's words with the platforms they hold for, none for
    all, come oldest release first.
    """
    releases: dict[tuple[tuple[Platform, ...], Words], list[str]] = {}
    for release, platforms, words in said:
        releases.setdefault((platforms, words), []).append(release)
    return tuple(
        CompanionWords(
            releases=tuple(own),
            platforms=platforms,
            requires_python=words.requires_python,
            requires=words.requires,
            extras=words.extras,
            unreadable=words.unreadable,
        )
        for (platforms, words), own in releases.items()
    )
