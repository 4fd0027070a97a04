"""What the doctor proposes, held against `find` for the machine that it looked at."""

import random
import re
import shlex

import pytest

from kb import command_line
from kb.base.store import Store
from kb.doctor.answer import findings
from kb.doctor.case import case_of
from kb.doctor.fitting import fits
from tests.kb.small_machine import SmallMachine

STORE = Store()
MACHINES = 25
_SYSTEMS = {
    "linux-x86_64": ("linux", "x86_64", "Linux", "posix"),
    "linux-aarch64": ("linux", "aarch64", "Linux", "posix"),
    "windows-x86_64": ("win32", "AMD64", "Windows", "nt"),
    "macos-x86_64": ("darwin", "x86_64", "Darwin", "posix"),
    "macos-arm64": ("darwin", "arm64", "Darwin", "posix"),
}
_GPUS = (
    None,
    ("Tesla K80", "3.7"),
    ("GeForce GTX 1080", "6.1"),
    ("GeForce RTX 4060", "8.9"),
    ("GeForce RTX 5090", "12.0"),
)
_DRIVERS = ("450.80.02", "470.82.01", "535.104.05", "580.65.06")
_PYTHONS = ("3.6", "3.7", "3.8", "3.9", "3.10", "3.11", "3.12", "3.13", "3.14")
_RELEASES = (
    *(None, "1.15.5", "2.4.0", "2.7.1", "2.10.1", "2.12.0", "2.15.0", "2.16.1", "2.17.1"),
    *("2.18.0", "2.20.0", "2.21.0"),
)


@pytest.fixture
def machine(tmp_path):
    """A machine with a platform, a Python, a TensorFlow and a GPU of NVIDIA."""
    made = iter(range(1000))

    def make(platform, python, release, gpu=None, driver="535.104.05"):
        system, processor, name, os_name = _SYSTEMS[platform]
        folder = tmp_path / str(next(made))
        folder.mkdir()
        marks = {
            "sys_platform": system,
            "platform_machine": processor,
            "platform_system": name,
            "os_name": os_name,
            "python_version": python,
            "python_full_version": f"{python}.4",
        }
        own = SmallMachine(folder).python_that_says(marks=marks)
        if release is not None:
            own.tensorflow(release, requires=())
        if gpu is not None and system != "darwin":
            own.gpu(*gpu, driver)
        return own

    return make


def ways(machine, rule):
    """Return the ways out of one rule's findings, each as one text."""
    return [way for one in machine.found(rule) for way in one.fix]


def test_on_native_windows_nothing_is_told_that_does_not_fit_the_python(machine):
    found = ways(
        machine("windows-x86_64", "3.12", "2.18.0", ("GeForce RTX 4060", "8.9")), "cpu-only"
    )
    text = "\n".join(found)
    assert "stay with" not in text
    assert "DirectML" not in text
    assert "With Python 3.10: tensorflow 2.10.1" in text
    assert "In WSL2: tensorflow 2.2" in text
    assert "pip install" not in text


def test_a_blackwell_gpu_is_told_of_no_release_that_fails_on_it(machine):
    found = ways(
        machine("windows-x86_64", "3.12", "2.18.0", ("GeForce RTX 5090", "12.0")), "cpu-only"
    )
    assert not any("2.10" in text for text in found)
    assert all("XLA left off" in text for text in found if "In WSL2" in text)
    assert found


def test_a_python_is_proposed_that_has_a_wheel_on_this_platform(machine):
    first, second = ways(machine("macos-x86_64", "3.13", None), "python")
    assert first == "Make an environment with Python 3.12: python3.12 -m venv tf"
    assert second.endswith("python -m kb find --detect --python 3.12")


def test_an_environment_for_the_release_is_made_and_filled(machine):
    assert ways(machine("windows-x86_64", "3.12", "2.10.1"), "python") == [
        "Make an environment with Python 3.10: py -3.10 -m venv tf",
        r"and install it there: tf\Scripts\python -m pip install tensorflow==2.10.1",
        (
            "Or keep Python 3.12, and take a release that has a wheel for it: "
            "python -m kb find --detect --python 3.12"
        ),
    ]


def test_pip_is_that_of_the_python_that_is_looked_at(machine):
    own = machine("linux-x86_64", "3.11", "2.15.1")
    own.install("setuptools", "82.0.0").install("tensorboard", "2.15.2")
    elsewhere = case_of(STORE, own.seen(python=own.variables["VIRTUAL_ENV"]))
    commands = [way.command for one in findings(elsewhere) for way in one.ways_out if way.command]
    pips = [command for command in commands if "pip install" in command]
    assert pips
    assert not [command for command in pips if command.startswith(("pip ", "python -m pip"))]


def test_a_release_that_looks_elsewhere_for_its_libraries_gets_the_search_path_too(machine):
    first, second = ways(
        machine("linux-x86_64", "3.11", "2.21.0", ("GeForce RTX 4060", "8.9")), "cuda-libraries"
    )
    assert "tensorflow[and-cuda]==2.21.0" in first
    assert "export LD_LIBRARY_PATH=" in second


def test_nothing_is_well_about_a_release_that_does_not_serve_the_gpu(machine):
    case = case_of(
        STORE, machine("linux-x86_64", "3.11", "2.21.0", ("GeForce RTX 5090", "12.0")).seen()
    )
    found = findings(case)
    assert [one.rule for one in found if one.severity == "error"]
    assert not [one for one in found if one.rule == "standing" and one.severity == "ok"]


def test_no_driver_is_asked_for_where_the_release_fits_the_gpu_with_none(machine):
    of = ("GeForce RTX 5090", "12.0")
    found = ways(machine("linux-x86_64", "3.12", "2.18.0", of, "470.82.01"), "driver")
    assert not any("Update the driver" in text for text in found)


def test_what_follows_tensorflow_is_brought_beside_the_one_that_is_there(machine):
    own = machine("linux-x86_64", "3.11", "2.18.1")
    own.install("tensorflow-decision-forests", "1.5.0", "tensorflow~=2.13.0")
    (fix,) = ways(own, "dependent")
    assert fix == "python -m pip install tensorflow-decision-forests tensorflow==2.18.1"


def _asks(command):
    """Return the words of a question to `find`, or None for another command."""
    words = shlex.split(command or "")
    return words[4:] if words[:4] == ["python", "-m", "kb", "find"] else None


def test_every_proposal_is_one_that_find_answers(machine, capsys):
    chance = random.Random(12)
    for _ in range(MACHINES):
        platform, python = chance.choice(list(_SYSTEMS)), chance.choice(_PYTHONS)
        gpu, driver = chance.choice(_GPUS), chance.choice(_DRIVERS)
        release = chance.choice(_RELEASES)
        own = machine(platform, python, release, gpu, driver)
        case = case_of(STORE, own.seen())
        for finding in findings(case):
            for way in finding.ways_out:
                where = (platform, python, release, gpu, driver, finding.rule, way.text)
                asked = _asks(way.command)
                if asked and "--detect" not in asked:
                    assert command_line.main(["find", *asked]) == 0, where
                    capsys.readouterr()
                made = re.match(r"python([0-9.]+) -m venv", way.command or "")
                if made and finding.rule == "python":
                    assert fits(case, None, python=made[1]), where
                for installed in re.findall(r"install .*?tensorflow==([0-9.]+)", way.text):
                    is_own = installed == release  # what is there already stays
                    assert is_own or fits(case, None, release=installed), where
