"""The rules of `check` about what has no wheel on a Python or a platform."""

from collections.abc import Iterator
from itertools import product

from kb.base.findings import Severity
from kb.base.model import Platform, Python, WayOut
from kb.base.names import KIND_NAMES, MARKERS, PLATFORM_NAMES
from kb.base.versions import is_final, key, kind, spans
from kb.check.case import DistributionCase, belong, on, words
from kb.check.catalogue import Target
from kb.check.changes import Change, Draft, Trial

# What is asked for in place of a distribution that has no wheel on a platform.
_IN_PLACE: dict[str, tuple[str, ...]] = {
    "linux": ("tensorflow", "tensorflow-cpu"),
    "windows": ("tensorflow", "tensorflow-cpu"),
    "macos": ("tensorflow", "tensorflow-macos"),
}


def no_wheel(case: DistributionCase) -> Iterator[Draft]:
    """Tell where the range has no wheel for the project's Pythons, or for some of them."""
    has = {choice.environment.python for choice in case.offered()}
    lacks = [python for python in case.pythons() if python not in has]
    versions = [r.release for r in case.catalogue.releases(case.name) if r.builds]
    in_range = case.in_range(versions)
    if not lacks or not in_range:
        return
    newest = max(in_range, key=key)
    text = f"{case.name}{case.bounds()} has no wheel for Python {spans(lacks)}"
    if has:
        text += f", which {_project(case)} takes in"
    else:
        text += on(case)
    nowhere = not has and not _platforms_of(case)

    def mend(trial: Trial) -> Iterator[WayOut]:
        if nowhere and (found := tuple(_without(case, trial))):
            yield from found
            return
        kept = sorted(has, key=key)
        yield from _kept_to(trial, kept) if kept else _other_pythons(case, trial, newest)
        yield from _other_releases(case, trial, newest, nowhere)

    severity: Severity = "warning" if has else "error"
    needs = Change(leaves_out=(case.name,)) if nowhere else None
    yield case.finding("python", severity, text, mend, needs)


def _kept_to(trial: Trial, pythons: list[Python]) -> Iterator[WayOut]:
    kept = trial.pythons(pythons)
    if kept:
        told = f"keep the project to Python {spans(list(kept))}"
        yield from trial.offer([Change(pythons=kept)], told)


def _other_pythons(case: DistributionCase, trial: Trial, newest: str) -> Iterator[WayOut]:
    """Yield the Pythons on which all passes; before them the newest on which it does with what it
    needs besides, where that is newer.
    """
    others = [python for python in case.catalogue.pythons if _has_wheel(case, newest, python)]
    passing = trial.pythons(others)
    newer = others[others.index(passing[-1]) + 1 :] if passing else others
    yield from trial.offer((Change(pythons=(python,)) for python in reversed(newer)), _with_asks)
    if passing:
        told = f"use Python {spans(list(passing))}, for which {newest} has wheels"
        yield from trial.offer([Change(pythons=passing)], told)


def _with_asks(change: Change) -> str:
    asks = " and ".join(sorted(change.asks))
    besides = f", and ask for {asks}" if asks else ""
    return f"use Python {spans(list(change.pythons))}{besides}"


def _other_releases(
    case: DistributionCase, trial: Trial, newest: str, nowhere: bool
) -> Iterator[WayOut]:
    """Yield the nearest release that passes, of the distribution or of one in its place, if need be
    without the extra `and-cuda`; where no release has a wheel, a candidate.
    """
    systems = [choice.environment.platform.partition("-")[0] for choice in case.choices]
    asked = {name for choice in case.choices for name in choice.lines} - {case.name}
    names = dict.fromkeys((case.name, *(name for system in systems for name in _IN_PLACE[system])))
    extras = dict.fromkeys((case.extras(), case.extras("and-cuda")))
    for name, kept in product(names, extras):
        if nowhere or name not in asked:
            changes = case.nearest_releases(newest, name, kept)
            found = list(trial.offer(c for c in changes if not (c.pythons and case.offered())))
            yield from found
            if found:
                return
    for choice in reversed(case.choices):
        offers = case.catalogue.offers("tensorflow", choice.environment)
        if offers and not any(is_final(offer.release.release) for offer in offers):
            ask = f"tensorflow=={offers[0].release.release}"
            what = KIND_NAMES[kind(offers[0].release.release)]
            told = f"for Python {choice.environment.python}, ask for the {what}: {ask}"
            change = Change(asks=(ask,), leaves_out=case.renamed("tensorflow"))
            yield from trial.offer([change], told)
            return


def _without(case: DistributionCase, trial: Trial) -> Iterator[WayOut]:
    """Yield how to do without a distribution that has no wheel at all on these platforms."""
    yield from trial.offer([Change(leaves_out=(case.name,))])
    marker = _marker(tuple(_platforms_of(case, tuple(PLATFORM_NAMES))))
    if marker is not None:
        ask = f"{case.name}{case.asked.requirement.specifier}; {marker}"
        yield from trial.offer([Change(asks=(ask,))], f"ask for it there alone: `{ask}`")


def elsewhere_only(cases: tuple[DistributionCase, ...]) -> Iterator[Draft]:
    """Tell where a distribution has no wheel on platforms that the project is for too, as another
    one shows that is the same under another name.
    """
    for case in cases:
        own = {choice.environment.platform for choice in case.offered()}
        for other in cases:
            there = {choice.environment.platform for choice in other.offered()}
            if not own < there or case.asked.requirement.marker is not None:
                continue
            if any(belong(c, o) for c in case.offered() for o in other.offered()):
                yield _elsewhere_only(case, other, there - own)


def _elsewhere_only(case: DistributionCase, other: DistributionCase, lacks: set[Platform]) -> Draft:
    named = words([name for platform, name in PLATFORM_NAMES.items() if platform in lacks])

    def mend(trial: Trial) -> Iterator[WayOut]:
        yield from _without(case, trial)

    text = (
        f"{case.name}{case.bounds()} has no wheel on {named}, where {other.name} has one: pip "
        "fails there"
    )
    return case.finding("platform", "warning", text, mend)


def _has_wheel(case: DistributionCase, release: str, python: Python) -> bool:
    platforms = {choice.environment.platform for choice in case.choices}
    return any(
        offer.release.release == release
        for platform in platforms
        for offer in case.catalogue.offers(case.name, Target(platform, python))
    )


def _platforms_of(case: DistributionCase, platforms: tuple[Platform, ...] = ()) -> list[Platform]:
    """Return on which platforms, by default those of the project, a distribution has any wheel."""
    own = dict.fromkeys(choice.environment.platform for choice in case.choices)
    return [
        platform
        for platform in platforms or own
        if any(
            case.catalogue.offers(case.name, Target(platform, python))
            for python in case.catalogue.pythons
        )
    ]


def _marker(platforms: tuple[Platform, ...]) -> str | None:
    """Return the marker of platforms of one system; None where they are of several."""
    systems = {MARKERS[platform].sys_platform for platform in platforms}
    if len(systems) != 1:
        return None
    (system,) = systems
    marker = f"sys_platform == '{system}'"
    if len(platforms) == 1 and system != "win32":
        marker += f" and platform_machine == '{MARKERS[platforms[0]].platform_machine}'"
    return marker


def _project(case: DistributionCase) -> str:
    return f"the project's {case.python.text}" if case.python else "the project"
