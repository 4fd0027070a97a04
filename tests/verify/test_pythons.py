"""Which Pythons a machine has, by real programs that answer, lie, fail or do not end."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.verify.workbench import PYTHON, program
from verify.runner import pythons


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """Put programs on PATH or under pyenv; each answers a version."""
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{tmp_path / 'bin2'}:{tmp_path / 'absent'}:")
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))

    def put(place, name, answer):
        return program(tmp_path / place / name, f"#!/bin/sh\necho {answer}\n")

    return put


def test_none_is_no_fault(machine):
    assert pythons.found() == {}


def test_the_real_one_is_found(machine, tmp_path):
    path = program(tmp_path / "bin" / f"python{PYTHON}", f'#!/bin/sh\nexec "{sys.executable}" "$@"')
    assert pythons.found() == {PYTHON: path}


def test_they_come_in_the_order_of_versions(machine):
    for version in ("3.10", "3.9", "2.7"):
        machine("bin", f"python{version}", version)
    assert list(pythons.found()) == ["2.7", "3.9", "3.10"]


def test_the_first_on_path_is_taken_and_pyenv_comes_after(machine):
    first = machine("bin", "python3.10", "3.10")
    machine("bin2", "python3.10", "3.10")
    machine("pyenv/versions/3.10.1/bin", "python3.10", "3.10")
    second = machine("pyenv/versions/3.9.1/bin", "python3.9", "3.9")
    assert pythons.found() == {"3.9": second, "3.10": first}


def test_of_several_patches_under_pyenv_the_newest_is_taken(machine):
    machine("pyenv/versions/3.9.2/bin", "python3.9", "3.9")
    newest = machine("pyenv/versions/3.9.18/bin", "python3.9", "3.9")
    assert pythons.found() == {"3.9": newest}


def test_a_shim_of_pyenv_is_no_python(machine, monkeypatch, tmp_path):
    shim = machine("pyenv/shims", "python3.9", "3.9")
    monkeypatch.setenv("PATH", str(shim.parent))
    assert pythons.found() == {}


@pytest.mark.parametrize("name", ["python", "python3", "python3.9-config", "python3.9m", "pypy3.9"])
def test_other_programs_are_not_asked(machine, tmp_path, name):
    program(tmp_path / "bin" / name, f"#!/bin/sh\ntouch {tmp_path}/asked\necho 3.9\n")
    assert pythons.found() == {}
    assert not (tmp_path / "asked").exists()


@pytest.mark.parametrize(
    "answer", ["3.8", "", "3.9 3.9", "pyenv: python3.9: command not found; exit 127"]
)
def test_one_that_does_not_answer_its_version_is_passed_over(machine, answer):
    machine("bin", "python3.9", answer)
    other = machine("bin2", "python3.9", "3.9")
    assert pythons.found() == {"3.9": other}


def test_one_that_cannot_be_started_is_passed_over(machine, tmp_path):
    program(tmp_path / "bin" / "python3.9", "#!/no/such/interpreter\n")
    (tmp_path / "bin" / "python3.10").symlink_to(tmp_path / "nowhere")
    program(tmp_path / "bin" / "python3.11", "not a program").chmod(0o644)
    assert pythons.found() == {}


def test_one_that_does_not_end_is_passed_over(machine, tmp_path, monkeypatch):
    whole = subprocess.run
    monkeypatch.setattr(
        subprocess, "run", lambda *a, **named: whole(*a, **{**named, "timeout": 0.3})
    )
    program(tmp_path / "bin" / "python3.9", "#!/bin/sh\nexec /bin/sleep 60\n")
    assert pythons.found() == {}


def test_folders_that_are_another_users_are_passed_over(machine, monkeypatch):
    own = machine("bin2", "python3.10", "3.10")
    glob = Path.glob

    def closed(path, pattern):
        if path.name in ("bin", "pyenv"):
            raise PermissionError(13, "Permission denied", str(path))
        return glob(path, pattern)

    monkeypatch.setattr(Path, "glob", closed)
    assert pythons.found() == {"3.10": own}
