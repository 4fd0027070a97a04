"""What the ledgers say of a run, by the sha256 of its file: whom to believe, and who ran it.

Nothing in a run can say either.
"""

from kb.base.model import (
    Account,
    Attestation,
    AttestationsFile,
    Sender,
    SendersFile,
    Sha256,
    Trust,
)
from kb.base.record import Record
from kb.cells.runners import attested_by


class Vouched(Record):
    """How far a run is to be believed, and who ran it; None where nobody knows, and where our own
    workflow did. With the rows that say so.
    """

    trust: Trust
    runner: Account | None
    attestation: Attestation | None = None
    sender: Sender | None = None


class Ledgers:
    """The ledgers of attested runs and of who ran what."""

    def __init__(self, attestations: AttestationsFile, senders: SendersFile) -> None:
        self._attestations = {row.sha256: row for row in attestations.attestations}
        self._senders = {row.sha256: row for row in senders.senders}
        self._names = _names(attestations, senders)

    def of(self, sha256: Sha256) -> Vouched:
        """Return what they say of the run whose file has a sha256."""
        attestation, sender = self._attestations.get(sha256), self._senders.get(sha256)
        if attestation is not None and attestation.owner is None:
            return Vouched("attested", None, attestation, sender)
        if attestation is not None and attestation.owner is not None:
            owner = self._name(attestation.owner, attestation.owner_id)
            return Vouched(attested_by(owner), owner, attestation, sender)
        runner = self._name(sender.account, sender.account_id) if sender else None
        return Vouched("self-reported", runner, None, sender)

    def _name(self, account: Account, number: int | None) -> Account:
        return account if number is None else self._names[number]


def _names(attestations: AttestationsFile, senders: SendersFile) -> dict[int, Account]:
    """Return the name that each account had last, by GitHub's number: names change."""
    noted = [(row.noted, row.account_id, row.account) for row in senders.senders]
    noted += [
        (row.verified, row.owner_id, row.owner)
        for row in attestations.attestations
        if row.owner is not None and row.owner_id is not None
    ]
    return {number: name for _, number, name in sorted(noted)}
