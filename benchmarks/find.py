"""Prints how long `python -m kb find` takes, against `python -c pass`, whole processes; how long an
answer takes in the process; and how large `index.json` is for a browser.

Run: python benchmarks/find.py
"""

import gzip
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

from kb.answers.fit_rules import MachineQuestion
from kb.answers.fits import find
from kb.base.store import Store
from kb.index.records import open_index

ROUNDS = 40
ENVIRONMENT = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
ASKED = ["--python", "3.12", "--gpu", "RTX 3090", "--driver", "535.104.05"]
QUESTIONS = (
    MachineQuestion(),
    MachineQuestion(python="3.12", device="gpu", compute_capability="8.6", driver="535.104"),
    MachineQuestion(device="gpu", compute_capability="6.1"),
    MachineQuestion(os="windows", device="gpu", python="3.10"),
    MachineQuestion(os="macos", arch="arm64", device="gpu", maker="apple"),
)


def main() -> None:
    """Measure the commands in turn, so that a busy machine slows all alike."""
    commands = {
        "pass": [sys.executable, "-c", "pass"],
        "find": [sys.executable, "-m", "kb", "find", *ASKED],
        "find --json": [sys.executable, "-m", "kb", "find", *ASKED, "--json"],
    }
    times: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(ROUNDS):
        for name, command in commands.items():
            start = time.perf_counter()
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=ENVIRONMENT)
            times[name].append(time.perf_counter() - start)
    base = statistics.median(times["pass"])
    for name, taken in times.items():
        median = statistics.median(taken)
        print(f"{name:12} {median * 1000:6.1f} ms  {median / base:4.2f} x pass (at most 6)")
    _in_process()
    packed = len(gzip.compress(Path(Store().index_path()).read_bytes(), 9))
    print(f"index.json   {packed / 1000:6.1f} kB packed (at most 60)")


def _in_process() -> None:
    index = open_index(Store())
    slowest = 0.0
    for question in QUESTIONS:
        taken = []
        for _ in range(ROUNDS):
            start = time.perf_counter()
            find(index, question)
            taken.append(time.perf_counter() - start)
        slowest = max(slowest, statistics.median(taken))
    print(f"an answer    {slowest * 1000:6.1f} ms in the process, the slowest (at most 5)")


if __name__ == "__main__":
    main()
