"""What companions state of TensorFlow, and the newest that goes with a series."""

import pytest

from kb.base.model import (
    CompanionFile,
    CompanionNote,
    CompanionRelease,
    CompanionWords,
    Extra,
)
from kb.base.requirement import Requirement, Specifier
from kb.base.store import Store
from kb.base.versions import series
from kb.facts.companions import (
    Beside,
    going_with,
    installs_on,
    stated,
)

LINUX = "linux-x86_64"
STORE = Store()
NOTES = STORE.companion_notes().notes


def beside(release, python="3.11", platform=LINUX, requires=()):
    return Beside(release, python, platform, tuple(map(Requirement, requires)))


def newest(file, tensorflow, notes=()):
    return next(going_with(file, tensorflow, notes), None)


def made_up(*releases):
    """A companion of these (release, requirements, extras), each with a wheel for any Python 3."""
    return CompanionFile(
        format=1,
        companion="tensorflow-text",
        releases=tuple(
            CompanionRelease(release=name, released="2024-01-01", wheels=("3 on any",))
            for name, _, _ in releases
        ),
        words=tuple(
            CompanionWords(
                releases=(name,),
                requires=tuple(map(Requirement, requires)),
                extras=tuple(
                    Extra(extra, tuple(map(Requirement, lines))) for extra, lines in extras.items()
                ),
            )
            for name, requires, extras in releases
        ),
    )


@pytest.mark.parametrize(
    ("companion", "tensorflow", "verdict", "by", "bounds"),
    [
        ("tensorflow-text 2.19.0", "2.18.1", "refused", "requirement", "<2.20,>=2.19.0"),
        ("tensorflow-text 2.18.1", "2.18.1", "goes", "requirement", "<2.19,>=2.18.0"),
        ("tensorflow-text 2.16.1", "2.16.1", "goes", "requirement", "<2.17,>=2.16.1"),
        ("tensorflow-decision-forests 1.5.0", "2.16.1", "refused", "requirement", "~=2.13.0"),
        ("tensorflow-decision-forests 1.9.0", "2.18.0", "refused", "requirement", "~=2.16.1"),
        ("tensorflow-decision-forests 1.11.0", "2.18.0", "goes", "requirement", "==2.18.0"),
        ("tensorflow-decision-forests 1.11.0", "2.18.1", "refused", "requirement", "==2.18.0"),
        ("tensorflow-serving-api 2.15.1", "2.12.0", "refused", "requirement", "<3,>=2.15.1"),
        ("tf-models-official 2.15.0", "2.10.1", "refused", "requirement", "~=2.15.0"),
        ("tensorflow-io 0.37.1", "2.18.0", "outside", "extra", "<2.17.0,>=2.16.0"),
        ("tensorflow-io 0.37.1", "2.16.2", "goes", "extra", "<2.17.0,>=2.16.0"),
        ("tensorflow-addons 0.18.0", "2.10.1", "goes", "extra", "<2.11.0,>=2.8.0"),
        ("tensorflow-addons 0.23.0", "2.16.1", "outside", "note", "<2.16.0,>=2.13.0"),
        ("tensorflow-probability 0.25.0", "2.17.1", "outside", "note", ">=2.16"),
        ("tensorflow-probability 0.25.0", "2.18.0", "open", "extra", ">=2.16"),
        ("tensorflow-probability 0.23.0", "2.15.1", "open", "note", None),
        ("tensorflow-probability 0.23.0", "2.14.1", "outside", "note", None),
        ("tensorflow-probability 0.23.0", "2.16.1", "outside", "note", None),
        ("tensorflow-hub 0.16.1", "2.18.0", "silent", None, None),
        ("tensorflow-serving-api 1.10.0", "1.15.5", "unreadable", "requirement", "<2,>=1.2.0"),
    ],
)
def test_what_real_releases_state(companion, tensorflow, verdict, by, bounds):
    name, release = companion.split()
    found = stated(STORE.companion(name), release, beside(tensorflow), NOTES)
    assert (found.verdict, found.by) == (verdict, by)
    assert (found.requirement and found.requirement.specifier) == bounds


def test_probability_needs_tf_keras_from_2_16_on():
    file = STORE.companion("tensorflow-probability")
    assert stated(file, "0.25.0", beside("2.18.0"), NOTES).needs == ("tf-keras>=2.16",)
    assert stated(file, "0.23.0", beside("2.15.1"), NOTES).needs == ()


@pytest.mark.parametrize(
    ("companion", "expected"),
    [
        (
            "tensorflow-text",
            {"2.14": "2.14.0", "2.15": "2.15.0", "2.16": "2.16.1", "2.17": "2.17.0"}
            | {"2.18": "2.18.1", "2.19": "2.19.0"},
        ),
        ("tensorflow-io", {"2.14": "0.35.0", "2.15": "0.36.0", "2.16": "0.37.1"}),
        ("tensorflow-addons", {"2.14": "0.23.0", "2.15": "0.23.0"}),
        (
            "tensorflow-probability",
            {"2.14": "0.22.1", "2.15": "0.23.0", "2.16": "0.24.0", "2.17": "0.24.0"}
            | {"2.18": "0.25.0", "2.19": "0.25.0"},
        ),
        # 1.14.0 asks for less than 3 and knew nothing of 2.18, which 1.17.0 leaves out
        (
            "tensorflow-transform",
            {"2.14": "1.14.0", "2.15": "1.15.0", "2.16": "1.16.0", "2.17": "1.17.0"},
        ),
        ("tensorflow-hub", {}),
    ],
)
def test_the_newest_for_each_series(companion, expected):
    releases = ("2.14.1", "2.15.1", "2.16.1", "2.16.2", "2.17.1", "2.18.0", "2.18.1", "2.19.1")
    file = STORE.companion(companion)
    found = {series(release): newest(file, beside(release), NOTES) for release in releases}
    assert {name: best.release for name, best in found.items() if best} == expected


def test_a_wheel_and_the_python_decide_what_installs():
    text = STORE.companion("tensorflow-text")
    assert newest(text, beside("2.17.0", platform="windows-x86_64"), NOTES) is None
    assert newest(text, beside("2.17.0", python="3.12"), NOTES) is None
    io = STORE.companion("tensorflow-io")
    listed = {release.release: release for release in io.releases}
    # 0.37.0 has a wheel for 3.12 and does not take that Python
    assert not installs_on(io, listed["0.37.0"], "3.12", LINUX)
    assert installs_on(io, listed["0.37.1"], "3.12", LINUX)


def test_what_tensorflow_requires_counts_as_well():
    keras = STORE.companion("keras")
    asked = beside("2.15.1", requires=("keras<2.16,>=2.15.0",))
    assert stated(keras, "3.0.0", asked).verdict == "refused"
    assert stated(keras, "3.0.0", asked).by == "tensorflow"
    found = newest(keras, asked)
    assert found is not None
    assert (found.release, found.verdict) == ("2.15.0", "goes")


def test_a_withdrawn_release_is_not_offered():
    file = made_up(("1.0", ["tensorflow<2.16"], {}), ("1.1", ["tensorflow<2.16"], {}))
    first, second = file.releases
    file = file._replace(releases=(first, second._replace(yanked="broken")))
    assert [found.release for found in going_with(file, beside("2.15.1"))] == ["1.0"]


def test_another_distribution_that_comes_along_is_told_and_not_offered():
    bound = 'tensorflow-macos>=2.9; sys_platform == "darwin"'
    file = made_up(("1.0", [bound], {}))
    mac = beside("2.18.0", platform="macos-arm64")
    assert stated(file, "1.0", mac).brings == ("tensorflow-macos",)
    assert newest(file, mac) is None
    own = beside("2.15.0", platform="macos-arm64", requires=("tensorflow-macos==2.15.0",))
    assert newest(file, own) is not None
    assert stated(file, "1.0", beside("2.18.0")).verdict == "silent"


def test_extras_that_are_not_tensorflows_own_state_nothing():
    file = made_up(("1.0", [], {"tests": ["tensorflow<2.3"]}))
    assert stated(file, "1.0", beside("2.15.0")).verdict == "silent"


def test_what_is_required_always_beats_an_extra():
    file = made_up(("1.0", ["tensorflow>=2.16,<2.17"], {"tensorflow": ["tensorflow<2.16"]}))
    assert stated(file, "1.0", beside("2.16.1")).verdict == "goes"


def test_a_bound_at_the_next_major_version_is_open():
    for bound, verdict in {
        "<3": "open",
        "<3.0": "open",
        "<2.16": "goes",
        "~=2.15.0": "goes",
    }.items():
        file = made_up(("1.0", [f"tensorflow{bound}"], {}))
        assert stated(file, "1.0", beside("2.15.0")).verdict == verdict
    file = made_up(("1.0", ["tensorflow<2"], {}))
    assert stated(file, "1.0", beside("1.15.0")).verdict == "open"


def test_a_bound_on_a_pre_release_as_people_spell_it_is_read():
    file = made_up(("1.0", [], {}), ("1.1", ["tensorflow==2.0.0-rc1"], {}))
    found = newest(file, beside("2.1.0"))
    assert found is None
    assert stated(file, "1.1", beside("2.1.0")).verdict == "refused"


def test_words_of_one_platform_count_there_alone():
    file = made_up(("1.0", ["tensorflow<2.16"], {}))
    (words,) = file.words
    mac = words._replace(platforms=("macos-arm64",), requires=(Requirement("tensorflow<2.15"),))
    file = file._replace(words=(words._replace(platforms=(LINUX,)), mac))
    assert stated(file, "1.0", beside("2.15.0")).verdict == "goes"
    assert stated(file, "1.0", beside("2.15.0", platform="macos-arm64")).verdict == "refused"


def test_a_note_counts_for_its_releases_alone():
    note = CompanionNote(
        companion="tensorflow-text",
        releases=Specifier("<1.1"),
        tensorflow=Specifier(">=2.15"),
        told="it does not load",
    )
    file = made_up(("1.0", ["tensorflow<2.16"], {}), ("1.1", ["tensorflow<2.16"], {}))
    asked = beside("2.15.0")
    assert stated(file, "1.0", asked, [note]).verdict == "outside"
    assert stated(file, "1.0", asked, [note]).note == note
    assert stated(file, "1.1", asked, [note]).verdict == "goes"
    assert stated(file, "1.0", beside("2.14.0"), [note]).verdict == "goes"
