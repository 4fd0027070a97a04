import io
import json
import os
import re
import struct
import subprocess
import sys
from contextlib import suppress
from itertools import pairwise, takewhile

import pytest

from kb.answers.releases import VersionQuestion
from kb.base.errors import NothingFound
from kb.base.names import COUNTED_APART, DEVICE_NAMES, KIND_NAMES, PLATFORM_NAMES
from kb.base.store import Store
from kb.base.versions import key, spans
from kb.cells import shells
from kb.lookup.answer import lookup
from kb.lookup.document import document
from kb.lookup.page import NOTHING_MORE, PageWanted, page
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
EVERYTHING = PageWanted(checks=True, everything=True, sources=True)
MOST_LINES = 40
EXTRA = ("tensorflow[and-cuda]==2.15.1",)
COLOUR = re.compile(r"\033\[\d*m")


def shown(store, version, machine=ON_LINUX, style=None, wanted=NOTHING_MORE, **narrowed):
    """Return the page that answers for a version."""
    answer = lookup(store, VersionQuestion(version=version, **narrowed))
    return page(answer, machine, style or Style(), wanted)


def commands(answer):
    """Return every line that the commands of an answer's cells have."""
    return {
        line
        for build in answer.builds
        for cell in build.cells
        for command in (*shells.setup(cell.recipe), *shells.check(cell.recipe))
        for line in command.split("\n")
    }


@pytest.mark.parametrize("wanted", [NOTHING_MORE, EVERYTHING])
@pytest.mark.parametrize("machine", [ON_LINUX, ON_A_GPU, ON_WINDOWS, ELSEWHERE])
@pytest.mark.parametrize("name", Store().series_names())
def test_nothing_but_commands_is_wider_than_80_columns(name, machine, wanted, real_answers):
    answer = real_answers[name]
    to_copy = commands(answer) | {f"  {source.id}" for source in answer.sources}
    text = page(answer, machine, Style(), wanted)
    wide = [line for line in text.split("\n") if len(line) > 80]
    addresses = [line for line in wide if line.startswith("    https://")]
    assert [line for line in wide if line not in to_copy and line not in addresses] == []


@pytest.mark.parametrize("machine", [ON_LINUX, ON_A_GPU, ON_WINDOWS, ELSEWHERE])
@pytest.mark.parametrize("name", Store().series_names())
def test_an_answer_has_40_lines_at_most(name, machine, real_answers):
    assert len(page(real_answers[name], machine, Style()).split("\n")) <= MOST_LINES


@pytest.mark.parametrize(
    "narrowed",
    [
        *({"device": device} for device in ("cpu", "cuda", "rocm", "metal", "directml", "xpu")),
        *({"platform": platform} for platform in PLATFORM_NAMES),
        {"platform": LINUX, "device": "cuda"},
        {"platform": WINDOWS, "device": "cuda"},
        *({"python": python} for python in ("2.7", "3.7", "3.10", "3.12")),
    ],
    ids=str,
)
def test_a_narrowed_answer_has_40_lines_and_names_the_release_that_it_is_about(narrowed):
    store = Store()
    for version in (*store.series_names(), "1.15.5", "2.10.0", "2.16.1"):
        try:
            answer = lookup(store, VersionQuestion(version=version, **narrowed))
        except NothingFound:
            continue
        device = narrowed.get("device", "cpu")
        machine = MachineGlance(LINUX, narrowed.get("python", "3.11"), device)
        lines = page(answer, machine, Style()).split("\n")
        assert len(lines) <= MOST_LINES, version
        releases = [build.published.release for build in answer.builds]
        apart = {own.release for own in releases if own.distribution not in COUNTED_APART}
        newest = max(apart or {own.release for own in releases}, key=key)
        assert answer.release == newest, version
        assert lines[0].split()[1].rstrip(",") == newest, version


@pytest.mark.parametrize("name", Store().series_names())
def test_no_line_ends_in_spaces_and_no_two_empty_ones_follow(name, real_answers):
    for wanted in (NOTHING_MORE, EVERYTHING):
        lines = page(real_answers[name], ON_LINUX, Style(), wanted).split("\n")
        assert [line for line in lines if line != line.rstrip()] == []
        assert ("", "") not in list(pairwise(lines))


@pytest.mark.parametrize("name", Store().series_names())
def test_a_real_page_names_every_python_and_says_how_sure_we_are(name, real_answers):
    answer = real_answers[name]
    title, *rest = page(answer, ON_LINUX, Style()).split("\n")
    first = next(line for line in rest if line.startswith("  Python "))
    own = [b for b in answer.builds if b.published.release.distribution == "tensorflow"]
    pythons = {python for build in own or answer.builds for python in build.pythons}
    what = "" if answer.kind == "release" else f", {KIND_NAMES[answer.kind]}"
    assert title.startswith(f"TensorFlow {answer.release}{what} of {answer.released}")
    assert first.split(";")[0].split(maxsplit=1) == ["Python", spans(list(pythons))]
    start = next(n for n, line in enumerate(rest) if line.startswith("Set up "))
    assert rest[start + 1].startswith("  ")
    assert rest[start + 1].strip()


def test_the_answer_comes_at_a_glance(usual_base):
    title, _, *rest = shown(usual_base, "2.15").split("\n")
    assert title == "TensorFlow 2.15.1 of 2023-03-03, the newest of 2.15"
    glance = " ".join(" ".join(rest[: rest.index("")]).split())
    assert glance.startswith(
        "Python 3.9-3.11; needs glibc 2.17 "
        "CUDA 12.2, cuDNN 8.9 "
        "Driver 525.60.13 or newer; on Windows and WSL2 528.33 "
        "GPUs "
    )
    assert "Pascal, Volta native; Ampere partly compiled at first use" in glance


def test_each_platform_is_told_with_its_pythons_and_how_sure_we_are(usual_base):
    lines = shown(usual_base, "2.15").split("\n")
    (linux,) = [line for line in lines if line.startswith("  Linux x86-64 ")]
    assert linux.split(maxsplit=2)[2] == "CPU shipped on 3.9-3.11; CUDA shipped on 3.9-3.11"
    (windows,) = [line for line in lines if line.startswith("  Windows x86-64 ")]
    assert windows.split(maxsplit=2)[2] == "CPU shipped on 3.9"
    assert "  shipped: a wheel says so" in lines
    assert not [line for line in lines if line.startswith("  macOS")]


def test_contradictions_problems_and_pins_are_told(usual_base):
    text = shown(usual_base, "2.15", ON_A_GPU)
    assert re.search(r"\d contradictions? between sources: --sources", text)
    words = " ".join(text.split())
    assert "numpy<2: It was found broken without (" in words
    assert "On a GPU below compute capability 7.5 add nvidia-cudnn-cu12<9.11: " in words
    assert "The title of hits-windows-alone" not in text
    assert re.search(r"and \d that do(es)? not concern this set-up: --all", text)
    text = shown(usual_base, "2.15", ON_A_GPU, wanted=EVERYTHING)
    assert "tensorflow 2.15.0 on macos-arm64: Python 3.9 gets no code" in text
    assert "  The title of hits-windows-alone\n" in text
    assert "problem hits-windows-alone\n" in text


def test_a_problem_has_its_way_out_and_how_to_open_it_in_two_lines():
    lines = shown(Store(), "2.15").split("\n")
    start = lines.index("  TensorBoard up to 2.20 misses pkg_resources")
    assert lines[start + 1].startswith('    pip install "setuptools<82"   ')
    assert lines[start + 1].endswith(" problem pkg-resources-gone")


def test_a_problem_that_the_set_up_avoids_is_not_to_be_minded():
    assert "numpy<2: The wheels are compiled" in shown(Store(), "2.10")
    assert "2.7 to 2.11 fail at import beside NumPy 2" not in shown(Store(), "2.10")


def test_the_answer_and_the_set_up_stand_on_one_screen(real_answers):
    for name, answer in real_answers.items():
        lines = page(answer, ON_LINUX, Style()).split("\n")
        start = next(n for n, line in enumerate(lines) if line.startswith("Set up "))
        assert len(lines) - start <= 24, name


def test_checks_are_printed_where_they_are_asked_for(usual_base):
    assert "Check 1" not in shown(usual_base, "2.15")
    assert "To check it: --check" in shown(usual_base, "2.15")
    text = shown(usual_base, "2.15", wanted=PageWanted(checks=True))
    assert "\nCheck 1: Count the GPUs\n" in text
    assert "--check" not in text


def test_the_reason_for_a_search_path_stands_beside_it_with_its_run():
    words = " ".join(shown(Store(), "2.21", ON_A_GPU).split())
    assert "Its search path: 2.21.0 does not look for cuSOLVER in the folder" in words
    assert "(run 2026-11-23-" in words


@pytest.mark.parametrize(
    ("tool", "told"),
    [("uv", "uv venv --python 3.11"), ("conda", "conda create"), ("docker", "docker run")],
)
def test_another_tool_sets_up_and_says_whether_it_was_carried_out(tool, told):
    text = shown(Store(), "2.15", wanted=PageWanted(tool=tool, trials=Store().tools().trials))
    assert told in text
    words = " ".join(text.split())
    assert "We have not run this" in words or "Carried out by uv" in words
    assert "python -m venv" not in text


def test_a_set_up_by_uv_that_fails_is_not_shown():
    wanted = PageWanted(tool="uv", trials=Store().tools().trials)
    text = shown(Store(), "2.4", MachineGlance(LINUX, "3.8", "cpu"), wanted=wanted)
    assert "Use pip." in " ".join(text.split())
    assert "uv pip install" not in text


def test_a_narrow_page_leaves_the_name_of_a_platform_whole():
    told = shown(Store(), "2.15.1", style=Style(40), wanted=EVERYTHING)
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
        (ON_LINUX, "Set up here: tensorflow-cpu 2.15.1, Python 3.11, CPU"),
        (ON_A_GPU, "Set up here: tensorflow 2.15.1, Python 3.11, CUDA"),
        (ON_WINDOWS, "Set up here: tensorflow 2.15.0, Python 3.9, CPU"),
    ],
)
def test_the_recipe_is_that_of_the_machine(machine, title, usual_base):
    lines = shown(usual_base, "2.15", machine).split("\n")
    assert title in lines
    assert "  Not for this machine." not in lines


def test_another_python_than_the_machines_is_told(usual_base):
    text = shown(usual_base, "2.15", MachineGlance(LINUX, "3.14", "cpu"))
    assert "It has no wheel for this machine's Python 3.14." in text
    assert "Python 3.11, CPU" in text


@pytest.mark.parametrize("machine", [ELSEWHERE, MachineGlance(INTEL_MAC, "3.11", "cpu")])
def test_a_machine_that_no_build_is_for_is_told(machine, usual_base):
    lines = shown(usual_base, "2.15", machine).split("\n")
    assert "  Not for this machine." in lines
    assert any(line.startswith("Set up on Linux x86-64: ") for line in lines)


def test_a_rung_is_told_with_its_day_and_its_meaning(tmp_path):
    store = write_base(
        tmp_path,
        series_2_15(),
        resolutions={"2.15": (verdict("3.11", EXTRA, resolves=True),)},
    )
    text = shown(store, "2.15.1", ON_A_GPU)
    assert "Not run yet; a resolver finds all that it needs, as of 2026-03-03." in text
    text = shown(store, "2.15.1")
    assert "Not run yet; the index has a wheel for it, as of 2026-02-02." in text


@pytest.mark.parametrize(
    ("runtime", "told"),
    [
        (
            "nvidia-cuda-runtime-cu12==12.9.79",
            "12.2, cuDNN 8.9; its recipe installs 12.9 and 9.28.0.42",
        ),
        (
            "nvidia-cuda-runtime==13.5.37",
            "12.2, cuDNN 8.9; its recipe installs 13.5 and 9.28.0.42",
        ),
        (
            "nvidia-cuda-runtime-cu12==12.2.140",
            "12.2, cuDNN 8.9; its recipe installs cuDNN 9.28.0.42",
        ),
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
    assert f" CUDA {told} Driver " in " ".join(shown(store, "2.15.1").split())
    words = " ".join(shown(store, "2.15.1", wanted=EVERYTHING).split())
    assert "9.28.0.42 installed by its recipe (resolved 2026-03-04)" in words
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
    assert "Not by tensorflow[and-cuda]==2.15.1, whose requirements conflict: --all" in text
    text = shown(store, "2.15.1", ON_A_GPU, wanted=EVERYTHING, python="3.11")
    assert "Not by tensorflow[and-cuda]==2.15.1: tensorrt has no wheel" in text
    both = (conflict, verdict("3.11", single, resolves=False))
    store = write_base(tmp_path / "b", series_2_15(), resolutions={"2.15": both})
    text = shown(store, "2.15.1", ON_A_GPU, python="3.11")
    text = " ".join(text.split())
    assert "Broken: no resolver finds all that it needs, as of 2026-03-03: tensorrt has no" in text
    assert "CUDA broken on 3.11" in text


def test_what_the_wheel_and_the_page_leave_open_is_unknown(tmp_path):
    file = series_file(
        "1.8",
        (one_build("tensorflow-gpu", "1.8.0", LINUX, "2.7"),),
        (row("linux-gpu", "tensorflow_gpu-1.8.0", "2.7", "9", "7"),),
    )
    text = shown(write_base(tmp_path, file), "1.8")
    assert "unknown for this CUDA" in text
    assert "unknown: the wheel does not say, nor was its code read" in " ".join(text.split())
    text = shown(write_base(tmp_path / "more", file), "1.8", wanted=EVERYTHING)
    assert "unknown: this wheel does not state its compute capabilities" in text


def test_a_build_for_the_cpu_alone_is_told(tmp_path):
    file = series_file("2.15", (one_build("tensorflow", "2.15.0", LINUX, "3.9", **CPU),))
    assert "none: these builds compute on the CPU" in shown(write_base(tmp_path, file), "2.15")


@pytest.mark.parametrize("machine", [ON_LINUX, ON_A_GPU, ON_WINDOWS])
def test_every_command_stands_in_the_page_as_it_must_be_pasted(machine, usual_base):
    answer = lookup(usual_base, VersionQuestion(version="2.15"))
    text = page(answer, machine, Style(), PageWanted(checks=True))
    line = next(line for line in text.split("\n") if line.startswith("Set up "))
    title = line.partition(": ")[2]
    (cell,) = (
        c
        for b in answer.builds
        for c in b.cells
        if title.startswith(f"{c.key.distribution} {c.key.release}, ")
        and f"Python {c.key.python}, {DEVICE_NAMES[c.key.device]}" in title
        and c.key.platform == machine.platform
    )
    for command in (*shells.setup(cell.recipe), *shells.check(cell.recipe)):
        assert not command.startswith(" ")
        assert f"\n{command}\n" in text


def test_a_heredoc_ends_at_the_first_column(usual_base):
    wanted = PageWanted(checks=True)
    lines = shown(usual_base, "2.15", wanted=wanted).split("\n")
    assert lines.count("python - <<'END'") == lines.count("END") == 3
    windows = shown(usual_base, "2.15", ON_WINDOWS, wanted=wanted).split("\n")
    assert windows.count("@'") == windows.count("'@ | python -") == 3


def test_what_stands_under_set_up_sets_up_when_pasted(usual_base, tmp_path):
    lines = shown(usual_base, "2.15", ON_A_GPU).split("\n")
    start = lines.index("python3.11 -m venv tf-2.15.1")
    commands = takewhile(lambda line: line and not line.startswith(" "), lines[start:])
    asked = Shell(tmp_path, "python3.11").carry_out(tuple(commands))
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
    above = COLOUR.sub("", text).partition("\nSet up ")[0]
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


@pytest.mark.parametrize("wsl2", [True, False])
def test_what_ran_on_linux_is_told_as_that_on_wsl2(wsl2):
    machine = MachineGlance(LINUX, "3.11", "cpu", wsl2=wsl2)
    text = " ".join(shown(Store(), "2.15.1", machine).split())
    assert "on a Linux x86-64 runner, and computed right on the CPU" in text
    assert ("not run on WSL2 yet" in text) == wsl2
