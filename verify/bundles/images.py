"""A wheel as its own bytes with its deflate streams inflated, which pack far better; and back.

A stream is inflated only where deflating it again gives the same bytes.
"""

import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

from kb.base.errors import RunnerFailed
from kb.base.record import Record

_MOST = 4 << 30  # inflated bytes of a member that is looked into
_CHUNK = 1 << 20
_LOCAL_NAMES = struct.Struct("<26xHH")  # of a member's own head: how long its name and extra are


class Deflation(Record):
    """How zlib made a stream: its level, and its memory level."""

    level: int
    memory: int


# The settings that wheels are made with, the usual ones first.
_USUAL = tuple(
    Deflation(level, memory)
    for memory, levels in ((8, (6, 9, 1, 5, 7, 8, 4, 3, 2)), (9, (6, 9, 8)))
    for level in levels
)


class Stretch(Record):
    """A stretch of a wheel: its size there, its content, inflated where `deflation` says how."""

    size: int
    content: bytes
    deflation: Deflation | None = None


def stretches(wheel: Path) -> Iterator[Stretch]:
    """Yield all of a wheel, in its order. Raises RunnerFailed for what is no zip, OSError."""
    usual = list(_USUAL)
    done = 0
    with wheel.open("rb") as file:
        for at, size in _streams(wheel, file):
            if at < done:  # members that overlap stay as they are
                continue
            stretch = _inflated(_bytes(file, at, size), usual)
            if stretch is not None:
                yield from _as_they_are(file, done, at)
                yield stretch
                done = at + size
        yield from _as_they_are(file, done, wheel.stat().st_size)


def deflated(chunks: Iterable[bytes], deflation: Deflation) -> Iterator[bytes]:
    """Yield what zlib makes of chunks."""
    packer = zlib.compressobj(deflation.level, zlib.DEFLATED, -zlib.MAX_WBITS, deflation.memory)
    for chunk in chunks:
        for at in range(0, len(chunk), _CHUNK):
            yield packer.compress(chunk[at : at + _CHUNK])
    yield packer.flush()


def _streams(wheel: Path, file: IO[bytes]) -> list[tuple[int, int]]:
    """Return the offset and size of each deflate stream, in the file's order."""
    found = []
    try:
        with zipfile.ZipFile(wheel) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise RunnerFailed(f"{wheel}: no wheel: {error}; remove it") from None
    for member in members:
        if member.compress_type == zipfile.ZIP_DEFLATED and member.compress_size:
            head = _bytes(file, member.header_offset, 30)
            if len(head) == 30:
                at = member.header_offset + 30 + sum(_LOCAL_NAMES.unpack(head))
                found.append((at, member.compress_size))
    return sorted(found)


def _inflated(stream: bytes, usual: list[Deflation]) -> Stretch | None:
    """Return a stream inflated, or None; what fits moves to the front of `usual`."""
    inflating = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        content = inflating.decompress(stream, _MOST)
    except zlib.error:
        return None
    if not inflating.eof or inflating.unused_data:
        return None
    for deflation in usual:
        if _gives(stream, content, deflation):
            usual.remove(deflation)
            usual.insert(0, deflation)
            return Stretch(len(stream), content, deflation)
    return None


def _gives(stream: bytes, content: bytes, deflation: Deflation) -> bool:
    at = 0
    for chunk in deflated((content,), deflation):
        if not stream.startswith(chunk, at):
            return False
        at += len(chunk)
    return at == len(stream)


def _as_they_are(file: IO[bytes], start: int, end: int) -> Iterator[Stretch]:
    if end > start:
        yield Stretch(end - start, _bytes(file, start, end - start))


def _bytes(file: IO[bytes], at: int, size: int) -> bytes:
    file.seek(at)
    return file.read(size)
