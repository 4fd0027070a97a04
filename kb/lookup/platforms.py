"""For whom a version is, platform by platform: how sure we are on which Pythons, what it needs."""

from collections.abc import Iterable

from kb.answers.releases import BuildAnswer
from kb.base.model import Device, Platform
from kb.base.names import DEVICE_NAMES, OWN, PLATFORM_NAMES, place_name
from kb.base.versions import spans, strictest
from kb.cells.cells import Cell
from kb.cells.ranking import best_by_python, by_certainty, stands
from kb.cells.rungs import RUNG_MEANINGS, Rung
from kb.lookup.answer import Answer
from kb.lookup.makers import PluginOffer
from kb.terminal.layout import field, indented
from kb.terminal.style import Style

COLUMN = 18


def platforms(answer: Answer, style: Style) -> list[str]:
    """Return a line for each platform, and below them what their words mean."""
    alike: dict[str, list[Platform]] = {}
    for platform in PLATFORM_NAMES:
        builds = [b for b in answer.builds if b.published.build.platform == platform]
        texts = [_sureness(builds, device) for device in DEVICE_NAMES]
        texts += _plugged(answer, platform)
        if builds:
            alike.setdefault("; ".join(filter(None, texts)), []).append(platform)
    lines = []
    for text, some in alike.items():
        if len(some) == 1:
            lines += field(PLATFORM_NAMES[some[0]], text, COLUMN, style)
        else:
            lines += indented(f"{_named(some)}: {text}", style)
    return [*lines, *_meanings(answer, style)]


def _named(some: list[Platform]) -> str:
    """Name platforms; both kinds of Macs in one word."""
    macs = [platform for platform in some if platform.startswith("macos")]
    names = [PLATFORM_NAMES[own] for own in some if len(macs) < 2 or own not in macs]
    return ", ".join([*names, "macOS"] if len(macs) == 2 else names)


def _sureness(builds: list[BuildAnswer], device: Device) -> str:
    """Tell where the best cells for a device stand, the highest rung first, each with the Pythons
    on which it is so.
    """
    best = best_by_python(c for build in builds for c in build.cells if c.key.device == device)
    if not best:
        return ""
    words = ((p, stands(c.standing.rung, c.standing.standing)) for p, c in best.items())
    alike: dict[str, list[str]] = {}
    for _, pythons in by_certainty(words):
        for python in pythons:
            alike.setdefault(_qualified(best[python]), []).append(python)
    parts = [f"{text} on {spans(some)}" for text, some in alike.items()]
    where = _elsewhere(builds[0].published.build.platform, device)
    return f"{DEVICE_NAMES[device]} {', '.join(parts)}{where}"


def _qualified(cell: Cell) -> str:
    """Return the rung, and what to hold against it: that runners disagree, or that one runner alone
    saw a GPU compute.
    """
    own = cell.standing
    if own.standing == "broken":
        return "broken"
    if own.standing == "disputed":
        return f"{own.rung} (disputed)"
    return f"{own.rung or 'unproven'}{' (1 runner)' if own.is_alone else ''}"


def _plugged(answer: Answer, platform: Platform) -> list[str]:
    """Tell how sure we are of each plug-in on one platform."""
    offers = [offer for offer in answer.plugins or () if offer.platform == platform]
    return list(dict.fromkeys(_plugged_text(offer) for offer in offers))


def _plugged_text(offer: PluginOffer) -> str:
    return f"{DEVICE_NAMES[offer.device]} {offer.rung}{_elsewhere(offer.platform, offer.device)}"


def _elsewhere(platform: Platform, device: Device) -> str:
    """Tell where a device is, where the platform's name does not say it; or nothing."""
    place = place_name(platform, device)
    return "" if place == PLATFORM_NAMES[platform] else f" on {place} alone"


def _meanings(answer: Answer, style: Style) -> list[str]:
    """Tell what the words mean that stand above, the highest first, and whom to believe."""
    cells = [cell for build in answer.builds for cell in build.cells]
    found = {cell.standing.rung for cell in cells if cell.standing.standing != "broken"}
    rungs: list[Rung] = [rung for rung in reversed(RUNG_MEANINGS) if rung in found]
    texts = [f"{rung}: {RUNG_MEANINGS[rung].in_words}" for rung in rungs]
    return [style.dim(line) for line in indented("; ".join(texts), style)]


def least_systems(answer: Answer) -> str:
    """Tell the minimum glibc and macOS: `glibc 2.17 or macOS 10.15 (12.0 on Arm64)`; empty
    where the wheels demand neither.
    """
    found: dict[str, dict[str, list[str]]] = {}
    for platform, name in PLATFORM_NAMES.items():
        builds = [b for b in answer.builds if b.published.build.platform == platform]
        own = [b for b in builds if b.published.release.distribution == OWN] or builds
        kind, _, minimum = needs(own).partition(" ")
        if minimum:
            found.setdefault(kind, {}).setdefault(minimum, []).append(name.split()[-1])
    texts = []
    for kind, minimums in found.items():
        first, *others = minimums.items()
        beside = ", ".join(f"{minimum} on {' and '.join(of)}" for minimum, of in others)
        texts.append(f"{kind} {first[0]}" + (f" ({beside})" if beside else ""))
    return " or ".join(texts)


def needs(builds: Iterable[BuildAnswer]) -> str:
    """Return the minimum glibc or macOS with which every wheel of these builds installs; empty
    where their tags demand neither.
    """
    wheels = [wheel for build in builds for wheel in build.published.build.wheels]
    for name, versions in (
        ("glibc", [wheel.glibc for wheel in wheels]),
        ("macOS", [wheel.macos for wheel in wheels]),
    ):
        if minimum := strictest(versions):
            return f"{name} {minimum}"
    return ""
