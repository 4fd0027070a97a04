"""The pages of what is no release: marked where it stands, and never counted as a series."""

import json
import shutil

import pytest

from kb.base.names import KIND_NAMES
from kb.index.build import build_index
from kb.index.records import document
from pages.generate import generate
from pages.knowledge import read_knowledge
from pages.render import Renderer
from tests.kb.small_base import CPU, LINUX, one_build, series_file, write_base
from tests.pages.built_site import ROOT

NEWS = "2.16.0rc1"


@pytest.fixture
def files(tmp_path):
    """Return every generated file of a base with 2.15.0, a candidate of 2.16, a nightly of 2.17,
    and runs of a series that is gone.
    """
    requires = ("keras-nightly>=3.12.0.dev",)
    store = write_base(
        tmp_path,
        series_file("2.15", (one_build("tensorflow", "2.15.0", LINUX, "3.11 3.12", **CPU),)),
        series_file(
            "2.16", (one_build("tensorflow", NEWS, LINUX, "3.12 3.13", **CPU, requires=requires),)
        ),
        series_file("2.17", (one_build("tf-nightly", "2.17.0.dev1", LINUX, "3.12 3.14", **CPU),)),
    )
    (tmp_path / "index.json").write_text(document(build_index(store)), encoding="utf-8")
    shutil.copytree(ROOT / "runs/2.21", tmp_path / "runs/2.21")
    knowledge = read_knowledge(tmp_path, tmp_path / "runs")
    return {file.path: file.text for file in generate(knowledge, Renderer())}


@pytest.mark.parametrize(
    ("python", "sentence"),
    [
        ("3.11", "TensorFlow 2.15 has wheels for Python 3.11, and no other series."),
        ("3.12", "TensorFlow 2.15 has wheels for Python 3.12, and no other series."),
        ("3.13", "No release of TensorFlow has a wheel for Python 3.13."),
        ("3.14", "No release of TensorFlow has a wheel for Python 3.14."),
    ],
)
def test_a_python_is_told_by_its_releases(python, sentence, files):
    text = files[f"python/{python}.md"]
    assert sentence in text
    assert ("release candidate of [2.16]" in text) == (python in ("3.12", "3.13"))
    assert ("nightly of 2023-03-03, [2.17.0.dev1]" in text) == (python in ("3.12", "3.14"))
    assert '<a href="../../tf/2.17/">' not in text


def test_pythons_are_counted_by_series_with_a_release(files):
    rows = [line for line in files["python/index.md"].splitlines() if line.startswith("<tr><th")]
    counted = {
        row.partition("</a>")[0].rpartition(">")[2]: row.rpartition("<td>")[2] for row in rows
    }
    end = "</td></tr>"
    assert counted == {"3.14": f"0{end}", "3.13": f"0{end}", "3.12": f"1{end}", "3.11": f"1{end}"}


def test_a_series_page_says_what_it_is(files):
    assert "Not released yet: release candidate <strong>2.16.0rc1</strong>" in files["tf/2.16.md"]
    assert "<code>keras-nightly</code>, a nightly" in files["tf/2.16.md"]
    assert "Only nightlies yet, the newest <strong>2.17.0.dev1</strong>" in files["tf/2.17.md"]
    assert "Newest release <strong>2.15.0</strong>" in files["tf/2.15.md"]


def test_the_list_of_releases_holds_releases_alone(files):
    released, _, others = files["tf/index.md"].partition("## Not released yet")
    assert ("2.15.0" in released, NEWS in released, "dev1" in released) == (True, False, False)
    for kind, version in (("candidate", NEWS), ("nightly", "2.17.0.dev1")):
        assert f'{version}</a> <span class="flag">{KIND_NAMES[kind]}</span>' in others


def test_the_matrix_marks_a_candidate_and_has_no_row_for_a_nightly(files):
    assert (
        '<a href="../tf/2.16/">2.16</a> <span class="flag">release candidate</span>'
        in (files["matrix.md"])
    )
    assert "tf/2.17/" not in files["matrix.md"]


def test_the_cells_that_are_counted_are_those_of_releases(files):
    assert "Of 2 cells 2 stand on shipped." in files["index.md"]


def test_the_feed_tells_of_a_candidate_and_of_no_nightly(files):
    assert "<title>TensorFlow 2.16.0rc1, release candidate</title>" in files["feed.xml"]
    assert "dev1" not in files["feed.xml"]


def test_machines_are_told_the_kind(files):
    series = json.loads(files["api/v1/index.json"])["series"]
    assert [(one["series"], one["kind"], one["nightly"]) for one in series] == [
        ("2.17", "nightly", True),
        ("2.16", "candidate", False),
        ("2.15", "release", False),
    ]
    assert json.loads(files["badges/2.16.json"])["message"].startswith("2.16.0rc1: ")
    assert "release candidate, no release yet" in files["llms.txt"]


def test_the_runs_of_what_is_gone_have_their_page(files):
    assert "Runs of TensorFlow 2.21" in files["runs/2.21.md"]
    assert "tf/2.21/" not in files["runs/2.21.md"]
    assert 'href="runs/2.21/"' in files["feed.xml"]
    assert "tf/2.21.md" not in files
