"""The whole knowledge base as one JSON document: the files, by name, and then the cells."""

from collections.abc import Iterator
from typing import Any

from kb.base.files import DATA_FILES
from kb.base.json_values import json_line
from kb.base.model import (
    AttestationsFile,
    CodeFile,
    CudaFile,
    Day,
    Device,
    Distribution,
    ElsewhereFile,
    ErrorsFile,
    EvidenceFile,
    Format,
    GpusFile,
    LibrariesFile,
    LibraryPathsFile,
    OtherGpusFile,
    Pin,
    PinsFile,
    Platform,
    PluginFile,
    PluginPairsFile,
    ProblemsFile,
    Python,
    RecipeId,
    ReleaseNotesFile,
    ResolutionsFile,
    RocmFile,
    SendersFile,
    SeriesFile,
    SignersFile,
    ToolsFile,
    Trust,
    Version,
    WheelsFile,
)
from kb.base.record import Record
from kb.base.store import Store
from kb.base.versions import Kind, kind
from kb.cells import shells
from kb.cells.cells import cell, open_series_facts
from kb.cells.recipe_id import recipe_id
from kb.cells.rungs import Rung, Verdict
from kb.facts.builds import Published, devices, published
from kb.facts.claims import Source
from kb.facts.gpu_code import BuildCode
from kb.facts.toolkits import NO_TOOLKIT, Toolkit, toolkit


class CellExport(Record):
    """A cell with its standing, and its recipe as texts for the shell of its platform. `who` are
    the independent runners that agree, `against` those that say otherwise. `sure` says in a
    sentence what was done, on what machine, when and by whom.
    """

    distribution: Distribution
    release: Version
    platform: Platform
    python: Python
    device: Device
    kind: Kind
    rung: Rung | None
    standing: Verdict
    as_of: Day | None
    trust: Trust | None
    why: str | None
    proof: tuple[Source, ...]
    pins: tuple[Pin, ...]
    recipe: RecipeId
    setup: tuple[str, ...]
    check: tuple[str, ...]
    expected: tuple[str, ...]
    runners: int
    who: tuple[str, ...]
    against: tuple[str, ...]
    confirmed: bool
    sure: str


class BuildExport(Record):
    """A build, the devices that it serves, its CUDA and cuDNN, its code for NVIDIA's GPUs, and its
    cells.
    """

    published: Published
    devices: tuple[Device, ...]
    toolkit: Toolkit
    code: BuildCode | None
    cells: tuple[CellExport, ...]


class ExportDocument(Record):
    """The whole knowledge base: its files, by the names of the series or plug-ins where each has
    its own, with no field left out; at last what can be set up.
    """

    format: Format
    series: dict[str, SeriesFile]
    plugins: dict[str, PluginFile]
    wheels: dict[str, WheelsFile]
    code: dict[str, CodeFile]
    resolutions: dict[str, ResolutionsFile]
    evidence: dict[str, EvidenceFile]
    cuda: CudaFile
    gpus: GpusFile
    problems: ProblemsFile
    release_notes: ReleaseNotesFile
    pins: PinsFile
    library_paths: LibraryPathsFile
    tools: ToolsFile
    errors: ErrorsFile
    libraries: LibrariesFile
    plugin_pairs: PluginPairsFile
    other_gpus: OtherGpusFile
    rocm: RocmFile
    elsewhere: ElsewhereFile
    attestations: AttestationsFile
    senders: SendersFile
    signers: SignersFile
    cells: tuple[CellExport, ...]


def builds(store: Store, file: SeriesFile) -> Iterator[BuildExport]:
    """Yield every build of a series. Raises DocumentError."""
    series_facts = open_series_facts(store, file)
    for offer in published(file):
        served = devices(file, offer)
        tools = toolkit(series_facts.claims, offer) if "cuda" in served else NO_TOOLKIT
        cells = []
        for python in offer.pythons():
            for device in served:
                found = cell(series_facts, offer, tools, python, device)
                stands = found.standing
                cells.append(
                    CellExport(
                        **found.key._asdict(),
                        kind=kind(found.key.release),
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
                        runners=stands.runners,
                        who=stands.who,
                        against=stands.against,
                        confirmed=stands.confirmed,
                        sure=found.sureness().sentence,
                    )
                )
        yield BuildExport(
            published=offer,
            devices=served,
            toolkit=tools,
            code=series_facts.code_of(offer) if "cuda" in served else None,
            cells=tuple(cells),
        )


def document(store: Store) -> Iterator[str]:
    """Yield the JSON document, piece by piece; the same for the same knowledge base. Raises
    DocumentError.
    """
    yield '{\n"format": 1'
    for name, content in _content(store):
        yield f',\n"{name}": {json_line(content)}'
    yield ',\n"cells": ['
    comma = "\n"
    for name in store.series_names():
        for build in builds(store, store.series(name)):
            for cell_export in build.cells:
                yield comma + json_line(cell_export)
                comma = ",\n"
    yield "\n]\n}\n"


def _content(store: Store) -> Iterator[tuple[str, Any]]:
    for file in DATA_FILES:
        if file.folder is None:
            yield file.name, store.open(file.kind)
        else:
            names = store.series_names() if file.kind is SeriesFile else store.names(file.kind)
            yield file.name, {name: store.open(file.kind, name) for name in names}
