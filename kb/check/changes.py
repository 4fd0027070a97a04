"""Changes of what a project asks for. `check` offers none that it would find fault with itself:
each is made, and what comes of it is checked as the project was.
"""

import re
import shlex
from collections.abc import Callable, Iterable, Iterator
from copy import copy
from itertools import islice
from typing import Any

from packaging.utils import canonicalize_name

from kb.base.findings import Finding
from kb.base.model import Python, WayOut
from kb.base.names import is_tensorflow
from kb.base.record import Record
from kb.base.versions import key, spans
from kb.check.asked import Asked, Project
from kb.check.lines import parse

_TRIED = 40  # changes for one way out, the nearest first
_ROUNDS = 5  # of what else a change needs


class Change(Record):
    """Requirements to ask for, in place of those of the same names or beside them; names to ask for
    no more; and the Pythons to keep to, where there are any. `caveat` is what it brings with it.
    """

    asks: tuple[str, ...] = ()
    leaves_out: tuple[str, ...] = ()
    pythons: tuple[Python, ...] = ()
    caveat: str | None = None

    def told(self) -> str:
        """Return the change in words: `ask for tensorflow==2.7.0 and protobuf<4`."""
        parts = []
        if self.asks:
            parts.append(f"ask for {self.asked()}")
        if self.leaves_out:
            parts.append(f"leave {' and '.join(self.leaves_out)} out")
        told = ", and ".join(parts)
        if self.pythons:
            on = f"Python {spans(sorted(self.pythons, key=key))}"
            told = f"{told} on {on}" if told else f"use {on}"
        return f"{told}; {self.caveat}" if self.caveat else told

    def asked(self) -> str:
        """Return what to ask for in words: `tensorflow==2.7.0 and protobuf<4`."""
        return " and ".join(self.asks)

    def with_needs(self, needs: "Change") -> "Change":
        """Return the change with what it needs besides."""
        own = {_name(ask) for ask in self.asks} | set(self.leaves_out)
        more = tuple(ask for ask in needs.asks if _name(ask) not in own)
        out = tuple(name for name in needs.leaves_out if name not in own)
        return self._replace(asks=self.asks + more, leaves_out=self.leaves_out + out)


class TriedWayOut(WayOut):
    """A way out that changes what a project asks for, and what it then asks for."""

    change: Change | None = None


class Draft(Record):
    """A finding whose ways out are not yet worked out: `mend` yields them. `needs` is what alone
    mends it, where that is known: another change may need it besides.
    """

    finding: Finding
    mend: Callable[["Trial"], Iterator[WayOut]]
    needs: Change | None = None

    def at(self, asked: Asked | None) -> "Draft":
        """Return the draft at another requirement, where there is one."""
        if asked is None:
            return self
        return self._replace(finding=self.finding._replace(file=asked.file, line=asked.line))

    def citing(self, *sources: str | None) -> "Draft":
        """Return the draft with the sources that there are."""
        found = tuple(source for source in sources if source)
        return self._replace(finding=self.finding._replace(sources=found))


class Judged(Record):
    """What is found about a project, and whether pip takes any TensorFlow for it."""

    drafts: tuple[Draft, ...]
    takes_any: bool


Judge = Callable[[Project, tuple[Python, ...]], Judged]
_NUMBERS = re.compile(r"[0-9][0-9.-]*")
_Fault = tuple[str, str | None, int | None, str]


class Trial:
    """Tries changes of a project, for one of its findings."""

    def __init__(self, judge: Judge, project: Project, before: Judged, draft: Draft) -> None:
        """Take what is found about the project before."""
        self._judge = judge
        self._project = project
        self._finding = draft.finding
        self._errors = {_fault(d.finding) for d in before.drafts if d.finding.severity == "error"}
        self._asked = {entry.name for asked in project.sets for entry in asked}

    def offer(
        self, changes: Iterable[Change], told: str | Callable[[Change], str] = Change.told
    ) -> Iterator[TriedWayOut]:
        """Yield the first change that passes, with what it needs besides; `told` has its words, or
        makes them of it.
        """
        for change in islice(changes, _TRIED):
            passing = self.passing(change)
            if passing is not None:
                words = told if isinstance(told, str) else told(passing)
                yield TriedWayOut(told=words, change=passing)
                return

    def passing(self, change: Change, takes_any: bool = True) -> Change | None:
        """Return a change with what it needs besides, or None where an error of the same rule is
        left, or a new one comes, or pip takes no TensorFlow, unless that is not asked.

        What is asked for already is changed besides only where no TensorFlow is.
        """
        is_of_release = any(is_tensorflow(_name(ask)) for ask in change.asks)
        for _ in range(_ROUNDS):
            judged = self._judge(mended(self._project, change, self._at()), change.pythons)
            bad = [draft for draft in judged.drafts if self._is_against(draft.finding)]
            if not bad:
                return change if judged.takes_any or not takes_any else None
            needs = [draft.needs for draft in bad if draft.needs is not None]
            if len(needs) < len(bad):
                return None
            if is_of_release and any(self._asked & {_name(a) for a in n.asks} for n in needs):
                return None
            more = change
            for needed in needs:
                more = more.with_needs(needed)
            if more == change:
                return None
            change = more
        return None

    def pythons(self, pythons: Iterable[Python]) -> tuple[Python, ...]:
        """Return those Pythons on which all that is asked for passes as it is."""
        changes = {python: Change(pythons=(python,)) for python in pythons}
        return tuple(python for python, change in changes.items() if self.passing(change) == change)

    def _is_against(self, finding: Finding) -> bool:
        is_same = finding.rule == self._finding.rule
        if finding.severity != "error":
            return is_same and self._finding.severity != "error"
        return is_same or _fault(finding) not in self._errors

    def _at(self) -> tuple[str, int]:
        return self._finding.file or "", self._finding.line or 0


def always(*ways: WayOut) -> Callable[[Trial], Iterator[WayOut]]:
    """Return what yields ways out that change nothing of what is asked for."""
    return lambda _: iter(ways)


def change_of(way: WayOut) -> Change | None:
    """Return the change that a way out with a command of pip's comes to, or None for another."""
    words = shlex.split(way.command or "")
    if words[:2] == ["pip", "install"]:
        return Change(asks=tuple(words[2:]))
    if words[:2] == ["pip", "uninstall"]:
        return Change(leaves_out=tuple(words[2:]))
    return None


def mended(project: Project, change: Change, at: tuple[str, int]) -> Project:
    """Return a project with a change made; what is added stands at a file and line."""
    sets = tuple(tuple(_changed(asked, change, at)) for asked in project.sets)
    return project._replace(sets=sets)


def _changed(asked: tuple[Asked, ...], change: Change, at: tuple[str, int]) -> Iterator[Asked]:
    wanted: dict[str, list[Any]] = {}
    for text in change.asks:
        wanted.setdefault(_name(text), []).append(parse(text))
    left = set(wanted) if any(is_tensorflow(entry.name) for entry in asked) else set()
    for entry in asked:
        news = wanted.get(entry.name)
        if entry.name in change.leaves_out:
            continue
        if news is None:
            yield entry
        elif news[0].marker is None:
            yield entry._replace(requirement=_in_fault(news[0], entry.requirement))
        elif entry.name in left:
            yield from (entry._replace(requirement=new) for new in news)
        left.discard(entry.name)
    file, line = at
    for name in left:
        for new in wanted[name]:
            yield Asked(file=file, line=line, name=name, requirement=new)


def _in_fault(new: Any, old: Any) -> Any:
    """Return a requirement that stands where another one stood: the marker stays."""
    found = copy(new)
    found.marker = old.marker
    return found


def _name(text: str) -> str:
    return str(canonicalize_name(parse(text).name))


def _fault(finding: Finding) -> _Fault:
    """Return what tells an error apart from others, whatever releases it names."""
    return finding.rule, finding.file, finding.line, _NUMBERS.sub("", finding.text)
