"""Options that several commands share."""

import argparse
from pathlib import Path
from typing import TypeAlias

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
