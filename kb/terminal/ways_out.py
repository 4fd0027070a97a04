"""Lay a way out out for a terminal."""

from collections.abc import Collection

from kb.base.findings import sentence
from kb.base.model import Presupposed, WayOut
from kb.terminal.layout import wrapped
from kb.terminal.program import as_started
from kb.terminal.style import Style


def way_out(
    way: WayOut, width: int, style: Style, met: Collection[Presupposed] = ()
) -> tuple[list[str], list[str]]:
    """Return the lines of a way out's sentence, at most `width` letters wide, and those of its
    command, which are never broken, to be copied. What is known to be `met` is not told.
    """
    told = wrapped(as_started(sentence(way, met)), width)
    commands = as_started(way.command or "").splitlines()
    return told, [style.code(line) for line in commands if line]
