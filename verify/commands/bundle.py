"""`python -m verify bundle`: fetch all that a recipe installs, to carry it to another machine."""

import argparse
import re
import sys
from pathlib import Path

from kb.base.printable import shown
from kb.base.store import Store
from verify.bundles.fatbins import lz4_here
from verify.bundles.fetch import fetch
from verify.bundles.manifest import LARGEST_PART, SMALLEST_PART
from verify.bundles.split import split
from verify.commands.arguments import Commands, add_cell, add_jobs, add_places, cell_of
from verify.commands.run import platform_here
from verify.plan import find, needs_hand
from verify.runner.bench import bench

_UNITS = {"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}
_SIZE = re.compile(r"([1-9][0-9]{0,8})(KiB|MiB|GiB)")


def add(commands: Commands, folders: argparse.ArgumentParser) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "bundle",
        parents=[folders],
        help="fetch all that a recipe installs, for a machine without a network",
        description="Fetch the wheels that a recipe installs into DIR/wheels, with their hashes in "
        "DIR/SHA256SUMS. `verify run --wheels` installs from them. With --part-size they are "
        "packed and cut into DIR/parts too, for `verify join`; CUDA's pack to about half, at some "
        "GB of memory a job, where lz4 is installed: pip install 'tensorflow-compat[bundle]'.",
        epilog="Example: %(prog)s --release 2.18.1 --python 3.12 --device cuda here",
    )
    parser.add_argument("folder", type=Path, metavar="DIR")
    add_cell(parser)
    add_places(parser)
    parser.add_argument(
        "--part-size", type=part_size, metavar="SIZE", help="cut it into parts, of 50MiB say"
    )
    add_jobs(parser)
    parser.set_defaults(command=_bundle)


def part_size(text: str) -> int:
    """Return a size in bytes. Raises ArgumentTypeError for what is none, or out of reason."""
    found = _SIZE.fullmatch(text)
    size = int(found[1]) * _UNITS[found[2]] if found else 0
    if not SMALLEST_PART <= size <= LARGEST_PART:
        raise argparse.ArgumentTypeError(f"{shown(text)!r} is no size like 50MiB, from 1KiB on")
    return size


def _bundle(options: argparse.Namespace) -> int:
    cell = find(Store(options.data), cell_of(options, platform_here()))
    wheels = fetch(cell.recipe, bench(options.scratch, options.cache), options.folder)
    size = sum(path.stat().st_size for path in wheels)
    print(f"{options.folder / 'wheels'}: {len(wheels)} wheels, {_mib(size)}")
    if needs_hand(cell):
        print("CUDA is not among them: the recipe has it installed by hand")
    if options.part_size is not None:
        if not lz4_here():
            print("no lz4 here: code for GPUs is packed as it is; see --help", file=sys.stderr)
        parts = options.folder / "parts"
        made = split(options.folder / "wheels", parts, options.part_size, options.jobs)
        print(f"{parts}: {len(made.parts)} parts, {_mib(made.tape())}, and their manifest")
    return 0


def _mib(size: int) -> str:
    return f"{size / 2**20:,.1f} MiB"
