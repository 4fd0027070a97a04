"""The JSON document that `python -m kb check --json` promises: its records, and how what is found
fills them. Fields may be added; none may go, and none may change its meaning.
"""

from kb.base.findings import Finding, Severity, WayOutDocument, way_out_document
from kb.base.json_values import json_text
from kb.base.model import Format, Platform, Python, WayOut
from kb.base.record import Record
from kb.base.versions import Kind, kind
from kb.check.answer import Checked
from kb.check.changes import Change, TriedWayOut


class TakenDocument(Record):
    """A release that pip takes for a file, and on which Pythons, on one platform."""

    file: str
    distribution: str
    release: str
    kind: Kind
    platform: Platform
    python: tuple[Python, ...]


class RemedyDocument(WayOutDocument):
    """A way out, and the change of what the project asks for that it comes to, where it is one."""

    change: Change | None


class FindingDocument(Record):
    """What is found in a line of a file, counted from 1; `fix` has each way out as one text."""

    file: str | None
    line: int | None
    rule: str
    severity: Severity
    text: str
    fix: tuple[str, ...]
    ways_out: tuple[RemedyDocument, ...]
    sources: tuple[str, ...]


class UnjudgedDocument(Record):
    """The projects that a file asks for, and of which nobody looked at what they require."""

    file: str
    names: tuple[str, ...]


class CheckDocument(Record):
    """The files that were checked, what pip takes for them, what is found in them, and what is not
    judged.
    """

    format: Format
    files: tuple[str, ...]
    takes: tuple[TakenDocument, ...]
    findings: tuple[FindingDocument, ...]
    unjudged: tuple[UnjudgedDocument, ...]


def document(checked: tuple[Checked, ...]) -> str:
    """Return the JSON document of the files that were checked."""
    return json_text(check_document(checked))


def check_document(checked: tuple[Checked, ...]) -> CheckDocument:
    """Return the document of the files that were checked."""
    return CheckDocument(
        format=1,
        files=tuple(result.file for result in checked),
        takes=tuple(
            TakenDocument(
                file=result.file,
                distribution=taken.distribution,
                release=taken.release,
                kind=kind(taken.release),
                platform=taken.platform,
                python=taken.pythons,
            )
            for result in checked
            for taken in result.takes
        ),
        findings=tuple(_finding(finding) for result in checked for finding in result.findings),
        unjudged=tuple(
            UnjudgedDocument(file=result.file, names=result.unjudged)
            for result in checked
            if result.unjudged
        ),
    )


def _finding(finding: Finding) -> FindingDocument:
    return FindingDocument(
        file=finding.file,
        line=finding.line,
        rule=finding.rule,
        severity=finding.severity,
        text=finding.text,
        fix=finding.fix,
        ways_out=tuple(map(_remedy, finding.ways_out)),
        sources=finding.sources,
    )


def _remedy(way: WayOut) -> RemedyDocument:
    change = way.change if isinstance(way, TriedWayOut) else None
    return RemedyDocument(**way_out_document(way)._asdict(), change=change)
