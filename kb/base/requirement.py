"""Requirements and bounds on versions: read at the border, never cut by hand inside.

What people write is read by `packaging`, which costs a command a third of its start. The files of
the knowledge base hold the form that `packaging` writes, and that form alone is read here.
"""

import re
from functools import cache, lru_cache

from kb.base.record import Record

PATTERN = r"[^\x00-\x1f\x7f]{1,400}"  # what a JSON Schema can tell of them
_LONGEST = 400
_EXAMPLE = 'numpy<2,>=1.26; python_version < "3.12"'
_NAME = r"[a-z0-9]+(?:-[a-z0-9]+)*"
_PARTS = rf"({_NAME})(?:\[({_NAME}(?:,{_NAME})*)\])?([^\[\]();\s]*)(?:; ([\x20-\x7e]+))?"
_BOUND = r"(===|~=|==|!=|<=|>=|<|>)([^,\s]+)"
_PLAIN_VERSION = r"[0-9]+(?:\.[0-9]+)*"
_ANY_VERSION = (  # as PEP 440 spells it, its part for one machine in the group at the end
    r"v?(?:[0-9]+!)?[0-9]+(?:\.[0-9]+)*(?:[-_.]?(?:alpha|beta|preview|pre|a|b|c|rc)[-_.]?[0-9]*)?"
    r"(?:-[0-9]+|[-_.]?(?:post|rev|r)[-_.]?[0-9]*)?(?:[-_.]?dev[-_.]?[0-9]*)?"
    r"(\+[a-z0-9]+(?:[-_.][a-z0-9]+)*)?"
)
_VARIABLE = (
    "(?:python_version|python_full_version|os_name|sys_platform|platform_(?:release|system|version"
    "|machine|python_implementation)|implementation_(?:name|version)|extra)"
)
_COMPARED = r"(?:===|==|~=|!=|<=|>=|<|>|in|not in)"
_COMPARISON = rf'(?:{_VARIABLE} {_COMPARED} "[^"\\]*"|"[^"\\]*" {_COMPARED} {_VARIABLE})'


class InvalidRequirement(ValueError):
    """A text that is no requirement, or no bounds on a version, as `packaging` writes them."""


class Bound(Record):
    """One bound: `>=2.15` is the operator `>=` and the version `2.15`."""

    operator: str
    version: str


class Specifier(str):
    """Bounds on a version, all of which must hold: `<2.17,>=2.15`. Empty where there are none."""

    __slots__ = ("bounds",)
    bounds: tuple[Bound, ...]

    def __init__(self, text: str) -> None:
        """Read the bounds. Raises InvalidRequirement."""
        self.bounds = tuple(map(_bound, text.split(","))) if text else ()

    @classmethod
    def of_own(cls, text: str) -> "Specifier":
        """Return the bounds of a text that was checked before."""
        own = str.__new__(cls, text)
        own.bounds = tuple(map(_split, text.split(","))) if text else ()
        return own

    @property
    def exact(self) -> str | None:
        """The one version that is let in; None where that may be several."""
        if len(self.bounds) != 1 or self.bounds[0].operator != "==":
            return None
        version = self.bounds[0].version
        return None if version.endswith(".*") else version


class Requirement(str):
    """What pip is asked for: `tensorflow[and-cuda]==2.15.1; python_version < "3.12"`.

    It is its own text, so it is written, compared and sorted as that. The name is spelled in the
    canonical way; the marker is a text, or None.
    """

    __slots__ = ("extras", "marker", "name", "specifier")
    name: str
    extras: tuple[str, ...]
    specifier: Specifier
    marker: str | None

    def __init__(self, text: str) -> None:
        """Read the parts. Raises InvalidRequirement."""
        if len(text) > _LONGEST:
            raise InvalidRequirement(f"{text[:57]!r}... does not match {PATTERN}")
        self.name, self.extras, self.marker, bounds = _parts(text)
        try:
            self.specifier = Specifier(bounds)
        except InvalidRequirement:
            raise _invalid(text) from None
        if self.marker is not None and not _is_marker(self.marker):
            raise _invalid(text)

    @classmethod
    def of_own(cls, text: str) -> "Requirement":
        """Return the requirement of a text that was checked before: a start is quicker so."""
        own = str.__new__(cls, text)
        own.name, own.extras, own.marker, bounds = _parts(text)
        own.specifier = Specifier.of_own(bounds)
        return own


# The same few texts stand in thousands of places: these read each once. The first two raise
# InvalidRequirement; the others read what the package's own data hold, checked when it was built.
requirement = lru_cache(maxsize=4096)(Requirement)
specifier = lru_cache(maxsize=4096)(Specifier)
own_requirement = lru_cache(maxsize=4096)(Requirement.of_own)
own_specifier = lru_cache(maxsize=4096)(Specifier.of_own)


def _parts(text: str) -> tuple[str, tuple[str, ...], str | None, str]:
    """Return the name, the extras, the marker and the bounds. Raises InvalidRequirement."""
    parts = _pattern(_PARTS).fullmatch(text)
    if parts is None:
        raise _invalid(text)
    return parts[1], tuple(parts[2].split(",")) if parts[2] else (), parts[4], parts[3]


def _invalid(text: str) -> InvalidRequirement:
    shown = repr(text if len(text) <= 60 else text[:57] + "...")
    return InvalidRequirement(f"{shown} is no requirement; write it as in `{_EXAMPLE}`")


def _bound(text: str) -> Bound:
    own = _split(text)
    if not _is_bound(own.operator, own.version):
        raise _no_bound(text)
    return own


def _split(text: str) -> Bound:
    match = _pattern(_BOUND).fullmatch(text)
    if match is None:
        raise _no_bound(text)
    return Bound(match[1], match[2])


def _no_bound(text: str) -> InvalidRequirement:
    return InvalidRequirement(f"{text[:60]!r} is no bound; write it as in `>=3.9`")


def _is_bound(operator: str, version: str) -> bool:
    if operator == "===":
        return True
    if operator in ("==", "!="):
        version = version.removesuffix(".*")
    if _pattern(_PLAIN_VERSION).fullmatch(version):
        return operator != "~=" or "." in version
    match = _pattern(_ANY_VERSION, re.IGNORECASE | re.ASCII).fullmatch(version)
    return match is not None and (match[1] is None or operator in ("==", "!="))


@cache
def _pattern(expression: str, flags: int = 0) -> re.Pattern[str]:
    """Return an expression, compiled where it is asked for: that costs start-up."""
    return re.compile(expression, flags)


def _is_marker(text: str) -> bool:
    """Tell whether a text is comparisons, joined by `and` and `or`, with brackets or without."""
    rest = _pattern(_COMPARISON).sub("\0", text)  # a sign that no requirement holds
    shorter = ""
    while shorter != rest:
        shorter, rest = rest, re.sub(r"\(\0\)|\0 (?:and|or) \0", "\0", rest)
    return rest == "\0"
