"""Hypothesis strategies for the records of the model, built from their own annotations."""

import re
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from hypothesis import strategies as st

from kb.base import model

# Of these patterns any short text may be an example; the others are spelt out by the pattern.
_FREE = {get_args(kind)[1] for kind in (model.Line, model.Requirement)}
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
        str: st.one_of(st.text(max_size=30), st.sampled_from(_TRAPS)),
        int: st.integers(0, 10**18 - 1),
        bool: st.booleans(),
    }
    if kind in plain:
        return plain[kind]
    hints = get_type_hints(kind, include_extras=True)
    return st.builds(kind, **{name: records(hints[name]) for name in kind._fields})


def _texts(pattern: str) -> st.SearchStrategy[str]:
    if pattern not in _FREE:
        return st.from_regex(pattern, fullmatch=True)
    compiled = re.compile(pattern)
    return st.one_of(st.text(min_size=1, max_size=12), st.sampled_from(_TRAPS)).filter(
        compiled.fullmatch
    )
