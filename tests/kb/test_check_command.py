"""`python -m kb check`, through its command, on files as people have them."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from kb import command_line
from kb.answers.releases import VersionQuestion
from kb.base.model import Bounds, CellRun, EvidenceFile, LibraryPath, LibraryPathsFile
from kb.base.writing import dump
from kb.cells.recipe_id import recipe_id
from kb.check.text import MAX_BYTES
from kb.lookup.answer import lookup
from tests.kb.small_base import (
    ARM_MAC,
    CPU,
    CUDA_12,
    LINK,
    LINUX,
    WINDOWS,
    build,
    one_build,
    pin,
    placeholder,
    release,
    series_file,
    shim_to,
    verdict,
    write_base,
)

KERAS_3 = ("keras>=3.0.0", "numpy<2.0.0,>=1.26")


def base(folder):
    """Write a small knowledge base: 2.11 to 2.18, each with a fault of its own."""
    store = write_base(
        folder,
        series_file(
            "2.11",
            (
                one_build(
                    "tensorflow", "2.11.0", LINUX, "3.8 3.9", **CPU, requires=("numpy>=1.20",)
                ),
                one_build("tensorflow-gpu", "2.11.0", LINUX, "3.8 3.9", cuda_build=True),
                placeholder("tensorflow-gpu", "2.12.0"),
            ),
        ),
        series_file(
            "2.15",
            (
                release(
                    "tensorflow",
                    "2.15.0",
                    build("tensorflow", "2.15.0", LINUX, "3.10 3.11", **CUDA_12),
                    build("tensorflow", "2.15.0", WINDOWS, "3.10 3.11", **CPU),
                    build(
                        "tensorflow",
                        "2.15.0",
                        ARM_MAC,
                        "3.11",
                        **shim_to("tensorflow-macos==2.15.0"),
                    ),
                ),
                one_build("tensorflow-macos", "2.15.0", ARM_MAC, "3.11", **CPU),
                one_build("tensorflow", "2.15.1", LINUX, "3.10 3.11", **CUDA_12),
                one_build("tensorflow-cpu", "2.15.1", LINUX, "3.10 3.11", **CPU),
                release(
                    "tensorflow-rocm",
                    "2.15.0",
                    build("tensorflow-rocm", "2.15.0", LINUX, "3.10", yanked="3.10", **CPU),
                ),
                one_build("tensorflow-rocm", "2.15.1", LINUX, "3.10", **CPU),
            ),
        ),
        series_file(
            "2.16",
            (one_build("tensorflow", "2.16.1", LINUX, "3.11 3.12", **CPU, requires=KERAS_3),),
        ),
        series_file(
            "2.18",
            (
                one_build("tensorflow", "2.18.0", LINUX, "3.12", **CPU, requires=("numpy<2.1",)),
                one_build("tensorflow-cpu", "2.18.0", LINUX, "3.12", **CPU),
                one_build("tensorflow-cpu", "2.18.1", LINUX, "3.12", **CPU),
            ),
        ),
        pins=(
            pin("numpy<2", "2.11.0", "2.11.0", pythons=("3.9",)),
            pin("nvidia-cudnn-cu12<9.11", "2.15.0", None, compute_capability_below="7.5"),
        ),
        resolutions={
            "2.15": tuple(
                verdict(python, ("tensorflow[and-cuda]==2.15.0",), False)
                for python in ("3.10", "3.11")
            )
        },
    )
    _break(store, "tensorflow-cpu", "2.18.1")
    return store


def _break(store, distribution, version):
    """Let a run of a release's published recipe fail."""
    answer = lookup(store, VersionQuestion(version=version))
    cell = next(
        cell for one in answer.builds for cell in one.cells if cell.key.distribution == distribution
    )
    run = CellRun(
        run="2026-04-04-0123456789ab",
        at="2026-04-04T00:00:00Z",
        **cell.key._asdict(),
        recipe=recipe_id(cell.recipe),
        outcome="import",
        trust="self-reported",
        why="the import fails",
    )
    folder = Path(store.data, "evidence")
    folder.mkdir()
    (folder / "2.18.yaml").write_text(dump(EvidenceFile(1, (run,)), "A run."), encoding="utf-8")


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return base(tmp_path_factory.mktemp("data"))


@pytest.fixture
def check(store, tmp_path, monkeypatch, capsys):
    """Check a file of some content; return the status, and what is printed as JSON."""
    monkeypatch.chdir(tmp_path)

    def run(content, *arguments, name="requirements.txt"):
        raw = content if isinstance(content, bytes) else content.encode()
        (tmp_path / name).write_bytes(raw)
        status = command_line.main(["--data", store.data, "check", name, "--json", *arguments])
        out, error = capsys.readouterr()
        assert error == ""
        return status, json.loads(out)

    return run


def told(document):
    """Return each finding's place, rule and severity."""
    return [(one["line"], one["rule"], one["severity"]) for one in document["findings"]]


def taken(document):
    """Return the releases that pip takes."""
    return [(one["distribution"], one["release"], *one["python"]) for one in document["takes"]]


GOOD = [
    ("tensorflow\n", [("tensorflow", "2.18.0", "3.12")]),
    ("tensorflow==2.15.*\n", [("tensorflow", "2.15.1", "3.10", "3.11")]),
    ("TensorFlow>=2.15,<2.17\n", [("tensorflow", "2.16.1", "3.11", "3.12")]),
    ("tensorflow[and-cuda]~=2.15.0\n", [("tensorflow", "2.15.1", "3.10", "3.11")]),
    ("tensorflow==2.11.0\nnumpy<2\n", [("tensorflow", "2.11.0", "3.8", "3.9")]),
    ("tensorflow==2.11.0\nnumpy==1.26.4\n", [("tensorflow", "2.11.0", "3.8", "3.9")]),
    ("tensorflow==2.16.1\nkeras\nnumpy<2\n", [("tensorflow", "2.16.1", "3.11", "3.12")]),
    ("tensorflow==2.16.1\ntf-keras==2.16.*\n", [("tensorflow", "2.16.1", "3.11", "3.12")]),
    ("tensorflow==2.15.1\ntf-keras<2.16\n", [("tensorflow", "2.15.1", "3.10", "3.11")]),
    ("tensorflow[and-cuda]==2.15.1\ntorch\n", [("tensorflow", "2.15.1", "3.10", "3.11")]),
    ("flask==3.0\n", []),
    ("", []),
]


@pytest.mark.parametrize(("text", "takes"), GOOD)
def test_nothing_is_found_where_all_fits(text, takes, check):
    status, document = check(text)
    assert (status, document["findings"]) == (0, [])
    assert taken(document) == takes


BAD = {
    "no release": ("tensorflow==2.99\n", [(1, "release", "error")], "2.18.0, 2.16.1, 2.15.1"),
    "pre-release": ("tensorflow==2.16.0rc0\n", [(1, "release", "warning")], "2.16.1"),
    "placeholder": ("tensorflow-gpu\n", [(1, "placeholder", "error")], "ask for tensorflow,"),
    "withdrawn": ("tensorflow-rocm==2.15.0\n", [(1, "yanked", "error")], "2.15.1"),
    "twins": ("tensorflow\ntensorflow-cpu==2.18.0\n", [(2, "twins", "error")], "keep one of them"),
    "tf-keras twin": (
        "tensorflow-cpu==2.18.0\ntf-keras\n",
        [(1, "twins", "warning")],
        "ask for tensorflow in its place",
    ),
    "no pin": ("tensorflow==2.11.0\n", [(1, "pin", "error")], "add numpy<2"),
    "the other pin": (
        "tensorflow==2.11.0\nnumpy>=1.20\n",
        [(2, "pin", "error")],
        "ask for numpy<2 in its place",
    ),
    "a pin too wide": ("tensorflow==2.11.0\nnumpy<2.1\n", [(2, "pin", "error")], "numpy<2"),
    "numpy": (
        "tensorflow==2.16.1\nnumpy>=2\n",
        [(2, "bounds", "error")],
        "ask for tensorflow==2.18.0",
    ),
    "keras": (
        "# Keras 2\nkeras<3\ntensorflow>=2.16,<2.17",
        [(2, "bounds", "error")],
        "tf-keras==2.16.*, and set TF_USE_LEGACY_KERAS=1",
    ),
    "tf-keras": (
        "tensorflow==2.18.0\ntf-keras==2.16.0",
        [(2, "tf-keras", "error")],
        "ask for tf-keras==2.18.*",
    ),
    "and-cuda": (
        "tensorflow[and-cuda]==2.15.0\n",
        [(1, "and-cuda", "error")],
        "ask for tensorflow[and-cuda]==2.15.1",
    ),
    "and-cuda on Windows": (
        "tensorflow[and-cuda]==2.15.0; sys_platform == 'win32'\n",
        [(1, "and-cuda", "error")],
        "`tensorflow==2.15.0; sys_platform != 'linux'`",
    ),
    "and-cuda on Windows too": (
        "tensorflow[and-cuda]~=2.15.0; sys_platform != 'darwin'\n",
        [(1, "and-cuda", "warning")],
        "ask for it on Linux alone",
    ),
    "an extra that there is not": (
        "numpy<2\ntensorflow[TensorBoard]==2.16.1\n",
        [(2, "extra", "warning")],
        "leave [tensorboard] out, and require tensorboard by itself",
    ),
    "NVIDIA's own": (
        "tensorflow[and-cuda]==2.15.1\nnvidia-cudnn-cu12==9.1.0.70\n",
        [(2, "bounds", "error")],
        "ask for nvidia-cudnn-cu12==8.9.4.25",
    ),
    "torch": (
        "torch==2.4\ntensorflow[and-cuda]==2.15.1\nnvidia-cudnn-cu12==9.1.0.70\n",
        [(3, "torch", "error")],
        "or give torch an environment of its own",
    ),
    "broken": (
        "tensorflow-cpu\n",
        [(1, "broken", "error")],
        "ask for tensorflow-cpu==2.18.0",
    ),
}


@pytest.mark.parametrize(("text", "findings", "fix"), BAD.values(), ids=BAD)
def test_what_cannot_work_is_found_with_its_line_and_a_fix(text, findings, fix, check):
    status, document = check(text)
    assert told(document) == findings
    assert status == (1 if findings[0][2] == "error" else 0)
    assert any(fix in one for one in document["findings"][0]["fix"])


@pytest.mark.parametrize(
    ("text", "python", "rule"),
    [
        ("tensorflow==2.15.1", "3.12", "python"),
        ("tensorflow-gpu==2.11.0", "3.12", "python"),
        ("tensorflow[and-cuda]==2.15.0", "3.11", "and-cuda"),
        ("tensorflow==2.11.0", "3.8", None),
        ("tensorflow==2.11.0", "3.9", "pin"),
        ("tensorflow", "4.0", "python"),
    ],
)
def test_a_python_narrows_what_is_checked(text, python, rule, check):
    _, document = check(text, "--python", python)
    assert [one["rule"] for one in document["findings"]] == [rule] * (rule is not None)


def test_a_platform_narrows_what_is_checked(check):
    _, document = check("tensorflow==2.16.1", "--platform", WINDOWS)
    (finding,) = document["findings"]
    assert (
        finding["text"] == "tensorflow==2.16.1 has no wheel for Python 3.8-3.12 on Windows x86-64"
    )


def test_libraries_that_are_not_found_are_told_with_how_to_find_them(tmp_path, capsys):
    series = series_file("2.16", (one_build("tensorflow", "2.16.1", LINUX, "3.11", **CUDA_12),))
    store = write_base(tmp_path / "data", series)
    path = LibraryPath(
        distributions=("tensorflow",),
        releases=Bounds("2.16.1", None),
        reason="It looks elsewhere.",
        source=LINK,
    )
    text = dump(LibraryPathsFile(1, (path,)), "Search paths.")
    (tmp_path / "data" / "library_paths.yaml").write_text(text)
    file = tmp_path / "requirements.txt"
    file.write_text("tensorflow[and-cuda]\n")
    assert command_line.main(["--data", store.data, "check", str(file), "--json"]) == 0
    (finding,) = json.loads(capsys.readouterr().out)["findings"]
    assert (finding["rule"], finding["severity"]) == ("search-path", "warning")
    assert finding["fix"] == ["set the search path as in: python -m kb lookup 2.16.1 --device cuda"]
    file.write_text("tensorflow\n")
    assert command_line.main(["--data", store.data, "check", str(file)]) == 0
    assert "nothing is wrong" in capsys.readouterr().out


def test_a_distribution_and_the_one_that_it_stands_for_may_both_be_named(check):
    text = "tensorflow==2.15.0\ntensorflow-macos==2.15.0; sys_platform == 'darwin'\n"
    assert check(text)[1]["findings"] == []


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("# tensorflow==9\n\n  # more\n", []),
        ("flask\ntensorflow==2.99  # not yet\n", [2]),
        ("tensorflow \\\n  ==2.99\nflask", [1]),
        ("flask \\\n  >=1 \\\n  # inside\ntensorflow==2.99\n", [4]),
        (f"tensorflow==2.99 \\\n  --hash=sha256:{'0' * 64} \\\n  --hash=sha256:{'1' * 64}\n", [1]),
        ("tensorflow==2.99; python_version >= '3.8' and os_name == 'posix'\n", [1]),
        ("tensorflow==2.99; python_version < '3'\n", []),
        ("tensorflow-gpu; extra == 'gpu'\n", []),
        ("--index-url https://example.com/simple\n-e .\n-f wheels\ntensorflow==2.99\n", [4]),
        ("./tensorflow-2.99-py3-none-any.whl\ntensorflow.tar.gz\n..\nC:\\x\\tf.whl\n", []),
        ("https://example.com/tensorflow.whl\ngit+ssh://git@example.com/tensorflow\n", []),
        ("\ufefftensorflow==2.99\n", [1]),
        ("tensorflow==2.99\r\n\r\nflask\r\n", [1]),
        ("flask\ntensorflow==2.99\n".encode("utf-16"), [2]),
        ("# ä\ntensorflow==2.99\n".encode("utf-8-sig"), [2]),
    ],
)
def test_the_lines_of_a_requirements_file_are_read_as_pip_reads_them(text, lines, check):
    _, document = check(text)
    assert [(one["line"], one["rule"]) for one in document["findings"]] == [
        (line, "release") for line in lines
    ]


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("tensorflow==3.x\n", 1, "'tensorflow==3.x' is no requirement"),
        ("flask\ntensorflow==12.\n", 2, "'tensorflow==12.' is no requirement"),
        ("tensorflow===latest\n", 1, "'tensorflow===latest' is no requirement"),
        ("tensorflow===2.16.*\n", 1, "'tensorflow===2.16.*' is no requirement"),
        ("tensorflow; os_name ~= 'x'\n", 1, "its marker compares what cannot be compared"),
        ("tensorflow=2.15\n", 1, "'tensorflow=2.15' is no requirement"),
        ("tensorflow>=2.15 <2.16\n", 1, "'tensorflow>=2.15 <2.16' is no requirement"),
        (f"tensorflow=={'9' * 5000}\n", 1, "a requirement has more than 1000 characters"),
        (f"tensorflow; {'(' * 900}\n", 1, "is no requirement"),
        ("x" * 200_000, 1, "the line has more than 100000 characters"),
        ("\x00\x01tensorflow\n", 1, "is not text: it holds bytes that are zero"),
        (b"\xff\xd8\xff\xe0 binary", 1, "is not text: no UTF-8 at byte 0"),
        (b"\xff\xfet\x00e", 1, "is not text: no UTF-16 at byte 4"),
        ("-r no-such.txt\n", 1, "no-such.txt: No such file or directory"),
        ("-r .\n", 1, ".: Is a directory"),
        ("-r requirements.txt\n", 1, "requirements.txt includes itself"),
        ('-r "no-such.txt\n', 1, "a quote is not closed"),
    ],
)
def test_what_cannot_be_read_is_one_clear_line(text, line, said, check):
    status, document = check(text)
    (finding,) = document["findings"]
    assert (status, finding["line"], finding["rule"]) == (1, line, "unreadable")
    assert said in finding["text"]
    assert finding["fix"]
    assert len(finding["text"]) < 150


def test_a_file_that_is_far_too_large_is_refused_at_once(check, tmp_path):
    with (tmp_path / "large.txt").open("wb") as file:
        file.truncate(100 * 1024 * 1024)
    _, document = check("-r large.txt\n")
    (finding,) = document["findings"]
    assert finding["text"] == "large.txt has more than 4 MiB"
    status, document = check(b"#" * (MAX_BYTES + 1))
    assert (status, document["findings"][0]["text"]) == (1, "has more than 4 MiB")


def test_what_depends_on_a_variable_or_an_address_is_said_not_to_be_checked(check, monkeypatch):
    monkeypatch.setenv("RELEASE", "hidden-by-us")
    text = (
        "tensorflow==${RELEASE}\n"
        "tensorflow @ https://user:hidden-by-us@example.com/tensorflow-2.99.whl\n"
        "-r https://user:hidden-by-us@example.com/more.txt\n"
        "--extra-index-url=https://user:hidden-by-us@example.com/simple\n"
        "-r ${RELEASE}.txt\n"
        "flask==${RELEASE}\n"
        "tensorflow @@ https://user:hidden-by-us@example.com\n"
    )
    status, document = check(text)
    assert told(document) == [
        (1, "not-checked", "warning"),
        (2, "not-checked", "warning"),
        (3, "not-checked", "warning"),
        (5, "not-checked", "warning"),
        (7, "unreadable", "error"),
    ]
    assert status == 1
    assert "hidden-by-us" not in json.dumps(document)


def test_included_files_are_read_each_at_its_own_lines(check, tmp_path):
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "a.txt").write_text("-r b.txt\nflask\ntensorflow==2.11.0\n")
    (tmp_path / "more" / "b.txt").write_text("numpy>=2\n")
    _, document = check("--requirement=more/a.txt\n-r more/b.txt\n")
    (finding,) = document["findings"]
    assert (finding["file"], finding["line"], finding["rule"]) == ("more/b.txt", 1, "pin")


def test_a_loop_of_files_is_told_where_it_closes(check, tmp_path):
    (tmp_path / "a.txt").write_text("tensorflow==2.99\n-c requirements.txt\n")
    _, document = check("-r a.txt\n")
    found = [(one["file"], one["line"], one["rule"]) for one in document["findings"]]
    assert found == [("a.txt", 1, "release"), ("a.txt", 2, "unreadable")]


def test_many_files_that_include_each_other_twice_take_no_time(check, tmp_path):
    for number in range(60):
        follow = f"-r {number + 1}.txt\n-c {number + 1}.txt\n" * 2
        (tmp_path / f"{number}.txt").write_text(follow if number < 59 else "tensorflow==2.99\n")
    _, document = check("-r 0.txt\n")
    rules = [one["rule"] for one in document["findings"]]
    assert set(rules) <= {"release", "unreadable"}
    assert len(rules) < 200


def test_a_constraint_bounds_what_is_asked_for_and_asks_for_nothing(check, tmp_path):
    (tmp_path / "bounds.txt").write_text("tensorflow==2.11.0\nnumpy<2\n")
    assert taken(check("tensorflow\n-c bounds.txt\n")[1]) == [
        ("tensorflow", "2.11.0", "3.8", "3.9")
    ]
    assert taken(check("flask\n-c bounds.txt\n")[1]) == []


PYPROJECT = """\
[project]
name = "x"
requires-python = "{python}"
# "tensorflow==2.16.1",
dependencies = [
  "flask",
  "tensorflow{range}",
]
"""


@pytest.mark.parametrize(
    ("python", "asked", "findings"),
    [
        (">=3.11,<3.13", "==2.16.*", []),
        (">=3.11", "==2.16.*", []),
        (">=3.10,<3.13", "==2.16.*", [(7, "python", "warning")]),
        ("==3.12.4", "==2.15.1", [(7, "python", "error")]),
        (">=3.8,<3.9", "==2.11.0", []),
        (">=3.8", "==2.11.0", [(7, "pin", "error"), (7, "python", "warning")]),
        (">=3.20", "", [(3, "python", "error")]),
        ("===x", "", [(3, "unreadable", "error")]),
        ("three", "==2.99", [(3, "unreadable", "error"), (7, "release", "error")]),
        (">=3.8", "==3.x", [(7, "unreadable", "error")]),
        (">=3.8", '; sys_platform == \\"linux\\" and python_version >= \\"3.12\\"', []),
    ],
)
def test_a_pyproject_is_held_against_the_pythons_that_it_names(python, asked, findings, check):
    text = PYPROJECT.format(python=python, range=asked)
    status, document = check(text, name="pyproject.toml")
    assert told(document) == findings
    assert status == (1 if any(one[2] == "error" for one in findings) else 0)


def test_a_python_without_a_wheel_is_told_with_what_to_do(check):
    text = PYPROJECT.format(python=">=3.10,<3.13", range="==2.16.*")
    (finding,) = check(text, name="pyproject.toml")[1]["findings"]
    said = (
        "tensorflow==2.16.* has no wheel for Python 3.10, which the project's <3.13,>=3.10 takes in"
    )
    assert finding["text"].replace(">=3.10,<3.13", "<3.13,>=3.10") == said
    assert finding["fix"] == ["keep the project to Python 3.11-3.12"]


def test_each_extra_and_each_group_is_a_set_of_its_own(check):
    text = """\
[project]
dependencies = ["numpy<2"]
[project.optional-dependencies]
cpu = ["tensorflow-cpu==2.18.0"]
gpu = ["tensorflow[and-cuda]==2.15.1"]
[dependency-groups]
new = ["tensorflow==2.16.1", {include-group = "Bounds"}]
bounds = ["numpy>=1.20"]
old = [{include-group = "bounds"}, "tensorflow==2.11.0", {include-group = "old"}]
none = [{include-group = "nothing"}]
"""
    _, document = check(text, name="pyproject.toml")
    assert told(document) == [(9, "unreadable", "error"), (10, "unreadable", "error")]
    assert {one[1] for one in taken(document)} == {"2.18.0", "2.16.1", "2.15.1", "2.11.0"}


def test_an_extra_that_brings_a_twin_is_found(check):
    text = '[project]\ndependencies = ["tensorflow"]\n[project.optional-dependencies]\n'
    _, document = check(text + 'cpu = ["tensorflow-cpu==2.18.0"]\n', name="pyproject.toml")
    assert told(document) == [(4, "twins", "error")]


POETRY = """\
[tool.poetry.dependencies]
python = "{python}"
tensorflow = {entry}
flask = {{git = "https://example.com/flask"}}
[tool.poetry.extras]
gpu = ["tensorflow"]
[tool.poetry.group.dev.dependencies]
numpy = "*"
"""


@pytest.mark.parametrize(
    ("python", "entry", "takes", "rules"),
    [
        ("^3.11", '"^2.15"', ["2.18.0", "2.16.1"], []),
        ("^3.12", '"~2.16"', ["2.16.1"], []),
        ("~3.11", '"~2.15"', ["2.15.1"], []),
        ("3.11.*", '"2.15.0"', ["2.15.0"], []),
        (">=3.11 <3.13", '{version = "2.16.*", optional = true}', ["2.16.1"], []),
        ("^3.8", '{version = "2.16.1", python = "^3.11"}', ["2.16.1"], []),
        ("^3.8", '[{version = "2.16.1", python = ">=3.12"}]', ["2.16.1"], []),
        ("^3.11", '{version = "2.16.1", markers = "os_name == \'nt\'"}', [], ["python"]),
        ("^3.12", '{path = "../tensorflow"}', [], []),
        ("^3.12", '"^2.99"', [], ["release"]),
        ("^3.12", '"2.15 || 2.16"', [], ["not-checked"]),
        ("^3.12", '"^x"', [], ["not-checked"]),
        ("^3.12", "3", [], ["not-checked"]),
        ("^3.11 || ^3.12", '"2.16.1"', ["2.16.1"], ["not-checked"]),
    ],
)
def test_the_tables_of_poetry_are_read(python, entry, takes, rules, check):
    _, document = check(POETRY.format(python=python, entry=entry), name="pyproject.toml")
    assert [one["rule"] for one in document["findings"]] == rules
    assert list(dict.fromkeys(one[1] for one in taken(document))) == takes
    assert all(one["line"] in (2, 3) for one in document["findings"])


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[project\n", 1),
        ('[project]\nname = "x"\ndependencies = [\n  "tensorflow"\n  "numpy",\n]\n', 5),
        ("a = " + "[" * 5000, 1),
        ("[project]\ndependencies = 'tensorflow'\n", 2),
        ("[project]\ndependencies = [3]\n", 1),
        ("project = 3\n", 1),
        ("[project]\nrequires-python = 3\n", 1),
        ("[dependency-groups]\ndev = 'tensorflow'\n", 2),
    ],
)
def test_a_pyproject_that_cannot_be_read_is_one_clear_line(text, line, check):
    status, document = check(text, name="pyproject.toml")
    (finding,) = document["findings"]
    assert (status, finding["rule"], finding["line"]) == (1, "unreadable", line)


def test_dependencies_that_a_build_works_out_are_said_not_to_be_read(check):
    text = '[project]\ndynamic = ["dependencies"]\n'
    status, document = check(text, name="pyproject.toml")
    assert (status, told(document)) == (0, [(2, "not-checked", "warning")])


def test_without_a_reader_of_toml_one_line_says_what_to_do(store, tmp_path):
    (tmp_path / "pyproject.toml").write_text("[project]\n")
    code = (
        "import sys; sys.modules['tomllib'] = sys.modules['tomli'] = None\n"
        "from kb.command_line import main; sys.exit(main(sys.argv[1:]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "--data", store.data, "check", "pyproject.toml"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    said = "to read TOML needs Python 3.11 or later, or `pip install tomli`"
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"error: pyproject.toml: {said}\n"


def test_what_is_found_reads_like_a_compiler_within_80_columns(
    store, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "requirements.txt").write_text("tensorflow==2.11.0\n")
    assert command_line.main(["--data", store.data, "check", "requirements.txt"]) == 1
    out, error = capsys.readouterr()
    assert error == ""
    assert out.splitlines() == [
        "requirements.txt:1: error: tensorflow 2.11.0 fails on Python 3.9 without",
        "    numpy<2: It was found broken without.",
        "  fix: add numpy<2",
        "  see: https://example.com/source",
        "requirements.txt: 1 error; pip takes tensorflow 2.11.0 on Python 3.8-3.9 (Linux",
        "  x86-64)",
    ]


def test_several_files_are_checked_each(store, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.txt").write_text("flask\n")
    (tmp_path / "b.txt").write_text("tensorflow==2.99\n")
    assert command_line.main(["--data", store.data, "check", "a.txt", "b.txt"]) == 1
    out = capsys.readouterr().out
    assert out.startswith("a.txt: nothing is wrong; it asks for no TensorFlow\nb.txt:1: error:")


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["no-such.txt"], 2, "error: no-such.txt: No such file or directory\n"),
        (["."], 2, "error: .: Is a directory\n"),
        (
            ["x.txt", "--python", "3.x"],
            2,
            "error: --python: '3.x' is not a Python; write it like 3.12\n",
        ),
    ],
)
def test_what_cannot_be_checked_at_all_is_wrong_usage(arguments, status, said, store, capsys):
    assert command_line.main(["--data", store.data, "check", *arguments]) == status
    assert capsys.readouterr() == ("", said)


def test_a_file_without_tensorflow_opens_no_knowledge_base(tmp_path, capsys):
    (tmp_path / "a.txt").write_text("flask\n")
    nowhere = str(tmp_path / "nowhere")
    assert command_line.main(["--data", nowhere, "check", str(tmp_path / "a.txt")]) == 0
    (tmp_path / "a.txt").write_text("tensorflow\n")
    assert command_line.main(["--data", nowhere, "check", str(tmp_path / "a.txt")]) == 3


@pytest.mark.parametrize(
    ("name", "looked_at"),
    [
        ("requirements.txt", True),
        ("sub/requirements-dev.txt", True),
        ("requirements_gpu.txt", True),
        ("pyproject.toml", True),
        ("my-pyproject.toml", False),
        ("requirements.txt.bak", False),
        ("notes.txt", False),
    ],
)
def test_the_hook_runs_check_on_the_files_that_ask(name, looked_at, tmp_path):
    hooks = Path(__file__).parents[2] / ".pre-commit-hooks.yaml"
    (hook,) = yaml.safe_load(hooks.read_text(encoding="utf-8"))
    assert bool(re.search(hook["files"], name)) is looked_at
    file = tmp_path / Path(name).name
    file.write_text("")
    command = [sys.executable, *hook["entry"].split()[1:], str(file)]
    assert hook["entry"].startswith("python ")
    done = subprocess.run(command, capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


REAL = [
    ("tensorflow==2.10.1", "3.9", "pin", "add numpy<2"),
    ("tensorflow[and-cuda]==2.15.0", "3.11", "and-cuda", None),
    ("tensorflow-gpu", "3.9", "placeholder", None),
    ("tensorflow~=2.16.0\nkeras<3", "3.11", "bounds", "ask for keras>=3.0.0"),
    ("tensorflow==2.15.1\nnumpy>=2", "3.11", "bounds", "ask for tensorflow==2.18.0"),
    ("tensorflow==2.13.1\nprotobuf>=5", "3.11", "bounds", "or ask for protobuf>=3.20.3,<5.0.0dev"),
    ("tensorflow==2.15.1", "3.12", "python", None),
    ("tensorflow-gpu==2.10.0", "3.11", "python", None),
]


@pytest.mark.parametrize(("text", "python", "rule", "fix"), REAL)
def test_the_real_knowledge_base_knows_what_people_run_into(
    text, python, rule, fix, tmp_path, capsys
):
    path = tmp_path / "requirements.txt"
    path.write_text(text)
    assert command_line.main(["check", str(path), "--python", python, "--json"]) == 1
    (finding,) = json.loads(capsys.readouterr().out)["findings"]
    assert finding["rule"] == rule
    assert fix is None or fix in finding["fix"]


@pytest.mark.parametrize("release", ["2.13.1", "2.12.0", "2.10.1"])
def test_a_release_before_the_extra_and_cuda_is_said_to_lack_it(release, tmp_path, capsys):
    path = tmp_path / "requirements.txt"
    path.write_text(f"tensorflow[and-cuda]=={release}\nnumpy<2\n")
    command_line.main(["check", str(path), "--python", "3.10", "--json"])
    (finding,) = json.loads(capsys.readouterr().out)["findings"]
    assert (finding["rule"], finding["severity"]) == ("extra", "warning")
    assert f"{release} has no extra and-cuda" in finding["text"]
    assert any(f"lookup {release} --device cuda" in line for line in finding["fix"])
    assert any("tensorflow[and-cuda]==2.14." in line for line in finding["fix"])


def test_a_package_of_one_cuda_is_not_met_by_a_release_of_another(tmp_path, capsys):
    path = tmp_path / "requirements.txt"
    path.write_text("tensorflow[and-cuda]==2.18.0\nnvidia-cublas-cu12==12.4.5.8\n")
    command_line.main(["check", str(path), "--json"])
    (finding,) = json.loads(capsys.readouterr().out)["findings"]
    assert finding["fix"] == ["ask for nvidia-cublas-cu12==12.5.3.2"]


def test_a_build_without_cuda_on_linux_is_not_mended_by_a_marker(tmp_path, capsys):
    path = tmp_path / "requirements.txt"
    path.write_text("tensorflow-cpu[and-cuda]==2.18.0\n")
    command_line.main(["check", str(path), "--json"])
    (finding,) = json.loads(capsys.readouterr().out)["findings"]
    (fix,) = finding["fix"]
    assert fix == (
        "ask for tensorflow[and-cuda] in its place, on Linux alone: `tensorflow[and-cuda]==2.18.0; "
        "sys_platform == 'linux'` beside `tensorflow==2.18.0; sys_platform != 'linux'`"
    )


def test_a_distribution_that_a_way_out_names_is_explained(tmp_path, capsys):
    file = tmp_path / "requirements.txt"
    file.write_text("tensorflow-gpu==2.12.0\n", encoding="utf-8")
    asked = ["check", str(file), "--python", "3.9", "--platform", "linux-x86_64"]
    assert command_line.main(asked) == 1
    assert "\ntensorflow-gpu: TensorFlow with CUDA; from 2.1 on" in capsys.readouterr().out


def test_what_failed_is_told_in_the_sentence_of_every_answer(check):
    _, document = check("tensorflow-cpu\n")
    (finding,) = document["findings"]
    assert ": broken: tried as published on a Linux x86-64 runner (" in finding["text"]
