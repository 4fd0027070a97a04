"""Documents read beforehand: when the package is built, each YAML file of its data is read once and
laid beside as JSON, the record's fields as lists. A question then starts without a YAML reader.

Only the package's own data are prepared: nobody edits them there, and what a checkout or `--data`
names is read, and checked, as the YAML that it is.
"""

import os
from collections.abc import Callable
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

from kb.base.record import Record
from kb.base.requirement import Requirement, Specifier, own_requirement, own_specifier

PACKAGED = os.path.join(os.path.dirname(os.path.dirname(__file__)), "data")

_Record = TypeVar("_Record")
_Restore = Callable[[Any], Any]
_restorers: dict[Any, _Restore | None] = {}


def beside(path: str) -> str:
    """Return where the prepared form of a YAML file lies."""
    return path.removesuffix(".yaml") + ".json"


def prepare(path: str, record: object) -> None:
    """Lay the prepared form of a file's record beside it. Raises OSError."""
    import json

    with open(beside(path), "w", encoding="utf-8") as file:
        json.dump(record, file, separators=(",", ":"))


def prepared(path: str | os.PathLike[str], kind: type[_Record]) -> _Record | None:
    """Return the record of a file of the package's own data as it was read when the package was
    built, or None where the file is another, or the package is a checkout.
    """
    place = beside(os.fspath(path))
    if not place.startswith(PACKAGED) or not os.path.exists(place):
        return None
    import json  # a checkout reads YAML alone

    restore = _restorer(kind)
    with open(place, "rb") as file:
        values = json.load(file)
    record: _Record = restore(values) if restore else values
    return record


def _restorer(kind: Any) -> _Restore | None:
    """Return what makes a value of a kind from what JSON holds of it; None where JSON has it."""
    if kind not in _restorers:
        _restorers[kind] = _make(kind)
    return _restorers[kind]


def _make(kind: Any) -> _Restore | None:
    origin = get_origin(kind)
    if origin in (Annotated, Literal):
        return None
    if origin is tuple:
        return _tuple(_restorer(get_args(kind)[0]))
    if origin in (Union, UnionType):
        (part,) = (part for part in get_args(kind) if part is not NoneType)
        inner = _restorer(part)
        return inner and (lambda value: None if value is None else inner(value))
    if issubclass(kind, Record):
        return _record(kind)
    return {Requirement: own_requirement, Specifier: own_specifier}.get(kind)


def _tuple(inner: _Restore | None) -> _Restore:
    return tuple if inner is None else lambda values: tuple(map(inner, values))


def _record(kind: type[Record]) -> _Restore:
    hints = {name: hint for part in reversed(kind.__mro__) for name, hint in _hints(part).items()}
    make = kind._make
    restorers = [(position, _restorer(hints[name])) for position, name in enumerate(kind._fields)]
    changed = [(position, restore) for position, restore in restorers if restore is not None]

    def restore(values: list[Any]) -> Record:
        for position, inner in changed:
            values[position] = inner(values[position])
        return make(values)

    return restore


def _hints(kind: type) -> dict[str, Any]:
    return vars(kind).get("__annotations__", {}) if issubclass(kind, Record) else {}
