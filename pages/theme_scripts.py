"""The inline scripts of the theme, from a site that has nothing of ours in it."""

import logging
import re
import tempfile
from functools import lru_cache
from pathlib import Path

import yaml
from mkdocs.commands.build import build
from mkdocs.config import load_config
from mkdocs.utils.yaml import yaml_load

# Every start of a script that is no file: a browser runs it, whatever the letters or the spaces.
_SCRIPT = re.compile(r"<script\b([^>]*)>(.*?)</script\s*>", re.DOTALL | re.IGNORECASE)
_FILE = re.compile(r"(?:^|\s)src\s*=", re.IGNORECASE)
_DATA = re.compile(r"""(?:^|\s)type\s*=\s*["']?application/(?:ld\+)?json["']?""", re.IGNORECASE)
_OURS = ("nav", "hooks", "extra_css", "extra_javascript", "watch", "docs_dir", "site_dir", "extra")
# The address of the site's root, as a page writes it, stands in a script of the theme.
_DEEPEST = 6


def inline_scripts(html: str) -> list[str]:
    """Return the inline scripts of a page, those that a browser would run."""
    return [
        text
        for attributes, text in _SCRIPT.findall(html)
        if not _FILE.search(attributes) and not _DATA.search(attributes)
    ]


@lru_cache(maxsize=4)
def theme_scripts(config_file: Path, site_url: str | None) -> frozenset[str]:
    """Return the inline scripts that the theme alone puts into pages, as it is set in a file of
    MkDocs, at each depth below the root of the site.
    """
    config = yaml_load(config_file.read_text(encoding="utf-8"))
    bare = {name: value for name, value in config.items() if name not in _OURS}
    bare["theme"] = {k: v for k, v in bare["theme"].items() if k not in ("custom_dir", "favicon")}
    with tempfile.TemporaryDirectory() as folder:
        return _built(Path(folder), {**bare, "site_url": site_url})


def _built(folder: Path, config: dict[str, object]) -> frozenset[str]:
    (folder / "mkdocs.yml").write_text(yaml.safe_dump(config), encoding="utf-8")
    for depth in range(_DEEPEST):
        page = folder / "docs" / "/".join("a" * depth) / "index.md"
        page.parent.mkdir(parents=True)
        page.write_text("A page.\n", encoding="utf-8")
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)  # what MkDocs says of this site is of no use to anyone
    try:
        build(load_config(str(folder / "mkdocs.yml"), site_dir=str(folder / "public")))
    finally:
        logging.disable(before)
    pages = (folder / "public").rglob("*.html")
    return frozenset(
        script for page in pages for script in inline_scripts(page.read_text(encoding="utf-8"))
    )
