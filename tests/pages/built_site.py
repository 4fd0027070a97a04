"""Build the site as a person does, and read what came out."""

import os
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urljoin, urlsplit

ROOT = Path(__file__).parent.parent.parent
ADDRESS = "https://site.example/compat/"


def build(config: Path, into: Path) -> str:
    """Build a site strictly; return all that MkDocs said."""
    done = subprocess.run(
        # the command as the README has it: unlike `python -m`, it imports nothing from the folder
        [Path(sys.executable).with_name("mkdocs"), "build", "--strict", "-f", config, "-d", into],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        cwd=config.parent,
        # The theme's notice of its end of life is no warning of the build.
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1", "SITE_URL": ADDRESS},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


class Element(NamedTuple):
    """An element of a page, and the text inside of it."""

    tag: str
    attributes: dict[str, str]
    text: str


_EMPTY = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source"}
_TEXT_KEPT = {"code", "h1", "h2", "h3", "pre", "samp", "script", "td", "th"}


class Page(HTMLParser):
    """A page as it was built: its elements, in the order in which they end."""

    def __init__(self, path: Path, root: Path) -> None:
        super().__init__()
        self.path = path
        self.address = path.relative_to(root).as_posix().removesuffix("index.html")
        self.html = path.read_text(encoding="utf-8")
        self.elements: list[Element] = []
        self._open: list[tuple[str, dict[str, str], list[str]]] = []
        self.feed(self.html)

    def handle_starttag(self, tag, attrs):
        attributes = {name: value or "" for name, value in attrs}
        if tag in _EMPTY:
            self.elements.append(Element(tag, attributes, ""))
        else:
            self._open.append((tag, attributes, []))

    def handle_startendtag(self, tag, attrs):
        self.elements.append(Element(tag, {name: value or "" for name, value in attrs}, ""))

    def handle_data(self, data):
        for tag, _, texts in self._open:
            if tag in _TEXT_KEPT:
                texts.append(data)

    def handle_endtag(self, tag):
        while self._open:
            name, attributes, texts = self._open.pop()
            self.elements.append(Element(name, attributes, "".join(texts)))
            if name == tag:
                break

    def all(self, tag):
        """Return the elements of a kind."""
        return [one for one in self.elements if one.tag == tag]

    def ids(self):
        """Return every anchor of the page."""
        return {one.attributes["id"] for one in self.elements if "id" in one.attributes}

    def targets(self):
        """Return the address and the anchor of each link inside the site."""
        for link in self.all("a"):
            href = link.attributes.get("href", "")
            if urlsplit(href).scheme:
                continue
            parts = urlsplit(urljoin(ADDRESS + self.address, href))
            path = parts.path.removeprefix(urlsplit(ADDRESS).path)
            yield path, unquote(parts.fragment)


def read(root: Path) -> dict[str, Page]:
    """Return all pages of a site by their address."""
    pages = (Page(path, root) for path in sorted(root.rglob("*.html")))
    return {page.address: page for page in pages}
