"""Does what a project asks for exist, and does it fit together? What pip would take, and findings.

Nothing is installed and nothing is asked of an index: the knowledge base knows the releases, their
wheels, what these require, the pins and the runs.
"""

import os

from kb.base.findings import Finding
from kb.base.model import Platform, Python, WayOut
from kb.base.names import is_tensorflow
from kb.base.record import Record
from kb.base.store import Store
from kb.base.versions import key
from kb.check.asked import Asked, Fault, Project
from kb.check.case import DistributionCase
from kb.check.catalogue import Catalogue, Target
from kb.check.lines import requirements
from kb.check.pip import PipChoice, choices_of, environments, newest_pythons, weighed
from kb.check.rules import DECISIVE, EACH, TOGETHER
from kb.check.text import read_text
from kb.check.toml import pyproject


class TakenRelease(Record):
    """A release that pip takes, and on which Pythons, on one platform."""

    distribution: str
    release: str
    platform: Platform
    pythons: tuple[Python, ...]


class Checked(Record):
    """What a file asks for comes to: findings in the order of their lines, errors first on each;
    what pip takes, newest first; and whether TensorFlow is asked for at all.
    """

    file: str
    asks: bool
    takes: tuple[TakenRelease, ...]
    findings: tuple[Finding, ...]

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
    project = (pyproject if name.endswith(".toml") else requirements)(name, text)
    asks = any(is_tensorflow(entry.name) for asked in project.sets for entry in asked)
    if not asks:
        return Checked(file=name, asks=False, takes=(), findings=_ordered(project.faults))
    return _judged(Catalogue(store), name, project, platform, python)


def _judged(
    catalogue: Catalogue,
    name: str,
    project: Project,
    platform: Platform | None,
    python: Python | None,
) -> Checked:
    wanted = environments(catalogue, project, platform, python)
    findings = list(project.faults)
    taken: dict[str, list[PipChoice]] = {}
    if not wanted and project.python is not None:
        findings.append(_no_python(catalogue, project))
    for asked in project.sets:
        cases = _cases(catalogue, project, asked, wanted, python)
        for case in cases:
            decisive = [finding for rule in DECISIVE for finding in rule(case)]
            findings += decisive or [finding for rule in EACH for finding in rule(case)]
            taken.setdefault(case.name, []).extend([] if decisive else case.judged())
        findings += [finding for together in TOGETHER for finding in together(cases)]
    return Checked(file=name, asks=True, takes=_takes(taken), findings=_ordered(tuple(findings)))


def _cases(
    catalogue: Catalogue,
    project: Project,
    asked: tuple[Asked, ...],
    wanted: tuple[Target, ...],
    python: Python | None,
) -> tuple[DistributionCase, ...]:
    """Return the distributions that a set asks for, each with what pip does in the environments."""
    by_name: dict[str, list[PipChoice]] = {}
    for environment in wanted:
        for choice in choices_of(catalogue, project, asked, environment):
            by_name.setdefault(choice.asked.name, []).append(choice)
    cases = []
    for found in by_name.values():
        choices = tuple(found)
        if project.python is None and python is None:
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


def _no_python(catalogue: Catalogue, project: Project) -> Finding:
    python = project.python
    assert python is not None  # noqa: S101  # its callers know
    newest = catalogue.newest_python
    return Finding(
        rule="python",
        severity="error",
        text=f"no release of TensorFlow has a wheel for any Python of {python.text}",
        ways_out=(WayOut(told=f"take in Python {newest}, the newest that has one"),),
        file=python.file,
        line=python.line,
    )


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


def _ordered(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Return each finding once, at the first of the places that it is about, in the order of files
    and lines, errors before warnings.
    """
    files = list(dict.fromkeys(finding.file for finding in findings))
    ordered = sorted(
        dict.fromkeys(findings),
        key=lambda f: (files.index(f.file), f.line or 0, f.severity, f.rule),
    )
    once: dict[tuple[object, ...], Finding] = {}
    for finding in ordered:
        is_of_its_line = finding.rule in ("unreadable", "not-checked")
        subject = finding if is_of_its_line else (finding.rule, finding.text)
        once.setdefault(subject, finding)
    return tuple(once.values())
