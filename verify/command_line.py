"""The commands of `python -m verify`. Exit status: 0 done; 1 a cell or a file failed; 2 wrong
usage; 3 a source or the runner failed.
"""

import argparse
import sys

from kb.documents import DocumentError
from kb.writing import WriteRefused
from scraper import SourceFailed
from verify import (
    attest_command,
    check_command,
    matrix_command,
    merge_command,
    plan_command,
    repair_command,
    resolve_command,
    run_command,
    submit_command,
    tools_command,
)
from verify.arguments import folders
from verify.plan import NoCell
from verify.resolver import ResolverFailed
from verify.run import RunnerFailed
from verify.runs_folder import NotARun

_FAILED = (
    DocumentError,
    WriteRefused,
    SourceFailed,
    ResolverFailed,
    RunnerFailed,
    NotARun,
)
_COMMANDS = (
    run_command,
    plan_command,
    matrix_command,
    repair_command,
    resolve_command,
    tools_command,
    check_command,
    submit_command,
    attest_command,
    merge_command,
)


def main(arguments: list[str] | None = None) -> int:
    """Carry out one command and return its exit status."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.command(options))
    except NoCell as error:
        print(f"nothing found: {error}", file=sys.stderr)
        return 1
    except _FAILED as error:
        print(f"error: {error}", file=sys.stderr)
        return 3
    except OSError as error:
        print(f"error: {error.filename or 'disk'}: {error.strerror or error}", file=sys.stderr)
        return 3
    except KeyboardInterrupt:
        print("interrupted; what is done is written, run it again to go on", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m verify",
        description="Prove cells by running them.",
        epilog="Example: python -m verify run --release 2.15.1 --python 3.11",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    shared = folders()
    for command in _COMMANDS:
        command.add(commands, shared)
    return parser
