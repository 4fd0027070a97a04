"""The JSON document that `python -m kb lookup --json` promises, as a JSON Schema.

Keys may be added to it; none may go, and none may change its meaning.
"""

from typing import Any, get_args

from kb.base.model import Device, Distribution, Platform
from kb.cells.rungs import Rung, Verdict

TEXT = {"type": "string", "minLength": 1}
VERSION = {
    "type": "string",
    "pattern": r"^[0-9]+(\.[0-9]+)*((a|b|rc)[0-9]+)?(\.(post|dev)[0-9]+)*$",
}
DOTTED = {"type": "string", "pattern": r"^[0-9]+(\.[0-9]+)*$"}
PYTHON = {"type": "string", "pattern": r"^[0-9](\.[0-9]+)?$"}
CAPABILITY = {"type": "string", "pattern": r"^[0-9]+\.[0-9]$"}
DAY = {"type": "string", "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [schema, {"type": "null"}]}


def _list(items: dict[str, Any], least: int = 0) -> dict[str, Any]:
    return {"type": "array", "items": items, "minItems": least}


def _mapping(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}


CELL = _mapping(
    python=PYTHON,
    device={"enum": list(get_args(Device))},
    rung={"enum": [*get_args(Rung), None]},
    standing={"enum": list(get_args(Verdict))},
    as_of=_or_null(DAY),
    proof=_list(TEXT),
    pins=_list(_mapping(pin=TEXT, when=_or_null(TEXT), sure=_or_null(TEXT))),
    setup=_list(TEXT, least=1),
    check=_list(TEXT, least=3),
    recipe=TEXT,
    sure=TEXT,
)
BUILD = _mapping(
    distribution={"enum": list(get_args(Distribution))},
    release=VERSION,
    platform={"enum": list(get_args(Platform))},
    device={"enum": list(get_args(Device))},
    python=_list(PYTHON, least=1),
    glibc=_or_null(DOTTED),
    macos=_or_null(DOTTED),
    cuda=_or_null(DOTTED),
    cudnn=_mapping(built=_or_null(DOTTED), documented=_or_null(DOTTED), installed=_or_null(DOTTED)),
    compute_capabilities=_or_null(_mapping(native=_list(CAPABILITY), ptx=_list(CAPABILITY))),
    driver=_or_null(_mapping(linux=DOTTED, windows=DOTTED)),
    minimum_driver=_or_null(
        _mapping(
            linux=DOTTED,
            windows=DOTTED,
            wsl2=_or_null(DOTTED),
            patches=_list(_mapping(cuda=DOTTED, linux=DOTTED, windows=DOTTED)),
            source=TEXT,
        )
    ),
    cells=_list(CELL, least=1),
)
DOCUMENT = _mapping(
    format={"const": 1},
    release=VERSION,
    series={"type": "string", "pattern": r"^[0-9]+\.[0-9]+$"},
    builds=_list(BUILD),
    contradictions=_list(
        _mapping(about=TEXT, claims=_list(_mapping(source=TEXT, says=TEXT), least=2))
    ),
    problems=_list(_mapping(id=TEXT, title=TEXT)),
    notes=_list(_mapping(id=TEXT, title=TEXT, told=TEXT)),
    sources=_list(
        _mapping(id=TEXT, url=_or_null({"type": "string", "pattern": "^https://"}), read=DAY)
    ),
)
