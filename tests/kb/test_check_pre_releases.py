"""`python -m kb check` on what asks for pre-releases, or gets one unasked."""

import json

import pytest

from kb import command_line
from tests.kb.small_base import CPU, LINUX, one_build, series_file, write_base

NIGHTLY_KERAS = ("keras-nightly>=3.12.0.dev", "numpy>=1.26.0")


@pytest.fixture
def check(tmp_path, capsys):
    """Check a file's text on a base with 2.21.0, its candidate 2.22.0rc0 and a nightly."""
    candidate = one_build(
        "tensorflow", "2.22.0rc0", LINUX, "3.13 3.14", **CPU, requires=NIGHTLY_KERAS
    )
    nightly = one_build("tf-nightly", "2.23.0.dev20260101", LINUX, "3.14", **CPU)
    files = (
        series_file(
            "2.5",
            (
                one_build(
                    "tensorflow",
                    "2.5.0",
                    LINUX,
                    "3.9",
                    **CPU,
                    requires=("keras-nightly~=2.5.0.dev",),
                ),
            ),
        ),
        series_file("2.21", (one_build("tensorflow", "2.21.0", LINUX, "3.12 3.13", **CPU),)),
        series_file("2.22", (candidate,)),
        series_file("2.23", (nightly,)),
    )
    data = write_base(tmp_path / "data", *files).data

    def run(text, *arguments, name="requirements.txt", **beside):
        for other, content in beside.items():
            (tmp_path / f"{other}.txt").write_text(content)
        path = tmp_path / name
        path.write_text(text)
        status = command_line.main(["--data", data, "check", str(path), "--json", *arguments])
        return status, json.loads(capsys.readouterr().out)

    return run


def takes(document):
    return {(one["release"], one["kind"]): one["python"] for one in document["takes"]}


def findings(document):
    return [(one["rule"], one["severity"]) for one in document["findings"]]


def test_a_candidate_that_is_named_is_taken(check):
    status, document = check("tensorflow==2.22.0rc0\n")
    assert status == 0
    assert takes(document) == {("2.22.0rc0", "candidate"): ["3.13", "3.14"]}
    (told,) = document["findings"]
    assert (told["rule"], told["severity"]) == ("nightly", "warning")
    assert (
        "requires keras-nightly, a nightly, which pip installs over the files of keras"
        in (told["text"])
    )


@pytest.mark.parametrize(
    "text",
    [
        "--pre\ntensorflow\n",
        "tensorflow\n--pre  # all of them\n",
        "--extra-index-url https://example.org/x --pre\ntensorflow\n",
        "--all-releases tensorflow,numpy\ntensorflow\n",
        "--all-releases=:all:\ntensorflow\n",
        "--only-final tensorflow\n--pre\ntensorflow\n",
        "-c other.txt\ntensorflow\n",
        "-r other.txt\ntensorflow\n",
    ],
)
def test_pip_takes_a_candidate_where_pre_releases_are_let_in(text, check):
    status, document = check(text, other="--pre\n")
    assert status == 0
    assert takes(document) == {("2.22.0rc0", "candidate"): ["3.13", "3.14"]}
    (told,) = [one for one in document["findings"] if one["rule"] == "pre-release"]
    assert told["severity"] == "warning"
    assert "an option lets in pre-releases" in told["text"]
    assert "tensorflow==2.22.0rc0" in " ".join(told["fix"])


@pytest.mark.parametrize(
    "text", ["tensorflow\n", "--prefer-binary\ntensorflow\n", "--all-releases numpy\ntensorflow\n"]
)
def test_a_project_without_a_python_is_meant_for_those_of_the_newest_release(text, check):
    status, document = check(text)
    assert (status, findings(document)) == (0, [])
    assert takes(document) == {("2.21.0", "release"): ["3.12", "3.13"]}


@pytest.mark.parametrize("text", ["tensorflow\n", "tensorflow>=2.20,<3\n"])
def test_on_a_python_without_a_release_pip_takes_the_candidate(text, check):
    status, document = check(text, "--python", "3.14")
    assert status == 0
    assert takes(document) == {("2.22.0rc0", "candidate"): ["3.14"]}
    (told,) = [one for one in document["findings"] if one["rule"] == "pre-release"]
    assert "no release in the range has a wheel there" in told["text"]


@pytest.mark.parametrize("option", ["--only-final :all:", "--pre\n--only-final tensorflow"])
def test_final_releases_alone_leave_none_on_such_a_python(option, check):
    status, document = check(f"{option}\ntensorflow\n", "--python", "3.14")
    assert (status, takes(document)) == (1, {})
    (told,) = document["findings"]
    assert told["rule"] == "python"
    assert told["fix"] == ["use Python 3.12-3.13, for which 2.21.0 has wheels"]


def test_a_release_without_a_wheel_for_a_python_leads_to_the_candidate(check):
    status, document = check("tensorflow==2.21.0\n", "--python", "3.14")
    assert (status, takes(document)) == (1, {})
    (told,) = document["findings"]
    assert told["fix"][-1] == (
        "or, for Python 3.14, ask for the release candidate: tensorflow==2.22.0rc0"
    )


def test_a_range_of_pythons_is_told_where_only_the_candidate_serves(check):
    text = '[project]\nrequires-python = ">=3.12"\ndependencies = ["tensorflow>=2.20"]\n'
    status, document = check(text, name="pyproject.toml")
    assert status == 0
    assert takes(document)["2.21.0", "release"] == ["3.12", "3.13"]
    assert takes(document)["2.22.0rc0", "candidate"] == ["3.14"]
    (told,) = [one for one in document["findings"] if one["rule"] == "pre-release"]
    assert told["fix"][0] == "keep the project to Python 3.12-3.13"


@pytest.mark.parametrize(
    "text",
    [
        '[project]\ndependencies = ["tensorflow"]\n[tool.uv]\nprerelease = "allow"\n',
        '[tool.poetry.dependencies]\ntensorflow = {version = "^2.20", allow-prereleases = true}\n',
    ],
)
def test_uv_and_poetry_let_pre_releases_in_by_words_of_their_own(text, check):
    _, document = check(text, name="pyproject.toml")
    assert takes(document) == {("2.22.0rc0", "candidate"): ["3.13", "3.14"]}


def test_a_range_that_names_a_pre_release_lets_all_of_them_in(check):
    _, document = check("tensorflow>=2.20.0rc0\n")
    assert takes(document) == {("2.22.0rc0", "candidate"): ["3.13", "3.14"]}
    assert ("pre-release", "warning") in findings(document)


def test_a_candidate_comes_before_its_release_and_is_no_part_of_a_range_from_there(check):
    status, document = check("tensorflow>=2.22\n")
    assert (status, findings(document)) == (1, [("release", "error")])
    assert "2.22.0rc0 (release candidate)" in document["findings"][0]["fix"][0]
    _, document = check("tensorflow==2.22.*\n")
    assert takes(document) == {("2.22.0rc0", "candidate"): ["3.13", "3.14"]}


def test_an_older_candidate_may_be_there_all_the_same(check):
    status, document = check("tensorflow==2.21.0rc1\n")
    assert (status, findings(document)) == (0, [("release", "warning")])


@pytest.mark.parametrize("version", ["2.22.0rc0", "2.5.0"])
def test_keras_beside_its_own_nightly_is_an_error(version, check):
    status, document = check(f"tensorflow=={version}\nkeras\n")
    assert status == 1
    (told,) = document["findings"]
    assert (told["rule"], told["severity"], told["line"]) == ("nightly", "error", 2)
    assert "overwrite each other" in told["text"]


def test_a_release_that_brings_a_nightly_is_not_told_alone(check):
    assert findings(check("tensorflow==2.5.0\n")[1]) == []
    assert findings(check("tensorflow==2.5.0\n-c other.txt\n", other="keras<3\n")[1]) == []


def test_who_asks_for_the_nightly_is_not_told_that_it_is_one(check):
    status, document = check("tf-nightly\n")
    assert (status, findings(document)) == (0, [])
    assert takes(document) == {("2.23.0.dev20260101", "nightly"): ["3.14"]}


def test_the_newest_python_that_is_told_is_that_of_a_release(check):
    text = '[project]\nrequires-python = ">=3.15"\ndependencies = ["tensorflow"]\n'
    status, document = check(text, name="pyproject.toml")
    assert status == 1
    assert document["findings"][0]["fix"] == ["take in Python 3.13, the newest that has one"]
