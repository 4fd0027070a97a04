import io
import json
import os
import re
import struct
import subprocess
import sys
from contextlib import suppress
from itertools import pairwise

import pytest

from kb.answers.releases import VersionQuestion
from kb.base.names import DEVICE_NAMES, KIND_NAMES
from kb.base.store import Store
from kb.base.versions import spans
from kb.cells import shells
from kb.cells.rungs import RUNG_MEANINGS
from kb.lookup.answer import lookup
from kb.lookup.document import document
from kb.lookup.page import page
from kb.machine.glance import MachineGlance
from kb.terminal.style import Style, show, style_for
from tests.kb.small_base import (
    CPU,
    INTEL_MAC,
    LINUX,
    WINDOWS,
    one_build,
    requirement,
    row,
    series_2_15,
    series_file,
    verdict,
    write_base,
)
from tests.kb.stand_in_python import Shell

pty = pytest.importorskip("pty")
fcntl = pytest.importorskip("fcntl")
termios = pytest.importorskip("termios")

ON_LINUX = MachineGlance(LINUX, "3.11", "cpu")
ON_A_GPU = MachineGlance(LINUX, "3.11", "cuda")
ON_WINDOWS = MachineGlance(WINDOWS, "3.9", "cuda")
ELSEWHERE = MachineGlance(None, "3.14", "cpu")
EXTRA = ("tensorflow[and-cuda]==2.15.1",)
COLOUR = re.compile(r"\033\[\d*m")


def shown(store, version, machine=ON_LINUX, style=None, **narrowed):
    """Return the page that answers for a version."""
    return page(
        lookup(store, VersionQuestion(version=version, **narrowed)), machine, style or Style()
    )


def commands(answer):
    """Return every line that the commands of an answer's cells have."""
    return {
        line
        for build in answer.builds
        for cell in build.cells
        for command in (*shells.setup(cell.recipe), *shells.check(cell.recipe))
        for line in command.split("\n")
    }


def between(text, start, end):
    """Return the lines between two lines, both left out."""
    lines = text.split("\n")
    first = lines.index(start) + 1
    return lines[first : lines.index(end, first)]


@pytest.mark.parametrize("machine", [ON_LINUX, ON_A_GPU, ON_WINDOWS, ELSEWHERE])
@pytest.mark.parametrize("name", Store().series_names())
def test_nothing_but_commands_is_wider_than_80_columns(name, machine, real_answers):
    answer = real_answers[name]
    to_copy = commands(answer)
    wide = [line for line in page(answer, machine, Style()).split("\n") if len(line) > 80]
    assert [line for line in wide if line not in to_copy] == []


@pytest.mark.parametrize("name", Store().series_names())
def test_no_line_ends_in_spaces_and_no_two_empty_ones_follow(name, real_answers):
    lines = page(real_answers[name], ON_LINUX, Style()).split("\n")
    assert [line for line in lines if line != line.rstrip()] == []
    assert ("", "") not in list(pairwise(lines))


@pytest.mark.parametrize("name", Store().series_names())
def test_a_real_page_names_every_python_and_says_how_sure_we_are(name, real_answers):
    text = page(real_answers[name], ON_LINUX, Style())
    builds = real_answers[name].builds
    own = [b for b in builds if b.published.release.distribution == "tensorflow"] or builds
    pythons = {python for build in own for python in build.pythons}
    title, _, first = text.split("\n")[:3]
    what = KIND_NAMES[real_answers[name].kind]
    assert title.startswith(f"TensorFlow {name}, newest {what} {name}")
    assert first.split(maxsplit=1) == ["Python", spans(list(pythons))]
    assert any(meaning.of_cell.split(";")[0] in text for meaning in RUNG_MEANINGS.values())


def test_the_answer_comes_at_a_glance(usual_base):
    title, _, *rest = shown(usual_base, "2.15").split("\n")
    assert title == "TensorFlow 2.15, newest release 2.15.1, of 2023-03-03"
    glance = " ".join(" ".join(rest[: rest.index("")]).split())
    assert glance == (
        "Python 3.9-3.11 "
        "CUDA 12.2 "
        "cuDNN 8.9 tested, 8 built with, 8.9.4.25 installed by and-cuda "
        "Driver 525.60.13 or newer; on Windows and WSL2 528.33 or newer "
        "GPUs 6.0 Pascal, 7.0 Volta, 8.0 Ampere; newer ones by PTX 8.0, compiled at first use"
    )


def test_each_platform_is_told_with_its_pythons_and_how_sure_we_are(usual_base):
    text = shown(usual_base, "2.15")
    assert re.search(
        r"^  Linux x86-64 .* 3\.9-3\.11 .* shipped +CUDA 12\.2: shipped$", text, re.MULTILINE
    )
    assert re.search(r"^  Windows x86-64 .* 3\.9 .* shipped +-$", text, re.MULTILINE)
    assert "macOS" not in text.partition("Sources that contradict")[0]


def test_contradictions_problems_and_pins_are_told(usual_base):
    text = shown(usual_base, "2.15", ON_A_GPU)
    assert "tensorflow 2.15.0 on macos-arm64: Python 3.9 gets no code" in text
    assert "The title of hits-windows-alone" in text
    assert "with numpy<2: It was found broken without." in text
    assert "on a GPU below compute capability 7.5 with nvidia-cudnn-cu12<9.11:" in text


def test_a_narrow_page_leaves_the_name_of_a_platform_whole():
    told = shown(Store(), "2.15.1", style=Style(40))
    assert "on macos-arm64" in " ".join(told.split())
    assert not re.search(r"(linux|macos|windows)-$", told, re.MULTILINE)


def test_a_page_without_contradictions_and_problems_does_not_speak_of_them(usual_base):
    text = shown(usual_base, "1.15", platform=WINDOWS)
    assert "contradict" not in text
    assert "problem" not in text


def test_a_placeholder_alone_has_no_recipe(usual_base):
    text = shown(usual_base, "2.16.0")
    assert "tensorflow-gpu 2.16.0 is only an sdist placeholder: it has no wheel." in text
    assert "Set up" not in text


@pytest.mark.parametrize(
    ("machine", "title"),
    [
        (ON_LINUX, "tensorflow-cpu 2.15.1 on Linux x86-64, Python 3.11, CPU"),
        (ON_A_GPU, "tensorflow 2.15.1 on Linux x86-64, Python 3.11, CUDA"),
        (ON_WINDOWS, "tensorflow 2.15.0 on Windows x86-64, Python 3.9, CPU"),
    ],
)
def test_the_recipe_is_that_of_the_machine(machine, title, usual_base):
    lines = shown(usual_base, "2.15", machine).split("\n")
    assert title in lines
    assert "Not for this machine." not in lines


def test_another_python_than_the_machines_is_told(usual_base):
    text = shown(usual_base, "2.15", MachineGlance(LINUX, "3.14", "cpu"))
    assert "It has no wheel for this machine's Python 3.14." in text
    assert "Python 3.11, CPU" in text


@pytest.mark.parametrize("machine", [ELSEWHERE, MachineGlance(INTEL_MAC, "3.11", "cpu")])
def test_a_machine_that_no_build_is_for_is_told(machine, usual_base):
    assert "Not for this machine." in shown(usual_base, "2.15", machine).split("\n")


def test_a_rung_is_told_with_its_day_and_its_meaning(tmp_path):
    store = write_base(
        tmp_path,
        series_2_15(),
        resolutions={"2.15": (verdict("3.11", EXTRA, resolves=True),)},
    )
    text = shown(store, "2.15.1", ON_A_GPU)
    assert "resolves as of 2026-03-03: a resolver finds all it needs" in text
    assert "shipped as of 2026-02-02: a wheel on the index says so" in shown(store, "2.15.1")


@pytest.mark.parametrize(
    ("runtime", "told"),
    [
        (
            "nvidia-cuda-runtime-cu12==12.9.79",
            "12.2; its recipe installs 12.9 (resolved 2026-03-04)",
        ),
        ("nvidia-cuda-runtime==13.5.37", "12.2; its recipe installs 13.5 (resolved 2026-03-04)"),
        ("nvidia-cuda-runtime-cu12==12.2.140", "12.2"),
    ],
)
def test_what_the_recipe_installs_today_stands_beside_what_the_wheel_was_built_with(
    runtime, told, tmp_path
):
    packages = tuple(map(requirement, (runtime, "nvidia-cudnn-cu12==9.28.0.42")))
    found = verdict("3.11", EXTRA, resolves=True)._replace(
        installs=packages, installs_since="2026-03-04"
    )
    store = write_base(tmp_path, series_2_15(), resolutions={"2.15": (found,)})
    lines = [" ".join(line.split()) for line in shown(store, "2.15.1").splitlines()]
    assert f"CUDA {told}" in lines
    assert "9.28.0.42 installed by its recipe (resolved 2026-03-04)" in " ".join(lines)
    (build,) = json.loads(document(lookup(store, VersionQuestion(version="2.15.1"))))["builds"][:1]
    (on_3_11,) = [c for c in build["cells"] if (c["python"], c["device"]) == ("3.11", "cuda")]
    assert on_3_11["installs"]["packages"] == list(packages)
    assert on_3_11["installs"]["since"] == "2026-03-04"
    assert [c["installs"] for c in build["cells"] if c["device"] == "cpu"] == [None, None]
    assert "nvidia-cudnn-cu12==8.9.4.25" in build["and_cuda"]


def test_an_avoided_conflict_and_a_broken_cell_are_told(tmp_path):
    single = ("tensorflow==2.15.1", "nvidia-cublas-cu12==12.2.5.6", "nvidia-cudnn-cu12==8.9.4.25")
    conflict = verdict("3.11", EXTRA, resolves=False)
    store = write_base(tmp_path / "a", series_2_15(), resolutions={"2.15": (conflict,)})
    text = shown(store, "2.15.1", ON_A_GPU, python="3.11")
    assert "not by tensorflow[and-cuda]==2.15.1: tensorrt has no wheel" in text
    both = (conflict, verdict("3.11", single, resolves=False))
    store = write_base(tmp_path / "b", series_2_15(), resolutions={"2.15": both})
    text = shown(store, "2.15.1", ON_A_GPU, python="3.11")
    assert "broken as of 2026-03-03: its requirements cannot be resolved" in text
    assert "CUDA 12.2: broken" in text


def test_what_the_wheel_and_the_page_leave_open_is_unknown(tmp_path):
    file = series_file(
        "1.8",
        (one_build("tensorflow-gpu", "1.8.0", LINUX, "2.7"),),
        (row("linux-gpu", "tensorflow_gpu-1.8.0", "2.7", "9", "7"),),
    )
    text = shown(write_base(tmp_path, file), "1.8")
    assert "unknown for this CUDA" in text
    assert "unknown: this wheel does not state its compute capabilities" in text


def test_a_build_for_the_cpu_alone_is_told(tmp_path):
    file = series_file("2.15", (one_build("tensorflow", "2.15.0", LINUX, "3.9", **CPU),))
    assert "none: these builds compute on the CPU" in shown(write_base(tmp_path, file), "2.15")


@pytest.mark.parametrize("machine", [ON_LINUX, ON_A_GPU, ON_WINDOWS])
def test_every_command_stands_in_the_page_as_it_must_be_pasted(machine, usual_base):
    answer = lookup(usual_base, VersionQuestion(version="2.15"))
    text = page(answer, machine, Style())
    title = next(line for line in text.split("\n") if " on " in line and ", Python " in line)
    (cell,) = (
        c
        for b in answer.builds
        for c in b.cells
        if title.startswith(f"{c.key.distribution} {c.key.release} on ")
        and f"Python {c.key.python}, {DEVICE_NAMES[c.key.device]}" in title
        and c.key.platform == machine.platform
    )
    for command in (*shells.setup(cell.recipe), *shells.check(cell.recipe)):
        assert not command.startswith(" ")
        assert f"\n{command}\n" in text


def test_a_heredoc_ends_at_the_first_column(usual_base):
    lines = shown(usual_base, "2.15").split("\n")
    assert lines.count("python - <<'END'") == lines.count("END") == 3
    windows = shown(usual_base, "2.15", ON_WINDOWS).split("\n")
    assert windows.count("@'") == windows.count("'@ | python -") == 3


def test_what_stands_under_set_up_sets_up_when_pasted(usual_base, tmp_path):
    lines = between(shown(usual_base, "2.15", ON_A_GPU), "Set up", "Check 1: Count the GPUs")
    asked = Shell(tmp_path, "python3.11").carry_out(tuple(lines))
    assert [one.words for one in asked] == [
        ["-m", "venv", "tf-2.15.1"],
        ["-m", "pip", "install", "--upgrade", "pip"],
        ["-m", "pip", "install", "tensorflow[and-cuda]==2.15.1", "numpy<2"],
    ]


def test_colour_changes_nothing_but_colour(usual_base):
    for version in ("1.15", "2.15", "2.16"):
        coloured = shown(usual_base, version, style=Style(80, colour=True))
        assert "\033[" in coloured
        assert COLOUR.sub("", coloured) == shown(usual_base, version)


def test_what_is_no_terminal_gets_no_colour():
    assert style_for(io.StringIO(), {}) == Style(80, colour=False)


def on_a_terminal(*arguments, columns=80, **environment):
    """Run `python -m kb` on a terminal of its own; return its status and what it wrote there."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    inherited = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "COLUMNS")}
    process = subprocess.Popen(
        [sys.executable, "-m", "kb", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=subprocess.STDOUT,
        env={**inherited, "TERM": "xterm", **environment},
    )
    os.close(theirs)
    written = b""
    with suppress(OSError):  # Linux ends a terminal whose other side is closed with an error
        while chunk := os.read(ours, 65536):
            written += chunk
    os.close(ours)
    return process.wait(timeout=60), written.decode().replace("\r\n", "\n")


@pytest.mark.parametrize(
    ("environment", "colour"),
    [
        ({}, True),
        ({"NO_COLOR": ""}, True),
        ({"NO_COLOR": "1"}, False),
        ({"TERM": "dumb"}, False),
    ],
)
def test_a_terminal_gets_colour_unless_it_is_declined(environment, colour, usual_base):
    status, text = on_a_terminal("--data", usual_base.data, "lookup", "2.15", **environment)
    assert status == 0
    assert text.strip()
    assert bool(COLOUR.search(text)) is colour


def test_json_has_no_colour_on_a_terminal(usual_base):
    status, text = on_a_terminal("--data", usual_base.data, "lookup", "2.15", "--json")
    assert status == 0
    assert text.startswith('{\n  "format": 1')
    assert "\033" not in text


def widest(text):
    """Return the width of the widest line above the recipe."""
    above = COLOUR.sub("", text).partition("Set up")[0]
    return max(map(len, above.split("\n")))


@pytest.mark.parametrize(("columns", "limit"), [(80, 80), (100, 100), (300, 100), (0, 80)])
def test_a_page_is_as_wide_as_its_terminal_but_no_wider_than_reads_well(columns, limit, usual_base):
    status, text = on_a_terminal("--data", usual_base.data, "lookup", "2.15", columns=columns)
    assert status == 0
    assert 60 < widest(text) <= limit


@pytest.mark.parametrize("columns", [1, 8, 20, 40])
def test_a_narrow_terminal_gets_a_page_too(columns, usual_base):
    status, text = on_a_terminal("--data", usual_base.data, "lookup", "2.15", columns=columns)
    assert status == 0
    assert "Traceback" not in text


def test_a_page_keeps_its_own_colours_alone(capsys):
    for style, start, end in ((Style(), "", ""), (Style(colour=True), "\033[1m", "\033[0m")):
        show(f"{style.bold('a')}\x1b[31m\x1b]0;b\x07\n\x9bc", style)
        assert capsys.readouterr().out == f"{start}a{end} [31m ]0;b \n c\n"
