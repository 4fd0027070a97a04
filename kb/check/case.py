"""One distribution that a project asks for: what pip does in each environment, and how to tell."""

from collections.abc import Callable, Iterable, Iterator

from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from kb.base.findings import Finding, Severity
from kb.base.model import WayOut
from kb.base.names import KIND_NAMES, PLATFORM_NAMES
from kb.base.record import Record
from kb.base.versions import InvalidVersion, is_final, key, kind, series, spans
from kb.cells.cells import Cell
from kb.check.asked import Asked, PythonRange
from kb.check.catalogue import Catalogue
from kb.check.changes import Change, Draft, Trial
from kb.check.lines import parse
from kb.check.pip import PipChoice, is_fitting
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

    def cells(self) -> Iterator[tuple[PipChoice, Cell]]:
        """Yield the cell of what pip takes in each environment."""
        for choice in self.offered():
            if choice.taken is not None:
                cell = self.catalogue.cell(choice.taken, choice.environment, choice.and_cuda)
                yield choice, cell

    def finding(
        self,
        rule: str,
        severity: Severity,
        text: str,
        mend: Callable[[Trial], Iterator[WayOut]],
        needs: Change | None = None,
    ) -> Draft:
        """Return a finding at the requirement."""
        finding = Finding(
            rule=rule,
            severity=severity,
            text=text,
            file=self.asked.file,
            line=self.asked.line,
        )
        return Draft(finding=finding, mend=mend, needs=needs)

    def renamed(self, name: str) -> tuple[str, ...]:
        """Return what is left out where another distribution is asked for in place of this one."""
        return () if name == self.name else (self.name,)

    def nearest_releases(
        self, release: str, name: str | None = None, extras: str | None = None
    ) -> Iterator[Change]:
        """Yield changes to the releases that may do in place of one, the nearest first: on all
        Pythons of the project, then on the newest for which each has a wheel. They are of this
        distribution, or of another one in its place, with its extras, or with those given.
        """
        name = name or self.name
        extras = self.extras() if extras is None else extras
        asked = self.asked._replace(requirement=parse(f"{name}{extras}"))
        fitting = {
            offer.release.release: choice.environment.python
            for choice in self.choices
            for offer in self.catalogue.offers(name, choice.environment)
            if is_fitting(self.catalogue, choice._replace(asked=asked), offer)
        }
        versions = sorted({*fitting, release}, key=key)
        middle = versions.index(release) + 0.1  # of two as near the newer one
        near = sorted(fitting, key=lambda version: abs(versions.index(version) - middle))
        changes = {
            version: Change(
                asks=(f"{name}{extras}=={version}",),
                leaves_out=self.renamed(name),
                caveat=_other_api(release, version),
            )
            for version in near
            if version != release or name != self.name
        }
        yield from changes.values()
        if len(self.pythons()) > 1:
            for version, change in changes.items():
                yield change._replace(pythons=(fitting[version],))

    def extras(self, without: str | None = None) -> str:
        """Return the extras that are asked for, as a requirement has them, or all but one."""
        extras = sorted(e for e in self.asked.requirement.extras if canonicalize_name(e) != without)
        return f"[{','.join(extras)}]" if extras else ""


def _other_api(release: str, other: str) -> str | None:
    """Tell where a program for one release does not run unchanged with another one."""
    first, second = series(release), series(other)
    if first.partition(".")[0] == second.partition(".")[0]:
        return None
    return f"its API is another, as `python -m kb diff {first} {second}` tells"


def has_cuda(choice: PipChoice) -> bool:
    """Tell whether any release on offer brings CUDA by its extra and has code for it."""
    return any(offer.says().cuda_build and and_cuda(offer.says()) for offer in choice.offers)


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
    return f"{case.name}{case.extras()}"


def belong(choice: PipChoice, other: PipChoice) -> bool:
    """Tell whether one distribution is only the name under which the other one is installed."""
    for first, second in ((choice, other), (other, choice)):
        shim = first.offers[0].build.says.shim if first.offers else None
        if shim is not None and shim.name == second.asked.name:
            return True
    return False


def words(names: list[str]) -> str:
    """Join names as a sentence does."""
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
