"""One distribution that a project asks for: what pip does in each environment, and how to tell."""

from collections.abc import Iterable

from packaging.specifiers import SpecifierSet

from kb.base.findings import Finding, Severity
from kb.base.model import WayOut
from kb.base.names import KIND_NAMES, PLATFORM_NAMES
from kb.base.record import Record
from kb.base.versions import InvalidVersion, is_final, key, kind, spans
from kb.check.asked import Asked, PythonRange
from kb.check.catalogue import Catalogue
from kb.check.pip import PipChoice, nearest_fitting
from kb.facts.builds import and_cuda

_NEAREST = 3


class DistributionCase(Record):
    """One distribution that a set asks for: what pip does in each environment of the project."""

    catalogue: Catalogue
    asked: Asked
    choices: tuple[PipChoice, ...]
    python: PythonRange | None

    @property
    def name(self) -> str:
        """The distribution."""
        return self.asked.name

    def bounds(self) -> SpecifierSet:
        """Return the range of releases that the project asks for."""
        found: SpecifierSet = self.choices[0].beside[self.name]
        return found

    def in_range(self, versions: Iterable[str]) -> tuple[str, ...]:
        """Return the versions that pip may take: of pre-releases those that are asked for, or all
        where nothing else is in the range.
        """
        pre_releases = self.choices[0].pre_releases
        return tuple(self.bounds().filter(versions, prereleases=pre_releases))

    def pythons(self) -> tuple[str, ...]:
        """Return the Pythons of the project."""
        return tuple(dict.fromkeys(choice.environment.python for choice in self.choices))

    def offered(self) -> tuple[PipChoice, ...]:
        """Return the environments for which a release in the range has a wheel."""
        return tuple(choice for choice in self.choices if choice.offers)

    def judged(self) -> tuple[PipChoice, ...]:
        """Return the environments that count: those without CUDA do not where it is asked for."""
        offered = self.offered()
        any_cuda = any(has_cuda(choice) for choice in offered)
        return tuple(o for o in offered if not o.and_cuda or not any_cuda or has_cuda(o))

    def finding(
        self, rule: str, severity: Severity, text: str, ways_out: tuple[WayOut, ...]
    ) -> Finding:
        """Return a finding at the requirement."""
        return Finding(
            rule=rule,
            severity=severity,
            text=text,
            ways_out=ways_out,
            file=self.asked.file,
            line=self.asked.line,
        )


def has_cuda(choice: PipChoice) -> bool:
    """Tell whether any release on offer brings CUDA by its extra and has code for it."""
    return any(offer.says().cuda_build and and_cuda(offer.says()) for offer in choice.offers)


def at(asked: Asked, finding: Finding) -> Finding:
    """Return a finding at another requirement."""
    return finding._replace(file=asked.file, line=asked.line)


def instead(case: DistributionCase, choices: list[PipChoice], release: str) -> str:
    """Return what to ask for in place of a release, on the newest Python that has something."""
    for choice in reversed(choices):
        nearest = nearest_fitting(case.catalogue, choice, release)
        if nearest:
            python = "" if choice is choices[-1] else f" on Python {choice.environment.python}"
            return f"ask for {pip_name(case)}=={nearest}{python}"
    return ""


def nearest(versions: list[str], bounds: SpecifierSet) -> tuple[str, ...]:
    """Return the versions around the one that a range names, newest first."""
    positions = []
    for specifier in bounds:
        try:
            named = key(specifier.version.removesuffix(".*"))
            positions.append(sum(key(version) < named for version in versions))
        except InvalidVersion:
            continue
    start = min(max(0, max(positions, default=len(versions)) - 2), max(0, len(versions) - _NEAREST))
    return tuple(reversed(versions[start : start + _NEAREST]))


def labelled(release: str) -> str:
    """Return a version, and what it is where it is no release."""
    return release if is_final(release) else f"{release} ({KIND_NAMES[kind(release)]})"


def on(case: DistributionCase) -> str:
    """Say on which platforms, where they are not all."""
    platforms = list(dict.fromkeys(choice.environment.platform for choice in case.choices))
    if len(platforms) == len(PLATFORM_NAMES):
        return ""
    return f" on {words([PLATFORM_NAMES[platform] for platform in platforms])}"


def where(case: DistributionCase, choices: list[PipChoice]) -> str:
    """Say on which Pythons, and on which platforms where these are not all that have wheels."""
    pythons = sorted({choice.environment.python for choice in choices}, key=key)
    platforms = list(dict.fromkeys(choice.environment.platform for choice in choices))
    every = {choice.environment.platform for choice in case.offered()}
    named = words([PLATFORM_NAMES[platform] for platform in platforms])
    if len(platforms) == len(every):
        return f" on Python {spans(pythons)}"
    return f" on {named} with Python {spans(pythons)}"


def pip_name(case: DistributionCase) -> str:
    """Return a distribution with the extras that are asked for."""
    extras = sorted(case.asked.requirement.extras)
    return f"{case.name}[{','.join(extras)}]" if extras else case.name


def words(names: list[str]) -> str:
    """Join names as a sentence does."""
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
