"""Which cells are worth running here, and why."""

from collections.abc import Iterator
from datetime import date
from typing import Literal

from kb.base.errors import NoCell
from kb.base.model import Device, Distribution, Outcome, Platform, Python
from kb.base.record import Record
from kb.base.store import Store
from kb.base.versions import Kind, is_final, key, kind, series
from kb.cells.cells import Cell, SeriesFacts, cell, open_series_facts
from kb.cells.recipe_id import recipe_id
from kb.cells.recipes import CellKey
from kb.cells.standing import CONCLUSIVE
from kb.facts.builds import Published, devices, published
from kb.facts.toolkits import NO_TOOLKIT, toolkit

Reason = Literal["never run", "recipe changed", "broken last time", "old"]
# TensorFlow's own distribution is what people ask for; the others serve where it has no wheel.
_ORDER: tuple[Distribution, ...] = ("tensorflow", "tensorflow-gpu", "tensorflow-cpu")


class Scope(Record):
    """What a plan is about: where it would run, and what to narrow it to."""

    platform: Platform
    pythons: tuple[Python, ...]
    devices: tuple[Device, ...]
    first: str
    older_than_days: int
    series: tuple[str, ...] = ()


class Planned(Record):
    """A cell to run, its recipe's, and why."""

    cell: Cell
    reason: Reason
    why: str


class Offered(Record):
    """A cell, and the build that it sets up."""

    published: Published
    cell: Cell


def find(store: Store, wanted: CellKey) -> Cell:
    """Return a cell by what names it. Raises NoCell, naming what there is."""
    name = series(wanted.release)
    if name not in store.series_names():
        raise NoCell(f"no TensorFlow {wanted.release}")
    return find_on(open_series_facts(store, store.series(name)), wanted).cell


def find_on(series_facts: SeriesFacts, wanted: CellKey) -> Offered:
    """Return a cell of one series by what names it. Raises NoCell, naming what there is."""
    there = []
    for offer in published(series_facts.series):
        release = (offer.release.distribution, offer.release.release, offer.build.platform)
        if release != wanted[:3]:
            continue
        for device in devices(series_facts.series, offer):
            there += [f"Python {python} {device}" for python in offer.pythons()]
            if device == wanted.device and wanted.python in offer.pythons():
                return Offered(offer, _cell(series_facts, offer, wanted.python, device))
    what = f"{wanted.distribution} {wanted.release} for Python {wanted.python}, {wanted.device}"
    close = f"; there are: {', '.join(there)}" if there else ""
    if not there and not is_final(wanted.release):
        close = "; of candidates and nightlies the newest alone is kept"
    raise NoCell(f"no {what}, on {wanted.platform}{close}")


def plan(store: Store, scope: Scope, today: int) -> Iterator[Planned]:
    """Yield the cells worth running, newest series first; `today` is a day's ordinal."""
    for series_facts, chosen in _all_wanted(store, scope):
        found = _reason(series_facts, chosen, scope.older_than_days, today)
        if found is not None:
            yield Planned(chosen, *found)


def wanted(store: Store, scope: Scope) -> Iterator[Cell]:
    """Yield the cells that a plan is about, run or not, newest series first.

    For each series, Python and device that is the newest patch with a wheel, the first release of
    the series too where it needs other pins, and the candidate.
    """
    return (chosen for _, chosen in _all_wanted(store, scope))


def _all_wanted(store: Store, scope: Scope) -> Iterator[tuple[SeriesFacts, Cell]]:
    for name in reversed(store.series_names()):
        if key(name) < key(scope.first) or (scope.series and name not in scope.series):
            continue
        series_facts = open_series_facts(store, store.series(name))
        for chosen in _wanted(series_facts, scope):
            yield series_facts, chosen


def _wanted(series_facts: SeriesFacts, scope: Scope) -> Iterator[Cell]:
    builds = [
        offer for offer in published(series_facts.series) if offer.build.platform == scope.platform
    ]
    for device in scope.devices:
        for python in scope.pythons:
            offers = [
                offer
                for offer in builds
                if offer.release.distribution in _ORDER
                and python in offer.pythons()
                and device in devices(series_facts.series, offer)
            ]
            if offers:
                yield from _newest_and_first(series_facts, offers, python, device)


def _newest_and_first(
    series_facts: SeriesFacts, offers: list[Published], python: Python, device: Device
) -> Iterator[Cell]:
    """Yield the cell of a candidate, which stands for no release; the newest release's, and the
    first release's where its pins differ.
    """
    for offer in _preferred(offers, "candidate"):
        yield _cell(series_facts, offer, python, device)
    ordered = _preferred(offers, "release")
    if not ordered:
        return
    newest = _cell(series_facts, ordered[0], python, device)
    yield newest
    for offer in ordered[1:]:
        if offer.release.release == f"{series_facts.series.series}.0":
            first = _cell(series_facts, offer, python, device)
            if {pin.pin for pin in first.pins} != {pin.pin for pin in newest.pins}:
                yield first


def _preferred(offers: list[Published], wanted: Kind) -> list[Published]:
    """Return the builds of a kind of the preferred distribution that has one, newest first."""
    found = [offer for offer in offers if kind(offer.release.release) == wanted]
    own = min((_ORDER.index(offer.release.distribution) for offer in found), default=0)
    return sorted(
        (offer for offer in found if offer.release.distribution == _ORDER[own]),
        key=lambda offer: key(offer.release.release),
        reverse=True,
    )


def _cell(series_facts: SeriesFacts, offer: Published, python: Python, device: Device) -> Cell:
    tools = toolkit(series_facts.claims, offer) if device == "cuda" else NO_TOOLKIT
    return cell(series_facts, offer, tools, python, device)


def _reason(
    series_facts: SeriesFacts, judged: Cell, older_than: int, today: int
) -> tuple[Reason, str] | None:
    runs = [run for run in series_facts.runs.get(judged.key, ()) if run.outcome in CONCLUSIVE]
    if not runs:
        return "never run", "no run speaks of it"
    current = [run for run in runs if run.recipe == recipe_id(judged.recipe)]
    if not current:
        return "recipe changed", f"last run {max(run.day for run in runs)}"
    last = max(current, key=lambda run: run.at)
    outcome: Outcome = last.outcome
    if outcome != "ok":
        return "broken last time", f"{outcome}, {last.day}"
    age = today - ordinal(last.day)
    return ("old", f"last run {last.day}") if age > older_than else None


def ordinal(day: str) -> int:
    """Return the ordinal of a day, to count days by."""
    return date.fromisoformat(day).toordinal()


def needs_hand(judged: Cell) -> bool:
    """Tell whether a recipe has a step that only a person can do."""
    return any(step.action == "cuda-by-hand" for step in judged.recipe.steps)
