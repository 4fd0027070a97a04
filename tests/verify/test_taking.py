"""Of what cells leave behind, one plain file a cell is taken, for the cell that was asked alone."""

from datetime import datetime, timezone

import pytest

from kb.base.store import Store
from kb.runs import run_file
from tests.verify.sent_runs import CPU, answered, retimed
from verify.check import Reviewer
from verify.taking import keep, take

NOW = datetime(2026, 12, 1, tzinfo=timezone.utc)
FRESH = answered(retimed(CPU, 1.013))
CELL = FRESH.cell()
NAME = "run-hosted-a-cell"


@pytest.fixture(scope="module")
def knowledge():
    return Store()


@pytest.fixture
def taken(tmp_path, knowledge):
    def taken(cell=CELL):
        found = take(Reviewer(knowledge, NOW), tmp_path / "artifacts", {NAME: cell})
        return {one.artifact: one for one in found}

    return taken


def left(tmp_path, name="run.json", run=FRESH, artifact=NAME):
    path = tmp_path / "artifacts" / artifact / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(run_file.text(run))
    return path


def test_a_run_of_the_cell_is_taken_and_put_where_it_belongs(taken, tmp_path):
    path = left(tmp_path)
    one = taken()[NAME]
    assert one.run.run == FRESH
    kept = keep(one.run, tmp_path / "taken")
    assert kept.read_bytes() == path.read_bytes()
    assert kept == tmp_path / "taken" / run_file.place(FRESH, path.read_bytes())


def test_a_run_of_another_cell_is_not_taken_for_it(taken, tmp_path):
    left(tmp_path)
    one = taken(FRESH.cell()._replace(python="3.10"))[NAME]
    assert one.run is None
    assert one.why == (f"it is of {run_file.cell_name(FRESH.cell())}",)


def test_a_run_that_does_not_fit_is_not_taken(taken, tmp_path):
    left(tmp_path, run=FRESH._replace(challenge=None))
    assert taken()[NAME].run is None


def test_what_nobody_asked_for_and_what_is_missing_is_told(taken, tmp_path):
    left(tmp_path, artifact="run-gpu-another")
    assert {name: one.why for name, one in taken().items()} == {
        "run-gpu-another": ("nobody asked for it",),
        NAME: ("the runner left no run",),
    }


@pytest.mark.parametrize("kind", ["two files", "a link", "a folder", "nothing", "a linked folder"])
def test_anything_but_one_plain_file_is_not_taken(taken, tmp_path, kind):
    there = tmp_path / "artifacts" / NAME
    elsewhere = left(tmp_path / "elsewhere")
    there.parent.mkdir(parents=True)
    if kind == "a linked folder":
        there.symlink_to(elsewhere.parent)
    else:
        there.mkdir()
    if kind == "two files":
        left(tmp_path)
        left(tmp_path, name="another.json")
    elif kind == "a link":
        (there / "run.json").symlink_to(elsewhere)
    elif kind == "a folder":
        left(tmp_path, name="below/run.json")
    assert taken()[NAME].why == ("it is not one plain file",)
