"""`python -m kb schema`: the JSON Schema of the files, or of what a question's `--json` prints."""

import argparse
import json

from kb.base.record import Record
from kb.base.schema import document_schema, schema
from kb.check.document import CheckDocument
from kb.companion.document import CompanionDocument
from kb.diff.document import DiffDocument
from kb.doctor.document import DoctorDocument
from kb.explain.document import ExplainDocument
from kb.export.document import ExportDocument
from kb.find.document import FindDocument
from kb.list.document import ListDocument
from kb.lookup.document import LookupDocument
from kb.problem.document import AskedProblemDocument
from kb.terminal.error_document import ErrorDocument

ANSWERS: dict[str, type[Record]] = {
    "lookup": LookupDocument,
    "companion": CompanionDocument,
    "list": ListDocument,
    "find": FindDocument,
    "explain": ExplainDocument,
    "problem": AskedProblemDocument,
    "check": CheckDocument,
    "doctor": DoctorDocument,
    "diff": DiffDocument,
    "export": ExportDocument,
    "error": ErrorDocument,
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.epilog = "Example: %(prog)s lookup"
    parser.add_argument(
        "answer",
        nargs="?",
        type=str.lower,
        choices=tuple(ANSWERS),
        metavar="ANSWER",
        help=f"the answer as JSON that it is of: {', '.join(ANSWERS)}; the files where not given",
    )


def run(options: argparse.Namespace) -> int:
    """Print the schema, and return the exit status."""
    name = options.answer
    found = schema() if name is None else answer_schema(name)
    print(json.dumps(found, indent=2))
    return 0


def answer_schema(name: str) -> dict[str, object]:
    """Return the schema of an answer as JSON. Raises KeyError."""
    return document_schema(f"The JSON document of `{name}`", {name: ANSWERS[name]})
