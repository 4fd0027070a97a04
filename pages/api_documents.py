"""The documents of `api/v1`, and their JSON Schema.

Within v1 fields are added. None goes, none changes its sense, and those that are told are there.
"""

from typing import Any, Literal

from kb.base.findings import WayOutDocument
from kb.base.model import (
    Account,
    Bounds,
    Capability,
    Day,
    Device,
    Distribution,
    Dotted,
    Format,
    GpuModel,
    Line,
    Moment,
    Outcome,
    Platform,
    Proves,
    Python,
    RecipeId,
    RunId,
    Slug,
    Trust,
    Url,
    Version,
)
from kb.base.record import Record
from kb.base.schema import document_schema
from kb.base.versions import Kind
from kb.lookup.document import LookupDocument


class SeriesEntry(Record):
    """A series at a glance, and where its own file is. Where it has no release yet, `kind` tells
    what it has: a candidate, or a `nightly`.
    """

    series: Dotted
    release: Version
    kind: Kind
    released: Day
    nightly: bool
    python: tuple[Python, ...]
    cuda: tuple[Dotted, ...]
    platforms: tuple[Platform, ...]
    file: str


class OverviewDocument(Record):
    """Every series, and where the other files are."""

    format: Format
    promise: str
    schema: str
    files: dict[str, str]
    series: tuple[SeriesEntry, ...]


class GpusDocument(Record):
    """GPUs and their compute capabilities."""

    format: Format
    gpus: tuple[GpuModel, ...]


class ProblemEntry(Record):
    """A known problem, and whom it hits; an empty list of platforms, devices, Pythons or
    capabilities means all. It hits beside one of the requirements in `beside`, where there are any,
    and where `only_with` names a part of TensorFlow, those alone who use that.
    `way_out` has each of the `ways_out` as one text.
    """

    id: Slug
    title: Line
    releases: Bounds
    platforms: tuple[Platform, ...]
    devices: tuple[Device, ...]
    pythons: tuple[Python, ...]
    compute_capabilities: tuple[Capability, ...]
    looks_like: tuple[Line, ...]
    cause: Line
    way_out: tuple[str, ...]
    sources: tuple[Url, ...]
    rejects: bool
    kinds: tuple[Line, ...]
    beside: tuple[Line, ...]
    ways_out: tuple[WayOutDocument, ...]
    only_with: Literal["xla"] | None


class ProblemsDocument(Record):
    """Known problems, whom they hit, and the ways out."""

    format: Format
    problems: tuple[ProblemEntry, ...]


class RunEntry(Record):
    """A run: the cell and the recipe that were tried, what came of it and whom to believe. `runner`
    is the account that ran it; null where nobody knows, and where our own workflow did.
    """

    id: RunId
    distribution: Distribution
    release: Version
    platform: Platform
    python: Python
    device: Device
    recipe: RecipeId
    started: Moment
    outcome: Outcome
    proves: Proves | None
    why: Line | None
    trust: Trust
    runner: Account | None


class RunsDocument(Record):
    """All runs, the newest first."""

    format: Format
    runs: tuple[RunEntry, ...]


class FinderDocument(Record):
    """What `find` answers from (`kb.index.records`); `fields` names the fields of its rows. Its
    content changes with its format.
    """

    format: Format
    fields: dict[str, tuple[str, ...]]
    offers: tuple[tuple[Any, ...], ...]


def api_schema() -> dict[str, Any]:
    """Return the schema: `#/$defs/index`, `series`, `gpus`, `problems`, `runs` and `find`."""
    documents: dict[str, type[Record]] = {
        "index": OverviewDocument,
        "series": LookupDocument,
        "gpus": GpusDocument,
        "problems": ProblemsDocument,
        "runs": RunsDocument,
        "find": FinderDocument,
    }
    return document_schema("The documents of api/v1", documents)
