"""No day of any file lies in the future: what was not yet cannot have been read or done."""

from collections.abc import Callable, Iterator
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from kb.base.model import Day, Moment
from kb.base.record import Record

_Days = Callable[[Any], Iterator[tuple[str, str]]]
_walks: dict[Any, _Days | None] = {}


def day_faults(path: str, record: Record, today: str) -> Iterator[str]:
    """Yield each day of a file's record that is after today, with the place where it stands."""
    walk = _walk(type(record))
    for where, day in walk(record) if walk else ():
        if day[:10] > today:
            entry = f"{path}: {where.removeprefix('.')}"
            yield f"{entry}: {day} is in the future: today is {today}; write it as it was"


def _walk(kind: Any) -> _Days | None:
    """Return what yields the days within a value of a kind; None where it holds none."""
    if kind not in _walks:
        _walks[kind] = _make(kind)
    return _walks[kind]


def _make(kind: Any) -> _Days | None:
    if kind in (Day, Moment):
        return lambda value: iter([("", value)])
    origin = get_origin(kind)
    if origin is Annotated:
        return None
    if origin in (Union, UnionType):
        (inner,) = (part for part in get_args(kind) if part is not NoneType)
        return _optional(inner)
    if origin is tuple:
        return _each(get_args(kind)[0])
    if isinstance(kind, type) and issubclass(kind, Record):
        return _fields(kind)
    return None


def _optional(inner: Any) -> _Days | None:
    walk = _walk(inner)
    return walk and (lambda value: iter(()) if value is None else walk(value))


def _each(inner: Any) -> _Days | None:
    walk = _walk(inner)

    def days(values: Any) -> Iterator[tuple[str, str]]:
        for number, value in enumerate(values):
            for where, day in walk(value) if walk else ():
                yield f"[{number}]{where}", day

    return days if walk else None


def _fields(kind: type[Record]) -> _Days | None:
    hints = get_type_hints(kind, include_extras=True)
    walks = [(n, walk) for n, name in enumerate(kind._fields) if (walk := _walk(hints[name]))]

    def days(record: Any) -> Iterator[tuple[str, str]]:
        for position, walk in walks:
            for where, day in walk(record[position]):
                yield f".{kind._fields[position]}{where}", day

    return days if walks else None
