"""Pack a folder of wheels, and cut what results into parts that are carried over one by one."""

import json
import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from kb.base.errors import RunnerFailed
from kb.base.writing import write
from kb.terminal.parallel import in_parallel
from verify.bundles import manifest as documents
from verify.bundles.fatbins import KINDS, lz4_here, segments
from verify.bundles.images import stretches
from verify.bundles.manifest import Block, Manifest, PackedWheel, Piece, part_name
from verify.bundles.tape import TapeWriter, lz4_way, pack, zlib_way
from verify.hashing import sha256_of

_BLOCK = 512 << 20  # bytes of content in a block, about


def split(wheels: Path, parts: Path, part_size: int, jobs: int) -> Manifest:
    """Write the parts of all wheels in a folder, and the manifest last; return it. Wheels that were
    packed before it was interrupted are not packed again. The largest come first, so that joining
    overlaps with carrying.

    Raises RunnerFailed for a folder without wheels or with what is none, OSError.
    """
    found = sorted(wheels.glob("*.whl"), key=lambda path: (-path.stat().st_size, path.name))
    if not found:
        raise RunnerFailed(f"{wheels}: no wheels there")
    whole = _made_before(found, parts, part_size)
    if whole is not None:
        return whole
    parts.mkdir(parents=True, exist_ok=True)
    packed = parts / "packed"
    packed.mkdir(exist_ok=True)
    lz4 = lz4_here()
    made = tuple(
        in_parallel("wheels packed", found, partial(_packed, folder=packed, lz4=lz4), jobs)
    )
    whole = Manifest(
        part_size=part_size,
        parts=_cut(made, packed, parts, part_size),
        zlib=zlib_way(),
        lz4=lz4_way() if documents.needs_lz4(made) else None,
        wheels=made,
    )
    write(parts / documents.NAME, documents.text(whole))
    shutil.rmtree(packed)
    return whole


def _made_before(wheels: list[Path], parts: Path, part_size: int) -> Manifest | None:
    """Return the manifest of parts that hold just these wheels already, if they do."""
    try:
        made = documents.read(parts / documents.NAME)
    except RunnerFailed:
        return None
    there = all((parts / part_name(number)).is_file() for number in range(len(made.parts)))
    same = [(one.name, one.sha256) for one in made.wheels] == [
        (path.name, sha256_of(path)) for path in wheels
    ]
    return made if there and same and made.part_size == part_size else None


def _cut(
    wheels: tuple[PackedWheel, ...], packed: Path, parts: Path, part_size: int
) -> tuple[str, ...]:
    """Write the parts and return their hashes; what was cut before goes first."""
    (parts / documents.NAME).unlink(missing_ok=True)
    for old in parts.glob("part-*"):
        old.unlink()
    tape = TapeWriter(parts, part_size)
    for wheel in wheels:
        with (packed / wheel.name).open("rb") as file:
            while chunk := file.read(1 << 24):
                tape.add(chunk)
    return tape.close()


def _packed(path: Path, folder: Path, lz4: bool) -> PackedWheel:
    """Pack a wheel into a file of a folder, where that is not done."""
    note = folder / f"{path.name}.json"
    sha256 = sha256_of(path)
    try:
        before = documents.wheel_from(json.loads(note.read_bytes()))
    except (OSError, ValueError, TypeError, KeyError):
        before = None
    if before is not None and before.sha256 == sha256:
        return before
    blocks = []
    with (folder / path.name).open("wb") as file:
        for block, streams in _blocks(path, lz4):
            file.writelines(streams)
            blocks.append(block)
    wheel = PackedWheel(path.name, path.stat().st_size, sha256, tuple(blocks))
    write(note, json.dumps(documents.plain_wheel(wheel)))
    return wheel


def _blocks(path: Path, lz4: bool) -> Iterator[tuple[Block, list[bytes]]]:
    """Yield the blocks of a wheel, each with its streams."""
    pieces: list[Piece] = []
    contents = [bytearray() for _ in KINDS]
    for stretch in stretches(path):
        found = []
        for segment, content in segments(stretch.content, lz4):
            contents[segment.kind] += content
            found.append(segment)
        pieces.append(Piece(stretch.size, tuple(found), stretch.deflation))
        if sum(map(len, contents)) >= _BLOCK:
            yield _closed(pieces, contents)
            pieces, contents = [], [bytearray() for _ in KINDS]
    if pieces:
        yield _closed(pieces, contents)


def _closed(pieces: list[Piece], contents: list[bytearray]) -> tuple[Block, list[bytes]]:
    streams = [pack(kind, contents[kind]) for kind in KINDS]
    return Block(tuple(map(len, streams)), tuple(pieces)), streams
