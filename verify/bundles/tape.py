"""The tape: the parts of a bundle, written and read as if they were one file; and its streams."""

import hashlib
import lzma
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from kb.base.errors import RunnerFailed
from verify.bundles.fatbins import CODE, SASS, lz4_packed
from verify.bundles.images import Deflation, deflated
from verify.bundles.manifest import Block, Manifest, part_name
from verify.hashing import sha256_of

_LARGEST_DICTIONARY = 256 << 20
_CHUNK = 1 << 20


def zlib_way() -> str:
    """Return the hash of what this Python's zlib makes of a text: libraries pack differently."""
    digest = hashlib.sha256()
    for level in (1, 6, 9):
        for chunk in deflated((_sample(),), Deflation(level, 8)):
            digest.update(chunk)
    return digest.hexdigest()


def lz4_way() -> str:
    """Return the same of LZ4. Raises ModuleNotFoundError without it."""
    return hashlib.sha256(lz4_packed(_sample())).hexdigest()


def _sample() -> bytes:
    lines = (f"{n} {n * n} {hashlib.sha256(b'%d' % (n % 500)).hexdigest()}" for n in range(5000))
    return "\n".join(line[: len(line) - n % 60] for n, line in enumerate(lines)).encode()


def pack(kind: int, content: bytes | bytearray) -> bytes:
    """Return content as a stream of its kind; nothing for nothing."""
    if not content:
        return b""
    # cubins are made of instructions of 16 bytes, in which the same halves are alike
    shape = {"lc": 0, "lp": 3, "pb": 4} if kind == SASS else {"pb": 2 if kind == CODE else 0}
    filters = _filters(kind, len(content))
    filters[-1] = {**filters[-1], "preset": 1, **shape}
    return lzma.compress(content, format=lzma.FORMAT_RAW, filters=filters)


def _filters(kind: int, size: int) -> list[dict[str, Any]]:
    dictionary = min(_LARGEST_DICTIONARY, max(1 << 16, size))
    last = {"id": lzma.FILTER_LZMA2, "dict_size": dictionary}
    return [{"id": lzma.FILTER_X86}, last] if kind == CODE else [last]


class Stream:
    """A stream that is unpacked bit by bit: no more than is asked for is ever held."""

    def __init__(self, kind: int, packed: bytes, size: int) -> None:
        self._decoder = lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=_filters(kind, size))
        self._packed = packed

    def take(self, size: int) -> Iterator[bytes]:
        """Yield the next bytes, `size` in all. Raises RunnerFailed where it holds fewer."""
        while size:
            try:
                chunk = self._decoder.decompress(self._packed, min(size, _CHUNK))
            except (lzma.LZMAError, EOFError):
                chunk = b""
            self._packed = b""
            if not chunk:
                raise RunnerFailed("a stream of the bundle is damaged; split it anew")
            size -= len(chunk)
            yield chunk


class TapeWriter:
    """Writes the parts into a folder."""

    def __init__(self, folder: Path, part_size: int) -> None:
        self._folder, self._part_size = folder, part_size
        self._left = 0
        self._file: IO[bytes] | None = None
        self._digests: list[Any] = []

    def add(self, content: bytes) -> None:
        """Write content at the end. Raises OSError."""
        rest = memoryview(content)
        while rest:
            if not self._left:
                self.close()
                self._file = (self._folder / part_name(len(self._digests))).open("wb")
                self._digests.append(hashlib.sha256())
                self._left = self._part_size
            assert self._file is not None  # noqa: S101 - opened above with the first byte
            now, rest = rest[: self._left], rest[self._left :]
            self._file.write(now)
            self._digests[-1].update(now)
            self._left -= len(now)

    def close(self) -> tuple[str, ...]:
        """Close the last part and return the hashes of all."""
        if self._file is not None:
            self._file.close()
        return tuple(digest.hexdigest() for digest in self._digests)


class Tape:
    """Reads the parts in a folder, each checked by its hash before its first byte is used."""

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        self._folder, self._manifest = folder, manifest
        self._checked: set[int] = set()

    def has(self, at: int, size: int, watch: bool) -> bool:
        """Tell whether the parts of a stretch are there; unless one watches, they have to be.

        Raises RunnerFailed for one that is missing or damaged, OSError.
        """
        part_size = self._manifest.part_size
        for number in range(at // part_size, (at + size - 1) // part_size + 1):
            if number not in self._checked:
                if not self._check(number, watch):
                    return False
                self._checked.add(number)
        return True

    def streams(self, at: int, block: Block) -> dict[int, Stream]:
        """Return the streams of a block that lies at an offset, by kind. Raises OSError."""
        found = {}
        for kind, size in enumerate(block.streams):
            if size:
                found[kind] = Stream(kind, self._read(at, size), block.content(kind))
            at += size
        return found

    def _check(self, number: int, watch: bool) -> bool:
        """Tell whether a part is there whole."""
        path = self._folder / part_name(number)
        part_size = self._manifest.part_size
        wanted = min(part_size, self._manifest.tape() - number * part_size)
        size = path.stat().st_size if path.is_file() else None
        if size is None or size < wanted:
            if watch:
                return False
            what = "missing" if size is None else f"cut short at {size:,} of {wanted:,} bytes"
            raise RunnerFailed(f"{path}: {what}; copy it there, or wait for it with --watch")
        if size > wanted or sha256_of(path) != self._manifest.parts[number]:
            raise RunnerFailed(f"{path}: not what the manifest says it is; copy it again")
        return True

    def _read(self, at: int, size: int) -> bytes:
        content = bytearray()
        while len(content) < size:
            number, skip = divmod(at + len(content), self._manifest.part_size)
            with (self._folder / part_name(number)).open("rb") as file:
                file.seek(skip)
                chunk = file.read(size - len(content))
            if not chunk:
                raise RunnerFailed(f"{part_name(number)} was changed meanwhile; copy it again")
            content += chunk
        return bytes(content)
