"""Which questions to ask the resolver for a series, and what to keep of its answers."""

from collections.abc import Callable, Iterator
from typing import get_args

from kb.base.model import Distribution, Pin, Platform, Resolution, ResolutionsFile, SeriesFile
from kb.base.record import Record
from kb.base.requirement import Requirement
from kb.base.versions import key
from kb.cells.recipes import CellKey, candidates, pins_of
from kb.facts.builds import devices, published
from verify.resolver import Verdict

Ask = Callable[[tuple[str, ...], CellKey], Verdict]
_TOO_OLD = frozenset({"2.7", "3.3", "3.4", "3.5"})  # the resolver does not know them
_DISTRIBUTIONS = get_args(Distribution)
_PLATFORMS = get_args(Platform)


class Wanted(Record):
    """A cell, and the lists of requirements that can set it up, the preferred one first."""

    cell: CellKey
    lists: tuple[tuple[Requirement, ...], ...]


def wanted(series: SeriesFile, pins: tuple[Pin, ...]) -> Iterator[Wanted]:
    """Yield the cells of a series, those that ask for the same on the same Python and platform
    once. A pin under a condition makes a recipe of its own, and so a question.
    """
    asked = set()
    for offer in published(series):
        release, platform = offer.release, offer.build.platform
        for device in devices(series, offer):
            for python in offer.pythons():
                cell = CellKey(
                    distribution=release.distribution,
                    release=release.release,
                    platform=platform,
                    python=python,
                    device=device,
                )
                own = pins_of(cell, pins)
                lists = candidates(cell, offer.says(), own)
                changed = [
                    tuple((*requirements, pin.pin) for requirements in lists)
                    for pin in own
                    if pin.is_conditional
                ]
                for wanted_lists in (lists, *changed):
                    question = (python, platform, wanted_lists)
                    if python not in _TOO_OLD and question not in asked:
                        asked.add(question)
                        yield Wanted(cell, wanted_lists)


def answers(asked: Wanted, ask: Ask, today: str) -> list[Resolution]:
    """Ask for each list of a cell in turn, until one resolves; return every verdict.

    Where something would have to be built, that is no verdict, unless there is another list: pip
    might set the cell up all the same.
    """
    found = []
    for requirements in asked.lists:
        verdict = ask(requirements, asked.cell)
        if verdict.needs_building and len(asked.lists) == 1:
            break
        of_nvidia = tuple(filter(_is_of_nvidia, verdict.installs))
        found.append(
            Resolution(
                python=asked.cell.python,
                platform=asked.cell.platform,
                requirements=requirements,
                resolves=verdict.resolves,
                since=today,
                conflict=verdict.conflict,
                installs=of_nvidia,
                installs_since=today if of_nvidia else None,
            )
        )
        if verdict.resolves:
            break
    return found


def merged(before: ResolutionsFile, found: list[Resolution]) -> ResolutionsFile:
    """Return the verdicts that were found; one that says the same as before stays as it was."""
    known = {_question(resolution): resolution for resolution in before.resolutions}
    rows = []
    for resolution in found:
        old = known.get(_question(resolution))
        rows.append(resolution if old is None else _kept(old, resolution))
    return ResolutionsFile(1, tuple(sorted(rows, key=_order)))


def _kept(old: Resolution, new: Resolution) -> Resolution:
    """Return a verdict with the days since when it, and what it installs, are the same."""
    if old.resolves != new.resolves:
        return new
    if old.installs == new.installs:
        return old
    return old._replace(installs=new.installs, installs_since=new.installs_since)


def _is_of_nvidia(package: Requirement) -> bool:
    return package.name.startswith(("nvidia-", "tensorrt"))


def _question(resolution: Resolution) -> tuple[str, str, tuple[str, ...]]:
    return resolution.python, resolution.platform, resolution.requirements


def _order(resolution: Resolution) -> tuple[object, ...]:
    first = resolution.requirements[0]
    return (
        key(first.specifier.exact or "0"),
        _DISTRIBUTIONS.index(first.name),
        _PLATFORMS.index(resolution.platform),
        key(resolution.python),
        not first.extras,
        resolution.requirements,
    )
