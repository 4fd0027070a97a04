"""Check the whole knowledge base: schema, references, orderings, and that what is derived
reproduces.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from functools import partial
from typing import TypeVar

from kb.base.errors import DocumentError
from kb.base.files import OF_KIND
from kb.base.model import (
    CodeFile,
    CudaFile,
    LibraryPathsFile,
    PinsFile,
    PluginFile,
    ProblemsFile,
    SeriesFile,
    WheelsFile,
    WheelText,
)
from kb.base.record import Record
from kb.base.store import Store
from kb.upkeep import (
    code_rules,
    companion_rules,
    day_rules,
    error_rules,
    evidence_rules,
    index_rules,
    maker_rules,
    pre_release_rules,
    release_rules,
    table_rules,
    way_out_rules,
)

_File = TypeVar("_File", bound=Record)


def validate(store: Store) -> tuple[str, ...]:
    """Return every fault, one line each: the file, the place in it, what is wrong, what to do."""
    opened = _Opened(store)
    faults = [
        *_release_files(opened),
        *_tables(opened),
        *_companions(opened),
        *_evidence(opened),
    ]
    today = datetime.now(timezone.utc).date().isoformat()
    for path, record in opened.files.items():
        faults += day_rules.day_faults(path, record, today)
    if not faults and not opened.unreadable:
        faults += index_rules.index_faults(store)
    return tuple(faults + opened.unreadable)


class _Opened:
    """Opens the files of a store, and notes those that cannot be read."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.unreadable: list[str] = []
        self.files: dict[str, Record] = {}
        self.releases: set[str] = set()
        self.series: dict[str, SeriesFile] = {}
        self.plugins: dict[str, PluginFile] = {}

    def read(self, opener: Callable[[], _File]) -> _File | None:
        """Return what `opener` opens, or None where it cannot be read."""
        try:
            record = opener()
        except DocumentError as error:
            self.unreadable.append(f"{error}; mend it, or restore the file")
            return None
        name = opener.args[0] if isinstance(opener, partial) else ""
        self.files[OF_KIND[type(record)].path(name)] = record
        return record


def _release_files(opened: _Opened) -> Iterator[str]:
    store = opened.store
    try:
        series, plugins = store.series_names(), store.plugin_names()
    except DocumentError as error:
        yield str(error)
        return
    for name in store.strange_files():
        yield f"{name}: is named after no series; remove it"
    if not series:
        yield f"{store.data}: holds no releases; run `python -m scraper`"
    for name in set(store.wheels_names()) - {*series, *plugins}:
        yield f"wheels/{name}.yaml: no releases/{name}.yaml goes with it; remove it"
    for name in series:
        file = opened.read(partial(store.series, name))
        if file is not None:
            opened.releases |= {release.release for release in file.releases}
            opened.series[name] = file
            texts = _texts(opened, name)
            yield from release_rules.series_faults(name, file, _by_sha256(texts))
            yield from release_rules.wheels_faults(name, texts or WheelsFile(1), file.releases)
    yield from pre_release_rules.pre_release_faults(opened.series.values())
    for name in plugins:
        plugin = opened.read(partial(store.plugin, name))
        if plugin is not None:
            opened.plugins[name] = plugin
            texts = _texts(opened, name)
            yield from release_rules.plugin_faults(name, plugin, _by_sha256(texts))
            yield from release_rules.wheels_faults(name, texts or WheelsFile(1), plugin.releases)


def _texts(opened: _Opened, name: str) -> WheelsFile | None:
    if name not in opened.store.wheels_names():
        return WheelsFile(1)
    return opened.read(partial(opened.store.wheels, name))


def _by_sha256(file: WheelsFile | None) -> dict[str, WheelText] | None:
    return None if file is None else {text.sha256: text for text in file.wheels}


def _tables(opened: _Opened) -> Iterator[str]:
    store, releases = opened.store, opened.releases
    if (cuda := opened.read(store.cuda)) is not None:
        yield from table_rules.cuda_faults(cuda)
        yield from _code(opened, cuda)
    if (gpus := opened.read(store.gpus)) is not None:
        yield from table_rules.gpus_faults(gpus, cuda)
    if (problems := opened.read(store.problems)) is not None:
        yield from table_rules.problems_faults(problems, releases)
    if (pins := opened.read(store.pins)) is not None:
        yield from table_rules.pins_faults(pins, releases)
    if (paths := opened.read(store.library_paths)) is not None:
        yield from table_rules.library_paths_faults(paths, releases)
    if (tools := opened.read(store.tools)) is not None:
        yield from table_rules.tools_faults(tools, releases)
    if (pairs := opened.read(store.plugin_pairs)) is not None:
        yield from index_rules.plugin_pairs_faults(pairs, opened.plugins, releases)
    yield from _other_makers(opened)
    yield from _messages(opened, problems)
    yield from _notes(opened)
    yield from _ways_out(opened)
    for name in store.resolutions_names():
        resolutions = opened.read(partial(store.resolutions, name))
        if resolutions is not None:
            yield from table_rules.resolutions_faults(name, resolutions)


def _ways_out(opened: _Opened) -> Iterator[str]:
    """Yield the faults of ways out; of files that cannot be read another line tells."""
    files = opened.files.values()
    pins = [pin for file in files if isinstance(file, PinsFile) for pin in file.pins]
    paths = [
        path for file in files if isinstance(file, LibraryPathsFile) for path in file.library_paths
    ]
    releases = way_out_rules.FinalReleases(opened.series.values(), tuple(pins), tuple(paths))
    for file in files:
        for told in way_out_rules.told_by(file):
            yield from releases.faults(told)


def _code(opened: _Opened, cuda: CudaFile) -> Iterator[str]:
    for name in opened.store.names(CodeFile):
        file = opened.read(partial(opened.store.code, name))
        if file is not None:
            yield from code_rules.code_faults(name, file, opened.series, cuda.ptx)


def _other_makers(opened: _Opened) -> Iterator[str]:
    store = opened.store
    if (others := opened.read(store.other_gpus)) is not None:
        yield from maker_rules.other_gpus_faults(others)
    if (rocm := opened.read(store.rocm)) is not None:
        yield from maker_rules.rocm_faults(rocm, opened.series)
    if (elsewhere := opened.read(store.elsewhere)) is not None:
        yield from maker_rules.elsewhere_faults(elsewhere)


def _messages(opened: _Opened, problems: ProblemsFile | None) -> Iterator[str]:
    if (errors := opened.read(opened.store.errors)) is not None:
        known = {problem.id for problem in problems.problems} if problems else ()
        yield from error_rules.errors_faults(errors, known, opened.releases)
    if (libraries := opened.read(opened.store.libraries)) is not None:
        yield from error_rules.libraries_faults(libraries)


def _notes(opened: _Opened) -> Iterator[str]:
    if (notes := opened.read(opened.store.release_notes)) is not None:
        yield from table_rules.release_notes_faults(notes, opened.releases)


def _companions(opened: _Opened) -> Iterator[str]:
    known = {}
    for name in opened.store.companion_names():
        file = opened.read(partial(opened.store.companion, name))
        if file is not None:
            known[name] = file
            yield from companion_rules.companion_faults(name, file)
    if (notes := opened.read(opened.store.companion_notes)) is not None:
        yield from companion_rules.notes_faults(notes, known, opened.releases)


def _evidence(opened: _Opened) -> Iterator[str]:
    store = opened.store
    for name in store.evidence_names():
        evidence = opened.read(partial(store.evidence, name))
        if evidence is not None:
            yield from evidence_rules.evidence_faults(name, evidence, opened.series.get(name))
    if (ledger := opened.read(store.attestations)) is not None:
        yield from evidence_rules.attestations_faults(ledger)
    if (senders := opened.read(store.senders)) is not None:
        yield from evidence_rules.senders_faults(senders)
    if (signers := opened.read(store.signers)) is not None:
        yield from evidence_rules.signers_faults(signers)
