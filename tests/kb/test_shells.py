import re
import shlex
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.base.model import Platform
from kb.base.requirement import PATTERN
from kb.cells import shells
from kb.cells.checks import checks
from kb.cells.recipes import CellKey, Recipe, Step
from tests.kb.small_base import ARM_MAC, INTEL_MAC, LINUX, WINDOWS
from tests.kb.stand_in_python import Shell

ADDRESSES = ("https://example.com/toolkits", "https://example.com/cudnn")
IN_ENVIRONMENT = "tf-2.15.1/bin/python"


def recipe(*requirements, platform=LINUX, python="3.11", release="2.15.1", options=(), first=()):
    """Return a recipe that asks pip for these requirements."""
    cell = CellKey(
        distribution="tensorflow", release=release, platform=platform, python=python, device="cuda"
    )
    folder = f"tf-{release}"
    steps = (
        *first,
        Step(action="environment", python=python, folder=folder),
        Step(action="upgrade-pip"),
        Step(action="install", requirements=requirements, options=options),
    )
    return Recipe(cell, steps, checks(release, on_gpu=True))


def by_hand(cuda, cudnn):
    return Step(action="cuda-by-hand", cuda=cuda, cudnn=cudnn, addresses=ADDRESSES)


AWKWARD = (
    "tensorflow[and-cuda]==2.15.1",
    "numpy<2",
    "protobuf!=4.21.0,<5",
    'nvidia-nccl-cu12==2.16.5; platform_system == "Linux"',
    "h5py>=3,<4",
    "six~=1.12",
    "wrapt == 1.*",
    "a$HOME`b`\\c!",
)


def test_the_commands_make_an_environment_and_install_into_it(tmp_path):
    commands = shells.setup(recipe("tensorflow==2.15.1"))
    asked = Shell(tmp_path, "python3.11").carry_out(commands)
    assert [(one.program, one.words) for one in asked] == [
        ("programs/python3.11", ["-m", "venv", "tf-2.15.1"]),
        (IN_ENVIRONMENT, ["-m", "pip", "install", "--upgrade", "pip"]),
        (IN_ENVIRONMENT, ["-m", "pip", "install", "tensorflow==2.15.1"]),
    ]
    assert [one.environment for one in asked[1:]] == [str(tmp_path / "tf-2.15.1")] * 2


@pytest.mark.parametrize("requirement", AWKWARD)
def test_a_requirement_arrives_at_pip_as_it_is(requirement, tmp_path):
    asked = Shell(tmp_path, "python3.11").carry_out(shells.setup(recipe(requirement)))
    assert asked[-1].words == ["-m", "pip", "install", requirement]


def test_many_requirements_arrive_over_several_lines(tmp_path):
    commands = shells.setup(recipe(*AWKWARD))
    assert " \\\n  " in commands[-1]
    asked = Shell(tmp_path, "python3.11").carry_out(commands)
    assert asked[-1].words == ["-m", "pip", "install", *AWKWARD]


def test_a_requirement_with_a_single_quote_arrives_too(tmp_path):
    requirement = "numpy<2; python_version < '3.12'"
    asked = Shell(tmp_path, "python3.11").carry_out(shells.setup(recipe(requirement)))
    assert asked[-1].words == ["-m", "pip", "install", requirement]


requirement_texts = st.text(min_size=1, max_size=20).filter(re.compile(PATTERN).fullmatch)


@given(st.lists(requirement_texts, min_size=1, max_size=4))
def test_bash_reads_any_requirement_as_one_word(requirements):
    command = shells.setup(recipe(*requirements))[-1].replace(" \\\n  ", " ")
    assert shlex.split(command) == ["python", "-m", "pip", "install", *requirements]


def test_python_2_7_gets_an_environment_from_virtualenv(tmp_path):
    one = recipe("tensorflow==1.15.0", python="2.7", release="1.15.0", options=("--only-binary=x",))
    asked = Shell(tmp_path, "python2.7").carry_out(shells.setup(one))
    assert [(call.program, call.words) for call in asked] == [
        ("programs/python2.7", ["-m", "pip", "install", "virtualenv<20.22"]),
        ("programs/python2.7", ["-m", "virtualenv", "--no-download", "tf-1.15.0"]),
        ("tf-1.15.0/bin/python", ["-m", "pip", "install", "--upgrade", "pip"]),
        ("tf-1.15.0/bin/python", ["-m", "pip", "install", "--only-binary=x", "tensorflow==1.15.0"]),
    ]


@pytest.mark.parametrize("before", ["/before", "/with a space:/other"])
def test_cuda_by_hand_is_told_and_put_on_the_path_of_libraries(before, tmp_path):
    commands = shells.setup(recipe("tensorflow==2.10.1", first=(by_hand("11.2", "8.1"),)))
    assert commands[0] == (
        "# First install CUDA 11.2: https://example.com/toolkits\n"
        "# and copy cuDNN 8.1 into it: https://example.com/cudnn"
    )
    asked = Shell(tmp_path, "python3.11").carry_out(commands, LD_LIBRARY_PATH=before)
    assert {one.libraries for one in asked} == {f"/usr/local/cuda-11.2/lib64:{before}"}


def test_cuda_by_hand_adds_no_empty_folder_to_an_empty_path_of_libraries(tmp_path):
    # An empty folder in that path is the current one: whatever lies there would be loaded.
    commands = shells.setup(recipe("tensorflow==2.10.1", first=(by_hand("11.2", "8.1"),)))
    asked = Shell(tmp_path, "python3.11").carry_out(commands)
    assert "" not in asked[-1].libraries.split(":")


@pytest.mark.parametrize("platform", [LINUX, WINDOWS])
def test_an_unknown_cuda_is_not_made_up(platform):
    one = recipe("tensorflow==1.2.0", platform=platform, first=(by_hand(None, None),))
    commands = "\n".join(shells.setup(one))
    assert "the CUDA that it was built with" in commands
    assert "its cuDNN" in commands
    assert "None" not in commands


def test_windows_is_set_up_in_powershell():
    one = recipe("tensorflow==2.10.1", "numpy<2", platform=WINDOWS, first=(by_hand("11.2", "8.1"),))
    assert shells.setup(one)[1:] == (
        r'$env:PATH = "$env:ProgramFiles\NVIDIA GPU Computing Toolkit\CUDA\v11.2\bin;$env:PATH"',
        "py -3.11 -m venv tf-2.15.1",
        r"tf-2.15.1\Scripts\Activate.ps1",
        "python -m pip install --upgrade pip",
        "python -m pip install tensorflow==2.10.1 'numpy<2'",
    )


def test_a_long_command_is_continued_as_its_shell_continues_lines():
    many = tuple(f"nvidia-library-{number}==12.{number}" for number in range(4))
    assert " `\n  " in shells.setup(recipe(*many, platform=WINDOWS))[-1]
    assert " \\\n  " in shells.setup(recipe(*many, platform=ARM_MAC))[-1]


@pytest.mark.parametrize("platform", get_args(Platform))
def test_only_windows_has_powershell(platform):
    assert shells.is_powershell(recipe("tensorflow", platform=platform)) is (platform == WINDOWS)


@pytest.mark.parametrize("platform", [LINUX, WINDOWS])
def test_each_check_is_one_command_around_its_program(platform):
    one = recipe("tensorflow==2.15.1", platform=platform)
    start, end = ("@'\n", "'@ | python -") if platform == WINDOWS else ("python - <<'END'\n", "END")
    assert shells.check(one) == tuple(f"{start}{step.code}{end}" for step in one.checks)
    for step in one.checks:
        assert step.code.endswith("\n")
        assert not any(line in ("END", "'@") for line in step.code.split("\n"))


@pytest.mark.parametrize("platform", [LINUX, WINDOWS])
def test_a_folder_is_named_only_for_a_cuda_with_its_minor_release(platform):
    # CUDA 9 is 9.0, 9.1 or 9.2, and each lies in a folder of its own.
    one = recipe("tensorflow-gpu==1.8.0", platform=platform, first=(by_hand("9", "7"),))
    assert not re.search(r"cuda-9/|\\v9\\", shells.setup(one)[1])


def test_macos_finds_libraries_by_a_path_of_its_own():
    one = recipe("tensorflow-gpu==1.1.0", platform=INTEL_MAC, first=(by_hand("8.0", "5.1"),))
    assert "DYLD_LIBRARY_PATH" in shells.setup(one)[1]
