"""`python -m verify repair` from end to end: real environments, a real resolver and the real probe,
against a real index on loopback whose stand-in for TensorFlow breaks beside newer packages.
"""

import io
import os
import signal
import subprocess
import sys
import tarfile
import time
from pathlib import Path

import pytest

from kb.base.documents import parse
from kb.base.errors import WriteRefused
from kb.base.model import PinsFile
from kb.base.store import Store
from kb.runs import folder as runs_folder
from kb.upkeep.validate import validate
from tests.kb.small_base import RELEASED, pin, write_base
from tests.scraper.local_index import LocalIndex, metadata, status
from tests.verify.sent_runs import CPU
from tests.verify.workbench import (
    PLATFORM,
    PYTHON,
    RELEASE,
    Workbench,
    cell_key,
    one_release,
    tensorflow_wheel,
    wheel_of,
)
from verify.commands.command_line import main
from verify.plan import find
from verify.repairing.pin_rows import appended, row
from verify.repairing.repair import suspects
from verify.repairing.trials import TakenPackage

THEN, LATER = "2023-03-20", "2024-02-02"
OTHER = pin("protobuf<5", None, None, distributions=("tensorflow-cpu",), reason="A reason: said.")


class Repairs(Workbench):
    """The machine, its index with packages of then and of today."""

    def packages(self, *releases):
        """List packages that tell their own version; those that end in `.0.0` are of today."""
        for one in releases:
            name, _, release = one.partition("==")
            content = wheel_of(name, release, ((f"{name}.py", f"version = {release!r}\n"),))
            self.describe(name, release, LATER if release.endswith(".0.0") else THEN, content)

    def tensorflow(self, on_import, *requires):
        """List a stand-in for TensorFlow that raises what goes wrong beside them."""
        content = tensorflow_wheel(on_import=on_import, requires=requires)
        self.describe("tensorflow", RELEASE, RELEASED, content, requires)

    def pinned(self, *pins):
        self.store = write_base(Path(self.store.data), one_release(RELEASE), pins=pins)

    def repair(self, *more):
        return main(self.arguments("repair", "--release", RELEASE, "--python", PYTHON, *more))

    def pins_text(self):
        return (Path(self.store.data) / "pins.yaml").read_text(encoding="utf-8")

    def outcomes(self):
        """Return the outcome of each run that was written, by its id."""
        return {one.path.stem: one.run.outcome for one in runs_folder.read_all(self.runs)}


@pytest.fixture
def machine(tmp_path, tmp_path_factory, monkeypatch):
    with LocalIndex() as index:
        machine = Repairs(tmp_path, index)
        machine.settle(monkeypatch, tmp_path_factory.getbasetemp() / "made")
        yield machine
        assert machine.left_over() == []


BEADS = 'import beads\nif int(beads.version[0]) > 3: raise TypeError("no beads like\\nthese < 4")'
MESH = BEADS + '\nimport mesh\nif mesh.version == "2.0.0": raise TypeError("torn")'


def source(folder):
    """Return a source archive that nothing can be built from."""
    members = {
        "PKG-INFO": metadata("beads", "2.0.0"),
        "pyproject.toml": (
            "[build-system]\nrequires = []\nbuild-backend = 'broken'\nbackend-path = ['.']\n"
        ),
        "broken.py": "raise SystemExit('no compiler')\n",
    }
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, text in members.items():
            info = tarfile.TarInfo(f"{folder}/{name}")
            info.size = len(text)
            archive.addfile(info, io.BytesIO(text.encode()))
    return buffer.getvalue()


def test_one_culprit_is_found_loosened_proven_and_added_below_what_people_wrote(machine, capsys):
    machine.pinned(OTHER)
    machine.tensorflow(BEADS, "beads", "chain>=1", "ring")
    machine.packages("beads==1.2.3", "chain==1.5", "ring==1.1")
    machine.packages("beads==3.0.0", "beads==4.0.0", "beads==7.0.0", "chain==2.0.0", "ring==2.0.0")
    before = machine.pins_text().replace("pins:", "# by hand\npins:")
    (Path(machine.store.data) / "pins.yaml").write_text(before, encoding="utf-8")

    assert machine.repair("--write") == 0

    after = machine.pins_text()
    assert after.startswith(before)
    told = capsys.readouterr()
    assert after[len(before) :] in told.out
    (_, added) = machine.store.pins().pins
    assert machine.outcomes() == {added.runs[0]: "import", added.runs[1]: "ok"}
    assert added == pin(
        "beads<4",
        RELEASE,
        RELEASE,
        platforms=(PLATFORM,),
        pythons=(PYTHON,),
        reason="Without it: import: TypeError: no beads like these < 4",
        source=None,
        runs=added.runs,
    )
    assert "suspects, newer than on 2023-03-31 or gone since: 3" in told.err
    assert "trial 3: beads==1.2.3: passes" in told.err
    recipe = find(Store(machine.store.data), cell_key()).recipe
    assert recipe.requirements() == (f"tensorflow=={RELEASE}", "beads<4")
    assert len(runs_folder.of_recipe(machine.runs, recipe)) == 1
    assert not [fault for fault in validate(machine.store) if fault.startswith("pins")]


def test_of_two_culprits_each_gets_a_pin_and_published_ones_can_be_set_aside(machine, capsys):
    machine.pinned(pin("beads<2", RELEASE, RELEASE), OTHER)
    machine.tensorflow(MESH, "beads", "mesh")
    machine.packages("beads==1.2.3", "mesh==1.8", "beads==4.0.0", "mesh==2.0.0")
    untouched = machine.pins_text()

    assert machine.repair("--without-pins") == 0

    assert machine.pins_text() == untouched
    rows = capsys.readouterr().out.partition("pins.yaml:\n")[2]
    found = parse(f"format: 1\npins:\n{rows}".encode(), PinsFile, "what was shown").pins
    assert {one.pin: one.reason for one in found} == {
        "beads<4": "Without it: import: TypeError: no beads like these < 4",
        "mesh<2": "Without it: import: TypeError: torn",
    }
    assert len({one.runs for one in found}) == 1


def test_a_cell_that_passes_needs_no_repair(machine, capsys):
    machine.tensorflow(BEADS, "beads")
    machine.packages("beads==1.2.3")
    assert machine.repair() == 0
    assert capsys.readouterr().out.endswith("nothing to repair\n")
    assert list(machine.outcomes().values()) == ["ok"]


def test_where_older_packages_fail_too_no_pin_repairs_it(machine, capsys):
    machine.tensorflow('raise TypeError("always")', "beads")
    machine.packages("beads==1.2.3", "beads==4.0.0")
    assert machine.repair() == 1
    told = capsys.readouterr().out.splitlines()[-1]
    assert told == (
        "broken, and no pin repairs it: with every suspect as of 2023-03-31 it still fails: "
        "import: TypeError: always"
    )
    assert list(machine.outcomes().values()) == ["import"]


def test_where_nothing_has_changed_no_pin_repairs_it(machine, capsys):
    machine.tensorflow('raise TypeError("always")', "beads")
    machine.packages("beads==1.2.3")
    assert machine.repair() == 1
    assert "no pin repairs it: nothing that it installs is newer" in capsys.readouterr().out


def test_where_nothing_was_complete_then_no_pin_repairs_it(machine, capsys):
    machine.tensorflow('raise TypeError("always")', "beads>=4")
    machine.packages("beads==4.0.0")
    assert machine.repair() == 1
    told = capsys.readouterr().out.splitlines()[-1]
    assert "no complete set of packages as of 2023-03-31 either: " in told
    assert "beads" in told


def test_a_trial_that_cannot_get_a_package_ends_it_without_a_verdict(machine, capsys):
    machine.tensorflow(BEADS, "beads")
    machine.packages("beads==1.2.3", "beads==4.0.0")
    machine.index.fault("/files/beads-1.2.3-py3-none-any.whl", status(403))
    assert machine.repair() == 3
    told = capsys.readouterr()
    assert told.err.splitlines()[-1].startswith("error: uv failed: ")
    assert "127.0.0.1" not in told.err
    assert "no pin" not in told.out
    assert list(machine.outcomes().values()) == ["import"]


def test_what_cannot_even_be_installed_today_is_repaired_too(machine, capsys):
    machine.tensorflow("pass", "beads")
    machine.packages("beads==1.2.3")
    machine.index.add_file("beads", "beads-2.0.0.tar.gz", source("beads-2.0.0"), LATER)
    assert machine.repair() == 0
    assert "\n- pin: beads<2\n" in capsys.readouterr().out


def test_an_interrupted_repair_leaves_nothing(machine, monkeypatch):
    machine.tensorflow(BEADS + "\ntime.sleep(60)", "beads")
    machine.packages("beads==1.2.3", "beads==4.0.0")
    arguments = machine.arguments("repair", "--release", RELEASE, "--python", PYTHON)
    with subprocess.Popen(
        [
            sys.executable,
            "-c",
            f"from verify.runner import run; run.CPU_GB = 0\n{_MAIN}",
            *arguments,
        ],
        cwd=Path(__file__).parents[2],
        env=os.environ,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert any("trial 1: no pin: import" in line for line in process.stderr)
        time.sleep(0.5)
        process.send_signal(signal.SIGTERM)
        assert "interrupted" in process.stderr.read()
        assert process.wait(30) == 130


_MAIN = "import runpy, sys; sys.argv[0] = 'verify'; runpy.run_module('verify', run_name='__main__')"


def test_suspects_are_what_is_newer_today_and_the_likeliest_come_first():
    then = [
        TakenPackage("tensorflow", "2.15.1", ("-r-",)),
        TakenPackage("board", "2.0", ("tensorflow",)),
        TakenPackage("array-api", "1.0", ("tensorflow",)),
        TakenPackage("six", "1.16", ("board", "tensorflow", "wheel")),
        TakenPackage("named-one", "1", ("board",)),
        TakenPackage("wheel", "1", ("board",)),
        TakenPackage("same", "1.0", ("board",)),
        TakenPackage("older-today", "2", ("board",)),
        TakenPackage("gone", "3", ("board",)),
    ]
    now = "tensorflow==2.15.1 board==3 array_api==2 six==1.17 named_one==2 wheel==2 same==1.0.0"
    failed = CPU._replace(
        packages=(*now.split(), "older.today==1", "new==1"), why="import: no module named_one.x"
    )
    found = suspects(tuple(then), failed)
    order = "named-one six array-api gone wheel board"
    assert [one.package for one in found] == order.split()
    assert [one.fails for one in found] == ["2", "1.17", "2", None, "2", "3"]


TWO_PINS = """\
# Written by hand.
format: 1
pins:
- pin: h5py<3   # beside its row
  distributions: [tensorflow]
  releases: {first: "2.1.0", last: null}
  platforms: []
  devices: []
  pythons: ["3.10"]
  reason: They said so.
  source: https://example.com/source
"""


@pytest.mark.parametrize(
    "reason",
    [
        "Plain.",
        "import: AttributeError: 'x' has no \"y\" # or [z]",
        "null",
        "- {a: b} & *c",
        "café",
        "x" * 350,
    ],
)
@pytest.mark.parametrize(
    "requirement", ["numpy<2", "numpy==1.23.5", "six", "a>=1; python_version>'3'"]
)
def test_a_row_reads_back_as_the_pin_that_it_is(requirement, reason):
    one = pin(
        requirement, "2.10.1", "2.10.1", platforms=(PLATFORM,), pythons=("3.10",), reason=reason,
        source=None, runs=("2026-11-23-0123456789ab",), compute_capability_below="7.5",
    )  # fmt: skip
    text = appended(TWO_PINS, (one, OTHER), "pins.yaml")
    assert text.startswith(TWO_PINS)
    assert parse(text.encode(), PinsFile, "pins.yaml").pins[1:] == (one, OTHER)


def test_rows_look_as_people_write_them():
    assert row(pin("h5py<3", "2.1.0", None, pythons=("3.10",), reason="They said so.")) == (
        TWO_PINS.partition("pins:\n")[2]
        .replace("   # beside its row", "")
        .replace("  reason", "  compute_capability_below: null\n  reason")
        + "  runs: []\n"
    )


def test_a_file_that_has_no_place_for_rows_is_refused():
    with pytest.raises(WriteRefused, match=r"^pins.yaml: rows cannot be added at its end; put"):
        appended("format: 1\npins: []\n", (OTHER,), "pins.yaml")
