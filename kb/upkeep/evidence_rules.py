"""What must hold of the evidence, of the ledgers that it rests on, and of the keys of signers."""

from collections.abc import Iterator

from kb.base.model import (
    Attestation,
    AttestationsFile,
    EvidenceFile,
    Sender,
    SendersFile,
    SeriesFile,
    SignersFile,
)
from kb.base.versions import is_final, series
from kb.cells.standing import CONCLUSIVE

_MERGE = "run `python -m verify merge`"


def evidence_faults(name: str, file: EvidenceFile, known: SeriesFile | None) -> Iterator[str]:
    """Yield what is wrong with `evidence/<name>.yaml`, given the releases of that series.

    Candidates and nightlies come and go, and what was seen of them stays true.
    """
    builds = {
        (release.distribution, release.release, build.platform)
        for release in (known.releases if known else ())
        for build in release.builds
    }
    seen = set()
    for run in file.runs:
        where = f"evidence/{name}.yaml: {run.run}"
        if run.run in seen:
            yield f"{where}: stands twice; {_MERGE}"
        seen.add(run.run)
        if series(run.release) != name:
            yield f"{where}: is about no release of {name}; {_MERGE}"
        elif (
            known is not None
            and is_final(run.release)
            and (run.distribution, run.release, run.platform) not in builds
        ):
            yield f"{where}: is about no build that there is; {_MERGE}"
        if run.outcome not in CONCLUSIVE:
            yield f"{where}: {run.outcome} says nothing of the cell; {_MERGE}"
        if (run.outcome == "ok") != (run.proves is not None):
            yield f"{where}: is ok and proves no rung, or the other way round; {_MERGE}"


def attestations_faults(file: AttestationsFile) -> Iterator[str]:
    """Yield what is wrong with `attestations.yaml`."""
    yield from _ledger_faults("attestations", file.attestations)
    for row in file.attestations:
        named = (row.workflow, row.repository, row.ref, row.commit, row.owner_id)
        if row.owner is not None and None in named:
            yield (
                f"attestations.yaml: {row.run}: a fork's run names all that its attestation says; "
                "remove it and run `python -m verify attest` again"
            )


def senders_faults(file: SendersFile) -> Iterator[str]:
    """Yield what is wrong with `senders.yaml`."""
    yield from _ledger_faults("senders", file.senders)
    for row in file.senders:
        if (row.pull_request is None) == (row.key is None):
            yield (
                f"senders.yaml: {row.run}: is known by its pull request or by a key, one of both; "
                "remove it and run `python -m verify senders` again"
            )


def signers_faults(file: SignersFile) -> Iterator[str]:
    """Yield what is wrong with `signers.yaml`."""
    accounts: dict[str, int] = {}
    for row in file.signers:
        accounts.setdefault(row.key, row.account_id)
        if accounts[row.key] != row.account_id:
            yield f"signers.yaml: {row.account}: their key is another account's; remove it from one"


def _ledger_faults(name: str, rows: tuple[Attestation | Sender, ...]) -> Iterator[str]:
    runs = [row.run for row in rows]
    if runs != sorted(set(runs)):
        yield f"{name}.yaml: {name}: list each run once, sorted"
    for row in rows:
        if not row.run.endswith(f"-{row.sha256[:12]}"):
            yield f"{name}.yaml: {row.run}: is not the run with that sha256; remove it"
