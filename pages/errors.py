"""The pages of known errors: what people search for, what it means, and the way out."""

import re

from kb.answers.message_facts import FACTS, Facts, Releases
from kb.answers.messages import title_of
from kb.answers.messages_in_general import in_general
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
    return ErrorShown(
        id=error.id,
        title=title_of(error, problems),
        is_harmless=error.severity == "harmless",
        problems=tuple(problem.id for problem in problems),
        libraries=(),
        **in_general(error, problems, facts)._asdict(),
    )


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
