"""Explain a log: the messages in it that are known, the cause of each, and what to do about it."""

import re
from collections.abc import Iterable, Iterator

from kb.answers.last_exception import unexplained
from kb.answers.message_facts import FACTS, Facts, Releases, Words
from kb.answers.message_machine import SIGNS, Shown, shown_by
from kb.answers.message_scan import Sighting, scan
from kb.answers.ways_out import KnownMachine, leads_to_release, requirements, that_hold
from kb.base.model import Bounds, KnownError, MessageSeverity, Pattern, Problem, WayOut
from kb.base.names import is_tensorflow
from kb.base.record import Record
from kb.base.requirement import Requirement
from kb.base.store import Store
from kb.base.versions import within

PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]{3,40}")
_KEPT = 1 << 16
_CAPABILITY = "capability"
_CAPABILITY_NAMED = Pattern(
    text="ompute capability", expression=r"ompute capability:? (?P<capability>[0-9]{1,2}\.[0-9])"
)
_CLOSEST = 3
_MINIMUM_SHARED = 2
_MANY = 8


class Match(Record):
    """A message that was found, and what it means. `releases` is empty where it may be any."""

    id: str
    title: str
    severity: MessageSeverity
    seen: str
    cause: str
    ways_out: tuple[WayOut, ...]
    releases: tuple[Bounds, ...]
    sources: tuple[str, ...]

    @property
    def fix(self) -> tuple[str, ...]:
        """The ways out, each as one text."""
        return tuple(way.text for way in self.ways_out)


class Explanation(Record):
    """What was found, the likeliest cause first, harmless messages last; and where nothing was,
    the messages that share most words with the log. `unknown` is the exception that the log ends
    with where no message explains it, beside messages that tell of other lines.
    """

    matches: tuple[Match, ...]
    closest: tuple[tuple[str, str], ...]
    unknown: str | None = None


def explain(store: Store, blocks: Iterable[bytes]) -> Explanation:
    """Explain a log, given as the bytes of it in order. Raises DocumentError, and what reading the
    blocks raises.
    """
    errors = store.errors().errors
    problems = {problem.id: problem for problem in store.problems().problems}
    ends = _Ends(blocks)
    messages = [(error.id, pattern) for error in errors for pattern in error.patterns]
    seen = scan(ends, [*messages, (_CAPABILITY, _CAPABILITY_NAMED), *SIGNS])
    named = _words(seen.get(_CAPABILITY, ())).get(_CAPABILITY, ())
    shown = shown_by(seen)
    releases = Releases(store)
    matches = []
    for error in errors:
        if error.id in seen:
            hitting = _hitting(error, _problems_of(error, problems), named)
            hit = _of_release(hitting, shown.release)
            facts = Facts(store, _words(seen[error.id]), releases, shown.known.system)
            matches.append(_match(error, hit, seen[error.id], facts, shown))
    if not matches:
        return Explanation((), tuple(_closest(errors, problems, ends.head())))
    faults = [
        (error.id, pattern)
        for error in errors
        if error.severity == "error"
        for pattern in error.patterns
    ]
    return Explanation(tuple(matches), (), unexplained(ends.tail(), faults))


class _Ends:
    """Blocks passed on, of which the first bytes and the last are kept."""

    def __init__(self, blocks: Iterable[bytes]) -> None:
        self._blocks = blocks
        self._first = self._last = b""

    def __iter__(self) -> Iterator[bytes]:
        for block in self._blocks:
            self._first += block[: _KEPT - len(self._first)]
            self._last = (self._last + block)[-_KEPT:]
            yield block

    def head(self) -> str:
        """Return the start of what was passed on."""
        return self._first.decode("utf-8", "replace")

    def tail(self) -> str:
        """Return its end."""
        return self._last.decode("utf-8", "replace")


def _hitting(
    error: KnownError, problems: tuple[Problem, ...], named: tuple[str, ...]
) -> tuple[Problem, ...]:
    """Return the problems that can hit a GPU of a compute capability that the log names; all of
    them where none is named, or where the message has no cause but theirs.
    """
    if not named or not error.cause:
        return problems
    return tuple(
        problem
        for problem in problems
        if not problem.compute_capabilities or set(problem.compute_capabilities) & set(named)
    )


def _of_release(problems: tuple[Problem, ...], release: str | None) -> tuple[Problem, ...]:
    """Return the problems that hit the release that the log shows; all of them where it shows none,
    or one that is not known to be hit.
    """
    hit = tuple(p for p in problems if release is not None and within(release, *p.releases))
    return hit or problems


def ways_out_of(problems: tuple[Problem, ...]) -> Iterator[WayOut]:
    """Yield the ways out of problems; of several each that leads to another release tells for which
    releases it is.
    """
    for problem in problems:
        for way in problem.way_out:
            if len(problems) > 1 and way.told is not None and leads_to_release(way):
                yield way._replace(told=f"{way.told}, where it is {_span(problem.releases)}")
            else:
                yield way


def _span(span: Bounds) -> str:
    if span.first == span.last:
        return span.first or "any"
    if span.last is None:
        return f"{span.first} or later"
    return f"one up to {span.last}" if span.first is None else f"{span.first} to {span.last}"


def _problems_of(error: KnownError, problems: dict[str, Problem]) -> tuple[Problem, ...]:
    return tuple(problems[name] for name in error.problems if name in problems)


def _match(
    error: KnownError,
    problems: tuple[Problem, ...],
    sightings: tuple[Sighting, ...],
    facts: Facts,
    shown: Shown,
) -> Match:
    causes = tuple(filled_in(error.cause, facts)) or tuple(
        problem.cause for problem in problems[:1]
    )
    own = ways_out_filled_in(error.fix, facts)
    ways_out = [
        way
        for way in that_hold([*own, *ways_out_of(problems)], shown.known)
        if _is_there(way, facts, shown.known)
    ]
    sources = [*error.sources, *(url for problem in problems for url in problem.sources)]
    return Match(
        id=error.id,
        title=title_of(error, problems),
        severity=error.severity,
        seen=sightings[0].line,
        cause=" ".join(causes),
        ways_out=tuple(dict.fromkeys(ways_out)),
        releases=_releases(error, problems, facts),
        sources=tuple(dict.fromkeys(sources)),
    )


def _is_there(way: WayOut, facts: Facts, known: KnownMachine) -> bool:
    """Tell whether what a way out installs of TensorFlow has a wheel for the machine that the log
    shows; what it does not show rules nothing out.
    """
    if known == KnownMachine():
        return True
    return all(
        _has_wheel(wanted, facts, known) for wanted in requirements(way) if wanted.specifier.bounds
    )


def _has_wheel(wanted: Requirement, facts: Facts, known: KnownMachine) -> bool:
    if not is_tensorflow(wanted.name):
        return True
    from packaging.specifiers import SpecifierSet  # few logs need it

    bounds = SpecifierSet(wanted.specifier)
    return any(
        bounds.contains(offer.release.release)
        and (known.system is None or offer.build.platform.startswith(known.system))
        and (known.python is None or known.python in offer.pythons())
        for _, offer in facts.offers(wanted.name, "release")
    )


def title_of(error: KnownError, problems: tuple[Problem, ...]) -> str:
    """Return the title of a message: its own, or that of its first problem."""
    return error.title or next((problem.title for problem in problems), error.id)


def _words(sightings: tuple[Sighting, ...]) -> Words:
    """Return the values of each word, each once, in the order in which they were seen."""
    words: Words = {}
    for sighting in sightings:
        for name, value in sighting.words:
            if value not in words.get(name, ()):
                words[name] = (*words.get(name, ()), value)
    return words


def filled_in(lines: Iterable[str], facts: Facts) -> Iterator[str]:
    """Yield each line with its words filled in; a line with a word that is unknown is left out."""
    for line in lines:
        text = _filled_in(line, facts)
        if text is not None:
            yield text


def ways_out_filled_in(ways_out: Iterable[WayOut], facts: Facts) -> Iterator[WayOut]:
    """Yield each way out with its words filled in; one with a word that is unknown is left out."""
    is_first = True
    for way in ways_out:
        texts = {"told": way.told, "command": way.command}
        filled = {name: _filled_in(text, facts) for name, text in texts.items() if text}
        if None in filled.values():
            continue
        told = filled.get("told") or ""
        if is_first and told.startswith("Or "):  # the one before it was left out
            filled["told"] = told[3:4].upper() + told[4:]
        is_first = False
        yield way._replace(**filled)


def _filled_in(text: str, facts: Facts) -> str | None:
    pieces = PLACEHOLDER.split(text)  # texts, with the names of words between them
    pieces[1::2] = [_value(name, facts) or "" for name in pieces[1::2]]
    return "".join(pieces) if all(pieces[1::2]) else None


def _value(name: str, facts: Facts) -> str | None:
    if name in facts.words:
        values = facts.words[name]
        return ", ".join(values[:_MANY]) + (", ..." if len(values) > _MANY else "")
    return FACTS[name].work_out(facts) if name in FACTS else None


def _releases(error: KnownError, problems: tuple[Problem, ...], facts: Facts) -> tuple[Bounds, ...]:
    if error.releases is not None:
        return (error.releases,)
    if "library" in facts.words:
        return facts.releases
    return tuple(dict.fromkeys(problem.releases for problem in problems))


def _closest(
    errors: tuple[KnownError, ...], problems: dict[str, Problem], text: str
) -> Iterator[tuple[str, str]]:
    """Yield the id and title of those messages that share most words with a text, at most three.

    A word counts the more, the fewer messages it stands in.
    """
    words = {error.id: _vocabulary(error, _problems_of(error, problems)) for error in errors}
    asked = {word.lower() for word in _WORD.findall(text)}
    often: dict[str, int] = {}
    for vocabulary in words.values():
        for word in vocabulary:
            often[word] = often.get(word, 0) + 1
    weights = {
        error: sum(1 / often[word] for word in words[error.id] & asked)
        for error in errors
        if len(words[error.id] & asked) >= _MINIMUM_SHARED
    }
    for error in sorted(weights, key=lambda error: -weights[error])[:_CLOSEST]:
        yield error.id, title_of(error, _problems_of(error, problems))


def _vocabulary(error: KnownError, problems: tuple[Problem, ...]) -> set[str]:
    texts = [title_of(error, problems), *(pattern.text for pattern in error.patterns)]
    return {word.lower() for text in texts for word in _WORD.findall(text)}
