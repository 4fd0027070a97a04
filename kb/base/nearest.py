"""Which known word a mistyped one may stand for."""

from collections.abc import Iterable

_LONGEST = 60


def nearest(text: str, known: Iterable[str]) -> tuple[str, ...]:
    """Return up to three of the known words that a text may stand for, the nearest first."""
    from difflib import get_close_matches  # costs start-up that right words need not pay

    return tuple(get_close_matches(text.strip().lower()[:_LONGEST], list(known), n=3))
