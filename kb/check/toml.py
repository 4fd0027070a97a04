"""Read what a pyproject.toml asks for: the project's table, dependency groups, Poetry's tables."""

import re
from collections.abc import Iterator
from importlib import import_module
from typing import Any

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name

from kb.base.errors import Unreadable
from kb.base.findings import Finding
from kb.base.names import is_tensorflow
from kb.base.record import Record
from kb.check import poetry
from kb.check.asked import ALL, Asked, Fault, PreReleases, Project, PythonRange
from kb.check.bounds import names_versions
from kb.check.lines import parse


def pyproject(name: str, text: str) -> Project:
    """Return what a pyproject.toml of this name and text asks for. Raises Unreadable."""
    try:
        content = _reader(name).loads(text)
    except RecursionError:
        return Project((), faults=(Fault("nests too deep", "flatten it").finding(name, 1),))
    except ValueError as error:
        return Project((), faults=(_no_toml(name, text, error),))
    return _Reader(name, text).project(content)


def _reader(name: str) -> Any:
    for module in ("tomllib", "tomli"):  # from 3.11 on Python has its own
        try:
            return import_module(module)
        except ImportError:
            continue
    raise Unreadable(f"{name}: to read TOML needs Python 3.11 or later, or `pip install tomli`")


def _no_toml(name: str, text: str, error: ValueError) -> Finding:
    message, _, position = str(error).partition(" (at ")
    number = position.partition("line ")[2].partition(",")[0]
    line = int(number) if number.isdigit() else max(1, text.count("\n"))
    text = f"is no TOML: {message[:1].lower()}{message[1:120]}"
    return Fault(text, "mend the syntax of this line").finding(name, line)


class _Way(Record):
    """One way to install a project beside its own dependencies: an extra or a group."""

    name: str
    asked: tuple[Asked, ...]


class _Reader:
    """Reads the tables of one file."""

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.faults: list[Finding] = []
        self._lines_of = _lines_of(text)
        self._pre_releases = PreReleases()

    def project(self, content: dict[str, Any]) -> Project:
        """Return what the file asks for."""
        project = self._table(content, "project")
        old = self._table(self._table(content, "tool"), "poetry")
        python = self._python(project.get("requires-python"))
        base = self._texts(project.get("dependencies", []), "project.dependencies")
        extras = self._table(project, "optional-dependencies")
        ways = [_Way(name, self._texts(extras[name], f"the extra {name}")) for name in extras]
        groups = self._table(content, "dependency-groups")
        ways += [_Way(name, tuple(self._group(groups, name))) for name in groups]
        if old:
            more, others = self._poetry(old)
            base, ways = (*base, *more), [*ways, *others]
            python = python or self._poetry_python(self._table(old, "dependencies").get("python"))
        dynamic = project.get("dynamic", [])
        if isinstance(dynamic, list) and "dependencies" in dynamic:
            text, fix = "dependencies that a build works out are not read", "check their own file"
            self._fault("dynamic", "not-checked", Fault(text, fix), "warning")
        sets = [base, *((*base, *way.asked) for way in ways)]
        uv = self._table(self._table(content, "tool"), "uv").get("prerelease")
        if uv == "allow":
            self._pre_releases = self._pre_releases.taking(frozenset({ALL}))
        elif uv == "disallow":
            self._pre_releases = self._pre_releases.refusing(frozenset({ALL}))
        return Project(
            sets=tuple(sets),
            python=python,
            faults=tuple(self.faults),
            pre_releases=self._pre_releases,
            other_index=self._names_index(content),
        )

    def _names_index(self, content: dict[str, Any]) -> bool:
        """Tell whether uv's table or Poetry's names an index or a source."""
        tool = content.get("tool")
        tables = [tool.get(name) for name in ("uv", "poetry")] if isinstance(tool, dict) else []
        keys = {key for table in tables if isinstance(table, dict) for key in table}
        return bool(keys & _INDEXES)

    def _table(self, parent: dict[str, Any], name: str) -> dict[str, Any]:
        value = parent.get(name, {})
        if isinstance(value, dict):
            return value
        self._fault(name, "unreadable", Fault(f"{name} is no table", "make it one"))
        return {}

    def _python(self, text: Any) -> PythonRange | None:
        if text is None:
            return None
        try:
            bounds = SpecifierSet(text)
            if names_versions(bounds):
                return PythonRange(
                    file=self.name, line=self._line(text), text=text, specifiers=bounds
                )
        except (InvalidSpecifier, AttributeError, TypeError):
            pass
        fault = Fault(f"{str(text)[:60]!r} is no range of Pythons", "write it as `>=3.10`")
        self._fault(str(text), "unreadable", fault)
        return None

    def _poetry_python(self, text: Any) -> PythonRange | None:
        try:
            read = poetry.specifiers(text) if isinstance(text, str) else None
        except Fault as fault:
            self._fault(text, "not-checked", fault, "warning")
            return None
        found = self._python(read)
        return found and found._replace(line=self._line(text))

    def _texts(self, values: Any, what: str) -> tuple[Asked, ...]:
        if not isinstance(values, list):
            self._fault(what.rpartition(".")[2], "unreadable", Fault(f"{what} is no list", _LIST))
            return ()
        return tuple(entry for value in values for entry in self._asked(value, what))

    def _asked(self, value: Any, what: str, shown: str | None = None) -> Iterator[Asked]:
        """Yield the requirement that a text is; `shown` is what stands in the file for it."""
        if not isinstance(value, str):
            self._fault(what, "unreadable", Fault(f"{what} holds what is no text", _LIST))
            return
        try:
            requirement = parse(value)
        except Fault as wrong:
            self._fault(shown or value, "unreadable", wrong)
            return
        entry = Asked(
            file=self.name,
            line=self._line(shown or value),
            name=canonicalize_name(requirement.name),
            requirement=requirement,
        )
        if requirement.url is None:
            yield entry
        elif is_tensorflow(entry.name):
            fault = Fault(f"{entry.name} from an address is not checked", "ask for a version")
            self._fault(value, "not-checked", fault, "warning")

    def _group(self, groups: dict[str, Any], name: str) -> Iterator[Asked]:
        """Yield what a dependency group asks for, with the groups that it includes, each once."""
        seen = {name}
        waiting = [name]
        while waiting:
            current = waiting.pop()
            values = groups[current]
            if not isinstance(values, list):
                self._fault(current, "unreadable", Fault(f"the group {current} is no list", _LIST))
                continue
            for value in values:
                if not isinstance(value, dict):
                    yield from self._asked(value, f"the group {current}")
                    continue
                other = _same_name(groups, value.get("include-group"))
                if other is None:
                    wrong = f"the group {current} includes one that is not there"
                    self._fault(current, "unreadable", Fault(wrong, "name a group that is there"))
                elif other == name:
                    wrong = f"the group {name} includes itself"
                    self._fault(name, "unreadable", Fault(wrong, "remove the inclusion"))
                elif other not in seen:
                    seen.add(other)
                    waiting.append(other)

    def _poetry(self, table: dict[str, Any]) -> tuple[tuple[Asked, ...], list[_Way]]:
        base, optional = self._poetry_table(table.get("dependencies"))
        ways = []
        for name, members in self._table(table, "extras").items():
            wanted = {canonicalize_name(str(member)) for member in members}
            ways.append(_Way(name, tuple(entry for entry in optional if entry.name in wanted)))
        groups = {"dev": {"dependencies": table.get("dev-dependencies")}}
        for name, group in {**groups, **self._table(table, "group")}.items():
            content = group.get("dependencies") if isinstance(group, dict) else None
            ways.append(_Way(name, self._poetry_table(content)[0]))
        return base, ways

    def _poetry_table(self, table: Any) -> tuple[tuple[Asked, ...], tuple[Asked, ...]]:
        always: list[Asked] = []
        optional: list[Asked] = []
        for dependency in poetry.dependencies(table):
            if isinstance(dependency, poetry.Dependency):
                found = self._asked(dependency.text, "Poetry's table", dependency.name)
                if dependency.pre_releases:
                    named = frozenset({canonicalize_name(dependency.name)})
                    self._pre_releases = self._pre_releases.taking(named)
                (optional if dependency.optional else always).extend(found)
            elif dependency[0].lower() != "python":
                self._fault(dependency[0], "not-checked", dependency[1], "warning")
        return tuple(always), tuple(optional)

    def _line(self, text: str) -> int:
        """Return the line on which a text stands, the next one where it stands on several."""
        lines = self._lines_of.get(text, [1])
        return lines.pop(0) if len(lines) > 1 else lines[0]

    def _fault(self, text: str, rule: str, fault: Fault, severity: Any = "error") -> None:
        self.faults.append(fault.finding(self.name, self._line(text), rule, severity))


_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"|\'([^\']*)\'')
_NAMED = re.compile(r"\s*\[{0,2}([A-Za-z0-9_.-]+)\s*[=\]]")
_INDEXES = {"index", "index-url", "extra-index-url", "find-links", "sources", "source"}
_LIST = 'make it a list of texts, such as ["tensorflow>=2.16"]'


def _lines_of(text: str) -> dict[str, list[int]]:
    """Return the lines on which each quoted text, each key and each table's name stands."""
    lines: dict[str, list[int]] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip().startswith("#"):
            continue
        found = {a.replace('\\"', '"').replace("\\\\", "\\") or b for a, b in _QUOTED.findall(line)}
        if named := _NAMED.match(line):
            found.add(named[1].rpartition(".")[2])
        for value in found:
            lines.setdefault(value, []).append(number)
    return lines


def _same_name(groups: dict[str, Any], name: Any) -> str | None:
    wanted = canonicalize_name(name) if isinstance(name, str) else None
    return next((group for group in groups if canonicalize_name(group) == wanted), None)
