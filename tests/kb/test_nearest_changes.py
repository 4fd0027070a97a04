"""Where no release fits, the nearest changes that do: answers of `find`, each with its command."""

import itertools
import json
import random
import shlex

import pytest

from kb.answers.comparison import MachineQuestion
from kb.answers.find_command import find_command, quoted
from kb.answers.fits import find
from kb.answers.gpu_asked import understood
from kb.base.errors import CompatError
from kb.base.json_values import json_value
from kb.base.store import Store
from kb.base.versions import key, series
from kb.command_line import main
from kb.index.records import open_index

SEED, NUMBER = 12, 400


@pytest.fixture(scope="module")
def index():
    """Open the index of the real knowledge base."""
    return open_index(Store())


def asked(index, **given):
    return understood(MachineQuestion(**given), index, Store())


def changes(index, **given):
    return [change.change for change in find(index, asked(index, **given)).nearest]


def of_kind(index, *names, **given):
    """Return the nearest change of just these fields."""
    found = find(index, asked(index, **given)).nearest
    (change,) = [one for one in found if set(one.change) == set(names)]
    return change


ON_CPU = {"device": "cpu", "gpu": None, "compute_capability": None}


def test_windows_with_a_new_python_is_led_to_an_older_one_to_wsl2_and_to_the_cpu(index):
    given = {"os": "windows", "python": "3.12", "gpu": "RTX 4060"}
    assert changes(index, **given) == [{"python": "3.10"}, {"os": "wsl2"}, ON_CPU]
    (python, wsl2, cpu) = find(index, asked(index, **given)).nearest
    assert (python.answer.release, python.answer.device) == ("2.10.1", "cuda")
    assert key(wsl2.answer.release) >= key("2.21.0")
    assert wsl2.command == 'tensorflow-compat find --os wsl2 --python 3.12 --gpu "RTX 4060"'
    assert cpu.answer.device == "cpu"
    assert [one.told for one in (python, wsl2, cpu)] == [
        "With Python 3.10",
        "In WSL2",
        "On the CPU",
    ]


def test_wsl2_is_not_offered_where_it_does_not_fit(index):
    given = {"os": "windows", "python": "3.12", "gpu": "RTX 5090"}
    assert {"os": "wsl2"} not in changes(index, **given)
    assert {"os": "wsl2"} not in changes(index, **{**given, "python": "3.15"})


def test_blackwell_is_led_to_the_cpu_and_to_what_fits_with_xla_left_off(index):
    cpu, without_xla = find(index, asked(index, gpu="RTX 5090")).nearest
    assert (cpu.change, without_xla.change) == (ON_CPU, {"xla": "off"})
    assert without_xla.told == "With XLA left off, which is not proven"
    assert without_xla.answer.release == "2.21.0"
    assert any("jit_compile=False" in caveat for caveat in without_xla.answer.caveats)
    left_off = find(index, asked(index, gpu="RTX 5090", xla="off"))
    assert (left_off.answer, left_off.proven) == (without_xla.answer, None)
    on_windows = changes(index, os="windows", python="3.12", gpu="RTX 5090")
    assert on_windows == [ON_CPU, {"os": "wsl2", "xla": "off"}]


def test_xla_left_off_is_told_where_it_matters_alone(index):
    found = find(index, asked(index, gpu="RTX 3090", xla="off"))
    assert not any("XLA" in caveat for caveat in found.answer.caveats)


def test_a_release_asked_for_is_led_to_the_nearest_and_the_newest_that_fit(index):
    near, newest, cpu = find(index, asked(index, gpu="RTX 3090", release="1.15")).nearest
    assert near.change == {"release": "2.4.4"}
    assert near.told == "With TensorFlow 2.4.4"
    assert key(newest.change["release"]) > key(near.change["release"])
    assert newest.answer.release == newest.change["release"]
    assert cpu.answer.release == "1.15.5"
    assert "--release 1.15 " in cpu.command


def test_a_driver_too_old_is_led_to_the_least_that_fits(index):
    given = {"gpu": "RTX 4090", "driver": "470.57"}
    change = of_kind(index, "driver", **given)
    assert change.change == {"driver": "525.60.13"}
    assert change.told == "With driver 525.60.13 or newer"
    older = asked(index, **{**given, "driver": "525.60.12"})
    assert key(find(index, older).answer.release) < key(change.answer.release)


def test_a_driver_too_new_for_the_gpu_is_led_to_the_last_branch(index):
    change = of_kind(index, "driver", gpu="Tesla K80", driver="580.65.06")
    assert change.change == {"driver": "470"}
    assert change.answer.device == "cuda"
    assert change.told == "With a driver of the 470 branch, the last that serves this GPU"


@pytest.mark.parametrize(
    ("release", "cuda", "gpu", "served_by"),
    [
        ("2.1", "10.2", "GTX 1080 Ti", "10.1"),
        ("2.4", "11.2", "RTX 3080", "11.0"),
        ("2.10", "12", "RTX 3090", "11.2"),
    ],
)
def test_a_cuda_that_does_not_serve_a_release_is_led_to_the_one_that_does(
    release, cuda, gpu, served_by, index
):
    found = find(index, asked(index, release=release, cuda=cuda, gpu=gpu))
    assert found.nearest[0].change == {"cuda": served_by}
    assert found.nearest[0].told.startswith(f"With CUDA {served_by} and cuDNN ")
    assert series(found.nearest[0].answer.release) == release


def test_beside_a_candidate_stands_what_a_release_answers(index):
    given = {"python": "3.14", "gpu": "GTX 1080"}
    found = find(index, asked(index, **given))
    if found.answer is not None and found.answer.kind == "candidate":
        assert {change.answer.kind for change in found.nearest} == {"release"}
    assert found.answer is not None or found.nearest


def test_windows_on_arm_is_led_to_wsl2(index):
    (change,) = find(index, MachineQuestion(os="windows", arch="arm64", python="3.12")).nearest
    assert change.change == {"os": "wsl2"}
    assert change.answer.platform == "linux-aarch64"
    assert "--arch arm64" in change.command


def test_a_32_bit_system_is_led_to_one_of_64_bits(index):
    (change,) = find(index, MachineQuestion(arch="armv7l")).nearest
    assert (change.change, change.told) == ({"arch": "arm64"}, "With a 64-bit system")


def test_an_old_glibc_is_led_into_a_container(index):
    change = of_kind(index, "glibc", python="3.12", glibc="2.12")
    assert change.change == {"glibc": "2.36"}
    assert change.told.startswith("In a container with glibc 2.36")


def test_an_old_mac_is_led_to_an_older_python_and_into_a_container(index):
    given = {"os": "macos", "arch": "x86_64", "python": "3.13"}
    assert changes(index, **given) == [{"python": "3.12"}, {"os": "linux"}]
    assert find(index, MachineQuestion(**given)).nearest[1].told == "In a Linux container"


def test_an_old_macos_is_led_to_the_one_that_the_wheel_asks_for(index):
    given = {"os": "macos", "arch": "arm64", "python": "3.13", "macos": "11.0"}
    change = of_kind(index, "macos", **given)
    assert key(change.change["macos"]) > key("11.0")
    assert change.told == f"With macOS {change.change['macos']} or newer"


def test_kepler_on_wsl2_is_led_to_linux_itself_for_no_driver_serves_both(index):
    found = find(index, asked(index, os="wsl2", python="3.10", gpu="GTX 780"))
    assert found.answer is None
    assert any(change.answer.device == "cuda" for change in found.nearest)
    assert all(
        change.change.get("os") == "linux" or change.answer.device == "cpu"
        for change in found.nearest
    )
    texts = [reason.text for one in found.rejected for reason in one.reasons]
    assert any("from the 495 branch on, and the 470 branch is the last" in text for text in texts)


@pytest.mark.parametrize("system", ["linux", "wsl2", "windows", "macos"])
@pytest.mark.parametrize("gpu", ["RX 7900 XTX", "Radeon VII", "Arc A770", "UHD 630"])
def test_other_makers_gpus_end_nowhere(index, system, gpu):
    for python in ("3.8", "3.12", "3.14"):
        found = find(index, asked(index, os=system, gpu=gpu, python=python))
        assert found.answer or found.nearest
        assert all(change.answer for change in found.nearest)


def test_directml_is_led_to_its_python(index):
    change = of_kind(index, "python", os="windows", python="3.12", device="gpu", maker="amd")
    assert change.answer.device == "directml"
    assert change.command == "tensorflow-compat find --os windows --python 3.10 --device directml"


def test_two_changes_together_make_one_sentence(index):
    given = {"python": "3.12", "gpu": "RTX 3090", "driver": "470.57", "glibc": "2.12"}
    change = of_kind(index, "driver", "glibc", **given)
    assert change.told.startswith("With driver 525.60.13 or newer, in a container")


def test_no_nearest_change_has_a_part_that_does_as_much(index):
    given = {"release": "2.18", "gpu": "RTX 5090", "python": "3.12"}
    assert [set(change) - set(ON_CPU) for change in changes(index, **given)] == [
        set(),
        {"release", "xla"},
    ]


def test_what_fits_has_no_nearest(index):
    assert find(index, MachineQuestion(python="3.12")).nearest == ()


def questions(index):
    """Yield questions of all kinds, the same each time."""
    chance = random.Random(SEED)
    named = ["RTX 4060", "RTX 5090", "GTX 1080", "Tesla K80", "GTX 780", "GTX 480", "A100", "H100"]
    named += ["Jetson Orin", "DGX Spark", "RX 6800", "RX 7900 XTX", "Arc A770", "Apple M1", "M4"]
    choices = {
        "os": ("linux", "linux", "wsl2", "windows", "macos"),
        "arch": ("x86_64", "x86_64", "arm64", "armv7l"),
        "python": (None, "2.7", *(f"3.{minor}" for minor in range(4, 16))),
        "device": ("gpu", "gpu", "cpu", None),
        "maker": (None, None, None, "nvidia", "amd", "intel", "apple"),
        "driver": (None, None, "361.1", "390.48", "470.82", "528.33", "580.65.06", "610.1"),
        "cuda": (None, None, None, "7.5", "10.1", "11.2", "12.4", "13.0"),
        "glibc": (None, None, "2.5", "2.12", "2.17", "2.27", "2.39"),
        "macos": (None, None, "10.5", "10.11", "12.1", "15.0"),
        "release": (None, None, None, "1.4", "1.15", "2.10", "2.16.1", "2.22.0rc0"),
        "xla": (None, None, None, "off"),
    }
    for _ in range(NUMBER):
        question = {name: chance.choice(some) for name, some in choices.items()}
        if chance.random() < 0.5:
            question["gpu"] = chance.choice(named)
        elif chance.random() < 0.6:
            question["compute_capability"] = chance.choice(index.capabilities)
        if question["device"] == "cpu":
            question = {**question, "gpu": None, "compute_capability": None}
        elif "gpu" in question or "compute_capability" in question:
            question["maker"] = None
        try:
            yield asked(index, **question)
        except CompatError:
            continue


def test_no_question_ends_without_a_change_that_fits(index):
    kinds, ends = set(), 0
    for question in questions(index):
        found = find(index, question)
        ends += found.answer is None
        assert found.nearest or found.answer is not None, question
        assert not (found.nearest and found.answer and found.answer.kind == "release")
        assert len(found.nearest) <= 5
        for nearest in found.nearest:
            changed = question._replace(**nearest.change)
            assert find(index, changed).answer == nearest.answer, question
            assert any(getattr(question, name) != new for name, new in nearest.change.items())
            kinds.add(frozenset(nearest.change))
        assert len(set(map(str, found.nearest))) == len(found.nearest)
    assert ends > 100
    assert len(kinds) > 10


def test_what_one_change_does_two_together_need_not(index):
    seen = 0
    for question in itertools.islice(questions(index), 150):
        ways = find(index, question).nearest
        ways = [one.change for one in ways if one.answer.kind == "release"]
        for name in ("python", "driver", "glibc"):
            alone = any(set(change) == {name} for change in ways)
            assert not alone or sum(bool(change.get(name)) for change in ways) == 1, question
            seen += alone
    assert seen > 20


def test_each_command_gets_that_very_answer(index, capsys, monkeypatch):
    ran = 0
    for question in itertools.islice(questions(index), 60):
        for nearest in find(index, question).nearest:
            program, *words = shlex.split(nearest.command)
            assert program == "tensorflow-compat"
            assert main([*words, "--json"]) == 0, nearest.command
            answer = json.loads(capsys.readouterr().out)["answer"]
            assert answer == json_value(nearest.answer), nearest.command
            ran += 1
    assert ran > 50


def test_the_page_and_the_document_have_the_commands(capsys):
    words = ["find", "--os", "windows", "--python", "3.12", "--gpu", "RTX 4060"]
    assert main(words) == 1
    page = capsys.readouterr().out
    assert "What comes nearest\n  With Python 3.10: tensorflow 2.10.1" in page
    assert 'find --os wsl2 --python 3.12 --gpu "RTX 4060"' in page
    assert main([*words, "--json"]) == 1
    first = json.loads(capsys.readouterr().out)["nearest"][0]
    assert set(first) == {"change", "told", "command", "answer"}
    assert first["change"] == {"python": "3.10"}
    assert first["command"].startswith("tensorflow-compat find ")


@pytest.mark.parametrize(
    ("word", "written"),
    [
        ("3.12", "3.12"),
        ("RTX 4060", '"RTX 4060"'),
        ("a'b $HOME", "'a'\"'\"'b $HOME'"),
        ("x`y", "'x`y'"),
    ],
)
def test_words_are_quoted_for_a_shell(word, written):
    assert quoted(word) == written
    assert shlex.split(written) == [word]


def test_a_command_names_a_gpu_as_it_was_named(index):
    question = asked(index, gpu="NVIDIA GeForce RTX 3090", python="3.12", cuda="12.4")
    assert find_command(index, question) == (
        'tensorflow-compat find --os linux --python 3.12 --gpu "NVIDIA GeForce RTX 3090" '
        "--cuda 12.4"
    )
