"""Which of two cells is the better one, and of which we are surer."""

import itertools

import pytest

from kb.cells.cells import Cell
from kb.cells.ranking import best, order, surest
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


def test_we_are_surest_of_the_highest_rung_whatever_the_release():
    proven = cell(release="2.15.0", rung="runs", verdict="ok")
    assert surest([cell(rung="shipped"), proven]) == proven
    assert surest([cell(verdict="broken", rung="runs-gpu"), cell()]) == cell()


def test_of_no_cells_there_is_no_best_one():
    assert best([]) is None
    assert surest([]) is None


def test_rungs_rise_and_each_has_a_meaning():
    heights = [height(None), *map(height, RUNGS)]
    assert all(low < high for low, high in itertools.pairwise(heights))
    assert tuple(RUNG_MEANINGS) == RUNGS
    assert VERDICTS[0] == "broken"
    assert VERDICTS[-1] == "ok"
