"""Prints how long `python -m kb lookup 2.15` takes, against `python -c pass`, whole processes.

Run: python benchmarks/lookup.py
"""

import os
import statistics
import subprocess
import sys
import time

ROUNDS = 40
# Python compiles each module once, as it does where nobody forbids it to keep the result.
ENVIRONMENT = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}


def main() -> None:
    """Measure both commands in turn, so that a busy machine slows both alike."""
    commands = {
        "pass": [sys.executable, "-c", "pass"],
        "lookup": [sys.executable, "-m", "kb", "lookup", "2.15"],
        "lookup --json": [sys.executable, "-m", "kb", "lookup", "2.15", "--json"],
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
        print(f"{name:14} {median * 1000:6.1f} ms  {median / base:4.2f} x pass (at most 6)")


if __name__ == "__main__":
    main()
