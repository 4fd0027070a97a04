"""`check`, from the real knowledge base: which way out comes first, for what it holds, and what is
not judged.
"""

import json

import pytest

from kb import command_line
from kb.base.store import Store
from kb.check.answer import check

STORE = Store()


@pytest.fixture
def checked(tmp_path):
    """Check lines for a Python and a platform, where they are given."""

    def run(*lines, python=None, platform=None, name="requirements.txt"):
        path = tmp_path / name
        path.write_text("\n".join(lines) + "\n")
        return check(STORE, path, platform, python)

    return run


def ways(finding):
    return [way.told for way in finding.ways_out]


def test_where_the_file_raises_a_bound_the_release_that_takes_it_comes_first(checked):
    lines = ("tensorflow==2.13", "typing_extensions>=4.6", "pydantic>=2")
    (finding,) = checked(*lines).findings
    assert ways(finding)[0].startswith("ask for tensorflow==2.14.0")


def test_the_newest_python_comes_first_with_what_it_needs_besides(checked):
    lines = ("tensorflow==1.15", "keras==2.3.1", "numpy==1.16.4")
    (finding,) = checked(*lines, python="3.8").findings
    first, second, third = ways(finding)
    assert first == "use Python 3.7, and ask for h5py<3 and protobuf<4"
    assert second == "or use Python 2.7, 3.5, for which 1.15.0 has wheels"
    assert third.endswith("its API is another, as `python -m kb diff 1.15 2.2` tells")


def test_a_release_of_the_same_api_comes_without_a_caveat(checked):
    (finding,) = checked("tensorflow==2.13.0", python="3.12").findings
    assert not [way for way in ways(finding) if "API" in way]


@pytest.mark.parametrize("beside", ["keras==2.15", "numpy==1.24"])
def test_what_fits_on_some_pythons_alone_gets_ways_out_for_the_others(beside, checked):
    (finding,) = checked("tensorflow", beside).findings
    assert "on Python 3.12-3.13, which requires" in finding.text
    assert finding.text.endswith("in the range there")
    assert "or keep to Python 3.10-3.11" in ways(finding)
    assert not [way for way in ways(finding) if "tensorflow==2.15.1" in way]
    for way in finding.ways_out[:2]:
        lines = [*way.change.asks, "tensorflow"]
        lines += [beside] if not way.change.asks else []
        for python in way.change.pythons or ("3.12",):
            then = checked(*lines, python=python)
            assert not [one for one in then.findings if one.rule == "bounds"]


def test_a_placeholder_is_left_for_the_release_that_is_asked_for(checked):
    (finding,) = checked("tensorflow-gpu==2.12.0", "numpy==1.24").findings
    assert ways(finding)[0] == "ask for tensorflow==2.12.*, which has CUDA too since 2.1"


def test_of_two_tensorflows_one_can_be_kept_though_both_have_another_fault(checked):
    lines = ("tensorflow-cpu==2.9.1", "tensorflow==2.10.0", "protobuf==3.20.3")
    twins = next(one for one in checked(*lines).findings if one.rule == "twins")
    (way,) = ways(twins)
    assert way.startswith("keep one of them, and mend what else is found")


def test_the_same_pins_are_told_in_the_same_words(checked):
    fixes = {way for finding in checked("tensorflow==1.15").findings for way in ways(finding)}
    assert fixes == {"add h5py<3 and protobuf<4"}


@pytest.mark.parametrize(
    ("name", "lines", "what"),
    [
        ("environment.yml", ("name: x",), "an environment file of conda"),
        ("x.txt", ("channels:", "  - a", "dependencies:", "  - tensorflow=2.15"), "of conda"),
        ("Pipfile", ("[packages]", 'tensorflow = "*"'), "a Pipfile"),
        ("uv.lock", ("version = 1",), "a lock file"),
        ("setup.py", ("from setuptools import setup",), "a setup.py"),
    ],
)
def test_a_file_of_another_format_is_told_once(name, lines, what, checked):
    found = checked(*lines, name=name)
    (finding,) = found.findings
    assert (finding.severity, found.asks) == ("error", False)
    assert what in finding.text
    assert "requirements file" in finding.ways_out[0].told


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("tensorfow==2.15", "tensorflow"),
        ("tensorlfow", "tensorflow"),
        ("tensor-flow", "tensorflow"),
        ("tensorfloww", "tensorflow"),
        ("tensorflow-cpi", "tensorflow-cpu"),
        ("tf-nigthly", "tf-nightly"),
    ],
)
def test_a_name_that_is_nearly_one_of_tensorflow_is_told(name, meant, checked):
    (finding,) = checked("numpy", name).findings
    assert (finding.rule, finding.line) == ("name", 2)
    assert ways(finding) == [f"ask for {meant}, if that is meant"]


@pytest.mark.parametrize("name", ["tensorflowjs", "tensorflow-text", "tensorflow-gnn", "torch"])
def test_a_name_of_another_project_is_no_slip(name, checked):
    assert not [one for one in checked(name).findings if one.rule == "name"]


def test_what_nobody_looked_at_is_said_to_be_unjudged(tmp_path, capsys):
    path = tmp_path / "requirements.txt"
    path.write_text("tensorflow==2.18.0\nnumpy\nkeras\nflask\npydantic>=2\n")
    assert command_line.main(["check", str(path)]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert shown.endswith("not judged: the requirements of flask and pydantic")
    command_line.main(["check", str(path), "--json"])
    unjudged = json.loads(capsys.readouterr().out)["unjudged"]
    assert unjudged == [{"file": str(path), "names": ["flask", "pydantic"]}]


def test_nothing_is_unjudged_where_all_is_known(checked):
    assert checked("tensorflow==2.18.0", "numpy", "tensorflow-text", "torch").unjudged == ()


def test_braces_in_the_name_of_a_file_are_no_words_to_fill_in(tmp_path, checked):
    (tmp_path / "a{x}.txt").write_text("tensorflow==2.18.*\n")
    found = checked("-r a{x}.txt", "tensorflow-cpu==2.15.0", "numpy>=2").findings
    (twins,) = [finding for finding in found if finding.rule == "twins"]
    (way,) = ways(twins)
    assert way.startswith("keep tensorflow: leave tensorflow-cpu out; tensorflow stands at ")
    assert way.endswith("a{x}.txt:1")
