"""Tell which GPU of AMD, Intel or Apple a text means, however it is written.

A text is brought to a key as `kb.facts.gpu_names` does it for NVIDIA's, after the words that say
the maker are taken out. A browser does so with `DELETED`, `TARGET` and `aliases`.
"""

import re
from collections.abc import Iterator, Mapping

from kb.base.model import OtherGpu
from kb.facts.gpu_names import CUT, normalised

# Regular expressions that Python and JavaScript read alike; each match becomes a space.
DELETED = (
    r"\(radeonsi.*",  # what glxinfo prints behind a name
    r"^.*\bname: *",
    r"advanced micro devices,? inc\.?",
    r"\b(amd|ati|radeon|instinct|firepro|intel|arc|apple|data center|chip|series)\b",
)
# The target of AMD's compilers, wherever it stands: `gfx90a:sramecc+:xnack-`.
TARGET = r"\b(gfx(?:1[0-2][0-9a-f]{2}|[6-9][0-9a-f]{2}))\b"
# What stands in the last brackets: lspci's name for the board.
BOARD = r"\[([^\[\]]*)\][^\[\]]*$"
_DELETED = tuple(re.compile(expression, re.ASCII) for expression in DELETED)


def target_in(text: str) -> str | None:
    """Return the target of AMD's compilers that stands in a text, known or not."""
    found = re.search(TARGET, text[:CUT].lower())
    return found[1] if found else None


def other_key(text: str) -> str:
    """Return the key of a text; empty where the text names nothing."""
    plain = text[:CUT].lower()
    for expression in _DELETED:
        plain = expression.sub(" ", plain)
    return normalised(plain)


def keys_of(text: str) -> tuple[str, ...]:
    """Return the keys that a text can have: its own, and that of what stands in brackets."""
    board = re.search(BOARD, text[:CUT].lower())
    keys = (other_key(text), other_key(board[1]) if board else "")
    return tuple(key for key in keys if key)


def aliases(gpus: tuple[OtherGpu, ...]) -> Mapping[tuple[str, str], tuple[str, ...]]:
    """Return the keys of the GPUs of each maker and kind. A short form that would mean GPUs of two
    kinds is left out.
    """
    owners: dict[str, set[tuple[str, str]]] = {}
    for gpu in gpus:
        for name in _keys(gpu):
            owners.setdefault(name, set()).add((gpu.maker, gpu.kind))
    found: dict[tuple[str, str], list[str]] = {}
    for name, kinds in sorted(owners.items()):
        if len(kinds) == 1:
            found.setdefault(kinds.copy().pop(), []).append(name)
    return {kind: tuple(found[kind]) for kind in sorted(found)}


def _keys(gpu: OtherGpu) -> Iterator[str]:
    """Yield the key of a name, and those of the shorter forms that people use."""
    key = other_key(gpu.name)
    yield key
    for word in ("rx", "pro"):
        if key.startswith(word) and any(map(str.isdigit, key)):
            yield key.removeprefix(word)


def name_of(text: str, maker: str, gpus: tuple[OtherGpu, ...]) -> str | None:
    """Return the name in the table that a text names, None where the table has none."""
    keys = keys_of(text)
    named = [gpu for gpu in gpus if gpu.maker == maker and set(_keys(gpu)) & set(keys)]
    exact = [gpu.name for gpu in named if other_key(gpu.name) in keys]
    return next(iter(exact or [gpu.name for gpu in named]), None)
