"""Lay out how to check a set-up."""

from collections.abc import Iterable

from kb.cells.checks import Check
from kb.terminal.style import Style


def check_lines(steps: Iterable[Check], commands: Iterable[str], style: Style) -> list[str]:
    """Return the lines of the checks of a recipe: each with its command and what that prints."""
    lines: list[str] = []
    for number, (step, command) in enumerate(zip(steps, commands, strict=True), 1):
        lines += ["", style.bold(f"Check {number}: {step.title}"), style.code(command)]
        lines += [style.dim("Expected:"), *map(style.dim, step.expected.split("\n"))]
    return lines[1:]
