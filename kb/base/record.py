"""What every record here is: a tuple whose fields have names, types and defaults.

It is `typing.NamedTuple` in all that is used of it. That one builds each class from source text,
which for some fifty classes cost every command a sixth of its start; this one only wires getters.
"""

from operator import itemgetter
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

if TYPE_CHECKING:
    from typing_extensions import dataclass_transform
else:

    def dataclass_transform(**_: Any) -> Any:
        """Leave the class as it is: only type checkers need to know."""
        return lambda kind: kind


Self = TypeVar("Self", bound="Record")


@dataclass_transform(frozen_default=True)
class Record(tuple[Any, ...]):
    """The base of all records. Equal, hashed and ordered as the tuple of its fields."""

    __slots__ = ()

    _fields: ClassVar[tuple[str, ...]] = ()
    _field_set: ClassVar[frozenset[str]] = frozenset()
    _field_defaults: ClassVar[dict[str, Any]] = {}
    # The field that a plain text in a document gives; all others then have defaults.
    text_field: ClassVar[str | None] = None

    def __init_subclass__(cls) -> None:
        """Take the annotations of the class as fields more, and their values as defaults."""
        names = tuple(vars(cls).get("__annotations__", ()))
        inherited = cls._fields
        cls._fields = inherited + names
        cls._field_set = frozenset(cls._fields)
        own = {name: vars(cls)[name] for name in names if name in vars(cls)}
        cls._field_defaults = {**cls._field_defaults, **own}
        for position, name in enumerate(names, len(inherited)):
            setattr(cls, name, property(itemgetter(position)))

    def __new__(cls: type[Self], *values: Any, **named: Any) -> Self:
        """Make a record from its fields. Raises TypeError for one missing or unknown."""
        if not named and len(values) == len(cls._fields):
            return tuple.__new__(cls, values)
        if not values and len(named) == len(cls._fields):  # the usual way, and so the quick one
            try:
                return tuple.__new__(cls, map(named.__getitem__, cls._fields))
            except KeyError:
                pass  # the names are not all known: told below
        given = dict(zip(cls._fields, values, strict=False))
        fields = {**cls._field_defaults, **given, **named}
        if (
            len(values) > len(cls._fields)
            or given.keys() & named
            or fields.keys() != cls._field_set
        ):
            raise TypeError(f"{cls.__name__} takes the fields {', '.join(cls._fields)}")
        return cls._make([fields[name] for name in cls._fields])

    def __setattr__(self, name: str, value: object) -> None:
        """Refuse: records are frozen."""
        raise AttributeError(f"{type(self).__name__}.{name} cannot be set: records are frozen")

    def __getnewargs__(self) -> tuple[Any, ...]:
        """Return the fields, from which copying and unpickling make the record anew."""
        return tuple(self)

    def __repr__(self) -> str:
        """Return the record as it would be written in Python."""
        fields = ", ".join(f"{n}={v!r}" for n, v in zip(self._fields, self, strict=True))
        return f"{type(self).__name__}({fields})"

    @classmethod
    def _make(cls: type[Self], values: Any) -> Self:
        return tuple.__new__(cls, values)

    def _replace(self: Self, **changes: Any) -> Self:
        fields = [changes.pop(name, value) for name, value in zip(self._fields, self, strict=True)]
        if changes:
            raise TypeError(f"{type(self).__name__} takes the fields {', '.join(self._fields)}")
        return tuple.__new__(type(self), fields)

    def _asdict(self) -> dict[str, Any]:
        return dict(zip(self._fields, self, strict=True))
