"""A plan carried out: what runs beside what, what one cell's failure does, and an interruption."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter

import pytest

from kb.base.errors import RunnerFailed
from kb.cells.recipes import CellKey, Recipe
from kb.runs.folder import read_all
from tests.verify.test_run_file import RUN
from tests.verify.workbench import (
    PYTHON,
    RELEASE,
    one_release,
    seen_run,
    write_evidence,
)
from verify.commands.command_line import main
from verify.matrix import Limits, carry_all
from verify.runner.bench import shrink
from verify.runner.process import Stopped
from verify.runner.run import CPU_GB, CUDA_GB, MEMORY_GB

PLENTY = Limits(cells=4, memory_gb=1000, disk_gb=1000)


def recipe(release, python="3.11", device="cpu", distribution="tensorflow"):
    return Recipe(
        CellKey(
            distribution=distribution,
            release=release,
            platform="linux-x86_64",
            python=python,
            device=device,
        ),
        (),
        (),
    )


class Carrying:
    """Stands in for what carries a recipe out: notes what runs beside what."""

    def __init__(self, seconds=0.05):
        self.seconds = seconds
        self.running: list[CellKey] = []
        self.together: list[tuple[CellKey, ...]] = []
        self.stopped: list[CellKey] = []
        self.lock = threading.Lock()

    def __call__(self, one, *, stop):
        with self.lock:
            self.running.append(one.cell)
            self.together.append(tuple(self.running))
        try:
            self.work(one, stop)
        finally:
            with self.lock:
                self.running.remove(one.cell)
        return RUN._replace(**one.cell._asdict())

    def work(self, one, stop):
        if stop.wait(self.seconds):
            self.stopped.append(one.cell)
            raise Stopped

    def most(self):
        return max(len(cells) for cells in self.together)


def carried(recipes, limits=PLENTY, carrying=None):
    carrying = carrying or Carrying()
    ended = list(carry_all(recipes, carrying, limits))
    assert Counter(one.recipe for one in ended) == Counter(recipes)
    assert carrying.running == []
    return carrying


EIGHT = [recipe(f"2.{number}.0") for number in range(8)]
THREE_CUDA = [recipe(f"2.{number}.0", device="cuda") for number in range(3)]


@pytest.mark.parametrize(
    ("limits", "most"),
    [
        (PLENTY, 4),
        (PLENTY._replace(cells=1), 1),
        (PLENTY._replace(cells=0), 1),
        (PLENTY._replace(memory_gb=2 * MEMORY_GB), 2),
        (PLENTY._replace(memory_gb=3 * MEMORY_GB - 0.1), 2),
        (PLENTY._replace(disk_gb=3 * CPU_GB), 3),
        (PLENTY._replace(disk_gb=2 * CPU_GB - 0.1), 1),
        (PLENTY._replace(memory_gb=0.1, disk_gb=0.1), 1),
    ],
)
def test_cells_run_beside_each_other_as_far_as_there_is_room(limits, most):
    assert carried(EIGHT, limits).most() == most


def test_no_cells_is_no_work():
    assert carried([]).together == []


def test_cells_of_one_wheel_wait_for_each_other():
    same = [recipe("2.15.1", device=device) for device in ("cpu", "cuda")] * 2
    assert carried(same).most() == 1


def test_cells_that_bring_cuda_wait_for_each_other_and_others_go_ahead():
    carrying = carried([*THREE_CUDA, *EIGHT[3:]])
    assert carrying.most() > 1
    for cells in carrying.together:
        assert [cell.device for cell in cells].count("cuda") <= 1


def test_a_cell_with_cuda_counts_its_disk():
    carrying = carried([THREE_CUDA[0], *EIGHT[3:]], PLENTY._replace(disk_gb=CUDA_GB + CPU_GB))
    beside = [cells for cells in carrying.together if any(one.device == "cuda" for one in cells)]
    assert max(len(cells) for cells in beside) == 2


def test_an_error_of_one_cell_does_not_stop_the_others():
    class Failing(Carrying):
        def work(self, one, stop):
            if one == EIGHT[2]:
                raise RunnerFailed("the disk is full")

    ended = list(carry_all(EIGHT, Failing(), PLENTY))
    (bad,) = [one for one in ended if one.run is None]
    assert (bad.recipe, str(bad.error)) == (EIGHT[2], "the disk is full")
    assert {one.run.cell() for one in ended if one.run} == {
        one.cell for one in EIGHT if one != EIGHT[2]
    }


def test_cells_that_ended_are_told_while_others_run():
    slow = Carrying(seconds=60)
    slow.work = lambda one, stop: stop.wait(60) if one == EIGHT[0] else None
    ended = carry_all(EIGHT, slow, PLENTY._replace(cells=2))
    begun = time.monotonic()
    told = [next(ended).recipe for _ in EIGHT[1:]]
    ended.close()
    assert told == EIGHT[1:]
    assert time.monotonic() - begun < 30


def test_when_the_consumer_stops_what_runs_is_stopped_and_waited_for():
    carrying = Carrying(seconds=60)
    carrying.work = lambda one, stop: one == EIGHT[0] or Carrying.work(carrying, one, stop)
    ended = carry_all(EIGHT, carrying, PLENTY)
    next(ended)
    ended.close()
    assert carrying.running == []
    assert set(carrying.stopped) <= {one.cell for one in EIGHT[1:5]}
    assert carrying.stopped


@pytest.fixture
def workbench(workbench):
    """A machine with a cell in each of two series."""
    releases = ("2.14.1", RELEASE)
    workbench.hold(*(one_release(release) for release in releases))
    for release in releases:
        workbench.offer(release=release)
    return workbench


def releases_of(workbench):
    return sorted(filed.run.release for filed in read_all(workbench.runs))


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_a_matrix_that_is_interrupted_leaves_nothing_and_goes_on(workbench, capsys, sent):
    reached, released = threading.Event(), threading.Event()

    def hold_the_second(path):
        if path.startswith("/simple/tensorflow") and releases_of(workbench):
            reached.set()
            released.wait(60)

    workbench.index.on_request = hold_the_second
    arguments = workbench.arguments("matrix", "--jobs", "1")
    process = subprocess.Popen(
        [sys.executable, "-m", "verify", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert reached.wait(60)
        process.send_signal(sent)
        output, errors = process.communicate(timeout=30)
    finally:
        process.kill()
        released.set()
    assert process.returncode == 130
    assert output.startswith(f"tensorflow {RELEASE}, Python {PYTHON}, cpu: ok, proves runs, ")
    assert errors.splitlines() == [
        "cells: 1 of 2",
        "interrupted; what is done is written, run it again to go on",
    ]
    assert releases_of(workbench) == [RELEASE]
    assert workbench.left_over() == []

    workbench.index.on_request = lambda path: None
    assert main(arguments) == 0
    told = capsys.readouterr()
    assert told.out.endswith("1 cells, 0 failed\n")
    assert told.err.splitlines() == ["cells: 1 of 1"]
    assert releases_of(workbench) == ["2.14.1", RELEASE]
    assert workbench.left_over() == []
    assert main(arguments) == 0
    assert capsys.readouterr().out == "0 cells, 0 failed\n"


def test_cells_that_fail_are_counted_and_the_others_run(workbench, capsys):
    workbench.index.remove("tensorflow", "2.14.1")
    assert main(workbench.arguments("matrix", "--jobs", "2", "--memory", "99")) == 1
    told = capsys.readouterr().out.splitlines()
    assert told[-1] == "2 cells, 1 failed"
    (bad,) = [line for line in told if "no-wheel" in line]
    assert bad.startswith("tensorflow 2.14.1, ")
    assert releases_of(workbench) == ["2.14.1", RELEASE]
    assert workbench.left_over() == []


def test_a_run_that_is_merged_does_not_keep_its_cell_from_running_again(workbench, capsys):
    arguments = workbench.arguments("matrix", "--series", "2.15")
    main(arguments)
    capsys.readouterr()
    (filed,) = read_all(workbench.runs)
    # as if it had been merged long ago
    old = seen_run(workbench.cell(), "2025-01-01")._replace(run=filed.path.stem)
    write_evidence(workbench.store, "2.15", old)
    main(arguments)
    assert capsys.readouterr().out.endswith("1 cells, 0 failed\n")
    assert len(list(read_all(workbench.runs))) == 2


def test_of_the_downloads_those_not_used_for_longest_go_first(tmp_path):
    for name, used in {"old": 2, "folder/older": 1, "new": 3}.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"x" * 1000)
        os.utime(path, (used, used))
    shrink(tmp_path, 2000 / 1e9)
    assert sorted(path.name for path in tmp_path.rglob("*") if path.is_file()) == ["new", "old"]
    shrink(tmp_path, 1999 / 1e9)
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["new"]
    shrink(tmp_path / "absent", 0)
