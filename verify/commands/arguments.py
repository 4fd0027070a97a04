"""Options that several commands share."""

import argparse
import os
import re
from pathlib import Path
from typing import TypeAlias, get_args

from kb.base.errors import WrongUsage
from kb.base.model import Device, Distribution, Platform
from kb.base.printable import shown
from kb.base.store import DATA
from kb.base.versions import InvalidVersion, key
from kb.base.vocabulary import device_on, read_device, read_python, read_version
from kb.cells.recipes import CellKey
from kb.terminal.arguments import add_option

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001


_OF_A_CHECKOUT = Path("kb/data")
RUNS = Path("runs")


def folders() -> argparse.ArgumentParser:
    """Return the options that name the knowledge base and the folder of runs."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument(
        "--data", type=Path, metavar="DIR",
        default=_OF_A_CHECKOUT if in_checkout() else Path(DATA),
        help="default: kb/data in a checkout, or else the one that comes along",
    )  # fmt: skip
    parser.add_argument(
        "--runs", type=Path, default=RUNS, metavar="DIR", help=f"default: {RUNS}, here"
    )
    return parser


def in_checkout() -> bool:
    """Tell whether the program was started in a checkout of the project."""
    return _OF_A_CHECKOUT.is_dir()


def add_places(parser: argparse.ArgumentParser) -> None:
    """Add the options that tell where a machine runs cells."""
    parser.add_argument(
        "--scratch", type=Path, metavar="DIR", help="where environments are made and thrown away"
    )
    parser.add_argument("--cache", type=Path, metavar="DIR", help="where downloads are kept")


def add_jobs(parser: argparse.ArgumentParser) -> None:
    """Add the option that tells how many wheels to work on at once."""
    parser.add_argument(
        "--jobs", type=_at_least_one, default=os.cpu_count() or 1, metavar="N",
        help="wheels worked on at once; default: one a core",
    )  # fmt: skip


def _at_least_one(text: str) -> int:
    if not re.fullmatch(r"[1-9][0-9]{0,2}", text):
        raise argparse.ArgumentTypeError(f"{shown(text)!r} is no number from 1 to 999")
    return int(text)


def series(text: str) -> str:
    """Return the series that a text names. Raises ArgumentTypeError unless it names one."""
    version = read_version(text)
    if not re.fullmatch(r"[0-9]{1,4}\.[0-9]{1,4}", version):
        raise argparse.ArgumentTypeError(f"{shown(text)!r} is not of the form X.Y")
    return version


def release(text: str) -> str:
    """Return the release that a text names. Raises ArgumentTypeError unless it names one."""
    version = read_version(text)
    try:
        key(version)
    except InvalidVersion as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    return version


def add_device(parser: argparse.ArgumentParser) -> None:
    """Add the option that tells the device; `gpu` is CUDA, the one that is run here."""
    add_option(parser, "--device", device, default="cpu", metavar="D", help="cpu (default) or cuda")


def device(text: str) -> Device:
    """Return the device that a text names. Raises WrongUsage for one that is not run here."""
    named = device_on(read_device(text), None)
    if named not in ("cpu", "cuda"):
        raise WrongUsage(f"{named} is not run here; cpu and cuda are")
    return named


def add_cell(parser: argparse.ArgumentParser) -> None:
    """Add the options that name a cell of this machine."""
    parser.add_argument("--release", required=True, type=release, metavar="X.Y.Z")
    add_option(parser, "--python", read_python, required=True, metavar="X.Y")
    add_device(parser)
    parser.add_argument(
        "--distribution", choices=get_args(Distribution), metavar="NAME", default="tensorflow",
        help="default: tensorflow",
    )  # fmt: skip


def cell_of(options: argparse.Namespace, platform: Platform) -> CellKey:
    """Return the cell that the options name, on a platform."""
    return CellKey(
        distribution=options.distribution,
        release=options.release,
        platform=platform,
        python=options.python,
        device=options.device,
    )
