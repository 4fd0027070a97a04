"""A machine for runs, with an index of its own."""

import shutil
import subprocess

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
