"""Remembers what an interrupted scrape has read inside wheels, so that the next one goes on there.

It is emptied as soon as the knowledge base holds the texts.
"""

import json
import os
from collections.abc import Iterable
from pathlib import Path

from kb.base.documents import parse
from kb.base.errors import DocumentError
from kb.base.model import WheelText
from kb.base.writing import write


def folder(name: str = "wheels") -> Path:
    """Return the user's folder for what is read so, by the XDG base directory rules."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "tensorflow-compat" / name


def load(cache: Path) -> dict[str, WheelText]:
    """Return the texts remembered in `cache` by sha256; one that is damaged is read anew."""
    texts = {}
    for path in sorted(cache.glob("*.json")) if cache.is_dir() else ():
        try:
            text = parse(path.read_bytes(), WheelText, path.name)
        except (DocumentError, OSError):
            continue
        texts[text.sha256] = text
    return texts


def remember(cache: Path, text: WheelText) -> None:
    """Write one text to `cache`. Raises OSError."""
    write(cache / f"{text.sha256}.json", json.dumps(text._asdict(), ensure_ascii=False))


def forget(cache: Path, texts: Iterable[str]) -> None:
    """Remove from `cache` what the knowledge base now holds, by sha256."""
    for sha256 in texts:
        (cache / f"{sha256}.json").unlink(missing_ok=True)


def clear(cache: Path) -> None:
    """Remove all that is remembered in `cache`."""
    for path in cache.glob("*.json"):
        path.unlink(missing_ok=True)
