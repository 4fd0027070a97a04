"""Read a requirements file of pip's, and the files that it includes. Nothing is fetched, no
environment variable is looked up, and no address is repeated: it may hold a password.
"""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

from packaging.markers import Marker, UndefinedComparison, UndefinedEnvironmentName
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion

from kb.base.findings import Finding, Severity
from kb.base.names import is_tensorflow
from kb.base.record import Record
from kb.check.asked import ALL, Asked, Fault, PreReleases, Project
from kb.check.bounds import names_versions
from kb.check.text import read_text

_MAX_FILES = 100
_MAX_LINE = 100_000
_MAX_REQUIREMENT = 1000
_VARIABLE = re.compile(r"\$\{[A-Z0-9_]+\}")
_INCLUDE = re.compile(r"(-r|-c|--requirement|--constraint)(?![a-z-])[= ]?\s*(.*)")
_PRE_RELEASES = re.compile(
    r"(?<!\S)(--pre(?!\S)|(?:--all-releases|--only-final)(?=[\s=]))(?:[\s=]+([^\s-]\S*))?"
)
_INDEX = re.compile(r"-i(?![a-z-])|-f(?![a-z-])|--(?:extra-)?index-url|--find-links|--no-index")
_TENSORFLOW = re.compile(r"tensorflow|tf[-_.]nightly", re.IGNORECASE)


class _Line(Record):
    """A line of a file, with those that it goes on in."""

    number: int
    text: str


class _Reader:
    """Reads one requirements file and all that it includes, each once."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.faults: list[Finding] = []
        self.pre_releases = PreReleases()
        self.other_index = False
        self._seen: set[tuple[str, bool]] = set()

    def read(self, name: str, text: str, constraint: bool, within: tuple[str, ...]) -> None:
        """Read a file's text; `within` are the files that are being read, the outermost first."""
        within = (*within, _resolved(name))
        for line in _lines(text):
            try:
                self._line(name, line, constraint, within)
            except Fault as fault:
                self._fault(name, line, "unreadable", "error", fault)

    def _line(self, name: str, line: _Line, constraint: bool, within: tuple[str, ...]) -> None:
        if len(line.text) > _MAX_LINE:
            raise Fault(f"the line has more than {_MAX_LINE} characters", "split it")
        include = _INCLUDE.fullmatch(line.text)
        if include:
            only_bounds = constraint or include[1] in ("-c", "--constraint")
            self._include(name, line, include[2], only_bounds, within)
        elif line.text.startswith("-"):
            self._options(line.text)
        else:
            self._requirement(name, line, constraint)

    def _options(self, text: str) -> None:
        """Take what pip's options say of pre-releases and indexes, in whatever file they stand."""
        self.other_index |= _INDEX.match(text) is not None
        for option, names in _PRE_RELEASES.findall(text):
            texts = [ALL] if option == "--pre" else filter(None, names.split(","))
            named = frozenset(name if name == ALL else canonicalize_name(name) for name in texts)
            change = PreReleases.refusing if option == "--only-final" else PreReleases.taking
            self.pre_releases = change(self.pre_releases, named)

    def _include(
        self, name: str, line: _Line, other: str, constraint: bool, within: tuple[str, ...]
    ) -> None:
        if "://" in other or _VARIABLE.search(other):
            what = "is behind an address" if "://" in other else "depends on a variable"
            fault = Fault(f"a file that {what} is not read", "check that file on its own")
            self._fault(name, line, "not-checked", "warning", fault)
            return
        path = str(Path(name).parent / _unquoted(other))
        real = _resolved(path)
        if real in within:
            raise Fault(f"{path} includes itself", "remove this line: pip refuses such a loop")
        if (real, constraint) in self._seen:
            return
        self._seen.add((real, constraint))
        if len(self._seen) > _MAX_FILES:
            raise Fault(f"more than {_MAX_FILES} files are included", "include fewer")
        try:
            text = read_text(path)
        except OSError as error:
            raise Fault(f"{path}: {error.strerror or error}", "name a file that is there") from None
        except Fault as fault:
            raise Fault(f"{path} {fault}", fault.fix) from None
        self.read(path, text, constraint, within)

    def _requirement(self, name: str, line: _Line, constraint: bool) -> None:
        text = _without_options(line.text)
        if _VARIABLE.search(text):
            if _TENSORFLOW.search(text):
                fault = Fault("depends on a variable that is not known here", "write it out")
                self._fault(name, line, "not-checked", "warning", fault)
        elif not _is_address(text):
            requirement = parse(text)
            entry = Asked(
                file=name,
                line=line.number,
                name=canonicalize_name(requirement.name),
                requirement=requirement,
            )
            if requirement.url is None:
                self.asked.append(entry._replace(constraint=constraint))
            elif is_tensorflow(entry.name):
                fault = Fault(f"{entry.name} from an address is not checked", "ask for a version")
                self._fault(name, line, "not-checked", "warning", fault)

    def _fault(self, name: str, line: _Line, rule: str, severity: Severity, fault: Fault) -> None:
        self.faults.append(fault.finding(name, line.number, rule, severity))


def requirements(name: str, text: str) -> Project:
    """Return what a requirements file of this name and text asks for."""
    reader = _Reader()
    reader.read(name, text, constraint=False, within=())
    return Project(
        sets=(tuple(reader.asked),),
        faults=tuple(reader.faults),
        pre_releases=reader.pre_releases,
        other_index=reader.other_index,
    )


def parse(text: str) -> Requirement:
    """Return a requirement. Raises Fault for a text that is none."""
    if len(text) > _MAX_REQUIREMENT:
        raise Fault(f"a requirement has more than {_MAX_REQUIREMENT} characters", "shorten it")
    # what looks like an address is not repeated
    shown = "this" if {"@", "/"} & set(text) else repr(text[:60])
    wrong = Fault(f"{shown} is no requirement", "write it as in `tensorflow>=2.15,<2.17`")
    try:
        requirement = Requirement(text)
    except (ValueError, SyntaxError, RecursionError):  # older packaging lets others through
        raise wrong from None
    if not names_versions(requirement.specifier):
        raise wrong
    if requirement.marker is not None:
        _check_marker(requirement.marker)
    return requirement


def _check_marker(marker: Marker) -> None:
    try:
        marker.evaluate({"extra": ""})
    except (UndefinedComparison, UndefinedEnvironmentName, InvalidVersion):
        fix = "correct what stands after `;`"
        raise Fault("its marker compares what cannot be compared", fix) from None


def _lines(text: str) -> Iterator[_Line]:
    """Yield the lines that say something, joined where one ends in a backslash."""
    parts: list[str] = []
    start = 1
    for number, line in enumerate([*text.splitlines(), ""], 1):
        if not parts:
            start = number
        is_comment = line.lstrip().startswith("#")
        if line.endswith("\\") and not is_comment:
            parts.append(line[:-1])
            continue
        joined = _without_comment("".join([*parts, "" if is_comment else line])).strip()
        parts = []
        if joined:
            yield _Line(start, joined)


def _without_comment(line: str) -> str:
    start = line.find("#")
    while start > 0 and not line[start - 1].isspace():
        start = line.find("#", start + 1)
    return line if start < 0 else line[:start]


def _without_options(line: str) -> str:
    """Return a requirement without pip's options after it, such as hashes."""
    words = line.split()
    end = next((n for n, word in enumerate(words) if word.startswith("-")), len(words))
    return " ".join(words[:end])


def _is_address(text: str) -> bool:
    """Tell whether a text is a path or an address alone, of which no name is known."""
    start = text.partition(";")[0].partition("@")[0]
    is_file = start.strip().endswith((".whl", ".zip", ".tar.gz"))
    return is_file or start.startswith(".") or "/" in start or "\\" in start


def _resolved(path: str) -> str:
    try:
        return str(Path(path).resolve())
    except (OSError, RuntimeError):  # links that lead to each other
        return path


def _unquoted(path: str) -> str:
    try:
        return " ".join(shlex.split(path)) if path[:1] in "\"'" else path
    except ValueError:
        raise Fault("a quote is not closed", "close it") from None
