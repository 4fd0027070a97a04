"""What is said for uv, conda and Docker: the recipe's own requirements, and no claim too many."""

import shlex

import pytest

from kb.base.model import ToolsFile, ToolTrial
from kb.cells import shells
from kb.cells.recipe_id import recipe_id
from kb.cells.recipes import Step
from kb.cells.tools import uv_text, ways
from kb.upkeep.table_rules import tools_faults
from tests.kb.small_base import ARM_MAC, WINDOWS
from tests.kb.test_shells import AWKWARD, by_hand, recipe

PLAIN = recipe("tensorflow==2.15.1", "numpy<2")


def trial(one, why=None, **other):
    cell = one.cell._asdict()
    row = ToolTrial(
        tool="uv", version="0.13.9", day="2026-11-24", **cell, recipe=recipe_id(one), why=why
    )
    return row._replace(**other)


def by_tool(one, *trials):
    return {way.tool: way for way in ways(one, trials)}


def test_pip_comes_first_and_is_the_published_text():
    first = ways(PLAIN)[0]
    assert (first.tool, first.note) == ("pip", None)
    assert [one.text for one in first.texts] == ["\n".join(shells.setup(PLAIN))]


def test_uv_is_asked_for_the_same():
    assert uv_text(PLAIN).splitlines() == [
        "uv venv --python 3.11 tf-2.15.1",
        ". tf-2.15.1/bin/activate",
        "uv pip install tensorflow==2.15.1 'numpy<2'",
    ]
    many = uv_text(recipe(*AWKWARD)).partition("uv pip install ")[2]
    assert shlex.split(many.replace("\\\n", " ")) == list(AWKWARD)


def test_uv_keeps_the_steps_that_are_no_packages():
    last = Step(action="library-path", python="3.11", folder="tf-2.15.1")
    one = PLAIN._replace(steps=(by_hand("11.2", "8.1"), *PLAIN.steps, last))
    text = uv_text(one)
    for step in (one.steps[0], last):
        assert "\n".join(shells.commands(step, one)) in text
    assert "upgrade" not in text


def test_uv_on_windows_is_written_for_powershell():
    assert r"tf-2.15.1\Scripts\Activate.ps1" in uv_text(
        PLAIN._replace(cell=PLAIN.cell._replace(platform=WINDOWS))
    )


def test_what_was_not_carried_out_says_so():
    found = by_tool(PLAIN)
    for tool in ("uv", "conda", "Docker"):
        assert "have not run" in found[tool].note


def test_a_trial_that_passed_is_told_with_its_day():
    note = by_tool(PLAIN, trial(PLAIN))["uv"].note
    assert note == "Carried out by uv 0.13.9 as of 2026-11-24: the checks pass."


def test_a_set_up_that_was_seen_to_fail_is_not_offered():
    way = by_tool(PLAIN, trial(PLAIN, "Count the GPUs: TypeError: Descriptors"))["uv"]
    assert way.texts == ()
    assert "TypeError: Descriptors" in way.note
    assert way.note.endswith("Use pip.")


@pytest.mark.parametrize("other", [{"recipe": "0" * 16}, {"release": "2.15.0"}, {"device": "cpu"}])
def test_a_trial_of_something_else_says_nothing(other):
    found = by_tool(PLAIN, trial(PLAIN, "it fails", **other))["uv"]
    assert found.texts
    assert "have not run" in found.note


@pytest.mark.parametrize(
    ("one", "tools"),
    [
        (PLAIN, ["pip", "uv", "conda", "Docker"]),
        (recipe("tensorflow==1.15.0", python="2.7"), ["pip"]),
        (recipe("tensorflow==2.15.1", platform=ARM_MAC), ["pip", "uv", "conda"]),
        (recipe("tensorflow==2.10.1", platform=WINDOWS), ["pip", "uv", "conda"]),
        (
            PLAIN._replace(
                steps=(*PLAIN.steps, Step(action="library-path", python="3.11", folder="tf-2.15.1"))
            ),
            ["pip", "uv", "Docker"],
        ),
    ],
)
def test_a_tool_of_which_nothing_true_can_be_said_is_left_out(one, tools):
    assert [way.tool for way in ways(one)] == tools


def test_conda_brings_the_python_and_pip_the_wheels():
    assert by_tool(PLAIN)["conda"].texts[0].text.splitlines() == [
        "conda create --name tf-2.15.1 --channel conda-forge python=3.11 pip",
        "conda activate tf-2.15.1",
        "python -m pip install --upgrade pip",
        "python -m pip install tensorflow==2.15.1 'numpy<2'",
    ]


def test_a_container_gets_the_published_set_up():
    start, inside = by_tool(PLAIN)["Docker"].texts
    assert start.text == "docker run --rm -it --gpus all python:3.11 bash"
    assert inside.text == "\n".join(shells.setup(PLAIN))
    on_cpu = PLAIN._replace(cell=PLAIN.cell._replace(device="cpu"))
    assert "--gpus" not in by_tool(on_cpu)["Docker"].texts[0].text


def test_where_cuda_is_installed_by_hand_the_image_of_tensorflow_brings_it():
    one = PLAIN._replace(steps=(by_hand("11.2", "8.1"), *PLAIN.steps))
    (start,) = by_tool(one)["Docker"].texts
    assert start.text == "docker run --rm -it --gpus all tensorflow/tensorflow:2.15.1-gpu bash"
    assert by_tool(one)["Docker"].source.startswith("https://github.com/tensorflow/docs/")


def test_a_row_of_no_release_and_a_row_that_stands_twice_are_faults():
    row = trial(PLAIN)
    faults = list(tools_faults(ToolsFile(1, (row, row, trial(PLAIN, release="9.9.9"))), {"2.15.1"}))
    assert len(faults) == 2
    assert "stands twice" in faults[0]
    assert "9.9.9, Python 3.11, cuda: no such release" in faults[1]
