"""`python -m verify check`: what fits passes, and each lie is refused in a line that says why."""

import json
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kb.runs import run_file
from kb.runs.attested import bundle
from kb.runs.folder import files
from kb.runs.run_file import GpuSeen
from tests.verify.sent_runs import (
    CPU,
    LINKS,
    RUNS,
    check,
    on_gpu,
    packages,
    real,
    runner,
    seen,
    sent,
    step,
)
from verify.commands.command_line import main
from verify.vouching import signatures


def checked(capsys, *paths):
    """Return the exit status, and the verdicts."""
    status = main(["check", *map(str, paths)])
    told = capsys.readouterr()
    assert told.err == ""
    lines = told.out.splitlines()
    assert len(lines) == len(paths)
    return status, [line.partition(": ")[2] for line in lines]


def refused(capsys, path):
    status, (line,) = checked(capsys, path)
    assert status == 1
    assert line.startswith("refused: ")
    assert line.isascii()
    return line


def test_every_run_of_ours_fits_but_for_recipes_that_are_ours_no_more(capsys):
    paths = files(RUNS)
    _, verdicts = checked(capsys, *paths)
    fits = [line for line in verdicts if line.startswith("fits: ")]
    older = re.compile(
        r"refused: the recipe [0-9a-f]{16} is not one of ours[^;]*; run it from main"
    )
    assert [line for line in verdicts if line not in fits and not older.fullmatch(line)] == []
    assert len(fits) >= 173


def test_a_run_on_a_gpu_that_the_wheel_serves_fits(capsys, tmp_path):
    status, (line,) = checked(capsys, sent(tmp_path, on_gpu()))
    assert status == 0
    assert line.startswith("fits: tensorflow 2.15.1, Python 3.11, cuda: ok, proves runs-gpu")


def test_what_speaks_of_the_runner_alone_may_be_sent_too(capsys, tmp_path):
    cut = CPU._replace(steps=CPU.steps[:3], checks=(), wheel=None, packages=(), proves=None)
    told = {"outcome": "timeout", "output": "Collecting tensorflow", "seconds": 3600.1}
    slow = step(cut, "install", **told)._replace(seconds=3610.0, seen=run_file.Seen())
    run = slow._replace(outcome="timeout", why="install: Collecting tensorflow")
    assert checked(capsys, sent(tmp_path, run))[0] == 0


LIES = {
    "wrong product": (
        step(CPU, "check-3", output="[[58.0, 64.0], [139.0, 154.0]]"),
        "check-3: is said to be ok, and did not print what it should",
    ),
    "unknown wheel": (
        CPU._replace(wheel=CPU.wheel._replace(file="tensorflow-2.15.1-cp311-none-any.whl")),
        "the index lists no wheel tensorflow-2.15.1-cp311-none-any.whl for this build",
    ),
    "unknown wheel hash": (
        CPU._replace(wheel=CPU.wheel._replace(sha256="0" * 64)),
        f"the sha256 of {CPU.wheel.file} is not the index's",
    ),
    "another Python's wheel": (
        CPU._replace(python="3.10"),
        f"{CPU.wheel.file} is not a wheel for Python 3.10",
    ),
    "no wheel": (CPU._replace(wheel=None), "does not name the wheel"),
    "glibc too old": (
        runner(CPU, glibc="2.12"),
        "needs glibc 2.17, the runner has 2.12",
    ),
    "the future": (
        CPU._replace(started="2199-01-01T00:00:00Z"),
        "started: 2199-01-01T00:00:00Z is in the future",
    ),
    "before the release": (
        CPU._replace(started="2019-01-01T00:00:00Z"),
        "is before the wheel was there",
    ),
    "no such day": (CPU._replace(started="2026-19-39T00:00:00Z"), "there is no such time"),
    "more than all its time": (CPU._replace(seconds=2.0), "all of it 2 s"),
    "beyond its limit": (
        step(CPU, "environment", seconds=9000.0)._replace(seconds=10000.0),
        "environment: took 9000 s, more than it is given",
    ),
    "foreign recipe": (
        CPU._replace(recipe="0123456789abcdef"),
        "the recipe 0123456789abcdef is not one of ours for this cell",
    ),
    "foreign steps": (
        step(CPU, "install", commands="python -m pip install evil"),
        f"its steps are not those of the recipe {CPU.recipe}",
    ),
    "goes on after a failure": (
        step(CPU, "environment", outcome="install"),
        "it goes on after a step of the set-up that failed",
    ),
    "says better than it was": (
        check(CPU, "convolution", outcome="wrong-result", error="off by 3"),
        "by what it saw it is wrong-result, not ok",
    ),
    "a check left out": (
        CPU._replace(checks=CPU.checks[:3] + CPU.checks[4:]),
        "its checks are not the probe's",
    ),
    "a check not reached": (
        CPU._replace(checks=CPU.checks[:4]),
        "the probe ended after product without a reason",
    ),
    "computed by a GPU that is not there": (
        check(CPU, "product", device="/GPU:0"),
        "a GPU is said to have computed where there was none",
    ),
    "no release": (CPU._replace(release="2.15.77"), "no tensorflow 2.15.77 for Python 3.11"),
    "no series": (CPU._replace(release="2.99.0"), "there is no series 2.99"),
    "no such Python": (CPU._replace(python="3.13"), "no tensorflow 2.15.1 for Python 3.13"),
    "another TensorFlow": (
        seen(CPU, tensorflow="2.14.0"),
        "TensorFlow called itself 2.14.0, not 2.15.1",
    ),
    "another Python": (
        seen(CPU, python="3.12.1"),
        "Python called itself 3.12.1, not 3.11",
    ),
    "not installed": (
        CPU._replace(packages=("numpy==1.26.4",)),
        "its packages do not hold tensorflow==2.15.1",
    ),
    "another numpy": (
        seen(CPU, numpy="2.0.0"),
        "numpy called itself 2.0.0, and 1.26.4 was installed",
    ),
    "another machine": (
        runner(CPU, system="Darwin", machine="arm64"),
        "a runner with Darwin arm64 is not linux-x86_64",
    ),
    "a token": (
        step(CPU, "install", output="token=abcdef0123456789\nSuccessfully installed"),
        "install: holds a token (token=...)",
    ),
    "a home path": (
        step(CPU, "install", output="Looking in /home/somebody/wheels"),
        "install: holds a home path",
    ),
    "an index address": (
        step(CPU, "install", output="Looking in indexes: https://me:secret@index.example/simple"),
        "install: holds an address",
    ),
    "a GPU and no driver": (
        runner(on_gpu(), driver=None),
        "it lists GPUs and no driver",
    ),
    "another capability than that GPU has": (
        on_gpu(GpuSeen("NVIDIA GeForce RTX 3090", "9.0")),
        "NVIDIA GeForce RTX 3090 has compute capability 8.6, not 9.0",
    ),
    "a GPU that the wheel has no code for": (
        on_gpu(GpuSeen("Tesla K80", "3.7")),
        "the wheel has no code for compute capability 3.7",
    ),
    "a check of the recipe left out": (
        CPU._replace(steps=CPU.steps[:-1]),
        "it left out check-3, a step of the recipe",
    ),
    "a GPU's check by the CPU": (
        step(on_gpu(), "check-3", output="[[22.0, 28.0], [49.0, 64.0]]"),
        "check-3: is said to be ok, and does not say that a GPU computed it",
    ),
    "no GPU computed": (
        on_gpu()._replace(checks=LINKS.checks),
        "cpu-instead-of-gpu",
    ),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_is_refused_in_words(lie, capsys, tmp_path):
    run, words = LIES[lie]
    assert words in refused(capsys, sent(tmp_path, run))


def test_a_pin_that_was_not_kept_is_refused(capsys, tmp_path):
    pinned = real("tensorflow-2.10.1-linux-x86_64-py3.9-cpu")
    run = packages(seen(pinned, numpy="2.0.0"), numpy="2.0.0")
    assert "it installed numpy 2.0.0, against numpy<2" in refused(capsys, sent(tmp_path, run))


RAW = run_file.text(CPU).encode()
BAD_FILES = {
    "markup in the GPU's name": (
        run_file.text(on_gpu()).replace("NVIDIA GeForce RTX 3090", "<script>alert(1)</script>"),
        ".gpus[0].name",
    ),
    "markup in output": (
        run_file.text(step(CPU, "install", output="<img src=x onerror=alert(1)>")),
        "steps[2].output",
    ),
    "not JSON": ("{'format': ", ": "),
    "nothing": ("", "the document is empty"),
    "another format": (RAW.replace(b'"format": 1', b'"format": 2'), "format"),
    "a field too many": (RAW.replace(b'"format": 1,', b'"format": 1, "x": 1,'), "x"),
    "a field twice": (RAW.replace(b'"format": 1,', b'"format": 1,\n "format": 1,'), "twice"),
    "a number that is none": (RAW.replace(b'"seconds": ', b'"seconds": NaN', 1), "seconds"),
    "not UTF-8": (b"\xff" + RAW, "not UTF-8"),
    "nested": ("[" * 20, "line 1: the document: a list is not"),
    # PyYAML refuses it by itself from 6.0.4 on
    "nested half a million deep": ("[" * 500_000, "refused: line 1: "),
    "other spaces": (RAW.replace(b"\n ", b"\n  "), "its text is not what `verify run` writes"),
}


@pytest.mark.parametrize("bad", BAD_FILES)
def test_a_bad_file_is_refused_in_words(bad, capsys, tmp_path):
    text, words = BAD_FILES[bad]
    path = tmp_path / "sent.json"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    assert words in refused(capsys, path)


def test_a_file_of_100_mb_is_not_read(capsys, tmp_path):
    path = tmp_path / "large.json"
    with path.open("wb") as file:
        file.truncate(100_000_000)
    assert "larger than 524288 bytes; no run is that large" in refused(capsys, path)


def test_a_million_levels_are_refused_by_their_size(capsys, tmp_path):
    path = tmp_path / "deep.json"
    path.write_text("[" * 1_000_000)
    assert "larger than" in refused(capsys, path)


def test_a_file_that_is_not_there_is_told_and_the_others_are_checked(capsys, tmp_path):
    status, verdicts = checked(capsys, tmp_path / "gone.json", sent(tmp_path, CPU))
    assert status == 1
    assert verdicts[0] == "refused: No such file or directory"
    assert verdicts[1].startswith("fits")


def test_the_name_of_a_file_cannot_write_to_the_terminal(capsys, tmp_path):
    path = tmp_path / "a\x1b[31m\nfits: all.json"
    path.write_text("{}")
    refused_line = checked(capsys, path)[1][0]
    assert "\x1b" not in refused_line


def test_a_run_that_was_moved_is_told_where_it_belongs(capsys, tmp_path):
    path = sent(tmp_path, CPU)
    moved = path.rename(path.with_name("2026-01-01-000000000000.json"))
    assert f"belongs at runs/2.15/{path.parent.name}/{path.name}" in refused(capsys, moved)


def leaves(node, path=()):
    """Yield the path of every value of a JSON document that holds no others."""
    if isinstance(node, dict | list) and node:
        items = node.items() if isinstance(node, dict) else enumerate(node)
        for name, item in items:
            yield from leaves(item, (*path, name))
    else:
        yield path


DOCUMENT = json.loads(RAW)
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=40),
    st.lists(st.text(max_size=3), max_size=3),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.sampled_from(list(leaves(DOCUMENT))), value=VALUES)
def test_whatever_stands_in_a_field_gets_a_verdict(place, value, capsys, tmp_path):
    document = json.loads(RAW)
    node = document
    for name in place[:-1]:
        node = node[name]
    node[place[-1]] = value
    path = tmp_path / "changed.json"
    path.write_text(json.dumps(document, indent=1) + "\n")
    status, (line,) = checked(capsys, path)
    assert line.startswith("fits: " if status == 0 else "refused: ")


def test_the_folder_of_runs_holds_nothing_but_runs_their_signatures_and_attestations():
    runs = files(RUNS)
    beside = {path for run in runs for path in (signatures.beside(run), bundle(run))}
    there = {path for path in RUNS.rglob("*") if path.is_file()}
    assert set(runs) <= there <= {*runs, *beside}
