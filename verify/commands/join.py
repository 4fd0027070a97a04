"""`python -m verify join`: make the wheels of a bundle's parts again."""

import argparse
from pathlib import Path

from verify.bundles.join import join
from verify.commands.arguments import Commands, add_jobs


def add(commands: Commands, folders: argparse.ArgumentParser) -> None:  # noqa: ARG001 - none needed
    """Add the command."""
    parser = commands.add_parser(
        "join",
        help="make the wheels of a bundle's parts again, bit for bit",
        description="Make the wheels of a bundle's parts again, bit for bit, each checked by its "
        "hash. `verify run --wheels DIR` installs from them. Besides the parts and their manifest "
        "it needs this package, and lz4 where the bundle was packed with it: carry over the wheels "
        "of 'tensorflow-compat[bundle,verify]' too. Interrupt it, and it goes on.",
        epilog="Example: %(prog)s parts wheels --watch",
    )
    parser.add_argument("parts", type=Path, metavar="PARTS")
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument("--watch", action="store_true", help="wait for the parts still to come")
    add_jobs(parser)
    parser.set_defaults(command=_join)


def _join(options: argparse.Namespace) -> int:
    made = join(options.parts, options.folder, options.watch, options.jobs)
    size = sum(wheel.size for wheel in made.wheels) / 2**20
    print(f"{options.folder}: {len(made.wheels)} wheels, {size:,.1f} MiB, bit for bit")
    return 0
