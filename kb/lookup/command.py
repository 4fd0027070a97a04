"""`python -m kb lookup`: what was published of a version, and how to set it up."""

import argparse
import sys
from typing import get_args

from kb.answers.releases import VersionQuestion
from kb.base.model import Device, Platform
from kb.base.store import Store
from kb.lookup.answer import lookup
from kb.machine.glance import detect


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.epilog = "Example: %(prog)s 2.15 --python 3.11"
    parser.add_argument("version", help="a series (2.15), a release (2.15.1), latest or nightly")
    parser.add_argument(
        "--platform", choices=get_args(Platform), metavar="P", help=", ".join(get_args(Platform))
    )
    parser.add_argument("--python", metavar="X.Y", help="only this Python, such as 3.11")
    parser.add_argument(
        "--device", choices=get_args(Device), metavar="D", help=", ".join(get_args(Device))
    )
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def run(options: argparse.Namespace) -> int:
    """Print the answer, and return the exit status."""
    store = Store(options.data)
    question = VersionQuestion(options.version, options.platform, options.python, options.device)
    answer = lookup(store, question)
    if options.json:
        from kb.lookup.document import document  # json costs start-up that the page need not pay

        print(document(answer))
        return 0
    from kb.lookup.page import page
    from kb.terminal.style import style_for

    machine = detect()
    machine = machine._replace(
        device=options.device or machine.device, python=options.python or machine.python
    )
    print(page(answer, machine, style_for(sys.stdout)))
    return 0
