"""What all tests of the knowledge base share."""

import pytest
from hypothesis import settings

from kb.answers.releases import VersionQuestion
from kb.base.store import Store
from kb.lookup.answer import Answer, lookup
from tests.kb.small_base import write_usual_base

# How long an example takes depends on the machine, not on the code.
settings.register_profile("no-deadline", deadline=None)
settings.load_profile("no-deadline")


@pytest.fixture(scope="session")
def real_answers() -> dict[str, Answer]:
    """Return the answers to a look-up of every series of the real knowledge base."""
    store = Store()
    return {name: lookup(store, VersionQuestion(version=name)) for name in store.series_names()}


@pytest.fixture(scope="session")
def usual_base(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Return a small knowledge base; tests only read it."""
    return write_usual_base(tmp_path_factory.mktemp("data"))
