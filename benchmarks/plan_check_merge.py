"""Prints how long `verify plan`, `verify check` and `verify merge` take.

Run from a checkout: python benchmarks/plan_check_merge.py
"""

import contextlib
import io
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path

from kb.base.store import DATA, Store
from kb.runs.folder import files, read_all, save
from verify.check import Reviewer, verdict
from verify.commands.command_line import main as verify

RUNS = Path("runs")
MANY = 10_000


def plan_s() -> float:
    """Return the seconds of `verify plan` over the whole knowledge base, start-up included."""
    command = [sys.executable, "-m", "verify", "plan", "--first", "1.13"]
    pythons = [argument for minor in range(6, 15) for argument in ("--python", f"3.{minor}")]
    begun = time.perf_counter()
    subprocess.run([*command, *pythons], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - begun


def check_ms() -> tuple[int, float]:
    """Return how many runs there are, and the milliseconds a run takes to check."""
    reviewer = Reviewer(Store(), datetime.now(timezone.utc))
    paths = files(RUNS)
    begun = time.perf_counter()
    for path in paths:
        verdict(reviewer, path)
    return len(paths), 1000 * (time.perf_counter() - begun) / len(paths)


def merge_s() -> float:
    """Return the seconds of `verify merge` with MANY runs: the real ones, at other times."""
    real = [filed.run for filed in read_all(RUNS)]
    with tempfile.TemporaryDirectory() as folder:
        data, runs = Path(folder) / "data", Path(folder) / "runs"
        shutil.copytree(DATA, data)
        for number in range(MANY):
            run = real[number % len(real)]
            started = datetime.strptime(run.started, "%Y-%m-%dT%H:%M:%S%z")
            moved = started + timedelta(minutes=number // len(real))
            told = run._replace(started=moved.strftime("%Y-%m-%dT%H:%M:%SZ"))
            save(runs, told)
        begun = time.perf_counter()
        with contextlib.redirect_stdout(io.StringIO()):
            verify(["merge", "--data", str(data), "--runs", str(runs)])
        return time.perf_counter() - begun


def main() -> None:
    """Measure all three."""
    print(f"verify plan, whole knowledge base: {plan_s():.2f} s (at most 1 s)")
    count, each = check_ms()
    print(f"verify check, {count} files: {each:.1f} ms a file (at most 50 ms)")
    print(f"verify merge, {MANY} runs: {merge_s():.1f} s (at most 60 s)")


if __name__ == "__main__":
    main()
