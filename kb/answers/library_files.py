"""Which CUDA and cuDNN a library file is of, and which releases were built with it."""

from collections.abc import Iterable, Iterator

from kb.base.model import Bounds, Library, SeriesFile
from kb.base.record import Record
from kb.base.versions import is_final, key
from kb.facts.builds import devices, published
from kb.facts.sources import claims_of
from kb.facts.toolkits import toolkit


def holders(files: Iterable[str], table: tuple[Library, ...]) -> tuple[Library, ...]:
    """Return the rows of the table that tell of any of the files."""
    wanted = set(files)
    return tuple(row for row in table if wanted & set(row.files))


def versions(rows: tuple[Library, ...]) -> dict[str, Bounds]:
    """Return, for CUDA and for cuDNN, the versions that hold all the files; a product whose rows
    have no version in common is left out.
    """
    found = {}
    for product in ("CUDA", "cuDNN"):
        own = [row for row in rows if row.product == product]
        if own:
            first = max((row.first for row in own), key=key)
            last = min((row.last for row in own), key=key)
            if key(first) <= key(last):
                found[product] = Bounds(first, last)
    return found


class CudaBuild(Record):
    """A build that serves CUDA, and the CUDA and cuDNN that it was built with."""

    series: str
    release: str
    is_for_windows: bool
    versions: dict[str, str | None]


def cuda_builds(files: Iterable[SeriesFile]) -> Iterator[CudaBuild]:
    """Yield every build of a release of some series that serves CUDA."""
    for file in files:
        claims = claims_of(file)
        for offer in published(file):
            if is_final(offer.release.release) and "cuda" in devices(file, offer):
                tools = toolkit(claims, offer)
                own = {"CUDA": tools.cuda, "cuDNN": tools.cudnn_built or tools.cudnn_documented}
                is_for_windows = offer.build.platform.startswith("windows")
                yield CudaBuild(
                    series=file.series,
                    release=offer.release.release,
                    is_for_windows=is_for_windows,
                    versions=own,
                )


def built_with(
    builds: Iterable[CudaBuild], wanted: dict[str, Bounds], windows: bool
) -> Iterator[tuple[str, str]]:
    """Yield the series and the release of each build, on Windows or elsewhere, that was built with
    such a CUDA and cuDNN.
    """
    for build in builds:
        fits = all(_within(build.versions[product], span) for product, span in wanted.items())
        if build.is_for_windows == windows and fits:
            yield build.series, build.release


def _within(version: str | None, span: Bounds) -> bool:
    """Tell whether a version lies in a range: `8.1` does in `8` to `8`."""
    if version is None or span.first is None or span.last is None:
        return False
    inside = key(span.first) <= key(version) <= key(span.last)
    return inside or any(version.startswith(f"{end}.") for end in (span.first, span.last))
