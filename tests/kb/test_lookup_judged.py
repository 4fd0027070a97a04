"""What a reader of look-ups was told wrongly once, on the real knowledge base."""

import json

import pytest

from kb.answers.releases import VersionQuestion
from kb.base.names import meaning_of
from kb.base.store import Store
from kb.base.versions import key
from kb.command_line import main
from kb.diff.answer import changes
from kb.lookup.answer import lookup
from kb.lookup.page import page
from kb.machine.glance import MachineGlance
from kb.terminal.style import Style


def shown(version, machine, **narrowed):
    answer = lookup(Store(), VersionQuestion(version=version, **narrowed))
    return page(answer, machine, Style())


@pytest.mark.parametrize("version", ["2.10", "1.15"])
def test_directml_on_linux_is_set_up_in_wsl2_alone(version):
    linux = MachineGlance("linux-x86_64", "3.10", "directml")
    text = shown(version, linux, device="directml")
    assert "Set up on WSL2: " in text
    assert "Not for this machine: on Linux there is DirectML in WSL2 alone" in text
    assert "on WSL2 alone" in text.partition("Set up")[0]
    wsl2 = shown(version, linux._replace(wsl2=True), device="directml")
    assert "Set up here: " in wsl2
    assert "Not for this machine" not in wsl2
    windows = shown(version, linux._replace(platform="windows-x86_64"), device="directml")
    assert "Set up here: " in windows


@pytest.mark.parametrize(
    ("version", "device", "label"), [("2.10", "directml", "DirectML"), ("2.15", "xpu", "XPU")]
)
def test_a_plugin_has_one_row(version, device, label):
    text = shown(version, MachineGlance("linux-x86_64", "3.10", device), device=device)
    rows = [line for line in text.splitlines() if line.startswith(f"  {label} ")]
    assert len(rows) == 1


def test_where_plugins_are_asked_for_nothing_is_said_of_cuda():
    text = shown("2.15", MachineGlance("linux-x86_64", "3.10", "xpu"), device="xpu")
    assert not [line for line in text.splitlines() if line.startswith(("  CUDA", "  GPUs"))]
    assert "by a plug-in alone" not in text


@pytest.mark.parametrize(
    ("words", "nearest"),
    [
        (("latest", "--platform", "macos-x86_64"), "2.16.2"),
        (("2.17", "--platform", "macos-x86_64"), "2.16.2"),
        (("latest", "--python", "3.8"), "2.13.1"),
        (("latest", "--os", "windows", "--device", "cuda"), "2.10.1"),
    ],
)
def test_the_newest_that_a_platform_or_a_python_has_is_nearest(words, nearest, capsys):
    assert main(["lookup", *words, "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["nearest"] == [nearest]
    assert main(["lookup", nearest, *words[1:]]) == 0


@pytest.mark.parametrize(
    ("distribution", "release", "platform", "part"),
    [
        ("tensorflow-cpu", "2.16.2", "macos-x86_64", "on Macs tensorflow has none either"),
        ("tensorflow-cpu", "2.16.2", "windows-x86_64", "from 2.11 on"),
        ("tensorflow-cpu", "2.16.2", "linux-x86_64", "a smaller download"),
        ("tensorflow-macos", "2.5.0", "macos-arm64", "from 2.13 on"),
        ("tensorflow-macos", "2.14.0", "macos-arm64", "what tensorflow 2.13 to 2.15.0 requires"),
        ("tensorflow-macos", "2.9.2", "macos-x86_64", "TensorFlow for Macs"),
    ],
)
def test_what_a_distribution_is_holds_for_its_release_and_platform(
    distribution, release, platform, part
):
    meaning = meaning_of(distribution, release, platform)
    assert part in meaning
    assert ("download" in meaning) == platform.startswith("linux")
    if part != "what tensorflow 2.13 to 2.15.0 requires":
        assert "requires" not in meaning


def test_tensorflow_has_no_cuda_on_macs_nor_from_2_11_on_on_windows():
    store = Store()
    for name in store.released_names():
        for listed in store.series(name).releases:
            for build in listed.builds if listed.distribution == "tensorflow" else ():
                is_late = build.platform == "windows-x86_64" and key(name) >= key("2.11")
                if is_late or build.platform.startswith("macos"):
                    assert not build.says.cuda_build, (listed.release, build.platform)


@pytest.mark.parametrize(("version", "python"), [("2.4", "3.8"), ("2.5", "3.9"), ("2.9.0", "3.9")])
def test_a_problem_whose_pin_the_set_up_does_not_need_is_none_to_mind(version, python):
    text = shown(version, MachineGlance("linux-x86_64", python, "cpu"))
    assert "protobuf 4" not in text.partition("Mind")[2]


def test_a_problem_stays_where_its_way_out_asks_for_more_than_pins():
    text = shown("2.14", MachineGlance("linux-x86_64", "3.11", "cuda"))
    assert "and-cuda of 2.14 cannot be installed on Python 3.11" in text


def test_a_diff_of_code_says_whether_a_gpu_is_lost(capsys):
    assert main(["diff", "2.15", "2.16"]) == 0
    out = capsys.readouterr().out
    store = Store()
    answers = (lookup(store, VersionQuestion(version=name)) for name in ("2.15", "2.16"))
    abouts = {change.about for change in changes(*answers)}
    assert "machine code" in abouts
    assert "gpus" not in abouts
    assert out.index("GPUs served           the same") < out.index("Machine code")
    assert main(["diff", "2.10", "2.21"]) == 0
    assert "the same: none gains or loses code" not in capsys.readouterr().out
