"""What a pull request from outside may do to the ledgers: nothing. Our own workflows write them."""

from collections.abc import Iterator
from pathlib import Path

from kb.base.documents import load
from kb.base.model import Attestation, AttestationsFile, Sender, SendersFile
from kb.base.store import Store

NAMES = ("attestations.yaml", "senders.yaml")


def faults(path: Path, store: Store) -> Iterator[str]:
    """Yield what is wrong with a ledger that is proposed, held against the knowledge base's own.

    Raises DocumentError.
    """
    if path.is_symlink():
        yield "a ledger is a plain file"
        return
    before, after = _rows(path, store)
    brought = [row.run for row in after if row not in before]
    taken = [row.run for row in before if row not in after]
    if brought:
        yield f"it brings rows ({_named(brought)}); our own workflow writes them: leave it out"
    if taken:
        yield f"it takes rows away ({_named(taken)}); leave it out"


def _rows(path: Path, store: Store) -> tuple[tuple[Attestation | Sender, ...], ...]:
    if path.name == "attestations.yaml":
        return store.attestations().attestations, load(path, AttestationsFile).attestations
    return store.senders().senders, load(path, SendersFile).senders


def _named(runs: list[str]) -> str:
    return ", ".join([*runs[:3], *(["..."] if len(runs) > 3 else [])])
