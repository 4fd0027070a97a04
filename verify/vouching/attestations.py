"""Is a run attested, and does the ledger say just that? `gh attestation verify` verifies the
signature, the bytes, the workflow and the source; it is asked for each.

It takes the path of a workflow for the start of a name, so the certificate is read again: our
workflow signs on the main branch alone.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kb.base.documents import parse
from kb.base.errors import DocumentError, RunnerFailed
from kb.base.model import (
    Account,
    Attestation,
    Commit,
    Day,
    GitRef,
    Repository,
    RunId,
    Sha256,
    Workflow,
)
from kb.base.record import Record
from kb.runs import attested
from kb.runs.attested import MAIN, Signed, signed
from verify.hashing import sha256_of
from verify.vouching import gh

_GITHUB = "https://github.com/"
_NOT_COVERED = re.compile(
    r"no attestations found|HTTP 404|verification failed|verifying with issuer|expected \w+ to be",
    re.IGNORECASE,
)
_NO_ANSWER = re.compile(r"\bTUF\b|timeout|timed out|connect|HTTP (401|403|429|5)", re.IGNORECASE)
_MOST_OF_A_BUNDLE = 1 << 20


class Certificate(Record):
    """What a verified attestation says of the job that signed; `owner_id` is GitHub's number."""

    workflow: Workflow
    workflow_ref: GitRef
    repository: Repository
    ref: GitRef
    commit: Commit
    owner: Account
    owner_id: int


class Verified(Record):
    """An attestation that was verified: its certificate, and the text of its bundle."""

    certificate: Certificate
    bundle: str


def verified(run: Path, expected: Signed, kept: Path | None = None) -> Verified | None:
    """Return the attestation of the file of a run, None where there is none that says what is
    expected. `kept` is its bundle; without one, GitHub's is asked for. Raises RunnerFailed.
    """
    bundle = str(kept.absolute()) if kept else None
    words = attested.command(str(run.absolute()), expected, bundle)
    told = gh.ask([*words[1:], "--format", "json"])
    if not told.ok:
        if _NOT_COVERED.search(told.errors) and not _NO_ANSWER.search(told.errors):
            return None
        raise told.failure()
    return next(
        (one for one in map(_verified, _listed(told.document())) if _says(one, expected)), None
    )


def _says(found: Verified, expected: Signed) -> bool:
    """Tell whether an attestation says what `gh` was asked to hold it to, and is of our main."""
    of = found.certificate
    return (
        of.workflow.lower() == expected.workflow.lower()
        and of.workflow_ref == MAIN
        and of.repository.lower() == expected.repository.lower()
        and expected.ref in (None, of.ref)
        and expected.commit in (None, of.commit)
    )


def _listed(document: Any) -> list[Any]:
    return document if isinstance(document, list) else [document]


def _verified(result: Any) -> Verified:
    """Read one result of `gh attestation verify`. Raises RunnerFailed."""
    try:
        certificate = result["verificationResult"]["signature"]["certificate"]
        workflow, _, workflow_ref = certificate["buildSignerURI"].partition("@")
        said = {
            "workflow": workflow.removeprefix(_GITHUB),
            "workflow_ref": workflow_ref,
            "repository": certificate["sourceRepositoryURI"].removeprefix(_GITHUB),
            "ref": certificate["sourceRepositoryRef"],
            "commit": certificate["sourceRepositoryDigest"],
            "owner": certificate["sourceRepositoryOwnerURI"].removeprefix(_GITHUB),
            "owner_id": int(certificate["sourceRepositoryOwnerIdentifier"]),
        }
        bundle = json.dumps(result["attestation"]["bundle"], separators=(",", ":"))
        return Verified(parse(json.dumps(said).encode(), Certificate, "gh"), bundle + "\n")
    except (KeyError, TypeError, ValueError, AttributeError, DocumentError):
        raise RunnerFailed(
            "gh tells an attestation otherwise than it used to; bring gh or this project up to date"
        ) from None


def row(run: RunId, sha256: Sha256, found: Verified, ours: Repository, today: Day) -> Attestation:
    """Return what the ledger of our repository says of an attested run."""
    of = found.certificate
    is_ours = of.repository.lower() == ours.lower()
    return Attestation(
        run=run,
        sha256=sha256,
        verified=today,
        workflow=of.workflow,
        repository=of.repository,
        ref=of.ref,
        commit=of.commit,
        owner=None if is_ours else of.owner,
        owner_id=None if is_ours else of.owner_id,
    )


def faults(attestation: Attestation, run: Path | None, ours: Repository) -> Iterator[str]:
    """Yield what is wrong with a row of the ledger, given where its run lies.

    Raises RunnerFailed.
    """
    if run is None:
        yield "its run is not there"
        return
    if run.is_symlink() or sha256_of(run) != attestation.sha256:
        yield "its run is another file than the one that was attested"
        return
    kept = Path(attested.bundle(run))
    if kept.is_symlink() or not kept.is_file() or kept.stat().st_size > _MOST_OF_A_BUNDLE:
        yield f"its attestation is not kept beside it, as {kept.name}"
        return
    found = verified(run, signed(attestation, ours), kept)
    if found is None:
        yield "no attestation of our workflow covers it"
    elif found.certificate.commit != attestation.commit:
        yield f"it was attested for commit {found.certificate.commit}, not {attestation.commit}"
    elif attestation.owner_id not in (None, found.certificate.owner_id):
        yield f"its owner is GitHub's number {found.certificate.owner_id}"
