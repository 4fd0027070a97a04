"""`python -m kb doctor`: what keeps TensorFlow from running here, in the active environment."""

import argparse
import os
import re
import sys
from pathlib import Path

from kb.base.errors import Unanswered, WrongUsage
from kb.base.scrubbing import Scrubber, names_of
from kb.base.store import Store
from kb.doctor.answer import findings, in_order
from kb.doctor.case import case_of
from kb.machine.active_python import own_environment
from kb.machine.inspection import Setting, inspect
from kb.terminal.arguments import add_json

_VERSION = re.compile(r"v?[0-9](?:\.[0-9]{1,3}){0,2}", re.ASCII)
_LIMIT_S = 300.0  # for a step: the first import of a fresh installation reads gigabytes


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.epilog = "Example: %(prog)s --run"
    parser.add_argument(
        "--python",
        metavar="PATH",
        help="the Python, or the environment's folder, to look at; else the environment that this "
        "program is in, or the active one",
    )
    parser.add_argument(
        "--run",
        action="store_true",
        dest="carry_out",  # `run` is the command's function
        help="also import TensorFlow in a child and let it compute",
    )
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Print what was found, and return the exit status: 1 where something is an error."""
    store = Store(options.data)
    _refuse_version(options.python)
    scrubber = Scrubber(names_of(os.environ))
    try:
        started_in = own_environment() if options.is_program else None
        seen = inspect(Setting(variables=os.environ, python=options.python, started_in=started_in))
    except Unanswered as error:
        option = "" if options.python is None else "--python: "
        raise Unanswered(scrubber.text(f"{option}{error}")) from None
    case = case_of(store, seen)
    found = findings(case)
    if options.carry_out:
        from kb.doctor.run import checked

        if sys.stderr is not None and sys.stderr.isatty():
            print("Carrying out the check: the first import may take minutes.", file=sys.stderr)
        steps = tuple(checked(case, store, os.environ, Path.cwd(), _LIMIT_S))
        found = in_order((*found, *steps))
    if options.json:
        from kb.doctor.document import document

        print(document(case, found, scrubber))
    else:
        from kb.doctor.page import page
        from kb.terminal.style import show, style_for

        style = style_for(sys.stdout)
        show(page(case, found, scrubber, style), style)
    return int(any(finding.severity == "error" for finding in found))


def _refuse_version(python: str | None) -> None:
    """Raise WrongUsage where the version of a Python is given instead of its path."""
    if python is None or not _VERSION.fullmatch(python) or Path(python).exists():
        return
    message = f"--python: {python} is a version; give the path of a Python or its environment"
    raise WrongUsage(f"{message}, such as .venv or /usr/bin/python{python.lstrip('v')}")
