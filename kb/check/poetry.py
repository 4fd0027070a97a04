"""Read the tables of Poetry in a pyproject.toml: its own spelling of versions, as PEP 440 has it.

The spellings: https://python-poetry.org/docs/dependency-specification/
"""

import re
from collections.abc import Iterator
from typing import Any

from kb.base.record import Record
from kb.check.asked import Fault

_VERSION = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9}){0,5}([a-z0-9.+-]{0,40})")
_NUMBERS = re.compile(r"[0-9]+(\.[0-9]+)*")
_PART = re.compile(r"(\^|~(?!=)|[<>=!~]=?=?)?\s*([^\s,]{1,60})")
_FIX = "write it as PEP 440 has it, such as `>=2.15,<2.17`"


class Dependency(Record):
    """One dependency as a text of PEP 508; `optional` ones come with an extra alone. Of some,
    pre-releases are taken.
    """

    name: str
    text: str
    optional: bool = False
    pre_releases: bool = False


def specifiers(constraint: str) -> str:
    """Return a constraint as PEP 440 spells it: `>=2.10,<3` for `^2.10`. Raises Fault."""
    if "|" in constraint:
        raise Fault("ranges joined by `||` are not read", "check each of them on its own")
    found: list[str] = []
    position = 0
    text = constraint.strip()
    while position < len(text):
        match = _PART.match(text, position)
        if match is None:
            raise Fault(f"{constraint[:60]!r} is no range of versions", _FIX)
        found += _part(match[1] or "", match[2], constraint)
        position = match.end()
        position += len(text[position:]) - len(text[position:].lstrip(" ,"))
    return ",".join(found)


def _part(operator: str, version: str, constraint: str) -> list[str]:
    if version == "*" and not operator:
        return []
    is_wild = version.endswith(".*")
    if _VERSION.fullmatch(version.removesuffix(".*")) is None:
        raise Fault(f"{constraint[:60]!r} is no range of versions", _FIX)
    if operator not in ("^", "~"):
        return [f"{operator if operator not in ('', '=') else '=='}{version}"]
    if is_wild:
        raise Fault(f"{constraint[:60]!r} is no range of versions", _FIX)
    numbers = [int(number) for number in _NUMBERS.match(version)[0].split(".")[:3]]  # type: ignore[index]
    return [f">={version}", f"<{_end(operator, numbers)}"]


def _end(operator: str, numbers: list[int]) -> str:
    """Return the first version that a caret or a tilde leaves out."""
    raised = min(1, len(numbers) - 1)
    if operator == "^":
        raised = next((n for n, number in enumerate(numbers) if number), len(numbers) - 1)
    return ".".join(map(str, [*numbers[:raised], numbers[raised] + 1]))


def dependencies(table: Any) -> Iterator[Dependency | tuple[str, Fault]]:
    """Yield what a table of dependencies asks for; one that cannot be read is a name and a Fault.

    Dependencies by path, address or repository are left out: no version is known of them.
    """
    for name, value in table.items() if isinstance(table, dict) else ():
        for entry in value if isinstance(value, list) else [value]:
            try:
                text = _text(name, entry)
            except Fault as fault:
                yield name, fault
                continue
            if name.lower() != "python" and text is not None:
                more = entry if isinstance(entry, dict) else {}
                yield Dependency(
                    name=name,
                    text=text,
                    optional=more.get("optional") is True,
                    pre_releases=more.get("allow-prereleases") is True,
                )


def _text(name: str, value: Any) -> str | None:
    entry = {"version": value} if isinstance(value, str) else value
    if not isinstance(entry, dict):
        raise Fault(f"{name} is neither a text nor a table", _FIX)
    if {"git", "path", "url", "file"} & entry.keys():
        return None
    version, extras = entry.get("version", "*"), entry.get("extras", [])
    if not isinstance(version, str) or not isinstance(extras, list):
        raise Fault(f"{name} has a version or extras that are none", _FIX)
    markers = " and ".join(f"({marker})" for marker in _markers(entry))
    extra = f"[{','.join(map(str, extras))}]" if extras else ""
    return f"{name}{extra}{specifiers(version)}{f' ; {markers}' if markers else ''}"


def _markers(entry: dict[str, Any]) -> Iterator[str]:
    if isinstance(entry.get("python"), str):
        for part in filter(None, specifiers(entry["python"]).split(",")):
            operator, version = re.fullmatch(r"([<>=!~]+)(.*)", part).groups()  # type: ignore[union-attr]
            yield f"python_full_version {operator} '{version}'"
    if isinstance(entry.get("platform"), str):
        yield f"sys_platform == '{entry['platform']}'"
    if isinstance(entry.get("markers"), str):
        yield entry["markers"]
