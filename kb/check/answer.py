"""Does what a project asks for exist, and does it fit together? What pip would take, and findings.

Nothing is installed and nothing is asked of an index: the knowledge base knows the releases, their
wheels, what these require, the pins and the runs.
"""

import os
from collections.abc import Iterator
from functools import lru_cache
from typing import get_args

from kb.base.findings import Finding
from kb.base.model import Distribution, Platform, Python, WayOut
from kb.base.names import is_tensorflow
from kb.base.record import Record
from kb.base.store import Store
from kb.base.versions import key
from kb.check.asked import Asked, Fault, Project, PythonRange
from kb.check.case import DistributionCase
from kb.check.catalogue import Catalogue, Target
from kb.check.changes import Change, Draft, Judged, Trial
from kb.check.lines import requirements
from kb.check.other_formats import other_format
from kb.check.pip import PipChoice, choices_of, environments, newest_pythons, weighed
from kb.check.rules import DECISIVE, EACH, TOGETHER
from kb.check.spelling import misspelled
from kb.check.text import read_text
from kb.check.toml import pyproject
from kb.facts.builds import and_cuda
from kb.facts.companion_names import COMPANIONS


class TakenRelease(Record):
    """A release that pip takes, and on which Pythons, on one platform."""

    distribution: str
    release: str
    platform: Platform
    pythons: tuple[Python, ...]


class Checked(Record):
    """What a file asks for comes to: findings in the order of their lines, errors first on each;
    what pip takes, newest first; whether TensorFlow is asked for at all; and of which projects that
    are asked for beside it nobody looked at what they require.
    """

    file: str
    asks: bool
    takes: tuple[TakenRelease, ...]
    findings: tuple[Finding, ...]
    unjudged: tuple[str, ...] = ()

    def errors(self) -> int:
        """Return how many findings are errors."""
        return sum(finding.severity == "error" for finding in self.findings)


def check(
    store: Store,
    path: str | os.PathLike[str],
    platform: Platform | None = None,
    python: Python | None = None,
) -> Checked:
    """Check a requirements file or a pyproject.toml, for one platform and Python where they are
    given. Raises OSError, Unreadable and DocumentError.
    """
    name = os.fspath(path)
    try:
        text = read_text(name)
    except Fault as fault:
        return Checked(file=name, asks=False, takes=(), findings=(fault.finding(name, 1),))
    if (wrong := other_format(name, text)) is not None:
        return Checked(file=name, asks=False, takes=(), findings=(wrong.finding(name, 1),))
    project = (pyproject if name.endswith(".toml") else requirements)(name, text)
    project = project._replace(faults=(*project.faults, *misspelled(project)))
    asks = any(is_tensorflow(entry.name) for asked in project.sets for entry in asked)
    if not asks:
        return Checked(file=name, asks=False, takes=(), findings=_in_order(project.faults))
    return _Checker(_catalogue(store), platform, python).checked(name, project)


@lru_cache(maxsize=1)
def _catalogue(store: Store) -> Catalogue:
    """Return the catalogue of a knowledge base, which several files share."""
    return Catalogue(store)


class _Checker:
    """Checks a project, for one platform and Python where they are given."""

    def __init__(
        self, catalogue: Catalogue, platform: Platform | None, python: Python | None
    ) -> None:
        self._catalogue = catalogue
        self._platform = platform
        self._pythons = (python,) if python else ()

    def checked(self, name: str, project: Project) -> Checked:
        """Return what a project comes to, and what to do about each finding."""
        judged, taken = self._judged(project, self._pythons)
        drafts = _once(judged.drafts)
        findings = tuple(self._with_ways_out(project, judged, draft) for draft in drafts)
        return Checked(
            file=name,
            asks=True,
            takes=_takes(taken),
            findings=_in_order((*project.faults, *findings)),
            unjudged=_unjudged(project, taken),
        )

    def _with_ways_out(self, project: Project, judged: Judged, draft: Draft) -> Finding:
        trial = Trial(self._judge, project, judged, draft)
        ways = list(draft.mend(trial))
        if not ways and draft.finding.severity == "error":
            ways = [WayOut(told="see what fits", command=self._asking())]
        alternatives = [_as_alternative(way) for way in ways[1:]]
        return draft.finding._replace(ways_out=(*ways[:1], *alternatives))

    def _asking(self) -> str:
        """Return the command that asks what fits where the project is checked."""
        system, _, machine = (self._platform or "").partition("-")
        where = f" --os {system} --arch {machine}" if system else ""
        return f"python -m kb find{where}{''.join(f' --python {p}' for p in self._pythons)}"

    def _judge(self, project: Project, pythons: tuple[Python, ...]) -> Judged:
        return self._judged(project, pythons or self._pythons)[0]

    def _judged(
        self, project: Project, pythons: tuple[Python, ...]
    ) -> tuple[Judged, dict[str, list[PipChoice]]]:
        """Return what is found, and what pip does for each distribution."""
        wanted = environments(self._catalogue, project, self._platform, pythons)
        drafts: list[Draft] = []
        taken: dict[str, list[PipChoice]] = {}
        if not wanted and project.python is not None:
            drafts.append(_no_python(self._catalogue, project.python))
        for asked in project.sets:
            cases = _cases(self._catalogue, project, asked, wanted, not pythons)
            for case in cases:
                decisive = [draft for rule in DECISIVE for draft in rule(case)]
                drafts += decisive or [draft for rule in EACH for draft in rule(case)]
                taken.setdefault(case.name, []).extend([] if decisive else case.judged())
            drafts += [draft for together in TOGETHER for draft in together(cases)]
        takes_any = any(choice.taken for choices in taken.values() for choice in choices)
        return Judged(drafts=tuple(drafts), takes_any=takes_any), taken


def _as_alternative(way: WayOut) -> WayOut:
    """Return a way out as one after the first."""
    if not way.told or not way.told[0].islower():
        return way
    comma = "," if way.told.startswith("for ") else ""
    return way._replace(told=f"or{comma} {way.told}")


def _cases(
    catalogue: Catalogue,
    project: Project,
    asked: tuple[Asked, ...],
    wanted: tuple[Target, ...],
    any_python: bool,
) -> tuple[DistributionCase, ...]:
    """Return the distributions that a set asks for, each with what pip does in the environments."""
    by_name: dict[str, list[PipChoice]] = {}
    for environment in wanted:
        for choice in choices_of(catalogue, project, asked, environment):
            by_name.setdefault(choice.asked.name, []).append(choice)
    cases = []
    for found in by_name.values():
        choices = tuple(found)
        if project.python is None and any_python:
            choices = newest_pythons(choices)
        weighed_ones = tuple(weighed(catalogue, choice) for choice in choices)
        cases.append(
            DistributionCase(
                catalogue=catalogue,
                asked=choices[0].asked,
                choices=weighed_ones,
                python=project.python,
            )
        )
    return tuple(cases)


def _no_python(catalogue: Catalogue, python: PythonRange) -> Draft:
    def mend(trial: Trial) -> Iterator[WayOut]:
        newest = catalogue.newest_python
        if newest is not None:
            told = f"take in Python {newest}, the newest that has one"
            yield from trial.offer([Change(pythons=(newest,))], told)

    finding = Finding(
        rule="python",
        severity="error",
        text=f"no release of TensorFlow has a wheel for any Python of {python.text}",
        file=python.file,
        line=python.line,
    )
    return Draft(finding=finding, mend=mend)


def _unjudged(project: Project, taken: dict[str, list[PipChoice]]) -> tuple[str, ...]:
    """Return what is asked for beside TensorFlow that is no companion, and that it does not
    require.
    """
    known = {*COMPANIONS, *get_args(Distribution)}
    for choices in taken.values():
        for choice in choices:
            offer = choice.taken
            lines = (*offer.says().requires, *and_cuda(offer.says())) if offer else ()
            known.update(line.name for line in lines)
    asked = (e.name for entries in project.sets for e in entries if not e.constraint)
    return tuple(name for name in dict.fromkeys(asked) if name not in known)


def _takes(taken: dict[str, list[PipChoice]]) -> tuple[TakenRelease, ...]:
    """Return what pip takes of each distribution, on the first platform where it takes one."""
    found: list[TakenRelease] = []
    for name, choices in taken.items():
        platforms = [choice.environment.platform for choice in choices if choice.taken]
        pythons: dict[str, list[Python]] = {}
        for choice in choices:
            if choice.taken and choice.environment.platform == platforms[0]:
                own = pythons.setdefault(choice.taken.release.release, [])
                own += [p for p in [choice.environment.python] if p not in own]
        found += [
            TakenRelease(
                distribution=name,
                release=release,
                platform=platforms[0],
                pythons=tuple(pythons[release]),
            )
            for release in sorted(pythons, key=key, reverse=True)
        ]
    return tuple(found)


def _in_order(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Return each finding once, at the first of the places that it is about, in the order of files
    and lines, errors before warnings.
    """
    files = list(dict.fromkeys(finding.file for finding in findings))
    ordered = sorted(findings, key=lambda f: (files.index(f.file), f.line or 0, f.severity, f.rule))
    once: dict[tuple[object, ...], Finding] = {}
    for finding in ordered:
        is_of_its_line = finding.rule in ("unreadable", "not-checked")
        subject = finding[:] if is_of_its_line else (finding.rule, finding.text)
        once.setdefault(subject, finding)
    return tuple(once.values())


def _once(drafts: tuple[Draft, ...]) -> tuple[Draft, ...]:
    """Return the drafts, of those that tell the same at the same place the first."""
    return tuple({draft.finding: draft for draft in reversed(drafts)}.values())[::-1]
