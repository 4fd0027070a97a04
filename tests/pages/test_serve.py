"""`mkdocs serve` shows a change of the knowledge base or of a template while it runs."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from kb.index.build import build_index
from kb.index.records import document
from tests.kb.small_base import write_usual_base
from tests.pages.built_site import ROOT

_PATIENCE_S = 60.0


@pytest.fixture
def checkout(tmp_path):
    """Return a copy of what a build needs, with a small knowledge base in place of the real one."""
    for name in ("kb", "pages", "site"):
        ignored = shutil.ignore_patterns("__pycache__", "*.yaml", "index.json")
        shutil.copytree(ROOT / name, tmp_path / name, ignore=ignored)
    for name in ("mkdocs.yml", "mkdocs_hook.py"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "runs").mkdir()
    shutil.rmtree(tmp_path / "kb/data")
    store = write_usual_base(tmp_path / "kb/data")
    (tmp_path / "kb/data/index.json").write_text(document(build_index(store)), encoding="utf-8")
    return tmp_path


@pytest.fixture
def address(checkout):
    """Serve the checkout on loopback; yield the address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        place = f"127.0.0.1:{free.getsockname()[1]}"
    with (checkout / "said.txt").open("wb") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "mkdocs", "serve", "--strict", "-a", place],
            cwd=checkout,
            stdout=said,
            stderr=said,
            env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
        )
        try:
            yield f"http://{place}/"
        finally:
            process.terminate()
            process.wait(30)


def shows(address: str, page: str, text: str) -> bool:
    """Tell whether a page comes to show a text."""
    deadline = time.monotonic() + _PATIENCE_S
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(address + page, timeout=10) as reply:
                if text in reply.read().decode("utf-8"):
                    return True
        except OSError:
            pass
        time.sleep(0.2)
    return False


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_a_change_is_picked_up(checkout, address):
    assert shows(address, "tf/2.15/", "2.15.1"), (checkout / "said.txt").read_text()
    template = checkout / "site/templates/series.md.j2"
    replace(template, "## At a glance", "## Seen at once")
    assert shows(address, "tf/2.15/", "Seen at once")
    gpus = checkout / "kb/data/gpus.yaml"
    replace(gpus, "name: V100", "name: V100 of another day")
    assert shows(address, "gpu/7.0/", "V100 of another day")
