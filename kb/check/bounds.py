"""What bounds on versions admit together, told without a list of the versions that there are.

Whether some version meets bounds can only change at the versions that they name, so it is enough
to try these, what comes just after each, and both ends.
"""

from collections.abc import Iterator

from packaging.specifiers import Specifier, SpecifierSet
from packaging.version import InvalidVersion, Version

_NEWEST = "999999"


def admits(bounds: SpecifierSet) -> bool:
    """Tell whether any version can meet these bounds."""
    return any(bounds.contains(one, prereleases=True) for one in _probes(bounds))


def newest_meets(bounds: SpecifierSet, wanted: SpecifierSet) -> bool:
    """Tell whether the newest version that meets the bounds, which pip takes, meets `wanted`.

    Only the upper end counts: a range such as `<2.1` is held against `<2` by what lies between.
    """
    both = [*_probes(bounds), *_probes(wanted)]
    admitted = [Version(one) for one in both if bounds.contains(one, prereleases=True)]
    return not admitted or wanted.contains(max(admitted), prereleases=True)


def names_versions(bounds: SpecifierSet) -> bool:
    """Tell whether all that bounds name are versions: `===` takes any text."""
    try:
        return all(Version(_written(one)) for one in bounds)
    except InvalidVersion:
        return False


def _probes(bounds: SpecifierSet) -> Iterator[str]:
    yield from ("0", _NEWEST)
    for one in bounds:
        version = Version(_written(one))
        yield version.public
        yield f"{version.base_version}.0.0.0.1"


def _written(one: Specifier) -> str:
    """Return the version that stands in a bound, without the `.*` that two operators allow."""
    return one.version if one.operator == "===" else one.version.removesuffix(".*")
