"""Prints how long `python -m kb find` takes, against `python -c pass`, whole processes; how long an
answer takes in the process, and one with all nearest changes where none fits; and how large
`index.json` is for a browser.

Run: python benchmarks/find.py
"""

import gzip
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

from kb.answers.comparison import MachineQuestion
from kb.answers.fits import find
from kb.base.store import Store
from kb.index.records import Index, open_index

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
# No release fits any of these: what takes the time are the nearest changes that do.
WITHOUT_ANSWER = (
    MachineQuestion(os="windows", python="3.12", compute_capability="8.9"),
    MachineQuestion(compute_capability="8.9", driver="470.57"),
    MachineQuestion(compute_capability="12.0", driver="580.65", python="3.13"),
    MachineQuestion(os="windows", python="3.7", compute_capability="12.0", cuda="13.0"),
    MachineQuestion(
        python="3.12", compute_capability="3.5", driver="361.1", cuda="11.2", glibc="2.5"
    ),
    MachineQuestion(os="windows", arch="arm64", python="3.14", device="gpu", release="1.4"),
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
    slowest = max(_median(index, question) for question in QUESTIONS)
    print(f"an answer    {slowest:6.1f} ms in the process, the slowest (at most 5)")
    slowest = max(_median(index, question) for question in WITHOUT_ANSWER)
    print(f"the nearest  {slowest:6.1f} ms in the process, the slowest (at most 50)")


def _median(index: Index, question: MachineQuestion) -> float:
    """Return how many milliseconds an answer takes."""
    taken = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        find(index, question)
        taken.append((time.perf_counter() - start) * 1000)
    return statistics.median(taken)


if __name__ == "__main__":
    main()
