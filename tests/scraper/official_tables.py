"""The tested build configurations as tests write them: rows, rendered as Markdown or as HTML."""

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

from tests.scraper import install_pages

Row = Mapping[str, str]
Tables = dict[str, list[Row]]

HEADERS = {
    "version": "Version",
    "python": "Python version",
    "compiler": "Compiler",
    "build_tools": "Build tools",
    "cudnn": "cuDNN",
    "cuda": "CUDA",
}
CPU = tuple(HEADERS)[:4]
GPU = tuple(HEADERS)
PLATFORMS = {"linux": "Linux", "macos": "macOS", "windows": "Windows"}
FILES = {"source.md": ("linux", "macos"), "source_windows.md": ("windows",)}


def row(version: str, python: str = "3.9-3.11", **cells: str) -> Row:
    """Return one row; the cells that are not given are the usual ones."""
    usual = {"compiler": "Clang 16.0.0", "build_tools": "Bazel 6.1.0"}
    return {"version": version, "python": python, **usual, **cells}


def gpu_row(version: str, python: str = "3.9-3.11", **cells: str) -> Row:
    """Return one row of a GPU table."""
    return row(version, python, **{"cudnn": "8.9", "cuda": "12.2", **cells})


def small() -> Tables:
    """Return six small tables, with the oddities of the real ones."""
    return {
        "linux-cpu": [row("tensorflow-2.15.0"), row("tensorflow-2.1.0", "2.7, 3.5-3.7")],
        "linux-gpu": [
            gpu_row("tensorflow-2.15.0"),
            gpu_row("tensorflow_gpu-1.15.0", "2.7, 3.3-3.7", cudnn="7.4", cuda="10.0"),
        ],
        "macos-cpu": [row("tensorflow-2.15.0", compiler="Clang from xcode 10.15")],
        "macos-gpu": [gpu_row("tensorflow_gpu-1.1.0", "2.7, 3.3-3.6", cudnn="5.1", cuda="8")],
        "windows-cpu": [row("tensorflow-2.15.0", compiler="MSVC 2019")],
        "windows-gpu": [
            gpu_row("tensorflow_gpu-2.10.0", "3.7-3.10", cudnn="8.1", cuda="11.2"),
            gpu_row("tensorflow_gpu-2.10.0", "3.7-3.10", cudnn="8.1", cuda="11.2"),
        ],
    }


def columns(table: str) -> tuple[str, ...]:
    """Return the names of the cells of a table."""
    return GPU if table.endswith("gpu") else CPU


def table_text(rows: Sequence[Row], names: Sequence[str]) -> str:
    """Return one HTML table, with its columns in the order of `names`."""
    head = "".join(f"<th>{HEADERS[name]}</th>" for name in names)
    lines = [f"<tr>{head}</tr>"]
    for one in rows:
        cells = "".join(f"<td>{escape(one[name], quote=False)}</td>" for name in names)
        lines.append(f"<tr>{cells}</tr>")
    return "\n".join(["<table>", *lines, "</table>"])


def markdown(file: str, tables: Tables) -> str:
    """Return one document as its source has it: Markdown headings over HTML tables."""
    lines = ["# Build from source", "", "## Tested build configurations", ""]
    for platform in FILES[file]:
        deep = file == "source.md"
        lines += [f"### {PLATFORMS[platform]}", ""] if deep else []
        for name, rows in tables.items():
            if name.startswith(platform):
                lines += [f"{'####' if deep else '###'} {name.partition('-')[2].upper()}", ""]
                lines += [table_text(rows, columns(name)), ""]
    return "\n".join(lines)


def page(file: str, tables: Tables) -> str:
    """Return one document as the web page has it: headings with ids, each table in a `<div>`."""
    parts = ['<h2 id="tested_build_configurations" data-text="x">Tested build configurations</h2>']
    for platform in FILES[file]:
        deep = file == "source.md"
        parts += [f'<h3 id="{platform}">{PLATFORMS[platform]}</h3>'] if deep else []
        level = 4 if deep else 3
        for name, rows in tables.items():
            if name.startswith(platform):
                parts.append(f"<h{level}>{name.partition('-')[2].upper()}</h{level}>")
                parts.append(f'<div class="table">{table_text(rows, columns(name))}</div>')
    body = "\n".join(parts)
    head = "<head><title>Build from source</title></head>"
    return f"<!doctype html>\n<html lang=en>{head}<body>{body}</body></html>\n"


def write_snapshot(folder: Path, tables: Tables) -> None:
    """Write all three documents to a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for file in FILES:
        (folder / file).write_text(markdown(file, tables), encoding="utf-8")
    (folder / "pip.md").write_text(install_pages.markdown(), encoding="utf-8")
