"""A machine for runs, with an index of its own."""

import pytest

from tests.scraper.local_index import LocalIndex
from tests.verify.workbench import Workbench


@pytest.fixture
def workbench(tmp_path, tmp_path_factory, monkeypatch):
    """Yield the machine of a user who has one Python and no GPU."""
    with LocalIndex() as index:
        machine = Workbench(tmp_path, index)
        machine.settle(monkeypatch, tmp_path_factory.getbasetemp() / "made")
        yield machine
