"""`python -m kb index`: work out what `find` and the site's finder answer from."""

import argparse
from pathlib import Path

from kb.base.printable import printable
from kb.base.store import Store
from kb.base.writing import check_folder
from kb.upkeep.index_file import renew


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes: nothing."""
    parser.epilog = "Example: %(prog)s"


def run(options: argparse.Namespace) -> int:
    """Write `index.json`, and return the exit status."""
    check_folder(Path(options.data))
    path = Path(Store(options.data).index_path())
    if renew(Path(options.data), first=True):
        print(f"{printable(str(path))}: written, {path.stat().st_size} bytes")
    else:
        print(f"{printable(str(path))}: is up to date")
    return 0
