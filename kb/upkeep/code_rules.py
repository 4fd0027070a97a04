"""What must hold of `code/<series>.yaml`."""

from collections.abc import Iterator, Mapping

from kb.base.model import CodeFile, ObjectCode, PtxVersion, SeriesFile, WheelCode
from kb.base.versions import InvalidVersion, key, series

_READ = "run `python -m scraper code`"


def code_faults(
    name: str, file: CodeFile, known: Mapping[str, SeriesFile], versions: tuple[PtxVersion, ...]
) -> Iterator[str]:
    """Yield what is wrong with the code that was read in the wheels of a series, given all series
    and the table of PTX versions. A wheel that no release has any more may stay.
    """
    where = f"code/{name}.yaml"
    files = _files_by_sha256(known.get(name))
    seen: set[str] = set()
    for wheel in file.wheels:
        place = f"{where}: {wheel.file}"
        if wheel.sha256 in seen:
            yield f"{place}: stands twice; remove one"
        seen.add(wheel.sha256)
        if _series(wheel) != name:
            yield f"{place}: is of another series; {_READ}"
        if files.get(wheel.sha256, wheel.file) != wheel.file:
            yield f"{place}: a release has this sha256 under another name; {_READ}"
        if wheel.failure is not None and (wheel.libraries or wheel.opens):
            yield f"{place}: says why it was not read, and what it holds; {_READ}"
        for library in wheel.libraries:
            for held in library.code:
                yield from _held_faults(f"{place}: {library.library}", held, versions)


def _files_by_sha256(file: SeriesFile | None) -> dict[str, str]:
    releases = file.releases if file else ()
    return {
        wheel.sha256: wheel.file
        for release in releases
        for build in release.builds
        for wheel in build.wheels
    }


def _series(wheel: WheelCode) -> str | None:
    parts = wheel.file.split("-")
    try:
        return series(parts[1]) if len(parts) > 1 else None
    except InvalidVersion:
        return None


def _held_faults(place: str, held: ObjectCode, versions: tuple[PtxVersion, ...]) -> Iterator[str]:
    if held.objects < 1:
        yield f"{place}: counts {held.objects} objects; {_READ}"
    if not held.native and not held.ptx:
        yield f"{place}: counts objects without code; {_READ}"
    if list(held.native) != sorted(set(held.native), key=key):
        yield f"{place}: list each compute capability once, in order; {_READ}"
    for ptx in held.ptx:
        if ptx.version not in {row.version for row in versions}:
            yield f"{place}: PTX {ptx.version} is not in the table; add it to cuda.yaml"
