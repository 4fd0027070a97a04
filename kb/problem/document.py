"""The JSON document that `python -m kb problem --json` promises: its records, and how an answer
fills them. Fields may be added; none may go, and none may change its meaning.
"""

from kb.base.findings import WayOutDocument, way_out_document
from kb.base.json_values import json_text
from kb.base.model import (
    Bounds,
    Capability,
    Device,
    Format,
    MessageSeverity,
    Platform,
    Python,
    Slug,
)
from kb.base.record import Record
from kb.problem.records import IdKind, NotHit, ProblemAnswer, Titled


class OneProblemDocument(Record):
    """What is known under an id; `fix` has each way out as one text. An empty list of releases,
    platforms, devices, Pythons, capabilities or kinds of GPUs means any.
    """

    id: Slug
    kind: IdKind
    title: str
    severity: MessageSeverity | None
    releases: tuple[Bounds, ...]
    platforms: tuple[Platform, ...]
    devices: tuple[Device, ...]
    python: tuple[Python, ...]
    compute_capabilities: tuple[Capability, ...]
    gpus: tuple[str, ...]
    kinds: tuple[str, ...]
    beside: tuple[str, ...]
    looks_like: tuple[str, ...]
    cause: str
    fix: tuple[str, ...]
    ways_out: tuple[WayOutDocument, ...]
    sources: tuple[str, ...]
    problems: tuple[Titled, ...]
    not_hit: tuple[NotHit, ...]


class AskedProblemDocument(Record):
    """What is known under the id that is asked for, or null; and where none is asked for, all ids
    that can be opened.
    """

    format: Format
    problem: OneProblemDocument | None
    listed: tuple[Titled, ...]


def document(found: ProblemAnswer | None, listed: tuple[Titled, ...] = ()) -> str:
    """Return the JSON document of what is known under an id, or of all ids."""
    return json_text(AskedProblemDocument(1, None if found is None else _one(found), listed))


def _one(found: ProblemAnswer) -> OneProblemDocument:
    fields = found._asdict()
    ways_out = tuple(map(way_out_document, fields.pop("ways_out")))
    python = fields.pop("pythons")
    return OneProblemDocument(**fields, fix=found.fix, ways_out=ways_out, python=python)
