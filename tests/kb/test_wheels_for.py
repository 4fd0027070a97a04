"""For which Pythons and platforms wheels are, written shortly and read again."""

import re
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.base.model import Platform, WheelsFor
from kb.facts.wheels_for import covered, has_wheel, is_in_order, written

PLATFORMS = get_args(Platform)


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ("py3-none-any", {("3", "any")}),
        ("py2.py3-none-any", {("2", "any"), ("3", "any")}),
        ("py37-none-any", {("3.7+", "any")}),
        ("cp310-abi3-win_amd64", {("3.10+", "windows-x86_64")}),
        ("cp39-cp39-macosx_10_9_universal2", {("3.9", "macos-x86_64"), ("3.9", "macos-arm64")}),
        ("cp37-cp37m-manylinux1_x86_64", {("3.7", "linux-x86_64")}),
        ("cp27-cp27mu-manylinux2010_x86_64", {("2.7", "linux-x86_64")}),
        ("py3-none-manylinux_2_27_aarch64", {("3", "linux-aarch64")}),
        ("cp38-cp38m-win_amd64", set()),
        ("cp39-cp310-win_amd64", set()),
        ("cp313-cp313t-manylinux_2_28_x86_64", set()),
        ("pp39-pypy39_pp73-manylinux2014_x86_64", set()),
        ("cp311-cp311-musllinux_1_1_x86_64", set()),
        ("cp311-cp311-win32", set()),
        ("cp311-cp311-manylinux2014_i686", set()),
    ],
)
def test_tags(tags, expected):
    assert covered(f"name-1.0-{tags}.whl") == expected


@pytest.mark.parametrize("file", ["name-1.0.tar.gz", "name.whl", "a-b-c-d-e-f-g.whl", ""])
def test_another_file_is_for_nothing(file):
    assert covered(file) == frozenset()


@pytest.mark.parametrize(
    ("texts", "python", "platform", "expected"),
    [
        (("3 on any",), "3.12", "linux-aarch64", True),
        (("2 on any",), "3.12", "linux-aarch64", False),
        (("3.8+ on linux-x86_64",), "3.12", "linux-x86_64", True),
        (("3.8+ on linux-x86_64",), "3.7", "linux-x86_64", False),
        (("3.8+ on linux-x86_64",), "3.12", "linux-aarch64", False),
        (("2.7, 3.9-3.11 on macos-arm64",), "3.10", "macos-arm64", True),
        (("2.7, 3.9-3.11 on macos-arm64",), "3.8", "macos-arm64", False),
    ],
)
def test_reading(texts, python, platform, expected):
    assert has_wheel(texts, python, platform) is expected


PYTHONS = [f"3.{minor}" for minor in range(5, 15)]


@given(st.sets(st.tuples(st.sampled_from(PYTHONS), st.sampled_from(PLATFORMS))))
def test_what_is_written_reads_back(pairs):
    texts = written(pairs)
    assert is_in_order(texts)
    assert all(re.fullmatch(WheelsFor.__metadata__[0], text) for text in texts)
    for python in PYTHONS:
        for platform in PLATFORMS:
            assert has_wheel(texts, python, platform) is ((python, platform) in pairs)
