"""The rules of `check` about what TensorFlow does not work beside, though pip installs both.

Plug-ins made for another release, and packages of which a known problem tells.
"""

from collections.abc import Iterator

from kb.base.findings import Finding
from kb.base.model import PluginPair, Problem, WayOut
from kb.base.versions import key, within
from kb.check.bounds import newest_meets
from kb.check.case import DistributionCase, at, where, words
from kb.check.lines import parse
from kb.check.pip import PipChoice
from kb.facts.builds import Published


def plugin_pair(case: DistributionCase) -> Iterator[Finding]:
    """Tell where no table and no report has the plug-in that is asked for with what pip takes."""
    found: dict[tuple[str, str, str], list[PipChoice]] = {}
    every = case.catalogue.plugin_pairs()
    for choice in case.offered():
        if choice.taken is None:
            continue
        for name in {pair.plugin for pair in every} & choice.lines.keys():
            versions = case.catalogue.plugin_releases(name, choice.environment)
            release = max(choice.beside[name].filter(versions), key=key, default=None)
            own = [p for p in every if (p.plugin, p.release) == (name, release)]
            if release is not None and own and not any(_is_of(p, choice.taken) for p in own):
                key_of = (name, release, choice.taken.release.release)
                found.setdefault(key_of, []).append(choice)
    for (plugin, release, taken), choices in found.items():
        pairs = [pair for pair in every if pair.plugin == plugin]
        own = [pair for pair in pairs if pair.release == release]
        goes_with = " and ".join(
            " to ".join(dict.fromkeys(map(str, (p.releases.first, p.releases.last)))) for p in own
        )
        text = (
            f"no table and no report has {plugin} {release} with {case.name} {taken}"
            f"{where(case, choices)}: it goes with {goes_with}"
        )
        fix = [f"ask for {case.name}=={max((str(p.releases.last) for p in own), key=key)}"]
        offer = choices[-1].taken
        fitting = [p.release for p in pairs if offer is not None and _is_of(p, offer)]
        if fitting:
            fix.append(f"or ask for {plugin}=={max(fitting, key=key)}")
        fix.append(f"or leave {plugin} out, for the CPU")
        line = choices[0].lines[plugin]
        sources = tuple(dict.fromkeys(pair.source for pair in own))
        finding = case.finding("plugin", "warning", text, tuple(map(WayOut, fix)))
        yield at(line, finding)._replace(sources=sources)


def _is_of(pair: PluginPair, offer: Published) -> bool:
    return (
        offer.release.distribution in pair.distributions
        and offer.build.platform in pair.platforms
        and within(offer.release.release, *pair.releases)
    )


def known_beside(case: DistributionCase) -> Iterator[Finding]:
    """Tell where a known problem hits what pip takes, beside what else is asked for."""
    for problem in case.catalogue.problems():
        hit = [choice for choice in case.offered() if _hits(problem, choice)]
        names = _beside(problem, hit)
        if not names or hit[0].taken is None:
            continue
        there = [choice for choice in hit if names[0] in choice.lines]
        release = hit[0].taken.release.release
        text = f"{case.name} {release} beside {words(names)}{where(case, there)}: {problem.title}"
        finding = case.finding("problem", "warning", text, problem.way_out)
        yield at(there[0].lines[names[0]], finding)._replace(sources=problem.sources)


def _beside(problem: Problem, choices: list[PipChoice]) -> list[str]:
    """Return what is asked for of the requirements beside which a problem shows."""
    names = []
    for wanted in map(parse, problem.beside):
        asked = (choice for choice in choices if wanted.name in choice.lines)
        if any(newest_meets(choice.beside[wanted.name], wanted.specifier) for choice in asked):
            names.append(wanted.name)
    return names


def _hits(problem: Problem, choice: PipChoice) -> bool:
    taken, environment = choice.taken, choice.environment
    return (
        taken is not None
        and within(taken.release.release, *problem.releases)
        and (not problem.platforms or environment.platform in problem.platforms)
        and (not problem.pythons or environment.python in problem.pythons)
    )
