"""How anyone verifies that a run is attested: the command of GitHub's `gh`, word by word."""

from pathlib import PurePath

from kb.base.model import Attestation, Commit, GitRef, Repository, Workflow
from kb.base.record import Record

OUR_WORKFLOW_FILE = ".github/workflows/verify.yml"
FORKS_WORKFLOW_FILE = ".github/workflows/attested-run.yml"
MAIN = "refs/heads/main"  # a changed workflow on another branch must not vouch for anything


class Signed(Record):
    """What an attestation has to say: which workflow signed, for which repository; and the branch
    and the commit, where these are known.
    """

    workflow: Workflow
    repository: Repository
    ref: GitRef | None
    commit: Commit | None = None


def by_us(repository: Repository, commit: Commit | None = None) -> Signed:
    """Return what our own workflow says."""
    return Signed(f"{repository}/{OUR_WORKFLOW_FILE}", repository, MAIN, commit)


def by_fork(ours: Repository, fork: Repository) -> Signed:
    """Return what our reusable workflow says where a fork runs it."""
    return Signed(f"{ours}/{FORKS_WORKFLOW_FILE}", fork, None)


def signed(row: Attestation, ours: Repository) -> Signed:
    """Return what the attestation of a row has to say, in the ledger of a repository of ours."""
    if row.owner is None or row.repository is None:
        return by_us(ours, row.commit)
    return by_fork(ours, row.repository)._replace(ref=row.ref, commit=row.commit)


def bundle(run: PurePath) -> PurePath:
    """Return where the attestation of a run is kept: beside its file."""
    return run.with_suffix(".jsonl")


def command(run: str, expected: Signed, kept: str | None) -> list[str]:
    """Return the words of the command that verifies the file of a run, by the bundle that is kept,
    or else by the one that GitHub has.
    """
    words = ["gh", "attestation", "verify", run, "--repo", expected.repository]
    words += ["--signer-workflow", expected.workflow]
    words += ["--source-ref", expected.ref] if expected.ref else []
    words += ["--source-digest", expected.commit] if expected.commit else []
    return [*words, *(["--bundle", kept] if kept else [])]
