"""A script of bash ends within its time, and nothing of it is left."""

import os
import threading
import time
from pathlib import Path

import pytest

from tests.verify.workbench import processes_in
from verify.runner.process import Stopped, bash

ENVIRONMENT = {"PATH": os.environ["PATH"], "GREETING": "hello"}
# ignores what asks it to end, and so does its child
STUBBORN = "trap '' TERM; sleep 60 & echo started > started; while true; do sleep 60; done"


@pytest.fixture
def ended(tmp_path):
    def run(script, limit_s=30.0, stop=None):
        try:
            return bash(script, tmp_path, ENVIRONMENT, limit_s, stop)
        finally:
            assert processes_in(tmp_path) == []

    return run


def test_what_is_printed_and_how_it_ended_is_told(ended, tmp_path):
    done = ended('pwd; echo "$GREETING" >&2; [ -z "${HOME+set}" ]; exit 3')
    assert done[:3] == (3, f"{tmp_path}\n", "hello\n")
    assert 0 < done.seconds < 30


@pytest.mark.parametrize("script", ["false; true", "false | true", "echo $NOT_SET; true"])
def test_the_first_failure_ends_it(ended, script):
    assert ended(f"{script}; echo on").output == ""


def test_nothing_is_read_from_a_terminal(ended):
    assert ended("read -r line || echo nothing").output == "nothing\n"


def test_of_much_output_the_end_is_kept(ended):
    done = ended("head -c 300000 /dev/zero | tr '\\0' x; echo; printf '\\377 the end'")
    assert len(done.output) <= 200_000
    assert done.output.endswith("x\n\ufffd the end")


@pytest.mark.parametrize("script", ["sleep 60", "sleep 60 & wait"])
def test_time_that_is_up_ends_it_and_its_children(ended, script):
    done = ended(script, limit_s=0.3)
    assert done.status is None
    assert done.seconds < 5


def test_children_that_outlive_the_script_are_ended(ended):
    assert ended("sleep 60 > /dev/null & disown; echo done")[:2] == (0, "done\n")


def test_one_that_ignores_the_request_to_end_is_killed(ended, monkeypatch):
    monkeypatch.setattr("verify.runner.process._GRACE_S", 0.3)
    assert ended(STUBBORN, limit_s=0.5).status is None


def test_a_run_that_is_told_to_stop_is_ended(ended, tmp_path):
    stop = threading.Event()
    threading.Thread(target=_set_when, args=(stop, tmp_path / "started")).start()
    begun = time.monotonic()
    with pytest.raises(Stopped):
        ended("echo started > started; sleep 60", stop=stop)
    assert time.monotonic() - begun < 10


def _set_when(stop: threading.Event, path: Path) -> None:
    while not path.exists():
        time.sleep(0.01)
    stop.set()
