"""`python -m verify plan`: which cells are worth running, and why."""

import json
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from tests.kb.small_base import (
    CPU,
    CUDA_11,
    CUDA_12,
    one_build,
    pin,
    placeholder,
    series_file,
    write_base,
)
from tests.verify.workbench import PLATFORM, cell_key, program, seen_run, write_evidence
from verify.commands.command_line import main
from verify.plan import Scope, find, ordinal, plan

TODAY = ordinal("2026-06-01")


def tensorflow(release, pythons, **says):
    return one_build("tensorflow", release, PLATFORM, pythons, **(says or CPU))


@pytest.fixture
def base(tmp_path):
    """Three series; the last patch of the middle one has fewer Pythons than the one before."""
    return write_base(
        tmp_path / "base",
        series_file("2.14", (tensorflow("2.14.0", "3.10", **CUDA_12),)),
        series_file(
            "2.15",
            (
                tensorflow("2.15.0", "3.9 3.10", **CUDA_12),
                tensorflow("2.15.1", "3.9 3.10", **CUDA_12),
                tensorflow("2.15.2", "3.10", **CUDA_12),
                one_build("tensorflow-cpu", "2.15.3", PLATFORM, "3.10", **CPU),
                one_build("tf-nightly", "2.15.4.dev1", PLATFORM, "3.10", **CPU),
            ),
        ),
        series_file("2.16", (placeholder("tensorflow", "2.16.0"),)),
    )


def planned(store, **narrow):
    usual = {"pythons": ("3.10", "3.9"), "devices": ("cpu",), "first": "2.0"}
    scope = Scope(**{"platform": PLATFORM, "older_than_days": 60, **usual, **narrow})
    return [
        (one.cell.key.release, one.cell.key.python, one.cell.key.device, one.reason, one.why)
        for one in plan(store, scope, TODAY)
    ]


NEVER = ("never run", "no run speaks of it")


def test_the_newest_patch_with_a_wheel_is_planned_for_each_python(base):
    assert planned(base) == [
        ("2.15.2", "3.10", "cpu", *NEVER),
        ("2.15.1", "3.9", "cpu", *NEVER),
        ("2.14.0", "3.10", "cpu", *NEVER),
    ]


@pytest.mark.parametrize(
    ("narrow", "expected"),
    [
        ({"series": ("2.14",)}, [("2.14.0", "3.10", "cpu")]),
        ({"pythons": ("3.9",)}, [("2.15.1", "3.9", "cpu")]),
        ({"pythons": ("3.13",)}, []),
        ({"first": "2.15"}, [("2.15.2", "3.10", "cpu"), ("2.15.1", "3.9", "cpu")]),
        ({"first": "2.9", "series": ("2.14",)}, [("2.14.0", "3.10", "cpu")]),
        ({"first": "2.15", "series": ("2.14",)}, []),
        ({"devices": ("cuda",), "pythons": ("3.9",)}, [("2.15.1", "3.9", "cuda")]),
        ({"platform": "windows-x86_64"}, []),
    ],
)  # fmt: skip
def test_a_plan_is_narrowed_by_its_scope(base, narrow, expected):
    assert [one[:3] for one in planned(base, **narrow)] == expected


def test_the_first_release_is_planned_too_where_it_needs_other_pins(base):
    pins = (pin("numpy<2", "2.15.0", "2.15.1"),)
    narrowed = write_base(Path(base.data), base.series("2.15"), pins=pins)
    assert [one[:2] for one in planned(narrowed, series=("2.15",))] == [
        ("2.15.2", "3.10"),
        ("2.15.0", "3.10"),
        ("2.15.1", "3.9"),
    ]


def test_a_candidate_is_planned_beside_the_newest_release(tmp_path):
    base = write_base(
        tmp_path,
        series_file("2.15", (tensorflow("2.15.0", "3.10"), tensorflow("2.15.1rc0", "3.9 3.10"))),
        series_file(
            "2.16",
            (
                tensorflow("2.16.0rc1", "3.10"),
                one_build("tensorflow-cpu", "2.16.0rc1", PLATFORM, "3.10", **CPU),
            ),
        ),
    )
    assert [one[:2] for one in planned(base)] == [
        ("2.16.0rc1", "3.10"),
        ("2.15.1rc0", "3.10"),
        ("2.15.0", "3.10"),
        ("2.15.1rc0", "3.9"),
    ]


def test_another_distribution_serves_where_tensorflow_has_no_wheel(tmp_path):
    base = write_base(
        tmp_path,
        series_file(
            "2.1",
            (
                tensorflow("2.1.0", "3.6"),
                one_build("tensorflow-gpu", "2.1.0", PLATFORM, "3.6", **CUDA_11),
                one_build("tensorflow-cpu", "2.1.0", PLATFORM, "3.6", **CPU),
            ),
        ),
    )
    scope = Scope(
        platform=PLATFORM,
        pythons=("3.6",),
        devices=("cpu", "cuda"),
        first="2.0",
        older_than_days=60,
    )
    assert [
        (one.cell.key.distribution, one.cell.key.device) for one in plan(base, scope, TODAY)
    ] == [
        ("tensorflow", "cpu"),
        ("tensorflow-gpu", "cuda"),
    ]


REASONS = {
    "a recent run": ([("2026-05-01", "ok", {})], None),
    "a run as old as may be": ([("2026-04-02", "ok", {})], None),
    "a run that is older": ([("2026-04-01", "ok", {})], ("old", "last run 2026-04-01")),
    "an old run and a recent one": (
        [("2026-01-01", "ok", {}), ("2026-05-01", "ok", {})],
        None,
    ),
    "a run that failed": (
        [("2026-05-30", "import", {})],
        ("broken last time", "import, 2026-05-30"),
    ),
    "a failure that was mended": ([("2026-05-01", "import", {}), ("2026-05-30", "ok", {})], None),
    "a success that broke": (
        [("2026-05-30", "crash", {}), ("2026-05-01", "ok", {})],
        ("broken last time", "crash, 2026-05-30"),
    ),
    "a run of another recipe": (
        [("2026-05-30", "ok", {"recipe": "0" * 16})],
        ("recipe changed", "last run 2026-05-30"),
    ),
    "a failure of another recipe": (
        [("2026-05-01", "ok", {}), ("2026-05-30", "import", {"recipe": "0" * 16})],
        None,
    ),
    "faults of runners alone": (
        [(f"2026-05-3{day}", fault, {}) for day, fault in enumerate(("download", "timeout"))],
        NEVER,
    ),
    "a fault of a runner after a success": (
        [("2026-05-01", "ok", {}), ("2026-05-30", "no-avx", {})],
        None,
    ),
}


@pytest.mark.parametrize(("runs", "expected"), REASONS.values(), ids=REASONS)
def test_a_cell_is_planned_for_a_reason(base, runs, expected):
    cell = find(base, cell_key("2.14.0", python="3.10"))
    write_evidence(base, "2.14", *(seen_run(cell, day, seen, **more) for day, seen, more in runs))
    found = [one[3:] for one in planned(base, series=("2.14",))]
    assert found == ([] if expected is None else [expected])


@pytest.fixture
def command(base, tmp_path, monkeypatch, capsys):
    """Carry the command out on a machine whose only Python is 3.10."""
    program(tmp_path / "bin" / "python3.10", "#!/bin/sh\necho 3.10\n")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "none"))

    def run(*arguments):
        assert main(["plan", "--data", base.data, *arguments]) == 0
        return capsys.readouterr().out

    return run


def test_the_pythons_of_this_machine_are_planned_for(command):
    assert command() == (
        "tensorflow 2.15.2     Python 3.10  cpu   never run: no run speaks of it\n"
        "tensorflow 2.14.0     Python 3.10  cpu   never run: no run speaks of it\n"
        "2 cells\n"
    )


def test_options_narrow_the_plan(command):
    told = command("--series", "2.15", "--python", "3.9", "--device", "cuda")
    assert told.splitlines()[0].startswith("tensorflow 2.15.1     Python 3.9   cuda  never run")
    assert told.endswith("\n1 cells\n")


def test_the_matrix_for_github_is_json(command):
    assert json.loads(command("--format", "github", "--series", "2.14")) == {
        "include": [
            {"distribution": "tensorflow", "release": "2.14.0", "python": "3.10", "device": "cpu"}
        ]
    }


def test_nothing_to_run_is_told(command, base):
    day = (datetime.now(timezone.utc) - timedelta(days=9)).date().isoformat()
    cell = find(base, cell_key("2.14.0", python="3.10"))
    write_evidence(base, "2.14", seen_run(cell, day))
    only = ("--series", "2.14")
    where = f"no CPU cell of {PLATFORM} is left"
    assert command(*only) == f"nothing to run: {where}; `--device cuda` has 1\n"
    assert json.loads(command(*only, "--format", "github")) == {"include": []}
    assert f"old: last run {day}" in command(*only, "--older-than", "8")


def test_what_takes_a_persons_hand_is_left_out(command, base):
    without_extra = {name: value for name, value in CUDA_12.items() if name != "extras"}
    write_base(
        Path(base.data), series_file("2.13", (tensorflow("2.13.1", "3.10", **without_extra),))
    )
    told = command("--series", "2.13", "--device", "cuda")
    where = f"no CUDA cell of {PLATFORM} is left"
    assert told == f"nothing to run: {where}; `--device cpu` has 1\n"
    assert command("--series", "2.13").endswith("1 cells\n")


def test_no_knowledge_base_is_one_line(tmp_path, capsys):
    assert main(["plan", "--data", str(tmp_path / "none")]) == 3
    (line,) = capsys.readouterr().err.splitlines()
    assert line == f"error: {tmp_path / 'none'}: no knowledge base here; name one with --data"
