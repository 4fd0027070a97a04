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
    return any(bounds.contains(version, prereleases=True) for version in _probes(bounds))


def newest_meets(bounds: SpecifierSet, wanted: SpecifierSet) -> bool:
    """Tell whether the newest version that meets the bounds, which pip takes, meets `wanted`.

    Only the upper end counts: a range such as `<2.1` is held against `<2` by what lies between.
    """
    both = [*_probes(bounds), *_probes(wanted)]
    admitted = [Version(version) for version in both if bounds.contains(version, prereleases=True)]
    return not admitted or wanted.contains(max(admitted), prereleases=True)


def names_versions(bounds: SpecifierSet) -> bool:
    """Tell whether all that bounds name are versions: `===` takes any text."""
    try:
        return all(Version(_written(specifier)) for specifier in bounds)
    except InvalidVersion:
        return False


def _probes(bounds: SpecifierSet) -> Iterator[str]:
    yield from ("0", _NEWEST)
    for specifier in bounds:
        version = Version(_written(specifier))
        yield version.public
        yield f"{version.base_version}.0.0.0.1"


def _written(specifier: Specifier) -> str:
    """Return the version that stands in a bound, without the `.*` that two operators allow."""
    return (
        specifier.version if specifier.operator == "===" else specifier.version.removesuffix(".*")
    )
