"""Prints how long `python -m scraper --check` takes for all sources when nothing is new.

Run: PYTHONPATH=. python benchmarks/nothing_new.py SNAPSHOT, the folder with the official pages. It
asks the real package index, as a whole process, against a copy of the knowledge base that was
brought up to date before.
"""

import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
ROUNDS = 5
MOST_S = 8


def main() -> None:
    """Bring a copy up to date, then check it a few times."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        shutil.copytree(ROOT / "kb" / "data", data)
        os.environ["XDG_CACHE_HOME"] = folder
        command = [sys.executable, "-m", "scraper", "--data", str(data), "--from", sys.argv[1]]
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
        took = []
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        for _ in range(ROUNDS):
            start = time.perf_counter()
            done = subprocess.run(
                [*command, "--check"], cwd=ROOT, check=True, capture_output=True, text=True
            )
            took.append(time.perf_counter() - start)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) / ROUNDS
    print(done.stdout, end="")
    print(f"nothing new: {statistics.median(took):.1f} s for all sources (at most {MOST_S} s),")
    print(f"  {cpu:.1f} s of them on the processor")


if __name__ == "__main__":
    main()
