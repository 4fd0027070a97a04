"""The whole knowledge base as a SQLite database.

- `releases`: a version of a distribution. `series` is null for plug-ins. `sdist` where it is only
  a placeholder.
- `builds`: what was published of a release for a platform; what its wheel says, and the CUDA and
  cuDNN that follow. `build_requirements`: what it requires, `extra` null where always.
  `build_capabilities`: the compute capabilities that it says it has machine code or PTX for;
  `build_code`: in how many objects of its libraries there is machine code or PTX for one (PTX has a
  version), of how many.
- `wheels` and `wheel_pythons`: the files of a build and their Pythons.
- `cells`: what can be set up, on its rung, with its standing; `setup`, `checks` and `expected` are
  texts, their steps parted by an empty line. `cell_pins`, and `cell_proofs` with `sources`.
- `pins`, `problems`: with `pin_scopes` and `problem_scopes` (whom they hit: a kind such as
  `platform` and a value; none of a kind means all) and `problem_texts`.
- `gpus` (with `gpu_chips`), `drivers`, `maximum_drivers`, `ptx`, `official`, `runs`,
  `resolutions`: as in the files of the knowledge base.

Numbers are versions as texts, days are `YYYY-MM-DD`. `format` holds the format's number.
"""

import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from kb.base.errors import DocumentError
from kb.base.model import Build, Pin, Platform, Release
from kb.base.store import Store
from kb.base.versions import kind
from kb.export.document import BuildExport, CellExport, builds
from kb.facts.claims import Source
from kb.facts.gpu_code import BuildCode, partly, ptx_counts, throughout

_SCHEMA = """
CREATE TABLE format (format INTEGER NOT NULL);
CREATE TABLE releases (id INTEGER PRIMARY KEY, distribution TEXT NOT NULL, release TEXT NOT NULL,
  series TEXT, released TEXT NOT NULL, sdist TEXT,
  kind TEXT NOT NULL CHECK (kind IN ('release', 'candidate', 'nightly')),
  UNIQUE (distribution, release));
CREATE TABLE builds (id INTEGER PRIMARY KEY, release_id INTEGER NOT NULL REFERENCES releases,
  platform TEXT NOT NULL, read TEXT NOT NULL, requires_python TEXT, shim TEXT, cuda_build INTEGER,
  rocm_build INTEGER, cuda TEXT, cudnn_built TEXT, cudnn_documented TEXT, cudnn_installed TEXT,
  UNIQUE (release_id, platform));
CREATE TABLE build_requirements (build_id INTEGER NOT NULL REFERENCES builds, extra TEXT,
  requirement TEXT NOT NULL);
CREATE TABLE build_capabilities (build_id INTEGER NOT NULL REFERENCES builds,
  compute_capability TEXT NOT NULL, kind TEXT NOT NULL CHECK (kind IN ('native', 'ptx')),
  PRIMARY KEY (build_id, compute_capability, kind));
CREATE TABLE build_code (build_id INTEGER NOT NULL REFERENCES builds,
  compute_capability TEXT NOT NULL, kind TEXT NOT NULL CHECK (kind IN ('native', 'ptx')),
  version TEXT, objects INTEGER NOT NULL, of INTEGER NOT NULL);
CREATE TABLE wheels (id INTEGER PRIMARY KEY, build_id INTEGER NOT NULL REFERENCES builds,
  file TEXT NOT NULL, size INTEGER NOT NULL, sha256 TEXT NOT NULL, uploaded TEXT NOT NULL,
  glibc TEXT, macos TEXT, yanked TEXT);
CREATE TABLE wheel_pythons (wheel_id INTEGER NOT NULL REFERENCES wheels, python TEXT NOT NULL,
  PRIMARY KEY (wheel_id, python));
CREATE TABLE sources (id INTEGER PRIMARY KEY, source TEXT NOT NULL, url TEXT, read TEXT NOT NULL,
  sha256 TEXT);
CREATE TABLE cells (id INTEGER PRIMARY KEY, build_id INTEGER NOT NULL REFERENCES builds,
  python TEXT NOT NULL, device TEXT NOT NULL, rung TEXT, standing TEXT NOT NULL, trust TEXT,
  as_of TEXT, why TEXT, recipe TEXT NOT NULL, setup TEXT NOT NULL, checks TEXT NOT NULL,
  expected TEXT NOT NULL, runners INTEGER NOT NULL, confirmed INTEGER NOT NULL,
  sure TEXT NOT NULL, UNIQUE (build_id, python, device));
CREATE TABLE cell_runners (cell_id INTEGER NOT NULL REFERENCES cells, runner TEXT NOT NULL,
  agrees INTEGER NOT NULL, PRIMARY KEY (cell_id, runner, agrees));
CREATE TABLE cell_proofs (cell_id INTEGER NOT NULL REFERENCES cells,
  source_id INTEGER NOT NULL REFERENCES sources, PRIMARY KEY (cell_id, source_id));
CREATE TABLE pins (id INTEGER PRIMARY KEY, pin TEXT NOT NULL, first TEXT, last TEXT,
  compute_capability_below TEXT, reason TEXT NOT NULL, source TEXT,
  only_beside INTEGER NOT NULL);
CREATE TABLE pin_scopes (pin_id INTEGER NOT NULL REFERENCES pins, kind TEXT NOT NULL,
  value TEXT NOT NULL, PRIMARY KEY (pin_id, kind, value));
CREATE TABLE cell_pins (cell_id INTEGER NOT NULL REFERENCES cells,
  pin_id INTEGER NOT NULL REFERENCES pins, PRIMARY KEY (cell_id, pin_id));
CREATE TABLE problems (id TEXT PRIMARY KEY, title TEXT NOT NULL, first TEXT, last TEXT,
  cause TEXT NOT NULL, rejects INTEGER NOT NULL);
CREATE TABLE problem_scopes (problem_id TEXT NOT NULL REFERENCES problems, kind TEXT NOT NULL,
  value TEXT NOT NULL, PRIMARY KEY (problem_id, kind, value));
CREATE TABLE problem_texts (problem_id TEXT NOT NULL REFERENCES problems, kind TEXT NOT NULL
  CHECK (kind IN ('looks_like', 'way_out', 'source')), position INTEGER NOT NULL,
  text TEXT NOT NULL, PRIMARY KEY (problem_id, kind, position));
CREATE TABLE gpus (id INTEGER PRIMARY KEY, name TEXT NOT NULL, compute_capability TEXT NOT NULL,
  source TEXT NOT NULL, data_centre INTEGER NOT NULL);
CREATE TABLE gpu_chips (gpu_id INTEGER NOT NULL REFERENCES gpus, chip TEXT NOT NULL,
  PRIMARY KEY (gpu_id, chip));
CREATE TABLE drivers (cuda TEXT PRIMARY KEY, linux TEXT NOT NULL, windows TEXT NOT NULL,
  source TEXT NOT NULL, wsl2 TEXT);
CREATE TABLE maximum_drivers (compute_capability TEXT PRIMARY KEY, branch TEXT NOT NULL,
  before TEXT NOT NULL, source TEXT NOT NULL);
CREATE TABLE ptx (version TEXT PRIMARY KEY, cuda TEXT NOT NULL, branch TEXT NOT NULL,
  source TEXT NOT NULL);
CREATE TABLE official (series TEXT NOT NULL, "table" TEXT NOT NULL, version TEXT NOT NULL,
  python TEXT NOT NULL, compiler TEXT NOT NULL, build_tools TEXT NOT NULL, read TEXT NOT NULL,
  cudnn TEXT, cuda TEXT);
CREATE TABLE runs (run TEXT PRIMARY KEY, at TEXT NOT NULL, distribution TEXT NOT NULL,
  release TEXT NOT NULL, platform TEXT NOT NULL, python TEXT NOT NULL, device TEXT NOT NULL,
  recipe TEXT NOT NULL, outcome TEXT NOT NULL, trust TEXT NOT NULL, proves TEXT, gpu TEXT,
  compute_capability TEXT, why TEXT, runner TEXT, wsl2 INTEGER NOT NULL);
CREATE TABLE resolutions (series TEXT NOT NULL, python TEXT NOT NULL, platform TEXT NOT NULL,
  requirements TEXT NOT NULL, resolves INTEGER NOT NULL, since TEXT NOT NULL, conflict TEXT);
"""


def write_database(store: Store, path: Path) -> None:
    """Write a knowledge base into a new, empty file. Raises DocumentError, and OSError
    where it cannot be written.
    """
    database = sqlite3.connect(path)
    try:
        database.execute("PRAGMA foreign_keys = ON")
        database.executescript(_SCHEMA)
        with database:
            _Writer(store, database).write()
    except sqlite3.IntegrityError as error:
        raise DocumentError(f"{store.data}: {error}; run `python -m kb validate`") from None
    except sqlite3.Error as error:
        raise OSError(str(error)) from None
    finally:
        database.close()


class _Writer:
    """Fills the tables of one database."""

    def __init__(self, store: Store, database: sqlite3.Connection) -> None:
        self._store = store
        self._database = database
        self._sources: dict[Source, int] = {}
        self._pins: dict[Pin, int] = {}

    def write(self) -> None:
        """Fill every table, in the order in which they refer to each other."""
        self._row("format", (1,))
        self._tables()
        for name in self._store.series_names():
            file = self._store.series(name)
            for row in file.official:
                self._row("official", (name, *row))
            known = {
                (build.published.release, build.published.build.platform): build
                for build in builds(self._store, file)
            }
            for release in file.releases:
                self._release(release, name, known)
        for name in self._store.plugin_names():
            for release in self._store.plugin(name).releases:
                self._release(release, None, {})
        for name in self._store.evidence_names():
            for run in self._store.evidence(name).runs:
                self._row("runs", tuple(run))
        for name in self._store.resolutions_names():
            for resolution in self._store.resolutions(name).resolutions:
                asked = "\n".join(resolution.requirements)
                self._row(
                    "resolutions",
                    (
                        name,
                        resolution.python,
                        resolution.platform,
                        asked,
                        resolution.resolves,
                        resolution.since,
                        resolution.conflict,
                    ),
                )

    def _row(self, table: str, values: tuple[Any, ...], new: bool = False) -> int:
        """Add a row, under a new number where it gets one; return its number."""
        values = (None, *values) if new else values
        marks = ", ".join("?" * len(values))
        done = self._database.execute(f"INSERT INTO {table} VALUES ({marks})", values)  # noqa: S608
        return int(done.lastrowid or 0)

    def _cuda(self) -> None:
        cuda = self._store.cuda()
        for driver in cuda.drivers:
            self._row("drivers", tuple(driver))
        for last in cuda.maximum_drivers:
            for capability in last.compute_capabilities:
                self._row("maximum_drivers", (capability, last.branch, last.before, last.source))
        for ptx in cuda.ptx:
            self._row("ptx", tuple(ptx))

    def _tables(self) -> None:
        self._cuda()
        for gpu in self._store.gpus().gpus:
            values = (gpu.name, gpu.compute_capability, gpu.source, gpu.data_centre)
            number = self._row("gpus", values, new=True)
            for chip in gpu.chips:
                self._row("gpu_chips", (number, chip))
        for pin in self._store.pins().pins:
            below = pin.compute_capability_below
            values = (pin.pin, *pin.releases, below, pin.reason, pin.source, pin.only_beside)
            self._pins[pin] = self._row("pins", values, new=True)
            self._scopes("pin_scopes", self._pins[pin], pin, ("distributions",))
        for problem in self._store.problems().problems:
            values = (problem.id, problem.title, *problem.releases, problem.cause, problem.rejects)
            self._row("problems", values)
            self._scopes("problem_scopes", problem.id, problem, ("compute_capabilities",))
            for of, texts in (
                ("looks_like", problem.looks_like),
                ("way_out", tuple(way.text for way in problem.way_out)),
                ("source", problem.sources),
            ):
                for position, text in enumerate(texts):
                    self._row("problem_texts", (problem.id, of, position, text))

    def _scopes(self, table: str, owner: object, record: Any, more: Iterable[str]) -> None:
        kinds = {"distributions": "distribution", "platforms": "platform", "devices": "device"}
        kinds |= {"pythons": "python", "compute_capabilities": "compute_capability"}
        for field in (*more, "platforms", "devices", "pythons"):
            for value in getattr(record, field):
                self._row(table, (owner, kinds[field], value))

    def _release(
        self,
        release: Release,
        series: str | None,
        known: dict[tuple[Release, Platform], BuildExport],
    ) -> None:
        named = release.release
        own = (release.distribution, named, series, release.released, release.sdist, kind(named))
        number = self._row("releases", own, new=True)
        for build in release.builds:
            self._build(number, build, known.get((release, build.platform)))

    def _build(self, release: int, build: Build, known: BuildExport | None) -> None:
        says = build.says
        tools = known.toolkit if known else None
        cuda = (tools and tools.cuda) or says.cuda
        cudnn = (tools[3:] if tools else None) or (says.cudnn, None, None)
        number = self._row(
            "builds",
            (
                *(release, build.platform, build.read, says.requires_python, says.shim),
                *(says.cuda_build, says.rocm_build, cuda, *cudnn),
            ),
            new=True,
        )
        self._wheel_facts(number, build)
        if known and known.code:
            self._code(number, known.code)
        for wheel in build.wheels:
            values = (number, wheel.file, *wheel[2:])
            wheel_number = self._row("wheels", values, new=True)
            for python in wheel.python:
                self._row("wheel_pythons", (wheel_number, python))
        for cell in known.cells if known else ():
            self._cell(number, cell)

    def _code(self, number: int, code: BuildCode) -> None:
        native = dict.fromkeys(throughout(code), code.of) | partly(code)
        for capability, objects in native.items():
            self._row("build_code", (number, capability, "native", None, objects, code.of))
        for ptx, objects in ptx_counts(code).items():
            self._row("build_code", (number, ptx[0], "ptx", ptx.version, objects, code.of))

    def _wheel_facts(self, number: int, build: Build) -> None:
        for requirement in build.says.requires:
            self._row("build_requirements", (number, None, requirement))
        for extra in build.says.extras:
            for requirement in extra.requires:
                self._row("build_requirements", (number, extra.name, requirement))
        capabilities = build.says.compute_capabilities
        for code in ("native", "ptx") if capabilities else ():
            for capability in getattr(capabilities, code):
                self._row("build_capabilities", (number, capability, code))

    def _cell(self, build: int, cell: CellExport) -> None:
        texts = ("\n\n".join(text) for text in (cell.setup, cell.check, cell.expected))
        number = self._row(
            "cells",
            (
                *(
                    build,
                    cell.python,
                    cell.device,
                    cell.rung,
                    cell.standing,
                    cell.trust,
                    cell.as_of,
                ),
                *(cell.why, cell.recipe, *texts, cell.runners, cell.confirmed, cell.sure),
            ),
            new=True,
        )
        for agrees, runners in ((1, cell.who), (0, cell.against)):
            for runner in runners:
                self._row("cell_runners", (number, runner, agrees))
        for pin in cell.pins:
            self._row("cell_pins", (number, self._pins[pin]))
        for source in dict.fromkeys(cell.proof):
            if source not in self._sources:
                self._sources[source] = self._row("sources", tuple(source), new=True)
            self._row("cell_proofs", (number, self._sources[source]))
