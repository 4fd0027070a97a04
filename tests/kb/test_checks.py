import ast
import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from kb.cells import shells
from kb.cells.checks import api, checks

STAND_IN = Path(__file__).parent / "stand_in"
RELEASES = {"1.x": "1.15.5", "2.0": "2.0.4", "2.1": "2.15.1"}
REMARK = " (or as many as the machine has)"
COUNT, GROWTH, MULTIPLY = range(3)

every_api = pytest.mark.parametrize("style", RELEASES)
every_kind = pytest.mark.parametrize("on_gpu", [True, False], ids=["GPU", "CPU"])
every_step = pytest.mark.parametrize("step", range(3))


class Outcome(NamedTuple):
    """How a program ended, and the calls that the stand-in noted."""

    status: int
    out: str
    error: str
    calls: list[str]


class StandIn:
    """Runs programs beside a stand-in for TensorFlow: what they print proves nothing of one."""

    def __init__(self, folder: Path) -> None:
        self._calls = folder / "calls"

    def run(self, code: str, style: str, gpus: int, **pretended: str) -> Outcome:
        """Run a program beside a stand-in that offers the API of one style."""
        return self.start([sys.executable, "-S", "-c", code], style, gpus, **pretended)

    def start(
        self, command: list[str], style: str, gpus: int, fault: str = "", kind: str = "GPU"
    ) -> Outcome:
        """Run a command beside it; `fault` is what goes wrong, `kind` what it calls its GPUs."""
        self._calls.write_text("")
        environment = {
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
            "PYTHONPATH": str(STAND_IN),
            "STAND_IN_API": style,
            "STAND_IN_GPUS": str(gpus),
            "STAND_IN_KIND": kind,
            "STAND_IN_FAULT": fault,
            "STAND_IN_CALLS": str(self._calls),
        }
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=60, check=False
        )
        calls = self._calls.read_text().splitlines()
        return Outcome(done.returncode, done.stdout, done.stderr, calls)


@pytest.fixture
def stand_in(tmp_path):
    return StandIn(tmp_path)


def program(style: str, on_gpu: bool, step: int) -> str:
    return checks(RELEASES[style], on_gpu)[step].code


@pytest.mark.parametrize(
    ("release", "expected"),
    [
        ("1.0.0", "1.x"),
        ("1.15.5", "1.x"),
        ("2.0.0rc0", "2.0"),
        ("2.0.0", "2.0"),
        ("2.0.4", "2.0"),
        ("2.1.0rc2", "2.1"),
        ("2.1.0", "2.1"),
        ("2.10.0", "2.1"),
        ("2.23.0.dev20261120", "2.1"),
    ],
)
def test_a_release_has_the_api_of_its_time(release, expected):
    assert api(release) == expected


@every_api
@every_kind
@every_step
def test_a_program_is_python_3_and_python_2_7_alike(style, on_gpu, step):
    code = program(style, on_gpu, step)
    assert code.isascii()
    tree = compile(code, "check", "exec", ast.PyCF_ONLY_AST)
    newer = (ast.JoinedStr, ast.NamedExpr, ast.AnnAssign, ast.Nonlocal, ast.Starred, ast.Await)
    for node in ast.walk(tree):
        assert not isinstance(node, newer)
        assert not (isinstance(node, ast.Raise) and node.cause)
        assert not (isinstance(node, ast.With) and len(node.items) > 1)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "print":
            assert (len(node.args), node.keywords) == (1, [])


@every_api
@every_kind
@every_step
def test_a_program_asks_for_the_device_that_it_checks(style, on_gpu, step):
    code = program(style, on_gpu, step)
    assert "DEVICE" not in code
    assert "TF_CONFIG" not in code
    assert "FAILED" not in code
    assert "KIND" not in code
    assert ("/CPU:0" in code) is (step == MULTIPLY and not on_gpu)
    assert ("/GPU:0" in code) is (step == MULTIPLY and on_gpu)


@every_api
@every_step
def test_one_gpu_prints_what_is_expected(style, step, stand_in):
    one = stand_in.run(program(style, True, step), style, gpus=1)
    expected = checks(RELEASES[style], on_gpu=True)[step].expected
    assert (one.status, one.error) == (0, "")
    assert one.out == expected.removesuffix(REMARK) + "\n"


@every_api
@every_step
def test_the_cpu_alone_prints_what_is_expected(style, step, stand_in):
    one = stand_in.run(program(style, False, step), style, gpus=0)
    assert (one.status, one.error) == (0, "")
    assert one.out == checks(RELEASES[style], on_gpu=False)[step].expected + "\n"


@every_api
@every_step
def test_the_check_of_the_cpu_passes_on_a_machine_with_gpus(style, step, stand_in):
    one = stand_in.run(program(style, False, step), style, gpus=2)
    assert (one.status, one.error) == (0, "")
    if step == MULTIPLY:
        assert "device:CPU:0" in one.out
        assert "The CPU computed this, and it is right." in one.out


@every_api
def test_two_gpus_are_counted(style, stand_in):
    assert stand_in.run(program(style, True, COUNT), style, gpus=2).out == "GPUs: 2\n"
    growth = stand_in.run(program(style, True, GROWTH), style, gpus=2)
    assert growth.out == "physical GPUs: 2, logical GPUs: 2\n"


@every_api
@every_kind
@pytest.mark.parametrize("step", [GROWTH, MULTIPLY])
@pytest.mark.parametrize("gpus", [1, 2])
def test_memory_growth_is_on_for_each_gpu_before_one_is_used(style, on_gpu, step, gpus, stand_in):
    calls = stand_in.run(program(style, on_gpu, step), style, gpus).calls
    before = calls[: calls.index("start")]
    if style == "1.x":
        assert before == ["session growth=True"]
    else:
        assert before == [f"growth {number} True" for number in range(gpus)]


@every_api
@every_kind
def test_memory_growth_that_comes_too_late_is_told(style, on_gpu, stand_in):
    one = stand_in.run(program(style, on_gpu, GROWTH), style, gpus=1, fault="too late")
    assert one.status == 1
    assert one.error == (
        "Too late to set memory growth: "
        "Physical devices cannot be modified after being initialized\n"
    )


@every_api
@every_step
def test_without_a_gpu_the_check_of_a_gpu_fails_and_says_so(style, step, stand_in):
    one = stand_in.run(program(style, True, step), style, gpus=0)
    assert one.status == 1
    assert "Traceback" not in one.error
    assert "A GPU computed this" not in one.out
    says = {
        COUNT: "TensorFlow finds no GPU.",
        GROWTH: "TensorFlow can use no GPU.",
        MULTIPLY: "No GPU computed this: ",
    }
    assert one.error.startswith(says[step])


@pytest.mark.parametrize("style", ["2.0", "2.1"])
def test_a_right_product_from_the_cpu_is_not_taken_for_the_gpus(style, stand_in):
    one = stand_in.run(program(style, True, MULTIPLY), style, gpus=0)
    assert one.out.startswith("[[22.0, 28.0], [49.0, 64.0]] on ")
    assert "device:CPU:0" in one.out
    assert (one.status, one.error) == (1, "No GPU computed this: the CPU did.\n")


@every_api
def test_a_gpu_that_is_found_and_cannot_be_used_fails(style, stand_in):
    one = stand_in.run(program(style, True, GROWTH), style, gpus=1, fault="no logical GPU")
    assert (one.status, one.error) == (1, "TensorFlow can use no GPU.\n")


@every_api
@every_kind
def test_a_wrong_product_fails(style, on_gpu, stand_in):
    one = stand_in.run(program(style, on_gpu, MULTIPLY), style, gpus=1, fault="wrong product")
    assert (one.status, one.error) == (1, "The product is wrong.\n")
    assert "it is right" not in one.out


@every_api
@pytest.mark.parametrize(
    ("on_gpu", "says"), [(True, "No GPU computed this"), (False, "The CPU did not compute this")]
)
def test_a_computation_that_fails_is_told_in_a_line(style, on_gpu, says, stand_in):
    one = stand_in.run(program(style, on_gpu, MULTIPLY), style, gpus=1, fault="failing kernel")
    assert (one.status, one.out) == (1, "")
    assert one.error == f"{says}: no kernel image is available\n"


@pytest.mark.parametrize("style", ["2.0", "2.1"])
def test_a_device_that_is_refused_is_told_in_a_line(style, stand_in):
    one = stand_in.run(program(style, True, MULTIPLY), style, gpus=0, fault="no device")
    assert (one.status, one.error) == (1, "No GPU computed this: unknown device\n")


@pytest.mark.parametrize(("style", "other"), [("2.0", "2.1"), ("2.1", "2.0"), ("1.x", "2.1")])
def test_the_stand_in_has_only_the_api_of_its_release(style, other, stand_in):
    one = stand_in.run(program(other, True, COUNT), style, gpus=1)
    assert one.status == 1
    assert "AttributeError" in one.error


@every_step
def test_directml_is_checked_by_the_name_of_its_device(step, stand_in):
    check = checks("1.15.8", True, "DML")[step]
    one = stand_in.run(check.code, "1.x", gpus=1, kind="DML")
    assert (one.status, one.error) == (0, "")
    assert one.out == check.expected.removesuffix(REMARK) + "\n"
    assert ("device:DML:0" in one.out) is (step == MULTIPLY)


@every_step
def test_a_gpu_of_another_kind_is_not_taken_for_directml(step, stand_in):
    one = stand_in.run(checks("1.15.8", True, "DML")[step].code, "1.x", gpus=1)
    assert one.status == 1
    assert "Traceback" not in one.error
    assert "GPU computed this, and" not in one.out


@every_api
@every_step
def test_the_command_for_bash_runs_the_program(style, step, stand_in):
    check = checks(RELEASES[style], on_gpu=True)[step]
    command = ["bash", "-c", shells.program(check, powershell=False)]
    one = stand_in.start(command, style, gpus=1)
    assert (one.status, one.error) == (0, "")
    assert one.out == check.expected.removesuffix(REMARK) + "\n"
