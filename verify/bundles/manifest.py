"""The manifest of a bundle: what its parts hold, and how wheels are made of that again.

The parts, end to end, are one tape. On it lie the blocks of the wheels one after another, and in a
block up to four LZMA streams, one for each kind of content. A piece of a wheel is woven of segments
of these, and deflated where its level is not 0.
"""

import json
import math
import re
from pathlib import Path
from typing import Any

from kb.base.errors import RunnerFailed
from kb.base.printable import shown
from kb.base.record import Record
from verify.bundles.fatbins import KINDS, MOST_UNPACKED, PTX, SASS, Segment
from verify.bundles.images import Deflation

NAME = "manifest.json"
SMALLEST_PART, LARGEST_PART = 1 << 10, 1 << 40
_FORMAT = 1
_LARGEST_MANIFEST = 256 << 20
_LARGEST_WHEEL = 64 << 30
_WHEEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+!-]{0,230}\.whl")
_SHA256 = re.compile(r"[0-9a-f]{64}")


class Piece(Record):
    """A stretch of a wheel: its size there, and the segments that its content is woven of."""

    size: int
    segments: tuple[Segment, ...]
    deflation: Deflation | None = None


class Block(Record):
    """Pieces that were packed together: the size of the LZMA stream of each kind, 0 for none."""

    streams: tuple[int, ...]
    pieces: tuple[Piece, ...]

    def content(self, kind: int) -> int:
        """Return how many bytes the stream of a kind unpacks to."""
        return sum(s.size for p in self.pieces for s in p.segments if s.kind == kind)


class PackedWheel(Record):
    """A wheel: its name, its size in bytes, its hash, its blocks in order."""

    name: str
    size: int
    sha256: str
    blocks: tuple[Block, ...]

    def packed(self) -> int:
        """Return how many bytes of tape it takes."""
        return sum(sum(block.streams) for block in self.blocks)


class Manifest(Record):
    """All of a bundle: hashes of the parts; `zlib` and `lz4` tell how these two pack where it was
    made, `lz4` is None where nothing needs it.
    """

    part_size: int
    parts: tuple[str, ...]
    zlib: str
    lz4: str | None
    wheels: tuple[PackedWheel, ...]

    def tape(self) -> int:
        """Return how long the tape is, in bytes."""
        return sum(wheel.packed() for wheel in self.wheels)


def part_name(number: int) -> str:
    """Return the name of a part's file."""
    return f"part-{number:03}"


def text(manifest: Manifest) -> str:
    """Return a manifest as JSON."""
    wheels = [plain_wheel(wheel) for wheel in manifest.wheels]
    document = {"format": _FORMAT, **manifest._asdict(), "wheels": wheels}
    return json.dumps(document, separators=(",", ":")) + "\n"


def plain_wheel(wheel: PackedWheel) -> dict[str, Any]:
    """Return a wheel as what JSON can hold."""
    blocks = [
        [block.streams, [_plain_piece(piece) for piece in block.pieces]] for block in wheel.blocks
    ]
    return {**wheel._asdict(), "blocks": blocks}


def _plain_piece(piece: Piece) -> list[Any]:
    return [piece.size, *(piece.deflation or (0, 0)), *piece.segments]


def read(path: Path) -> Manifest:
    """Return the manifest in a file. Raises RunnerFailed for what is none."""
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST_MANIFEST + 1)
    except OSError as error:
        raise RunnerFailed(f"{path}: {error.strerror or error}; copy it there first") from None
    try:
        if len(content) > _LARGEST_MANIFEST:
            raise ValueError("it is too large")  # noqa: TRY301 - told as all that follows
        return _manifest(json.loads(content))
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        why = shown(f"{type(error).__name__}: {error}", 120)
        raise RunnerFailed(f"{path}: no manifest of a bundle ({why}); copy it again") from None


def _manifest(document: Any) -> Manifest:
    if document["format"] != _FORMAT:
        raise ValueError("another format")
    manifest = Manifest(
        part_size=_number(document["part_size"], SMALLEST_PART, LARGEST_PART),
        parts=tuple(_sha256(one) for one in _list(document["parts"])),
        zlib=_sha256(document["zlib"]),
        lz4=None if document["lz4"] is None else _sha256(document["lz4"]),
        wheels=tuple(wheel_from(one) for one in _list(document["wheels"])),
    )
    if len(manifest.parts) != math.ceil(manifest.tape() / manifest.part_size):
        raise ValueError("the parts are not as many as the wheels need")
    if len({wheel.name.casefold() for wheel in manifest.wheels}) != len(manifest.wheels):
        raise ValueError("a wheel stands twice")
    if manifest.lz4 is None and any(_needs_lz4(wheel) for wheel in manifest.wheels):
        raise ValueError("no lz4")
    return manifest


def _needs_lz4(wheel: PackedWheel) -> bool:
    return any(s.packed for b in wheel.blocks for p in b.pieces for s in p.segments)


def needs_lz4(wheels: tuple[PackedWheel, ...]) -> bool:
    """Tell whether making these wheels again takes LZ4."""
    return any(_needs_lz4(wheel) for wheel in wheels)


def wheel_from(document: Any) -> PackedWheel:
    """Return a wheel from what JSON held. Raises ValueError, TypeError, KeyError."""
    if not _WHEEL.fullmatch(document["name"]):
        raise ValueError("a name that is no wheel's")
    wheel = PackedWheel(
        name=document["name"],
        size=_number(document["size"], 1, _LARGEST_WHEEL),
        sha256=_sha256(document["sha256"]),
        blocks=tuple(_block(*_list(one)) for one in _list(document["blocks"])),
    )
    if sum(piece.size for block in wheel.blocks for piece in block.pieces) != wheel.size:
        raise ValueError("pieces that do not make up their wheel")
    return wheel


def _block(streams: Any, pieces: Any) -> Block:
    block = Block(
        streams=tuple(_number(one, 0, LARGEST_PART) for one in _list(streams)),
        pieces=tuple(_piece(*_list(one)) for one in _list(pieces)),
    )
    if len(block.streams) != len(KINDS) or any(
        bool(block.streams[kind]) != bool(block.content(kind)) for kind in KINDS
    ):
        raise ValueError("streams that are not what their pieces need")
    return block


def _piece(size: Any, level: Any, memory: Any, *segments: Any) -> Piece:
    found = tuple(_segment(*_list(one)) for one in segments)
    if level == 0:
        piece = Piece(_number(size, 1, _LARGEST_WHEEL), found)
        if sum(one.packed or one.size for one in found) != size:
            raise ValueError("segments that do not make up their piece")
        return piece
    deflation = Deflation(_number(level, 1, 9), _number(memory, 1, 9))
    return Piece(_number(size, 1, _LARGEST_WHEEL), found, deflation)


def _segment(kind: Any, size: Any, packed: Any) -> Segment:
    segment = Segment(
        _number(kind, 0, len(KINDS) - 1),
        _number(size, 1, _LARGEST_WHEEL),
        _number(packed, 0, 2 * MOST_UNPACKED),
    )
    if segment.packed and (segment.kind not in (PTX, SASS) or segment.size > MOST_UNPACKED):
        raise ValueError("a segment that LZ4 cannot have packed")
    return segment


def _number(value: Any, least: int, most: int) -> int:
    if type(value) is not int or not least <= value <= most:
        raise ValueError(f"a number that is not from {least} to {most}")
    return value


def _list(value: Any) -> list[Any]:
    if type(value) is not list:
        raise ValueError("something that is no list")
    return value


def _sha256(value: Any) -> str:
    if not _SHA256.fullmatch(value):
        raise ValueError("a hash that is none")
    return str(value)
