"""The JSON Schema of the knowledge base's files, from the records' own annotations."""

from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from kb import model

FILES: dict[str, Any] = {
    "releases/<series>.yaml": model.SeriesFile,
    "plugins/<distribution>.yaml": model.PluginFile,
    "wheels/<series or plug-in>.yaml": model.WheelsFile,
    "cuda.yaml": model.CudaFile,
    "gpus.yaml": model.GpusFile,
    "problems.yaml": model.ProblemsFile,
    "pins.yaml": model.PinsFile,
    "library_paths.yaml": model.LibraryPathsFile,
    "tools.yaml": model.ToolsFile,
    "errors.yaml": model.ErrorsFile,
    "libraries.yaml": model.LibrariesFile,
    "plugin_pairs.yaml": model.PluginPairsFile,
    "resolutions/<series>.yaml": model.ResolutionsFile,
    "evidence/<series>.yaml": model.EvidenceFile,
    "attestations.yaml": model.AttestationsFile,
}


def schema() -> dict[str, Any]:
    """Return one JSON Schema (2020-12): a definition for each file and each record.

    A file must match the definition named after its record; the title tells which file that is.
    """
    definitions: dict[str, Any] = {}
    for name, kind in FILES.items():
        _define(kind, definitions)
        definitions[kind.__name__]["title"] = name
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "The files of the knowledge base",
        "anyOf": [{"$ref": f"#/$defs/{kind.__name__}"} for kind in FILES.values()],
        "$defs": dict(sorted(definitions.items())),
    }


def _define(kind: Any, definitions: dict[str, Any]) -> None:
    if kind.__name__ in definitions:
        return
    definitions[kind.__name__] = {}
    hints = get_type_hints(kind, include_extras=True)
    definitions[kind.__name__] = {
        "description": " ".join(kind.__doc__.split()),
        "type": "object",
        "properties": {name: _schema(hints[name], definitions) for name in kind._fields},
        "required": [name for name in kind._fields if name not in kind._field_defaults],
        "additionalProperties": False,
    }


def _schema(kind: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    origin = get_origin(kind)
    if origin is Annotated:
        return {"type": "string", "pattern": f"^(?:{get_args(kind)[1]})$"}
    if origin is Literal:
        return {"enum": list(get_args(kind))}
    if origin is tuple:
        return {"type": "array", "items": _schema(get_args(kind)[0], definitions)}
    if origin in (Union, UnionType):
        inner = [_schema(part, definitions) for part in get_args(kind) if part is not NoneType]
        return {"anyOf": [*inner, {"type": "null"}]}
    plain = {str: "string", int: "integer", float: "number", bool: "boolean"}
    if kind in plain:
        return {"type": plain[kind]}
    _define(kind, definitions)
    return {"$ref": f"#/$defs/{kind.__name__}"}
