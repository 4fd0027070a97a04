"""The JSON document that `python -m kb diff --json` promises. Fields may be added; none may go,
and none may change its meaning.
"""

from kb.base.json_values import json_text
from kb.base.model import Format, Version
from kb.base.record import Record
from kb.base.versions import Kind, kind
from kb.diff.answer import Diff, Difference


class DiffDocument(Record):
    """The releases that are compared, and what changes from the one to the other; the kinds tell
    of candidates and nightlies.
    """

    format: Format
    before: Version
    before_kind: Kind
    after: Version
    after_kind: Kind
    changes: tuple[Difference, ...]


def document(found: Diff) -> str:
    """Return the JSON document of what changes."""
    return json_text(
        DiffDocument(
            format=1,
            before=found.before,
            before_kind=kind(found.before),
            after=found.after,
            after_kind=kind(found.after),
            changes=found.changes,
        )
    )
