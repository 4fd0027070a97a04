"""The pages of known errors: what people search for, what it means, and the way out.

A page has no log: words of a message that only a log tells are written as an ellipsis, and what
would have to be worked out from them is left unsaid, as `kb explain` does.
"""

import re
from collections.abc import Iterable

from kb.answers.message_facts import FACTS, Facts, Releases
from kb.answers.messages import PLACEHOLDER, filled_in, title_of, ways_out_filled_in
from kb.base.model import Bounds, KnownError, Problem, WayOut
from kb.base.record import Record
from kb.base.store import Store

# What loaders print around the name of a file that they do not find.
_LINES = (
    "Could not load dynamic library '{0}'; dlerror: {0}: cannot open shared object file",
    "Could not load library {0}. Error: {0}: cannot open shared object file",
)


class LibraryRow(Record):
    """Library files that are of the same CUDA and cuDNN, and the series built with those."""

    files: tuple[str, ...]
    versions: str
    series: str


class ErrorShown(Record):
    """A known message; people search for `messages`, and it can name `libraries`."""

    id: str
    title: str
    is_harmless: bool
    messages: tuple[str, ...]
    looks_like: tuple[str, ...]
    cause: tuple[str, ...]
    ways_out: tuple[WayOut, ...]
    releases: tuple[Bounds, ...]
    problems: tuple[str, ...]
    libraries: tuple[LibraryRow, ...]
    sources: tuple[str, ...]


def known_errors(store: Store) -> tuple[ErrorShown, ...]:
    """Return the known messages, earlier ones being causes of later ones, harmless ones last.

    Raises DocumentError.
    """
    problems = {problem.id: problem for problem in store.problems().problems}
    facts = Facts(store, {})
    rows = library_rows(store)
    return tuple(
        _with_libraries(
            _shown(
                error, tuple(problems[name] for name in error.problems if name in problems), facts
            ),
            _named_by(error, rows),
        )
        for error in store.errors().errors
    )


def _shown(error: KnownError, problems: tuple[Problem, ...], facts: Facts) -> ErrorShown:
    releases = [error.releases] if error.releases else [problem.releases for problem in problems]
    own = ways_out_filled_in(map(_without_a_log, error.fix), facts)
    ways_out = [*own, *(way for problem in problems for way in problem.way_out)]
    sources = [*error.sources, *(url for problem in problems for url in problem.sources)]
    looks = dict.fromkeys(line for problem in problems for line in problem.looks_like)
    return ErrorShown(
        id=error.id,
        title=title_of(error, problems),
        is_harmless=error.severity == "harmless",
        messages=tuple(dict.fromkeys(pattern.text.strip() for pattern in error.patterns)),
        looks_like=tuple(looks),
        cause=_in_general(error.cause, facts) or tuple(problem.cause for problem in problems[:1]),
        ways_out=tuple(dict.fromkeys(ways_out)),
        releases=tuple(dict.fromkeys(releases)),
        problems=tuple(problem.id for problem in problems),
        libraries=(),
        sources=tuple(dict.fromkeys(sources)),
    )


def _in_general(lines: Iterable[str], facts: Facts) -> tuple[str, ...]:
    return tuple(filled_in(map(_without_words, lines), facts))


def _without_words(line: str) -> str:
    return PLACEHOLDER.sub(_own_word, line).replace("….", "…")


def _without_a_log(way: WayOut) -> WayOut:
    """Return a way out as it stands without a log: in a command, what the reader has to put in."""
    text = way.told and _without_words(way.told)
    return way._replace(told=text, command=way.command and PLACEHOLDER.sub(_to_put_in, way.command))


def _to_put_in(match: re.Match[str]) -> str:
    return match[0] if match[1] in FACTS else match[1].upper()


def _own_word(match: re.Match[str]) -> str:
    """Return what stands for a word of the message; leave what follows from words in its place."""
    if match[1] in FACTS:
        return match[0]
    return "the library" if match[1] == "library" else "…"


def library_rows(store: Store) -> tuple[LibraryRow, ...]:
    """Return every library file that a release of CUDA or cuDNN holds, in the table's order."""
    releases = Releases(store)
    alike: dict[tuple[str | None, bool], list[str]] = {}
    for file in dict.fromkeys(file for row in store.libraries().libraries for file in row.files):
        versions = FACTS["versions"].work_out(Facts(store, {"library": (file,)}, releases))
        alike.setdefault((versions, file.endswith(".dll")), []).append(file)
    return tuple(
        LibraryRow(tuple(files), versions or "", _series(store, files[0], releases))
        for (versions, _), files in alike.items()
    )


def _series(store: Store, file: str, releases: Releases) -> str:
    return FACTS["series"].work_out(Facts(store, {"library": (file,)}, releases)) or ""


def _with_libraries(error: ErrorShown, rows: tuple[LibraryRow, ...]) -> ErrorShown:
    """Add the libraries that a message names, and how it looks with the newest of them."""
    if not rows:
        return error
    whole = _LINES[0].format(rows[-1].files[0])
    return error._replace(libraries=rows, looks_like=(whole, *error.looks_like))


def _named_by(error: KnownError, rows: tuple[LibraryRow, ...]) -> tuple[LibraryRow, ...]:
    """Return the libraries that a message names where a loader does not find them."""
    expressions = [
        re.compile(pattern.expression)
        for pattern in error.patterns
        if pattern.expression and "(?P<library>" in pattern.expression
    ]
    found = []
    for row in rows if expressions else ():
        files = tuple(file for file in row.files if _is_read(file, expressions))
        found += [row._replace(files=files)] if files else []
    return tuple(found)


def _is_read(file: str, expressions: list[re.Pattern[str]]) -> bool:
    lines = [line.format(file) for line in _LINES]
    sought = (expression.search(line) for expression in expressions for line in lines)
    return any(match is not None and match["library"] == file for match in sought)
