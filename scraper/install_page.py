"""The page about installing with pip: what TensorFlow says its newest stable release needs.

It names no release: `scraper.merge` gives it to the series that is the newest on the day.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import requests
from bs4 import BeautifulSoup, NavigableString, Tag

from kb.base.documents import parse
from kb.base.errors import DocumentError, SourceFailed
from kb.base.model import InstallPage
from kb.base.record import Record
from kb.facts.official import InvalidRow, pythons_in
from scraper.official_document import Document, from_snapshot, live, parsed

PAGE = "https://www.tensorflow.org/install/pip"
DOCUMENT = Document(
    source="install-page",
    file="pip.md",
    markdown="https://raw.githubusercontent.com/tensorflow/docs/master/site/en/install/pip.md",
    page=PAGE,
)
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_HARDWARE, _SYSTEM, _SOFTWARE = (
    "hardware requirements",
    "system requirements",
    "software requirements",
)
_DOTTED = r"([0-9]{1,9}(?:\.[0-9]{1,9}){1,5})"
_LINK = re.compile(r"\[([^\[\]]*)\]\([^()\s]*\)(?:\{:[^{}]*\})?")
_MARKS = re.compile(r"[*`®™]")


class _Statement(Record):
    """One thing that the page says: the section it stands in, how it is worded, whether the page
    must say it.
    """

    field: str
    section: str
    wording: re.Pattern[str]
    must: bool = True


_STATEMENTS = (
    _Statement(
        "compute_capabilities",
        _HARDWARE,
        re.compile(
            r"CUDA (?:architectures?|compute capabilit(?:y|ies)) ([0-9., ]+[0-9])", re.IGNORECASE
        ),
    ),
    _Statement("python", _SOFTWARE, re.compile(r"Python ([23]\.[0-9]+ ?[-\u2013] ?[23]\.[0-9]+)")),
    _Statement(
        "driver_linux",
        _SOFTWARE,
        re.compile(rf"(?:>= ?|drivers version ){_DOTTED} (?:for Linux|or higher)"),
    ),
    _Statement("driver_wsl2", _SOFTWARE, re.compile(rf">= ?{_DOTTED} for WSL"), must=False),
    _Statement("cuda", _SOFTWARE, re.compile(rf"CUDA Toolkit {_DOTTED}")),
    _Statement("cudnn", _SOFTWARE, re.compile(rf"cuDNN SDK {_DOTTED}")),
    _Statement("pip", _SOFTWARE, re.compile(rf"pip version {_DOTTED} or higher for Linux"), False),
    _Statement(
        "pip_macos", _SOFTWARE, re.compile(rf"pip version {_DOTTED} or higher for macOS"), False
    ),
    _Statement("ubuntu", _SYSTEM, re.compile(rf"Ubuntu {_DOTTED} or higher"), must=False),
    _Statement("macos", _SYSTEM, re.compile(rf"macOS {_DOTTED} (?:\(\w+\) )?or higher"), False),
    _Statement(
        "windows_gpu_until", _SYSTEM, re.compile(rf"no GPU support after TF {_DOTTED}"), False
    ),
)


def fetch(session: requests.Session, day: str) -> InstallPage:
    """Read the page live: its Markdown, or the web page when that fails. Raises SourceFailed."""
    return live(session, DOCUMENT, lambda text: read_page(text, day))


def read_snapshot(folder: Path, day: str) -> InstallPage:
    """Read the page from a folder that holds a snapshot. Raises SourceFailed."""
    return read_page(from_snapshot(folder, DOCUMENT), day)


def read_page(text: str, day: str) -> InstallPage:
    """Read what the page says, Markdown or HTML. Raises SourceFailed."""
    sections = _sections(parsed(text, DOCUMENT))
    fields: dict[str, Any] = {"read": day, "source": PAGE}
    for statement in _STATEMENTS:
        found = _found(statement, sections)
        if found is not None:
            fields[statement.field] = found
    fields["compute_capabilities"] = fields["compute_capabilities"].replace(" ", "").split(",")
    fields["python"] = re.sub(" ?[-\u2013] ?", "-", fields["python"])
    try:
        page = parse(json.dumps(fields).encode(), InstallPage, "page")
        pythons_in(page.python)
    except (DocumentError, InvalidRow) as error:
        reason = str(error).removeprefix("page:1: ")
        raise SourceFailed(f"{DOCUMENT.name}: cannot be read: {reason}") from None
    return page


def _found(statement: _Statement, sections: dict[str, str]) -> str | None:
    what = statement.field.replace("_", " ")
    where = f"under {statement.section!r}; has the page changed?"
    found = set(statement.wording.findall(sections.get(statement.section, "")))
    if len(found) > 1:
        raise SourceFailed(f"{DOCUMENT.name} says two things of {what} {where}")
    if not found and statement.must:
        raise SourceFailed(f"{DOCUMENT.name} says nothing of {what} {where}")
    return found.pop() if found else None


def _sections(soup: BeautifulSoup) -> dict[str, str]:
    """Return the words of each section by its heading, without the marks of Markdown."""
    sections: dict[str, str] = {}
    for heading in soup.find_all(_HEADINGS):
        if isinstance(heading, Tag):
            name = " ".join(heading.get_text().split()).lower()
            words = _LINK.sub(r"\1", "".join(_words_under(heading)))
            sections[name] = " ".join(_MARKS.sub(" ", words).replace("\\", " ").split())
    return sections


def _words_under(heading: Tag) -> Iterator[str]:
    """Yield the text up to the next heading that is no deeper, code and comments left out."""
    for element in heading.next_elements:
        if isinstance(element, Tag):
            if element.name in _HEADINGS and element.name <= heading.name:
                return
            yield " " if element.name in ("li", "p", "br", "div") else ""
        elif type(element) is NavigableString and heading not in element.parents:
            yield element
