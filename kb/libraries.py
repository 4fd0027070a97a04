"""Which CUDA and cuDNN a library file is of, and which releases were built with it."""

from collections.abc import Iterable, Iterator

from kb.claims import devices, published, toolkit
from kb.model import Library, SeriesFile
from kb.record import Record
from kb.versions import key


class Span(Record):
    """A range of versions, both ends included; None leaves an end open."""

    first: str | None
    last: str | None


def holders(files: Iterable[str], table: tuple[Library, ...]) -> tuple[Library, ...]:
    """Return the rows of the table that tell of any of the files."""
    wanted = set(files)
    return tuple(row for row in table if wanted & set(row.files))


def versions(rows: tuple[Library, ...]) -> dict[str, Span]:
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
                found[product] = Span(first, last)
    return found


def built_with(
    files: Iterable[SeriesFile], wanted: dict[str, Span], windows: bool
) -> Iterator[tuple[str, str]]:
    """Yield the series and the release of each build, on Windows or elsewhere, that was built with
    such a CUDA and cuDNN.
    """
    for file in files:
        for one in published(file):
            if one.build.platform.startswith("windows") != windows:
                continue
            if "cuda" not in devices(file, one):
                continue
            tools = toolkit(file, one)
            own = {"CUDA": tools.cuda, "cuDNN": tools.cudnn_built or tools.cudnn_documented}
            if all(_within(own[product], span) for product, span in wanted.items()):
                yield file.series, one.release.release


def _within(version: str | None, span: Span) -> bool:
    """Tell whether a version lies in a range: `8.1` does in `8` to `8`."""
    if version is None or span.first is None or span.last is None:
        return False
    inside = key(span.first) <= key(version) <= key(span.last)
    return inside or any(version.startswith(f"{end}.") for end in (span.first, span.last))
