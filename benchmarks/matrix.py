"""Prints how many cells an hour a matrix carries out, one at a time and two at once.

Run: python benchmarks/matrix.py. It installs TensorFlow from the real package index, time and
again; the first time fills the cache of downloads and does not count.
"""

import argparse
import math
import sys
import time
from functools import partial
from pathlib import Path

from kb.base.store import Store
from kb.cells.recipes import CellKey, Recipe
from verify.commands.run import platform_here, summary
from verify.matrix import Limits, carry_all
from verify.plan import find
from verify.runner.bench import Bench, bench
from verify.runner.run import carry_out

RELEASES = ("2.15.1", "2.16.2", "2.17.1", "2.18.1")
AT_LEAST = 1.5


def cells_an_hour(recipes: list[Recipe], here: Bench, at_once: int) -> float:
    """Carry recipes out, so many at once; return how many an hour that makes."""
    limits = Limits(cells=at_once, memory_gb=math.inf, disk_gb=math.inf)
    start = time.perf_counter()
    for ended in carry_all(recipes, partial(carry_out, bench=here), limits):
        if ended.run is None or ended.run.outcome != "ok":
            sys.exit(summary(ended.run) if ended.run else f"no run: {ended.error}")
    return len(recipes) * 3600 / (time.perf_counter() - start)


def options() -> argparse.Namespace:
    """Return what the command line says."""
    parser = argparse.ArgumentParser(description="Cells an hour, one at a time and two at once.")
    parser.add_argument(
        "--release", action="append", metavar="X.Y.Z",
        help=f"repeatable; default: {', '.join(RELEASES)}",
    )  # fmt: skip
    parser.add_argument("--python", default="3.11", metavar="X.Y")
    parser.add_argument("--scratch", type=Path, metavar="DIR")
    parser.add_argument("--cache", type=Path, metavar="DIR")
    return parser.parse_args()


def main() -> None:
    """Carry the same cells out three times."""
    given = options()
    here = bench(given.scratch, given.cache)
    platform = platform_here()
    recipes = [
        find(
            Store(),
            CellKey(
                distribution="tensorflow",
                release=release,
                platform=platform,
                python=given.python,
                device="cpu",
            ),
        ).recipe
        for release in given.release or RELEASES
    ]
    cells_an_hour(recipes, here, 2)
    single = cells_an_hour(recipes, here, 1)
    double = cells_an_hour(recipes, here, 2)
    print(f"{len(recipes)} cells, one at a time: {single:5.1f} an hour")
    print(
        f"{len(recipes)} cells, two at once:    {double:5.1f} an hour, "
        f"{double / single:.2f} x as many (at least {AT_LEAST})"
    )


if __name__ == "__main__":
    main()
