"""The third source: the wheels themselves, by HTTP range, never downloaded whole."""

import io
import re
import threading
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests
from remotezip import PartialBuffer, RemoteZip, RemoteZipError

from kb.base.errors import SourceFailed
from kb.base.record import Record
from kb.facts.wheel_text import MAX_TEXT, UnreadableText, headers, read_build_info, read_metadata
from scraper.http import get

MAX_RANGE = 8 * 1024 * 1024
TAIL = 32 * 1024
METADATA = re.compile(r"[^/]+\.dist-info/METADATA")
_BUILD_INFO = re.compile(
    r"([^/]+\.data/(purelib|platlib)/)?(tensorflow|tensorflow_core)/python/platform/build_info\.py"
)


class Texts(Record):
    """What was read inside a wheel: METADATA's headers, and build_info.py where there is one."""

    metadata: str
    build_info: str | None


class BrokenWheel(SourceFailed):
    """A wheel that is no zip, or whose members are not as they have to be."""


class Traffic:
    """Counts what was asked for, over all threads: requests, bytes, and the least bytes needed."""

    def __init__(self) -> None:
        self.requests = 0
        self.bytes = 0
        self.least = 0
        self._lock = threading.Lock()

    def add(self, requests: int = 0, received: int = 0, least: int = 0) -> None:
        """Count some requests, bytes received, and bytes that no reader could do without."""
        with self._lock:
            self.requests += requests
            self.bytes += received
            self.least += least


class _Ranges:
    """What remotezip calls to fetch a part of the wheel, with limits and exact answers."""

    def __init__(
        self, session: requests.Session, address: str, size: int, what: str, traffic: Traffic
    ) -> None:
        self._session = session
        self._address = address
        self._size = size
        self._what = what
        self._traffic = traffic

    def fetch(self, data_range: tuple[int, int | None], stream: bool = False) -> PartialBuffer:
        """Fetch the bytes from the first to the second place, both included, at once."""
        del stream
        first, last = data_range
        if last is None:
            first, last = max(0, self._size + first), self._size - 1
        last = min(last, self._size - 1)
        length = last - first + 1
        if first < 0 or not 0 < length <= MAX_RANGE:
            raise BrokenWheel(f"{self._what}: its directory asks for a part of {length} bytes")
        answer = get(
            self._session,
            self._address,
            self._what,
            length,
            headers={"Range": f"bytes={first}-{last}", "Accept-Encoding": "identity"},
            expected=206,
        )
        self._traffic.add(requests=1, received=len(answer.body))
        stated = answer.headers.get("Content-Range", "")
        if stated != f"bytes {first}-{last}/{self._size}" or len(answer.body) != length:
            raise SourceFailed(
                f"{self._what}: asked for bytes {first}-{last} of {self._size}, "
                f"got {len(answer.body)} bytes of {stated[:60]!r}"
            )
        return PartialBuffer(io.BytesIO(answer.body), first, length, stream=False)


def read(session: requests.Session, address: str, file: str, size: int, traffic: Traffic) -> Texts:
    """Read the texts of the wheel at `address`, whose name and size in bytes the index gave.

    Raises SourceFailed, naming the wheel, for whatever is wrong with it.
    """
    what = f"wheels: {file}"
    try:
        with opened(session, address, what, size, traffic) as archive:
            traffic.add(least=size - archive.start_dir)
            metadata = member(archive, METADATA, what, traffic)
            build_info = member(archive, _BUILD_INFO, what, traffic)
        if metadata is None:
            raise SourceFailed(f"{what}: holds no METADATA")
        texts = Texts(headers(metadata), build_info)
        read_metadata(texts.metadata)
        if texts.build_info is not None:
            read_build_info(texts.build_info)
    except UnreadableText as error:
        raise SourceFailed(f"{what}: {error}") from None
    return texts


@contextmanager
def opened(
    session: requests.Session, address: str, what: str, size: int, traffic: Traffic
) -> Iterator[RemoteZip]:
    """Open the wheel of `size` bytes at `address` as a zip whose members are fetched when read.

    What goes wrong in the block because of the zip becomes BrokenWheel, which begins with `what`.
    """
    ranges = _Ranges(session, address, size, what, traffic)

    def fetcher(*_: Any, **__: Any) -> _Ranges:
        return ranges

    try:
        with RemoteZip(address, initial_buffer_size=TAIL, fetcher=fetcher) as archive:
            yield archive
    except UnreadableText:
        raise
    except (
        zipfile.BadZipFile,
        zlib.error,
        RemoteZipError,
        OSError,
        ValueError,
        RuntimeError,
        EOFError,
        KeyError,
        OverflowError,
    ) as error:
        reason = str(error).splitlines()[0][:120] if str(error) else type(error).__name__
        raise BrokenWheel(f"{what}: cannot be read as a zip: {reason}") from None


def member(
    archive: zipfile.ZipFile, name: re.Pattern[str], what: str, traffic: Traffic
) -> str | None:
    """Return the text of the one member of this name, or None. Raises SourceFailed."""
    found = [info for info in archive.infolist() if name.fullmatch(info.filename)]
    if not found:
        return None
    if len(found) > 1:
        raise BrokenWheel(f"{what}: holds {found[0].filename} more than once")
    info = found[0]
    if max(info.file_size, info.compress_size) > MAX_TEXT:
        raise BrokenWheel(f"{what}: {info.filename} has more than {MAX_TEXT} bytes")
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise BrokenWheel(f"{what}: {info.filename} is packed in an unknown way")
    traffic.add(least=info.compress_size + 30 + len(info.filename.encode()))
    with archive.open(info) as packed:
        content = packed.read(MAX_TEXT + 1)
    if len(content) > MAX_TEXT:
        raise BrokenWheel(f"{what}: {info.filename} unpacks to more than {MAX_TEXT} bytes")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        raise BrokenWheel(f"{what}: {info.filename} is not UTF-8") from None
