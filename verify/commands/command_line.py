"""The commands of `python -m verify`. Exit status: 0 done; 1 a cell or a file failed; 2 wrong
usage; 3 a source or the runner failed.
"""

import argparse
import sys

from kb.base.documents import DocumentError
from kb.base.errors import SourceFailed
from kb.base.writing import WriteRefused
from kb.runs.folder import NotARun
from verify.commands import attest as attest_command
from verify.commands import check as check_command
from verify.commands import matrix as matrix_command
from verify.commands import merge as merge_command
from verify.commands import plan as plan_command
from verify.commands import repair as repair_command
from verify.commands import resolve as resolve_command
from verify.commands import run as run_command
from verify.commands import submit as submit_command
from verify.commands import tools as tools_command
from verify.commands.arguments import folders
from verify.plan import NoCell
from verify.resolver import ResolverFailed
from verify.runner.run import RunnerFailed

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
