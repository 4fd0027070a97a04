"""How sure we are of a cell: the highest rung that something proves, and what proves it."""

from typing import Literal

from kb.claims import Source
from kb.record import Record

Rung = Literal["documented", "shipped", "resolves", "runs", "links", "runs-gpu"]
Verdict = Literal["ok", "broken", "disputed", "unknown"]


class Proof(Record):
    """A source, and whether it speaks for the cell or against it."""

    source: Source
    supports: bool = True


class Evidence(Record):
    """All that is known of a cell: its official row, its wheel, the resolver's answer."""

    documented: Proof | None = None
    shipped: Proof | None = None
    resolved: Proof | None = None


class Standing(Record):
    """Where a cell stands, as of which day, by which proofs; no rung where nothing proves one."""

    rung: Rung | None
    standing: Verdict
    as_of: str | None
    proof: tuple[Source, ...]


def standing(evidence: Evidence) -> Standing:
    """Work out where a cell stands.

    Claims alone leave it `unknown`: only carrying the recipe out can make it `ok`. A recipe whose
    requirements cannot be resolved cannot be carried out either: `broken`.
    """
    rungs: tuple[tuple[Rung, Proof | None], ...] = (
        ("resolves", evidence.resolved),
        ("shipped", evidence.shipped),
        ("documented", evidence.documented),
    )
    against = [proof.source for _, proof in rungs if proof is not None and not proof.supports]
    proven = [(rung, proof.source) for rung, proof in rungs if proof is not None and proof.supports]
    best = proven[0] if proven else None
    return Standing(
        rung=best[0] if best else None,
        standing="broken" if against else "unknown",
        as_of=against[0].read if against else best[1].read if best else None,
        proof=tuple(against) + tuple(source for _, source in proven),
    )
