"""What a project asks for, and what of it cannot be read."""

from typing import Any

from kb.base.findings import Finding, Severity
from kb.base.model import WayOut
from kb.base.record import Record

ALL = ":all:"  # as pip writes it


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


class PreReleases(Record):
    """Of which distributions a project takes pre-releases, and of which it does not; `ALL` is all
    others. Of one that is not named they are taken where nothing else is left, or by a range that
    names one.
    """

    taken: frozenset[str] = frozenset()
    refused: frozenset[str] = frozenset()

    def of(self, name: str) -> bool | None:
        """Tell whether pre-releases of a distribution are taken; None where nothing says so."""
        for asked in (name, ALL):
            if asked in self.taken:
                return True
            if asked in self.refused:
                return False
        return None

    def taking(self, names: frozenset[str]) -> "PreReleases":
        """Return these with the names among what is taken; `ALL` takes the place of all."""
        if ALL in names:
            return PreReleases(taken=frozenset({ALL}))
        return PreReleases(taken=self.taken | names, refused=self.refused - names)

    def refusing(self, names: frozenset[str]) -> "PreReleases":
        """Return these with the names among what is refused; `ALL` takes the place of all."""
        if ALL in names:
            return PreReleases(refused=frozenset({ALL}))
        return PreReleases(taken=self.taken - names, refused=self.refused | names)


class Project(Record):
    """What a file asks for: one set for each way to install it (alone, with each extra, with each
    group), the Pythons that it is for, whether it takes pre-releases, what of it cannot be read,
    and whether it names another index than the public one.
    """

    sets: tuple[tuple[Asked, ...], ...]
    python: PythonRange | None = None
    faults: tuple[Finding, ...] = ()
    pre_releases: PreReleases = PreReleases()
    other_index: bool = False


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
