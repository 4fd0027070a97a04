"""Which of two cells is the better one, and of which we are surer."""

import itertools

import pytest

from kb.cells.cells import Cell
from kb.cells.ranking import best, best_by_python, by_certainty, order, stands
from kb.cells.recipes import CellKey
from kb.cells.rungs import RUNG_MEANINGS, RUNGS, VERDICTS, height
from kb.cells.standing import Standing


def cell(distribution="tensorflow", release="2.15.1", python="3.11", verdict="unknown", rung=None):
    key = CellKey(
        distribution=distribution,
        release=release,
        platform="linux-x86_64",
        python=python,
        device="cpu",
    )
    return Cell(
        key=key,
        standing=Standing(rung=rung, standing=verdict, as_of=None, proof=()),
        pins=(),
        recipe=None,
    )


# The better one first; the Python that is asked for is 3.10.
PAIRS = {
    "what is not broken, whatever the Python": (cell(), cell(python="3.10", verdict="broken")),
    "the Python that is asked for, before what a run proves": (
        cell(python="3.10", rung="shipped"),
        cell(verdict="ok", rung="runs"),
    ),
    "the newest release, before what a run proves": (
        cell(release="2.15.10"),
        cell(release="2.15.9", rung="runs", verdict="ok"),
    ),
    "the highest rung, before the newest Python": (
        cell(python="3.9", rung="links"),
        cell(rung="runs"),
    ),
    "a disputed cell by its rung": (
        cell(verdict="disputed", rung="runs"),
        cell(verdict="unknown", rung="resolves"),
    ),
    "the newest Python": (cell(python="3.12"), cell(python="3.9")),
    "the distribution that is made for the device": (cell("tensorflow-cpu"), cell()),
}


@pytest.mark.parametrize(("better", "worse"), PAIRS.values(), ids=PAIRS)
def test_the_better_cell_is_recommended(better, worse):
    assert best([better, worse], "3.10") == best([worse, better], "3.10") == better
    assert order(better, "3.10") > order(worse, "3.10")


def test_each_python_has_a_best_cell_and_stands_on_no_other_ones_rung():
    older = cell(release="2.15.0", rung="runs", verdict="ok")
    newer = cell(rung="shipped")
    other = cell(python="3.9", rung="links", verdict="ok")
    assert best_by_python([other, older, newer]) == {"3.11": newer, "3.9": other}


def test_pythons_that_stand_alike_are_told_together_the_surest_first():
    verdicts = {
        "3.8": stands("runs", "broken"),
        "3.9": stands("links", "disputed"),
        "3.10": stands(None, "unknown"),
        "3.11": stands("resolves", "unknown"),
        "3.12": stands("runs-gpu", "ok"),
        "3.13": stands("resolves", "unknown"),
    }
    assert by_certainty(verdicts.items()) == (
        ("runs-gpu", ("3.12",)),
        ("resolves", ("3.11", "3.13")),
        (None, ("3.10",)),
        ("disputed", ("3.9",)),
        ("broken", ("3.8",)),
    )


def test_of_no_cells_there_is_no_best_one():
    assert best([]) is None
    assert best_by_python([]) == {}


def test_rungs_rise_and_each_has_a_meaning():
    heights = [height(None), *map(height, RUNGS)]
    assert all(low < high for low, high in itertools.pairwise(heights))
    assert tuple(RUNG_MEANINGS) == RUNGS
    assert VERDICTS[0] == "broken"
    assert VERDICTS[-1] == "ok"
