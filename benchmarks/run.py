"""Prints what `python -m verify run` costs beside the same recipe and probe carried out by hand:
plain commands of bash in a fresh folder, with the same downloads at hand.

Run: python benchmarks/run.py. It installs TensorFlow from the real package index, time and again;
the first time fills the cache of downloads and does not count.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from kb.base.store import Store
from kb.cells.recipes import CellKey, Recipe
from kb.cells.shells import check, setup
from verify.commands.run import platform_here
from verify.plan import find
from verify.runner import probe
from verify.runner.bench import Bench, bench

AT_MOST = 1.2


def by_hand(recipe: Recipe, here: Bench) -> float:
    """Carry a recipe and the probe out by bash; return the seconds that it took."""
    folder = Path(tempfile.mkdtemp(prefix="by-hand-", dir=here.scratch))
    interpreter = here.pythons[recipe.cell.python]
    script = [*setup(recipe), *check(recipe), f'python "{probe.__file__}" probed.json cpu']
    environment = {
        **os.environ,
        "PATH": f"{interpreter.parent}{os.pathsep}{os.environ['PATH']}",
        "PIP_CACHE_DIR": str(here.cache),
        "CUDA_VISIBLE_DEVICES": "-1",
    }
    try:
        return timed(["bash", "-euo", "pipefail", "-c", "\n".join(script)], folder, environment)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def by_verify(recipe: Recipe, here: Bench) -> float:
    """Carry a recipe out by `verify run`; return the seconds that it took."""
    cell = recipe.cell
    with tempfile.TemporaryDirectory() as runs:
        command = [sys.executable, "-m", "verify", "run", "--runs", runs]
        command += ["--release", cell.release, "--python", cell.python]
        command += ["--scratch", str(here.scratch), "--cache", str(here.cache)]
        return timed(command, Path.cwd(), dict(os.environ))


def timed(command: list[str], folder: Path, environment: dict[str, str]) -> float:
    """Run a command that must end well; return the seconds that it took."""
    start = time.perf_counter()
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"{' '.join(command)[:80]}: {(done.stderr or done.stdout).strip()[-500:]}")
    return time.perf_counter() - start


def options() -> argparse.Namespace:
    """Return what the command line says."""
    parser = argparse.ArgumentParser(description="What `verify run` costs beside plain commands.")
    parser.add_argument("--release", default="2.15.1", metavar="X.Y.Z")
    parser.add_argument("--python", default="3.11", metavar="X.Y")
    parser.add_argument("--rounds", type=int, default=3, metavar="N")
    parser.add_argument("--scratch", type=Path, metavar="DIR")
    parser.add_argument("--cache", type=Path, metavar="DIR")
    return parser.parse_args()


def main() -> None:
    """Measure both in turn, so that a busy machine slows both alike."""
    given = options()
    here = bench(given.scratch, given.cache)
    here.scratch.mkdir(parents=True, exist_ok=True)
    cell = CellKey(
        distribution="tensorflow",
        release=given.release,
        platform=platform_here(),
        python=given.python,
        device="cpu",
    )
    recipe = find(Store(), cell).recipe
    by_verify(recipe, here)
    ways = {"by hand": by_hand, "verify run": by_verify}
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(given.rounds):
        for name, way in ways.items():
            times[name].append(way(recipe, here))
    base = statistics.median(times["by hand"])
    for name, taken in times.items():
        median = statistics.median(taken)
        each = ", ".join(f"{seconds:.1f}" for seconds in taken)
        print(
            f"{name:10} {median:6.1f} s  {median / base:4.2f} x by hand (at most {AT_MOST})  {each}"
        )


if __name__ == "__main__":
    main()
