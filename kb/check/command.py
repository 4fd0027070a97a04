"""`python -m kb check`: does what a project asks for exist, and does it fit together?"""

import argparse
import sys

from kb.base.errors import Unreadable
from kb.base.store import Store
from kb.terminal.arguments import add_json, add_platform, add_python, platform_option


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.epilog = "Example: %(prog)s requirements.txt --python 3.11"
    parser.add_argument(
        "files", nargs="+", metavar="FILE", help="a requirements file or a pyproject.toml"
    )
    add_platform(parser)
    add_python(parser, "only this Python, such as 3.11")
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Print what is found, and return the exit status: 1 where something cannot work."""
    from kb.check.answer import check

    platform = platform_option(options)
    store = Store(options.data)
    checked = []
    for file in options.files:
        try:
            checked.append(check(store, file, platform, options.python))
        except OSError as error:
            raise Unreadable(f"{file}: {error.strerror or error}") from None
    if options.json:
        from kb.check.document import document

        print(document(tuple(checked)))
    else:
        from kb.check.page import page
        from kb.terminal.style import show, style_for

        style = style_for(sys.stdout)
        show("\n".join(page(answer, style) for answer in checked), style)
    return 1 if any(answer.errors() for answer in checked) else 0
