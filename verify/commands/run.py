"""`python -m verify run`: set one cell up, probe it, write the run."""

import argparse
import sys
from pathlib import Path

from kb.base.errors import RunnerFailed
from kb.base.model import Platform
from kb.base.printable import printable
from kb.base.store import Store
from kb.machine.glance import detect
from kb.runs.folder import remove_unfinished, save
from kb.runs.run_file import Run
from verify.commands.arguments import Commands, add_cell, add_places, cell_of, in_checkout
from verify.plan import find
from verify.runner.bench import bench
from verify.runner.run import carry_out


def add(commands: Commands, folders: argparse.ArgumentParser) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "run",
        parents=[folders],
        help="set one cell up by its published recipe, probe it, write the run",
        epilog="Example: %(prog)s --release 2.15.1 --python 3.11",
    )
    add_cell(parser)
    add_places(parser)
    parser.add_argument(
        "--wheels",
        type=Path,
        metavar="DIR",
        help="install from the wheels in a folder alone, without an index",
    )
    parser.set_defaults(command=_run)


def platform_here() -> Platform:
    """Return this machine's platform. Raises RunnerFailed where recipes cannot be carried out."""
    platform = detect().platform
    if platform is None or platform.startswith("windows"):
        raise RunnerFailed("cells are run by bash on Linux or macOS; on Windows, use WSL2")
    return platform


def _run(options: argparse.Namespace) -> int:
    wanted = cell_of(options, platform_here())
    found = find(Store(options.data), wanted)
    remove_unfinished(options.runs)
    run = carry_out(found.recipe, bench(options.scratch, options.cache, options.wheels))
    path = save(options.runs, run)
    print(summary(run))
    print(printable(str(path)))
    if not in_checkout():
        print("to send it, run `verify submit` with its path in a checkout", file=sys.stderr)
    return 0 if run.outcome == "ok" else 1


def summary(run: Run) -> str:
    """Return a run in a line."""
    cell = f"{run.distribution} {run.release}, Python {run.python}, {run.device}"
    if run.outcome != "ok":
        return f"{cell}: {run.outcome} ({run.why}), {run.seconds:.0f} s"
    return f"{cell}: ok, proves {run.proves}, {run.seconds:.0f} s"
