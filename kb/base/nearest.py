"""Which known word a mistyped one may stand for, and which versions one that is none."""

from collections.abc import Iterable

from kb.base.errors import NothingFound
from kb.base.printable import shown

_LONGEST = 60


def nearest(text: str, known: Iterable[str]) -> tuple[str, ...]:
    """Return up to three of the known words that a text may stand for, the nearest first."""
    from difflib import get_close_matches  # costs start-up that right words need not pay

    return tuple(get_close_matches(text.strip().lower()[:_LONGEST], list(known), n=3))


def no_version(
    text: str,
    version: str,
    *,
    words: tuple[str, ...],
    released: tuple[str, ...],
    series: tuple[str, ...],
) -> NothingFound:
    """Return the error for a text that is no version and none of the `words` that stand for one;
    `version` is what was read of it. A major version is many of the `released` series; for any
    other text the newest of the `series` come closest, both oldest first.
    """
    of_major = tuple(name for name in released if name.partition(".")[0] == version)
    if of_major:
        return NothingFound(f"{version} is many series of TensorFlow: name one", of_major)
    return NothingFound(f"no TensorFlow {shown(text)}", nearest(version, words) or series[-3:])
