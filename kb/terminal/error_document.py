"""The JSON document that tells an error, of every command that has `--json`. Fields may be added;
none may go, and none may change its meaning.
"""

from kb.base.errors import CompatError
from kb.base.json_values import json_text
from kb.base.model import Format
from kb.base.printable import printable
from kb.base.record import Record


class ErrorText(Record):
    """What went wrong: its kind, and the line that tells it."""

    kind: str
    text: str


class ErrorDocument(Record):
    """An error, and what comes nearest to what was asked for."""

    format: Format
    error: ErrorText
    nearest: tuple[str, ...]


def document(error: CompatError) -> str:
    """Return the JSON document of an error."""
    text = ErrorText(error.kind, printable(str(error)))
    return json_text(ErrorDocument(1, text, tuple(map(printable, error.nearest))))
