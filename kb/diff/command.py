"""`python -m kb diff`: what changes for a user between two versions."""

import argparse
import sys

from kb.base.store import Store
from kb.terminal.arguments import add_json


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.epilog = "Example: %(prog)s 2.15 2.16"
    parser.add_argument("before", help="a series (2.15), a release (2.15.1), latest or nightly")
    parser.add_argument("after", help="what to compare it with")
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Print what changes, and return the exit status."""
    from kb.diff.answer import diff

    found = diff(Store(options.data), options.before, options.after)
    if options.json:
        from kb.diff.document import document

        print(document(found))
    else:
        from kb.diff.page import page
        from kb.terminal.style import show, style_for

        style = style_for(sys.stdout)
        show(page(found, style), style)
    return 0
