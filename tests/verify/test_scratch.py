"""Where cells are set up: in a folder of the user's own, of which nothing stays, killed or not."""

import contextlib
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kb.base.errors import RunnerFailed
from kb.runs.folder import remove_unfinished
from tests.verify.workbench import PYTHON, RELEASE, processes_in
from verify.runner import scratch
from verify.runner.bench import bench
from verify.runner.scratch import held_folder, open_scratch, remove_left_over


@pytest.fixture
def usual(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "tensorflow-compat" / "scratch"


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_the_usual_folder_lies_in_the_users_cache_and_is_theirs_alone(usual):
    assert bench(None, None).scratch == usual
    open_scratch(usual)
    assert mode(usual) == 0o700
    usual.chmod(0o755)
    open_scratch(usual)
    assert mode(usual) == 0o700


def test_a_mac_has_its_own_folder_for_caches(monkeypatch, tmp_path):
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(sys, "platform", "darwin")
    assert scratch.usual() == tmp_path / "Library/Caches/tensorflow-compat/scratch"


def test_a_link_in_the_place_of_the_usual_folder_is_refused(usual, tmp_path):
    usual.parent.mkdir(parents=True)
    usual.symlink_to(tmp_path)
    with pytest.raises(RunnerFailed, match="is not this user's own; name a folder with --scratch"):
        open_scratch(usual)


def test_a_folder_that_was_named_keeps_its_mode_and_what_is_made_in_it_is_the_users(tmp_path):
    tmp_path.chmod(0o755)
    open_scratch(tmp_path)
    with held_folder(tmp_path, "cell-") as folder:
        assert mode(folder) == 0o700
        remove_left_over(tmp_path)
        assert folder.is_dir()
    assert (mode(tmp_path), list(tmp_path.iterdir())) == (0o755, [])


def test_what_nobody_holds_goes_and_nothing_else(tmp_path):
    for name in ("cell-a/home", "trials-b/home", "cell-new", "other/home"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "cell-link").symlink_to(tmp_path / "other")
    remove_left_over(tmp_path)
    left = sorted(path.name for path in tmp_path.iterdir())
    assert left == ["cell-link", "cell-new", "other"]  # another process may be making cell-new
    old = time.time() - 3600
    os.utime(tmp_path / "cell-new", (old, old))
    remove_left_over(tmp_path)
    assert not (tmp_path / "cell-new").exists()


def test_a_file_of_a_run_that_was_not_written_to_its_end_goes(tmp_path):
    cell = tmp_path / "2.15" / "cell"
    cell.mkdir(parents=True)
    unfinished = cell / ".2026-11-26-0123456789ab.json.abcd1234"
    for path in (unfinished, cell / "2026-11-26-0123456789ab.json", cell / ".keep"):
        path.write_text("{}")
        os.utime(path, (0, 0))
    remove_unfinished(tmp_path)
    assert sorted(path.name for path in cell.iterdir()) == [
        ".keep",
        "2026-11-26-0123456789ab.json",
    ]


def test_when_a_run_is_killed_no_installer_goes_on_and_the_next_run_cleans_up(workbench):
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}/simple/"
        cell = workbench.arguments("run", "--release", RELEASE, "--python", PYTHON)
        run = subprocess.Popen(
            [sys.executable, "-m", "verify", *cell],
            env={**os.environ, "PIP_INDEX_URL": address, "PYTHONPATH": str(Path.cwd())},
        )
        try:
            wait_for(lambda: installers(workbench.scratch))
        finally:
            run.send_signal(signal.SIGKILL)
            run.wait()
        wait_for(lambda: not installers(workbench.scratch))
        assert processes_in(workbench.scratch) == []
    assert [path.name[:5] for path in workbench.scratch.iterdir()] == ["cell-"]
    workbench.offer()
    assert workbench.run() == 0
    assert workbench.left_over() == []


def installers(folder):
    """Return the command lines of the pips that work below a folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            at = (process / "cwd").readlink()
            words = (process / "cmdline").read_bytes().split(b"\0")
            if at.is_relative_to(folder) and b"pip" in words and b"install" in words:
                found.append(words)
    return found


def wait_for(condition, limit_s=60.0):
    deadline = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)
