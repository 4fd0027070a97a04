"""The cases of tests/cases/find.yaml, against Python."""

from pathlib import Path

import pytest
import yaml

from kb.answers.comparison import MachineQuestion
from kb.answers.fits import find
from kb.base.store import Store
from kb.base.versions import key, series
from kb.facts.gpu_names import normalised
from kb.index.records import open_index

FILE = yaml.safe_load(
    (Path(__file__).parents[1] / "cases" / "find.yaml").read_text(encoding="utf-8")
)
CASES = FILE["cases"]
KEYS = {
    "name",
    "question",
    "answer",
    "newest",
    "setup",
    "caveats",
    "fits",
    "rejected",
    "instead",
    "because",
}


@pytest.fixture(scope="module")
def index():
    """Open the index of the real knowledge base."""
    return open_index(Store())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_case_is_answered_as_it_says(case, index):
    assert set(case) <= KEYS
    found = find(index, MachineQuestion(**case["question"]))
    answer = found.answer
    if "answer" in case:
        told = None if answer is None else answer._asdict()
        expected = case["answer"]
        assert (told is None) == (expected is None)
        assert {name: told[name] for name in expected or ()} == (expected or {})
    if "newest" in case:
        assert key(answer.release) >= key(case["newest"])
    for text in case.get("setup", ()):
        assert text in "\n".join(answer.setup)
    for text in case.get("caveats", ()):
        assert text in answer.caveats
    for text in case.get("because", ()):
        assert text in answer.because
    fitting = {series(one.release) for one in (answer, *found.also) if one}
    assert set(case.get("fits", ())) <= fitting
    rejected = {one.series: [[r.rule, r.text] for r in one.reasons] for one in found.rejected}
    for name, reasons in case.get("rejected", {}).items():
        assert rejected[name] == reasons
    instead = {one.series: [t for r in one.reasons for t in r.instead] for one in found.rejected}
    for name, texts in case.get("instead", {}).items():
        assert instead[name] == texts


@pytest.mark.parametrize(("name", "capability"), FILE["gpus"].items())
def test_a_name_is_found_in_the_index(name, capability, index):
    key = normalised(name)
    assert [one for one, names in index.gpus.items() if key in names] == [capability]


def test_each_rule_has_a_case():
    """All but those that the evidence of the day decides: they are tested on a small base."""
    rules = {
        rule
        for case in CASES
        for reasons in case.get("rejected", {}).values()
        for rule, _ in reasons
    }
    assert rules == {
        *("python", "platform", "device", "compute-capability", "toolkit", "driver", "cuda"),
        *("glibc", "macos", "problem"),
    }
