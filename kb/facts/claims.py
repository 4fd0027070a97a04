"""A claim: what one source says of one thing. All that is known of a build is claims.

`kb.facts.sources` lists the sources; what follows from their claims is worked out elsewhere.
"""

from collections.abc import Iterable
from typing import Literal

from kb.base.model import Device, Platform, Python
from kb.base.record import Record

About = Literal[
    "exists",
    "python",
    "cuda build",
    "cuda",
    "machine code",
    "PTX",
    "cudnn",
    "cudnn installed",
    "compute capabilities",
    "minimum compute capability",
    "minimum driver",
    "minimum driver on WSL2",
    "oldest system",
    "oldest pip",
    "works",
]
TENSORFLOW = "TensorFlow"  # the name of a subject that is all distributions of a release or series
CUDA = "CUDA"  # the name of a subject that is a release of CUDA
UBUNTU = "Ubuntu"  # the name of a subject that is a release of Ubuntu
PIP = "pip"  # the name of a subject that is a kind of wheel's tag: which pip takes it


class Source(Record):
    """Where a claim stands: its id, its public address (None for the index), the day read (None of
    tables that people keep); of a wheel its sha256.
    """

    id: str
    url: str | None
    read: str | None
    sha256: str | None = None


class Subject(Record):
    """What a claim is about: one thing of a release, on these platforms. `name` is a distribution,
    or TENSORFLOW, or CUDA; of TENSORFLOW the release can be a series. What works is of a Python and
    a device too.
    """

    name: str
    release: str
    platforms: tuple[Platform, ...]
    about: About
    python: Python | None = None
    device: Device | None = None


class Claim(Record):
    """What one source says of a subject. The value is a text: `12.2`, `3.9-3.11`, `yes`, `runs`.

    `claimant` is the source of the list that says it, by its function's name; the list sets it.
    """

    source: Source
    subject: Subject
    value: str
    claimant: str = ""


class Statement(Record):
    """A claim in words: the source's id, and what it says."""

    source: str
    says: str


class Contradiction(Record):
    """Claims about one thing, of one release and the platforms named, that cannot all hold."""

    release: str
    platforms: tuple[Platform, ...]
    about: str
    claims: tuple[Statement, ...]


class Claims:
    """Claims in the order in which they are believed: those of the preferred source first."""

    def __init__(self, claims: Iterable[Claim]) -> None:
        self._all: dict[About, list[Claim]] = {}
        self._of_release: dict[tuple[About, str, str], list[Claim]] = {}
        self._ranks: dict[str, int] = {}
        for claim in claims:
            name, release, _, about, *_ = claim.subject
            self._all.setdefault(about, []).append(claim)
            self._of_release.setdefault((about, name, release), []).append(claim)
            self._ranks.setdefault(claim.claimant, len(self._ranks))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Claims) and self._all == other._all

    def __hash__(self) -> int:
        return hash(tuple(map(tuple, self._all.values())))

    def sources(self) -> set[Source]:
        """Return where all the claims stand."""
        return {claim.source for some in self._all.values() for claim in some}

    def about(self, about: About) -> tuple[Claim, ...]:
        """Return all that is said about this, of whatever release."""
        return tuple(self._all.get(about, ()))

    def of(
        self, name: str, release: str, platforms: tuple[Platform, ...], about: About
    ) -> tuple[Claim, ...]:
        """Return what is said of a release on any of these platforms."""
        return tuple(
            claim
            for claim in self._of_release.get((about, name, release), ())
            if not set(platforms).isdisjoint(claim.subject.platforms)
        )

    def rank(self, claim: Claim) -> int:
        """Return how far behind the preferred source a claim's source stands."""
        return self._ranks[claim.claimant]
