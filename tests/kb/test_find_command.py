import json
import os
import random
import shlex
import subprocess
import sys
from contextlib import suppress
from itertools import pairwise

import jsonschema
import pytest

from kb import command_line
from kb.answers import fits
from kb.answers.comparison import MachineQuestion
from kb.answers.gpu_asked import understood
from kb.base.store import Store
from kb.facts.gpu_names import AmbiguousGpu, UnknownGpu
from kb.find.page import page
from kb.index.build import build_index
from kb.index.records import document, open_index
from kb.terminal.style import Style
from tests.kb.small_base import CUDA_12, LINUX, one_build, series_file, write_base

TEXTS = {"type": "array", "items": {"type": "string"}}
TEXT_OR_NULL = {"type": ["string", "null"]}
FIT = {
    "type": "object",
    "properties": {
        "release": {"type": "string"},
        "kind": {"enum": ["release", "candidate"]},
        "distribution": {"type": "string"},
        "platform": {"type": "string"},
        "python": {"type": "string"},
        "device": {"enum": ["cpu", "cuda", "rocm", "metal", "directml", "xpu"]},
        "rung": TEXT_OR_NULL,
        "setup": TEXTS,
        "setup_reasons": TEXTS,
        "check": TEXTS,
        "caveats": TEXTS,
        "because": TEXTS,
        "trust": {
            "type": ["string", "null"],
            "pattern": "^(attested( by [A-Za-z0-9-]+)?|self-reported)$",
        },
        "proof": {
            "type": "object",
            "properties": {
                **dict.fromkeys(("done", "where", "when", "by"), TEXT_OR_NULL),
                "sentence": {"type": "string", "pattern": "^[A-Z].*[.]$"},
            },
            "required": ["done", "where", "when", "by", "sentence"],
            "additionalProperties": False,
        },
    },
    "required": [
        *("release", "kind", "distribution", "platform", "python", "device", "rung"),
        *("setup", "setup_reasons", "check", "caveats", "because", "trust", "proof"),
    ],
    "additionalProperties": False,
}
PUBLISHED = {
    "type": "object",
    "properties": {
        "release": {"type": "string"},
        "distribution": {"type": "string"},
        "publisher": {"type": "string"},
        "device": {"type": "string"},
        "python": TEXTS,
        "needs": TEXT_OR_NULL,
        "command": TEXT_OR_NULL,
        "address": {"type": "string", "pattern": "^https://"},
        "judged": {"type": ["boolean", "null"]},
        "note": TEXT_OR_NULL,
        "sources": {**TEXTS, "minItems": 1},
    },
    "additionalProperties": False,
}
NEAREST = {
    "type": "object",
    "properties": {
        "change": {"type": "object", "minProperties": 1, "additionalProperties": TEXT_OR_NULL},
        "told": {"type": "string", "minLength": 1},
        "command": {"type": "string", "pattern": "^tensorflow-compat find "},
        "answer": FIT,
    },
    "required": ["change", "told", "command", "answer"],
    "additionalProperties": False,
}
RULES = [
    *("python", "platform", "device", "compute-capability", "toolkit", "driver"),
    *("cuda", "glibc", "macos", "broken", "resolution", "problem"),
]
REASONS = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {
            "rule": {"enum": RULES},
            "text": {"type": "string", "minLength": 1},
            "instead": TEXTS,
            "sources": TEXTS,
        },
        "required": ["rule", "text", "instead", "sources"],
    },
}
VERDICT = {
    "type": "object",
    "properties": {
        "gpu": TEXT_OR_NULL,
        "compute_capability": TEXT_OR_NULL,
        "maker": {"enum": ["nvidia", "amd", "intel", "apple"]},
        "answer": TEXT_OR_NULL,
        "reasons": REASONS,
    },
    "required": ["gpu", "compute_capability", "maker", "answer", "reasons"],
    "additionalProperties": False,
}
DOCUMENT = {
    "type": "object",
    "properties": {
        "format": {"const": 1},
        "question": {"type": "object"},
        "answer": {"anyOf": [FIT, {"type": "null"}]},
        "proven": {"anyOf": [FIT, {"type": "null"}]},
        "also": {"type": "array", "items": {"type": "object", "required": ["release", "rung"]}},
        "rejected": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "release": {"type": "string"},
                    "kind": {"enum": ["release", "candidate"]},
                    "series": {"type": "string"},
                    "reasons": {**REASONS, "minItems": 1},
                },
                "required": ["release", "kind", "series", "reasons"],
            },
        },
        "elsewhere": {"type": "array", "items": PUBLISHED},
        "nearest": {"type": "array", "items": NEAREST},
        "gpus": {"type": "array", "items": VERDICT},
        "notes": TEXTS,
    },
    "required": [
        *("format", "answer", "proven", "also", "rejected", "elsewhere"),
        *("nearest", "gpus", "notes"),
    ],
    "additionalProperties": False,
}
contract = jsonschema.Draft202012Validator(DOCUMENT)


@pytest.fixture
def find(capsys):
    """Run `find` on the real base; return its status, standard output and standard error."""

    def run(*arguments, data=None):
        where = ["--data", str(data)] if data else []
        status = command_line.main([*where, "find", *arguments])
        return status, *capsys.readouterr()

    return run


QUESTIONS = [
    [],
    ["--python", "3.13", "--gpu", "RTX 3090", "--driver", "535.104.05"],
    ["--python", "3.12.4", "--compute-capability", "6.1", "--cuda", "12.4"],
    ["--os", "windows", "--device", "gpu", "--python", "3.10"],
    ["--os", "wsl2", "--gpu", "GTX 980", "--driver", "537.13"],
    ["--os", "macos", "--device", "gpu"],
    ["--gpu", "Apple M2 Max"],
    ["--gpu", "AMD Radeon RX 7900 XTX", "--python", "3.11"],
    ["--gpu", "Intel Arc A770", "--os", "windows"],
    ["--gpu", "RTX 5090", "--python", "3.12"],
    ["--arch", "arm64", "--device", "gpu"],
    ["--python", "3.14"],
    ["--glibc", "2.12", "--python", "3.8"],
]


@pytest.mark.parametrize("question", QUESTIONS, ids=" ".join)
def test_json_is_one_document_as_promised(question, find):
    status, out, error = find(*question, "--json")
    document = json.loads(out)
    contract.validate(document)
    assert (status, error) == (0 if document["answer"] else 1, "")


@pytest.mark.parametrize("question", QUESTIONS, ids=" ".join)
def test_the_page_fits_80_columns_and_has_no_loose_ends(question, find):
    status, out, error = find(*question)
    _, text, _ = find(*question, "--json")
    answer = json.loads(text)["answer"]
    assert error == ""
    commands = answer["setup"] + answer["check"] if answer else []
    to_copy = {line for command in commands for line in command.split("\n")}
    lines = out.rstrip("\n").split("\n")
    wide = [line for line in lines if len(line) > 80 and line not in to_copy]
    assert [line for line in wide if "/job:localhost" not in line] == []
    assert [line for line in lines if line != line.rstrip()] == []
    assert ("", "") not in list(pairwise(lines))
    if answer:
        assert lines[0].startswith(f"{answer['distribution']} {answer['release']} on Python ")
        assert "\n".join(answer["setup"]) in out
    else:
        assert (status, lines[0]) == (1, "No release fits.")


def test_the_page_brings_neighbouring_series_together(find):
    _, out, _ = find("--python", "3.13", "--gpu", "RTX 3090", "--driver", "535.104.05")
    assert "Why not" not in out
    _, out, _ = find("--python", "3.13", "--gpu", "RTX 3090", "--driver", "535.104.05", "--why")
    assert "  2.9 to 2.19   No wheel for Python 3.13: the first series with one is 2.20" in out


def test_checks_are_printed_where_they_are_asked_for(find):
    _, out, _ = find("--python", "3.12")
    assert "Check 1" not in out
    assert "To check it: --check" in out
    _, out, _ = find("--python", "3.12", "--check")
    assert "Check 1: Count the GPUs\npython - <<'END'\n" in out


def test_why_nothing_newer_fits_is_told_in_short_and_every_reason_where_asked_for(find):
    asked = ("--os", "windows", "--gpu", "RTX 3060", "--python", "3.10")
    _, out, _ = find(*asked)
    short = " ".join(out.partition("Why not newer")[2].split())
    assert short.startswith("2.11 to 2.21: no CUDA on Windows x86-64: it ends with 2.10")
    assert "Every reason: --why" in short
    assert "2.3" not in short
    _, out, _ = find(*asked, "--why")
    assert "Does not fit" in out
    assert "Its CUDA 10.1 libraries do not know compute capability 8.6" in " ".join(out.split())


def test_a_distribution_is_explained_where_it_is_proposed(find):
    _, out, _ = find("--gpu", "Radeon RX 6800 XT", "--python", "3.9")
    assert "tensorflow-rocm: TensorFlow for ROCm" in out


@pytest.mark.parametrize("driver", [None, "470.57.02", "535.104.05", "580.65.06"])
def test_an_answer_has_40_lines_at_most(driver):
    store = Store()
    index = open_index(store)
    draw = random.Random(str(driver))
    for name in draw.sample([gpu.name for gpu in store.gpus().gpus], 20):
        with suppress(AmbiguousGpu, UnknownGpu):
            asked = understood(MachineQuestion(gpu=name, driver=driver), index, store)
            text = page(fits.find(index, asked), index, Style())
            assert text.count("\n") < 40, name


@pytest.mark.parametrize(
    "asked",
    [
        ("--gpu", "K80", "--gpu", "3090", "--driver", "470.82"),
        ("--gpu", "4090", "--gpu", "5090", "--gpu", "K80", "--release", "2.18"),
        ("--gpu", "4090", "--gpu", "5090", "--gpu", "K80"),
    ],
)
def test_several_gpus_have_40_lines_at_most(asked, find):
    assert find(*asked)[1].count("\n") <= 40


@pytest.mark.parametrize(
    "asked",
    [
        ("--gpu", "RTX 5090", "--xla", "off"),
        ("--gpu", "RTX 4090", "--os", "windows", "--release", "2.10"),
        ("--os", "windows", "--device", "directml"),
    ],
)
def test_what_to_mind_has_a_line_each_where_there_is_room(asked, find):
    answer = json.loads(find(*asked, "--json")[1])["answer"]
    lines = [line.removeprefix("  Mind").strip() for line in find(*asked)[1].splitlines()]
    for caveat in answer["caveats"]:
        assert any(line and caveat.startswith(line) for line in lines), caveat


def test_releases_whose_code_is_unknown_fit_perhaps(tmp_path, capsys):
    silent = CUDA_12 | {"compute_capabilities": None}
    store = write_base(
        tmp_path,
        series_file("2.14", (one_build("tensorflow", "2.14.0", LINUX, "3.10", **silent),)),
        series_file("2.15", (one_build("tensorflow", "2.15.0", LINUX, "3.10", **CUDA_12),)),
    )
    (tmp_path / "index.json").write_text(document(build_index(store)), encoding="utf-8")
    asked = ["--python", "3.10", "--compute-capability", "7.0"]
    assert command_line.main(["--data", str(tmp_path), "find", *asked]) == 0
    out = capsys.readouterr().out
    assert "May fit, for their wheels do not state their code: 2.14.0" in out


def test_cuda_compat_is_told_once_by_the_newest_release_with_whose_list_it_is(find):
    _, out, _ = find("--gpu", "A100", "--python", "3.12", "--driver", "470.57.02")
    assert out.count("NVIDIA's cuda-compat-") == 1
    assert "cuda-compat-12-5 runs CUDA 12.5 on the 470" in out
    assert "(gitlab.com/nvidia/container-images/cuda)" in out


def test_where_nothing_fits_the_way_out_comes_first(find):
    _, out, _ = find("--gpu", "RTX 5090", "--python", "3.12")
    assert out.index("What comes nearest") < out.index("Why not")
    assert out.index("What people use instead") < out.index("Why not")
    assert "docker run --gpus all -it --rm nvcr.io/nvidia/tensorflow:25.02-tf2-py3\n" in out
    assert "tensorflow/tensorflow#111958" in out
    assert "find --python 3.12 --device cpu" in out


@pytest.mark.parametrize(
    ("arguments", "status", "start"),
    [
        (["--python", "3.x"], 2, "error: --python: '3.x' is not a Python; write it like 3.12"),
        (["--python", "3"], 2, "error: --python: '3' is not a Python"),
        (["--cuda", "12."], 2, "error: --cuda: '12.' is not a version of CUDA"),
        (["--driver", "N/A"], 2, "error: --driver: 'N/A' is not a driver version"),
        (
            ["--driver", "12.4"],
            2,
            (
                "error: --driver: 12.4 is the CUDA version that nvidia-smi prints, not the driver: "
                "which Driver Version (or KMD Version) does it print?"
            ),
        ),
        (["--driver", "13"], 2, "error: --driver: 13 is the CUDA version that nvidia-smi prints"),
        (["--driver", "31.0.15.5161"], 2, "error: --driver: 31.0.15.5161 is Windows' own number"),
        (["--glibc", "musl"], 2, "error: --glibc: 'musl' is not a version of glibc"),
        (["--macos", "Sonoma"], 2, "error: --macos: 'Sonoma' is not a version of macOS"),
        (["--compute-capability", "8"], 2, "error: --compute-capability: '8' is not"),
        (["--release", "2.15", "--release", "2.16"], 2, "error: --release asks about one release"),
        (["--driver", "9" * 5000], 2, "error: --driver: '999"),
        (["--python", "\x1b[31m"], 2, "error: --python: '[31m' is not"),
        (["--python", "٣.١٢"], 2, "error: --python: '٣.١٢' is not"),
        (
            ["--compute-capability", "9.9"],
            1,
            "nothing found: no GPU has compute capability 9.9; nearest: 8.9, 9.0, 10.0, 10.3",
        ),
        (["--gpu", "RTX 3095"], 1, "nothing found: no GPU is known as"),
        (["--gpu", "a GPU that nobody made"], 1, "nothing found: no GPU is known as"),
        (["--gpu", ""], 1, "nothing found: no GPU is known as"),
        (["--gpu", "x" * 100_000], 1, "nothing found: no GPU is known as"),
        (["--gpu", "TITAN X"], 2, "error: --gpu: "),
        (["--device", "cpu", "--gpu", "T4"], 2, "error: --gpu asks for a GPU and --device cpu for"),
        (["--device", "cpu", "--driver", "535.1"], 2, "error: --driver asks for a GPU"),
    ],
)
@pytest.mark.parametrize("form", [[], ["--json"]])
def test_bad_input_gets_one_clear_line(arguments, status, start, form, find):
    found, out, error = find(*arguments, *form)
    assert found == status
    assert error.startswith(start)
    assert len(error.splitlines()) == 1
    if form:
        assert json.loads(out)["error"]["text"] == error.partition(": ")[2].rstrip("\n")
    else:
        assert out == ""


@pytest.mark.parametrize(
    "arguments",
    [
        ["--gpu", "T4", "--compute-capability", "7.5"],
        ["--driver"],
    ],
)
def test_wrong_usage_gets_status_2(arguments, capsys):
    with pytest.raises(SystemExit) as caught:
        command_line.main(["find", *arguments])
    assert caught.value.code == 2
    assert capsys.readouterr().err.startswith("usage: python -m kb find")


@pytest.mark.parametrize("command", ["find", "index"])
def test_help_fits_80_columns(command, capsys):
    with pytest.raises(SystemExit):
        command_line.main([command, "--help"])
    assert max(map(len, capsys.readouterr().out.splitlines())) <= 80


@pytest.mark.parametrize(
    "asked",
    [
        ("--os", "linux", "--device", "directml"),
        ("--gpu", "3090", "--device", "rocm"),
        ("--gpu", "RTX 3090", "--gpu", "RX 7900 XTX"),
        ("--gpu", "Gaudi2"),
    ],
)
def test_what_cannot_be_asked_for_is_led_to_commands_that_can(asked, find):
    status, out, _ = find(*asked, "--json")
    assert status > 0
    commands = json.loads(out)["nearest"]
    assert commands
    for command in commands:
        program, name, *words = shlex.split(command)
        assert (program, name) == ("tensorflow-compat", "find")
        document = json.loads(find(*words, "--json")[1])
        assert document["answer"] or document["nearest"]


def test_directml_is_led_to_the_systems_that_have_it(find):
    _, _, error = find("--os", "linux", "--device", "directml")
    assert "no directml on linux; nearest: " in error
    assert "--os wsl2 --device directml" in error
    assert "rocm" not in error


def test_a_gpu_older_than_the_query_is_asked_for_by_its_chip(find):
    _, _, old = find("--gpu", "GT 710")
    assert "--query-gpu" not in old
    assert "the chip in `lspci` tells which" in old
    _, _, newer = find("--gpu", "TITAN X")
    assert "--query-gpu=compute_cap" in newer


def test_a_number_before_a_gpu_says_how_many_there_are(find):
    assert find("--gpu", "2x RTX 3090") == find("--gpu", "RTX 3090", "--gpu", "RTX 3090")


@pytest.mark.parametrize(("platform", "name"), [("win32", "Windows"), ("darwin", "macOS")])
def test_a_question_for_linux_is_told_from_one_for_this_machine(platform, name, find, monkeypatch):
    monkeypatch.setattr("kb.find.command.sys.platform", platform)
    note = f"This machine runs {name}: ask with --os, or with --detect."
    assert find("--gpu", "RTX 4060")[1].splitlines()[2] == note
    assert note not in find("--gpu", "RTX 4060", "--os", "linux")[1]


def test_an_ambiguous_gpu_is_asked_about(find):
    _, _, error = find("--gpu", "TITAN X")
    assert "5.2" in error
    assert "6.1" in error


@pytest.mark.parametrize(
    ("gpu", "platform"),
    [
        ("Jetson AGX Orin", "linux-aarch64"),
        ("Tegra X1", "linux-aarch64"),
        ("Orin", "linux-aarch64"),
        ("NVIDIA T4G", "linux-aarch64"),
        ("NVIDIA GB200", "linux-aarch64"),
        ("sm_87", "linux-aarch64"),
        ("12.1", "linux-aarch64"),
        ("NVIDIA B200", "linux-x86_64"),
        ("Apple M3", "macos-arm64"),
        ("Tesla T4", "linux-x86_64"),
    ],
)
def test_a_gpu_that_comes_with_its_processor_tells_the_platform(gpu, platform, find):
    _, out, _ = find("--gpu", gpu, "--json")
    assert json.loads(out)["question"]["platform"] == platform


def test_a_tegra_by_its_compute_capability_is_led_to_the_builds_of_nvidia(find):
    status, out, _ = find("--compute-capability", "8.7")
    assert status == 1
    assert "For Linux Arm64" in out
    assert "of NVIDIA, for JetPack 6.1" in out


def test_a_base_without_an_index_tells_what_to_run(find, usual_base):
    status, out, error = find(data=usual_base.data)
    assert (status, out) == (3, "")
    assert error.startswith("error: ")
    assert error.endswith("run `python -m kb index`\n")


def start(folder, *arguments, script=None):
    """Run `find --detect` as a process whose PATH has an nvidia-smi of a script."""
    if script is not None:
        (folder / "nvidia-smi").write_text(f"#!/bin/sh\n{script}\n")
        (folder / "nvidia-smi").chmod(0o755)
    path = f"{folder}{os.pathsep}/usr/bin{os.pathsep}/bin"
    return subprocess.run(
        [sys.executable, "-m", "kb", "find", "--detect", "--json", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "PATH": path},
    )


@pytest.mark.skipif(sys.platform != "linux", reason="fills in a Linux machine")
def test_detect_fills_this_machine_in(tmp_path):
    done = start(tmp_path, script="echo 'NVIDIA GeForce RTX 3090, 8.6, 535.104.05'")
    asked = json.loads(done.stdout)["question"]
    assert asked["python"] == ".".join(map(str, sys.version_info[:2]))
    assert (asked["device"], asked["compute_capability"]) == ("gpu", "8.6")
    assert (asked["gpu"], asked["driver"]) == ("NVIDIA GeForce RTX 3090", "535.104.05")
    assert done.stderr == ""


@pytest.mark.skipif(sys.platform != "linux", reason="fills in a Linux machine")
def test_what_is_given_goes_before_what_is_detected(tmp_path):
    script = "echo 'NVIDIA GeForce RTX 3090, 8.6, 535.104.05'"
    done = start(tmp_path, "--python", "3.8", "--gpu", "T4", "--os", "windows", script=script)
    asked = json.loads(done.stdout)["question"]
    assert (asked["python"], asked["os"], asked["compute_capability"]) == ("3.8", "windows", "7.5")
    assert asked["glibc"] is None
    on_cpu = json.loads(start(tmp_path, "--device", "cpu").stdout)["question"]
    assert (on_cpu["device"], on_cpu["gpu"], on_cpu["driver"]) == ("cpu", None, None)


@pytest.mark.skipif(sys.platform != "linux", reason="fills in a Linux machine")
def test_a_tool_that_fails_is_told_beside_the_answer(tmp_path):
    script = "echo 'Failed to initialize NVML: Driver/library version mismatch'; exit 18"
    done = start(tmp_path, script=script)
    assert json.loads(done.stdout)["question"]["device"] == "cpu"
    assert done.stderr.startswith("note: nvidia-smi failed: Failed to initialize NVML")
    assert len(done.stderr.splitlines()) == 1


def test_a_find_opens_the_index_alone():
    watch = (
        "import sys\n"
        "opened = []\n"
        "sys.addaudithook(lambda e, a: e == 'open' and opened.append(str(a[0])))\n"
        "from kb.command_line import main\n"
        "main(['find', '--gpu', 'Tesla T4', '--python', '3.12'])\n"
        f"print([one for one in opened if one.startswith({Store().data!r})], file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", watch], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stderr.strip() == str([Store().index_path()])


def test_what_to_do_about_the_driver_is_told_first_where_nothing_fits(find):
    asked = ("--os", "windows", "--gpu", "GTX 780", "--driver", "496.13", "--python", "3.10")
    status, out, _ = find(*asked)
    assert status == 1
    nearest, _, _ = out.partition("Why not")
    assert "driver of the 470 branch, the last that serves this GPU" in " ".join(nearest.split())
    assert "Install a driver" not in out  # the nearest change says it, with its command


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (
            ["--os", "windows", "--gpu", "GTX 980"],
            "numpy<2: The wheels are compiled against NumPy 1 and set no upper bound for",
        ),
        (
            ["--gpu", "GTX 1080", "--python", "3.12"],
            "nvidia-cudnn-cu12<9.11: cuDNN 9.11 and later have no code for GPUs before Turing (",
        ),
        (
            ["--gpu", "3090", "--python", "3.12"],
            "Its search path: 2.21.0 does not look for cuSOLVER in the folder where and-cuda",
        ),
    ],
)
def test_the_reason_for_a_pin_and_for_a_search_path_stands_below_the_set_up(asked, told, find):
    _, out, _ = find(*asked)
    assert " ".join(out.split()).count(told) == 1
    _, out, _ = find(*asked, "--json")
    assert any(own.startswith(told) for own in json.loads(out)["answer"]["setup_reasons"])
