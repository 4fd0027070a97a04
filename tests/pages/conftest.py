"""The real site, built once, and a browser to look at it with."""

import functools
import hashlib
import http.server
import shutil
import threading
from pathlib import Path
from typing import NamedTuple

import pytest
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


@pytest.hookimpl(tryfirst=True)  # before the scheduler reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give the tests that read the real site to one worker, so that it is built once."""
    for item in items:
        if "site" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group("site"))


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Return the real site; tests only read it."""
    folder = tmp_path_factory.mktemp("public")
    before = _digests(ROOT / "site")
    said = build(ROOT / "mkdocs.yml", folder)
    return Built(folder, read(folder), said, before, _digests(ROOT / "site"))


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
