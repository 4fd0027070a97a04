"""`python -m kb lookup`: what was published of a version, and how to set it up."""

import argparse
import sys

from kb.answers.releases import VersionQuestion
from kb.base.store import Store
from kb.base.vocabulary import device_on
from kb.lookup.answer import lookup
from kb.machine.glance import detect
from kb.terminal.arguments import (
    add_device,
    add_json,
    add_platform,
    add_python,
    parts_of,
    platform_option,
)

_TOOLS = ("pip", "uv", "conda", "docker")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.epilog = "Example: %(prog)s 2.15 --python 3.11"
    parser.add_argument("version", help="a series (2.15), a release (2.15.1), latest or nightly")
    add_platform(parser)
    add_python(parser, "only this Python, such as 3.11")
    add_device(parser)
    parser.add_argument("--check", action="store_true", help="print how to check the set-up")
    parser.add_argument("--all", action="store_true", help="every problem, note and number")
    about = "where sources contradict each other, and all sources"
    parser.add_argument("--sources", action="store_true", help=about)
    parser.add_argument(
        "--tool", type=str.lower, choices=_TOOLS, help=f"what sets up: {', '.join(_TOOLS)}"
    )
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Print the answer, and return the exit status."""
    machine = detect()
    platform = platform_option(options)
    device = options.device and device_on(options.device, platform or machine.platform)
    question = VersionQuestion(
        version=options.version, platform=platform, python=options.python, device=device
    )
    store = Store(options.data)
    answer = lookup(store, question, with_sources=options.json or options.sources)
    if options.json:
        from kb.lookup.document import document  # json costs start-up that the page need not pay

        print(document(answer))
        return 0
    from kb.lookup.page import PageWanted, page
    from kb.terminal.style import show, style_for

    system = parts_of(options)[0]
    machine = machine._replace(
        device=device or machine.device,
        python=options.python or machine.python,
        wsl2=system == "wsl2" if system else machine.wsl2,
    )
    wanted = PageWanted(
        checks=options.check,
        everything=options.all,
        sources=options.sources,
        tool=options.tool,
        trials=store.tools().trials if options.tool else (),
    )
    style = style_for(sys.stdout)
    show(page(answer, machine, style, wanted), style)
    return 0
