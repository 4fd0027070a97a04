"""Narrowing down, for any suspects and any culprits among them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verify.repairing.narrowing import narrow

PACKAGES = tuple(f"package-{number}" for number in range(30))
SUSPECTS = st.lists(st.sampled_from(PACKAGES), unique=True, max_size=12)


class Trial:
    """A trial of suspects that notes what it was asked."""

    def __init__(self, passes):
        self.passes = passes
        self.asked = []

    def __call__(self, chosen):
        self.asked.append(chosen)
        return self.passes(chosen)


@st.composite
def suspects_and_culprits(draw):
    suspects = draw(SUSPECTS)
    culprits = draw(st.sets(st.sampled_from(suspects))) if suspects else set()
    return suspects, frozenset(culprits)


@st.composite
def any_predicate(draw):
    """Suspects, and whether each choice of them passes, without any order in it."""
    suspects = draw(st.lists(st.sampled_from(PACKAGES), unique=True, max_size=7))
    seed = draw(st.randoms(use_true_random=False))
    answers = {}
    return suspects, lambda chosen: answers.setdefault(chosen, seed.random() < 0.3)


@given(suspects_and_culprits())
def test_the_culprits_are_found_exactly(case):
    suspects, culprits = case
    trial = Trial(culprits.issubset)
    assert narrow(suspects, trial) == (culprits, len(trial.asked))


@given(SUSPECTS.filter(bool), st.data())
def test_of_several_ways_out_one_is_found_that_is_least(suspects, data):
    ways = data.draw(st.lists(st.frozensets(st.sampled_from(suspects)), min_size=1, max_size=4))
    found = narrow(suspects, lambda chosen: any(way <= chosen for way in ways)).culprits
    assert found in ways
    assert not any(way < found for way in ways)
    if min(map(len, ways)) == 1:
        assert len(found) == 1


@given(any_predicate())
def test_whatever_passes_the_answer_passes_and_none_of_it_can_be_left_out(case):
    suspects, passes = case
    found = narrow(suspects, passes).culprits
    if found is None:
        assert not passes(frozenset(suspects))
        return
    assert passes(found)
    assert found <= set(suspects)
    assert not any(passes(found - {one}) for one in found)


@given(any_predicate())
def test_no_trial_is_asked_twice_and_each_is_counted(case):
    suspects, passes = case
    trial = Trial(passes)
    narrowed = narrow(suspects, trial)
    assert len(set(trial.asked)) == len(trial.asked) == narrowed.trials


@pytest.mark.parametrize(
    ("culprits", "trials"),
    [
        ("package-0", 3),
        ("package-29", 32),
        ("package-0 package-1", 35),
        ("package-3 package-29", 63),
        ("package-0 package-1 package-2", 39),
    ],
)
def test_a_culprit_that_is_named_first_takes_few_trials(culprits, trials):
    assert narrow(PACKAGES, frozenset(culprits.split()).issubset).trials == trials


def test_either_of_two_beside_a_third_is_left_to_delta_debugging():
    def passes(chosen):
        return "package-7" in chosen and not chosen.isdisjoint({"package-4", "package-21"})

    culprits, trials = narrow(PACKAGES, passes)
    assert culprits in ({"package-7", "package-4"}, {"package-7", "package-21"})
    assert trials < 75
