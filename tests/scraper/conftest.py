import functools
import os

import pytest

from kb.machine import index_setting
from kb.machine.index_setting import IndexSetting
from scraper import http, run
from scraper import index as distributions
from tests.scraper.local_index import LocalIndex
from tests.scraper.workbench import Workbench, stock


@pytest.fixture(autouse=True)
def _own_environment(tmp_path, monkeypatch):
    """Nothing of the user's: no settings of pip or proxies, another home, another cache."""
    for name in list(os.environ):
        if name.upper().startswith("PIP_") or name.upper().endswith("_PROXY"):
            monkeypatch.delenv(name)
    for name, folder in {"HOME": "home", "XDG_CACHE_HOME": "cache", "XDG_CONFIG_HOME": "c"}.items():
        monkeypatch.setenv(name, str(tmp_path / folder))
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture
def index():
    with LocalIndex() as local:
        stock(local)
        yield local


@pytest.fixture
def bench(index, tmp_path, monkeypatch, capsys):
    """A workbench with an empty knowledge base, whose setting names the local index."""
    monkeypatch.setattr(index_setting, "read", lambda: IndexSetting(index.address, None))
    monkeypatch.setattr(http, "open_session", functools.partial(http.open_session, backoff_s=0.0))
    monkeypatch.setattr(run, "THREADS", 2)  # on loopback more only wait for each other
    return Workbench(index, tmp_path, monkeypatch, capsys)


_kept: dict[str, dict[str, bytes]] = {}


def _filled(bench, name):
    """Fill the knowledge base by a scrape; its outcome is kept for the next test."""
    if name not in _kept:
        assert bench.scrape().status == 0
        _kept[name] = bench.contents()
        bench.index.forget()
    bench.restore(_kept[name])
    return bench


@pytest.fixture
def scraped(bench):
    """A workbench whose knowledge base holds all that the local index and the snapshot say."""
    return _filled(bench, "all")


@pytest.fixture
def narrow(bench, monkeypatch):
    """A workbench like `scraped`, for one distribution of the index alone, which is faster."""
    monkeypatch.setattr(distributions, "DISTRIBUTIONS", ("tensorflow",))
    bench.sources = ("index", "wheels")
    return _filled(bench, "tensorflow")
