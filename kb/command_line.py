"""The commands of `python -m kb`. Exit status: 0 answered; 1 nothing found, or a problem found;
2 wrong usage; 3 the knowledge base cannot be read.
"""

import argparse
import os
import sys
from functools import partial
from importlib import import_module

from kb.base.documents import DocumentError
from kb.base.store import DATA

# Each command's module has `add_arguments` and `run`; only the one that is asked for is loaded.
_COMMANDS = {
    "lookup": ("kb.lookup.command", "what was published of a version, and how to set it up"),
    "find": ("kb.find.command", "the newest release that fits a machine, and how to set it up"),
    "index": ("kb.upkeep.index_command", "work out what find answers from"),
    "explain": ("kb.explain.command", "what an error message or a log means, and what to do"),
    "check": ("kb.check.command", "does what a project asks for exist and fit together"),
    "doctor": ("kb.doctor.command", "what keeps TensorFlow from running on this machine"),
    "diff": ("kb.diff.command", "what changes for a user between two versions"),
    "export": ("kb.export.command", "the whole knowledge base, for other tools"),
    "completion": ("kb.completion", "print what completes commands in a shell"),
    "validate": ("kb.upkeep.validate_command", "check the knowledge base"),
    "schema": ("kb.upkeep.schema_command", "print the JSON Schema of the files"),
}
# With the width given, argparse asks no terminal for it while it sets up: 5 ms a start.
_HELP = partial(argparse.HelpFormatter, width=80)


def main(arguments: list[str] | None = None) -> int:
    """Carry out one command and return its exit status."""
    arguments = sys.argv[1:] if arguments is None else arguments
    options = parser(_named(arguments)).parse_args(arguments)
    if sys.stdout is None:  # closed by the caller
        print("error: cannot write the answer: standard output is closed", file=sys.stderr)
        return 3
    try:
        status: int = options.run(options)
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


def _named(arguments: list[str]) -> str:
    """Return the command that is asked for, or an empty text."""
    places = range(len(arguments))
    words = [arguments[n] for n in places if n == 0 or arguments[n - 1] != "--data"]
    return next((word for word in words if word in _COMMANDS), "")


def parser(only: str | None = None) -> argparse.ArgumentParser:
    """Return the parser, with the arguments of one command, or of all where `only` is None."""
    whole = argparse.ArgumentParser(
        prog="python -m kb",
        description="Will this TensorFlow run here, and how do I set it up?",
        epilog="Example: python -m kb lookup 2.15",
        formatter_class=_HELP,
    )
    whole.add_argument(
        "--data", default=DATA, metavar="DIR", help="another knowledge base's folder"
    )
    commands = whole.add_subparsers(required=True, metavar="COMMAND", prog=whole.prog)
    for name, (module, about) in _COMMANDS.items():
        one = commands.add_parser(name, help=about, formatter_class=_HELP)
        if only in (None, name):
            loaded = import_module(module)
            loaded.add_arguments(one)
            one.set_defaults(run=loaded.run)
    return whole
