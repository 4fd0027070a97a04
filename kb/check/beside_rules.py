"""The rules of `check` about what TensorFlow does not work beside, though pip installs both.

Plug-ins made for another release, and packages of which a known problem tells.
"""

from collections.abc import Iterator

from packaging.specifiers import Specifier, SpecifierSet

from kb.base.findings import Severity
from kb.base.model import PluginPair, Problem, WayOut
from kb.base.versions import key, within
from kb.check.bounds import admits, newest_meets
from kb.check.case import DistributionCase, where, words
from kb.check.changes import Change, Draft, Trial, change_of
from kb.check.lines import parse
from kb.check.pip import PipChoice
from kb.facts.builds import Published


def plugin_pair(case: DistributionCase) -> Iterator[Draft]:
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
        line = choices[0].lines[plugin]
        sources = tuple(dict.fromkeys(pair.source for pair in own))
        releases = [str(pair.releases.last) for pair in own]
        others = [p.release for p in pairs if any(_goes_with(p, choice) for choice in choices)]

        def mend(
            trial: Trial,
            plugin: str = plugin,
            releases: list[str] = releases,
            others: list[str] = others,
        ) -> Iterator[WayOut]:
            yield from trial.offer(_asks(case.name, releases))
            yield from trial.offer(_asks(plugin, others))
            yield from trial.offer(
                [Change(leaves_out=(plugin,))], lambda change: f"{change.told()}, for the CPU"
            )

        yield case.finding("plugin", "warning", text, mend).at(line).citing(*sources)


def _asks(name: str, releases: list[str]) -> list[Change]:
    """Return the changes to each of these releases, the newest first."""
    newest = sorted(set(releases), key=key, reverse=True)
    return [Change(asks=(f"{name}=={release}",)) for release in newest]


def _goes_with(pair: PluginPair, choice: PipChoice) -> bool:
    return choice.taken is not None and _is_of(pair, choice.taken)


def _is_of(pair: PluginPair, offer: Published) -> bool:
    return (
        offer.release.distribution in pair.distributions
        and offer.build.platform in pair.platforms
        and within(offer.release.release, *pair.releases)
    )


def known_beside(case: DistributionCase) -> Iterator[Draft]:
    """Tell where a known problem hits what pip takes, beside what else is asked for: an error where
    it hits beside all that pip may take of that.
    """
    for problem in case.catalogue.problems():
        hit = [choice for choice in case.offered() if _hits(problem, choice)]
        names = _beside(problem, hit)
        if not names or hit[0].taken is None:
            continue
        pinned = {parse(pin.pin).name for _, cell in case.cells() for pin in cell.pins}
        if set(names) <= pinned:  # `missing_pin` tells of it
            continue
        there = [choice for choice in hit if names[0] in choice.lines]
        release = hit[0].taken.release.release
        text = f"{case.name} {release} beside {words(names)}{where(case, there)}: {problem.title}"

        def mend(trial: Trial, problem: Problem = problem) -> Iterator[WayOut]:
            for way in problem.way_out:
                change = change_of(way)
                yield from (way,) if change is None else trial.offer([change])

        line = there[0].lines[names[0]]
        severity: Severity = (
            "error" if any(parse(name).specifier for name in problem.beside) else "warning"
        )
        yield case.finding("problem", severity, text, mend).at(line).citing(*problem.sources)


def _beside(problem: Problem, choices: list[PipChoice]) -> list[str]:
    """Return what is asked for of the requirements beside which a problem shows."""
    names = []
    for wanted in map(parse, problem.beside):
        asked = [choice.beside[wanted.name] for choice in choices if wanted.name in choice.lines]
        if any(_shows(bounds, wanted.specifier) for bounds in asked):
            names.append(wanted.name)
    return names


def _shows(bounds: SpecifierSet, wanted: SpecifierSet) -> bool:
    """Tell whether pip takes a version at which a problem shows: the newest is of one version, of a
    range all that is let in, for others may bound it too.
    """
    if any(bound.operator == "==" for bound in wanted):
        return newest_meets(bounds, wanted)
    return not wanted or not any(admits(bounds & other) for other in map(_opposite, wanted))


def _opposite(bound: Specifier) -> SpecifierSet:
    operators = {">=": "<", ">": "<=", "<": ">=", "<=": ">"}
    return SpecifierSet(f"{operators[bound.operator]}{bound.version}")


def _hits(problem: Problem, choice: PipChoice) -> bool:
    taken, environment = choice.taken, choice.environment
    return (
        taken is not None
        and within(taken.release.release, *problem.releases)
        and (not problem.platforms or environment.platform in problem.platforms)
        and (not problem.pythons or environment.python in problem.pythons)
    )
