"""An official document: where it stands, and its markup, live or from a snapshot.

Each stands as Markdown that holds HTML, and as the web page made from it.
"""

import re
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import requests
from bs4 import BeautifulSoup
from bs4.exceptions import ParserRejectedMarkup

from kb.base.errors import SourceFailed
from kb.base.record import Record
from scraper.http import get

MAX_PAGE = 4 * 1024 * 1024
# In October 2019 a heading began `##<a name=...>`; `{:.external}` is a note to the renderer.
_HEADING = re.compile(
    r"^(#{1,6})(?:[ \t]+|(?=<))(.+?)[ \t]*(?:\{:[^{}\n]*\})?[ \t]*#*$", re.MULTILINE
)
_FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
_Read = TypeVar("_Read")


class Document(Record):
    """A document of a source: its names in a snapshot and live, and the platform it is about."""

    source: str
    file: str
    markdown: str
    page: str
    platform: str | None = None

    @property
    def name(self) -> str:
        """What errors call it."""
        return f"{self.source}: {self.file}"


def live(session: requests.Session, document: Document, read: Callable[[str], _Read]) -> _Read:
    """Return what `read` makes of the Markdown, or of the web page where that fails.

    Raises SourceFailed with the reason of both failures.
    """
    try:
        return read(_fetched(session, document.markdown, document))
    except SourceFailed as first:
        try:
            return read(_fetched(session, document.page, document))
        except SourceFailed as second:
            raise SourceFailed(f"{first}; and its web page: {second}") from None


def _fetched(session: requests.Session, url: str, document: Document) -> str:
    return get(session, url, document.name, MAX_PAGE).body.decode("utf-8", "replace")


def from_snapshot(folder: Path, document: Document) -> str:
    """Return the text of a document from a folder that holds a snapshot. Raises SourceFailed."""
    found = sorted(folder.rglob(document.file))
    if not found:
        raise SourceFailed(f"{document.source}: no {document.file} in {folder}")
    try:
        return found[0].read_bytes()[: MAX_PAGE + 1].decode("utf-8", "replace")
    except OSError as error:
        raise SourceFailed(f"{document.source}: {found[0]}: {error.strerror}") from None


def parsed(text: str, document: Document) -> BeautifulSoup:
    """Return the markup of a text, with headings of Markdown as those of HTML.

    Raises SourceFailed.
    """
    if len(text) > MAX_PAGE:
        raise SourceFailed(f"{document.name} has more than {MAX_PAGE} characters")
    if "<html" not in text[:4096].lower():
        text = _HEADING.sub(_heading, _FENCE.sub("", text))
    try:
        with warnings.catch_warnings():  # it warns of markup that is none, which is ours to judge
            warnings.simplefilter("ignore")
            return BeautifulSoup(text, "html.parser")
    except (ParserRejectedMarkup, AssertionError, RecursionError):
        raise SourceFailed(f"{document.name} is markup that cannot be read") from None


def _heading(match: re.Match[str]) -> str:
    level = len(match[1])
    return f"<h{level}>{match[2]}</h{level}>"
