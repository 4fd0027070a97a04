"""`python -m kb explain`: what an error message or a log means, and what to do."""

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from kb.answers.message_scan import blocks_of
from kb.answers.messages import explain
from kb.base.errors import Unreadable
from kb.base.store import Store
from kb.terminal.arguments import add_json


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.epilog = "Example: python my_training.py 2>&1 | %(prog)s -"
    parser.add_argument(
        "text",
        nargs="?",
        default="-",
        metavar="TEXT",
        help="a message in quotes, the name of a log file, or - for standard input (the default)",
    )
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Print the explanation, and return the exit status."""
    with _opened(options.text) as blocks:
        explanation = explain(Store(options.data), blocks)
    if options.json:
        from kb.explain.document import document

        print(document(explanation))
    else:
        from kb.explain.page import page
        from kb.terminal.style import show, style_for

        style = style_for(sys.stdout)
        show(page(explanation, style), style)
    return 0 if explanation.matches else 1


@contextmanager
def _opened(text: str) -> Iterator[Iterator[bytes]]:
    """Open what an argument names: standard input, a file that exists, or the text itself."""
    if text == "-":
        yield _read(_standard_input(), "standard input")
    elif _is_there(text):
        try:
            with Path(text).open("rb") as file:
                yield _read(file, text)
        except OSError as error:
            raise Unreadable(f"{text}: {error.strerror or error}") from None
    else:
        if _looks_like_a_file(text):
            raise Unreadable(f"{text}: no such file; put a message in quotes to explain itself")
        yield iter([text.encode("utf-8", "replace")])


def _is_there(text: str) -> bool:
    try:
        return bool(text) and Path(text).exists()
    except (OSError, ValueError):  # too long for a name, or with a zero byte
        return False


def _looks_like_a_file(text: str) -> bool:
    is_path = text.endswith((".log", ".txt", ".out", ".err")) or "/" in text or "\\" in text
    return is_path and not any(letter.isspace() for letter in text)


def _standard_input() -> BinaryIO:
    if sys.stdin is None:
        raise Unreadable("standard input is closed; name a file, or put the message in quotes")
    if sys.stdin.isatty():
        print(
            "Paste the message, then press Ctrl-D (Ctrl-Z and Enter on Windows).", file=sys.stderr
        )
    return sys.stdin.buffer


def _read(stream: BinaryIO, name: str) -> Iterator[bytes]:
    try:
        yield from blocks_of(stream)
    except OSError as error:
        raise Unreadable(f"{name}: {error.strerror or error}") from None
