"""What machines read: JSON, badges, and `llms.txt`."""

import json
from collections.abc import Iterator
from typing import Any

from kb.base.names import PLATFORM_NAMES
from kb.base.record import Record
from kb.base.versions import spans
from kb.cells.standing import RUNGS
from kb.lookup import document as as_json
from kb.lookup.answer import Answer
from pages.api_schema import api_schema
from pages.facts import cuda_facts
from pages.knowledge import Knowledge, is_nightly
from pages.render import File
from pages.rungs import best_of

API = "api/v1"
_RUN_FIELDS = (
    *("id", "distribution", "release", "platform", "python", "device", "recipe"),
    *("started", "outcome", "proves", "why", "trust"),
)
_COLOURS = {"documented": "lightgrey", "shipped": "lightgrey", "resolves": "blue"}


def machine_files(knowledge: Knowledge) -> Iterator[File]:
    """Yield every file that machines read, but for `llms.txt`."""
    yield _document("index", _index(knowledge))
    yield File(f"{API}/schema.json", _json(api_schema()))
    yield File(f"{API}/find.json", knowledge.index_text)
    yield _document("gpus", {"gpus": _plain(knowledge.gpus.gpus)})
    yield _document("problems", {"problems": _plain(knowledge.problems.problems)})
    runs = [{name: getattr(run, name) for name in _RUN_FIELDS} for run in knowledge.runs]
    yield _document("runs", {"runs": runs})
    for name, answer in knowledge.answers.items():
        yield _document(f"series/{name}", as_json.content(answer))
        yield File(f"badges/{name}.json", _json(_badge(answer)))


def _document(name: str, content: dict[str, Any]) -> File:
    return File(f"{API}/{name}.json", _json({"format": 1, **content}))


def _json(content: dict[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")) + "\n"


def _index(knowledge: Knowledge) -> dict[str, Any]:
    return {
        "promise": "Within v1, fields are added and never renamed, removed or given another sense.",
        "schema": "schema.json",
        "files": {name: f"{name}.json" for name in ("find", "gpus", "problems", "runs")},
        "series": [_entry(answer) for answer in knowledge.answers.values()],
    }


def _entry(answer: Answer) -> dict[str, Any]:
    platforms = {build.published.build.platform for build in answer.builds}
    return {
        "series": answer.series,
        "release": answer.release,
        "released": answer.released,
        "nightly": is_nightly(answer),
        "python": list(_pythons(answer)),
        "cuda": sorted({facts.cuda for facts in cuda_facts(answer) if facts.cuda}),
        "platforms": [platform for platform in PLATFORM_NAMES if platform in platforms],
        "file": f"series/{answer.series}.json",
    }


def _pythons(answer: Answer) -> tuple[str, ...]:
    return tuple(dict.fromkeys(python for build in answer.builds for python in build.pythons))


def _badge(answer: Answer) -> dict[str, Any]:
    """Return what a shield shows: the highest rung of the series' CPU cells, and its Pythons."""
    best = best_of(
        cell for build in answer.builds for cell in build.cells if cell.key.device == "cpu"
    )
    standing = best.standing if best else None
    message, colour = "unknown", "lightgrey"
    if standing and standing.standing == "broken":
        message, colour = "broken", "red"
    elif standing and standing.rung in RUNGS:
        message = f"{standing.rung} on Python {spans(list(_pythons(answer)))}"
        colour = _COLOURS.get(standing.rung, "brightgreen")
    return {
        "schemaVersion": 1,
        "label": f"TensorFlow {answer.series}",
        "message": message,
        "color": colour,
    }


def _plain(value: Any) -> Any:
    """Return records as mappings, all the way down."""
    if isinstance(value, Record):
        return {name: _plain(one) for name, one in value._asdict().items()}
    return [_plain(one) for one in value] if isinstance(value, tuple) else value
