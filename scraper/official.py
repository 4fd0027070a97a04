"""The first source: the tested build configurations that TensorFlow publishes.

They stand in two documents, as Markdown that holds HTML tables, and as web pages made from it.
"""

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import get_args

import requests
from bs4 import BeautifulSoup, Tag

from kb.base.documents import parse
from kb.base.errors import DocumentError, SourceFailed
from kb.base.model import OfficialRow, Table
from kb.base.versions import key
from kb.facts.official import InvalidRow, pythons, release
from scraper.official_document import Document, from_snapshot, live, parsed

MAX_ROWS = 500
_SECTION = "tested build configurations"
_COLUMNS = {
    "version": "version",
    "python version": "python",
    "compiler": "compiler",
    "build tools": "build_tools",
    "cudnn": "cudnn",
    "cuda": "cuda",
}
_GPU_COLUMNS = {"cudnn", "cuda"}
DOCUMENTS = (
    Document(
        source="official",
        file="source.md",
        markdown="https://raw.githubusercontent.com/tensorflow/docs/master/site/en/install/source.md",
        page="https://www.tensorflow.org/install/source",
    ),
    Document(
        source="official",
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
        read = partial(read_document, document=document, day=day)
        rows += live(session, document, read)
    return _complete(rows)


def read_snapshot(folder: Path, day: str) -> tuple[OfficialRow, ...]:
    """Read both documents from a folder that holds a snapshot. Raises SourceFailed."""
    rows: list[OfficialRow] = []
    for document in DOCUMENTS:
        rows += read_document(from_snapshot(folder, document), document, day)
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
    rows: list[OfficialRow] = []
    for table, cells in _tables(parsed(text, document), document):
        rows += _rows(table, cells, document, day)
        if len(rows) > MAX_ROWS:
            raise SourceFailed(f"official: {document.file} has more than {MAX_ROWS} rows")
    if not rows:
        raise SourceFailed(f"official: {document.file} has no tables under {_SECTION!r}")
    return rows


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
