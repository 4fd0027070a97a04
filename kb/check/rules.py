"""The rules of `check`, a function each: what cannot work of what a project asks for.

Each takes what pip does with one distribution in every environment of the project. What cannot be
installed on any of its Pythons is an error, on some of them a warning; what pip installs and what
then fails is an error.
"""

from collections.abc import Iterator

from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from kb.base.findings import Severity
from kb.base.model import Pin, WayOut
from kb.base.versions import key, series
from kb.check.beside_rules import known_beside, plugin_pair
from kb.check.bounds import newest_meets
from kb.check.case import DistributionCase, labelled, nearest, pip_name, where
from kb.check.changes import Change, Draft, Trial, always
from kb.check.companion_rules import (
    companion_outside,
    companion_python,
    companion_twin,
    companion_wheel,
    needed_by_companion,
)
from kb.check.conflict_rules import conflict, tf_keras_twin, twins, useless_and_cuda
from kb.check.framework_rules import mixed_cuda, unjudged_framework
from kb.check.lines import parse
from kb.check.pip import PipChoice
from kb.check.pre_release_rules import nightly_beside, pre_release
from kb.check.wheel_rules import elsewhere_only, no_wheel

_PLACEHOLDER = "https://github.com/tensorflow/tensorflow/issues/60074"


def no_release(case: DistributionCase) -> Iterator[Draft]:
    """Tell where no release of the distribution lies in the range."""
    versions = [release.release for release in case.catalogue.releases(case.name)]
    if case.in_range(versions):
        return
    text = f"no release of {case.name} that is known fits {case.bounds()}"
    # of pre-releases the newest alone is known, so others may well be there
    severity: Severity = "warning" if case.bounds().prereleases else "error"

    def mend(trial: Trial) -> Iterator[WayOut]:
        yield from _one_of(case, trial, versions, "ask for one that there is")

    yield case.finding("release", severity, text, mend)


def _one_of(
    case: DistributionCase, trial: Trial, versions: list[str], told: str
) -> Iterator[WayOut]:
    """Yield what of the versions around the range passes; else the nearest release that does."""
    near = nearest(versions, case.bounds())
    changes = {version: Change(asks=(f"{pip_name(case)}=={version}",)) for version in near}
    passing = [v for v, change in changes.items() if trial.passing(change) == change]
    if passing:
        yield WayOut(f"{told}: {', '.join(map(labelled, passing))}")
    elif near:
        yield from trial.offer(case.nearest_releases(near[0]))


def placeholder(case: DistributionCase) -> Iterator[Draft]:
    """Tell where the newest release in the range is an sdist that installs nothing."""
    releases = {release.release: release for release in case.catalogue.releases(case.name)}
    newest = max(case.in_range(releases), key=key, default=None)
    if newest is None or releases[newest].sdist is None or releases[newest].builds:
        return
    text = f"pip takes {case.name} {newest}, a placeholder without TensorFlow that does not install"

    def mend(trial: Trial) -> Iterator[WayOut]:
        if case.name == "tensorflow-gpu":
            own = f"tensorflow=={series(newest)}.*"
            asks = dict.fromkeys((f"tensorflow{case.bounds()}", own))
            changes = [Change(asks=(ask,), leaves_out=(case.name,)) for ask in asks]
            changes += case.nearest_releases(newest, "tensorflow")
            yield from trial.offer(
                changes, lambda change: f"ask for {change.asked()}, which has CUDA too since 2.1"
            )
        below = Change(asks=(f"{case.name}<{newest}",))
        yield from trial.offer([below], f"stay below it: {case.name}<{newest}")

    yield case.finding("placeholder", "error", text, mend).citing(_PLACEHOLDER)


def yanked(case: DistributionCase) -> Iterator[Draft]:
    """Tell where all that lies in the range was withdrawn."""
    if case.offered():
        return
    for release in case.catalogue.releases(case.name):
        wheels = [wheel for build in release.builds for wheel in build.wheels]
        in_range = case.bounds().contains(release.release)
        if in_range and wheels and all(wheel.yanked is not None for wheel in wheels):
            text = f"{case.name} {release.release} was withdrawn: {wheels[0].yanked or 'no reason'}"

            def mend(trial: Trial) -> Iterator[WayOut]:
                versions = [
                    other.release
                    for other in case.catalogue.releases(case.name)
                    if any(wheel.yanked is None for build in other.builds for wheel in build.wheels)
                ]
                yield from _one_of(case, trial, versions, "ask for another")

            yield case.finding("yanked", "error", text, mend)


def missing_pin(case: DistributionCase) -> Iterator[Draft]:
    """Tell where what pip takes fails without a pin that the project does not set."""
    found: dict[tuple[str, Pin], list[PipChoice]] = {}
    for choice, cell in case.cells():
        for pin in cell.pins:
            if pin.compute_capability_below is None and not _is_set(choice, pin.pin):
                found.setdefault((cell.key.release, pin), []).append(choice)
    for (release, pin), choices in found.items():
        yield _missing_pin(case, release, pin, choices)


def _missing_pin(case: DistributionCase, release: str, pin: Pin, choices: list[PipChoice]) -> Draft:
    other = choices[0].lines.get(parse(pin.pin).name)
    needed = Change(asks=(str(pin.pin),))

    def told(change: Change) -> str:
        pins = " and ".join(sorted(change.asks))
        return f"ask for {pins} in its place" if other else f"add {pins}"

    def mend(trial: Trial) -> Iterator[WayOut]:
        pinned = tuple(trial.offer([needed], told))
        yield from pinned or trial.offer(case.nearest_releases(release))

    text = f"{case.name} {release} fails{where(case, choices)} without {pin.pin}: {pin.reason}"
    return case.finding("pin", "error", text, mend, needed).at(other).citing(pin.source)


def _is_set(choice: PipChoice, pin: str) -> bool:
    """Tell whether the newest version that pip may take of a pin's project meets the pin."""
    wanted = parse(pin)
    bounds = choice.beside.get(wanted.name, SpecifierSet())
    for line in choice.taken.says().requires if choice.taken else ():
        required = parse(line)
        if required.name == wanted.name and choice.environment.meets(required):
            bounds &= required.specifier
    return newest_meets(bounds, wanted.specifier)


def broken(case: DistributionCase) -> Iterator[Draft]:
    """Tell where what pip takes was run, and failed."""
    found: dict[tuple[str, str], list[PipChoice]] = {}
    for choice, cell in case.cells():
        standing = cell.standing
        if standing.standing == "broken" and any(s.id.startswith("run:") for s in standing.proof):
            sure = cell.sureness(below=False).sentence.rstrip(".")
            found.setdefault((cell.key.release, sure), []).append(choice)
    for (release, sure), choices in found.items():
        text = f"{case.name} {release}{where(case, choices)}: {sure[0].lower()}{sure[1:]}"

        def mend(trial: Trial, release: str = release) -> Iterator[WayOut]:
            yield from trial.offer(case.nearest_releases(release))
            others = trial.pythons(case.catalogue.pythons)
            if others:
                yield from trial.offer([Change(pythons=others)])

        yield case.finding("broken", "error", text, mend)


def search_path(case: DistributionCase) -> Iterator[Draft]:
    """Tell where what pip takes does not find the CUDA libraries that it brings."""
    found = {cell.key.release: cell.library_path for _, cell in case.cells() if cell.library_path}
    for release, path in found.items():
        text = f"{case.name} {release} does not find its CUDA libraries: {path.reason}"
        command = f"python -m kb lookup {release} --device cuda"
        way = WayOut(told="set the search path as in", command=command)
        yield case.finding("search-path", "warning", text, always(way)).citing(path.source)


def missing_extra(case: DistributionCase) -> Iterator[Draft]:
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
        yield _missing_extra(case, release, missing, choices)


def _missing_extra(
    case: DistributionCase, release: str, missing: str, choices: list[PipChoice]
) -> Draft:
    there = where(case, choices)
    range_ = case.asked.requirement.specifier
    without = Change(asks=(f"{case.name}{case.extras(missing)}{range_}",))
    has_code = any(choice.taken and choice.taken.says().cuda_build for choice in choices)

    def mend(trial: Trial) -> Iterator[WayOut]:
        if missing != "and-cuda":
            by_itself = f"require {missing} by itself if that project is meant"
            yield from trial.offer([without], f"leave [{missing}] out, and {by_itself}")
            return
        by_hand = f"python -m kb lookup {release} --device cuda" if has_code else None
        told = "leave [and-cuda] out" + (", and install CUDA yourself" if by_hand else "")
        for offered in trial.offer([without], told):
            yield offered._replace(command=by_hand)
        yield from trial.offer(case.nearest_releases(release))

    text = f"{case.name} {release} has no extra {missing}{there}: pip warns and goes on without"
    return case.finding("extra", "warning", text, mend)


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
    companion_outside,
    companion_python,
    companion_twin,
    companion_wheel,
    needed_by_companion,
    mixed_cuda,
    unjudged_framework,
)
TOGETHER = (twins, tf_keras_twin, elsewhere_only)
