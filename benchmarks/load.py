"""Prints how long the whole knowledge base takes to load, every file of it, and ten times as much,
each in a plain installation.

Run: python benchmarks/load.py
"""

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from plain import ROOT, plain_installation

TIMES = 10
MOST_S = 0.4
_LOAD = """
import gc, statistics, time
from kb.base.store import Store

gc.disable()  # as `python -m kb` does

def load():
    start = time.process_time()
    files = sum(1 for _ in Store().records())
    return time.process_time() - start, files

print(statistics.median(load()[0] for _ in range(7)), load()[1])
"""


def main() -> None:
    """Measure today's size and TIMES as much."""
    once, files = _measured(ROOT)
    print(f"whole knowledge base: {files} files in {once:.3f} s (at most {MOST_S} s)")
    with tempfile.TemporaryDirectory() as folder:
        tenfold, files = _measured(_grown(Path(folder)))
    print(f"{TIMES} times as much: {files} files in {tenfold:.3f} s, {tenfold / once:.1f} x")


def _measured(source: Path) -> tuple[float, int]:
    """Return the median CPU time of a load, in seconds, and the number of files."""
    with plain_installation(source) as python, tempfile.TemporaryDirectory() as folder:
        command = [str(python), "-c", _LOAD]
        done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=folder)
    seconds, files = done.stdout.split()
    return float(seconds), int(files)


def _grown(folder: Path) -> Path:
    """Copy the sources with TIMES as many files of series and plug-ins, and longer tables."""
    for name in ("kb", "verify"):
        shutil.copytree(ROOT / name, folder / name)
    for name in ("pyproject.toml", "setup.py", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder)
    data = folder / "kb" / "data"
    for path in data.glob("*/*.yaml"):
        for number in range(1, TIMES):
            shutil.copy(path, path.with_name(f"{number}{path.name}"))
    for path in data.glob("*.yaml"):
        path.write_text(_longer(path.read_text(encoding="utf-8")), encoding="utf-8")
    return folder


def _longer(table: str) -> str:
    """Repeat the rows below each field at the margin."""
    blocks = re.split(r"^(?=[a-z_0-9]+:)", table, flags=re.MULTILINE)
    parts = [block.partition("\n") for block in blocks]
    return "".join(
        field + end + rows * (TIMES if rows.lstrip().startswith("- ") else 1)
        for field, end, rows in parts
    )


if __name__ == "__main__":
    main()
