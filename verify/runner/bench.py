"""What a machine has for runs: folders, Pythons, the index; and the cache kept within bounds."""

from collections.abc import Mapping
from pathlib import Path

from kb.base.errors import RunnerFailed
from kb.base.model import Python
from kb.base.record import Record
from kb.machine import index_setting
from kb.machine.index_setting import IndexSetting
from verify.runner import pythons
from verify.runner.scratch import caches, usual


class Bench(Record):
    """A folder for throw-away environments, one for downloads, the Pythons found here, and the
    index to install from.
    """

    scratch: Path
    cache: Path
    pythons: Mapping[Python, Path]
    setting: IndexSetting


def bench(scratch: Path | None, cache: Path | None, wheels: Path | None = None) -> Bench:
    """Return this machine's; `scratch` and `cache` default to the usual folders for such. Packages
    come from the folder `wheels` alone, where one is named. Raises RunnerFailed where it is none.
    """
    if wheels is not None and not wheels.is_dir():
        raise RunnerFailed(f"{wheels}: no folder of wheels; name one that is there with --wheels")
    return Bench(
        scratch=(scratch or usual()).absolute(),
        cache=(cache or caches() / "tensorflow-compat" / "pip").absolute(),
        pythons=pythons.found(),
        setting=_folder(wheels.absolute()) if wheels else index_setting.read(),
    )


def _folder(wheels: Path) -> IndexSetting:
    return IndexSetting(address=wheels.as_uri(), folder=wheels)


def shrink(cache: Path, most_gb: float) -> None:
    """Remove the downloads that were not used for longest, until at most `most_gb` GB are left."""
    files = [(path, path.stat()) for path in cache.rglob("*") if path.is_file()]
    total = sum(stat.st_size for _, stat in files)
    for path, stat in sorted(files, key=lambda pair: max(pair[1].st_atime, pair[1].st_mtime)):
        if total <= most_gb * 1e9:
            return
        path.unlink(missing_ok=True)
        total -= stat.st_size
