"""Bounds as people write them, for any two versions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.requirements import Requirement
from packaging.version import Version

from verify.repairing.loosening import bounds, loosest

NUMBERS = st.lists(st.integers(0, 40) | st.integers(2020, 2030), min_size=1, max_size=4)
VERSIONS = st.builds(
    lambda parts, more: ".".join(map(str, parts)) + more,
    NUMBERS,
    st.sampled_from(["", "", "", "rc1", ".post1", ".dev3"]),
)


def admits(requirement, version):
    return Requirement(requirement).specifier.contains(version, prereleases=True)


@pytest.mark.parametrize(
    ("works", "fails", "expected"),
    [
        ("1.23.5", "2.0.2", "<2 <1.24 ==1.23.5"),
        ("3.19.6", "7.35.0", "<7 <6 <5 <4 <3.20 ==3.19.6"),
        ("2.6.0", "2.9.0", "<2.9 <2.8 <2.7 ==2.6.0"),
        ("9.10.1.4", "9.11.0.98", "<9.11 ==9.10.1.4"),
        ("1.4.1", "1.4.3", "<1.4.3 <1.4.2 ==1.4.1"),
        ("22.0", "22.0.post1", "==22.0"),
        ("3", "5.1", "<5 <4 <3.1 ==3"),
        ("1.16.0", None, " <2 <1.17 ==1.16.0"),
    ],
)
def test_bounds_run_from_the_loosest_to_the_exact_version(works, fails, expected):
    assert bounds("it", works, fails) == tuple(f"it{end}" for end in expected.split(" "))


@given(VERSIONS, VERSIONS)
def test_every_bound_admits_what_works_and_keeps_out_what_fails(works, fails):
    works, fails = sorted((works, fails), key=Version)
    found = bounds("it", works, fails)
    assert found[-1] == f"it=={works}"
    assert len(found) < 70
    assert all(admits(one, works) for one in found)
    assert not any(admits(one, fails) for one in found[:-1])


@given(VERSIONS, VERSIONS, VERSIONS)
def test_each_bound_is_tighter_than_the_one_before(works, fails, between):
    works, fails = sorted((works, fails), key=Version)
    admitted = [admits(one, between) for one in bounds("it", works, fails)]
    newer = Version(between) > Version(works)
    assert not newer or admitted == sorted(admitted, reverse=True)


@given(st.integers(1, 70), st.data())
def test_the_loosest_that_passes_is_found_in_few_trials(length, data):
    requirements = [f"it<{number}" for number in range(length, 0, -1)]
    first = data.draw(st.integers(0, length - 1))
    asked = []

    def passes(requirement):
        asked.append(requirement)
        return requirements.index(requirement) >= first

    assert loosest(requirements, passes) == requirements[first]
    assert len(set(asked)) == len(asked) <= 7


@given(st.lists(st.booleans(), max_size=20))
def test_what_is_returned_has_passed_or_is_the_last(answers):
    requirements = [f"it<{number}" for number in range(len(answers), -1, -1)]
    passed = dict(zip(requirements, answers, strict=False))
    found = loosest(requirements, passed.__getitem__)
    assert found == requirements[-1] or passed[found]
