"""What must hold of the files of companions."""

import pytest

from kb.base.model import (
    CompanionFile,
    CompanionNote,
    CompanionNotesFile,
    CompanionRelease,
    CompanionTie,
    CompanionWords,
    Extra,
)
from kb.base.requirement import Specifier
from kb.base.writing import dump, write
from kb.upkeep.companion_rules import companion_faults, notes_faults
from kb.upkeep.validate import validate
from tests.kb.small_base import requirement, write_usual_base

FILE_OF_TEXT = CompanionFile(
    format=1,
    companion="tensorflow-text",
    releases=(
        CompanionRelease(release="2.15.0", released="2023-12-01", wheels=("3.9-3.11 on any",)),
        CompanionRelease(release="2.16.1", released="2024-04-01", wheels=("3.9 on any",)),
        CompanionRelease(release="2.17.0", released="2024-07-01", sdist=True, sdist_alone=True),
    ),
    words=(
        CompanionWords(releases=("2.15.0",), requires=(requirement("tensorflow<2.16,>=2.15"),)),
        CompanionWords(releases=("2.16.1",)),
    ),
)
FIRST, SECOND, THIRD = FILE_OF_TEXT.releases
WORDS, OTHERS = FILE_OF_TEXT.words


def test_a_sound_companion_has_no_fault():
    assert list(companion_faults("tensorflow-text", FILE_OF_TEXT)) == []


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"companion": "keras"}, "'keras' stands in the file of tensorflow-text"),
        ({"releases": (SECOND, FIRST, THIRD)}, "releases: out of order"),
        ({"releases": (FIRST, SECOND, SECOND, THIRD)}, "or one stands twice"),
        (
            {"releases": (FIRST._replace(release="2.15.0rc1"), SECOND, THIRD)},
            "releases: one is not final",
        ),
        ({"releases": (FIRST, SECOND, THIRD._replace(wheels=("3 on any",)))}, "an sdist alone"),
        ({"releases": (FIRST, SECOND, THIRD._replace(sdist=False))}, "an sdist alone, and none"),
        (
            {"releases": (FIRST._replace(wheels=("3.9 on any", "3.10 on any")), SECOND, THIRD)},
            "2.15.0: wheels: out of order",
        ),
        (
            {"releases": (FIRST._replace(wheels=("3.+ on any",)), SECOND, THIRD)},
            "2.15.0: wheels: out of order",
        ),
        ({"words": (WORDS,)}, "2.16.1: has wheels and says nothing"),
        ({"words": (WORDS, OTHERS, WORDS)}, "stand twice"),
        ({"words": (WORDS._replace(releases=("2.16.1", "2.15.0")),)}, "words: releases are out"),
        (
            {"words": (WORDS, OTHERS, WORDS._replace(requires=()))},
            "2.15.0: two words for one platform",
        ),
        (
            {"words": (WORDS._replace(requires=(requirement("absl-py"),)), OTHERS)},
            "absl-py is not kept of a companion",
        ),
        (
            {"words": (WORDS._replace(extras=(Extra(name="tf", requires=()),)), OTHERS)},
            "extras out of order, or one is empty",
        ),
    ],
)
def test_companions(changes, fault):
    faults = list(companion_faults("tensorflow-text", FILE_OF_TEXT._replace(**changes)))
    assert any(fault in told for told in faults), faults


def test_a_file_of_no_companion_is_told(tmp_path):
    store = write_usual_base(tmp_path)
    write(tmp_path / "companions" / "requests.yaml", dump(FILE_OF_TEXT, "x"))
    faults = validate(store)
    assert any("companions/requests.yaml: is no companion" in fault for fault in faults)


NOTE = CompanionNote(
    companion="tensorflow-text",
    releases=Specifier("==2.15.0"),
    tensorflow=Specifier(">=2.15"),
    told="it does not load",
    wheels=("tensorflow_text-2.15.0-py3-none-any.whl",),
)
TIE = CompanionTie(companion="tensorflow-text", by="Python", told="x", wheels=NOTE.wheels)


def faults_of(note=NOTE, ties=(TIE,)):
    file = CompanionNotesFile(format=1, notes=(note,), ties=ties)
    return list(notes_faults(file, {"tensorflow-text": FILE_OF_TEXT}, {"2.15.0", "2.16.1"}))


def test_sound_notes_have_no_fault():
    assert faults_of() == []


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"companion": "requests"}, "is no companion; mend its name"),
        ({"wheels": ()}, "names no source and no wheel"),
        ({"wheels": ("keras-3.0.0-py3-none-any.whl",)}, "is a wheel of something else"),
        ({"releases": Specifier("==9")}, "no release is meant"),
        ({"tensorflow": Specifier(">=3")}, "no TensorFlow is meant"),
        ({"asks": Specifier(">=2"), "needs": (requirement("tf-keras"),)}, "make two rows of it"),
    ],
)
def test_notes(changes, fault):
    assert any(fault in told for told in faults_of(NOTE._replace(**changes)))


def test_ties_stand_once_and_in_order():
    assert any("list each companion once" in told for told in faults_of(ties=(TIE, TIE)))
