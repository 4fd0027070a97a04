"""Loosen an exact version to a bound as people write it: `numpy<2`, not `numpy==1.23.5`."""

from collections.abc import Callable, Sequence

from packaging.specifiers import SpecifierSet
from packaging.version import Version

# A version that counts days has thousands of steps between two; the nearest ones are enough.
_MOST_STEPS = 64


def bounds(package: str, works: str, fails: str | None) -> tuple[str, ...]:
    """Return requirements that admit the version that works, loosest first, the exact one last.

    Those between keep out the version that fails: at each major version from it downwards, then
    at the next minor one; within one major version at its minor ones. A package that is missing
    (`fails` is None) is first asked for without any bound.
    """
    exact = f"{package}=={works}"
    known = Version(works)
    if fails is None:
        ends = [_end(known, 0), _end(known, 1)]
        return (package, *(f"{package}<{end}" for end in ends), exact)
    ends = _ends_between(known, Version(fails))
    return (*(f"{package}<{end}" for end in ends if _parts(end, known, Version(fails))), exact)


def _ends_between(works: Version, fails: Version) -> list[str]:
    length = max(len(works.release), len(fails.release), 2)
    low, high = (
        version.release + (0,) * (length - len(version.release)) for version in (works, fails)
    )
    position = next((n for n in range(length) if low[n] != high[n]), None)
    if position is None or works > fails:
        return []
    steps = range(high[position], low[position], -1)[-_MOST_STEPS:]
    ends = [_dotted((*low[:position], step)) for step in steps]
    return [*ends, _end(works, 1)] if position == 0 else ends


def _end(version: Version, position: int) -> str:
    """Return the next version after all that share their first parts, up to a place."""
    release = (*version.release, 0, 0)[: position + 1]
    return _dotted((*release[:position], release[position] + 1))


def _dotted(parts: tuple[int, ...]) -> str:
    return ".".join(str(part) for part in parts)


def _parts(end: str, works: Version, fails: Version) -> bool:
    """Tell whether a bound admits the one version and keeps out the other."""
    bound = SpecifierSet(f"<{end}")
    admitted = [bound.contains(version, prereleases=True) for version in (works, fails)]
    return admitted == [True, False]


def loosest(requirements: Sequence[str], passes: Callable[[str], bool]) -> str:
    """Return the loosest requirement that passes, of some in order, of which the last one does.

    What is returned has passed, or is the last one. Where one passes, tighter ones are taken to
    pass as well.
    """
    first, last = 0, len(requirements) - 1
    while first < last:
        middle = (first + last) // 2
        if passes(requirements[middle]):
            last = middle
        else:
            first = middle + 1
    return requirements[last]
