"""What must hold of `errors.yaml` and `libraries.yaml`, beyond their schema."""

import re
from collections.abc import Collection, Iterator

from kb.answers.message_facts import FACTS
from kb.answers.messages import PLACEHOLDER
from kb.base.model import ErrorsFile, KnownError, LibrariesFile
from kb.base.versions import key
from kb.upkeep.table_rules import way_out_faults

_CLASS = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]")
_ENDLESS = re.compile(r"[*+]|\{\d*,\}")


def errors_faults(
    file: ErrorsFile, problems: Collection[str], releases: Collection[str]
) -> Iterator[str]:
    """Yield what is wrong with `errors.yaml`, given the ids of all problems and all releases."""
    ids = [error.id for error in file.errors]
    for name in sorted({name for name in ids if ids.count(name) > 1}):
        yield f"errors.yaml: {name}: stands twice; remove one"
    severities = [error.severity for error in file.errors]
    if severities != sorted(severities):
        yield "errors.yaml: errors: put the harmless ones last"
    for error in file.errors:
        where = f"errors.yaml: {error.id}"
        yield from _field_faults(where, error, problems)
        for number, pattern in enumerate(error.patterns):
            if pattern.expression is not None:
                entry = f"{where}: patterns[{number}]: expression"
                yield from _expression_faults(entry, pattern.expression)
        for end in error.releases or ():
            if end is not None and end not in releases:
                yield f"{where}: releases: there is no release {end}; name one that there is"


def _field_faults(where: str, error: KnownError, problems: Collection[str]) -> Iterator[str]:
    if not error.patterns:
        yield f"{where}: patterns: is empty; give at least one"
    for name in error.problems:
        if name not in problems:
            yield f"{where}: problems: there is no {name} in problems.yaml; name one that there is"
    own = (error.title, error.cause, error.sources)
    if not error.problems and not all(own):
        yield f"{where}: has no problem to tell it; give title, cause and sources"
    if not error.problems and error.severity == "error" and not error.fix:
        yield f"{where}: fix: is empty; tell a way out"
    words = _words(error)
    for way in error.fix:
        yield from way_out_faults(f"{where}: fix", way)
    for line in (*error.cause, *(way.text for way in error.fix)):
        for name in PLACEHOLDER.findall(line):
            needs = FACTS[name].needs if name in FACTS else name
            if needs is not None and needs not in words:
                yield f"{where}: no expression gives {{{name}}} its value; name a group {needs}"


def _words(error: KnownError) -> set[str]:
    names: set[str] = set()
    for pattern in error.patterns:
        try:
            names |= set(re.compile(pattern.expression or "").groupindex)
        except re.error:
            continue
    return names


def _expression_faults(where: str, expression: str) -> Iterator[str]:
    try:
        re.compile(expression)
    except re.error as error:
        yield f"{where}: is no regular expression: {error}; mend it"
        return
    if _ENDLESS.search(_CLASS.sub("", expression)):
        yield f"{where}: repeats without end; give each repetition a bound, as in {{1,40}}"


def libraries_faults(file: LibrariesFile) -> Iterator[str]:
    """Yield what is wrong with `libraries.yaml`."""
    owners: set[str] = set()
    for library in file.libraries:
        where = f"libraries.yaml: {library.files[0] if library.files else '?'}"
        if not library.files:
            yield f"{where}: files: is empty; name at least one"
        if key(library.first) > key(library.last):
            yield f"{where}: first is after last; swap them"
        if library.source is None and not library.wheels:
            yield f"{where}: neither a source nor wheels; name where it was read"
        for name in library.files:
            if name in owners:
                yield f"{where}: {name} stands twice; keep it in one row"
            owners.add(name)
