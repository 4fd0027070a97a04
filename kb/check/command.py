"""`python -m kb check`: does what a project asks for exist, and does it fit together?"""

import argparse
import sys
from typing import get_args

from kb.base.errors import Unreadable, WrongUsage
from kb.base.model import Platform
from kb.base.store import Store


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.epilog = "Example: %(prog)s requirements.txt --python 3.11"
    parser.add_argument(
        "files", nargs="+", metavar="FILE", help="a requirements file or a pyproject.toml"
    )
    parser.add_argument(
        "--platform", choices=get_args(Platform), metavar="P", help=", ".join(get_args(Platform))
    )
    parser.add_argument("--python", metavar="X.Y", help="only this Python, such as 3.11")
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def run(options: argparse.Namespace) -> int:
    """Print what is found, and return the exit status: 1 where something cannot work."""
    import re

    from kb.check.answer import check

    if options.python is not None and not re.fullmatch(r"[0-9]\.[0-9]{1,3}", options.python):
        raise WrongUsage(f"--python {options.python}: name it as in 3.11")
    store = Store(options.data)
    checked = []
    for file in options.files:
        try:
            checked.append(check(store, file, options.platform, options.python))
        except OSError as error:
            raise Unreadable(f"{file}: {error.strerror or error}") from None
    if options.json:
        from kb.check.document import document

        print(document(tuple(checked)))
    else:
        from kb.check.page import page
        from kb.terminal.style import style_for

        style = style_for(sys.stdout)
        print("\n".join(page(one, style) for one in checked))
    return 1 if any(one.errors() for one in checked) else 0
