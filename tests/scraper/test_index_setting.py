"""Which index is asked: the user's own, in pip's order; its secrets stay out of every message."""

import functools
import os

import pytest
from pypi_simple import PYPI_SIMPLE_ENDPOINT

from kb.base.errors import SourceFailed
from kb.machine import index_setting
from kb.machine.index_setting import IndexSetting
from scraper import http, run
from tests.scraper import local_index
from tests.scraper.workbench import Workbench


@pytest.fixture
def own(index, tmp_path, monkeypatch, capsys):
    """A workbench that asks pip for the index, with the tables of a snapshot."""
    monkeypatch.setattr(http, "open_session", functools.partial(http.open_session, backoff_s=0.0))
    monkeypatch.setattr(run, "THREADS", 2)
    return Workbench(index, tmp_path, monkeypatch, capsys)


def configuration(folder, text):
    file = folder / "pip.conf"
    file.write_text(text)
    return {**os.environ, "PIP_CONFIG_FILE": str(file)}


def test_the_environments_index_is_asked(own, monkeypatch):
    monkeypatch.setenv("PIP_INDEX_URL", own.index.address)
    result = own.scrape("index")
    assert (result.status, result.error) == (0, "")
    assert len(own.index.asked) == 13
    assert "tensorflow 2.15.0" in own.all_releases()


def test_the_index_of_pips_configuration_file_is_asked(own, monkeypatch, tmp_path):
    settings = configuration(tmp_path, f"[global]\nindex-url = {own.index.address}\n")
    monkeypatch.setenv("PIP_CONFIG_FILE", settings["PIP_CONFIG_FILE"])
    assert own.scrape("index").status == 0
    assert len(own.index.asked) == 13


def test_the_environment_goes_before_the_file_and_install_before_global(tmp_path):
    environment = configuration(
        tmp_path,
        "[global]\nindex-url = http://127.0.0.1/global/\ncert = /global.pem\n"
        "[install]\nindex-url = http://127.0.0.1/install/\n",
    )
    assert index_setting.read(environment) == IndexSetting(
        "http://127.0.0.1/install/", "/global.pem"
    )
    environment |= {"PIP_INDEX_URL": "http://127.0.0.1/own/", "PIP_CERT": "/own.pem"}
    assert index_setting.read(environment) == IndexSetting("http://127.0.0.1/own/", "/own.pem")


def test_without_a_setting_the_public_index_is_asked():
    setting = index_setting.read({**os.environ, "PIP_INDEX_URL": ""})
    assert setting == IndexSetting(PYPI_SIMPLE_ENDPOINT)


def test_a_configuration_that_cannot_be_read_is_none(tmp_path):
    setting = index_setting.read(configuration(tmp_path, "no section = here\n[[\n"))
    assert setting.address == PYPI_SIMPLE_ENDPOINT


def test_without_pip_the_environment_still_counts(monkeypatch):
    monkeypatch.setattr("sys.executable", "/nowhere/python")
    setting = index_setting.read({"PIP_INDEX_URL": "http://127.0.0.1/own/"})
    assert setting == IndexSetting("http://127.0.0.1/own/")


@pytest.mark.parametrize("address", ["file:///srv/index", "simple"])
def test_an_index_that_is_no_http_address_is_refused_without_naming_it(address):
    with pytest.raises(SourceFailed) as refused:
        index_setting.read({**os.environ, "PIP_INDEX_URL": address})
    assert str(refused.value) == "index: pip's index-url is no http address; set one that is"


def test_an_index_without_a_slash_at_its_end_is_asked(own, monkeypatch):
    monkeypatch.setenv("PIP_INDEX_URL", own.index.address.rstrip("/"))
    assert own.scrape("index").status == 0


SECRET = "opensesame"
FAULTS = {
    "404": local_index.status(404),
    "500": local_index.status(500),
    "html": local_index.body(b"<html>", "text/html"),
    "no json": local_index.body(b"{"),
    "no page": local_index.body(b"[]"),
    "circle": local_index.moved("/simple/tensorflow/"),
    "cut": local_index.breaks_off,
}


@pytest.fixture
def secret(bench, monkeypatch):
    """A workbench whose index's address holds credentials."""
    address = bench.index.address.replace("http://", f"http://user:{SECRET}@")
    monkeypatch.setattr(index_setting, "read", lambda: IndexSetting(address, None))
    return bench


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_credentials_of_the_index_stand_in_no_error(secret, fault):
    for path in ("/simple/tensorflow/", "/simple/tf-nightly/"):
        secret.index.fault(path, fault)
    error = secret.refused("index")
    assert error.startswith("index: ")
    assert SECRET not in error
    assert "127.0.0.1" not in error


def test_credentials_stand_in_no_error_about_a_wheel_either(secret):
    path = secret.index.add("tensorflow", "2.16.1")
    secret.index.entry(path)["url"] = f"../..{path}"
    secret.index.fault(path, local_index.ignores_range)
    run = secret.scrape()
    assert run.error.startswith("error: wheels: tensorflow-2.16.1-")
    assert SECRET not in run.error + "".join(run.states.values())


def test_credentials_stand_in_no_file_of_the_knowledge_base(secret):
    assert secret.scrape().status == 0
    for content in secret.contents().values():
        assert SECRET.encode() not in content
        assert b"127.0.0.1" not in content


def test_a_server_that_the_users_certificates_do_not_vouch_for_is_not_asked(
    own, monkeypatch, tmp_path
):
    missing = tmp_path / "no.pem"
    monkeypatch.setenv("PIP_INDEX_URL", own.index.address.replace("http://", "https://"))
    monkeypatch.setenv("PIP_CERT", str(missing))
    assert "the server's certificate is not trusted" in own.refused("index")
