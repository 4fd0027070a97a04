"""Where the loader of Linux would find shared libraries, without loading any of them.

It looks through LD_LIBRARY_PATH, then through the search path inside the library that asks (for
TensorFlow the folders of NVIDIA's wheels), then its cache, then its default folders
(https://man7.org/linux/man-pages/man8/ld.so.8.html).
"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Literal

from kb.base.record import Record

By = Literal["LD_LIBRARY_PATH", "wheels", "cache", "default"]
DEFAULT_FOLDERS = ("lib64", "usr/lib64", "lib", "usr/lib", "usr/lib/wsl/lib")
_CACHED = re.compile(r"\s*(\S{1,200}) \(([^)]{0,200})\) => (/.{1,1000})")
_OTHER_MACHINES = ("x32", "hard-float", "soft-float")


class FoundLibrary(Record):
    """A library: its file, the folder, by which part of the search, and its whole version where the
    file that it links to tells it.
    """

    file: str
    folder: str
    by: By
    version: str | None = None


class LoaderSearch:
    """The loader's search for one environment on one machine."""

    def __init__(
        self,
        environment: Mapping[str, str],
        wheel_folders: Iterable[str] = (),
        cache: Mapping[str, str] | None = None,
        root: Path = Path("/"),
    ) -> None:
        path = environment.get("LD_LIBRARY_PATH", "")
        # an empty entry is the current folder
        self._named = [folder or "." for folder in re.split("[:;]", path)] if path else []
        self._wheels = list(wheel_folders)
        self._cache = cache or {}
        self._defaults = [str(root / folder) for folder in DEFAULT_FOLDERS]

    def named_folders(self) -> Iterator[tuple[str, str]]:
        """Yield the folders of LD_LIBRARY_PATH, and where each really is."""
        for folder in self._named:
            try:
                yield folder, str(Path(folder).resolve())
            except (OSError, RuntimeError, ValueError):
                yield folder, folder

    def all(self, file: str) -> Iterator[FoundLibrary]:
        """Yield every library of this name, in the order of the search."""
        for folder in self._named:
            yield from _there(file, folder, "LD_LIBRARY_PATH")
        for folder in self._wheels:
            yield from _there(file, folder, "wheels")
        if file in self._cache:
            yield from _there(file, str(Path(self._cache[file]).parent), "cache")
        for folder in self._defaults:
            yield from _there(file, folder, "default")

    def first(self, file: str) -> FoundLibrary | None:
        """Return the library that the loader would load, or None."""
        return next(self.all(file), None)


def _there(file: str, folder: str, by: By) -> Iterator[FoundLibrary]:
    path = Path(folder, file)
    try:
        if not path.is_file():
            return
        target = path.resolve().name
    except (OSError, ValueError, RuntimeError):  # not to be read, no path at all, or a loop
        return
    whole = target.partition(".so.")[2]
    yield FoundLibrary(
        file=file,
        folder=folder,
        by=by,
        version=whole if whole.count(".") > file.count(".") - 2 else None,
    )


def wheel_folders(places: Iterable[str]) -> tuple[str, ...]:
    """Return the folders below these into which NVIDIA's wheels put their libraries."""
    found = []
    for place in places:
        try:
            found += sorted(str(path) for path in Path(place).glob("nvidia/*/lib"))
        except OSError:
            continue
    return tuple(found)


def loader_cache(environment: Mapping[str, str], timeout: float) -> dict[str, str]:
    """Return the loader's cache, from the name of a library to its path, as `ldconfig` tells it
    within `timeout` seconds; empty where it does not.
    """
    path = os.pathsep.join([environment.get("PATH", ""), "/sbin", "/usr/sbin"])
    program = shutil.which("ldconfig", path=path)
    if program is None:
        return {}
    try:
        done = subprocess.run(
            [program, "-p"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=timeout,
            check=False,
        )
    except (subprocess.TimeoutExpired, OSError):
        return {}
    return parse_cache(done.stdout.decode("utf-8", "replace"))


def parse_cache(text: str) -> dict[str, str]:
    """Return the libraries for 64 bits in what `ldconfig -p` prints; the first of a name counts."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        if match := _CACHED.fullmatch(line):
            name, flags, path = match.groups()
            is_64 = "x86-64" in flags or "AArch64" in flags
            if is_64 and not any(other in flags for other in _OTHER_MACHINES):
                found.setdefault(name, path)
    return found
