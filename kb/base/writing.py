"""Write documents of the knowledge base: stable text, whole files, atomically."""

import os
import tempfile
from pathlib import Path
from typing import Any

import yaml

from kb.base.errors import WriteRefused

_DUMPER: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


class _Dumper(_DUMPER):  # type: ignore[misc]
    """Writes texts of several lines as blocks, where YAML keeps them, and short lists in a line."""

    def ignore_aliases(self, _data: object) -> bool:
        """Never write an anchor: the same text twice stands twice."""
        return True


def _represent_text(dumper: Any, text: str) -> Any:
    style = "|" if "\n" in text and "\r" not in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", str(text), style=style)


def _represent_list(dumper: Any, items: list[Any]) -> Any:
    short = all(isinstance(item, str) and len(item) < 12 for item in items)
    return dumper.represent_sequence("tag:yaml.org,2002:seq", items, flow_style=short)


_Dumper.add_representer(str, _represent_text)
_Dumper.add_multi_representer(str, _represent_text)  # requirements are texts too
_Dumper.add_representer(list, _represent_list)


def dump(record: Any, comment: str) -> str:
    """Write a record as YAML under a first line of comment; fields at their default are left out.

    Versions come out quoted, so that a reader that guesses types takes them for texts.
    """
    body: str = yaml.dump(
        plain(record),
        Dumper=_Dumper,
        sort_keys=False,
        allow_unicode=True,
        default_flow_style=False,
        width=1000,
    )
    return f"# {comment}\n{body}"


def plain(value: Any) -> Any:
    """Return a record as mappings, lists and scalars, without the fields at their default."""
    if hasattr(value, "_fields"):
        defaults = value._field_defaults
        return {
            name: plain(item)
            for name, item in zip(value._fields, value, strict=True)
            if name not in defaults or item != defaults[name]
        }
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    return value


def check_folder(data: Path) -> None:
    """Raise WriteRefused unless `data` is a folder outside any installed package."""
    if {"site-packages", "dist-packages"} & set(data.resolve().parts):
        raise WriteRefused(f"{data}: lies in an installed package; name a checkout with --data")
    if not data.is_dir():
        raise WriteRefused(f"{data}: no such folder; run from a checkout or name one with --data")


def write(path: Path, text: str) -> None:
    """Replace the file at `path` by `text`, whole or not at all. Raises OSError, which names it."""
    try:
        _replace(path, text)
    except OSError as error:
        error.filename = str(path)  # a full disk names no file, others the temporary one
        raise


def _replace(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
