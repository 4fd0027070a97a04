"""The whole knowledge base as one JSON document.

`format`, then by name: `series`, `plugins`, `wheels`, `resolutions`, `evidence`, each a mapping of
the files of that folder; `cuda`, `gpus`, `problems`, `pins`, `library_paths`, `tools`, `errors`,
`libraries`, `plugin_pairs`, `attestations`, each one file. Their fields are those that
`python -m kb schema` prints, none left out: what is unknown is null. At last `cells`: a list of
what can be set up, each with where it stands, its proof, its pins, and the texts of its set-up and
its check (`kb.export.document.CellExport`).
"""

import json
from collections.abc import Iterator
from typing import Any

from kb.base.model import Device, Distribution, Pin, Platform, Python, SeriesFile, Trust, Version
from kb.base.record import Record
from kb.base.store import Store
from kb.cells import shells
from kb.cells.cells import cell, open_series_facts
from kb.cells.recipe_id import recipe_id
from kb.cells.standing import Rung, Verdict
from kb.facts.claims import NO_TOOLKIT, Published, Source, Toolkit, devices, published, toolkit


class CellExport(Record):
    """A cell with its standing, and its recipe as texts for the shell of its platform."""

    distribution: Distribution
    release: Version
    platform: Platform
    python: Python
    device: Device
    rung: Rung | None
    standing: Verdict
    as_of: str | None
    trust: Trust | None
    why: str | None
    proof: tuple[Source, ...]
    pins: tuple[Pin, ...]
    recipe: str
    setup: tuple[str, ...]
    check: tuple[str, ...]
    expected: tuple[str, ...]


class BuildExport(Record):
    """A build, the devices that it serves, its CUDA and cuDNN, and its cells."""

    published: Published
    devices: tuple[Device, ...]
    toolkit: Toolkit
    cells: tuple[CellExport, ...]


def builds(store: Store, file: SeriesFile) -> Iterator[BuildExport]:
    """Yield every build of a series. Raises DocumentError."""
    series_facts = open_series_facts(store, file)
    for one in published(file):
        served = devices(file, one)
        tools = toolkit(file, one) if "cuda" in served else NO_TOOLKIT
        cells = []
        for python in one.pythons():
            for device in served:
                found = cell(series_facts, one, tools, python, device)
                stands = found.standing
                cells.append(
                    CellExport(
                        **found.key._asdict(),
                        rung=stands.rung,
                        standing=stands.standing,
                        as_of=stands.as_of,
                        trust=stands.trust,
                        why=stands.why,
                        proof=stands.proof,
                        pins=found.pins,
                        recipe=recipe_id(found.recipe),
                        setup=shells.setup(found.recipe),
                        check=shells.check(found.recipe),
                        expected=tuple(step.expected for step in found.recipe.checks),
                    )
                )
        yield BuildExport(one, served, tools, tuple(cells))


def document(store: Store) -> Iterator[str]:
    """Yield the JSON document, piece by piece; the same for the same knowledge base. Raises
    DocumentError.
    """
    yield '{\n"format": 1'
    for name, content in _content(store):
        yield f',\n"{name}": {_text(content)}'
    yield ',\n"cells": ['
    comma = "\n"
    for name in store.series_names():
        for build in builds(store, store.series(name)):
            for one in build.cells:
                yield comma + _text(full(one))
                comma = ",\n"
    yield "\n]\n}\n"


def _content(store: Store) -> Iterator[tuple[str, Any]]:
    yield "series", {name: full(store.series(name)) for name in store.series_names()}
    yield "plugins", {name: full(store.plugin(name)) for name in store.plugin_names()}
    yield "wheels", {name: full(store.wheels(name)) for name in store.wheels_names()}
    yield "resolutions", {n: full(store.resolutions(n)) for n in store.resolutions_names()}
    yield "evidence", {name: full(store.evidence(name)) for name in store.evidence_names()}
    yield "cuda", full(store.cuda())
    yield "gpus", full(store.gpus())
    yield "problems", full(store.problems())
    yield "pins", full(store.pins())
    yield "library_paths", full(store.library_paths())
    yield "tools", full(store.tools())
    yield "errors", full(store.errors())
    yield "libraries", full(store.libraries())
    yield "plugin_pairs", full(store.plugin_pairs())
    yield "attestations", full(store.attestations())


def _text(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def full(value: Any) -> Any:
    """Return a record as mappings, lists and scalars, with all of its fields."""
    if hasattr(value, "_fields"):
        return {name: full(one) for name, one in zip(value._fields, value, strict=True)}
    if isinstance(value, tuple):
        return [full(one) for one in value]
    return value
