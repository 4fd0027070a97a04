"""Find the fewest pins that make a broken cell pass: what the index had some weeks after the
release against what it has today, narrowed down, then loosened.
"""

import re
import time
from collections.abc import Callable, Mapping
from functools import partial

from packaging.utils import canonicalize_name
from packaging.version import Version

from kb.base.errors import NoRepair, RunnerFailed
from kb.base.model import Bounds, Pin, RunId
from kb.base.record import Record
from kb.base.requirement import Requirement
from kb.cells.standing import CONCLUSIVE
from kb.runs.run_file import Run
from verify.repairing.loosening import bounds, loosest
from verify.repairing.narrowing import narrow
from verify.repairing.trials import NoSet, TakenPackage, Trials, Tried

Tell = Callable[[str], None]


class Suspect(Record):
    """A package, its version in the days of the release, and today's: None where it is missing."""

    package: str
    works: str
    fails: str | None

    @property
    def exact(self) -> str:
        """The requirement that takes the package back to its old version."""
        return f"{self.package}=={self.works}"


class Remedy(Record):
    """A requirement that repairs a cell, and what the cell says without it."""

    requirement: str
    why: str


class Repaired(Record):
    """What repairs a cell, how many packages were suspects, and how many trials it took."""

    found: tuple[Remedy, ...]
    suspects: int
    trials: int


def repair(failed: Run, trials: Trials, day: str, tell: Tell) -> Repaired:
    """Return the fewest requirements more with which a cell passes that a run found broken.

    `day` is in the days of its release. Raises NoRepair, RunnerFailed, ResolverFailed.
    """
    try:
        then = trials.as_of(day)
    except NoSet as error:
        raise NoRepair(f"no complete set of packages as of {day} either: {error}") from None
    found = suspects(then, failed)
    if not found:
        raise NoRepair(f"nothing that it installs is newer than on {day}")
    tell(f"suspects, newer than on {day} or gone since: {len(found)}")
    trials.make(failed.packages)
    counted = _CountedTrials(trials, tell)
    by_exact = {suspect.exact: suspect for suspect in found}
    narrowed = narrow(tuple(by_exact), counted.passes)
    if narrowed.culprits is None:
        raise NoRepair(
            f"with every suspect as of {day} it still fails: {counted.why(frozenset(by_exact))}"
        )
    if not narrowed.culprits:
        raise RunnerFailed("it failed in a run and passes in a trial without a pin; try again")
    culprits = sorted(narrowed.culprits)
    loose = _loosened(culprits, by_exact, counted)
    # narrowing has left out each of them once
    whys = [counted.why(narrowed.culprits - {culprit}) for culprit in culprits]
    pairs = tuple(Remedy(*pair) for pair in zip(loose, whys, strict=True))
    return Repaired(pairs, len(found), counted.count)


class _CountedTrials:
    """The trials, counted and reported one by one; none is made twice."""

    def __init__(self, trials: Trials, tell: Tell) -> None:
        self._trials = trials
        self._tell = tell
        self._seen: dict[frozenset[str], Tried] = {}

    @property
    def count(self) -> int:
        """How many trials were made."""
        return len(self._seen)

    def passes(self, pins: frozenset[str]) -> bool:
        """Tell whether the cell passes with these pins. Raises RunnerFailed: nobody knows."""
        if pins not in self._seen:
            self._seen[pins] = self._ask(pins)
        return self._seen[pins].outcome == "ok"

    def why(self, pins: frozenset[str]) -> str:
        """Return what was said of pins with which the cell failed in a trial."""
        return self._seen[pins].message

    def _ask(self, pins: frozenset[str]) -> Tried:
        begun = time.monotonic()
        tried = self._trials.attempt(pins)
        named = ", ".join(sorted(pins)) if len(pins) < 4 else f"{len(pins)} pins"
        seconds = time.monotonic() - begun
        self._tell(f"trial {self.count + 1}: {named or 'no pin'}: {tried.message}, {seconds:.0f} s")
        if tried.outcome not in CONCLUSIVE:
            raise RunnerFailed(f"a trial: {tried.message}; it says nothing of the cell, try again")
        return tried


def _loosened(
    culprits: list[str], by_exact: Mapping[str, Suspect], counted: _CountedTrials
) -> tuple[str, ...]:
    """Return the loosest bounds with which the cell still passes, found one after the other."""
    chosen = list(culprits)
    for position, exact in enumerate(culprits):
        others = frozenset(chosen) - {exact}
        possible = bounds(*by_exact[exact])
        chosen[position] = loosest(possible, partial(_passes_with, counted, others))
    return tuple(chosen)


def _passes_with(counted: _CountedTrials, others: frozenset[str], bound: str) -> bool:
    return counted.passes(others | {bound})


def suspects(then: tuple[TakenPackage, ...], failed: Run) -> tuple[Suspect, ...]:
    """Return the packages that a broken run had newer than they were then, or did not have.

    Those that its errors name come first; then those that ask for the fewest others, for a pin on
    them drags the least along; then those that the most others ask for.
    """
    now = failed.versions()
    asks = {taken.package: sum(taken.package in other.asked_by for other in then) for taken in then}
    askers = {taken.package: len(taken.asked_by) for taken in then}
    errors = _errors(failed)
    found = [
        Suspect(taken.package, taken.version, now.get(canonicalize_name(taken.package)))
        for taken in then
        if taken.package != failed.distribution
    ]
    return tuple(
        sorted(
            (suspect for suspect in found if _newer(suspect)),
            key=lambda suspect: (
                not _named(suspect.package, errors),
                asks[suspect.package],
                -askers[suspect.package],
                suspect.package,
            ),
        )
    )


def _newer(suspect: Suspect) -> bool:
    return suspect.fails is None or Version(suspect.fails) > Version(suspect.works)


def _errors(failed: Run) -> str:
    outputs = [step.output for step in failed.steps if step.outcome != "ok"]
    errors = [check.error or "" for check in failed.checks if check.outcome != "ok"]
    return "\n".join([failed.why or "", *errors, *outputs]).lower()


def _named(package: str, errors: str) -> bool:
    name = re.escape(package.lower()).replace(r"\-", "[-_.]")
    return re.search(rf"(?<![a-z0-9]){name}(?![a-z0-9])", errors) is not None


def pin(found: Remedy, failed: Run, runs: tuple[RunId, ...]) -> Pin:
    """Return the row of a pin that repairs the cell of a broken run, proven by these runs."""
    return Pin(
        pin=Requirement(found.requirement),
        distributions=(failed.distribution,),
        releases=Bounds(failed.release, failed.release),
        platforms=(failed.platform,),
        devices=(),
        pythons=(failed.python,),
        reason=f"Without it: {found.why}",
        source=None,
        runs=runs,
    )
