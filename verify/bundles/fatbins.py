"""The machine code in a library, by kind, so that each kind is packed with its like.

CUDA's libraries hold their code for GPUs in fatbins, each entry compressed by LZ4, the same
function once for every GPU. Unpacked, LZMA finds what they share. NVIDIA's tools write what
liblz4's level 1 of its high compression writes; an entry is unpacked only where that is so.
"""

import importlib
import struct
from collections.abc import Iterator
from typing import Any

from kb.base.record import Record

PLAIN, CODE, PTX, SASS = KINDS = range(4)
MOST_UNPACKED = 1 << 30
_ELF = b"\x7fELF"
_FATBIN = struct.Struct("<IHHQ")  # magic, version, size of this head, size of what follows
_MAGIC = struct.pack("<I", 0xBA55ED50)
_ENTRY = struct.Struct("<HHIQIIHHIIIQQQ")
_IS_PTX, _IS_CUBIN = 1, 2
_LZ4 = 0x2000


class Segment(Record):
    """A stretch of an image: its kind and size; `packed` is its size after LZ4, 0 without."""

    kind: int
    size: int
    packed: int = 0


class _Entry(Record):
    """An entry of a fatbin: where its content lies, and what it is."""

    at: int
    size: int
    packed: int
    unpacked: int
    kind: int
    is_lz4: bool


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
    for entry in _entries(content):
        found = _unpacked(whole, entry, lz4)
        if found is not None:
            yield from _plain(CODE, whole[done : entry.at])
            yield found
            done = entry.at + (found[0].packed or found[0].size)
    yield from _plain(CODE, whole[done:])


def _plain(kind: int, content: memoryview) -> Iterator[tuple[Segment, memoryview]]:
    if content:
        yield Segment(kind, len(content)), content


def _unpacked(whole: memoryview, entry: _Entry, lz4: bool) -> tuple[Segment, memoryview] | None:
    """Return an entry's content, or None for one that stays a part of its library."""
    if not entry.is_lz4:
        if entry.kind != _IS_CUBIN or not entry.size:
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
    kind = PTX if entry.kind == _IS_PTX else SASS
    return Segment(kind, len(content), len(packed)), memoryview(content)


def _entries(content: bytes) -> Iterator[_Entry]:
    """Yield the entries of all fatbins of a library."""
    at = 0
    while (at := content.find(_MAGIC, at)) >= 0 and at + _FATBIN.size <= len(content):
        _, version, head, size = _FATBIN.unpack_from(content, at)
        end = at + head + size
        if version != 1 or head != _FATBIN.size or end > len(content):
            at += len(_MAGIC)
            continue
        yield from _entries_of_one(content, at + head, end)
        at = end


def _entries_of_one(content: bytes, at: int, end: int) -> Iterator[_Entry]:
    while at + _ENTRY.size <= end:
        kind, _, head, size, packed, _, _, _, _, _, _, flags, _, unpacked = _ENTRY.unpack_from(
            content, at
        )
        start = at + head
        if head < _ENTRY.size or start + size > end or packed > size:
            return
        yield _Entry(
            at=start,
            size=size,
            packed=packed,
            unpacked=unpacked,
            kind=kind,
            is_lz4=bool(flags & _LZ4),
        )
        at = start + size


def _codec() -> Any:
    return importlib.import_module("lz4.block")
