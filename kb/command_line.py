"""The entry point: `tensorflow-compat`, the same as `python -m kb`.

Exit status: 0 answered; 1 nothing found, or a problem found; 2 wrong usage; 3 it failed: the
knowledge base, a source or the system.
"""

import argparse
import gc
import sys
from functools import partial
from importlib import import_module

from kb.terminal.ladder import carry_out
from kb.terminal.parser import Parser
from kb.terminal.program import NAME, program

# Each command's module has `add_arguments` and `run`; only the one that is asked for is loaded.
QUESTIONS = {
    "find": ("kb.find.command", "the newest release that fits a machine, its set-up"),
    "lookup": ("kb.lookup.command", "what was published of a version, how to set it up"),
    "list": ("kb.list.command", "every series: newest release, Pythons, CUDA, how sure"),
    "doctor": ("kb.doctor.command", "what keeps TensorFlow from running on this machine"),
    "explain": ("kb.explain.command", "what an error message or a log means, what to do"),
    "check": ("kb.check.command", "does what a project asks for exist and fit together"),
    "diff": ("kb.diff.command", "what changes for a user between two versions"),
}
UPKEEP = {
    "completion": ("kb.completion", "print what completes commands in a shell"),
    "export": ("kb.export.command", "the whole knowledge base, for other tools"),
    "validate": ("kb.upkeep.validate_command", "check the knowledge base"),
    "index": ("kb.upkeep.index_command", "work out what find answers from"),
    "schema": ("kb.upkeep.schema_command", "the JSON Schema of the files, or an answer"),
}
COMMANDS = QUESTIONS | UPKEEP
# A program of its own, started from here alone.
VERIFY = "verify"
_VERIFY = ("verify.commands.command_line", "prove set-ups by running them")


def main(arguments: list[str] | None = None) -> int:
    """Carry out one command and return its exit status."""
    words = sys.argv[1:] if arguments is None else arguments
    as_json = any(len(word) > 2 and "--json".startswith(word) for word in words)
    return carry_out(partial(_run, words, as_json), as_json=as_json)


def _run(words: list[str], as_json: bool) -> int:
    from kb.base.store import DATA  # here, where Ctrl-C is told as well as can be

    whole = _Whole(program(), as_json=as_json)
    options = whole.parse_args(words)
    if options.command == VERIFY:
        return _verify(options, whole.prog)
    if options.command not in COMMANDS:
        whole.refuse_command(options.command, [*COMMANDS, VERIFY])
    command = command_parser(options.command, whole.prog, as_json=as_json)
    of_versions = options.command in ("lookup", "list", "diff")
    chosen = command.parse(_without_names(options.rest) if of_versions else options.rest)
    chosen.data = options.data or DATA
    status: int = chosen.run(chosen)
    return status


def _without_names(words: list[str]) -> list[str]:
    """Return words without the name of TensorFlow before a version: `tf 2.15`."""
    return [
        word
        for word, after in zip(words, [*words[1:], ""], strict=False)
        if word.lower() not in ("tf", "tensorflow") or not after.lstrip("vV")[:1].isdigit()
    ]


def command_parser(name: str, program: str, *, as_json: bool = False) -> Parser:
    """Return the parser of one command, which sets the function that carries it out as `run`."""
    module = import_module(COMMANDS[name][0])
    parser = Parser(prog=f"{program} {name}", as_json=as_json)
    module.add_arguments(parser)
    parser.set_defaults(run=module.run)
    return parser


def _verify(options: argparse.Namespace, program: str) -> int:
    gc.enable()  # it works for hours
    words = list(options.rest)
    if options.data is not None:
        words[1:1] = ["--data", options.data]
    status: int = import_module(_VERIFY[0]).start(words, f"{program} {VERIFY}")
    return status


class _Version(argparse.Action):
    """Prints the version and ends the program."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from importlib.metadata import PackageNotFoundError, version  # costs start-up

        try:
            print(f"{NAME} {version(NAME)}")
        except PackageNotFoundError:
            print(f"{NAME}, not installed")
        parser.exit()


class _Whole(Parser):
    """Reads what stands before the command, and leaves the rest to the command's own parser."""

    def __init__(self, program: str, *, as_json: bool) -> None:
        super().__init__(prog=program, as_json=as_json)
        self.usage = "%(prog)s [--data DIR] COMMAND ..."
        self.add_argument("--data")
        self.add_argument("--version", action=_Version, nargs=0)
        self.add_argument("command", metavar="COMMAND")
        self.add_argument("rest", nargs=argparse.REMAINDER)

    def format_help(self) -> str:
        """Return the help of the whole, which fits a terminal of 80 columns and 24 lines."""
        questions = "".join(map(_row, QUESTIONS.items()))
        upkeep = "".join(map(_row, [*UPKEEP.items(), (VERIFY, _VERIFY)]))
        return (
            f"{self.format_usage()}"
            "Will this TensorFlow run here, and how do I set it up?\n"
            f"\nquestions (each with --help and --json):\n{questions}"
            f"upkeep:\n{upkeep}"
            "options:\n"
            "  --data DIR  another knowledge base's folder; --version; -h, --help\n"
            "examples:\n"
            f"  {self.prog} lookup 2.15 --python 3.11\n"
            f'  {self.prog} find --gpu "RTX 3090" --driver 535.104\n'
            "exit status: 0 answered, 1 nothing or a problem found, 2 wrong usage, 3 failed\n"
        )


def _row(command: tuple[str, tuple[str, str]]) -> str:
    name, (_, about) = command
    return f"  {name:<11} {about}\n"
