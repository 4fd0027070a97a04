"""What is installed: one program, two packages, and nothing that needs a checkout."""

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from importlib.metadata import entry_points
from pathlib import Path

import pytest

import kb.command_line

ROOT = Path(__file__).parents[1]
NAME = "tensorflow-compat"


def start(*command, **options):
    """Run a command; return its status, standard output and standard error."""
    done = subprocess.run(
        [*map(str, command)], capture_output=True, text=True, timeout=300, check=False, **options
    )
    return done.returncode, done.stdout, done.stderr


def test_the_script_is_the_same_as_python_m_kb():
    (script,) = entry_points(group="console_scripts", name=NAME)
    assert script.load() is kb.command_line.main


def test_verify_is_a_command_of_the_program():
    named = start(sys.executable, "-m", "kb", "verify", "plan", "--help", cwd=ROOT)
    alone = start(sys.executable, "-m", "verify", "plan", "--help", cwd=ROOT)
    assert named[0] == alone[0] == 0
    assert "usage: python -m kb verify plan" in named[1]
    strip = re.compile(r"python -m (kb )?verify|\s+")
    assert strip.sub("", named[1]) == strip.sub("", alone[1])


def test_the_programs_data_folder_is_verifys_too(tmp_path):
    where = ["--data", tmp_path / "none"]
    status, _, error = start(sys.executable, "-m", "kb", *where, "verify", "plan", cwd=ROOT)
    assert status == 3
    assert str(tmp_path / "none") in error


def test_away_from_a_checkout_verify_reads_what_comes_along(tmp_path):
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    plan = [sys.executable, "-m", "kb", "verify", "plan", "--python", "3.11"]
    status, out, error = start(*plan, cwd=tmp_path, env=environment)
    assert (status, error) == (0, "")
    assert out
    submit = [sys.executable, "-m", "kb", "verify", "submit", "x.json"]
    status, _, error = start(*submit, cwd=tmp_path, env=environment)
    assert status == 2
    assert error.startswith("error: a run is sent from a checkout: ")
    assert len(error.splitlines()) == 1


def test_help_of_the_whole_fits_a_small_terminal(capsys):
    with pytest.raises(SystemExit) as ended:
        kb.command_line.main(["--help"])
    lines = capsys.readouterr().out.splitlines()
    assert ended.value.code == 0
    assert len(lines) <= 24
    assert max(map(len, lines)) <= 80
    text = "\n".join(lines)
    assert text.index("find ") < text.index("upkeep") < text.index("validate ")
    for name in [*kb.command_line.COMMANDS, "verify", "--version", "exit status"]:
        assert name in text


def test_the_version_is_told(capsys):
    with pytest.raises(SystemExit) as ended:
        kb.command_line.main(["--version"])
    assert ended.value.code == 0
    assert re.fullmatch(rf"{NAME} [0-9]+\.[0-9]+\.[0-9]+\n", capsys.readouterr().out)


@pytest.mark.network
def test_a_wheel_works_in_an_empty_environment_and_an_empty_folder(tmp_path):
    built, empty = tmp_path / "built", tmp_path / "empty"
    source = tmp_path / "source"
    for part in ("kb", "verify"):
        shutil.copytree(ROOT / part, source / part)
    for name in ("pyproject.toml", "setup.py", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source / name)
    pip = [sys.executable, "-m", "pip"]
    status, _, error = start(*pip, "wheel", "-q", "--no-deps", "-w", built, source)
    assert status == 0, error
    (wheel,) = built.glob("*.whl")
    names = {name.partition("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert {name for name in names if not name.endswith(".dist-info")} == {"kb", "verify"}
    assert start(sys.executable, "-m", "venv", empty)[0] == 0
    assert start(empty / "bin/python", "-m", "pip", "install", "-q", wheel)[0] == 0

    here = tmp_path / "here"
    here.mkdir()
    program = empty / "bin" / NAME
    assert start(program, "--version", cwd=here)[0] == 0
    status, out, error = start(program, "lookup", "2.15", "--json", cwd=here)
    assert (status, error) == (0, "")
    assert json.loads(out)["series"] == "2.15"
    for words in (["find"], ["verify", "plan"], ["validate"], ["doctor", "--json"]):
        status, out, error = start(program, *words, cwd=here)
        assert status in (0, 1), error
        assert "Traceback" not in error
        assert out
    status, _, error = start(program, "verify", "resolve", "2.15", cwd=here)
    assert status == 3
    assert len(error.splitlines()) == 1
    assert list(here.iterdir()) == []
