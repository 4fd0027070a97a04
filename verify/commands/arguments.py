"""Options that several commands share."""

import argparse
import re
from pathlib import Path
from typing import TypeAlias, get_args

from kb.base.model import Device, Distribution, Platform
from kb.base.versions import InvalidVersion, key
from kb.cells.recipes import CellKey

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001


def folders() -> argparse.ArgumentParser:
    """Return the options that name the knowledge base and the folder of runs."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument(
        "--data", type=Path, default=Path("kb/data"), metavar="DIR", help="default: kb/data"
    )
    parser.add_argument(
        "--runs", type=Path, default=Path("runs"), metavar="DIR", help="default: runs"
    )
    return parser


def add_places(parser: argparse.ArgumentParser) -> None:
    """Add the options that tell where a machine runs cells."""
    parser.add_argument(
        "--scratch", type=Path, metavar="DIR", help="where environments are made and thrown away"
    )
    parser.add_argument("--cache", type=Path, metavar="DIR", help="where downloads are kept")


def dotted(text: str) -> str:
    """Return a Python or a series as it was given. Raises ArgumentTypeError unless it is X.Y."""
    if not re.fullmatch(r"[0-9]{1,4}\.[0-9]{1,4}", text):
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form X.Y")
    return text


def release(text: str) -> str:
    """Return a release as it was given. Raises ArgumentTypeError unless it is a version."""
    try:
        key(text)
    except InvalidVersion as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    return text


def add_cell(parser: argparse.ArgumentParser) -> None:
    """Add the options that name a cell of this machine."""
    parser.add_argument("--release", required=True, type=release, metavar="X.Y.Z")
    parser.add_argument("--python", required=True, type=dotted, metavar="X.Y")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu", help="default: cpu")
    parser.add_argument(
        "--distribution", choices=get_args(Distribution), metavar="NAME", default="tensorflow",
        help="default: tensorflow",
    )  # fmt: skip


def cell_of(options: argparse.Namespace, platform: Platform) -> CellKey:
    """Return the cell that the options name, on a platform."""
    device: Device = next(one for one in get_args(Device) if one == options.device)
    return CellKey(options.distribution, options.release, platform, options.python, device)
