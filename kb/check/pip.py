"""What pip takes for a set of requirements on each platform and Python, and what it passes over."""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import get_args

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from kb.base.model import Platform, Python
from kb.base.names import is_tensorflow
from kb.base.record import Record
from kb.base.versions import is_final, key, series
from kb.cells.cells import key_of
from kb.cells.recipes import candidates, pins_of
from kb.check.asked import Asked, Project
from kb.check.bounds import admits
from kb.check.catalogue import PATCHES, Catalogue, Target
from kb.check.companions import line_for, refusing
from kb.check.lines import parse
from kb.facts.builds import Published, and_cuda
from kb.facts.companions import Stated


class Refusal(Record):
    """A release that pip passes over. `theirs` is what it requires, `ours` what the project asks
    for beside it; or a resolver's `conflict` tells why its requirements cannot be had; or it is a
    companion that refuses the release, by what it has `stated`.
    """

    offer: Published
    name: str
    theirs: str
    ours: Asked | None = None
    conflict: str | None = None
    stated: Stated | None = None


class PipChoice(Record):
    """What pip does for one distribution in one environment: the releases in its range with a
    wheel there, those passed over, and the one taken. `beside` bounds every other name;
    `pre_releases` is what the project says of those of this one, and `other_index` whether it names
    an index where builds of other frameworks may require other CUDA libraries.
    """

    asked: Asked
    environment: Target
    pre_releases: bool | None
    beside: dict[str, SpecifierSet]
    lines: dict[str, Asked]
    offers: tuple[Published, ...]
    refused: tuple[Refusal, ...]
    taken: Published | None
    other_index: bool = False

    @property
    def and_cuda(self) -> bool:
        """Whether the extra `and-cuda` is asked for."""
        return "and-cuda" in self.asked.requirement.extras

    @property
    def takes_any(self) -> bool:
        """Whether pip takes a pre-release before a final release that is on offer too."""
        finals = [is_final(offer.release.release) for offer in self.offers]
        return bool(finals) and not finals[0] and any(finals)


def ranges(asked: Iterable[Asked]) -> dict[str, SpecifierSet]:
    """Return the bounds on each name, by all requirements and constraints together."""
    found: dict[str, SpecifierSet] = {}
    for entry in asked:
        found[entry.name] = found.get(entry.name, SpecifierSet()) & entry.requirement.specifier
    return found


def environments(
    catalogue: Catalogue,
    project: Project,
    platform: Platform | None = None,
    pythons: tuple[Python, ...] = (),
) -> tuple[Target, ...]:
    """Return the environments that a project is for: on each platform the Pythons that are given,
    those of its range, or all that there are.
    """
    platforms: tuple[Platform, ...] = (platform,) if platform else get_args(Platform)
    if not pythons:
        pythons = catalogue.pythons
        bounds = project.python.specifiers if project.python else SpecifierSet()
        pythons = tuple(
            python
            for python in pythons
            if any(bounds.contains(f"{python}.{patch}") for patch in range(PATCHES))
        )
    return tuple(Target(platform, own) for platform in platforms for own in pythons)


def newest_pythons(choices: tuple[PipChoice, ...]) -> tuple[PipChoice, ...]:
    """Return what is done on the Pythons of the newest release on offer, or all where none is.

    A project that does not say which Pythons it is for is meant for these: for those of a candidate
    only where pip takes that before the releases, or where there is nothing else.
    """
    takes_any = any(choice.takes_any for choice in choices)
    newest = max(
        (offer.release.release for choice in choices for offer in choice.offers[:1]),
        key=lambda release: (takes_any or is_final(release), key(release)),
        default=None,
    )
    pythons = {
        choice.environment.python
        for choice in choices
        for offer in choice.offers[:1]
        if offer.release.release == newest
    }
    return tuple(c for c in choices if not pythons or c.environment.python in pythons)


def choices_of(
    catalogue: Catalogue, project: Project, asked: tuple[Asked, ...], environment: Target
) -> Iterator[PipChoice]:
    """Yield what pip may take in one environment for each distribution of TensorFlow that is asked
    for, before it looks at what stands beside it.
    """
    here = [entry for entry in asked if environment.meets(entry.requirement)]
    bounds = ranges(here)
    lines: dict[str, Asked] = {}
    for entry in here:
        if entry.name not in lines or len(entry.requirement.specifier) > 0:
            lines[entry.name] = entry
    for entry in _tensorflows(here):
        versions = {
            offer.release.release: offer for offer in catalogue.offers(entry.name, environment)
        }
        pre_releases = project.pre_releases.of(entry.name)
        in_range = bounds[entry.name].filter(versions, prereleases=pre_releases)
        offers = tuple(versions[version] for version in in_range)
        yield PipChoice(
            asked=entry,
            environment=environment,
            pre_releases=pre_releases,
            beside=bounds,
            lines=lines,
            offers=offers,
            refused=(),
            taken=None,
            other_index=project.other_index,
        )


def _tensorflows(here: list[Asked]) -> Iterator[Asked]:
    """Yield the first requirement of each distribution, with the extras of all of them."""
    for name in dict.fromkeys(entry.name for entry in here if not entry.constraint):
        if is_tensorflow(name):
            same = [entry for entry in here if entry.name == name and not entry.constraint]
            yield max(same, key=lambda entry: len(entry.requirement.extras))


def weighed(catalogue: Catalogue, choice: PipChoice) -> PipChoice:
    """Return a choice with the release that pip takes, and those that it passes over before."""
    refused: list[Refusal] = []
    for offer in choice.offers:
        against = refusal(catalogue, choice, offer)
        if against is None:
            return choice._replace(refused=tuple(refused), taken=offer)
        refused.append(against)
    return choice._replace(refused=tuple(refused))


def refusal(catalogue: Catalogue, choice: PipChoice, offer: Published) -> Refusal | None:
    """Return why pip passes over a release, or None where it can take it."""
    says = offer.says()
    lines = list(says.requires)
    if choice.and_cuda:
        lines += and_cuda(says)
    for line in lines:
        requirement = _parsed(line)
        name = canonicalize_name(requirement.name)
        if name in choice.beside and choice.environment.meets(requirement):
            ours = choice.beside[name]
            if admits(ours) and not admits(ours & requirement.specifier):
                theirs = f"{name}{_range(requirement.specifier)}"
                return Refusal(offer=offer, name=name, theirs=theirs, ours=choice.lines[name])
    return (
        _keras_refusal(choice, offer)
        or _companion_refusal(catalogue, choice, offer)
        or _cuda_refusal(catalogue, choice, offer)
    )


def _range(bounds: SpecifierSet) -> str:
    """Write bounds, the lower end first, without the single versions that are left out."""
    ends = sorted((str(bound) for bound in bounds), reverse=True)
    return ",".join(bound for bound in ends if not bound.startswith("!="))


_parsed = lru_cache(maxsize=4096)(Requirement)


def _keras_refusal(choice: PipChoice, offer: Published) -> Refusal | None:
    """From 2.16 on, the METADATA of each tf-keras on the index requires the TensorFlow of its own
    series (`tensorflow<2.17,>=2.16` in tf_keras-2.16.0).
    """
    bounds = choice.beside.get("tf-keras")
    if bounds is None or admits(bounds & SpecifierSet("<2.16")):
        return None
    own = series(offer.release.release)
    if not is_final(offer.release.release) or admits(bounds & SpecifierSet(f"=={own}.*")):
        return None
    return Refusal(
        offer=offer, name="tf-keras", theirs=f"tf-keras=={own}.*", ours=choice.lines["tf-keras"]
    )


def _companion_refusal(catalogue: Catalogue, choice: PipChoice, offer: Published) -> Refusal | None:
    for name in choice.beside:
        if line_for(choice.lines, name) is None:
            continue
        is_asked = choice.and_cuda and not choice.other_index
        extra = and_cuda(offer.says()) if is_asked else ()
        found = refusing(catalogue, name, choice.beside, choice.environment, offer, extra)
        if found is not None and found.requirement is not None:
            theirs = f"{found.requirement.name}{_range(SpecifierSet(found.requirement.specifier))}"
            return Refusal(
                offer=offer, name=name, theirs=theirs, ours=choice.lines[name], stated=found
            )
    return None


def _cuda_refusal(catalogue: Catalogue, choice: PipChoice, offer: Published) -> Refusal | None:
    if not choice.and_cuda or not offer.says().cuda_build:
        return None
    series_facts = catalogue.series_facts(offer)
    cell_key = key_of(offer, choice.environment.python, "cuda")
    pins = pins_of(cell_key, catalogue.pins)
    verdict = series_facts.resolutions.of(cell_key, candidates(cell_key, offer.says(), pins)[0])
    if verdict is None or verdict.resolves:
        return None
    return Refusal(
        offer=offer, name="and-cuda", theirs="", conflict=verdict.conflict or "it does not resolve"
    )


def is_fitting(catalogue: Catalogue, choice: PipChoice, offer: Published) -> bool:
    """Tell whether a release goes with what stands beside it, and works; it has the extra
    `and-cuda` where that is asked for.
    """
    return (
        is_final(offer.release.release)
        and (not choice.and_cuda or _brings(offer, choice.beside))
        and refusal(catalogue, choice, offer) is None
        and _works(catalogue, choice, offer)
    )


def _brings(offer: Published, beside: Iterable[str]) -> bool:
    """Tell whether a release has the extra `and-cuda`, and it brings each of NVIDIA's packages that
    are asked for: those of another CUDA do not help.
    """
    brought = {line.name for says in (offer.build.says, offer.says()) for line in and_cuda(says)}
    return bool(brought) and all(name in brought for name in beside if name.startswith("nvidia-"))


def _works(catalogue: Catalogue, choice: PipChoice, offer: Published) -> bool:
    """Tell whether nothing known keeps a release from working beside what is asked for."""
    found = catalogue.cell(offer, choice.environment, choice.and_cuda)
    pins = [parse(pin.pin) for pin in found.pins if pin.compute_capability_below is None]
    asked = choice.beside
    fit = all(admits(asked.get(pin.name, pin.specifier) & pin.specifier) for pin in pins)
    return fit and found.standing.standing != "broken"
