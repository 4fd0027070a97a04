"""What a project asks for, and what of it cannot be read."""

from typing import Any

from kb.base.findings import Finding, Severity
from kb.base.model import WayOut
from kb.base.record import Record


class Asked(Record):
    """One requirement and where it stands. `requirement` is packaging's own; a constraint bounds
    what others ask for.
    """

    file: str
    line: int
    name: str
    requirement: Any
    constraint: bool = False


class PythonRange(Record):
    """The Pythons that a project is for; `specifiers` is packaging's own."""

    file: str
    line: int
    text: str
    specifiers: Any


class Project(Record):
    """What a file asks for: one set for each way to install it (alone, with each extra, with each
    group), the Pythons that it is for, and what of it cannot be read.
    """

    sets: tuple[tuple[Asked, ...], ...]
    python: PythonRange | None = None
    faults: tuple[Finding, ...] = ()


class Fault(ValueError):
    """What is wrong with a piece of a file, in one line, and what to do about it."""

    def __init__(self, text: str, fix: str) -> None:
        super().__init__(text)
        self.fix = fix

    def finding(
        self, file: str, line: int, rule: str = "unreadable", severity: Severity = "error"
    ) -> Finding:
        """Return what is wrong as a finding at a line of a file."""
        return Finding(
            rule=rule,
            severity=severity,
            text=str(self),
            ways_out=(WayOut(told=self.fix),),
            file=file,
            line=line,
        )
