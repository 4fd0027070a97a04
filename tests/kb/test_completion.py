"""`python -m kb completion`: what a shell completes by it."""

import shutil
import subprocess
import sys

import pytest

from kb import command_line
from kb.completion import run

# Completes the words after the first, by the function that is named first; prints the replies.
_COMPLETE = """\
function=$1; shift
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=()
$function || true
echo "${COMPREPLY[*]}"
"""


@pytest.fixture(scope="module")
def script():
    done = subprocess.run(
        [sys.executable, "-m", "kb", "completion", "bash"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def bash(script, *words):
    """Return what bash prints after the script."""
    shell = shutil.which("bash")
    if shell is None:
        pytest.skip("needs bash")
    done = subprocess.run(
        [shell, "--norc", "-c", f"set -eu\n{script}\n{words[0]}", "bash", *words[1:]],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.split()


@pytest.mark.parametrize(
    ("words", "replies"),
    [
        ("python -m kb loo", ["lookup"]),
        ("python -m kb lookup 2.15 --plat", ["--platform"]),
        ("python3 -m kb lookup 2.15 --platform win", ["windows-x86_64"]),
        ("python -m kb export --format sq", ["sqlite"]),
        ("python -m kb completion z", ["zsh"]),
        ("python -m pip ins", []),
        ("python script.py loo", []),
        ("python -m", []),
    ],
)
def test_bash_completes_after_python(words, replies, script):
    assert bash(script, _COMPLETE, "_kb_after_python", *words.split()) == replies


@pytest.mark.parametrize(
    ("words", "replies"), [("kb loo", ["lookup"]), ("kb diff --j", ["--json"])]
)
def test_bash_completes_the_short_word(words, replies, script):
    assert bash(script, _COMPLETE, "_shtab_kb", *words.split()) == replies


def test_bash_knows_both_by_the_script(script):
    named = bash(script, "complete -p python python3 kb; type -t kb")
    assert named[-4:] == ["-F", "_shtab_kb", "kb", "function"]
    assert named.count("_kb_after_python") == 2


@pytest.mark.parametrize(("shell", "said"), [("zsh", "#compdef kb"), ("tcsh", "complete kb")])
def test_other_shells_get_a_script_of_their_own(shell, said, capsys):
    assert command_line.main(["completion", shell]) == 0
    out, error = capsys.readouterr()
    assert error == ""
    assert said in out
    assert "lookup" in out


def test_without_shtab_one_line_says_what_to_do(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "shtab", None)
    options = command_line.command_parser("completion", "kb").parse(["bash"])
    assert run(options) == 3
    assert capsys.readouterr() == ("", "error: completion needs shtab: pip install shtab\n")


def test_a_shell_that_is_not_known_is_wrong_usage(capsys):
    with pytest.raises(SystemExit) as caught:
        command_line.main(["completion", "cmd"])
    assert caught.value.code == 2
    assert "invalid choice: 'cmd'" in capsys.readouterr().err
