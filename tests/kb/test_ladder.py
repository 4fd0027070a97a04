"""What goes wrong is one clear line and an exit status, in each program; never a traceback."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kb.base import errors
from kb.base.errors import CompatError, NothingFound, WrongUsage
from kb.terminal.error_document import document
from kb.terminal.ladder import carry_out

ROOT = Path(errors.__file__).parents[2]


def start(*words, **options):
    """Run `python -m` with words as a process of its own."""
    command = [sys.executable, "-m", *words]
    return subprocess.run(
        command, capture_output=True, timeout=60, check=False, cwd=ROOT, text=True, **options
    )


def raising(error):
    def work():
        raise error

    return work


@pytest.mark.parametrize(
    ("error", "status", "line"),
    [
        (NothingFound("no such thing", ("a", "b")), 1, "nothing found: no such thing; nearest: a"),
        (WrongUsage("not so"), 2, "error: not so"),
        (errors.DocumentError("x.yaml:3: broken"), 3, "error: x.yaml:3: broken"),
        (errors.MissingExtra("install it"), 3, "error: install it"),
        (KeyboardInterrupt(), 130, "interrupted"),
        (FileNotFoundError(2, "No such file or directory", "x"), 3, "error: x: No such file"),
        (MemoryError(), 3, "error: a fault of this program at test_ladder.py:"),
        (KeyError("x"), 3, "error: a fault of this program at test_ladder.py:"),
        (ModuleNotFoundError("no", name="uv"), 3, "error: uv is not installed; run `pip install"),
        (WrongUsage("a\nb\x1b[31m\u202e\x9b"), 2, "error: a b [31m"),
    ],
)
def test_each_error_is_one_line_and_a_status(error, status, line, capsys):
    assert carry_out(raising(error)) == status
    out, told = capsys.readouterr()
    assert out == ""
    assert told.startswith(line)
    assert len(told.splitlines()) == 1
    assert told.rstrip("\n").isprintable()


def test_every_class_of_error_has_a_status_and_stands_in_the_picture():
    kinds = [CompatError]
    for kind in kinds:
        kinds += kind.__subclasses__()
    for kind in kinds:
        assert kind.status in (1, 2, 3)
        assert kind.__doc__
        if kind.__module__.startswith("kb.") and not kind.__name__.startswith("_"):
            assert kind.__name__ in errors.__doc__


def test_an_error_is_a_document_where_one_is_asked_for(capsys):
    assert carry_out(raising(NothingFound("no\x1b x", ("a",))), as_json=True) == 1
    out, line = capsys.readouterr()
    assert json.loads(out) == {
        "format": 1,
        "error": {"kind": "nothing-found", "text": "no  x; nearest: a"},
        "nearest": ["a"],
    }
    assert line == "nothing found: no  x; nearest: a\n"
    assert json.loads(document(WrongUsage("x")))["nearest"] == []


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (["lookup", "2.99"], 1),
        (["lookup", "nonsense\x1b[31m"], 1),
        (["lookup"], 2),
        (["lokup", "2.15"], 2),
        (["lookup", "2.15", "--plattform", "x"], 2),
        (["diff", "2.15", "2.99"], 1),
        (["find", "--gpu", "RTX 3095"], 1),
        (["find", "--gpu", "TITAN X"], 2),
        (["find", "--python", "x"], 2),
        (["check", "/nowhere/requirements.txt"], 2),
        (["doctor", "--python", "/nowhere/python"], 2),
        (["explain", "/nowhere/x.log"], 2),
        (["validate"], 2),  # it has no --json
        (["--data", "/nowhere", "lookup", "2.15"], 3),
    ],
)
def test_json_is_a_document_whatever_goes_wrong(words, status):
    done = start("kb", *words, "--json")
    told = json.loads(done.stdout)
    assert (done.returncode, told["format"]) == (status, 1)
    assert told["error"].keys() == {"kind", "text"}
    assert all(isinstance(one, str) for one in told["nearest"])
    assert done.stdout.isascii()
    assert "\x1b" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("words", "near"),
    [
        (["kb", "lokup", "2.15"], "lookup"),
        (["kb", "lookup", "2.15", "--pyhton", "3.11"], "--python"),
        (["kb", "explan", "x"], "explain"),
        (["kb", "lookup", "2.15", "--plattform=linux-x86_64"], "--platform"),
    ],
)
def test_a_mistyped_word_gets_the_nearest(words, near):
    done = start(*words)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"; nearest: {near}" in done.stderr.splitlines()[-1]


@pytest.mark.parametrize(
    "words", [["lookup", "2.15"], ["lookup", "2.15", "--json"], ["explain", "é: cannot open"]]
)
@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
def test_an_output_that_lacks_letters_shows_them_escaped(words, encoding):
    done = start("kb", *words, env={**os.environ, "PYTHONIOENCODING": encoding})
    assert done.returncode == start("kb", *words).returncode
    assert "Traceback" not in done.stderr
    if "--json" in words:
        assert json.loads(done.stdout) == json.loads(start("kb", *words).stdout)


def test_a_document_in_ascii_is_the_same_document(tmp_path):
    file = tmp_path / "é\U0001f600.txt"
    file.write_text("tensorflow==2.15.0\n")
    ascii_only = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = start("kb", "check", str(file), "--json", env=ascii_only)
    assert json.loads(done.stdout)["files"] == [str(file)]
    page = start("kb", "check", str(file), env=ascii_only)
    assert (page.returncode, page.stderr) == (done.returncode, "")
    assert r"\u00e9\ud83d\ude00.txt" in page.stdout


# a shell starts what runs in the background with Ctrl-C ignored
_HEARS_CTRL_C = (
    "import runpy, signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
    "runpy.run_module(sys.argv.pop(1), run_name='__main__', alter_sys=True)"
)


def interrupted(*words, ready):
    """Start a program, send it Ctrl-C once it is ready, and return how it ended."""
    with subprocess.Popen(
        [sys.executable, "-c", _HEARS_CTRL_C, *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    ) as process:
        ready(process)
        process.send_signal(signal.SIGINT)
        out, error = process.communicate(timeout=60)
    return process.returncode, out, error


@pytest.mark.skipif(sys.platform != "linux", reason="looks at a process as Linux shows it")
def test_an_interrupted_command_says_so():
    def waits_for_input(process):
        while Path(f"/proc/{process.pid}/wchan").exists() and process.poll() is None:
            state = Path(f"/proc/{process.pid}/syscall").read_text().split()
            if state[:2] == ["0", "0x0"]:  # it reads standard input
                return
            time.sleep(0.01)

    assert interrupted("kb", "explain", "-", ready=waits_for_input) == (130, "", "interrupted\n")


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["kb", "validate"], "interrupted\n"),
        (["kb", "export", "--format", "json"], "interrupted\n"),
    ],
)
def test_an_interrupted_upkeep_says_so(words, line):
    def works(process):
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            if "yaml" in Path(f"/proc/{process.pid}/maps").read_text():
                return
            time.sleep(0.01)

    status, _, error = interrupted(*words, ready=works)
    assert (status, error) == (130, line)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a full device")
@pytest.mark.parametrize(
    "words",
    [
        ["kb", "lookup", "2.15"],
        ["kb", "lookup", "2.15", "--json"],
        ["kb", "lookup", "2.99", "--json"],
        ["kb", "--help"],
        ["kb", "schema"],
        ["kb", "export", "--format", "json"],
        ["verify", "--help"],
        ["scraper", "--help"],
        ["verify", "plan", "--series", "2.15", "--python", "3.11"],
    ],
)
def test_a_full_disk_is_one_line(words):
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", *words],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            check=False,
            cwd=ROOT,
        )
    assert done.returncode in (1, 3)
    assert len(done.stderr.splitlines()) == 1
    assert "Traceback" not in done.stderr
    if done.returncode == 3:
        assert done.stderr.startswith("error: cannot write the answer: ")


@pytest.mark.parametrize("program", ["kb", "verify", "scraper"])
@pytest.mark.parametrize("closed", ["1", "2"])
def test_a_closed_stream_gets_no_traceback(program, closed):
    script = f'"$@" {closed}>&-'
    command = ["bash", "-c", script, "bash", sys.executable, "-m", program, "--help"]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=60, check=False, cwd=ROOT
    )
    assert "Traceback" not in done.stderr + done.stdout
    if closed == "1":
        assert done.returncode == 3
        assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("program", "word", "module", "extra"),
    [
        ("scraper.command_line", "--check", "requests", "scraper"),
        ("pages.__main__", "never-written", "jinja2", "site"),
    ],
)
def test_a_program_of_the_checkout_names_the_extra_that_it_lacks(program, word, module, extra):
    code = (
        f"import sys; sys.modules[{module!r}] = None\n"
        f"from {program} import main; sys.exit(main([{word!r}]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=ROOT,
    )
    assert done.returncode == 3
    assert done.stderr == (
        f"error: {module} is not installed; run in the checkout `pip install -e '.[{extra}]'`\n"
    )
