"""The rules of `check` about other frameworks beside `and-cuda`, which require CUDA's libraries.

Versions rule each other out, or packages of two CUDA releases write into the same folders.
"""

import re
from collections.abc import Collection, Iterator
from functools import partial

from kb.base.findings import Severity
from kb.base.model import CompanionFile, WayOut
from kb.check.case import DistributionCase, pip_name, where
from kb.check.catalogue import Target
from kb.check.changes import Change, Draft, Trial
from kb.check.companions import framework_of, line_for
from kb.check.pip import PipChoice
from kb.facts.builds import Published, and_cuda
from kb.facts.companions import applies, may_install, words_of

_OF_CUDA = re.compile(r"^nvidia-.*-cu([0-9]+)$")


def refused_by_framework(
    case: DistributionCase, choice: PipChoice, severity: Severity, python: str
) -> Draft:
    """Tell which framework requires other CUDA libraries than `and-cuda` brings."""
    refusal = choice.refused[0]
    asked = refusal.ours or case.asked
    release = refusal.offer.release.release
    stated = refusal.stated
    third = stated.requirement.name if stated and stated.requirement else ""
    ours = [line for line in and_cuda(refusal.offer.says()) if line.name == third]
    against = f", and {pip_name(case)} {ours[0].name}{ours[0].specifier}" if ours else ""
    more = "; nor does any other release in the range" if len(choice.refused) > 1 else ""
    text = (
        f"{refusal.name}{asked.requirement.specifier} does not go with {pip_name(case)} "
        f"{release}{python}: {refusal.name} {stated.release if stated else ''} requires "
        f"{refusal.theirs}{against}{more}"
    )

    def mend(trial: Trial) -> Iterator[WayOut]:
        yield from _apart(refusal.name, trial)
        without = Change(asks=(f"{case.name}{case.asked.requirement.specifier}",))
        told = "leave [and-cuda] out, and compute on the CPU"
        yield from trial.offer([without], lambda change: f"{told}: {change.told()}")
        yield from trial.offer(_of_same_cuda(case, refusal.offer))

    return case.finding("torch", severity, text, mend).at(asked)


def _apart(name: str, trial: Trial) -> Iterator[WayOut]:
    """Yield how a framework and TensorFlow each have an environment."""
    told = f"give {name} an environment of its own"
    yield from trial.offer([Change(leaves_out=(name,))], told)


def _of_same_cuda(case: DistributionCase, offer: Published) -> Iterator[Change]:
    """Yield changes to the nearest releases whose `and-cuda` brings the same CUDA, for packages of
    two write into the same folders.
    """
    wanted = _brought(offer)
    same = {
        f"{pip_name(case)}=={other.release.release}"
        for choice in case.choices
        for other in case.catalogue.offers(case.name, choice.environment)
        if _brought(other) == wanted
    }
    return (c for c in case.nearest_releases(offer.release.release) if set(c.asks) <= same)


def _brought(offer: Published) -> set[str]:
    """Return of which CUDA the packages are that `and-cuda` brings, by their names."""
    names = (line.name for line in and_cuda(offer.says()))
    return {match[1] for name in names if (match := _OF_CUDA.search(name))}


def unjudged_framework(case: DistributionCase) -> Iterator[Draft]:
    """Tell where it is not known which CUDA libraries another framework requires."""
    found: dict[str, PipChoice] = {}
    for choice in case.judged():
        brings = choice.taken is not None and choice.and_cuda and and_cuda(choice.taken.says())
        for name in choice.beside if brings else ():
            line = line_for(choice.lines, name)
            if line is not None and _is_unjudged(case, choice, name, line.requirement.extras):
                found.setdefault(name, choice)
    for name, choice in found.items():
        why = "where another index may have it too" if choice.other_index else "as it is asked for"
        text = f"which CUDA libraries {name} requires, {why}, is not known: not judged"
        yield case.finding("torch", "warning", text, partial(_apart, name)).at(choice.lines[name])


def _is_unjudged(
    case: DistributionCase, choice: PipChoice, name: str, extras: Collection[str]
) -> bool:
    file = framework_of(case.catalogue, name)
    if file is None:
        return False
    if name != "torch":  # another index has no builds of these, and extras bring their CUDA
        return any("cuda" in extra for extra in extras)
    taken = _newest_framework(case, choice, name)
    words = words_of(file, taken, choice.environment.platform) if taken else None
    return choice.other_index or words is None


def mixed_cuda(case: DistributionCase) -> Iterator[Draft]:
    """Tell where another framework brings NVIDIA's packages of another CUDA than `and-cuda`."""
    found: dict[tuple[str, str, str], list[PipChoice]] = {}
    for choice in case.judged():
        own = _brought(choice.taken) if choice.taken and choice.and_cuda else set()
        for name in choice.beside if own and not choice.other_index else ():
            file = framework_of(case.catalogue, name) if line_for(choice.lines, name) else None
            taken = _newest_framework(case, choice, name) if file else None
            if file is None or taken is None:
                continue
            if strange := _majors(file, taken, choice.environment) - own:
                key_of = (name, taken, " and ".join(sorted(strange)))
                found.setdefault(key_of, []).append(choice)
    for (name, release, cuda), choices in found.items():
        text = (
            f"{name} {release} brings NVIDIA's packages for CUDA {cuda}{where(case, choices)}, and "
            "[and-cuda] those of another: they write into the same folders; whether both then work "
            "is not judged"
        )
        draft = case.finding("torch", "warning", text, partial(_apart, name))
        yield draft.at(choices[0].lines[name])


def _newest_framework(case: DistributionCase, choice: PipChoice, name: str) -> str | None:
    python, platform = choice.environment.python, choice.environment.platform
    every = case.catalogue.companion_releases(name, choice.beside[name])
    return next((r.release for r in every if may_install(r, python, platform)), None)


def _majors(file: CompanionFile, release: str, environment: Target) -> set[str]:
    """Return of which CUDA the packages of NVIDIA are that a framework requires, by their names."""
    words = words_of(file, release, environment.platform)
    return {
        match[1]
        for line in (words.requires if words else ())
        if applies(line, environment.python, environment.platform)
        and (match := _OF_CUDA.search(line.name))
    }
