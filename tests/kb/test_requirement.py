"""Requirements: what the reader takes, held against `packaging`; and what it refuses."""

import copy
import json
import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging import requirements, specifiers

from kb.base.documents import DocumentError, parse
from kb.base.model import Extra
from kb.base.requirement import Bound, InvalidRequirement, Requirement, Specifier
from kb.base.store import Store
from kb.base.writing import dump
from tests.kb.model_strategies import requirement_texts, specifier_texts

PROPERTY = settings(deadline=None, derandomize=True, max_examples=100)


def agrees(text):
    """Check that a text means the same to both readers."""
    ours, theirs = Requirement(text), requirements.Requirement(text)
    assert ours == text
    assert (ours.name, set(ours.extras)) == (theirs.name, theirs.extras)
    bounds = {(one.operator, one.version) for one in theirs.specifier}
    assert {tuple(one) for one in ours.specifier.bounds} == bounds
    assert (ours.marker is None) == (theirs.marker is None)
    if ours.marker is not None:
        assert str(requirements.Marker(ours.marker)) == str(theirs.marker)


def test_a_requirement_has_parts_and_is_its_text():
    one = Requirement('tensorflow[and-cuda]<2.16,>=2.15; python_version < "3.12"')
    assert (one.name, one.extras) == ("tensorflow", ("and-cuda",))
    assert one.specifier == "<2.16,>=2.15"
    assert one.specifier.bounds == (Bound("<", "2.16"), Bound(">=", "2.15"))
    assert one.marker == 'python_version < "3.12"'
    assert json.dumps([one]) == json.dumps([str(one)])


def test_a_bare_name_is_a_requirement():
    one = Requirement("wheel")
    assert (one.name, one.extras, one.specifier.bounds, one.marker) == ("wheel", (), (), None)


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("==8.9.4.25", "8.9.4.25"),
        ("==2.15.*", None),
        ("~=2.15.0", None),
        ("<10,>=9.3", None),
        ("", None),
    ],
)
def test_bounds_are_exact_where_they_let_one_version_in(text, version):
    assert Specifier(text).exact == version


@PROPERTY
@given(requirement_texts())
def test_what_packaging_writes_means_the_same(text):
    agrees(str(requirements.Requirement(text)))


@PROPERTY
@given(specifier_texts())
def test_bounds_that_packaging_writes_mean_the_same(text):
    bounds = {(one.operator, one.version) for one in specifiers.SpecifierSet(text)}
    assert {tuple(one) for one in Specifier(text).bounds} == bounds


@PROPERTY
@given(requirement_texts(), st.data())
def test_what_is_taken_is_a_requirement_for_packaging_too(text, data):
    place = data.draw(st.integers(0, len(text)))
    more = data.draw(st.sampled_from(["", *"[]()<>=!~;,. -*+vxX9\"'@\n"]))
    damaged = text[:place] + more + text[place + data.draw(st.integers(0, 2)) :]
    try:
        Requirement(damaged)
    except InvalidRequirement:
        return
    agrees(damaged)


def test_every_requirement_of_the_knowledge_base_means_the_same_to_packaging():
    store = Store()
    files = [store.series(name) for name in store.series_names()]
    files += [store.plugin(name) for name in store.plugin_names()]
    files += [store.resolutions(name) for name in store.resolutions_names()]
    texts = {text for text in _leaves((files, store.pins())) if isinstance(text, Requirement)}
    assert len(texts) > 500
    for text in texts:
        agrees(text)


def _leaves(value):
    if isinstance(value, (tuple, list)):
        for one in value:
            yield from _leaves(one)
    else:
        yield value


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "numpy below 2",
        "Numpy",
        "ml_dtypes",
        "numpy >=1",
        "numpy>=1, <2",
        "numpy<",
        "numpy<x",
        "numpy>=1.*",
        "numpy~=1",
        "numpy<1+local",
        "numpy[",
        "numpy[]",
        "numpy @ https://example.com/numpy.whl",
        "numpy; ",
        "numpy; python_version",
        "numpy; colour == 'red'",
        "numpy; python_version < '3'",
        'numpy; python_version < "3" and',
        'numpy; (python_version < "3"',
        'numpy; python_version < "3"\n',
        "numpy\x00",
        f'numpy; {"(" * 150}python_version < "3"{")" * 149}',
    ],
)
def test_a_text_that_is_no_requirement_is_refused_in_one_line(text):
    with pytest.raises(InvalidRequirement, match="is no requirement; write it as in") as refused:
        Requirement(text)
    assert str(refused.value).isprintable()
    assert len(str(refused.value)) < 200


def test_a_text_that_is_too_long_is_refused():
    Requirement("n" * 400)
    with pytest.raises(InvalidRequirement, match="does not match"):
        Requirement("n" * 401)


def test_the_border_says_where_a_text_is_no_requirement():
    raw = b"name: and-cuda\nrequires:\n- nvidia-nccl-cu12\n- Numpy <2\n"
    with pytest.raises(DocumentError) as refused:
        parse(raw, Extra, "some.yaml")
    start = "some.yaml:4: requires[1]: 'Numpy <2' is no requirement; write it as in `numpy<2,"
    assert str(refused.value).startswith(start)


def test_the_border_wants_a_text():
    with pytest.raises(DocumentError, match=r"requires\[0\]: a list is no text"):
        parse(b"name: gcs\nrequires: [[]]\n", Extra, "some.yaml")


def test_a_requirement_is_written_as_its_text():
    one = Extra("gcs", (Requirement("numpy<2"), Requirement('six; sys_platform == "linux"')))
    text = dump(one, "A comment.")
    assert parse(text.encode(), Extra, "some.yaml") == one
    assert "!!" not in text


@pytest.mark.parametrize(
    "copied", [copy.copy, copy.deepcopy, lambda o: pickle.loads(pickle.dumps(o))]
)
def test_a_copy_has_the_same_parts(copied):
    one = Requirement('keras[x]<3; sys_platform == "linux"')
    other = copied(one)
    assert (other, other.name, other.extras) == (one, "keras", ("x",))
    assert (other.specifier.bounds, other.marker) == (one.specifier.bounds, one.marker)


def test_a_requirement_of_the_packages_own_data_has_the_same_parts():
    text = 'keras[x,y]<3,>=2.15rc0; sys_platform == "linux"'
    own, other = Requirement.of_own(text), Requirement(text)
    assert (own, own.name, own.extras) == (other, "keras", ("x", "y"))
    assert (own.specifier.bounds, own.marker) == (other.specifier.bounds, other.marker)
