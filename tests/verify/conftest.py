"""A machine for runs, with an index of its own."""

import shutil
import subprocess

import pytest

from kb.base.store import DATA
from tests.scraper.local_index import LocalIndex
from tests.verify.stand_in_gh import Gh
from tests.verify.workbench import Workbench


@pytest.fixture
def workbench(tmp_path, tmp_path_factory, monkeypatch):
    """Yield the machine of a user who has one Python and no GPU."""
    with LocalIndex() as index:
        machine = Workbench(tmp_path, index)
        machine.settle(monkeypatch, tmp_path_factory.getbasetemp() / "made")
        yield machine


# What is known of runs, which tests make themselves.
OF_RUNS = ("evidence", "attestations.yaml", "senders.yaml", "signers.yaml")


@pytest.fixture
def data(tmp_path):
    """Return a copy of the knowledge base without any evidence, and with empty ledgers."""
    return shutil.copytree(DATA, tmp_path / "data", ignore=shutil.ignore_patterns(*OF_RUNS))


@pytest.fixture
def gh(tmp_path, monkeypatch):
    """Return what stands for GitHub's program."""
    return Gh(tmp_path, monkeypatch)


@pytest.fixture
def certificate(tmp_path):
    """Return the path of a certificate for localhost, with its key."""
    if shutil.which("openssl") is None:
        pytest.skip("no openssl here")
    path = tmp_path / "certificate.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    command += [
        "-nodes",
        "-days",
        "2",
        "-batch",
        "-subj",
        "/CN=localhost",
        "-addext",
        "subjectAltName=DNS:localhost",
    ]
    command += ["-keyout", path, "-out", tmp_path / "c"]
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
    path.write_text(path.read_text() + (tmp_path / "c").read_text())
    return path
