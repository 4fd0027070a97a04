"""The commands of `python -m verify`. Exit status: 0 done; 1 a cell or a file failed; 2 wrong
usage; 3 a source or the runner failed.
"""

import signal
import sys
from functools import partial

from kb.terminal.ladder import carry_out
from kb.terminal.parser import Parser, asks_for_json
from verify.commands import attest as attest_command
from verify.commands import bundle as bundle_command
from verify.commands import check as check_command
from verify.commands import compare as compare_command
from verify.commands import join as join_command
from verify.commands import matrix as matrix_command
from verify.commands import merge as merge_command
from verify.commands import plan as plan_command
from verify.commands import repair as repair_command
from verify.commands import resolve as resolve_command
from verify.commands import run as run_command
from verify.commands import senders as senders_command
from verify.commands import sign as sign_command
from verify.commands import submit as submit_command
from verify.commands import take as take_command
from verify.commands import tools as tools_command
from verify.commands.arguments import folders

PROGRAM = "python -m verify"
_COMMANDS = (
    run_command,
    bundle_command,
    join_command,
    plan_command,
    matrix_command,
    repair_command,
    resolve_command,
    tools_command,
    check_command,
    compare_command,
    take_command,
    sign_command,
    submit_command,
    senders_command,
    attest_command,
    merge_command,
)


def main(arguments: list[str] | None = None, program: str = PROGRAM) -> int:
    """Carry out one command and return its exit status."""
    words = sys.argv[1:] if arguments is None else arguments
    as_json = asks_for_json(words)
    return carry_out(
        partial(_run, words, program, as_json=as_json),
        as_json=as_json,
        interrupted="interrupted; what is done is written, run it again to go on",
        no_reader=3,
    )


def start(arguments: list[str] | None = None, program: str = PROGRAM) -> int:
    """Do the same as a program of its own, which also cleans up when a terminal closes or a runner
    gives up.
    """
    for ends in (signal.SIGINT, signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)):
        signal.signal(ends, signal.default_int_handler)
    return main(arguments, program)


def _run(words: list[str], program: str, *, as_json: bool) -> int:
    options = parser(program, as_json=as_json).parse(words)
    return int(options.command(options))


def parser(program: str, *, as_json: bool = False) -> Parser:
    """Return the parser of all commands; `as_json` tells wrong usage as a document too."""
    whole = Parser(
        prog=program,
        as_json=as_json,
        description="Prove cells by running them.",
        epilog="Example: %(prog)s run --release 2.15.1 --python 3.11",
    )
    commands = whole.add_subparsers(required=True, metavar="COMMAND")
    shared = folders()
    for command in _COMMANDS:
        command.add(commands, shared)
    return whole
