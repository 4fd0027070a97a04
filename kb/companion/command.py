"""`python -m kb companion`: which releases of a companion go with which TensorFlow."""

import argparse
import sys

from kb.base.store import Store
from kb.companion.answer import CompanionQuestion, companion
from kb.terminal.arguments import add_json, add_platform, add_python, platform_option


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.epilog = "Example: %(prog)s tensorflow-text"
    parser.add_argument("companion", metavar="NAME", help="as the package index calls it")
    about = "only this release, or the patches of this version"
    parser.add_argument("version", nargs="?", help=about)
    add_platform(parser)
    add_python(parser, "only this Python, such as 3.11")
    parser.add_argument("--all", action="store_true", help="every series and Python, every note")
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Print the answer, and return the exit status."""
    question = CompanionQuestion(
        companion=options.companion,
        version=options.version,
        platform=platform_option(options),
        python=options.python,
    )
    found = companion(Store(options.data), question)
    if options.json:
        from kb.companion.document import document

        print(document(found))
        return 0
    from kb.companion.page import page
    from kb.terminal.style import show, style_for

    style = style_for(sys.stdout)
    show(page(found, style, everything=options.all), style)
    return 0
