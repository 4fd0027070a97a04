"""The release or the series that a question names, as the index knows it."""

from kb.base.errors import NothingFound, WrongUsage
from kb.base.nearest import no_version
from kb.base.printable import shown
from kb.base.versions import InvalidVersion, key, kind, nearest_versions, series
from kb.base.vocabulary import read_version
from kb.index.records import Index

_NO_NIGHTLY = "find judges releases and candidates, no nightly; `lookup nightly` tells of that"


def asked_release(text: str, index: Index) -> str:
    """Return the release, candidate or series that a text names, such as `2.15.1`, `2.15` or
    `latest`, by the name that the index has for it.

    Raises NothingFound, whose `nearest` come closest, and WrongUsage for a nightly.
    """
    version = read_version(text)
    final = index.final_series()
    if version == "latest":
        return final[-1]
    names = tuple(dict.fromkeys(index.series))
    try:
        is_nightly = version == "nightly" or kind(version) == "nightly"
        name = series(version)
    except InvalidVersion:
        is_nightly, name = version == "nightly", ""
    if is_nightly:
        raise WrongUsage(_NO_NIGHTLY, (index.releases[-1], "latest"))
    if not name:
        raise no_version(text, version, words=("latest",), released=final, series=final)
    if name not in names:
        raise NothingFound(f"no TensorFlow {shown(text)}", nearest_versions(names, version))
    if version == name:
        return name
    of_it = [r for r, own in zip(index.releases, index.series, strict=True) if own == name]
    same = next((release for release in of_it if key(release) == key(version)), None)
    if same is None:
        raise NothingFound(f"no TensorFlow {shown(text)}", nearest_versions(of_it, version))
    return same
