"""The rules of `check`, a function each: what cannot work of what a project asks for.

Each takes what pip does with one distribution in every environment of the project. What cannot be
installed on any of its Pythons is an error, on some of them a warning; what pip installs and what
then fails is an error.
"""

from collections.abc import Iterator

from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from kb.base.findings import Finding, Severity
from kb.base.model import Pin, WayOut
from kb.base.names import KIND_NAMES, PLATFORM_NAMES
from kb.base.versions import is_final, key, kind, series, spans
from kb.cells.cells import Cell
from kb.check.beside_rules import known_beside, plugin_pair
from kb.check.bounds import newest_meets
from kb.check.case import DistributionCase, at, instead, labelled, nearest, on, where
from kb.check.catalogue import Target
from kb.check.conflict_rules import conflict, tf_keras_twin, twins, useless_and_cuda
from kb.check.lines import parse
from kb.check.pip import PipChoice
from kb.check.pre_release_rules import nightly_beside, pre_release

_PLACEHOLDER = "https://github.com/tensorflow/tensorflow/issues/60074"


def no_release(case: DistributionCase) -> Iterator[Finding]:
    """Tell where no release of the distribution lies in the range."""
    versions = [release.release for release in case.catalogue.releases(case.name)]
    if case.in_range(versions):
        return
    near = ", ".join(map(labelled, nearest(versions, case.bounds())))
    text = f"no release of {case.name} that is known fits {case.bounds()}"
    # of pre-releases the newest alone is known, so others may well be there
    severity: Severity = "warning" if case.bounds().prereleases else "error"
    yield case.finding("release", severity, text, (WayOut(f"ask for one that there is: {near}"),))


def placeholder(case: DistributionCase) -> Iterator[Finding]:
    """Tell where the newest release in the range is an sdist that installs nothing."""
    releases = {release.release: release for release in case.catalogue.releases(case.name)}
    newest = max(case.in_range(releases), key=key, default=None)
    if newest is None or releases[newest].sdist is None or releases[newest].builds:
        return
    text = f"pip takes {case.name} {newest}, a placeholder without TensorFlow that does not install"
    below = f"stay below it: {case.name}<{newest}"
    ways_out: tuple[WayOut, ...] = (WayOut(below),)
    if case.name == "tensorflow-gpu":
        other = WayOut("ask for tensorflow, which is the same since 2.1")
        ways_out = (other, WayOut(f"or {below}"))
    yield case.finding("placeholder", "error", text, ways_out)._replace(sources=(_PLACEHOLDER,))


def yanked(case: DistributionCase) -> Iterator[Finding]:
    """Tell where all that lies in the range was withdrawn."""
    if case.offered():
        return
    for release in case.catalogue.releases(case.name):
        wheels = [wheel for build in release.builds for wheel in build.wheels]
        in_range = case.bounds().contains(release.release)
        if in_range and wheels and all(wheel.yanked is not None for wheel in wheels):
            text = f"{case.name} {release.release} was withdrawn: {wheels[0].yanked or 'no reason'}"
            versions = [
                other.release
                for other in case.catalogue.releases(case.name)
                if any(wheel.yanked is None for build in other.builds for wheel in build.wheels)
            ]
            near = ", ".join(map(labelled, nearest(versions, case.bounds())))
            yield case.finding("yanked", "error", text, (WayOut(f"ask for another: {near}"),))


def no_wheel(case: DistributionCase) -> Iterator[Finding]:
    """Tell where the range has no wheel for the project's Pythons, or for some of them."""
    has = {choice.environment.python for choice in case.offered()}
    lacks = [python for python in case.pythons() if python not in has]
    versions = [r.release for r in case.catalogue.releases(case.name) if r.builds]
    in_range = case.in_range(versions)
    if not lacks or not in_range:
        return
    newest = max(in_range, key=key)
    elsewhere = _pythons_of(case, newest)
    what = f"{case.name}{case.bounds()}"
    fix: list[str] = []
    if has:
        text = f"{what} has no wheel for Python {spans(lacks)}, which {_project(case)} takes in"
        fix.append(f"keep the project to Python {spans(sorted(has, key=key))}")
    else:
        text = f"{what} has no wheel for Python {spans(lacks)}{on(case)}"
        if elsewhere:
            fix.append(f"use Python {spans(elsewhere)}, for which {newest} has wheels")
    fix += _series_for(case, lacks, max(has, key=key, default="0"))
    ways_out = tuple(WayOut(line) for line in fix)
    yield case.finding("python", "warning" if has else "error", text, ways_out)


def missing_pin(case: DistributionCase) -> Iterator[Finding]:
    """Tell where what pip takes fails without a pin that the project does not set."""
    found: dict[tuple[str, Pin], list[PipChoice]] = {}
    for choice, cell in _taken(case):
        for pin in cell.pins:
            if pin.compute_capability_below is None and not _is_set(choice, pin.pin):
                found.setdefault((cell.key.release, pin), []).append(choice)
    for (release, pin), choices in found.items():
        other = choices[0].lines.get(parse(pin.pin).name)
        there = where(case, choices)
        text = f"{case.name} {release} fails{there} without {pin.pin}: {pin.reason}"
        fix = f"ask for {pin.pin} in its place" if other else f"add {pin.pin}"
        finding = case.finding("pin", "error", text, (WayOut(fix),))
        finding = finding._replace(sources=(pin.source,) if pin.source else ())
        yield at(other, finding) if other else finding


def _is_set(choice: PipChoice, pin: str) -> bool:
    """Tell whether the newest version that pip may take of a pin's project meets the pin."""
    wanted = parse(pin)
    bounds = choice.beside.get(wanted.name, SpecifierSet())
    for line in choice.taken.says().requires if choice.taken else ():
        required = parse(line)
        if required.name == wanted.name and choice.environment.meets(required):
            bounds &= required.specifier
    return newest_meets(bounds, wanted.specifier)


def broken(case: DistributionCase) -> Iterator[Finding]:
    """Tell where what pip takes was run, and failed."""
    found: dict[tuple[str, str], list[PipChoice]] = {}
    for choice, cell in _taken(case):
        standing = cell.standing
        if standing.standing == "broken" and any(s.id.startswith("run:") for s in standing.proof):
            why = f"{standing.why or 'it failed'} (run of {standing.as_of})"
            found.setdefault((cell.key.release, why), []).append(choice)
    for (release, why), choices in found.items():
        text = f"{case.name} {release} is broken{where(case, choices)}: {why}"
        fix = instead(case, choices[-1:], release) or "use another Python"
        yield case.finding("broken", "error", text, (WayOut(fix),))


def search_path(case: DistributionCase) -> Iterator[Finding]:
    """Tell where what pip takes does not find the CUDA libraries that it brings."""
    found = {cell.key.release: cell.library_path for _, cell in _taken(case) if cell.library_path}
    for release, path in found.items():
        text = f"{case.name} {release} does not find its CUDA libraries: {path.reason}"
        command = f"python -m kb lookup {release} --device cuda"
        way = WayOut(told="set the search path as in", command=command)
        finding = case.finding("search-path", "warning", text, (way,))
        yield finding._replace(sources=(path.source,) if path.source else ())


def missing_extra(case: DistributionCase) -> Iterator[Finding]:
    """Tell where what pip takes has no such extra."""
    found: dict[tuple[str, str], list[PipChoice]] = {}
    for choice in case.offered():
        if choice.taken is not None:
            offered = {extra.name for extra in choice.taken.build.says.extras}
            asked = {canonicalize_name(extra) for extra in choice.asked.requirement.extras}
            if case.catalogue.has_and_cuda(choice.taken):
                asked.discard("and-cuda")  # `useless_and_cuda` tells of the platforms without it
            for extra in asked - offered:
                found.setdefault((choice.taken.release.release, extra), []).append(choice)
    for (release, missing), choices in sorted(found.items(), key=lambda item: item[0]):
        there = where(case, choices)
        text = f"{case.name} {release} has no extra {missing}{there}: pip warns and goes on without"
        ways_out: tuple[WayOut, ...]
        if missing == "and-cuda":
            ways_out = _without_and_cuda(case, choices, release)
        else:
            by_itself = f"require {missing} by itself if that project is meant"
            ways_out = (WayOut(f"leave [{missing}] out, and {by_itself}"),)
        yield case.finding("extra", "warning", text, ways_out)


def _without_and_cuda(
    case: DistributionCase, choices: list[PipChoice], release: str
) -> tuple[WayOut, ...]:
    """Return how a release without the extra `and-cuda` comes by CUDA, or what has the extra."""
    has_code = any(choice.taken and choice.taken.says().cuda_build for choice in choices)
    by_hand = WayOut(
        told="leave [and-cuda] out, and install CUDA yourself",
        command=f"python -m kb lookup {release} --device cuda",
    )
    other = instead(case, choices, release)
    ways_out = [by_hand if has_code else WayOut("leave [and-cuda] out")]
    return (*ways_out, WayOut(f"or {other}")) if other else tuple(ways_out)


def _taken(case: DistributionCase) -> Iterator[tuple[PipChoice, Cell]]:
    """Yield the cell of what pip takes in each environment."""
    for choice in case.offered():
        if choice.taken is not None:
            yield choice, case.catalogue.cell(choice.taken, choice.environment, choice.and_cuda)


def _series_for(case: DistributionCase, lacks: list[str], has: str) -> list[str]:
    """Say which series have wheels for the first Python that is too new for the range, or for the
    last one that is too old.
    """
    platforms = dict.fromkeys(choice.environment.platform for choice in case.choices)
    newer = [python for python in lacks if key(python) > key(has)] if has != "0" else []
    for python in newer or reversed(lacks):
        for name in dict.fromkeys((case.name, "tensorflow")):
            found = [
                offer.release.release
                for platform in platforms
                for offer in case.catalogue.offers(name, Target(platform, python))
            ]
            finals = list(filter(is_final, found))
            if finals:
                first, last = series(min(finals, key=key)), series(max(finals, key=key))
                which = f"{first} has" if first == last else f"{first} to {last} have"
                return [f"or ask for another release: {name} {which} wheels for Python {python}"]
            if found:
                newest = max(found, key=key)
                kind_name = KIND_NAMES[kind(newest)]
                return [f"or, for Python {python}, ask for the {kind_name}: {name}=={newest}"]
    return []


def _pythons_of(case: DistributionCase, release: str) -> list[str]:
    found = set()
    for python in case.catalogue.pythons:
        for platform in PLATFORM_NAMES:
            offers = case.catalogue.offers(case.name, Target(platform, python))
            if any(offer.release.release == release for offer in offers):
                found.add(python)
    return sorted(found, key=key)


def _project(case: DistributionCase) -> str:
    return f"the project's {case.python.text}" if case.python else "the project"


DECISIVE = (no_release, placeholder, yanked)
EACH = (
    no_wheel,
    conflict,
    pre_release,
    nightly_beside,
    missing_pin,
    broken,
    search_path,
    missing_extra,
    useless_and_cuda,
    plugin_pair,
    known_beside,
)
TOGETHER = (twins, tf_keras_twin)
