"""The machine code in a library, by kind, so that each kind is packed with its like.

CUDA's libraries hold their code for GPUs in fatbins, each entry compressed by LZ4, the same
function once for every GPU. Unpacked, LZMA finds what they share. NVIDIA's tools write what
liblz4's level 1 of its high compression writes; an entry is unpacked only where that is so.
"""

import importlib
from collections.abc import Iterator
from typing import Any

from kb.base.record import Record
from kb.facts import fatbins
from kb.facts.fatbins import FatbinEntry

PLAIN, CODE, PTX, SASS = KINDS = range(4)
MOST_UNPACKED = 1 << 30
_ELF = b"\x7fELF"


class Segment(Record):
    """A stretch of an image: its kind and size; `packed` is its size after LZ4, 0 without."""

    kind: int
    size: int
    packed: int = 0


def lz4_here() -> bool:
    """Tell whether LZ4 can be had here: the extra `bundle` brings it."""
    try:
        _codec()
    except ModuleNotFoundError:
        return False
    return True


def lz4_packed(content: bytes) -> bytes:
    """Return content as NVIDIA's tools pack it. Raises ModuleNotFoundError without LZ4."""
    packed: bytes = _codec().compress(
        content, mode="high_compression", compression=1, store_size=False
    )
    return packed


def segments(content: bytes, lz4: bool) -> Iterator[tuple[Segment, memoryview]]:
    """Yield what makes up a file, in order, each with its content; `lz4` tells whether to unpack
    what LZ4 packed.
    """
    whole = memoryview(content)
    if not content.startswith(_ELF):
        yield from _plain(PLAIN, whole)
        return
    done = 0
    found_there = fatbins.fatbins((content,), len(content))
    for entry in (entry for fatbin in found_there for entry in fatbin.entries):
        found = _unpacked(whole, entry, lz4)
        if found is not None:
            yield from _plain(CODE, whole[done : entry.at])
            yield found
            done = entry.at + (found[0].packed or found[0].size)
    yield from _plain(CODE, whole[done:])


def _plain(kind: int, content: memoryview) -> Iterator[tuple[Segment, memoryview]]:
    if content:
        yield Segment(kind, len(content)), content


def _unpacked(
    whole: memoryview, entry: FatbinEntry, lz4: bool
) -> tuple[Segment, memoryview] | None:
    """Return an entry's content, or None for one that stays a part of its library."""
    if not entry.is_lz4:
        if entry.kind != fatbins.MACHINE_CODE or not entry.size:
            return None
        return Segment(SASS, entry.size), whole[entry.at : entry.at + entry.size]
    if not lz4 or not entry.packed or not 0 < entry.unpacked <= MOST_UNPACKED:
        return None
    packed = bytes(whole[entry.at : entry.at + entry.packed])
    try:
        content: bytes = _codec().decompress(packed, uncompressed_size=entry.unpacked)
    except (ValueError, MemoryError, _codec().LZ4BlockError):
        return None
    if len(content) != entry.unpacked or lz4_packed(content) != packed:
        return None
    kind = PTX if entry.kind == fatbins.PTX else SASS
    return Segment(kind, len(content), len(packed)), memoryview(content)


def _codec() -> Any:
    return importlib.import_module("lz4.block")
