"""What a companion's releases state of TensorFlow: by their requirements, by their extras, by what
TensorFlow itself requires, and by what people noted where METADATA mislead.

A release *goes* with TensorFlow where bounds let it in that end within its major version. An *open*
one lets it in as it lets in all that will come: any series may break it. One that is *outside*
installs, and is not made for it: its bounds stand in an extra, which pip heeds only where the extra
is asked for, or a note says that it does not work.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Literal

from packaging.markers import Marker
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from kb.base.model import (
    CompanionFile,
    CompanionNote,
    CompanionRelease,
    CompanionWords,
    Distribution,
    Platform,
    Python,
)
from kb.base.names import MARKERS, OWN, is_tensorflow
from kb.base.record import Record
from kb.base.requirement import Requirement, Specifier
from kb.facts.wheels_for import has_wheel

Verdict = Literal["goes", "open", "refused", "outside", "silent", "unreadable"]
By = Literal["requirement", "extra", "tensorflow", "note"]
_FITS: tuple[Verdict, ...] = ("goes", "open")
# Extras that ask for TensorFlow itself; others (tests, docs) ask for what they need themselves.
_EXTRAS = ("tensorflow", "tf", "tensorflow-cpu", "tensorflow-gpu", "tensorflow-with-gpu")
_NOTHING = Specifier("<0")
_UPPER_ENDS = ("<", "<=", "==", "~=", "===")


class Beside(Record):
    """The TensorFlow beside which a companion is to stand, and where; `requires` is what its wheel
    requires there, and the pins that it needs.
    """

    release: str
    python: Python
    platform: Platform
    requires: tuple[Requirement, ...] = ()
    distribution: Distribution = OWN


class Stated(Record):
    """What a companion's release states of a TensorFlow on one Python and platform: the verdict, by
    which requirement or note, under which extra.

    `needing` are the notes of what it needs besides, `brings` other distributions of TensorFlow
    that pip installs with it.
    """

    companion: str
    release: str
    tensorflow: str
    verdict: Verdict
    by: By | None = None
    requirement: Requirement | None = None
    extra: str | None = None
    note: CompanionNote | None = None
    needing: tuple[CompanionNote, ...] = ()
    brings: tuple[str, ...] = ()

    @property
    def needs(self) -> tuple[Requirement, ...]:
        """The requirements without which it does not work there."""
        return tuple(need for note in self.needing for need in note.needs)

    @property
    def fits(self) -> bool:
        """Tell whether it goes with it, as far as is stated."""
        return self.verdict in _FITS


def stated(
    file: CompanionFile, release: str, beside: Beside, notes: Iterable[CompanionNote] = ()
) -> Stated:
    """Return what one release of a companion states of TensorFlow."""
    own = [
        note
        for note in notes
        if note.companion == file.companion
        and takes(note.releases, release)
        and takes(note.tensorflow, beside.release)
    ]
    said = _by_requirements(file, release, beside)
    said = said._replace(needing=tuple(note for note in own if note.needs))
    if said.verdict == "refused":
        return said
    for note in own:
        if not note.needs and not takes(note.asks or _NOTHING, beside.release):
            return said._replace(verdict="outside", by="note", note=note)
    asking = next((note for note in own if note.asks), None)
    if asking is not None and said.verdict in ("silent", "open"):
        return said._replace(verdict="open", by=said.by or "note", note=asking)
    return said


def going_with(
    file: CompanionFile, beside: Beside, notes: Sequence[CompanionNote] = ()
) -> Iterator[Stated]:
    """Yield what fits on this Python and platform, the newest release first: it has a wheel, takes
    the Python, was not withdrawn, and states that it goes with TensorFlow or names no end.

    Where bounds of a newer release end before this TensorFlow, an older one that names no end knew
    nothing of it, and does not count.
    """
    ended = False
    for listed in reversed(file.releases):
        if listed.yanked is not None:
            continue
        found = stated(file, listed.release, beside, notes)
        ended = ended or _ends_before(found, beside)
        if found.brings or not found.fits or (ended and found.verdict == "open"):
            continue
        if installs_on(file, listed, beside.python, beside.platform):
            yield found


def _ends_before(found: Stated, beside: Beside) -> bool:
    if found.requirement is None or found.by not in ("requirement", "extra"):
        return False
    return any(
        bound.operator in _UPPER_ENDS
        and not takes(Specifier(f"{bound.operator}{bound.version}"), beside.release)
        and Version(bound.version.removesuffix(".*")) <= Version(beside.release)
        for bound in found.requirement.specifier.bounds
        if bound.operator != "==="
    )


def installs_on(
    file: CompanionFile, listed: CompanionRelease, python: Python, platform: Platform
) -> bool:
    """Tell whether a release has a wheel for a Python on a platform, and takes that Python."""
    if not has_wheel(listed.wheels, python, platform):
        return False
    words = words_of(file, listed.release, platform)
    bounds = words.requires_python if words else None
    return not bounds or _bounds(bounds).contains(f"{python}.99")


def may_install(listed: CompanionRelease, python: Python, platform: Platform) -> bool:
    """Tell whether pip may install a release on a Python and platform: a wheel, or an sdist that it
    can try to build.
    """
    return listed.sdist or has_wheel(listed.wheels, python, platform)


def words_of(file: CompanionFile, release: str, platform: Platform) -> CompanionWords | None:
    """Return what METADATA of a release say on a platform, or, where no wheel is for it, what those
    for another say; None where no wheel says anything.
    """
    own = [words for words in file.words if release in words.releases]
    here = (words for words in own if not words.platforms or platform in words.platforms)
    return next(here, next(iter(own), None))


def applies(requirement: Requirement, python: Python, platform: Platform) -> bool:
    """Tell whether a requirement's marker lets it count on a Python and platform, without extra."""
    return requirement.marker is None or _holds(requirement.marker, python, platform)


def takes(bounds: Specifier | None, release: str) -> bool:
    """Tell whether bounds let a release in; none let in all."""
    return not bounds or _bounds(bounds).contains(release, prereleases=True)


def _by_requirements(file: CompanionFile, release: str, beside: Beside) -> Stated:
    said = Stated(
        companion=file.companion, release=release, tensorflow=beside.release, verdict="silent"
    )
    taken = [line for line in beside.requires if applies(line, beside.python, beside.platform)]
    own_word = [line for line in taken if line.name == file.companion]
    refusing = next((line for line in own_word if not takes(line.specifier, release)), None)
    if refusing is not None:
        return said._replace(verdict="refused", by="tensorflow", requirement=refusing)
    words = words_of(file, release, beside.platform)
    by_companion = _by_companion(said, words, beside) if words else said
    brought = {line.name for line in taken}
    by_companion = by_companion._replace(
        brings=tuple(name for name in by_companion.brings if name not in brought)
    )
    if by_companion.verdict != "silent" or not own_word:
        return by_companion
    ends = any(bound.operator in _UPPER_ENDS for bound in own_word[0].specifier.bounds)
    return by_companion._replace(
        verdict="goes" if ends else "open", by="tensorflow", requirement=own_word[0]
    )


def _by_companion(said: Stated, words: CompanionWords, beside: Beside) -> Stated:
    required = _naming_tensorflow(words.requires, beside)
    if required:
        brings = tuple(
            dict.fromkeys(line.name for line in required if line.name != beside.distribution)
        )
        said = said._replace(brings=brings)
        refusing = next(
            (line for line in required if not takes(line.specifier, beside.release)), None
        )
        if refusing is not None:
            return said._replace(verdict="refused", by="requirement", requirement=refusing)
        return _unless_unreadable(
            said._replace(
                verdict=_letting_in(required, beside), by="requirement", requirement=required[0]
            ),
            words,
        )
    for name in _EXTRAS:
        extra = next((extra for extra in words.extras if extra.name == name), None)
        lines = _naming_tensorflow(extra.requires, beside) if extra else []
        if lines:
            within = all(takes(line.specifier, beside.release) for line in lines)
            return _unless_unreadable(
                said._replace(
                    verdict=_letting_in(lines, beside) if within else "outside",
                    by="extra",
                    requirement=lines[0],
                    extra=name,
                ),
                words,
            )
    return _unless_unreadable(said, words)


def _unless_unreadable(said: Stated, words: CompanionWords) -> Stated:
    """Return what is stated; where a part could not be read, nothing but a refusal is sure."""
    if words.unreadable is None or said.verdict == "outside":
        return said
    return said._replace(verdict="unreadable")


def _naming_tensorflow(lines: Iterable[Requirement], beside: Beside) -> list[Requirement]:
    return [
        line
        for line in lines
        if is_tensorflow(line.name)
        and not line.name.startswith("tf-")
        and applies(line, beside.python, beside.platform)
    ]


def _letting_in(lines: Iterable[Requirement], beside: Beside) -> Verdict:
    """Return `goes` where bounds end within the major version: `<3` is for all of TensorFlow 2."""
    major = beside.release.partition(".")[0]
    ends = any(
        bound.operator in _UPPER_ENDS
        and bound.version.partition(".")[0] == major
        and not (bound.operator == "<" and bound.version.strip(".0") == major)
        for line in lines
        for bound in line.specifier.bounds
    )
    return "goes" if ends else "open"


@lru_cache(maxsize=4096)
def _bounds(text: str) -> SpecifierSet:
    return SpecifierSet(text)


@lru_cache(maxsize=4096)
def _holds(marker: str, python: Python, platform: Platform) -> bool:
    environment = {
        **MARKERS[platform]._asdict(),
        "python_version": python,
        "python_full_version": f"{python}.99",
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
        "extra": "",
    }
    return Marker(marker).evaluate(environment)
