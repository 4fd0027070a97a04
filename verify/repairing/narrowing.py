"""Narrow suspects down to the fewest with which a trial passes: pure, whatever a trial may be."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

from kb.base.record import Record

Suspects: TypeAlias = frozenset[str]
Passes: TypeAlias = Callable[[Suspects], bool]


class Narrowed(Record):
    """The fewest suspects with which a trial passes, None where even all of them are not enough;
    and how many trials that took.
    """

    culprits: Suspects | None
    trials: int


def narrow(suspects: Sequence[str], passes: Passes) -> Narrowed:
    """Return the fewest suspects with which a trial passes; those named first are tried first.

    The answer passes, and none can be left out of it. It is one alone where one is enough, and
    the least of all where a trial that passes also passes with more suspects.
    """
    trial = _Remembered(passes)
    return Narrowed(_narrow(tuple(dict.fromkeys(suspects)), trial), len(trial.seen))


class _Remembered:
    """A trial that is never asked twice."""

    def __init__(self, passes: Passes) -> None:
        self._passes = passes
        self.seen: dict[Suspects, bool] = {}

    def __call__(self, chosen: Suspects) -> bool:
        if chosen not in self.seen:
            self.seen[chosen] = self._passes(chosen)
        return self.seen[chosen]


def _narrow(suspects: tuple[str, ...], passes: Passes) -> Suspects | None:
    everything = frozenset(suspects)
    if passes(frozenset()):
        return frozenset()
    if not passes(everything):
        return None
    for suspect in suspects:
        if passes(frozenset({suspect})):
            return frozenset({suspect})
    needed = _needed(suspects, passes)
    if passes(needed):
        return _with_none_left_out(needed, passes)
    rest = tuple(suspect for suspect in suspects if suspect not in needed)
    found = needed | _delta_debugged(rest, lambda chosen: passes(needed | chosen))
    return _with_none_left_out(found, passes)


def _needed(suspects: tuple[str, ...], passes: Passes) -> Suspects:
    """Return the suspects without which the others fail, or so many of them as are enough."""
    everything = frozenset(suspects)
    needed: Suspects = frozenset()
    for suspect in suspects:
        if not passes(everything - {suspect}):
            needed |= {suspect}
            if passes(needed):
                break
    return needed


def _delta_debugged(suspects: tuple[str, ...], passes: Passes) -> Suspects:
    """Return a part that passes, by halves, then by ever smaller parts and what they leave."""
    parts = 2
    while len(suspects) > 1:
        chunks = [frozenset(suspects[start::parts]) for start in range(parts)]
        whole = frozenset(suspects)
        smaller = next((chunk for chunk in chunks if passes(chunk)), None)
        fewer = 2
        if smaller is None:
            smaller = next((whole - chunk for chunk in chunks if passes(whole - chunk)), None)
            fewer = max(parts - 1, 2)
        if smaller is not None:
            suspects, parts = tuple(suspect for suspect in suspects if suspect in smaller), fewer
        elif parts == len(suspects):
            break
        else:
            parts = min(2 * parts, len(suspects))
    return frozenset(suspects)


def _with_none_left_out(found: Suspects, passes: Passes) -> Suspects:
    """Return what is left when no one of it can be left out."""
    while True:
        fewer = next(
            (found - {suspect} for suspect in sorted(found) if passes(found - {suspect})), None
        )
        if fewer is None:
            return found
        found = fewer
