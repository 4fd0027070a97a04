"""Read members of a wheel as streams: unpacked piece by piece, by range, nothing kept on disk."""

import struct
import threading
import time
import zipfile
import zlib
from collections.abc import Iterator
from itertools import chain
from typing import NoReturn

import requests
from urllib3.exceptions import HTTPError

from kb.base.errors import SourceFailed
from kb.base.record import Record
from scraper.http import RETRIES, TIMEOUT_S
from scraper.wheels import Traffic

PIECE = 1024 * 1024
MAX_MEMBER = 8 * 1024**3
_LOCAL_HEAD = struct.Struct("<4s22xHH")
_SIGNATURE = b"PK\3\4"


class ReadingStopped(Exception):
    """Reading was told to end before it was done."""


class RemoteWheel(Record):
    """A wheel on the index: where it lies, its size in bytes, what messages call it. To read it
    ends as soon as `stop` is set.
    """

    session: requests.Session
    address: str
    size: int
    what: str
    traffic: Traffic
    stop: threading.Event


def pieces(wheel: RemoteWheel, member: zipfile.ZipInfo, end: int) -> Iterator[bytes]:
    """Yield what a member holds, in pieces of at most PIECE bytes, and check its CRC at the end.

    `end` is where the next one begins. Raises SourceFailed.
    """
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise SourceFailed(f"{wheel.what}: {member.filename} is packed in an unknown way")
    if max(member.file_size, member.compress_size) > MAX_MEMBER:
        raise SourceFailed(f"{wheel.what}: {member.filename} has more than {MAX_MEMBER} bytes")
    crc, size = 0, 0
    try:
        for piece in _unpacked(member, _packed(wheel, member, end)):
            crc, size = zlib.crc32(piece, crc), size + len(piece)
            if size > member.file_size:
                break
            yield piece
    except zlib.error:
        raise SourceFailed(f"{wheel.what}: {member.filename} cannot be unpacked") from None
    if (crc, size) != (member.CRC, member.file_size):
        raise SourceFailed(
            f"{wheel.what}: {member.filename} is not what the wheel's directory says"
        )


def _unpacked(member: zipfile.ZipInfo, packed: Iterator[bytes]) -> Iterator[bytes]:
    if member.compress_type == zipfile.ZIP_STORED:
        yield from packed
        return
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    for piece in packed:
        waiting = piece
        while waiting:
            yield inflate.decompress(waiting, PIECE)
            waiting = inflate.unconsumed_tail
    yield inflate.flush()


def _packed(wheel: RemoteWheel, member: zipfile.ZipInfo, end: int) -> Iterator[bytes]:
    """Yield a member as it lies in the wheel, without the head before it, whose length only the
    head itself says.
    """
    stream = _range(wheel, member.header_offset, end - member.header_offset)
    head = b""
    while len(head) < _LOCAL_HEAD.size:
        head += next(stream, b"") or _broken(wheel, member)
    signature, name, extra = _LOCAL_HEAD.unpack_from(head)
    if signature != _SIGNATURE:
        _broken(wheel, member)
    skipped, left = _LOCAL_HEAD.size + name + extra, member.compress_size
    for piece in chain((head,), stream):
        wanted = piece[skipped : skipped + left]
        skipped -= min(skipped, len(piece))
        left -= len(wanted)
        if wanted:
            yield wanted


def _broken(wheel: RemoteWheel, member: zipfile.ZipInfo) -> NoReturn:
    raise SourceFailed(f"{wheel.what}: {member.filename} is not where the directory says")


def _range(wheel: RemoteWheel, start: int, size: int) -> Iterator[bytes]:
    """Yield some bytes of the wheel; a stream that breaks off goes on where it stopped."""
    done = failed = 0
    while done < size:
        before = done
        try:
            for piece in _stream(wheel, start + done, size - done):
                done += len(piece)
                yield piece
        except (HTTPError, requests.RequestException, OSError):
            pass  # it broke off: the next turn goes on from there
        failed = failed + 1 if done == before else 0
        if failed > RETRIES:
            raise SourceFailed(
                f"{wheel.what}: the answer broke off {failed} times; try again later"
            )
        if done < size:
            time.sleep(0.1 * failed)


def _stream(wheel: RemoteWheel, start: int, size: int) -> Iterator[bytes]:
    last = start + size - 1
    headers = {"Range": f"bytes={start}-{last}", "Accept-Encoding": "identity"}
    wheel.traffic.add(requests=1)
    with wheel.session.get(
        wheel.address, headers=headers, timeout=TIMEOUT_S, stream=True
    ) as response:
        stated = response.headers.get("Content-Range", "")
        if response.status_code != 206 or stated != f"bytes {start}-{last}/{wheel.size}":
            raise SourceFailed(
                f"{wheel.what}: asked for bytes {start}-{last}, "
                f"got HTTP {response.status_code} {stated[:60]!r}"
            )
        while piece := response.raw.read(min(PIECE, size)):
            if wheel.stop.is_set():
                raise ReadingStopped
            size -= len(piece)
            wheel.traffic.add(received=len(piece))
            yield piece
