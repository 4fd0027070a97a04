"""`python -m kb index`: work out what `find` and the site's finder answer from."""

import argparse
from pathlib import Path

from kb.base.printable import printable
from kb.base.store import Store
from kb.base.writing import check_folder, write
from kb.index.build import build_index
from kb.index.records import document


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes: nothing."""
    parser.epilog = "Example: %(prog)s"


def run(options: argparse.Namespace) -> int:
    """Write `index.json`, and return the exit status."""
    store = Store(options.data)
    check_folder(Path(options.data))
    path = Path(store.index_path())
    text = document(build_index(store))
    if path.exists() and path.read_text(encoding="utf-8") == text:
        print(f"{printable(str(path))}: is up to date")
        return 0
    write(path, text)
    print(f"{printable(str(path))}: written, {len(text.encode())} bytes")
    return 0
