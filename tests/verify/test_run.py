"""`python -m verify run` from end to end: a real pip installs from a real index on loopback."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from kb.base.scrubbing import leaks
from kb.cells.recipe_id import recipe_id
from kb.cells.shells import setup
from kb.runs.run_file import WheelUsed
from tests.scraper.local_index import header
from tests.verify.secure_index import SecureIndex
from tests.verify.workbench import (
    PLATFORM,
    PYTHON,
    RELEASE,
    one_release,
    program,
    tensorflow_wheel,
    wheel_of,
)
from verify.commands.command_line import main
from verify.runner import probe

LOADER = "_ZN3tsl8internal9DsoLoader"


def test_a_run_is_written_with_all_that_was_seen(workbench, capsys):
    path = workbench.offer(requires=("absl-py>=1",))
    workbench.index.add("absl-py", "2.1.0", "py3-none-any", content=wheel_of("absl-py", "2.1.0"))
    assert workbench.run() == 0
    seen, raw = workbench.seen(), workbench.raw()
    recipe = workbench.cell().recipe
    assert (seen.outcome, seen.proves, seen.why) == ("ok", "runs", None)
    assert seen.cell() == recipe.cell
    assert seen.recipe == recipe_id(recipe)
    assert "\n".join(step.commands for step in seen.steps[:3]) == "\n".join(setup(recipe))
    assert [(step.name, step.outcome) for step in seen.steps] == [
        (name, "ok")
        for name in ("environment", "upgrade-pip", "install", "check-1", "check-2", "check-3")
    ]
    assert [step.output for step in seen.steps[3:]] == [one.expected for one in recipe.checks]
    assert [check.name for check in seen.checks] == [name for name, _ in probe.LIMITS_S]
    assert {check.outcome for check in seen.checks} == {"ok", "not-offered"}
    assert {"absl-py==2.1.0", f"tensorflow=={RELEASE}"} <= set(seen.packages)
    assert seen.wheel.file == Path(path).name
    assert seen.wheel.sha256 == hashlib.sha256(workbench.index.files[path]).hexdigest()
    assert seen.seen.tensorflow == RELEASE
    for private in (str(workbench.folder), "127.0.0.1", os.uname().nodename):
        assert private not in raw
    assert list(leaks(raw.partition('"challenge"')[0])) == []
    assert seen.challenge.own != seen.challenge.common
    told, written = capsys.readouterr().out.splitlines()
    assert told.startswith(f"tensorflow {RELEASE}, Python {PYTHON}, cpu: ok, proves runs, ")
    assert Path(written).read_text() == raw


def test_a_run_in_a_real_environment_of_a_process_of_its_own(workbench):
    workbench.offer()
    program(workbench.programs / f"python{PYTHON}", f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    cell = ("--release", RELEASE, "--python", PYTHON)
    done = subprocess.run(
        [sys.executable, "-m", "verify", *workbench.arguments("run", *cell)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert workbench.seen().proves == "runs"


def test_no_setting_of_the_user_but_the_index_reaches_a_run(workbench, tmp_path, monkeypatch):
    workbench.offer()
    absent = str(tmp_path / "absent.txt")
    settings = tmp_path / "home" / ".config" / "pip" / "pip.conf"
    settings.parent.mkdir(parents=True)
    settings.write_text(
        f"[global]\nindex-url = {workbench.index.address}\n[install]\nconstraint = {absent}\n"
    )
    monkeypatch.delenv("PIP_INDEX_URL")
    (tmp_path / "tensorflow.py").write_text("raise ImportError('not this one')")
    # each of these alone would spoil a run
    for name, value in {
        "PIP_EXTRA_INDEX_URL": "ftp://index.invalid/",
        "PIP_CONSTRAINT": absent,
        "PIP_FIND_LINKS": absent,
        "PIP_NO_INDEX": "1",
        "PIP_REQUIRE_HASHES": "1",
        "PIP_TARGET": absent,
        "PYTHONPATH": str(tmp_path),
    }.items():
        monkeypatch.setenv(name, value)
    assert workbench.run() == 0
    assert workbench.seen().outcome == "ok"


def test_a_run_installs_from_a_folder_of_wheels_alone(workbench, tmp_path, capsys):
    folder = tmp_path / "all wheels"
    folder.mkdir()
    content = tensorflow_wheel()
    file = f"tensorflow-{RELEASE}-py3-none-any.whl"
    (folder / file).write_bytes(content)
    cell = ("--release", RELEASE, "--python", PYTHON, "--wheels", str(folder))
    assert main(workbench.arguments("run", *cell)) == 0
    seen = workbench.seen()
    assert (seen.outcome, seen.wheel) == (
        "ok",
        WheelUsed(file, hashlib.sha256(content).hexdigest()),
    )
    assert "[wheels]" in workbench.raw()
    assert "all%20wheels" not in workbench.raw()
    assert "all wheels" not in workbench.raw()
    assert workbench.index.asked == []


def test_a_folder_that_lacks_a_wheel_says_nothing_of_the_cell(workbench, tmp_path, capsys):
    folder = tmp_path / "wheels"
    folder.mkdir()
    cell = ("--release", RELEASE, "--python", PYTHON, "--wheels", str(folder))
    assert main(workbench.arguments("run", *cell)) == 3
    assert capsys.readouterr().err == (
        f"error: {folder}: not all that the recipe installs is there: "
        f"tensorflow=={RELEASE}; add it to the folder\n"
    )
    assert not workbench.runs.exists()


def test_what_is_no_folder_of_wheels_is_told(workbench, capsys):
    cell = ("--release", RELEASE, "--python", PYTHON, "--wheels", "absent")
    assert main(workbench.arguments("run", *cell)) == 3
    assert capsys.readouterr().err == (
        "error: absent: no folder of wheels; name one that is there with --wheels\n"
    )


def test_what_was_downloaded_once_serves_the_next_run(workbench, certificate, monkeypatch):
    monkeypatch.setenv("PIP_CERT", str(certificate))
    with SecureIndex(certificate) as workbench.index:
        monkeypatch.setenv("PIP_INDEX_URL", workbench.index.address)
        run_twice(workbench)


def run_twice(workbench):
    path = workbench.offer()
    workbench.index.fault(path, header("Cache-Control", "max-age=600"))
    workbench.run()
    first = workbench.seen()
    assert workbench.index.wheels_asked() == [path]
    workbench.index.forget()
    shutil.rmtree(workbench.runs)
    workbench.run()
    assert workbench.index.wheels_asked() == []
    assert workbench.seen().wheel == first.wheel


def with_cuda(workbench, *failing, **stand_in):
    """Offer a cell for CUDA; these functions of TensorFlow's loader of libraries fail."""
    workbench.hold(one_release(RELEASE, cuda=True))
    workbench.offer(members=framework(workbench.folder / "c", failing), **stand_in)


GPU = {
    "driver_version": "550.54.15",
    "name": "Stand-in 6",
    "memory_total": "6144 MiB",
    "compute_cap": "8.6",
}


def test_what_a_gpu_computed_proves_the_highest_rung(workbench):
    workbench.see_gpus(**GPU)
    with_cuda(workbench, gpus=1, computed_by="GPU:0")
    assert workbench.run(device="cuda") == 0
    seen = workbench.seen()
    assert (seen.outcome, seen.proves) == ("ok", "runs-gpu")
    assert seen.runner.driver == "550.54.15"
    assert seen.runner.gpus == (("Stand-in 6", "8.6", 6144),)
    assert seen.seen.gpus == (("Stand-in", "8.6", None),)


def test_a_gpu_that_does_not_compute_is_told_by_name(workbench):
    workbench.see_gpus(**GPU)
    with_cuda(workbench, gpus=1, computed_by="CPU:0")
    assert workbench.run(device="cuda") == 1
    seen = workbench.seen()
    assert (seen.outcome, seen.proves) == ("cpu-instead-of-gpu", None)
    assert seen.why == "product: cpu-instead-of-gpu: computed by /CPU:0"


def test_a_driver_that_cannot_tell_costs_no_run(workbench):
    unknown = dict.fromkeys(("driver_version", "compute_cap", "memory_total"), "[N/A]")
    workbench.see_gpus(**{**GPU, **unknown})
    with_cuda(workbench, gpus=1, computed_by="GPU:0")
    assert workbench.run(device="cuda") == 0
    assert workbench.seen().runner.driver is None
    assert workbench.seen().runner.gpus == (("Stand-in 6", None, None),)


def framework(folder, failing):
    if shutil.which("cc") is None:
        pytest.skip("no C compiler here")
    functions = dict.fromkeys(("GetCudnnDsoHandle", "TryDlopenCUDALibraries"), "0")
    functions |= dict.fromkeys(failing, "20")
    lines = [
        f"void {LOADER}{len(name)}{name}Ev(unsigned long *status) {{ status[0] = {value}; }}"
        for name, value in functions.items()
    ]
    folder.mkdir()
    (folder / "loader.c").write_text("\n".join(lines))
    library = folder / "loader.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, folder / "loader.c"], check=True)
    return (("tensorflow/libtensorflow_framework.so.2", library.read_bytes()),)


@pytest.mark.skipif(not str(PLATFORM).startswith("linux"), reason="CUDA is of Linux alone")
def test_without_a_gpu_it_is_seen_whether_cuda_links(workbench):
    with_cuda(workbench)
    assert workbench.run(device="cuda") == 0
    seen = workbench.seen()
    assert (seen.outcome, seen.proves) == ("ok", "links")
    # the published checks are for a GPU: on a machine without one they cannot pass
    assert [step.name for step in seen.steps] == ["environment", "upgrade-pip", "install"]


@pytest.mark.skipif(not str(PLATFORM).startswith("linux"), reason="CUDA is of Linux alone")
def test_a_library_of_cuda_that_does_not_load_is_told_by_name(workbench):
    with_cuda(workbench, "GetCudnnDsoHandle")
    assert workbench.run(device="cuda") == 1
    seen = workbench.seen()
    assert (seen.outcome, seen.why) == ("library-missing", "libraries: library-missing: cudnn")
