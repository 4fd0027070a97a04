"""What is told of an id, as records."""

from typing import Literal

from kb.base.model import Bounds, Capability, Device, MessageSeverity, Platform, Python, WayOut
from kb.base.record import Record

# What an id may be of.
IdKind = Literal["problem", "message", "note", "run"]


class Titled(Record):
    """An id that can be opened, what it is of, and its title."""

    id: str
    kind: IdKind
    title: str


class NotHit(Record):
    """The series that fit on these platforms and that a problem does not hit, oldest first: by
    name, or by their newest release that fits where the problem hits another one of them. Those of
    `on_some` fit on some of the GPUs that it hits, the others on every one.
    """

    platforms: tuple[Platform, ...]
    releases: tuple[str, ...]
    on_some: tuple[str, ...] = ()


class ProblemAnswer(Record):
    """What is known under an id. An empty list of platforms, devices, Pythons, capabilities or
    kinds of GPUs means all, one of releases any; `gpus` names the generations of the capabilities.
    `problems` are those that a message tells of. `severity` is that of a message.
    """

    id: str
    kind: IdKind
    title: str
    cause: str
    sources: tuple[str, ...]
    severity: MessageSeverity | None = None
    releases: tuple[Bounds, ...] = ()
    platforms: tuple[Platform, ...] = ()
    devices: tuple[Device, ...] = ()
    pythons: tuple[Python, ...] = ()
    compute_capabilities: tuple[Capability, ...] = ()
    gpus: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    looks_like: tuple[str, ...] = ()
    ways_out: tuple[WayOut, ...] = ()
    problems: tuple[Titled, ...] = ()
    not_hit: tuple[NotHit, ...] = ()

    @property
    def fix(self) -> tuple[str, ...]:
        """The ways out, each as one text."""
        return tuple(way.text for way in self.ways_out)
