"""What `find` advises passes its own test; `benchmarks/advice.py` puts 20,000 questions."""

import random

import pytest

from kb.base.store import Store
from tests.kb.advice import Advice

QUESTIONS = 500
SEED = 12


@pytest.fixture(scope="module")
def advice(tmp_path_factory):
    """Open the real knowledge base once."""
    return Advice(Store(), tmp_path_factory.mktemp("project"))


def test_every_advice_holds_and_no_question_ends_without_one(advice):
    draw = random.Random(SEED)
    asked = [advice.words(draw) for _ in range(QUESTIONS)]
    faults = [(words, fault) for words in asked for fault in advice.faults(words)]
    assert faults == []
