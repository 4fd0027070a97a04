"""Write records as JSON: a mapping of all fields in their order; what is unknown is null."""

import json
from typing import Any

from kb.base.record import Record


def json_value(value: Any) -> Any:
    """Return a record as mappings, lists and scalars, with all of its fields."""
    if isinstance(value, Record):
        return {name: json_value(field) for name, field in zip(value._fields, value, strict=True)}
    if isinstance(value, tuple):
        return [json_value(item) for item in value]
    if isinstance(value, dict):
        return {name: json_value(item) for name, item in value.items()}
    return value


def json_text(document: Record) -> str:
    """Return a document as the commands print it; what could steer a terminal is escaped."""
    text = json.dumps(json_value(document), indent=2, ensure_ascii=False)
    if text.replace("\n", "").isprintable():
        return text
    return "".join(
        letter if letter == "\n" or letter.isprintable() else json.dumps(letter)[1:-1]
        for letter in text
    )


def json_line(document: Any) -> str:
    """Return a document in the fewest letters, in one line."""
    return json.dumps(json_value(document), ensure_ascii=False, separators=(",", ":"))
