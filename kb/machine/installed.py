"""Which distributions are installed in an environment, by the metadata that lies in its folders.

Nothing is imported, and what is broken is told instead of raised.
"""

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from kb.base.printable import one_line
from kb.base.record import Record
from kb.machine.active_python import Place, PlaceKind

_MAX = 256 * 1024  # bytes of a METADATA; its headers stand first
_MAX_RECORD = 8 * 1024 * 1024
_MOST = 5000
_LONGEST = 100
_PACKAGE = "tensorflow/__init__.py"
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")  # once normalised; it ends up in commands
_VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z.!+_-]{0,60}")


class Installed(Record):
    """One installed distribution: its name as the index spells it, its version, where it lies, what
    it requires, and what is wrong with its metadata, if anything.

    `has_tensorflow` tells whether its list of files has the package `tensorflow`; None without one.
    """

    name: str
    version: str
    folder: str
    kind: PlaceKind
    requires: tuple[str, ...] = ()
    fault: str | None = None
    has_tensorflow: bool | None = None


class Environment(Record):
    """What is installed: of each name the one that Python finds first, those that it hides, and
    metadata that tells no name at all.
    """

    first: dict[str, Installed]
    hidden: tuple[Installed, ...]
    faults: tuple[str, ...]

    def version(self, name: str) -> str | None:
        """Return the version that is installed of a distribution, or None."""
        found = self.first.get(name)
        return found.version if found else None


def normalised(name: str) -> str:
    """Return the name of a distribution as the index spells it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def environment_of(places: Iterable[Place]) -> Environment:
    """Return what is installed in these folders, in the order of a Python's search."""
    first: dict[str, Installed] = {}
    hidden, faults = [], []
    for place in places:
        for path in _metadata_folders(place.folder):
            found = _read(path, place)
            if isinstance(found, str):
                faults.append(found)
            elif found.name not in first:
                first[found.name] = found
            else:
                hidden.append(found)
    return Environment(first, tuple(hidden), tuple(faults))


def _metadata_folders(folder: str) -> list[Path]:
    try:
        names = sorted(os.listdir(folder))  # noqa: PTH208 - far quicker for a large folder
    except OSError:
        return []
    found = [name for name in names if name.endswith((".dist-info", ".egg-info"))]
    return [Path(folder, name) for name in found[:_MOST]]


def _read(path: Path, place: Place) -> Installed | str:
    """Return the distribution of a metadata folder, or what is wrong where it tells no name."""
    stem = path.name.rpartition(".")[0]
    if stem.startswith(("~", "-")):
        return f"{one_line(path.name, 80)} is what an interrupted uninstall left behind"
    folder_name, _, folder_version = stem.partition("-")
    folder_version = folder_version.partition("-py")[0]
    headers = list(_headers(path))
    metadata = dict(reversed(headers))
    name = normalised(metadata.get("Name") or folder_name)
    version = metadata.get("Version") or folder_version
    if not _NAME.fullmatch(name) or len(name) > _LONGEST or not _VERSION.fullmatch(version):
        return f"{one_line(path.name, 80)} tells no name and version"
    return Installed(
        name=name,
        version=version,
        folder=place.folder,
        kind=place.kind,
        requires=tuple(one_line(value) for name, value in headers if name == "Requires-Dist"),
        fault=_fault(path, metadata, folder_name, folder_version),
        has_tensorflow=_has_tensorflow(path, name),
    )


def _fault(path: Path, metadata: dict[str, str], name: str, version: str) -> str | None:
    shown = one_line(path.name, 80)
    if not metadata.get("Name") or not metadata.get("Version"):
        return f"{shown} has no METADATA that can be read"
    if path.suffix == ".dist-info" and (
        normalised(metadata["Name"]) != normalised(name)
        or _plain(metadata["Version"]) != _plain(version)
    ):
        own = one_line(f"{metadata['Name']} {metadata['Version']}", 80)
        return f"{shown} is the metadata of {own}: its folder is named wrongly"
    return None


def _plain(version: str) -> str:
    """Return a version without its signs, which the name of a folder may spell in another way."""
    return re.sub(r"[-_+.!]", "", version).lower()


def _headers(path: Path) -> Iterator[tuple[str, str]]:
    """Yield the headers of a distribution's metadata, up to the blank line that ends them."""
    names = ("METADATA",) if path.suffix == ".dist-info" else ("PKG-INFO", "")
    for name in names:
        try:
            with Path(path, name).open("rb") as file:
                text = file.read(_MAX).decode("utf-8", "replace")
        except OSError:
            continue
        for line in text.splitlines():
            if not line.strip():
                return
            header, colon, value = line.partition(":")
            if colon and not line[0].isspace():
                yield header.strip(), value.strip()
        return


def _has_tensorflow(path: Path, name: str) -> bool | None:
    """Tell whether a distribution that may be TensorFlow brought the package of that name."""
    if "tensorflow" not in name and not name.startswith("tf-nightly"):
        return None
    try:
        with Path(path, "RECORD").open("rb") as file:
            record = file.read(_MAX_RECORD).decode("utf-8", "replace")
    except OSError:
        return None
    if not record.strip():
        return None
    return record.startswith(f"{_PACKAGE},") or f"\n{_PACKAGE}," in record
