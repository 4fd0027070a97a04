"""Write the site's pages as plain files, with a configuration that needs no hook."""

import shutil
from pathlib import Path

import yaml

from pages.generate import generate
from pages.knowledge import Knowledge
from pages.render import Renderer


class NotEmpty(ValueError):
    """The folder to write to holds something already; its text is one line for the user."""


def write_plain(folder: Path, root: Path, knowledge: Knowledge, renderer: Renderer) -> int:
    """Write all pages into a folder: `docs/`, `theme/` and `mkdocs.yml`; return how many files are
    generated. `root` holds the project's own mkdocs.yml and site/.

    Raises NotEmpty, so that nothing is overwritten, and OSError.
    """
    if folder.exists() and any(folder.iterdir()):
        raise NotEmpty(f"{folder} is not empty; name a new folder")
    shutil.copytree(root / "site" / "docs", folder / "docs")
    shutil.copytree(root / "site" / "theme", folder / "theme")
    config = yaml.safe_load((root / "mkdocs.yml").read_text(encoding="utf-8"))
    config.update(
        docs_dir="docs", site_dir="public", theme=config["theme"] | {"custom_dir": "theme"}
    )
    for of_the_checkout in ("hooks", "watch"):
        config.pop(of_the_checkout)
    text = yaml.safe_dump(config, sort_keys=False, allow_unicode=True)
    (folder / "mkdocs.yml").write_text(text, encoding="utf-8")
    written = 0
    for file in generate(knowledge, renderer):
        path = folder / "docs" / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(file.text, encoding="utf-8")
        written += 1
    return written
