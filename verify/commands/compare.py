"""`python -m verify compare`: do runs on the same hardware come out alike, to the last bit?"""

import argparse
from pathlib import Path

from kb.base.printable import printable
from kb.runs.folder import filed
from verify.commands.arguments import Commands
from verify.comparing import RunComparison, compare


def add(commands: Commands, folders: argparse.ArgumentParser) -> None:  # noqa: ARG001
    """Add the command."""
    parser = commands.add_parser(
        "compare",
        help="hold runs of the same cell on the same hardware against each other, bit by bit",
        epilog="Example: %(prog)s runs/2.20/*/*.json",
    )
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.set_defaults(command=_compare)


def _compare(options: argparse.Namespace) -> int:
    found = list(compare((path.stem, filed(path).run) for path in options.files))
    for comparison in found:
        print(printable(_told(comparison)))
    if not found:
        print("no two runs with an answer are of the same cell, packages and hardware")
    return 1 if any(comparison.differ for comparison in found) else 0


def _told(comparison: RunComparison) -> str:
    cell, alike = comparison.alike.cell, comparison.alike
    what = f"{cell.release}, Python {cell.python}, {cell.device}, {alike.hardware}"
    pair = f"{comparison.first} and {comparison.second}"
    if not comparison.differ:
        return f"{what}: {pair} agree to the last bit"
    share = f"{comparison.differ} of {comparison.words} numbers"
    return f"{what}: {pair} differ in {share}, by {comparison.off:.1e} of the larger at most"
