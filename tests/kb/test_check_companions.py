"""`check` on the companions that a project asks for, from the real knowledge base."""

import pytest

from kb.base.store import Store
from kb.check.answer import check

STORE = Store()


@pytest.fixture
def findings(tmp_path):
    """Check lines for a Python and a platform, where they are given."""

    def run(*lines, python=None, platform=None):
        path = tmp_path / "requirements.txt"
        path.write_text("\n".join(lines) + "\n")
        return check(STORE, path, platform, python).findings

    return run


def ways(finding):
    return [way.told for way in finding.ways_out]


@pytest.mark.parametrize(
    ("lines", "python", "bounds", "fixes"),
    [
        (
            ("tensorflow==2.18.1", "tensorflow-text==2.19.0"),
            None,
            "tensorflow-text 2.19.0 requires tensorflow>=2.19.0,<2.20",
            ["ask for tensorflow-text==2.18.1", "or ask for tensorflow==2.19.0"],
        ),
        (
            ("tensorflow==2.16.1", "tensorflow-decision-forests==1.5.0"),
            "3.10",
            "tensorflow-decision-forests 1.5.0 requires tensorflow~=2.13.0",
            ["ask for tensorflow-decision-forests==1.9.1", "or ask for tensorflow==2.13.1"],
        ),
        (
            ("tensorflow==2.12.0", "tensorflow-serving-api==2.15.1"),
            "3.10",
            "tensorflow-serving-api 2.15.1 requires tensorflow>=2.15.1,<3",
            ["ask for tensorflow-serving-api==2.12.1", "or ask for tensorflow==2.15.1"],
        ),
        (
            ("tensorflow==2.18.0", "tensorflow-decision-forests==1.9.0"),
            "3.11",
            "tensorflow-decision-forests 1.9.0 requires tensorflow~=2.16.1",
            ["ask for tensorflow-decision-forests==1.11.0", "or ask for tensorflow==2.16.2"],
        ),
        (
            ("tensorflow==2.10.1", "numpy<2", "tf-models-official==2.15.0"),
            "3.9",
            "tf-models-official 2.15.0 requires tensorflow~=2.15.0",
            ["ask for tf-models-official==2.10.1", "or ask for tensorflow==2.15.0"],
        ),
    ],
)
def test_a_companion_that_refuses_the_release_is_an_error(lines, python, bounds, fixes, findings):
    (finding,) = findings(*lines, python=python)
    assert (finding.rule, finding.severity, finding.line) == ("companion", "error", len(lines))
    assert bounds in finding.text
    assert ways(finding) == fixes


def test_where_no_wheel_of_it_is_there_it_is_refused_all_the_same(findings):
    lines = ("tensorflow==2.16.1", "tensorflow-decision-forests==1.5.0")
    found = findings(*lines, python="3.10", platform="linux-aarch64")
    assert {one.rule for one in found} == {"companion", "companion-wheel"}
    assert {one.severity for one in found} == {"error"}


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        (("tensorflow==2.18.0", "tensorflow-io==0.37.1"), "asks for tensorflow<2.17.0,>=2.16.0"),
        (("tensorflow==2.16.1", "tensorflow-addons==0.23.0"), "it imports keras.src.engine"),
        (("tensorflow-cpu==2.18.0", "tensorflow-addons==0.23.0"), "it imports keras.src.engine"),
        (("tensorflow==2.18.0", "tensorflow-io", "tensorflow-hub"), "asks for tensorflow<2.17.0"),
        (("tensorflow==2.15.1", "tensorflow-probability"), "it checks for TensorFlow 2.18"),
    ],
)
def test_a_companion_that_installs_and_is_made_for_another_is_a_warning(lines, why, findings):
    (finding,) = findings(*lines, python="3.11", platform="linux-x86_64")
    assert (finding.rule, finding.severity, finding.line) == ("companion", "warning", 2)
    assert "installs beside" in finding.text
    assert why in finding.text
    assert finding.ways_out


@pytest.mark.parametrize(
    "lines",
    [
        ("tensorflow==2.18.1", "tensorflow-text"),
        ("tensorflow==2.18.1", "tensorflow-text==2.18.0"),
        ("tensorflow>=2.16,<2.19", "tensorflow-text==2.17.0"),
        ("tensorflow==2.15.1", "tensorflow-addons"),
        ("tensorflow==2.16.2", "tensorflow-io==0.37.1"),
        ("tensorflow==2.18.0", "tensorflow-decision-forests"),
        ("tensorflow==2.18.0", "tensorflow-probability", "tf-keras"),
        ("tensorflow==2.18.0", "tensorflow-probability[tf]"),
        ("tensorflow==2.18.0", "tensorflow-probability", "tensorflow-hub"),
        ("tensorflow==2.15.1", "tensorflow-probability==0.23.0"),
        ("tensorflow==2.18.0", "tensorflow-hub", "tensorflow-datasets", "tf-slim"),
        ("tensorflow==2.20.0", "keras==3.10.0"),
    ],
)
def test_what_goes_together_is_not_told_of(lines, findings):
    assert findings(*lines, python="3.11", platform="linux-x86_64") == ()


def test_a_companion_decides_which_release_is_taken(tmp_path):
    path = tmp_path / "requirements.txt"
    path.write_text("tensorflow>=2.16\ntensorflow-text==2.17.0\n")
    (taken,) = check(STORE, path, "linux-x86_64", "3.11").takes
    assert taken.release == "2.17.1"


def test_a_constraint_alone_asks_for_no_companion(findings, tmp_path):
    (tmp_path / "bounds.txt").write_text("tensorflow-text==2.19.0\n")
    lines = ("-c bounds.txt", "tensorflow==2.18.1")
    assert findings(*lines, python="3.11", platform="linux-x86_64") == ()


def test_what_it_needs_besides_is_told(findings):
    lines = ("tensorflow-cpu==2.18.0", "tensorflow-probability")
    (finding,) = findings(*lines, python="3.11", platform="linux-x86_64")
    assert (finding.rule, finding.severity, finding.line) == ("companion", "error", 2)
    assert "fails beside tensorflow-cpu 2.18.0 on Python 3.11 without tf-keras" in finding.text
    assert ways(finding) == ["add tf-keras==2.18.*"]
    assert finding.sources


def test_what_something_unknown_may_bring_is_a_warning(findings):
    lines = ("tensorflow==2.18.0", "tensorflow-probability", "somebodys-models")
    (finding,) = findings(*lines, python="3.11", platform="linux-x86_64")
    assert (finding.rule, finding.severity) == ("companion", "warning")


def test_a_companion_that_takes_another_python_is_told(findings):
    (finding,) = findings("tensorflow==2.20.0", "keras==3.11.3", python="3.9")
    assert (finding.rule, finding.severity) == ("companion-python", "error")
    assert finding.text == "keras==3.11.3 takes no Python 3.9: keras 3.11.3 requires Python >=3.10"
    assert ways(finding) == ["ask for keras==3.10.0"]


def test_on_some_pythons_it_is_a_warning(findings):
    (finding,) = findings("tensorflow==2.20.0", "keras==3.11.3", platform="linux-x86_64")
    assert (finding.rule, finding.severity) == ("companion-python", "warning")
    assert "use Python 3.10-3.13" in " ".join(ways(finding))


def test_another_distribution_that_comes_along_is_told(findings):
    lines = ("tensorflow-cpu==2.18.0", "tensorflow-text==2.18.1")
    (finding,) = findings(*lines, python="3.11", platform="linux-x86_64")
    assert (finding.rule, finding.severity, finding.line) == ("twins", "warning", 2)
    text = "tensorflow-text requires tensorflow, which is then installed over tensorflow-cpu"
    assert finding.text == text
    assert ways(finding) == ["ask for tensorflow==2.18.0 in place of tensorflow-cpu"]


def test_what_comes_over_another_version_does_not_go_with_it(findings):
    lines = ("tensorflow==2.16.1", "tensorflow-decision-forests==1.5.0")
    found = findings(*lines, python="3.10", platform="macos-arm64")
    assert [(one.rule, one.severity) for one in found] == [("companion", "error")]
    assert "requires tensorflow-macos~=2.13.0" in found[0].text


def test_a_companion_of_which_no_such_release_is_known_is_not_judged(findings):
    lines = ("tensorflow==2.18.0", "tensorflow-text==99")
    assert findings(*lines, python="3.11", platform="linux-x86_64") == ()


def test_what_it_requires_of_a_third_counts(findings):
    lines = ("tensorflow==2.17.1", "scann==1.4.0")
    (finding,) = findings(*lines, python="3.10", platform="linux-x86_64")
    assert (finding.rule, finding.severity, finding.line) == ("companion", "error", 2)
    assert "scann 1.4.0 requires numpy~=2.0, which leaves no numpy that both take" in finding.text
    assert ways(finding)[0] == "ask for scann==1.3.4"


def test_what_it_requires_of_another_companion_counts(findings):
    lines = ("tensorflow==2.15.1", "tf-models-official==2.15.0", "tensorflow-text==2.14.0")
    found = findings(*lines, python="3.10", platform="linux-x86_64")
    assert {(one.rule, one.severity) for one in found} == {("companion", "error")}


@pytest.mark.parametrize(
    ("lines", "python", "platform"),
    [
        (("tensorflow==2.17.1", "tensorflow-addons==0.20.0"), "3.12", "linux-x86_64"),
        (("tensorflow-cpu==2.16.1", "tensorflow-io-gcs-filesystem<0.35"), "3.12", None),
        (("tensorflow==2.17.0", "tensorflow-text==2.17.0"), "3.11", "windows-x86_64"),
    ],
)
def test_a_companion_without_a_wheel_is_an_error(lines, python, platform, findings):
    found = [one for one in findings(*lines, python=python, platform=platform) if one.line == 2]
    assert ("companion-wheel", "error") in {(one.rule, one.severity) for one in found}


def test_where_a_platform_lacks_its_wheel_and_others_have_it_nothing_is_told(findings):
    assert findings("tensorflow==2.18.1", "tensorflow-text==2.18.1", python="3.11") == ()


def test_where_no_release_can_be_had_none_counts(findings):
    lines = ("tensorflow==2.20.0", "tensorflow-compression")
    found = findings(*lines, python="3.11", platform="linux-x86_64")
    assert [(one.rule, one.severity) for one in found] == [("companion", "error")]


def test_a_torch_that_pins_other_cuda_libraries_is_refused_beside_and_cuda(findings):
    (found,) = findings("tensorflow[and-cuda]==2.18.0", "torch==2.5.1", python="3.11")
    assert (found.rule, found.severity, found.line) == ("torch", "error", 2)
    assert "torch 2.5.1 requires nvidia-cublas-cu12==12.4.5.8" in found.text
    assert "tensorflow[and-cuda] nvidia-cublas-cu12==12.5.3.2" in found.text
    assert ways(found) == [
        "give torch an environment of its own",
        "or leave [and-cuda] out, and compute on the CPU: ask for tensorflow==2.18.0",
    ]


@pytest.mark.parametrize(
    "lines",
    [
        ("tensorflow==2.18.0", "torch==2.5.1"),
        ("tensorflow[and-cuda]==2.20.0", "torch==2.9.0"),
        ("tensorflow[and-cuda]==2.18.0", "jax"),
    ],
)
def test_a_framework_whose_cuda_libraries_go_with_it_is_no_fault(lines, findings):
    assert findings(*lines, python="3.11") == ()


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (("tensorflow[and-cuda]==2.18.0", "torch"), "whether both then work is not judged"),
        (("tensorflow[and-cuda]==2.18.0", "jax[cuda12]"), "is not known: not judged"),
        (
            (
                "--extra-index-url https://example.org/cpu",
                "tensorflow[and-cuda]==2.18.0",
                "torch==2.5.1",
            ),
            "where another index may have it too, is not known: not judged",
        ),
    ],
)
def test_a_framework_of_which_it_cannot_be_told_is_not_judged(lines, told, findings):
    (found,) = findings(*lines, python="3.11")
    assert found.severity == "warning"
    assert told in found.text
    assert ways(found)


def test_beside_torch_no_release_is_offered_that_brings_another_cuda(findings):
    (found,) = findings("tensorflow[and-cuda]==2.16.1", "torch==2.2.0", python="3.11")
    assert not [way for way in ways(found) if "==2.14" in way]
    (found,) = findings("tensorflow[and-cuda]==2.18.0", "torch==2.9.0", python="3.11")
    assert "or ask for tensorflow[and-cuda]==2.20.0" in ways(found)
