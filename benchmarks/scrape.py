"""Prints what a full scrape from nothing costs, and a second one with nothing new.

Run: PYTHONPATH=. python benchmarks/scrape.py SNAPSHOT, the folder with the official tables. It
asks the real package index.
"""

import os
import resource
import sys
import tempfile
import time
from datetime import datetime, timezone
from pathlib import Path

from kb.machine import index_setting
from scraper.http import open_session
from scraper.run import Outcome, Task, scrape
from scraper.sources import SOURCES


def timed(task: Task) -> tuple[Outcome, float]:
    """Carry a scrape out; return its outcome and its time in seconds."""
    start = time.perf_counter()
    with open_session(certificates=task.setting.certificates) as session:
        outcome = scrape(task, session)
    return outcome, time.perf_counter() - start


def main() -> None:
    """Scrape twice into an empty folder."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_CACHE_HOME"] = folder
        data = Path(folder) / "data"
        data.mkdir()
        setting = index_setting.read()
        task = Task(
            data=data,
            sources=SOURCES,
            setting=setting,
            today=datetime.now(timezone.utc).date().isoformat(),
            snapshot=Path(sys.argv[1]),
        )
        first, took = timed(task)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        second, again = timed(task)
    traffic = first.traffic
    print(f"from nothing: {first.wheels_read} wheels in {took:.0f} s (at most 240 s)")
    print(f"  read {traffic.bytes / 1e6:.1f} MB in {traffic.requests} requests; the least that")
    print(
        f"  HTTP allows is {traffic.least / 1e6:.1f} MB: {traffic.bytes / traffic.least:.3f} "
        "times that (at most 1.2)"
    )
    print(f"  held {peak:.0f} MB at most (at most 300 MB)")
    print(
        f"nothing new: {second.wheels_read} wheels, {len(second.files)} files changed, "
        f"in {again:.1f} s (at most 5 s)"
    )


if __name__ == "__main__":
    main()
