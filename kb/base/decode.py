"""Turn the events of a YAML document into records, by the records' own annotations.

Every scalar is read as text and the annotation gives it its type, so that `2.10` stays `2.10`.
Decoding straight from the events is twice as fast as from composed nodes, and a document that
nests without end is refused where the C composer would overflow its stack.
"""

import re
from collections.abc import Callable
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from yaml.events import (
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from kb.base.requirement import InvalidRequirement, Requirement, Specifier, requirement, specifier

NextEvent = Callable[[], Event]
Decoder = Callable[[Event, NextEvent], Any]

_NUMBER = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?")
_INTEGER = re.compile(r"0|[1-9]\d{0,17}")
_MISSING = object()
_decoders: dict[Any, Decoder] = {}


class Mismatch(ValueError):
    """An event that is not what its place asks for; `path` leads to it from the root."""

    def __init__(self, event: Event, problem: str) -> None:
        super().__init__(problem)
        self.line: int = event.start_mark.line + 1 if event.start_mark else 0
        self.path: list[str | int] = []

    def under(self, step: str | int) -> "Mismatch":
        """Return the same error, one step nearer to the root."""
        self.path.insert(0, step)
        return self


def decoder(kind: Any) -> Decoder:
    """Return the function that decodes what an event starts as `kind`; it raises Mismatch.

    Records nest only as deep as their annotations do, so the document's own depth is bounded.
    """
    if kind not in _decoders:
        _decoders[kind] = _make(kind)
    return _decoders[kind]


def _make(kind: Any) -> Decoder:
    origin = get_origin(kind)
    if origin is Annotated:
        return _text(re.compile(get_args(kind)[1]))
    if origin is Literal:
        return _choice(get_args(kind))
    if origin is tuple:
        return _sequence(decoder(get_args(kind)[0]))
    if origin in (Union, UnionType):
        (inner,) = (part for part in get_args(kind) if part is not NoneType)
        return _optional(decoder(inner))
    return _plain[kind]() if kind in _plain else _record(kind)


def _text(pattern: re.Pattern[str]) -> Decoder:
    fullmatch = pattern.fullmatch

    def decode(event: Event, _: NextEvent) -> str:
        if type(event) is not ScalarEvent or fullmatch(event.value) is None:
            raise Mismatch(event, f"{_short(event)} does not match {pattern.pattern}")
        return str(event.value)

    return decode


def _read_by(read: Callable[[str], str]) -> Decoder:
    def decode(event: Event, _: NextEvent) -> str:
        if type(event) is not ScalarEvent or not event.value:
            raise Mismatch(event, f"{_short(event)} is no text")
        try:
            return read(event.value)
        except InvalidRequirement as error:
            raise Mismatch(event, str(error)) from None

    return decode


def _choice(choices: tuple[Any, ...], texts: tuple[str, ...] | None = None) -> Decoder:
    by_text = dict(zip(texts or map(str, choices), choices, strict=True))

    def decode(event: Event, _: NextEvent) -> Any:
        if type(event) is not ScalarEvent or event.value not in by_text:
            raise Mismatch(event, f"{_short(event)} is none of: {', '.join(by_text)}")
        return by_text[event.value]

    return decode


def _integer(event: Event, _: NextEvent) -> int:
    if type(event) is not ScalarEvent or _INTEGER.fullmatch(event.value) is None:
        raise Mismatch(event, f"{_short(event)} is not a whole number")
    return int(event.value)


def _number(event: Event, _: NextEvent) -> float:
    if type(event) is not ScalarEvent or _NUMBER.fullmatch(event.value) is None:
        raise Mismatch(event, f"{_short(event)} is not a number from 0 on")
    return float(event.value)


def _optional(inner: Decoder) -> Decoder:
    def decode(event: Event, next_event: NextEvent) -> Any:
        if type(event) is ScalarEvent and event.implicit[0] and event.value in ("null", "~", ""):
            return None
        return inner(event, next_event)

    return decode


def _sequence(inner: Decoder) -> Decoder:
    def decode(event: Event, next_event: NextEvent) -> tuple[Any, ...]:
        if type(event) is not SequenceStartEvent:
            raise Mismatch(event, f"{_short(event)} is not a list")
        values: list[Any] = []
        try:
            while type(item := next_event()) is not SequenceEndEvent:
                values.append(inner(item, next_event))
        except Mismatch as error:
            raise error.under(len(values)) from None
        return tuple(values)

    return decode


_plain: dict[Any, Callable[[], Decoder]] = {
    str: lambda: _text(re.compile(r"[\s\S]*")),
    bool: lambda: _choice((True, False), ("true", "false")),
    int: lambda: _integer,
    float: lambda: _number,
    Requirement: lambda: _read_by(requirement),
    Specifier: lambda: _read_by(specifier),
}


def _record(kind: Any) -> Decoder:
    hints = get_type_hints(kind, include_extras=True)
    names: tuple[str, ...] = kind._fields
    fields = {name: (position, decoder(hints[name])) for position, name in enumerate(names)}
    template = [kind._field_defaults.get(name, _MISSING) for name in names]
    of_text = fields.get(kind.text_field)

    def decode(event: Event, next_event: NextEvent) -> Any:
        if of_text is not None and type(event) is ScalarEvent:
            position, inner = of_text
            return kind._make(
                [*template[:position], inner(event, next_event), *template[position + 1 :]]
            )
        if type(event) is not MappingStartEvent:
            raise Mismatch(event, f"{_short(event)} is not a mapping")
        values = template.copy()
        seen = set()
        while type(key := next_event()) is not MappingEndEvent:
            if type(key) is not ScalarEvent or key.value not in fields:
                raise Mismatch(key, f"the field {_short(key)} is none of: {', '.join(names)}")
            name = key.value
            if name in seen:
                raise Mismatch(key, f"the field {name!r} stands twice")
            seen.add(name)
            position, inner = fields[name]
            try:
                values[position] = inner(next_event(), next_event)
            except Mismatch as error:
                raise error.under(name) from None
        if _MISSING in values:
            raise Mismatch(event, f"the field {names[values.index(_MISSING)]!r} is missing")
        return kind._make(values)

    return decode


def _short(event: Event) -> str:
    if isinstance(event, ScalarEvent):
        return repr(event.value if len(event.value) <= 60 else event.value[:57] + "...")
    if isinstance(event, SequenceStartEvent):
        return "a list"
    return "a mapping" if isinstance(event, MappingStartEvent) else "an alias"
