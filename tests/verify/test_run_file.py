"""The file of a run: it reads back as it was written, and nothing that is no run is read."""

import json
import re

import pytest

from kb.base.errors import DocumentError, NotARun
from kb.cells.recipe_id import recipe_id
from kb.runs import folder as runs_folder
from kb.runs import run_file
from kb.runs.folder import of_recipe, read_all, save
from kb.runs.run_file import CheckSeen, GpuSeen, Run, Runner, Seen, StepSeen, WheelUsed
from tests.kb.small_base import write_base
from tests.verify.workbench import RELEASE, cell_key, one_release
from verify.plan import find

RUN = Run(
    format=1,
    **cell_key()._asdict(),
    recipe="0123456789abcdef",
    started="2026-01-02T03:04:05Z",
    seconds=61.5,
    outcome="ok",
    proves="runs",
    why=None,
    steps=(
        StepSeen(
            name="install",
            commands="pip install 'numpy<2'",
            outcome="ok",
            seconds=60.25,
            output="100%\n",
        ),
    ),
    checks=(
        CheckSeen(name="product", outcome="ok", seconds=0.1, device="/CPU:0"),
        CheckSeen(name="xla", outcome="crash", seconds=1.0, signal=11),
    ),
    wheel=WheelUsed("tensorflow-2.15.1-py3-none-any.whl", "0" * 64),
    packages=("numpy==1.26.4", "tensorflow==2.15.1"),
    runner=Runner(
        system="Linux",
        machine="x86_64",
        glibc="2.36",
        cpu="A CPU",
        flags=("avx",),
        wsl2=False,
        driver="550.54",
        gpus=(GpuSeen("A", "8.6", 6144),),
    ),
    seen=Seen(python="3.11.7"),
)


def test_a_run_reads_back_from_where_it_belongs(tmp_path):
    path = save(tmp_path, RUN)
    raw = path.read_bytes()
    name = run_file.cell_name(RUN.cell())
    assert path.parent == tmp_path / "2.15" / name
    assert re.fullmatch(r"2026-01-02-[0-9a-f]{12}", path.stem)
    assert path.stem == run_file.run_id(RUN, raw)
    assert list(read_all(tmp_path)) == [(path, raw, RUN)]


def test_one_that_is_there_stays_as_it_is(tmp_path):
    path = save(tmp_path, RUN)
    before = path.stat()
    assert save(tmp_path, RUN) == path
    assert path.stat() == before
    assert save(tmp_path, RUN._replace(seconds=62.0)).parent == path.parent
    assert len(runs_folder.files(tmp_path)) == 2


def test_the_runs_of_a_recipe_are_those_of_its_steps_alone(tmp_path):
    store = write_base(tmp_path / "base", one_release(RELEASE))
    recipe = find(store, cell_key()).recipe
    current = save(tmp_path / "runs", RUN._replace(recipe=recipe_id(recipe)))
    save(tmp_path / "runs", RUN)
    assert [filed.path for filed in of_recipe(tmp_path / "runs", recipe)] == [current]
    assert of_recipe(tmp_path / "none", recipe) == []


@pytest.mark.parametrize(
    "change",
    [
        {"why": "two\nlines"},
        {"packages": ("no version",)},
        {
            "steps": (
                StepSeen(
                    name="install", commands="x", outcome="ok", seconds=1.0, output="<script>"
                ),
            )
        },
        {
            "steps": (
                StepSeen(
                    name="install", commands="x", outcome="ok", seconds=1.0, output="x" * 2001
                ),
            )
        },
        {"wheel": WheelUsed("../tensorflow.whl", "0" * 64)},
        {"checks": (CheckSeen(name="product", outcome="ok", seconds=1.0, device="a GPU"),)},
    ],
)
def test_what_does_not_read_back_is_not_written(tmp_path, change):
    with pytest.raises(NotARun, match="report it as a bug"):
        save(tmp_path, RUN._replace(**change))
    assert list(tmp_path.iterdir()) == []


def changed(**fields):
    return json.dumps({**json.loads(run_file.text(RUN)), **fields}).encode()


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b"", "the document is empty"),
        (b"[]", "the document: "),
        (b"\xff", "not UTF-8 at byte 0"),
        (changed(outcome="fine"), "outcome: 'fine' "),
        (changed(proves="all"), "proves: 'all' "),
        (changed(extra=1), "extra"),
        (changed(release="2.15.1; rm -rf"), "release: "),
        (changed(started="2026-01-02"), "started: "),
        (changed(format=2), "format: "),
        (changed(seconds="long"), "seconds: "),
        (changed(steps="none"), "steps: "),
        (b"[" * 100_000, ""),
        (b"&a [*a, *a]", ""),
    ],
)
def test_what_is_no_run_is_told_in_one_line_with_its_file(tmp_path, raw, told):
    path = tmp_path / "2.15" / "cell" / "x.json"
    path.parent.mkdir(parents=True)
    path.write_bytes(raw)
    with pytest.raises(DocumentError) as error:
        list(read_all(tmp_path))
    assert str(error.value).startswith(f"{path}:")
    assert told in str(error.value)
    assert "\n" not in str(error.value)


def test_a_file_that_is_too_large_is_not_read(tmp_path):
    path = tmp_path / "x.json"
    path.write_bytes(b" " * (run_file.MAX_BYTES + 1))
    with pytest.raises(DocumentError, match=r"larger than 524288 bytes; no run is that large$"):
        runs_folder.load(path)


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(DocumentError, match="No such file"):
        runs_folder.load(tmp_path / "x.json")
