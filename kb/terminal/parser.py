"""The parser of a program's words: what it refuses it tells with what comes nearest."""

import argparse
import sys
from collections.abc import Iterable
from functools import partial
from typing import Any, NoReturn

from kb.base.errors import WrongUsage
from kb.base.nearest import nearest
from kb.base.printable import printable, shown
from kb.terminal.ladder import tell

# This program speaks English alone; to look for translations of argparse's words costs each start.
vars(argparse)["_"] = str
# With the width given, argparse asks no terminal for it while it sets up: 5 ms a start.
_HELP = partial(argparse.HelpFormatter, width=80)


def asks_for_json(words: Iterable[str]) -> bool:
    """Tell whether words ask for a document, by any spelling of `--json`: `--js`, `--json=yes`."""
    return any(len(word) > 2 and "--json".startswith(word.partition("=")[0]) for word in words)


class Parser(argparse.ArgumentParser):
    """Reads the words of a program or a command; `as_json` tells wrong usage as a document too."""

    def __init__(self, *, as_json: bool = False, **named: Any) -> None:
        super().__init__(**{"formatter_class": _HELP, **named})
        self.as_json = as_json

    def parse(self, words: list[str]) -> argparse.Namespace:
        """Return what the words say. Ends the program for wrong usage and for `--help`."""
        own = words[: words.index("--")] if "--" in words else words
        commands = self.commands()
        for command in commands.values():
            command.as_json = self.as_json
        name = next((word for word in own if not word.startswith("-")), None)
        if commands and name is not None and name not in commands:
            self.refuse_command(name, commands)
        asked = commands.get(name or "", self)
        for word in own:  # before argparse tells what is missing for a mistyped option
            asked.refuse_option(word.partition("=")[0], mistyped=True)
        options, rest = self.parse_known_args(words)
        for word in rest:
            asked.refuse_option(word.partition("=")[0])
        if rest:
            asked.error(f"unexpected: {shown(' '.join(rest))!r}")
        return options

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        """Refuse a value that is none of the choices, with what comes nearest."""
        if action.choices is not None and value not in action.choices:
            known = [str(choice) for choice in action.choices]
            name = "/".join(action.option_strings) or str(action.metavar or action.dest)
            told = f"{name}: invalid choice: {shown(str(value))!r}; there are {', '.join(known)}"
            self.error(told, nearest(str(value), known))

    def refuse_command(self, name: str, known: Iterable[str]) -> NoReturn:
        """Tell of a command that there is not, and end the program."""
        self.error(f"no command {shown(name)!r}", nearest(name, known))

    def refuse_option(self, option: str, *, mistyped: bool = False) -> None:
        """Tell of an option that there is not, and end the program; where `mistyped`, only of one
        that looks like another.
        """
        known = [name for action in self._actions for name in action.option_strings]
        if option.startswith("--") and not any(name.startswith(option) for name in known):
            near = nearest(option, known)
            if near or not mistyped:
                self.error(f"no option {shown(option)!r}", near)

    def error(self, message: str, near: tuple[str, ...] = ()) -> NoReturn:
        """Tell wrong usage: the usage, a line and what comes nearest; end with its status."""
        if sys.stderr is not None:
            self.print_usage(sys.stderr)
        close = f"; nearest: {', '.join(near)}" if near else ""
        text = f"{printable(message)}{close}; `{self.prog} --help` tells more"
        self.exit(tell(WrongUsage(text, near), as_json=self.as_json))

    def print_help(self, file: Any = None) -> None:
        """Print the help. Raises OSError where that cannot be, which argparse would not tell."""
        (file or sys.stdout).write(self.format_help())

    def commands(self) -> "dict[str, Parser]":
        """Return the parsers of the commands that this one knows itself; none where it has none."""
        for action in self._actions:
            if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
                return dict(action.choices)
        return {}
