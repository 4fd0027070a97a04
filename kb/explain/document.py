"""The JSON document that `python -m kb explain --json` promises: its records, and how an
explanation fills them. Fields may be added; none may go, and none may change its meaning.
"""

from kb.answers.messages import Explanation, Match
from kb.base.findings import WayOutDocument, way_out_document
from kb.base.json_values import json_text
from kb.base.model import Bounds, Format, MessageSeverity, Slug
from kb.base.record import Record


class MatchDocument(Record):
    """A message that was found, and what it means; `fix` has each way out as one text. `releases`
    is null where it may be any; `source` is the first of the sources.
    """

    id: Slug
    title: str
    severity: MessageSeverity
    cause: str
    fix: tuple[str, ...]
    ways_out: tuple[WayOutDocument, ...]
    releases: tuple[Bounds, ...] | None
    source: str | None
    sources: tuple[str, ...]
    seen: str


class CloseDocument(Record):
    """A known message that shares words with the text, where none was found in it."""

    id: Slug
    title: str


class ExplainDocument(Record):
    """The messages that were found, the likeliest cause first, harmless ones last; and the
    exception that the text ends with where none of them explains it.
    """

    format: Format
    matches: tuple[MatchDocument, ...]
    closest: tuple[CloseDocument, ...]
    unknown: str | None


def document(explanation: Explanation) -> str:
    """Return the JSON document of an explanation."""
    return json_text(explain_document(explanation))


def explain_document(explanation: Explanation) -> ExplainDocument:
    """Return the document of an explanation."""
    return ExplainDocument(
        format=1,
        matches=tuple(map(_match, explanation.matches)),
        closest=tuple(CloseDocument(name, title) for name, title in explanation.closest),
        unknown=explanation.unknown,
    )


def _match(match: Match) -> MatchDocument:
    return MatchDocument(
        id=match.id,
        title=match.title,
        severity=match.severity,
        cause=match.cause,
        fix=match.fix,
        ways_out=tuple(map(way_out_document, match.ways_out)),
        releases=match.releases or None,
        source=next(iter(match.sources), None),
        sources=match.sources,
        seen=match.seen,
    )
