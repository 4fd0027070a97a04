"""The entry point: `tensorflow-compat`, the same as `python -m kb`.

Exit status: 0 answered; 1 nothing found, or a problem found; 2 wrong usage; 3 it failed: the
knowledge base, a source or the system.
"""

import argparse
import gc
import sys
from functools import partial
from importlib import import_module

from kb.base.printable import shown
from kb.terminal.ladder import carry_out
from kb.terminal.parser import Parser, asks_for_json
from kb.terminal.program import NAME, program

# Each command's module has `add_arguments` and `run`; only the one that is asked for is loaded.
QUESTIONS = {
    "find": ("kb.find.command", "the newest release that fits a machine, its set-up"),
    "lookup": ("kb.lookup.command", "what was published of a version, how to set it up"),
    "companion": ("kb.companion.command", "what goes with TensorFlow: tensorflow-text, keras"),
    "list": ("kb.list.command", "every series: newest release, Pythons, CUDA, how sure"),
    "doctor": ("kb.doctor.command", "what keeps TensorFlow from running on this machine"),
    "explain": ("kb.explain.command", "what an error message or a log means, what to do"),
    "problem": ("kb.problem.command", "a known problem told whole, by the id that is printed"),
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
    as_json = asks_for_json(words)
    is_program = arguments is None
    return carry_out(partial(_run, words, as_json, is_program), as_json=as_json)


def _run(words: list[str], as_json: bool, is_program: bool) -> int:
    from kb.base.store import DATA  # here, where Ctrl-C is told as well as can be

    whole = _Whole(program(), as_json=as_json)
    options = whole.parse(words)
    if options.command == VERIFY:
        return _verify(options, whole.prog)
    if options.command == "lookup" and _names_companion(options.rest, options.data or DATA):
        options.command = "companion"
    if options.command not in COMMANDS:
        whole.refuse_command(options.command, [*COMMANDS, VERIFY])
    command = command_parser(options.command, whole.prog, as_json=as_json)
    of_versions = options.command in ("lookup", "list", "diff")
    chosen = command.parse(_without_names(options.rest) if of_versions else options.rest)
    chosen.data = options.data or DATA
    chosen.parsers = command_parsers  # which completion asks for
    chosen.is_program = is_program  # and not called by one: the doctor looks where it is installed
    if options.command == "lookup" and _names_many_series(chosen):
        chosen.run = import_module(COMMANDS["list"][0]).run
    status: int = chosen.run(chosen)
    return status


def _without_names(words: list[str]) -> list[str]:
    """Return words without the name of TensorFlow before a version: `tf 2.15`."""
    return [
        word
        for word, after in zip(words, [*words[1:], ""], strict=False)
        if word.lower() not in ("tf", "tensorflow") or not after.lstrip("vV")[:1].isdigit()
    ]


def _names_many_series(lookup: argparse.Namespace) -> bool:
    """Tell whether a look-up is for a bare major version, such as `2`: `list` answers that."""
    from kb.base.store import Store
    from kb.base.vocabulary import read_version

    narrowing = ("platform", "os", "arch", "python", "device")
    version = read_version(lookup.version)
    if not version.isdecimal() or any(getattr(lookup, name) for name in narrowing):
        return False
    return any(name.startswith(f"{version}.") for name in Store(lookup.data).series_names())


def _names_companion(words: list[str], data: str) -> bool:
    """Tell whether a look-up is for a companion, such as `tensorflow-text`, or for a name that is
    no version: `companion` answers it.
    """
    from kb.base.names import is_tensorflow
    from kb.base.store import Store

    first = words[0].lower().replace("_", "-") if words else ""
    if not first[:1].isalpha() or not first.replace("-", "").isalnum() or is_tensorflow(first):
        return False
    return "-" in first or first in Store(data).companion_names()


def command_parsers() -> dict[str, Parser]:
    """Return the parsers of all commands, those of verify as `verify plan`."""
    of_verify = import_module(_VERIFY[0]).parser(VERIFY).commands()
    return {
        **{name: command_parser(name, "") for name in COMMANDS},
        **{f"{VERIFY} {name}": parser for name, parser in of_verify.items()},
    }


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
        self.add_argument("-V", "--version", action=_Version, nargs=0)
        self.add_argument("command", metavar="COMMAND")
        self.add_argument("rest", nargs=argparse.REMAINDER)

    def parse(self, words: list[str]) -> argparse.Namespace:
        """Return what stands before the command, the command, and the rest as it is."""
        options, has_command = _before_command(words)
        for option in options:
            if asks_for_json((option,)):
                self.error(f"--json goes after the command: `{self.prog} lookup 2.15 --json`")
            self.refuse_option(option)
            if option[:2] not in ("--", "-h", "-V"):
                self.error(f"no option {shown(option)!r}")
        if not has_command and not any(map(_ends_the_program, options)):
            self.error(f"name a command, such as `{self.prog} lookup 2.15`")
        return self.parse_args(words)

    def format_help(self) -> str:
        """Return the help of the whole, which fits a terminal of 80 columns and 24 lines."""
        questions = "".join(map(_row, QUESTIONS.items()))
        upkeep = "".join(map(_row, [*UPKEEP.items(), (VERIFY, _VERIFY)]))
        return (
            f"{self.format_usage()}"
            "Will this TensorFlow run here, and how do I set it up?\n"
            f"questions (each with --help and --json):\n{questions}"
            f"upkeep:\n{upkeep}"
            "options: --data DIR, another knowledge base's folder; --version; -h, --help\n"
            "examples:\n"
            f"  {self.prog} lookup 2.15 --python 3.11\n"
            f'  {self.prog} find --gpu "RTX 3090" --driver 535.104\n'
            "exit status: 0 answered, 1 nothing or a problem found, 2 wrong usage, 3 failed\n"
        )


def _before_command(words: list[str]) -> tuple[list[str], bool]:
    """Return the options before the command, without values, and whether a command follows."""
    options: list[str] = []
    is_value = False
    for word in words:
        if not is_value and not word.startswith("-"):
            return options, True
        if is_value:
            is_value = False
            continue
        option, has_value, _ = word.partition("=")
        options.append(option)
        is_value = not has_value and len(option) > 2 and "--data".startswith(option)
    return options, False


def _ends_the_program(option: str) -> bool:
    """Tell whether an option is one for the help or the version, which need no command."""
    return (
        option[:2] in ("-h", "-V") or "--help".startswith(option) or "--version".startswith(option)
    )


def _row(command: tuple[str, tuple[str, str]]) -> str:
    name, (_, about) = command
    return f"  {name:<11} {about}\n"
