"""The folders in which cells are set up: the user's own, each held while its run goes on. What was
left behind by a run that was killed goes when the next one starts.
"""

import os
import shutil
import stat
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from kb.base.errors import RunnerFailed

_PREFIXES = ("cell-", "trials-")
_SETTLING_S = 60.0  # what making a folder and taking hold of it takes at most


def caches() -> Path:
    """Return the folder in which this user's programs keep what can be made again."""
    if own := os.environ.get("XDG_CACHE_HOME"):
        return Path(own)
    return Path.home() / ("Library/Caches" if sys.platform == "darwin" else ".cache")


def usual() -> Path:
    """Return the folder in which cells are set up where none is named."""
    return caches() / "tensorflow-compat" / "scratch"


def open_scratch(scratch: Path) -> None:
    """Make the folder in which cells are set up, for this user alone. Raises RunnerFailed, OSError.

    A folder that the user named keeps the mode that it has: those that are made in it have 0700.
    """
    scratch.mkdir(parents=True, exist_ok=True, mode=0o700)
    if scratch != usual().absolute():
        return
    there = scratch.lstat()
    if not stat.S_ISDIR(there.st_mode) or there.st_uid != os.geteuid():
        raise RunnerFailed(f"{scratch}: is not this user's own; name a folder with --scratch")
    if stat.S_IMODE(there.st_mode) != 0o700:
        scratch.chmod(0o700)


@contextmanager
def held_folder(scratch: Path, prefix: str) -> Iterator[Path]:
    """Make a folder for one run in `scratch`, hold it, and remove it when the block ends.

    Before that, what runs that were killed left there is removed. Raises OSError.
    """
    import fcntl  # noqa: PLC0415 - Windows has none, and carries no cell out

    remove_left_over(scratch)
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=scratch))
    hold = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)  # no child inherits it
    try:
        fcntl.flock(hold, fcntl.LOCK_EX)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(hold)


def remove_left_over(scratch: Path) -> None:
    """Remove the folders of runs that nobody holds: those of processes that were killed."""
    for prefix in _PREFIXES:
        for folder in scratch.glob(f"{prefix}*"):
            with suppress(OSError):  # held, gone meanwhile, or another user's
                _remove_unheld(folder)


def _remove_unheld(folder: Path) -> None:
    import fcntl  # noqa: PLC0415 - as above

    there = folder.lstat()
    is_settled = time.time() - there.st_mtime > _SETTLING_S or (folder / "home").is_dir()
    if not stat.S_ISDIR(there.st_mode) or there.st_uid != os.geteuid() or not is_settled:
        return
    hold = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(hold, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.close(hold)
