"""`python -m verify tools`: the real uv installs from a real index on loopback."""

import sys
from pathlib import Path

import pytest

from kb.base.store import Store
from kb.cells.recipe_id import recipe_id
from tests.scraper.local_index import status
from tests.verify.workbench import PYTHON, RELEASE, program, tensorflow_wheel, wheel_of
from verify.commands.command_line import main

DAY = "2023-11-14"


@pytest.fixture
def workbench(workbench):
    """Have a Python that is of no environment, for uv takes none of one."""
    python = workbench.programs / f"python{PYTHON}"
    program(python, f'#!/bin/sh\nexec "{Path(sys.executable).resolve()}" "$@"\n')
    return workbench


def offer(workbench, requires=(), **stand_in):
    content = tensorflow_wheel(requires=requires, **stand_in)
    workbench.describe("tensorflow", RELEASE, DAY, content, requires)


def tools(workbench, *more):
    return main(workbench.arguments("tools", "--python", PYTHON, *more))


def trials(workbench):
    assert workbench.left_over() == []
    return Store(workbench.store.data).tools().trials


def test_a_set_up_by_uv_is_carried_out_and_noted(workbench, capsys):
    offer(workbench)
    assert tools(workbench) == 0
    (row,) = trials(workbench)
    assert (row.tool, row.release, row.python, row.why) == ("uv", RELEASE, PYTHON, None)
    assert row.recipe == recipe_id(workbench.cell().recipe)
    assert f"tensorflow {RELEASE}, Python {PYTHON}, cpu: ok" in capsys.readouterr().out


def test_it_goes_on_where_it_stopped_and_asks_again_what_is_old(workbench):
    offer(workbench)
    assert tools(workbench) == 0
    workbench.index.files.clear()
    assert tools(workbench) == 0
    assert tools(workbench, "--older-than", "-1") == 1
    assert len(trials(workbench)) == 1


@pytest.mark.parametrize(
    ("stand_in", "why"),
    [
        ({"on_import": "raise TypeError('Descriptors. And more')"}, "TypeError: Descriptors"),
        ({"matmul": "return Tensor([[1.0]])"}, "The product is wrong"),
    ],
)
def test_what_fails_is_noted_with_the_first_reason(stand_in, why, workbench):
    offer(workbench, **stand_in)
    assert tools(workbench) == 1
    (row,) = trials(workbench)
    assert why in row.why
    assert "And more" not in row.why


def test_a_set_that_cannot_be_had_is_noted(workbench):
    offer(workbench, requires=("absl-py>=2",))
    workbench.describe("absl-py", "1.0", DAY, wheel_of("absl-py", "1.0"))
    assert tools(workbench) == 1
    (row,) = trials(workbench)
    assert row.why.startswith("set-up: ")


def test_an_index_that_gives_no_wheel_says_nothing_of_the_cell(workbench, capsys):
    offer(workbench)
    workbench.index.fault(f"/files/tensorflow-{RELEASE}-py3-none-any.whl", status(403))
    assert tools(workbench) == 1
    assert trials(workbench) == ()
    told = capsys.readouterr().err
    assert "nothing is said of it: uv failed: " in told
    assert "127.0.0.1" not in told
