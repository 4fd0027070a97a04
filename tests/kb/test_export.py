"""`python -m kb export`: the whole knowledge base, as JSON and as SQLite."""

import json
import os
import sqlite3
import subprocess
import sys

import pytest

from kb import command_line
from kb.answers.releases import VersionQuestion
from kb.base.model import CellRun, EvidenceFile
from kb.base.store import Store
from kb.base.writing import dump, write
from kb.cells.recipe_id import recipe_id
from kb.cells.shells import check, setup
from kb.lookup.answer import lookup
from tests.kb.small_base import CPU, LINUX, one_build, series_file, write_base


@pytest.fixture
def export(usual_base, tmp_path, capsys):
    """Export the small base into a file; return its path."""

    def run(form, name, data=None):
        path = tmp_path / name
        arguments = ["export", "--format", form, "--output", str(path)]
        assert command_line.main(["--data", str(data or usual_base.data), *arguments]) == 0
        assert capsys.readouterr() == ("", "")
        assert [one.name for one in tmp_path.iterdir() if one.name.startswith(".")] == []
        return path

    return run


def query(path, text):
    """Return what a database answers."""
    database = sqlite3.connect(path)
    try:
        return database.execute(text).fetchall()
    finally:
        database.close()


def test_the_json_document_holds_every_file_and_every_cell(usual_base, export, capsys):
    path = export("json", "kb.json")
    document = json.loads(path.read_text(encoding="utf-8"))
    assert document["format"] == 1
    assert list(document["series"]) == list(usual_base.series_names())
    assert document["series"]["2.15"]["official"][0]["python"] == "3.9-3.10"
    assert document["series"]["2.15"]["official"][0]["cuda"] is None
    assert [one["pin"] for one in document["pins"]["pins"]] == [
        "numpy<2",
        "nvidia-cudnn-cu12<9.11",
    ]
    for name in ("plugins", "wheels", "resolutions", "evidence"):
        assert isinstance(document[name], dict)
    for name in ("cuda", "gpus", "problems", "library_paths", "errors", "attestations"):
        assert document[name]["format"] == 1
    assert command_line.main(["--data", usual_base.data, "export", "--format", "json"]) == 0
    assert capsys.readouterr().out == path.read_text(encoding="utf-8")


def test_a_cell_has_what_a_look_up_says_of_it(usual_base, export):
    document = json.loads(export("json", "kb.json").read_text(encoding="utf-8"))
    found = {
        (one["distribution"], one["release"], one["platform"], one["python"], one["device"]): one
        for one in document["cells"]
    }
    assert len(found) == len(document["cells"])
    for version in ("2.15.0", "2.15.1", "1.15.0"):
        for build in lookup(usual_base, VersionQuestion(version=version)).builds:
            for cell in build.cells:
                one = found[tuple(cell.key)]
                assert one["rung"] == cell.standing.rung
                assert one["standing"] == cell.standing.standing
                assert one["recipe"] == recipe_id(cell.recipe)
                assert one["setup"] == list(setup(cell.recipe))
                assert one["check"] == list(check(cell.recipe))
                assert [pin["pin"] for pin in one["pins"]] == [pin.pin for pin in cell.pins]


def test_the_database_answers_what_the_document_says(export):
    path, text = export("sqlite", "kb.db"), export("json", "kb.json").read_text(encoding="utf-8")
    document = json.loads(text)
    assert query(path, "PRAGMA integrity_check") == [("ok",)]
    assert query(path, "PRAGMA foreign_key_check") == []
    assert query(path, "SELECT format FROM format") == [(1,)]
    rows = query(
        path,
        "SELECT distribution, release, platform, python, device, rung, standing, recipe, setup,"
        " checks, expected FROM cells JOIN builds ON builds.id = build_id"
        " JOIN releases ON releases.id = release_id ORDER BY cells.id",
    )
    names = ("distribution", "release", "platform", "python", "device", "rung", "standing")
    assert rows == [
        (
            *(one[name] for name in (*names, "recipe")),
            *("\n\n".join(one[name]) for name in ("setup", "check", "expected")),
        )
        for one in document["cells"]
    ]
    wheels = query(path, "SELECT count(*), count(DISTINCT wheels.id) FROM wheels")
    assert wheels[0][0] == sum(
        len(build["wheels"])
        for series in document["series"].values()
        for release in series["releases"]
        for build in release["builds"]
    )
    pinned = query(
        path,
        "SELECT DISTINCT pin, value FROM cell_pins JOIN pins ON pins.id = cell_pins.pin_id"
        " JOIN pin_scopes ON pin_scopes.pin_id = pins.id WHERE kind = 'distribution'"
        " ORDER BY pin",
    )
    assert pinned == [("numpy<2", "tensorflow"), ("nvidia-cudnn-cu12<9.11", "tensorflow")]
    sources = query(path, "SELECT count(*) FROM cell_proofs JOIN sources ON sources.id = source_id")
    assert sources[0][0] == sum(len(one["proof"]) for one in document["cells"])
    texts = query(path, "SELECT text FROM problem_texts WHERE problem_id = 'hits-2-15'")
    assert ("A way out.",) in texts
    assert query(path, "SELECT sdist FROM releases WHERE sdist IS NOT NULL") == [
        ("tensorflow-gpu-2.16.0.tar.gz",)
    ]


@pytest.mark.parametrize("form", ["json", "sqlite"])
def test_the_same_knowledge_base_is_exported_the_same(form, export):
    one, other = export(form, "one"), export(form, "other")
    if form == "json":
        assert one.read_bytes() == other.read_bytes()
    else:
        dumps = []
        for path in (one, other):
            database = sqlite3.connect(path)
            dumps.append(list(database.iterdump()))
            database.close()
        assert dumps[0] == dumps[1]
        assert one.read_bytes() == other.read_bytes()


@pytest.mark.parametrize("form", ["json", "sqlite"])
def test_a_file_that_is_there_is_replaced_whole_or_left_alone(form, usual_base, tmp_path, capsys):
    path = tmp_path / "out"
    path.write_text("before")
    export = ["export", "--format", form, "--output", str(path)]
    broken = tmp_path / "broken"
    (broken / "releases").mkdir(parents=True)
    (broken / "releases" / "2.15.yaml").write_text("format: 1\n")
    assert command_line.main(["--data", str(broken), *export]) == 3
    assert path.read_text() == "before"
    assert capsys.readouterr().err.startswith("error: ")
    assert command_line.main(["--data", usual_base.data, *export]) == 0
    assert path.read_bytes() != b"before"
    assert sorted(one.name for one in tmp_path.iterdir()) == ["broken", "out"]


@pytest.mark.parametrize("form", ["json", "sqlite"])
def test_a_file_that_cannot_be_written_is_one_clear_line(form, usual_base, tmp_path, capsys):
    for place in (tmp_path / "file" / "out", tmp_path):
        (tmp_path / "file").write_text("")
        arguments = ["export", "--format", form, "--output", str(place)]
        assert command_line.main(["--data", usual_base.data, *arguments]) == 3
        out, error = capsys.readouterr()
        assert out == ""
        assert error.startswith(f"error: cannot write {place}: ")
        assert len(error.splitlines()) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="has no FIFO")
@pytest.mark.parametrize("form", ["json", "sqlite"])
def test_what_is_no_regular_file_is_never_replaced(form, usual_base, tmp_path, capsys):
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "link").symlink_to("fifo")
    for place in (tmp_path / "fifo", tmp_path / "link", tmp_path / "absent" / "out"):
        arguments = ["export", "--format", form, "--output", str(place)]
        assert command_line.main(["--data", usual_base.data, *arguments]) == 3
        out, error = capsys.readouterr()
        assert (out, len(error.splitlines())) == ("", 1)
        assert error.startswith(f"error: cannot write {place}: ")
    assert (tmp_path / "fifo").is_fifo()
    assert (tmp_path / "link").is_symlink()
    assert sorted(one.name for one in tmp_path.iterdir()) == ["fifo", "link"]


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
@pytest.mark.parametrize("form", ["json", "sqlite"])
def test_a_link_to_a_file_stays_a_link(form, usual_base, tmp_path):
    (tmp_path / "file").write_text("before")
    (tmp_path / "link").symlink_to("file")
    arguments = ["export", "--format", form, "--output", str(tmp_path / "link")]
    assert command_line.main(["--data", usual_base.data, *arguments]) == 0
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "file").read_bytes() != b"before"


def test_a_knowledge_base_at_odds_with_itself_makes_no_database(tmp_path, capsys):
    gone = series_file("2.15", (one_build("tensorflow", "2.15.0", LINUX, "3.9", **CPU),) * 2)
    store = write_base(tmp_path / "data", gone)
    arguments = ["export", "--format", "sqlite", "--output", str(tmp_path / "kb.db")]
    assert command_line.main(["--data", store.data, *arguments]) == 3
    assert "run `python -m kb validate`" in capsys.readouterr().err
    assert [one.name for one in tmp_path.iterdir()] == ["data"]


def test_a_database_needs_the_name_of_a_file(usual_base, capsys):
    assert command_line.main(["--data", usual_base.data, "export", "--format", "sqlite"]) == 2
    assert capsys.readouterr() == ("", "error: --format sqlite needs --output FILE\n")


def test_a_reader_that_stops_early_sees_no_traceback(usual_base):
    command = [sys.executable, "-m", "kb", "export", "--format", "json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout.read(1) == b"{"
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(timeout=60) == 0


def test_the_real_knowledge_base_is_exported_whole(tmp_path):
    path = tmp_path / "kb.db"
    assert command_line.main(["export", "--format", "sqlite", "--output", str(path)]) == 0
    assert query(path, "PRAGMA foreign_key_check") == []
    store = Store()
    runs = sum(len(store.evidence(name).runs) for name in store.evidence_names())
    assert query(path, "SELECT count(*) FROM runs") == [(runs,)]
    (count,) = query(path, "SELECT count(*) FROM cells WHERE setup = '' OR checks = ''")
    assert count == (0,)


def test_runs_of_a_candidate_that_is_gone_are_exported(tmp_path):
    candidate = one_build("tensorflow", "2.16.0rc1", LINUX, "3.12", **CPU)
    final = one_build("tensorflow", "2.16.0", LINUX, "3.12", **CPU)
    store = write_base(tmp_path / "base", series_file("2.16", (final, candidate)))
    path = tmp_path / "kb.db"
    run = CellRun(
        run="2026-01-02-0123456789ab",
        at="2026-01-02T03:04:05Z",
        distribution="tensorflow",
        release="2.16.0rc0",
        platform=LINUX,
        python="3.12",
        device="cpu",
        recipe="0123456789abcdef",
        outcome="ok",
        trust="self-reported",
        proves="runs",
    )
    write(tmp_path / "base/evidence/2.16.yaml", dump(EvidenceFile(1, (run,)), "Runs."))
    arguments = ["export", "--format", "sqlite", "--output", str(path)]
    assert command_line.main(["--data", store.data, *arguments]) == 0
    assert query(path, "SELECT release FROM runs") == [("2.16.0rc0",)]
    assert query(path, "SELECT release, kind FROM releases ORDER BY id") == [
        ("2.16.0", "release"),
        ("2.16.0rc1", "candidate"),
    ]
    assert query(path, "SELECT count(*) FROM cells WHERE rung = 'runs'") == [(0,)]
