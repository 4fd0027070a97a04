"""Fatbins: how code for GPUs lies in a shared library.

A library holds any number of them, each found by its magic number: the code of one object file, as
entries of machine code for one compute capability, or of PTX for one capability in one PTX version.
An entry's content may be packed; its head, which says all that, never is.
"""

import struct
from collections.abc import Iterable, Iterator

from kb.base.record import Record

PTX, MACHINE_CODE = 1, 2
MAGIC = struct.pack("<I", 0xBA55ED50)
_HEAD = struct.Struct("<IHHQ")  # magic, version, size of this head, size of what follows
_ENTRY = struct.Struct("<HHIQIIHHIIIQQQ")
_LZ4 = 0x2000


class FatbinEntry(Record):
    """An entry of a fatbin: its place in the library, its size in bytes, and what it holds.

    `packed` and `unpacked` are sizes too, 0 where nothing is packed; `capability` is 86 for 8.6;
    `version` is that of the PTX, major and minor.
    """

    at: int
    size: int
    packed: int
    unpacked: int
    kind: int
    capability: int
    version: tuple[int, int]
    is_lz4: bool


class Fatbin(Record):
    """A fatbin, and its entries in order. Where one makes no sense the fatbin is not sound, and
    only those before it are there.
    """

    at: int
    entries: tuple[FatbinEntry, ...]
    is_sound: bool


def fatbins(pieces: Iterable[bytes], size: int) -> Iterator[Fatbin]:
    """Yield the fatbins of a library of `size` bytes, which comes in pieces of any length.

    No more than a piece and a head is kept at a time.
    """
    window = _Window(pieces)
    at = 0
    while (found := window.find(MAGIC, at)) is not None:
        at = found
        head = window.read(at, _HEAD.size)
        if head is None:
            return
        _, version, length, following = _HEAD.unpack(head)
        end = at + length + following
        if version != 1 or length != _HEAD.size or end > size:
            at += len(MAGIC)  # the number stands there by chance
            continue
        entries, is_sound = _entries(window, at + length, end)
        yield Fatbin(at, entries, is_sound)
        at = end


def _entries(window: "_Window", at: int, end: int) -> tuple[tuple[FatbinEntry, ...], bool]:
    found: list[FatbinEntry] = []
    while at + _ENTRY.size <= end:
        head = window.read(at, _ENTRY.size)
        if head is None:
            return tuple(found), False
        kind, _, length, size, packed, _, minor, major, capability, _, _, flags, _, unpacked = (
            _ENTRY.unpack(head)
        )
        start = at + length
        if length < _ENTRY.size or start + size > end or packed > size:
            return tuple(found), False
        found.append(
            FatbinEntry(
                at=start,
                size=size,
                packed=packed,
                unpacked=unpacked,
                kind=kind,
                capability=capability,
                version=(major, minor),
                is_lz4=bool(flags & _LZ4),
            )
        )
        at = start + size
    return tuple(found), True


class _Window:
    """The part of a library that is at hand; what lies before the last place asked for is gone."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self._content = b""
        self._at = 0

    def find(self, wanted: bytes, at: int) -> int | None:
        """Return the next place of some bytes from a place on; None where they stand no more."""
        while True:
            found = self._content.find(wanted, max(0, at - self._at))
            if found >= 0:
                return self._at + found
            at = max(at, self._at + len(self._content) - len(wanted) + 1)
            if not self._more(at):
                return None

    def read(self, at: int, size: int) -> bytes | None:
        """Return the bytes from a place on; None where the library ends before."""
        while at + size > self._at + len(self._content):
            if not self._more(at):
                return None
        return self._content[at - self._at : at - self._at + size]

    def _more(self, at: int) -> bool:
        """Let go of what lies before a place, and take the next piece."""
        piece = next(self._pieces, None)
        if piece is None:
            return False
        gone = min(max(0, at - self._at), len(self._content))
        self._content = self._content[gone:] + piece
        self._at += gone
        return True
