"""The fourth source: the machine code and the PTX in the libraries of a wheel."""

import re
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator

from kb.base.errors import SourceFailed
from kb.base.model import LibraryCode, ObjectCode, Ptx
from kb.base.record import Record
from kb.base.versions import key
from kb.facts import fatbins
from kb.facts.fatbins import Fatbin
from scraper.members import RemoteWheel, pieces
from scraper.wheels import opened

MAX_LIBRARIES = 2000
MAX_KINDS = 500
_LIBRARY = re.compile(r"(?i).*\.(so(\.[0-9]+)*|pyd|dll)")
_LONGEST_NAME = 80
_CUDA_LIBRARY = re.compile(
    rb"(?<![A-Za-z0-9_])(?:"
    rb"lib(?:cudart|cublas|cublasLt|cudnn|cufft|curand|cusolver|cusparse|cupti|nccl|nvrtc)"
    rb"\.so\.[0-9]{1,3}(?:\.[0-9]{1,3}){0,2}"
    rb"|(?:cudart|cublas|cublasLt|cudnn|cufft|curand|cusolver|cusparse|cupti|nvrtc)"
    rb"64_[0-9]{1,4}\.dll)(?![A-Za-z0-9_])"
)


class WheelHolds(Record):
    """What all libraries of a wheel hold: those with code for GPUs, and the names of the CUDA
    libraries that stand in any of them.
    """

    libraries: tuple[LibraryCode, ...]
    opens: tuple[str, ...]


def read(wheel: RemoteWheel) -> WheelHolds:
    """Read every library of a wheel as a stream. Raises SourceFailed or ReadingStopped."""
    libraries: list[LibraryCode] = []
    opens: set[str] = set()
    with opened(wheel.session, wheel.address, wheel.what, wheel.size, wheel.traffic) as archive:
        members, start_dir = archive.infolist(), archive.start_dir
    for member, end in _with_ends(members, start_dir):
        if _LIBRARY.fullmatch(member.filename):
            names = _Names(b".so." if ".so" in member.filename else b"64_")
            stream = names.watched(pieces(wheel, member, end))
            code = _library(wheel, member, stream)
            opens |= names.found
            if code:
                libraries.append(LibraryCode(member.filename, code))
            wheel.traffic.add(least=end - member.header_offset)
    if len(libraries) > MAX_LIBRARIES:
        raise SourceFailed(f"{wheel.what}: has more than {MAX_LIBRARIES} libraries with code")
    libraries.sort(key=lambda found: found.library)
    return WheelHolds(tuple(libraries), tuple(sorted(opens)))


def _with_ends(
    members: list[zipfile.ZipInfo], start_dir: int
) -> Iterator[tuple[zipfile.ZipInfo, int]]:
    """Yield each member and where it ends: where the next one begins, or the directory."""
    ordered = sorted(members, key=lambda member: member.header_offset)
    ends = [member.header_offset for member in ordered[1:]]
    yield from zip(ordered, (*ends, start_dir), strict=True)


def _library(
    wheel: RemoteWheel, member: zipfile.ZipInfo, stream: Iterable[bytes]
) -> tuple[ObjectCode, ...]:
    counted: Counter[ObjectCode] = Counter()
    for fatbin in fatbins.fatbins(stream, member.file_size):
        if not fatbin.is_sound:
            raise SourceFailed(
                f"{wheel.what}: {member.filename}: the fatbin at byte {fatbin.at} makes no sense"
            )
        counted[_holds(fatbin)] += 1
        if len(counted) > MAX_KINDS:
            raise SourceFailed(f"{wheel.what}: {member.filename}: too many kinds of objects")
    for _ in stream:
        pass  # to its end, where the CRC is checked
    return tuple(
        kind._replace(objects=counted[kind])
        for kind in sorted(counted, key=lambda kind: (-counted[kind], kind))
        if kind.native or kind.ptx
    )


def _holds(fatbin: Fatbin) -> ObjectCode:
    native = {
        _dotted(entry.capability) for entry in fatbin.entries if entry.kind == fatbins.MACHINE_CODE
    }
    ptx = {
        Ptx(_dotted(entry.capability), ".".join(map(str, entry.version)))
        for entry in fatbin.entries
        if entry.kind == fatbins.PTX
    }
    return ObjectCode(
        objects=0,
        native=tuple(sorted(native, key=key)),
        ptx=tuple(sorted(ptx, key=lambda held: (key(held.compute_capability), key(held.version)))),
    )


def _dotted(capability: int) -> str:
    return f"{capability // 10}.{capability % 10}"


class _Names:
    """Collects the names of CUDA libraries that stand in a stream; `part` is in each of them."""

    def __init__(self, part: bytes) -> None:
        self.found: set[str] = set()
        self._part = part

    def watched(self, stream: Iterable[bytes]) -> Iterator[bytes]:
        """Yield the pieces as they come, each searched, names across two pieces too."""
        before = b""
        for piece in stream:
            self._search(before + piece[:_LONGEST_NAME])
            self._search(piece)
            before = piece[-_LONGEST_NAME:]
            yield piece

    def _search(self, content: bytes) -> None:
        at = content.find(self._part)
        while at >= 0:
            around = content[max(0, at - _LONGEST_NAME) : at + _LONGEST_NAME]
            self.found |= {name.group().decode() for name in _CUDA_LIBRARY.finditer(around)}
            at = content.find(self._part, at + 1)
