"""`companion`, and `lookup` of a companion's name: which releases go with which TensorFlow."""

import json

import pytest

from kb import KnowledgeBase, command_line
from kb.base.errors import NothingFound

KNOWN = KnowledgeBase()


def ask(capsys, *words):
    status = command_line.main(list(words))
    return status, capsys.readouterr()


def rows(name, version=None, platform="linux-x86_64", python="3.11"):
    found = KNOWN.companion(name, version, platform, python)
    return [(row.series, row.tensorflow, row.release, row.verdict) for row in found.rows]


def test_the_newest_release_for_each_series():
    found = {series: own for series, *own in rows("tensorflow-text")}
    assert found["2.18"] == ["2.18.1", "2.18.1", "goes"]
    assert found["2.17"] == ["2.17.1", "2.17.0", "goes"]
    assert found["2.16"] == ["2.16.2", "2.16.1", "goes"]
    assert found["2.15"] == ["2.15.1", "2.15.0", "goes"]
    assert "2.13" not in found  # it has no wheel for Python 3.11


def test_a_series_names_the_newest_release_that_a_companion_goes_with():
    found = {series: own for series, *own in rows("tensorflow-decision-forests")}
    assert found["2.18"] == ["2.18.0", "1.11.0", "goes"]


def test_a_version_means_its_patches_alone():
    assert rows("tensorflow-addons", "0.18", python="3.10") == [
        ("2.10", "2.10.1", "0.18.0", "goes"),
        ("2.9", "2.9.3", "0.18.0", "goes"),
        ("2.8", "2.8.4", "0.18.0", "goes"),
    ]


def test_each_platform_has_the_pythons_that_both_have_wheels_for():
    found = KNOWN.companion("tensorflow-text", "2.10.0")
    on = {platform: row.pythons for row in found.rows for platform in row.platforms}
    assert on["windows-x86_64"] == ("3.7", "3.8", "3.9", "3.10")
    assert "linux-aarch64" not in on


def test_what_it_needs_besides_and_the_notes_are_told():
    found = KNOWN.companion("tensorflow-probability", "0.25.0", "linux-x86_64", "3.11")
    assert {row.needs for row in found.rows} == {("tf-keras>=2.16",)}
    assert {row.bounds for row in found.rows} == {"tensorflow>=2.16"}
    assert "2.17" not in {row.series for row in found.rows}
    assert any("it checks for TensorFlow 2.18" in note.told for note in found.notes)
    assert not any("0.24" in str(note.releases) for note in found.notes if note.asks)


def test_what_tensorflow_requires_of_it_counts():
    found = {series: release for series, _, release, _ in rows("keras")}
    assert found["2.15"] == "2.15.0"
    assert found["2.14"] == "2.14.0"


def test_a_lookup_of_its_name_is_the_same_question(capsys):
    _, first = ask(capsys, "lookup", "tensorflow-text", "--python", "3.11")
    _, second = ask(capsys, "companion", "tensorflow-text", "--python", "3.11")
    assert first.out == second.out
    assert "Tied to TensorFlow by compiled code" in first.out
    assert all(len(line) <= 80 for line in first.out.splitlines())


@pytest.mark.parametrize("name", ["tensorflow_addons", "Tensorflow-Addons", "scann"])
def test_names_are_spelled_as_pip_takes_them(name, capsys):
    status, printed = ask(capsys, "lookup", name)
    assert status == 0
    assert "by compiled code" in printed.out


def test_rows_that_are_left_out_are_counted(capsys):
    _, short = ask(capsys, "companion", "tensorflow-text")
    _, whole = ask(capsys, "companion", "tensorflow-text", "--all")
    assert "rows more: --all" in short.out
    assert len(short.out.splitlines()) <= 40
    assert "rows more" not in whole.out
    assert len(whole.out) > len(short.out)


def test_an_unknown_name_gets_the_nearest(capsys):
    status, printed = ask(capsys, "lookup", "tensorflow-txt")
    assert status == 1
    assert "no companion tensorflow-txt; nearest: tensorflow-text" in printed.err
    with pytest.raises(NothingFound):
        KNOWN.companion("tensorflow-text", "9.9")


@pytest.mark.parametrize("word", ["latest", "nightly", "2.15", "tf-nightly", "tensorflow==2.15"])
def test_a_lookup_of_a_version_stays_one(word, capsys):
    status, printed = ask(capsys, "lookup", word)
    assert status == 0
    assert "Set up here" in printed.out


def test_one_that_says_nothing_of_tensorflow_says_so(capsys):
    _, printed = ask(capsys, "companion", "torch")
    assert "It states of no TensorFlow that it goes with it." in printed.out


def test_the_document_has_the_rows(capsys):
    _, printed = ask(capsys, "companion", "tensorflow-io", "0.37.1", "--json")
    found = json.loads(printed.out)
    assert found["companion"] == "tensorflow-io"
    assert {row["tensorflow"] for row in found["rows"]} <= {"2.16.1", "2.16.2"}
    assert found["rows"][0]["by"] == "extra"
