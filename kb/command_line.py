"""The commands of `python -m kb`. Exit status: 0 answered; 1 nothing found, or a problem found;
2 wrong usage; 3 the knowledge base cannot be read.
"""

import argparse
import os
import sys
from functools import partial
from typing import get_args

from kb.documents import DocumentError
from kb.lookup import NothingFound, Question, lookup
from kb.machine import detect
from kb.model import Device, Platform
from kb.store import DATA, Store

# With the width given, argparse asks no terminal for it while it sets up: 5 ms a start.
_HELP = partial(argparse.HelpFormatter, width=80)


def main(arguments: list[str] | None = None) -> int:
    """Carry out one command and return its exit status."""
    options = _parser().parse_args(arguments)
    if sys.stdout is None:  # closed by the caller
        print("error: cannot write the answer: standard output is closed", file=sys.stderr)
        return 3
    try:
        status: int = options.command(options)
        sys.stdout.flush()
    except DocumentError as error:
        print(f"error: {error}", file=sys.stderr)
        return 3
    except BrokenPipeError:
        _drop_output()
        return 0
    except OSError as error:
        print(f"error: cannot write the answer: {error.strerror or error}", file=sys.stderr)
        _drop_output()
        return 3
    return status


def _drop_output() -> None:
    """Let what is still to be written go nowhere, so that the interpreter ends in silence."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m kb",
        description="Will this TensorFlow run here, and how do I set it up?",
        epilog="Example: python -m kb lookup 2.15",
        formatter_class=_HELP,
    )
    parser.add_argument(
        "--data", default=DATA, metavar="DIR", help="another knowledge base's folder"
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND", prog=parser.prog)
    _add_lookup(
        commands.add_parser(
            "lookup",
            help="what was published of a version, and how to set it up",
            epilog="Example: python -m kb lookup 2.15 --python 3.11",
            formatter_class=_HELP,
        )
    )
    validate = commands.add_parser(
        "validate", help="check the knowledge base", formatter_class=_HELP
    )
    validate.set_defaults(command=_validate)
    schema = commands.add_parser(
        "schema", help="print the JSON Schema of the files", formatter_class=_HELP
    )
    schema.set_defaults(command=_schema)
    return parser


def _add_lookup(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("version", help="a series (2.15), a release (2.15.1), latest or nightly")
    parser.add_argument(
        "--platform", choices=get_args(Platform), metavar="P", help=", ".join(get_args(Platform))
    )
    parser.add_argument("--python", metavar="X.Y", help="only this Python, such as 3.11")
    parser.add_argument(
        "--device", choices=get_args(Device), metavar="D", help=", ".join(get_args(Device))
    )
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.set_defaults(command=_lookup)


def _lookup(options: argparse.Namespace) -> int:
    store = Store(options.data)
    question = Question(options.version, options.platform, options.python, options.device)
    try:
        answer = lookup(store, question)
    except NothingFound as error:
        print(f"nothing found: {error}", file=sys.stderr)
        return 1
    if options.json:
        from kb.as_json import document  # json costs start-up that the page need not pay

        print(document(answer))
        return 0
    from kb.terminal import page, style_for

    machine = detect()
    machine = machine._replace(
        device=options.device or machine.device, python=options.python or machine.python
    )
    print(page(answer, machine, style_for(sys.stdout)))
    return 0


def _validate(options: argparse.Namespace) -> int:
    from kb.validate import validate

    faults = validate(Store(options.data))
    for fault in faults:
        print(fault, file=sys.stderr)
    print(
        f"{len(faults)} fault{'s' * (len(faults) > 1)}" if faults else "the knowledge base is sound"
    )
    return 1 if faults else 0


def _schema(_: argparse.Namespace) -> int:
    import json

    from kb.schema import schema

    print(json.dumps(schema(), indent=2))
    return 0
