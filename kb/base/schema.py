"""JSON Schemas (2020-12) of the knowledge base's files and of answers, from the annotations of
their records.
"""

from collections.abc import Mapping
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from kb.base import requirement
from kb.base.files import DATA_FILES
from kb.base.record import Record

DIALECT = "https://json-schema.org/draft/2020-12/schema"


_REQUIRED = {"type": "string", "pattern": f"^(?:{requirement.PATTERN})$"}
_PLAIN: dict[Any, dict[str, Any]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    requirement.Requirement: _REQUIRED,
    requirement.Specifier: _REQUIRED,
    Any: {},
}


def schema() -> dict[str, Any]:
    """Return the schema of all files: a definition for each file and each record.

    A file must match the definition named after its record; the title tells which file that is.
    """
    definitions: dict[str, Any] = {}
    for file in DATA_FILES:
        of_annotation(file.kind, definitions)
        definitions[file.kind.__name__]["title"] = file.pattern
    return {
        "$schema": DIALECT,
        "title": "The files of the knowledge base",
        "anyOf": [{"$ref": f"#/$defs/{file.kind.__name__}"} for file in DATA_FILES],
        "$defs": dict(sorted(definitions.items())),
    }


def document_schema(title: str, documents: Mapping[str, type[Record]]) -> dict[str, Any]:
    """Return the schema of JSON documents: a definition for each by its name, and for each record.

    A document has every field, and may have more than are told: answers gain fields.
    """
    definitions: dict[str, Any] = {}
    for kind in documents.values():
        of_annotation(kind, definitions, closed=False)
    named = {name: definitions.pop(kind.__name__) for name, kind in documents.items()}
    return {
        "$schema": DIALECT,
        "title": title,
        "anyOf": [{"$ref": f"#/$defs/{name}"} for name in named],
        "$defs": {**named, **dict(sorted(definitions.items()))},
    }


def of_annotation(kind: Any, definitions: dict[str, Any], closed: bool = True) -> dict[str, Any]:
    """Return the schema of a field's annotation; records go into `definitions`. A record that is
    not closed may have more fields than are told, and has those that it could leave out.
    """
    origin, parts = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return {"type": "string", "pattern": f"^(?:{parts[1]})$"}
    if origin is Literal:
        return {"enum": list(parts)}
    if origin is tuple:
        return {"type": "array", "items": of_annotation(parts[0], definitions, closed)}
    if origin is dict:
        values = of_annotation(parts[1], definitions, closed)
        return {"type": "object", "additionalProperties": values}
    if origin in (Union, UnionType):
        inner = [of_annotation(part, definitions, closed) for part in parts if part is not NoneType]
        return {"anyOf": [*inner, {"type": "null"}]}
    if kind in _PLAIN:
        return _PLAIN[kind]
    if kind.__name__ not in definitions:
        _define(kind, definitions, closed)
    return {"$ref": f"#/$defs/{kind.__name__}"}


def _define(kind: Any, definitions: dict[str, Any], closed: bool) -> None:
    definitions[kind.__name__] = {}
    hints = get_type_hints(kind, include_extras=True)
    left_out = kind._field_defaults if closed else ()
    description = {"description": " ".join(kind.__doc__.split())}
    mapping = {
        "type": "object",
        "properties": {
            name: of_annotation(hints[name], definitions, closed) for name in kind._fields
        },
        "required": [name for name in kind._fields if name not in left_out],
        "additionalProperties": not closed,
    }
    if kind.text_field is None or not closed:
        definitions[kind.__name__] = {**description, **mapping}
    else:
        text = of_annotation(hints[kind.text_field], definitions, closed)
        definitions[kind.__name__] = {**description, "anyOf": [text, mapping]}
