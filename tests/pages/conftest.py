"""The real site, built once, and a browser to look at it with."""

import functools
import hashlib
import http.server
import json
import os
import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from filelock import FileLock
from playwright.sync_api import sync_playwright

from tests.pages.built_site import ROOT, Page, build, read


class Built(NamedTuple):
    """A built site: where it is, its pages, what MkDocs said, and site/ before and after."""

    folder: Path
    pages: dict[str, Page]
    said: str
    before: dict[str, str]
    after: dict[str, str]


def _digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, Callable], Path]:
    """Return what makes a folder by its name, once for all workers, and returns its path."""
    folder = tmp_path_factory.getbasetemp()
    shared = folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder

    def make(name: str, fill: Callable[[Path], None]) -> Path:
        with FileLock(shared / f"{name}.lock"):
            made = shared / name
            if not (shared / f"{name}.done").exists():
                fill(made)
                (shared / f"{name}.done").touch()
        return made

    return make


def _build(folder: Path) -> None:
    before = _digests(ROOT / "site")
    said = build(ROOT / "mkdocs.yml", folder / "public")
    seen = {"said": said, "before": before, "after": _digests(ROOT / "site")}
    (folder / "seen.json").write_text(json.dumps(seen), encoding="utf-8")


@pytest.fixture(scope="session")
def site(made_once) -> Built:
    """Return the real site; tests only read it."""
    made = made_once("site", _build)
    seen = json.loads((made / "seen.json").read_text(encoding="utf-8"))
    return Built(folder=made / "public", pages=read(made / "public"), **seen)


class _Quiet(http.server.SimpleHTTPRequestHandler):
    """A server that does not write down what it is asked for."""

    def log_message(self, *_):
        pass


@pytest.fixture(scope="session")
def address(site):
    """Serve the real site on loopback."""
    handler = functools.partial(_Quiet, directory=site.folder)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.fixture(scope="session")
def browser():
    """Start Debian's Chromium; only tests with the marker `browser` ask for it."""
    chromium = shutil.which("chromium")
    assert chromium, "no chromium; apt-get install chromium"
    with sync_playwright() as playwright:
        # In a container root has no other way than without the sandbox; the pages are our own.
        one = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield one
        one.close()
