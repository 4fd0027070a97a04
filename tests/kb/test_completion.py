"""`python -m kb completion`: what a shell completes by it."""

import re
import shutil
import subprocess
import sys

import pytest

from kb import command_line
from kb.base.store import Store
from kb.base.vocabulary import read_platform, read_python, read_version
from kb.completion import gpu_words, known_words, script, table, with_numbers
from kb.facts.gpu_names import AmbiguousGpu, identify

SHELLS = ("bash", "zsh", "fish", "powershell")
# Completes the words after the first, by the function that is named first; prints the replies.
_COMPLETE = """\
function=$1; shift
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=()
$function || true
echo "${COMPREPLY[*]}"
"""
# For each: the words that are typed, and all that may come of the last one.
CASES = [
    ("loo", ["lookup"]),
    ("lookup 2.15 --plat", ["--platform"]),
    ("lookup 2.15 --platform win", ["windows-x86_64"]),
    ("lookup 2.15.", ["2.15.0", "2.15.0.post1", "2.15.1"]),
    ("lookup 2.15 --python 3.1", ["3.10", "3.11", "3.12", "3.13"]),
    ("find --gpu RTX-309", ["RTX-3090", "RTX-3090-Ti"]),
    ("find --gpu rtx-309", ["RTX-3090", "RTX-3090-Ti"]),
    ("find --gpu 309", ["3090", "3090-Ti"]),
    ("LIS", ["list"]),
    ("find --compute-capability 8.", ["8.0", "8.6", "8.7", "8.9"]),
    ("diff --j", ["--json"]),
    ("diff 2.15 2.16.", ["2.16.1", "2.16.2"]),
    ("export --format sq", ["sqlite"]),
    ("completion z", ["zsh"]),
    ("verify pl", ["plan"]),
    ("verify plan --fo", ["--format"]),
    ("verify plan --format g", ["github"]),
    ("--data /tmp lis", ["list"]),
    ("--ver", ["--version"]),
]


@pytest.fixture(scope="module")
def entries():
    return table(command_line.command_parsers(), known_words(Store()))


def printed(shell):
    """Return the script that the program prints."""
    done = subprocess.run(
        [sys.executable, "-m", "kb", "completion", shell],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def started(program, *arguments):
    """Return what a shell prints."""
    shell = shutil.which(program)
    if shell is None:
        pytest.skip(f"needs {program}")
    done = subprocess.run(
        [shell, *arguments], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.split()


def bash(text, *words):
    """Return what bash prints after the script."""
    return started("bash", "--norc", "-c", f"set -eu\n{text}\n{words[0]}", "bash", *words[1:])


@pytest.mark.parametrize(("words", "replies"), CASES)
@pytest.mark.parametrize(
    "program", ["tensorflow-compat", "/bin/tensorflow-compat", "python3 -m kb"]
)
def test_bash_completes(words, replies, program, entries):
    typed = [*program.replace("py ", "python3 ").split(), *words.split()]
    assert bash(script("bash", entries), _COMPLETE, "_tensorflow_compat", *typed) == replies


@pytest.mark.parametrize(
    ("words", "replies"),
    [
        ("python -m pip ins", []),
        ("python script.py loo", []),
        ("python -m", []),
        ("tensorflow-compat lookup --python = 3.13", ["3.13"]),
        ("tensorflow-compat check requ", []),
    ],
)
def test_bash_leaves_the_rest_to_others(words, replies, entries):
    typed = words.split()
    assert bash(script("bash", entries), _COMPLETE, "_tensorflow_compat", *typed) == replies


def test_bash_knows_the_program_by_the_script():
    named = bash(printed("bash"), "complete -p tensorflow-compat python python3")
    assert named.count("_tensorflow_compat") == 3


@pytest.mark.parametrize(("words", "replies"), CASES)
def test_zsh_completes(words, replies, entries):
    stand_in = (
        "compadd() { [[ $1 == -M && $3 == -- ]] || return; shift 3; for one in $@; do\n"
        "  [[ ${one:l} == ${words[CURRENT]:l}* ]] && echo $one; done }\n"
        "_files() { }\n"
        "words=(tensorflow-compat $@); CURRENT=$#words\n"
        "_tensorflow_compat; true"
    )
    text = f"{script('zsh', entries)}\n{stand_in}"
    assert started("zsh", "-f", "-c", text, "zsh", *words.split()) == replies


@pytest.mark.parametrize(("words", "replies"), CASES)
def test_fish_completes(words, replies, entries):
    text = f"{script('fish', entries)}\ncomplete -C 'tensorflow-compat {words}'"
    found = [one for one in started("fish", "--no-config", "-c", text) if not one.startswith("/")]
    assert sorted(found) == sorted(replies)


@pytest.mark.parametrize(("words", "replies"), CASES)
def test_powershell_completes(words, replies, entries):
    line = f"tensorflow-compat {words}"
    text = (
        f"{script('powershell', entries)}\n"
        f"([System.Management.Automation.CommandCompletion]::CompleteInput('{line}', {len(line)}, "
        "$null)).CompletionMatches | ForEach-Object { $_.CompletionText }"
    )
    assert started("pwsh", "-NoProfile", "-Command", text) == replies


@pytest.mark.parametrize("shell", SHELLS)
def test_each_shell_gets_a_script_of_plain_words(shell):
    text = printed(shell)
    for word in ("lookup", "--platform", "2.15.1", "3.13", "RTX-3090", "verify plan"):
        assert word in text
    assert text.isascii()
    lists = [words for words in re.findall(r"'([^'\n]*)'", text) if len(words) > 30]
    assert lists
    for words in lists:
        assert re.fullmatch(r"[A-Za-z0-9._/ +-]+", words), words


def test_every_word_is_one_that_the_program_reads(entries):
    known = known_words(Store())
    assert all(read_version(word) == word for word in known["version"])
    assert all(read_python(word) == word for word in known["python"])
    assert all(read_platform(word) == word for word in known["platform"])
    assert set(entries["lookup"]) == set(known["version"])
    gpus = Store().gpus().gpus
    for row in gpus:
        for word in with_numbers(gpu_words((row.name,))):
            assert row.compute_capability in meant(word, gpus), word


def meant(word, gpus):
    """Return the compute capabilities that a GPU's name may mean. Raises UnknownGpu."""
    try:
        return {identify(word, gpus).compute_capability}
    except AmbiguousGpu as error:
        return {one.compute_capability for one in error.choices}


def test_every_option_of_every_command_is_offered(entries):
    for name in command_line.COMMANDS:
        text = command_line.command_parser(name, "").format_help()
        offered = set(re.findall(r"(?<![\w-])--[a-z-]+", text))
        assert offered == set(entries[f"{name} -"]), name


def test_a_shell_that_is_not_known_is_wrong_usage(capsys):
    with pytest.raises(SystemExit) as caught:
        command_line.main(["completion", "cmd"])
    assert caught.value.code == 2
    assert "invalid choice: 'cmd'" in capsys.readouterr().err
