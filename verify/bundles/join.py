"""Make wheels of the parts of a bundle again, bit for bit, while the parts still arrive."""

import hashlib
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path

from kb.base.errors import RunnerFailed
from kb.terminal.progress import progress
from verify.bundles import manifest as documents
from verify.bundles.fatbins import lz4_packed
from verify.bundles.images import deflated
from verify.bundles.manifest import Manifest, PackedWheel, Piece
from verify.bundles.tape import Stream, Tape, lz4_way, zlib_way
from verify.hashing import sha256_of

_POLL_S = 0.2


def join(parts: Path, into: Path, watch: bool, jobs: int) -> Manifest:
    """Write the wheels of a bundle into a folder, each whole or not at all; return its manifest.
    Those that are there already stay. `watch` waits for parts that are still to come.

    Raises RunnerFailed for what is missing, damaged, or packed otherwise here; OSError;
    ModuleNotFoundError where LZ4 is needed and is not here.
    """
    manifest = documents.read(parts / documents.NAME)
    _check_ways(manifest)
    into.mkdir(parents=True, exist_ok=True)
    tape = Tape(parts, manifest)
    stop = threading.Event()
    built: set[Future[None]] = set()
    with progress("wheels", len(manifest.wheels)) as advance, ThreadPoolExecutor(jobs) as pool:
        try:
            at = 0
            for wheel in manifest.wheels:
                if _is_there(wheel, into):
                    advance()
                else:
                    while not tape.has(at, wheel.packed(), watch):
                        _settle(built, advance)
                    built.add(pool.submit(_Joining(wheel, tape, stop).write, at, into))
                at += wheel.packed()
            while built:
                _settle(built, advance)
        except BaseException:
            stop.set()
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return manifest


def _check_ways(manifest: Manifest) -> None:
    if manifest.zlib != zlib_way():
        raise RunnerFailed(
            "this Python's zlib packs otherwise than the one that made the bundle; "
            "join with another Python"
        )
    if manifest.lz4 is not None and manifest.lz4 != lz4_way():
        raise RunnerFailed(
            "this lz4 packs otherwise than the one that made the bundle; install the same version"
        )


def _is_there(wheel: PackedWheel, into: Path) -> bool:
    path = into / wheel.name
    return path.is_file() and path.stat().st_size == wheel.size and sha256_of(path) == wheel.sha256


def _settle(built: set[Future[None]], advance: Callable[[], None]) -> None:
    """Wait a moment; count the wheels that are done meanwhile. Raises what one of them raised."""
    if not built:
        time.sleep(_POLL_S)
    for future in wait(built, _POLL_S, FIRST_COMPLETED).done:
        built.remove(future)
        future.result()
        advance()


class _Joining:
    """One wheel while it is made."""

    def __init__(self, wheel: PackedWheel, tape: Tape, stop: threading.Event) -> None:
        self._wheel, self._tape, self._stop = wheel, tape, stop

    def write(self, at: int, into: Path) -> None:
        """Write the wheel, whose blocks lie at an offset, into a folder."""
        unfinished = into / f".{self._wheel.name}.unfinished"
        digest = hashlib.sha256()
        try:
            with unfinished.open("wb") as file:
                for chunk in self._chunks(at):
                    if self._stop.is_set():
                        return
                    file.write(chunk)
                    digest.update(chunk)
            if digest.hexdigest() != self._wheel.sha256:
                raise RunnerFailed(f"{self._wheel.name}: not what the manifest says it is")
            unfinished.replace(into / self._wheel.name)
        finally:
            unfinished.unlink(missing_ok=True)

    def _chunks(self, at: int) -> Iterator[bytes]:
        for block in self._wheel.blocks:
            streams = self._tape.streams(at, block)
            for piece in block.pieces:
                yield from self._of_piece(piece, streams)
            at += sum(block.streams)

    def _of_piece(self, piece: Piece, streams: dict[int, Stream]) -> Iterator[bytes]:
        chunks = _content(piece, streams)
        left = piece.size
        for chunk in deflated(chunks, piece.deflation) if piece.deflation else chunks:
            left -= len(chunk)
            if left < 0:
                break
            yield chunk
        if left:
            raise RunnerFailed(f"{self._wheel.name}: a piece does not come out as large as it was")


def _content(piece: Piece, streams: dict[int, Stream]) -> Iterator[bytes]:
    for segment in piece.segments:
        chunks = streams[segment.kind].take(segment.size)
        if segment.packed:
            yield lz4_packed(b"".join(chunks))
        else:
            yield from chunks
