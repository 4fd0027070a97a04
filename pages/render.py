"""Fill templates. Everything that is filled in is escaped for HTML, whatever it holds.

The headings and sentences of a page are Markdown, all else is HTML: nothing that comes from outside
stands where Markdown would be read.
"""

import re
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from kb.base.findings import presupposed
from kb.base.names import DEVICE_NAMES, KIND_NAMES, PLATFORM_NAMES
from kb.base.record import Record
from kb.base.versions import spans
from pages.facts import counts_text
from pages.others import short_cuda
from pages.rungs import MARKS, mark
from pages.systems import SYSTEMS

TEMPLATES = Path(__file__).parent.parent / "site" / "templates"


class File(Record):
    """One generated file of the site: its path below the folder of the pages, and its text."""

    path: str
    text: str


class Renderer:
    """The templates of one folder."""

    def __init__(self, templates: Path = TEMPLATES) -> None:
        self._environment = Environment(
            loader=FileSystemLoader(templates),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        self._environment.filters.update(
            link=_link, spans=_spans, short_cuda=short_cuda, anchor=_anchor, counts=counts_text
        )
        self._environment.globals.update(
            MARKS=MARKS,
            SYSTEMS=SYSTEMS,
            PLATFORM_NAMES=PLATFORM_NAMES,
            DEVICE_NAMES=DEVICE_NAMES,
            KIND_NAMES=KIND_NAMES,
            mark=mark,
            presupposed=presupposed,
        )

    def page(self, path: str, template: str, **values: Any) -> File:
        """Return a page. In its template `root` leads to the site's own root, by relative parts."""
        folder = path.removesuffix("index.md").removesuffix(".md")
        root = "../" * len([part for part in folder.split("/") if part])
        text = self._environment.get_template(template).render(root=root or "./", **values)
        return File(path, text)


def _link(address: str | None, text: str | None = None) -> Markup:
    """Return a link to another site; only the text where the address is none for the web."""
    shown = escape(text or _short(address or ""))
    if address is None or not address.startswith("https://"):
        return shown
    return Markup('<a href="{}" rel="noopener">{}</a>').format(address, shown)


def _anchor(name: str) -> str:
    """Return a name as an anchor: its letters and digits, in lower case."""
    return "-".join(re.findall("[a-z0-9]+", name.lower()))


def _short(address: str) -> str:
    parts = address.removeprefix("https://").split("/")
    if parts[0] == "github.com" and len(parts) == 5 and parts[3] in ("issues", "pull"):
        return f"{parts[1]}/{parts[2]}#{parts[4]}"
    return parts[0].removeprefix("www.")


def _spans(versions: Any) -> str:
    return spans(list(versions)).replace("-", "\N{EN DASH}")
