"""What `python -m verify run` makes of a cell that is broken, and of a runner that fails."""

import os
import shutil
import subprocess
import sys
import threading

import pytest

from kb.cells.standing import CONCLUSIVE
from tests.scraper.local_index import body, breaks_off, padding, status
from tests.verify.workbench import PYTHON, RELEASE, one_release, program, wheel_of
from verify.runner import isolation, pip_words, run


@pytest.fixture
def workbench(workbench, monkeypatch):
    # pip's own five retries take seconds
    monkeypatch.setattr(
        run, "variables", lambda *given: {**isolation.variables(*given), "PIP_RETRIES": "1"}
    )
    return workbench


def failed(workbench):
    """Carry the cell out, which fails; return the run, and whether it speaks of the cell."""
    assert workbench.run() == 1
    seen = workbench.seen()
    assert (seen.proves, seen.steps[-1].outcome) == (None, seen.outcome)
    return seen.outcome, seen.why, seen.outcome in CONCLUSIVE


def ends(why, end):
    return why.startswith("install: ") and why.endswith(end)


def test_no_network_says_nothing_of_the_cell(workbench, monkeypatch):
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple/")
    outcome, why, conclusive = failed(workbench)
    assert (outcome, conclusive) == ("download", False)
    assert ends(why, f"No matching distribution found for tensorflow=={RELEASE}")


@pytest.mark.parametrize("answer", [status(403), status(503)])
def test_an_index_that_fails_to_answer_says_nothing_of_the_cell(workbench, answer):
    workbench.offer()
    workbench.index.fault("/simple/tensorflow/", answer)
    outcome, _, conclusive = failed(workbench)
    assert (outcome, conclusive) == ("download", False)


@pytest.mark.parametrize("answer", [breaks_off, body(b"something else", "text/plain")])
def test_a_wheel_that_does_not_arrive_says_nothing_of_the_cell(workbench, answer):
    path = workbench.offer()
    workbench.index.fault(path, answer)
    outcome, _, conclusive = failed(workbench)
    assert (outcome, conclusive) == ("download", False)


def test_a_release_without_a_wheel(workbench):
    workbench.offer(release="2.15.0")
    outcome, why, conclusive = failed(workbench)
    assert (outcome, conclusive) == ("no-wheel", True)
    assert ends(why, f"No matching distribution found for tensorflow=={RELEASE}")


def test_a_requirement_that_is_not_there(workbench):
    workbench.offer(requires=("absl-py>=3",))
    workbench.index.add("absl-py", "2.1.0", "py3-none-any", content=wheel_of("absl-py", "2.1.0"))
    outcome, why, conclusive = failed(workbench)
    assert (outcome, conclusive) == ("resolution", True)
    assert ends(why, "No matching distribution found for absl-py>=3")


def test_requirements_that_contradict_each_other(workbench):
    workbench.offer(requires=("absl-py<2", "six"))
    add = workbench.index.add
    add("six", "1.0", "py3-none-any", content=wheel_of("six", "1.0", (), ("absl-py>=2",)))
    for release in ("1.0", "2.1.0"):
        add("absl-py", release, "py3-none-any", content=wheel_of("absl-py", release))
    assert failed(workbench)[::2] == ("resolution", True)


def test_a_python_that_is_not_there_says_nothing_of_the_cell(workbench, capsys):
    workbench.hold(one_release(RELEASE, "3.4"))
    assert workbench.run(python="3.4") == 1
    seen = workbench.seen()
    assert (seen.outcome, seen.outcome in CONCLUSIVE) == ("no-python", False)
    assert seen.why == "environment: no python3.4 on this machine"


def test_a_step_that_hangs_is_stopped_and_says_nothing_of_the_cell(workbench, monkeypatch):
    workbench.offer()
    released = threading.Event()
    workbench.index.on_request = lambda path: "tensorflow" in path and released.wait(60)
    monkeypatch.setattr(run, "LIMITS_S", {**run.LIMITS_S, "install": 2})
    try:
        outcome, _, conclusive = failed(workbench)
    finally:
        released.set()
    assert (outcome, conclusive) == ("timeout", False)
    assert workbench.seen().steps[-1].seconds < 10


def test_a_set_up_that_is_killed_says_nothing_of_the_cell(workbench, capsys):
    killed = 'case "$1" in -m) kill -9 $$ ;; esac\n'
    program(
        workbench.programs / f"python{PYTHON}", f'#!/bin/sh\n{killed}exec "{sys.executable}" "$@"\n'
    )
    assert workbench.run() == 3
    (line,) = capsys.readouterr().err.splitlines()
    assert line == "error: a step was killed: the machine may be short of memory; free some"
    assert (workbench.left_over(), workbench.runs.exists()) == ([], False)


def test_a_check_that_hangs_is_stopped(workbench, monkeypatch):
    workbench.offer(matmul="time.sleep(600)")
    monkeypatch.setattr(run, "CHECK_LIMIT_S", 1)
    monkeypatch.setattr(run, "PROBE_LIMIT_S", 2)
    assert failed(workbench)[::2] == ("timeout", False)


def test_a_run_that_is_interrupted_leaves_nothing(workbench):
    reached, released = threading.Event(), threading.Event()

    def hold(path):
        if path.startswith("/simple/tensorflow"):
            reached.set()
            released.wait(60)

    workbench.index.on_request = hold
    cell = ("--release", RELEASE, "--python", PYTHON)
    command = [sys.executable, "-m", "verify", *workbench.arguments("run", *cell)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        assert reached.wait(60)
        process.terminate()
        (_, errors) = process.communicate(timeout=30)
    finally:
        process.kill()
        released.set()
    assert process.returncode == 130
    assert errors == "interrupted; what is done is written, run it again to go on\n"
    assert (workbench.left_over(), workbench.runs.exists()) == ([], False)


def test_an_import_that_fails(workbench):
    workbench.offer(on_import="raise ImportError('numpy.core.multiarray failed to import')")
    assert workbench.run() == 1
    seen = workbench.seen()
    assert seen.outcome == "import"
    assert seen.why == "import: ImportError: numpy.core.multiarray failed to import"
    assert [step.outcome for step in seen.steps[3:]] == ["import"] * 3


def test_a_wrong_product(workbench):
    workbench.offer(matmul="a = Tensor([[9.0, 9.0, 9.0]])")
    outcome, why, conclusive = failed(workbench)
    assert (outcome, conclusive) == ("wrong-result", True)
    assert why == "product: the product is [[81.0, 108.0]]"


def test_a_computation_that_crashes_is_told_with_its_signal(workbench):
    workbench.offer(matmul="os.kill(os.getpid(), signal.SIGKILL)")
    outcome, _, conclusive = failed(workbench)
    assert (outcome, conclusive) == ("crash", True)
    assert [(one.name, one.signal) for one in workbench.seen().checks if one.signal] == [
        ("product", 9),
        ("challenge", 9),
    ]


def test_one_that_kills_what_started_it_is_a_crash_too(workbench):
    workbench.offer(on_import="os.kill(os.getppid(), signal.SIGKILL); time.sleep(600)")
    outcome, why, conclusive = failed(workbench)
    assert (outcome, conclusive) == ("crash", True)
    assert why.startswith("check-1: ")
    assert workbench.seen().checks == ()


def test_too_little_space_is_told_before_anything_is_made(workbench, monkeypatch, capsys):
    monkeypatch.setattr(run, "CPU_GB", 10**9)
    assert workbench.run() == 3
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"error: {workbench.scratch}: ")
    assert line.endswith("; free some, or name another folder with --scratch")
    assert (workbench.left_over(), workbench.runs.exists()) == ([], False)


def test_a_scratch_folder_that_cannot_be_made_is_told(workbench, capsys):
    workbench.scratch.write_text("a file")
    assert workbench.run() == 3
    (line,) = capsys.readouterr().err.splitlines()
    assert line == f"error: {workbench.scratch}: File exists"


@pytest.fixture
def small_disk(workbench):
    """Have a scratch folder on a disk of its own, which holds an environment and little more."""
    workbench.scratch.mkdir()
    tmpfs = ["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", workbench.scratch]
    if (
        os.geteuid()
        or shutil.which("mount") is None
        or subprocess.run(tmpfs, check=False).returncode
    ):
        pytest.skip("only root can mount a small disk, and not everywhere")
    yield workbench
    subprocess.run(["umount", workbench.scratch], check=True)


def test_a_disk_that_fills_up_says_nothing_of_the_cell(small_disk, capsys):
    small_disk.offer(members=(("padding/large.so", padding("large", 64 * 1024 * 1024)),))
    assert small_disk.run() == 3
    (line,) = capsys.readouterr().err.splitlines()
    assert line == f"error: {small_disk.scratch}: the disk is full; free some space"
    assert (small_disk.left_over(), small_disk.runs.exists()) == ([], False)


@pytest.mark.parametrize(
    ("release", "python", "told"),
    [
        ("9.9.9", PYTHON, "nothing found: no TensorFlow 9.9.9"),
        (RELEASE, "2.7", f"nothing found: no tensorflow {RELEASE} for Python 2.7, cpu, on "),
    ],
)
def test_a_cell_that_does_not_exist_is_told(workbench, capsys, release, python, told):
    assert workbench.run(release, python=python) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(told)


# what pip prints that no index on loopback brings about
WORDS = {
    'ReadTimeoutError("HTTPSConnectionPool: Read timed out. (read timeout=15)")': "download",
    "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.": "download",
    "ERROR: HTTP error 502 while getting x.whl\nERROR: No matching distribution found": "download",
    "error: resolution-too-deep\nDependency resolution exceeded maximum depth": "resolution",
    "ERROR: No matching distribution found for tensorflow_cpu": "no-wheel",
    "ERROR: No matching distribution found for tensorflow-cpu==2.15.1": "no-wheel",
    "ERROR: No matching distribution found for tensorflow-cpu-aws==2.15.1": "resolution",
    "ERROR: Could not build wheels for h5py": "install",
}


@pytest.mark.parametrize(("printed", "outcome"), WORDS.items(), ids=range(len(WORDS)))
def test_a_failure_is_named_by_what_pip_prints(tmp_path, printed, outcome):
    assert pip_words.failure(printed, tmp_path, "tensorflow-cpu") == outcome
