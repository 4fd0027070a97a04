"""Order dotted versions as PEP 440 does, without the cost of importing a library for it."""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Literal

_NUMBER = "[0-9]{1,9}"  # longer ones are dates run wild, and int() refuses the longest
_VERSION = re.compile(
    rf"({_NUMBER}(?:\.{_NUMBER})*)"
    rf"(?:(a|b|rc)({_NUMBER}))?(?:\.post({_NUMBER}))?(?:\.dev({_NUMBER}))?"
)
_PRE_RANK = {"a": 0, "b": 1, "rc": 2}
_FINAL_RANK = 3
_NEAREST = 3

Key = tuple[tuple[int, ...], tuple[int, int], int, float]
# A final release; a pre-release of it; a build of a day. Only the first counts as a release.
Kind = Literal["release", "candidate", "nightly"]


class InvalidVersion(ValueError):
    """A text that is no version."""


@lru_cache(maxsize=4096)
def key(version: str) -> Key:
    """Return what sorts `version` as PEP 440 sorts it; `2.15` and `2.15.0` get the same key.

    Raises InvalidVersion for a text that is no version (epochs and local parts included).
    """
    match = _VERSION.fullmatch(version)
    if match is None:
        raise InvalidVersion(f"{version!r} is not a version")
    numbers, pre, pre_number, post, dev = match.groups()
    release = [int(number) for number in numbers.split(".")]
    while len(release) > 1 and release[-1] == 0:
        release.pop()
    if pre is not None:
        stage = (_PRE_RANK[pre], int(pre_number))
    elif dev is not None and post is None:
        stage = (-1, 0)
    else:
        stage = (_FINAL_RANK, 0)
    return (
        tuple(release),
        stage,
        -1 if post is None else int(post),
        float("inf") if dev is None else int(dev),
    )


def kind(version: str) -> Kind:
    """Return what a version is: `2.22.0rc0` a candidate, `2.23.0.dev20261026` a nightly.

    Raises InvalidVersion.
    """
    _, (stage, _), _, dev = key(version)
    if dev != float("inf"):
        return "nightly"
    return "release" if stage == _FINAL_RANK else "candidate"


def is_final(version: str) -> bool:
    """Tell whether a version counts as a release. Raises InvalidVersion."""
    return kind(version) == "release"


def series(version: str) -> str:
    """Return the series of a release: `2.15` for `2.15.1`. Raises InvalidVersion."""
    key(version)
    match = re.match(r"[0-9]+\.[0-9]+", version)
    if match is None:
        raise InvalidVersion(f"{version!r} has no minor version")
    return match.group()


def agree(version: str, other: str) -> bool:
    """Tell whether two versions can both be true: one says no more than the start of the other.

    `9` and `9.0` agree, as do `12.5` and `12.5.1`; `12.2` and `12.3` do not.
    """
    return all(a == b for a, b in zip(version.split("."), other.split("."), strict=False))


def strictest(demands: Iterable[str | None]) -> str | None:
    """Return the newest of the versions demanded, which meets them all; None where none is."""
    return max((demand for demand in demands if demand is not None), key=key, default=None)


def spans(versions: list[str]) -> str:
    """Write minor versions in short: `2.7, 3.5-3.7` for 2.7, 3.5, 3.6 and 3.7."""
    runs: list[list[str]] = []
    for version in sorted(set(versions), key=key):
        if runs and _follows(runs[-1][-1], version):
            runs[-1].append(version)
        else:
            runs.append([version])
    return ", ".join(run[0] if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)


def _follows(before: str, after: str) -> bool:
    first, second = before.split("."), after.split(".")
    return (
        len(first) == len(second) == 2
        and first[0] == second[0]
        and int(second[1]) == int(first[1]) + 1
    )


def within(release: str, first: str | None, last: str | None) -> bool:
    """Tell whether a release lies between two bounds, both included; None is open."""
    return (first is None or key(first) <= key(release)) and (
        last is None or key(release) <= key(last)
    )


def nearest_versions(versions: Sequence[str], version: str) -> tuple[str, ...]:
    """Return up to three of some versions, oldest first, that lie on both sides of where one that
    is not among them would stand. Raises InvalidVersion.
    """
    position = sum(key(other) < key(version) for other in versions)
    start = min(max(0, position - 2), max(0, len(versions) - _NEAREST))
    return tuple(versions[start : start + _NEAREST])
