"""Show how far long work has come: a bar on a terminal that has rich, plain lines elsewhere."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from rich.progress import Progress


class Advance(Protocol):
    """What is called once for each piece of work that is done."""

    def __call__(self) -> None:
        """Count one piece as done."""


@contextmanager
def progress(title: str, total: int) -> Iterator[Advance]:
    """Show progress of `total` pieces on standard error while the block runs."""
    if sys.stderr is not None and sys.stderr.isatty() and find_spec("rich"):
        with _bar() as bar:
            task = bar.add_task(title, total=total)
            yield lambda: bar.advance(task)
    else:
        yield _lines(title, total)


def _bar() -> "Progress":
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    return Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True))


def _lines(title: str, total: int) -> Advance:
    done = 0
    step = max(1, -(-total // 10))

    def advance() -> None:
        nonlocal done
        done += 1
        if done % step == 0 or done == total:
            print(f"{title}: {done} of {total}", file=sys.stderr, flush=True)

    return advance
