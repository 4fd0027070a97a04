"""The real site, built once."""

import hashlib
from pathlib import Path
from typing import NamedTuple

import pytest

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
def site(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Return the real site; tests only read it."""
    folder = tmp_path_factory.mktemp("public")
    before = _digests(ROOT / "site")
    said = build(ROOT / "mkdocs.yml", folder)
    return Built(folder, read(folder), said, before, _digests(ROOT / "site"))
