"""The JSON Schema of `api/v1`: a definition for each kind of document.

Objects may have more fields than are told: within v1 fields are added. None goes, none changes its
sense, and those that are told are there.
"""

from typing import Any

from kb.base.model import (
    Capability,
    Day,
    Device,
    Distribution,
    Dotted,
    GpuModel,
    Outcome,
    Platform,
    Problem,
    Python,
    RecipeId,
    Trust,
    Version,
)
from kb.base.schema import DIALECT, of_annotation
from kb.cells.standing import Rung, Verdict
from kb.facts.claims import Source
from kb.facts.contradictions import Claim

Schema = dict[str, Any]
_TEXT: Schema = {"type": "string"}
_TRUTH: Schema = {"type": "boolean"}


def api_schema() -> Schema:
    """Return the schema: `#/$defs/index`, `series`, `gpus`, `problems`, `runs` and `find`."""
    definitions: Schema = {}
    documents = {
        "index": _document("api/v1/index.json", **_index(definitions)),
        "series": _document("api/v1/series/<series>.json", **_series(definitions)),
        "gpus": _document("api/v1/gpus.json", gpus=_list(_open(GpuModel, definitions))),
        "problems": _document("api/v1/problems.json", problems=_list(_open(Problem, definitions))),
        "runs": _document("api/v1/runs.json", runs=_list(_run(definitions))),
        "find": _document("api/v1/find.json", fields=_object(), offers=_list({"type": "array"})),
    }
    return {
        "$schema": DIALECT,
        "title": "The documents of api/v1",
        "anyOf": [{"$ref": f"#/$defs/{name}"} for name in documents],
        "$defs": {**documents, **definitions},
    }


def _open(kind: Any, definitions: Schema) -> Schema:
    return of_annotation(kind, definitions, closed=False)


def _document(title: str, **fields: Schema) -> Schema:
    return {"title": title, **_object(format={"const": 1}, **fields)}


def _object(**fields: Schema) -> Schema:
    return {"type": "object", "properties": fields, "required": list(fields)}


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _index(known: Schema) -> Schema:
    entry = _object(
        series=_open(Dotted, known),
        release=_open(Version, known),
        released=_open(Day, known),
        nightly=_TRUTH,
        python=_list(_open(Python, known)),
        cuda=_list(_open(Dotted, known)),
        platforms=_list(_open(Platform, known)),
        file=_TEXT,
    )
    files = {"type": "object", "additionalProperties": _TEXT}
    return {"promise": _TEXT, "schema": _TEXT, "files": files, "series": _list(entry)}


def _series(known: Schema) -> Schema:
    placeholder = _object(
        distribution=_open(Distribution, known),
        release=_open(Version, known),
        sdist=_open(str | None, known),
    )
    problem = _object(
        id=_TEXT, title=_TEXT, cause=_TEXT, way_out=_list(_TEXT), sources=_list(_TEXT)
    )
    return {
        "release": _open(Version, known),
        "series": _open(Dotted, known),
        "builds": _list(_build(known)),
        "placeholders": _list(placeholder),
        "contradictions": _list(_object(about=_TEXT, claims=_list(_open(Claim, known)))),
        "problems": _list(problem),
        "sources": _list(_open(Source, known)),
    }


def _build(known: Schema) -> Schema:
    dotted = _open(Dotted | None, known)
    capabilities = _object(
        native=_list(_open(Capability, known)), ptx=_list(_open(Capability, known))
    )
    wheel = _object(
        file=_TEXT,
        python=_list(_open(Python, known)),
        size=_open(int | None, known),
        sha256=_TEXT,
        uploaded=_open(str | None, known),
        yanked=_open(str | None, known),
    )
    return _object(
        distribution=_open(Distribution, known),
        release=_open(Version, known),
        released=_open(Day, known),
        platform=_open(Platform, known),
        device=_open(Device, known),
        python=_list(_open(Python, known)),
        glibc=dotted,
        macos=dotted,
        requires=_open(str | None, known),
        cuda=dotted,
        cudnn=_object(built=dotted, documented=dotted, installed=dotted),
        compute_capabilities=_or_null(capabilities),
        driver=_or_null(_object(linux=_open(Dotted, known), windows=_open(Dotted, known))),
        wheels=_list(wheel),
        cells=_list(_cell(known)),
    )


def _cell(known: Schema) -> Schema:
    text = _open(str | None, known)
    pin = _object(pin=_TEXT, when=text, reason=_TEXT, source=text, runs=_list(_TEXT))
    path = _object(reason=_TEXT, source=text, runs=_list(_TEXT))
    avoided = _object(requirements=_list(_TEXT), conflict=text, since=_open(Day, known))
    return _object(
        python=_open(Python, known),
        device=_open(Device, known),
        rung=_open(Rung | None, known),
        standing=_open(Verdict, known),
        as_of=_open(Day | None, known),
        trust=_open(Trust | None, known),
        why=text,
        proof=_list(_TEXT),
        pins=_list(pin),
        library_path=_or_null(path),
        avoided=_or_null(avoided),
        setup=_list(_TEXT),
        check=_list(_TEXT),
        expected=_list(_TEXT),
        recipe=_open(RecipeId, known),
    )


def _run(known: Schema) -> Schema:
    return _object(
        id=_TEXT,
        distribution=_open(Distribution, known),
        release=_open(Version, known),
        platform=_open(Platform, known),
        python=_open(Python, known),
        device=_open(Device, known),
        recipe=_open(RecipeId, known),
        started=_TEXT,
        outcome=_open(Outcome, known),
        proves=_open(Rung | None, known),
        why=_open(str | None, known),
        trust=_open(Trust, known),
    )


def _or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}
