"""`python -m kb list`: which series there are."""

import argparse
import sys

from kb.base.store import Store
from kb.index.records import open_index
from kb.list.answer import list_series
from kb.terminal.arguments import add_json


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.epilog = "Example: %(prog)s 2"
    parser.add_argument(
        "version", nargs="?", help="only the series of this version: 2, 2.15, latest"
    )
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Print the series, and return the exit status."""
    listed = list_series(open_index(Store(options.data)), options.version)
    if options.json:
        from kb.list.document import document

        print(document(listed))
    else:
        from kb.list.page import page
        from kb.terminal.style import show, style_for

        style = style_for(sys.stdout)
        show(page(listed, style), style)
    return 0
