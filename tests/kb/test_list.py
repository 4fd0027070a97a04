"""`list`: which series there are, the one table of all."""

import json

import pytest

from kb import KnowledgeBase, command_line
from kb.answers.releases import VersionQuestion, version_builds
from kb.base.errors import NothingFound
from kb.base.store import Store
from kb.base.versions import is_final, key
from kb.cells.rungs import height

RUNGS = (None, "documented", "shipped", "resolves", "runs", "links", "runs-gpu")


@pytest.fixture
def kb(capsys):
    """Run `list` on the real knowledge base; return its status and both outputs."""

    def run(*arguments):
        status = command_line.main(["list", *arguments])
        return status, *capsys.readouterr()

    return run


def test_every_series_with_a_release_is_listed_the_newest_first():
    rows = KnowledgeBase().list()
    names = [row.series for row in rows]
    assert names == sorted(names, key=key, reverse=True)
    released = {
        name
        for name in Store().series_names()
        for one in Store().series(name).releases
        if one.builds and is_final(one.release)
    }
    assert set(names) == released


@pytest.mark.parametrize("series", ["2.21", "2.15", "2.10", "1.15", "1.0"])
def test_a_row_says_what_a_look_up_of_the_series_says(series):
    (row,) = KnowledgeBase().list(series)
    answer = version_builds(Store(), VersionQuestion(version=series))
    own = [one for one in answer.builds if one.published.release.distribution == "tensorflow"]
    assert (row.release, row.released) == (answer.release, answer.released)
    assert set(row.pythons) == {python for one in own for python in one.pythons}
    assert row.cuda in {one.toolkit.cuda for one in answer.builds}
    assert row.cpu_rung in RUNGS
    assert row.cuda_rung in RUNGS


def test_the_table_fits_80_columns_and_tells_what_its_words_mean(kb):
    status, out, error = kb()
    assert (status, error) == (0, "")
    lines = out.splitlines()
    assert lines[0].split()[:4] == ["Series", "Newest", "Released", "Python"]
    assert max(map(len, lines)) <= 80
    assert [line for line in lines if line != line.rstrip()] == []
    (row,) = [line.split() for line in lines if line.startswith("  2.15 ")]
    assert row[:5] == ["2.15", "2.15.1", "2024-03-08", "3.9-3.11", "12.2"]
    for word in (*row[-2:], "shipped"):
        rung = word.removesuffix("+")
        assert any(line.startswith(f"  {rung} ") for line in lines)
        assert rung == word or any(line.startswith("  + ") for line in lines)


def test_a_series_shows_the_rung_that_all_of_its_set_ups_have(real_answers, kb):
    for row in json.loads(kb("--json")[1])["series"]:
        cells = [cell for build in real_answers[row["series"]].builds for cell in build.cells]
        for device in ("cpu", "cuda"):
            heights = {
                height(cell.standing.rung)
                for cell in cells
                if cell.key.device == device and cell.standing.standing != "broken"
            }
            least, highest = (row["rungs"][name] for name in (f"{device}_least", device))
            if heights:
                assert min(heights) <= height(least) <= height(highest)
                assert (least == highest) == (len(heights) == 1) or height(least) > min(heights)


@pytest.mark.parametrize("version", ["2", "2.x", "tf 2", "tensorflow==2"])
def test_a_major_version_lists_its_series(version, kb):
    status, out, _ = kb(version, "--json")
    document = json.loads(out)
    assert (status, document["format"]) == (0, 1)
    assert {one["series"].partition(".")[0] for one in document["series"]} == {"2"}
    fields = {"series", "release", "released", "python", "platforms", "cuda", "cudnn", "rungs"}
    assert all(one.keys() == fields for one in document["series"])
    rungs = {"cpu", "cuda", "cpu_least", "cuda_least"}
    assert all(one["rungs"].keys() == rungs for one in document["series"])


def test_what_is_not_there_gets_what_is(kb):
    assert kb("3") == (1, "", "nothing found: no series of TensorFlow 3; nearest: 2, 1\n")
    assert json.loads(kb("2.99", "--json")[1])["nearest"] == ["2", "1"]
    with pytest.raises(NothingFound):
        KnowledgeBase().list("x")


@pytest.mark.parametrize("form", [[], ["--json"]])
@pytest.mark.parametrize("version", ["2", "tf 2", "2.*", "1"])
def test_a_look_up_of_a_bare_major_version_is_answered_by_the_list(version, form, kb, capsys):
    listed = kb(version, *form)
    assert (command_line.main(["lookup", version, *form]), *capsys.readouterr()) == listed


@pytest.mark.parametrize("version", ["latest", "2.21.0", "v2.21", "2.21.*"])
def test_a_release_stands_for_its_series(version, kb):
    assert kb(version, "--json") == kb("2.21", "--json")


def test_candidates_and_the_nightly_stand_beside_the_series(kb):
    document = json.loads(kb("--json")[1])
    assert "2.22" not in {one["series"] for one in document["series"]}
    (candidate,) = [one for one in document["pre_releases"] if one["kind"] == "candidate"]
    assert (candidate["series"], candidate["release"]) == ("2.22", "2.22.0rc0")
    assert candidate["distributions"] == ["tensorflow", "tensorflow-cpu"]
    assert candidate["python"] == ["3.10", "3.11", "3.12", "3.13", "3.14"]
    (nightly,) = [one for one in document["pre_releases"] if one["kind"] == "nightly"]
    assert nightly["distributions"] == ["tf-nightly"]
    assert ".dev" in nightly["release"]


@pytest.mark.parametrize("version", ["2.22", "2.22.0rc0", "2.22.0-rc0", "tensorflow==2.22.0rc0"])
def test_a_candidate_is_listed_as_one(version, kb):
    status, out, _ = kb(version)
    assert status == 0
    assert "2.22.0rc0, release candidate of 2026-09-22" in " ".join(out.split())
    assert "Series" not in out
