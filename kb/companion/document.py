"""The JSON document that `python -m kb companion --json` promises: its records, and how an answer
fills them. Fields may be added; none may go, and none may change its meaning.
"""

from kb.base.json_values import json_text
from kb.base.model import CompanionNote, CompanionRelease, CompanionTie, Format, Platform, Python
from kb.base.record import Record
from kb.base.requirement import Requirement
from kb.companion.answer import CompanionAnswer
from kb.facts.companions import By, Verdict


class CompanionRowDocument(Record):
    """A release of a companion, the newest for a series of TensorFlow on these Pythons of these
    platforms, and the newest TensorFlow of it that it goes with. `verdict` is `goes` where bounds
    end within the major version, `open` where they do not; `by` tells whose `bounds` these are.
    """

    series: str
    tensorflow: str
    release: str
    python: tuple[Python, ...]
    platforms: tuple[Platform, ...]
    verdict: Verdict
    by: By | None
    bounds: str | None
    needs: tuple[Requirement, ...]


class CompanionDocument(Record):
    """What is known of a companion: how many releases, the newest, by what it is tied to
    TensorFlow, what goes with what, and what METADATA do not tell.
    """

    format: Format
    companion: str
    releases: int
    newest: CompanionRelease
    tie: CompanionTie | None
    rows: tuple[CompanionRowDocument, ...]
    notes: tuple[CompanionNote, ...]


def document(found: CompanionAnswer) -> str:
    """Return the JSON document of an answer."""
    rows = []
    for row in found.rows:
        fields = row._asdict()
        python = fields.pop("pythons")
        rows.append(CompanionRowDocument(**fields, python=python))
    own = found._asdict() | {"rows": tuple(rows)}
    return json_text(CompanionDocument(format=1, **own))
