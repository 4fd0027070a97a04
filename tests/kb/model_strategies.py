"""Hypothesis strategies for the records of the model, built from their own annotations."""

import re
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet

from kb.base import model
from kb.base.requirement import Requirement, Specifier

# Of this pattern any short text may be an example; the others are spelt out by the pattern.
_FREE = {get_args(model.Line)[1]}
_TRAPS = ("2.10", "null", "~", "true", "no", "1e5", "0x10", "- a", "a: b", "#", "'", '"', "numpy<2")


@cache
def records(kind: Any) -> st.SearchStrategy:
    """Return a strategy for any value that an annotation of the model allows."""
    origin = get_origin(kind)
    if origin is Annotated:
        return _texts(get_args(kind)[1])
    if origin is Literal:
        return st.sampled_from(get_args(kind))
    if origin is tuple:
        return st.lists(records(get_args(kind)[0]), max_size=2).map(tuple)
    if origin in (Union, UnionType):
        (inner,) = (part for part in get_args(kind) if part is not NoneType)
        return st.one_of(st.none(), records(inner))
    plain = {
        Requirement: requirement_texts().map(Requirement),
        Specifier: specifier_texts().filter(bool).map(Specifier),
        str: st.one_of(st.text(max_size=30), st.sampled_from(_TRAPS)),
        int: st.integers(0, 10**18 - 1),
        bool: st.booleans(),
    }
    if kind in plain:
        return plain[kind]
    hints = get_type_hints(kind, include_extras=True)
    return st.builds(kind, **{name: records(hints[name]) for name in kind._fields})


_NAMES = st.from_regex(r"[a-z0-9]{1,5}(-[a-z0-9]{1,4}){0,2}", fullmatch=True)
_NUMBERS = st.lists(st.integers(0, 2024).map(str), min_size=1, max_size=4).map(".".join)
_ENDS = st.sampled_from(["", "", "", "rc1", "a0", ".post1", "dev", ".dev20260101", "-1", ".RC2"])
_MARKER_NAMES = st.sampled_from(["python_version", "sys_platform", "platform_machine", "extra"])
_MARKER_VALUES = st.sampled_from(["3.12", "linux", "and-cuda", "", "x y", "'", "(", " and "])


def requirement_texts() -> st.SearchStrategy[str]:
    """Return a strategy for requirements as `packaging` writes them."""
    extras = st.lists(_NAMES, max_size=2, unique=True)
    markers = st.one_of(st.none(), _markers())
    return st.builds(_requirement_text, _NAMES, extras, specifier_texts(), markers)


def specifier_texts() -> st.SearchStrategy[str]:
    """Return a strategy for bounds on a version as `packaging` writes them."""
    bounds = st.one_of(
        st.builds("{}{}{}".format, st.sampled_from(["<", "<=", ">", ">="]), _NUMBERS, _ENDS),
        st.builds("~={}.{}{}".format, st.integers(0, 99), _NUMBERS, _ENDS),
        st.builds("{}{}{}".format, st.sampled_from(["==", "!="]), _NUMBERS, _ENDS),
        st.builds("{}{}.*".format, st.sampled_from(["==", "!="]), _NUMBERS),
        st.builds("=={}+cu121".format, _NUMBERS),
        st.builds("==={}".format, _NUMBERS),
    )
    return st.lists(bounds, max_size=3).map(lambda some: str(SpecifierSet(",".join(some))))


def _markers() -> st.SearchStrategy[str]:
    operators = st.sampled_from(["==", "!=", "<", ">=", "~=", "===", "in", "not in"])
    compared = st.one_of(
        st.builds('{} {} "{}"'.format, _MARKER_NAMES, operators, _MARKER_VALUES),
        st.builds('"{}" {} {}'.format, _MARKER_VALUES, operators, _MARKER_NAMES),
    )
    joined = st.sampled_from(["and", "or"])
    return st.recursive(
        compared,
        lambda inner: st.builds("({} {} {})".format, inner, joined, inner),
        max_leaves=4,
    )


def _requirement_text(name: str, extras: list[str], bounds: str, marker: str | None) -> str:
    within = f"[{','.join(sorted(extras))}]" if extras else ""
    return f"{name}{within}{bounds}" + (f"; {marker}" if marker else "")


def _texts(pattern: str) -> st.SearchStrategy[str]:
    if pattern not in _FREE:
        return st.from_regex(pattern, fullmatch=True)
    compiled = re.compile(pattern)
    return st.one_of(st.text(min_size=1, max_size=12), st.sampled_from(_TRAPS)).filter(
        compiled.fullmatch
    )
