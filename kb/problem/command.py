"""`python -m kb problem`: one known problem, told whole, or the list of all."""

import argparse
import sys

from kb.base.store import Store
from kb.index.records import open_index
from kb.problem.answer import listed, problem
from kb.terminal.arguments import add_json


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.epilog = "Example: %(prog)s windows-without-cuda"
    parser.add_argument(
        "problem", nargs="?", metavar="ID", help="as other answers print it; all are listed without"
    )
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Print what is known, and return the exit status."""
    store = Store(options.data)
    if options.problem is None:
        found, every = None, listed(store)
    else:
        index = open_index(store)
        found, every = problem(store, index, options.problem), ()
    if options.json:
        from kb.problem.document import document

        print(document(found, every))
        return 0
    from kb.problem.page import list_page, page
    from kb.terminal.style import show, style_for

    style = style_for(sys.stdout)
    text = list_page(every, style) if found is None else page(found, index.final_series(), style)
    show(text, style)
    return 0
