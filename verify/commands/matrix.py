"""`python -m verify matrix`: carry a plan out."""

import argparse
import os
import shutil
import sys
from functools import partial
from pathlib import Path

from kb.base.errors import NotARun
from kb.base.printable import printable
from kb.base.store import Store
from kb.base.versions import series
from kb.cells.standing import CONCLUSIVE
from kb.runs.folder import of_recipe, remove_unfinished, save
from kb.terminal.progress import progress
from verify.commands.arguments import Commands, add_places
from verify.commands.plan import add_scope, planned
from verify.commands.run import summary
from verify.matrix import CellEnd, Limits, carry_all
from verify.plan import Planned
from verify.runner.bench import Bench, bench, shrink
from verify.runner.run import carry_out
from verify.runner.scratch import open_scratch

_CACHE_GB = 20


def add(commands: Commands, folders: argparse.ArgumentParser) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "matrix",
        parents=[folders],
        help="carry a plan out, several cells at once; interrupt it, and it goes on",
        epilog="Example: %(prog)s --series 2.15 --jobs 2",
    )
    add_scope(parser)
    add_places(parser)
    parser.add_argument(
        "--jobs", type=int, default=os.cpu_count() or 1, metavar="N", help="default: one a core"
    )
    parser.add_argument("--memory", type=float, metavar="GB", help="default: what is free")
    parser.add_argument("--disk", type=float, metavar="GB", help="default: what is free")
    parser.add_argument(
        "--keep", type=float, default=_CACHE_GB, metavar="GB",
        help=f"of downloads; default: {_CACHE_GB}",
    )  # fmt: skip
    parser.set_defaults(command=_matrix)


def _matrix(options: argparse.Namespace) -> int:
    here = bench(options.scratch, options.cache)
    remove_unfinished(options.runs)
    recipes = [wanted.cell.recipe for wanted in planned(options) if not _done(wanted, options)]
    failed = 0
    with progress("cells", len(recipes)) as advance:
        for ended in carry_all(recipes, partial(carry_out, bench=here), _limits(options, here)):
            failed += not _written(ended, options)
            shrink(here.cache, options.keep)
            advance()
    print(f"{len(recipes)} cells, {failed} failed")
    return 1 if failed else 0


def _done(wanted: Planned, options: argparse.Namespace) -> bool:
    """Tell whether a run that is not merged yet speaks of a cell: an interrupted matrix goes on."""
    store = Store(options.data)
    merged = {run.run for run in store.evidence(series(wanted.cell.key.release)).runs}
    return any(
        filed.path.stem not in merged and filed.run.outcome in CONCLUSIVE
        for filed in of_recipe(options.runs, wanted.cell.recipe)
    )


def _written(ended: CellEnd, options: argparse.Namespace) -> bool:
    """Write the run of a cell that ended, and tell whether it is ok."""
    error = ended.error
    if ended.run is not None:
        try:
            save(options.runs, ended.run)
        except NotARun as fault:  # of this cell alone: the others go on
            error = fault
    if ended.run is None or error is not None:
        cell = ended.recipe.cell
        told = f"{cell.release}, Python {cell.python}: no run: {error}"
        print(printable(told), file=sys.stderr)
        return False
    print(summary(ended.run), flush=True)
    return ended.run.outcome == "ok"


def _limits(options: argparse.Namespace, here: Bench) -> Limits:
    open_scratch(here.scratch)
    free = shutil.disk_usage(here.scratch).free / 1e9
    return Limits(
        cells=options.jobs,
        memory_gb=options.memory or _free_memory_gb(),
        disk_gb=options.disk or free,
    )


def _free_memory_gb() -> float:
    """Return the memory that programs can still take, or else all that there is."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        memory = dict(line.split(":", 1) for line in lines)
        return int(memory["MemAvailable"].split()[0]) * 1024 / 1e9
    except (OSError, KeyError, ValueError):
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
