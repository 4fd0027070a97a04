"""What must hold of candidates and nightlies, over all series."""

from collections.abc import Iterable, Iterator

from kb.base.model import SeriesFile
from kb.base.versions import InvalidVersion, Kind, key, kind, series

_SCRAPE = "run `python -m scraper`"


def pre_release_faults(files: Iterable[SeriesFile]) -> Iterator[str]:
    """Yield where a candidate is not newer than its distribution's releases, and where one of its
    kind is newer.
    """
    newest: dict[tuple[str, Kind], str] = {}
    every = [release for file in files for release in file.releases if _is_named(release.release)]
    for release in every:
        own = (release.distribution, kind(release.release))
        newest[own] = max(newest.get(own, release.release), release.release, key=key)
    for release in every:
        name, version = release.distribution, release.release
        where = f"releases/{series(version)}.yaml: {name} {version}"
        if kind(version) == "release":
            continue
        last = newest[name, kind(version)]
        released = newest.get((name, "release"))
        if version != last:
            yield f"{where}: {last} is newer; {_SCRAPE}"
        elif released is not None and key(version) < key(released):
            yield f"{where}: {released} is released; {_SCRAPE}"


def _is_named(release: str) -> bool:
    try:
        series(release)
    except InvalidVersion:  # another rule tells of it
        return False
    return True
