"""The first source: the tested build configurations that TensorFlow publishes.

They stand in two documents, as Markdown that holds HTML tables, and as web pages made from it.
"""

import json
import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import requests
from bs4 import BeautifulSoup, Tag
from bs4.exceptions import ParserRejectedMarkup

from kb.base.documents import parse
from kb.base.errors import DocumentError, SourceFailed
from kb.base.model import OfficialRow, Table
from kb.base.record import Record
from kb.base.versions import key
from kb.facts.official import InvalidRow, pythons, release
from scraper.http import get

MAX_PAGE = 4 * 1024 * 1024
MAX_ROWS = 500
_SECTION = "tested build configurations"
# In October 2019 a heading began `##<a name=...>`; `{:.external}` is a note to the renderer.
_HEADING = re.compile(
    r"^(#{1,6})(?:[ \t]+|(?=<))(.+?)[ \t]*(?:\{:[^{}\n]*\})?[ \t]*#*$", re.MULTILINE
)
_FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
_COLUMNS = {
    "version": "version",
    "python version": "python",
    "compiler": "compiler",
    "build tools": "build_tools",
    "cudnn": "cudnn",
    "cuda": "cuda",
}
_GPU_COLUMNS = {"cudnn", "cuda"}


class Document(Record):
    """One of the two documents: its names in a snapshot and live, and the platform it is about."""

    file: str
    markdown: str
    page: str
    platform: str | None


DOCUMENTS = (
    Document(
        file="source.md",
        markdown="https://raw.githubusercontent.com/tensorflow/docs/master/site/en/install/source.md",
        page="https://www.tensorflow.org/install/source",
        platform=None,
    ),
    Document(
        file="source_windows.md",
        markdown="https://raw.githubusercontent.com/tensorflow/docs/master/site/en/install/source_windows.md",
        page="https://www.tensorflow.org/install/source_windows",
        platform="windows",
    ),
)


def fetch(session: requests.Session, day: str) -> tuple[OfficialRow, ...]:
    """Read both documents live: their Markdown, or the web pages when that fails.

    Raises SourceFailed with the reason of both failures.
    """
    rows: list[OfficialRow] = []
    for document in DOCUMENTS:
        try:
            rows += _live(session, document.markdown, document, day)
        except SourceFailed as first:
            try:
                rows += _live(session, document.page, document, day)
            except SourceFailed as second:
                raise SourceFailed(f"{first}; and its web page: {second}") from None
    return _complete(rows)


def _live(session: requests.Session, url: str, document: Document, day: str) -> list[OfficialRow]:
    answer = get(session, url, f"official: {document.file}", MAX_PAGE)
    return read_document(answer.body.decode("utf-8", "replace"), document, day)


def read_snapshot(folder: Path, day: str) -> tuple[OfficialRow, ...]:
    """Read both documents from a folder that holds a snapshot. Raises SourceFailed."""
    rows: list[OfficialRow] = []
    for document in DOCUMENTS:
        found = sorted(folder.rglob(document.file))
        if not found:
            raise SourceFailed(f"official: no {document.file} in {folder}")
        try:
            text = found[0].read_bytes()[: MAX_PAGE + 1].decode("utf-8", "replace")
        except OSError as error:
            raise SourceFailed(f"official: {found[0]}: {error.strerror}") from None
        rows += read_document(text, document, day)
    return _complete(rows)


def _complete(rows: list[OfficialRow]) -> tuple[OfficialRow, ...]:
    missing = [table for table in get_args(Table) if table not in {row.table for row in rows}]
    if missing:
        raise SourceFailed(f"official: no table for {', '.join(missing)}; has the page changed?")
    order = {table: position for position, table in enumerate(get_args(Table))}
    rows.sort(key=lambda row: (order[row.table], key(release(row)), row))
    return tuple(rows)


def read_document(text: str, document: Document, day: str) -> list[OfficialRow]:
    """Read every row of one document, Markdown or HTML. Raises SourceFailed, quoting the row."""
    if len(text) > MAX_PAGE:
        raise SourceFailed(f"official: {document.file} has more than {MAX_PAGE} characters")
    if "<html" not in text[:4096].lower():
        text = _HEADING.sub(_heading, _FENCE.sub("", text))
    rows: list[OfficialRow] = []
    for table, cells in _tables(_parsed(text, document), document):
        rows += _rows(table, cells, document, day)
        if len(rows) > MAX_ROWS:
            raise SourceFailed(f"official: {document.file} has more than {MAX_ROWS} rows")
    if not rows:
        raise SourceFailed(f"official: {document.file} has no tables under {_SECTION!r}")
    return rows


def _parsed(text: str, document: Document) -> BeautifulSoup:
    try:
        with warnings.catch_warnings():  # it warns of markup that is none, which is ours to judge
            warnings.simplefilter("ignore")
            return BeautifulSoup(text, "html.parser")
    except (ParserRejectedMarkup, AssertionError, RecursionError):
        raise SourceFailed(f"official: {document.file} is markup that cannot be read") from None


def _heading(match: re.Match[str]) -> str:
    level = len(match[1])
    return f"<h{level}>{match[2]}</h{level}>"


def _tables(soup: BeautifulSoup, document: Document) -> Iterator[tuple[str, list[list[str]]]]:
    """Yield each table of the section with its name, found by the headings above it."""
    path: dict[int, str] = {}
    for element in soup.find_all(["h1", "h2", "h3", "h4", "h5", "h6", "table"]):
        if not isinstance(element, Tag):
            continue
        if element.name != "table":
            level = int(element.name[1])
            path = {above: text for above, text in path.items() if above < level}
            path[level] = _text(element).lower()
        elif _SECTION in path.values():
            under = [text for level, text in sorted(path.items())]
            yield (
                _table_name(under[under.index(_SECTION) + 1 :], document),
                [
                    [_text(cell) for cell in row.find_all(["th", "td"])]
                    for row in element.find_all("tr")
                ],
            )


def _table_name(headings: list[str], document: Document) -> str:
    """Return what a table is named after the headings over it within the section."""
    names = ([document.platform] if document.platform else []) + headings
    if len(names) < 2:
        under = f"the heading {names[0]!r}" if headings else f"{_SECTION!r}"
        lacking = "CPU or GPU" if names else "of a platform"
        raise SourceFailed(
            f"official: {document.file}: a table under {under} has no heading {lacking} over it; "
            "has the page changed?"
        )
    return f"{names[0]}-{names[-1]}"


def _text(element: Tag) -> str:
    return " ".join(element.get_text().split())


def _rows(
    table: str, cells: list[list[str]], document: Document, day: str
) -> Iterator[OfficialRow]:
    where = f"official: {document.file}, table {table}"
    if table not in get_args(Table):
        raise SourceFailed(f"{where}: a table for an unknown platform or device")
    if not cells:
        raise SourceFailed(f"{where}: the table is empty")
    names = [_COLUMNS.get(cell.lower()) for cell in cells[0]]
    expected = {
        name for name in _COLUMNS.values() if table.endswith("gpu") or name not in _GPU_COLUMNS
    }
    unknown = [cell for cell, name in zip(cells[0], names, strict=True) if name not in expected]
    if unknown:
        raise SourceFailed(f"{where}: unknown column {unknown[0]!r}; has the page changed?")
    if len(set(names)) < len(names):
        raise SourceFailed(f"{where}: a column stands twice; has the page changed?")
    missing = sorted(expected - {name for name in names if name})
    if missing:
        raise SourceFailed(f"{where}: no column for {', '.join(missing)}; has the page changed?")
    for row in cells[1:]:
        yield _row(table, names, row, where, day)


def _row(
    table: str, names: list[str | None], cells: list[str], where: str, day: str
) -> OfficialRow:
    quoted = " | ".join(cells)[:200]
    if len(cells) != len(names):
        raise SourceFailed(f"{where}: {len(names)} cells expected in the row: {quoted}")
    fields = {str(name): cell for name, cell in zip(names, cells, strict=True)}
    record = {"table": table, **fields, "read": day}
    try:
        row = parse(json.dumps(record, ensure_ascii=False).encode(), OfficialRow, "row")
        pythons(row)
    except (DocumentError, InvalidRow) as error:
        reason = str(error).removeprefix("row:1: ")
        raise SourceFailed(f"{where}: cannot read the row: {quoted} ({reason})") from None
    return row
