"""How to write to a terminal: how wide, and in which colours."""

import os
import re
import sys
from collections.abc import Mapping
from typing import TextIO

from kb.base.printable import printable
from kb.base.record import Record

_WIDEST = 100
_OWN_CODE = r"(\033\[(?:0|1|2|33|36)m)"  # all that `Style` writes


_NARROWEST = 40


class Style(Record):
    """How wide to write, and whether in colour."""

    width: int = 80
    colour: bool = False

    def bold(self, text: str) -> str:
        """Return text that stands out."""
        return self._with("1", text)

    def dim(self, text: str) -> str:
        """Return text that stands back."""
        return self._with("2", text)

    def warn(self, text: str) -> str:
        """Return text that warns."""
        return self._with("33", text)

    def code(self, text: str) -> str:
        """Return text to copy."""
        return "\n".join(self._with("36", line) for line in text.split("\n"))

    def _with(self, number: str, text: str) -> str:
        return f"\033[{number}m{text}\033[0m" if self.colour and text else text


def style_for(stream: TextIO, environment: Mapping[str, str] | None = None) -> Style:
    """Return the style for a stream: in colour on a terminal, unless NO_COLOR is set."""
    environment = os.environ if environment is None else environment
    if not stream.isatty():
        return Style()
    width = max(_NARROWEST, min(os.get_terminal_size(stream.fileno()).columns or 80, _WIDEST))
    plain = environment.get("NO_COLOR") or environment.get("TERM") == "dumb"
    return Style(width, colour=not plain and sys.platform != "win32")


def show(page: str, style: Style) -> None:
    """Print a page that was written in a style, without letters that could steer the terminal."""
    pieces = re.split(_OWN_CODE, page) if style.colour else [page]
    for number, piece in enumerate(pieces):
        if number % 2 == 0:  # each other piece is a code
            pieces[number] = "\n".join(map(printable, piece.split("\n")))
    print("".join(pieces))
