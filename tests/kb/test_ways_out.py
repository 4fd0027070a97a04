import json

import pytest

from kb import command_line
from kb.answers.messages import explain
from kb.base.findings import PRESUPPOSED, Finding, presupposed
from kb.base.model import Bounds, ErrorsFile, KnownError, Pattern, ProblemsFile, WayOut
from kb.base.store import DATA, Store
from kb.base.writing import dump
from kb.check.answer import Checked
from kb.check.page import page as check_page
from kb.explain.page import page as explain_page
from kb.terminal.style import Style
from kb.upkeep.error_rules import errors_faults
from kb.upkeep.table_rules import problems_faults
from kb.upkeep.way_out_rules import FinalReleases, NamedWayOut
from tests.kb.error_cases import CASES
from tests.kb.small_base import problem

STORE = Store(DATA)
NARROW = Style(width=60)
ROWS = """
format: 1
errors:
- id: an-error
  severity: error
  patterns:
  - text: it failed here
  title: It failed
  cause:
  - A cause.
  fix:
  - A sentence with pip install x in it.
  - told: Take the next
    command: pip install "x>2"
    presupposes: [docker, linux]
  - command: pip check
"""


@pytest.fixture
def store(tmp_path):
    """A knowledge base of one message."""
    (tmp_path / "errors.yaml").write_text(ROWS)
    (tmp_path / "problems.yaml").write_text("format: 1\nproblems: []\n")
    return Store(tmp_path)


def test_a_plain_text_is_a_sentence_and_a_row_has_its_command(store):
    (error,) = store.errors().errors
    assert error.fix == (
        WayOut(told="A sentence with pip install x in it."),
        WayOut(told="Take the next", command='pip install "x>2"', presupposes=("docker", "linux")),
        WayOut(command="pip check"),
    )
    assert [way.text for way in error.fix] == [
        "A sentence with pip install x in it.",
        'Take the next: pip install "x>2"',
        "pip check",
    ]


def test_what_is_written_is_read_again(store, tmp_path):
    file = store.errors()
    (tmp_path / "errors.yaml").write_text(dump(file, "A comment."))
    assert Store(tmp_path).errors() == file


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("- 'a <b>'", "fix[0]: 'a <b>' does not match"),
        ("- [a]", "fix[0]: a list is not a mapping"),
        ("- {say: a}", "the field 'say' is none of: told, command, presupposes"),
        ("- {told: a, presupposes: [amiga]}", "'amiga' is none of: linux,"),
    ],
)
def test_a_row_that_is_none_is_refused(row, fault, tmp_path, capsys):
    text = ROWS.partition("  fix:\n")[0] + f"  fix:\n  {row}\n"
    (tmp_path / "errors.yaml").write_text(text)
    assert command_line.main(["--data", str(tmp_path), "explain", "x"]) == 3
    assert fault in capsys.readouterr().err


@pytest.mark.parametrize(
    ("way", "fault"),
    [
        (WayOut(), "says nothing"),
        (WayOut(told="See it:", command="pip check"), "a colon follows it"),
        (WayOut(told="See it.", command="pip check"), "a colon follows it"),
        (WayOut(told="Do it.", presupposes=("linux", "linux")), "linux stands twice"),
    ],
)
def test_validate_tells_what_is_wrong_with_a_way_out(way, fault):
    of_problem = problem("a-fault", None, None, way_out=(way,))
    (found,) = problems_faults(ProblemsFile(1, (of_problem,)), {"2.15.0"})
    assert found.startswith("problems.yaml: a-fault: way_out: ")
    assert fault in found
    error = KnownError(
        id="an-error",
        severity="error",
        patterns=(Pattern("a text"),),
        problems=(),
        title="T",
        cause=("C.",),
        fix=(way,),
    )
    error = error._replace(sources=("https://example.com",))
    (found,) = errors_faults(ErrorsFile(1, (error,)), (), ())
    assert found.startswith("errors.yaml: an-error: fix: ")
    assert fault in found


def test_every_presupposition_has_its_words():
    used = {
        name
        for ways in (
            *(error.fix for error in STORE.errors().errors),
            *(one.way_out for one in STORE.problems().problems),
        )
        for way in ways
        for name in way.presupposes
    }
    assert used <= set(PRESUPPOSED)


def test_what_is_met_or_told_already_is_not_presupposed_again():
    way = WayOut(told="In Docker", command="docker run x", presupposes=("docker", "linux", "wsl2"))
    assert presupposed(way) == "Linux and WSL2"
    assert presupposed(way, ("linux",)) == "WSL2"
    assert presupposed(way, ("linux", "wsl2")) == ""


@pytest.mark.parametrize("name", CASES)
def test_each_command_of_an_explanation_has_a_line_of_its_own(name):
    explanation = explain(STORE, [CASES[name].encode()])
    lines = [line.strip() for line in explain_page(explanation, NARROW).splitlines()]
    first = next((m for m in explanation.matches if m.severity == "error"), None)
    for way in first.ways_out if first else ():
        if way.command:
            assert any(line in (way.command, f"What to do {way.command}") for line in lines)


def test_no_sentence_is_taken_for_a_command(store):
    explanation = explain(store, [b"it failed here"])
    assert explain_page(explanation, NARROW).splitlines()[3:] == [
        "  What to do A sentence with pip install x in it.",
        "             Take the next (for Docker and Linux):",
        '               pip install "x>2"',
        "             pip check",
    ]


def test_the_document_of_an_explanation_has_both(store, capsys):
    assert (
        command_line.main(["--data", str(store.data), "explain", "it failed here", "--json"]) == 0
    )
    (match,) = json.loads(capsys.readouterr().out)["matches"]
    assert match["fix"][1:] == ['Take the next: pip install "x>2"', "pip check"]
    assert match["ways_out"][1:] == [
        {
            "told": "Take the next",
            "command": 'pip install "x>2"',
            "presupposes": ["docker", "linux"],
        },
        {"told": None, "command": "pip check", "presupposes": []},
    ]


def test_a_command_of_check_is_never_broken():
    way = WayOut(
        told="set the search path as in", command="python -m kb lookup 2.16.1 --device cuda"
    )
    finding = Finding(
        rule="a-rule",
        severity="error",
        text="It fails.",
        ways_out=(way, WayOut("wait")),
        file="a.txt",
        line=3,
    )
    assert check_page(
        Checked(file="a.txt", asks=False, takes=(), findings=(finding,)), NARROW
    ).splitlines()[:4] == [
        "a.txt:3: error: It fails.",
        "  fix: set the search path as in:",
        "       python -m kb lookup 2.16.1 --device cuda",
        "  fix: wait",
    ]


def test_a_reader_who_has_the_program_alone_is_told_its_name(capsys, monkeypatch):
    message = "No matching distribution found for tensorflow==2.15"
    command_line.main(["explain", message])
    assert "python -m kb lookup" in capsys.readouterr().out
    monkeypatch.setattr("sys.argv", ["/opt/tools/bin/tensorflow-compat"])
    command_line.main(["explain", message])
    out = capsys.readouterr().out
    assert "tensorflow-compat lookup" in out
    assert "python -m kb" not in out


@pytest.mark.parametrize(("gpu", "has_wsl2"), [("RTX 4070", True), ("GTX 680", False)])
def test_no_way_back_is_told_below_a_release_that_fits(gpu, has_wsl2, capsys):
    assert command_line.main(["find", "--os", "windows", "--gpu", gpu]) == 0
    newer = capsys.readouterr().out.partition("For a newer release")[2]
    assert "DirectML" in newer
    assert ("Use WSL2" in newer) == has_wsl2
    assert "stay with" not in newer


def test_no_way_back_is_told_where_nothing_fits(capsys):
    command_line.main(["find", "--os", "windows", "--gpu", "RTX 5090", "--python", "3.10"])
    out = capsys.readouterr().out
    assert out.startswith("No release fits.")
    assert "stay with" not in out


@pytest.fixture(scope="module")
def releases():
    """The releases of the real knowledge base."""
    files = [STORE.series(name) for name in STORE.series_names()]
    return FinalReleases(files, STORE.pins().pins, STORE.library_paths().library_paths)


@pytest.mark.parametrize(
    ("command", "pythons", "faults"),
    [
        ('pip install "tensorflow==2.7.4" "numpy<2"', (), []),
        ('pip install "tensorflow==2.7.4"', (), ["needs numpy<2 besides"]),
        ('pip install "tensorflow==2.7.1" "protobuf<4"', (), ["2.7.1, which has the same fault"]),
        ('pip install "tensorflow==2.7.9"', (), ["no release has a wheel"]),
        ('pip install "tensorflow==2.15.*"', (), ["has wheels for Python 3.9 alone"]),
        ('pip install "tensorflow==2.15.*"', ("3.9", "3.10"), ["has wheels for 3.9; name these"]),
        ('pip install "tensorflow==2.15.*"', ("3.9",), []),
        ("pip install 'tensorflow[and-cuda]==2.16.1'", ("3.9",), ["needs a search path"]),
        ("python -m kb lookup 2.7.9", (), ["no release has a wheel"]),
        ("python -m kb lookup {newest}", (), []),
        ("pip install tensorflow", (), []),
        ('pip install "protobuf<4"', (), []),
    ],
)
def test_a_way_out_that_names_a_release_is_held_against_the_wheels(
    command, pythons, faults, releases
):
    told = NamedWayOut(
        where="here",
        way=WayOut(command=command, pythons=pythons),
        hit=Bounds("2.7.0", "2.7.2"),
        platforms=("linux-x86_64",),
        pythons=("3.7", "3.8", "3.9"),
    )
    found = list(releases.faults(told))
    assert len(found) == len(faults)
    assert all(fault in one for fault, one in zip(faults, found, strict=True))


def test_a_way_out_says_for_which_pythons_it_is():
    way = WayOut(told="Stay", command="pip install x", pythons=("3.7", "3.8"))
    assert way.text == "Stay (on Python 3.7-3.8): pip install x"
