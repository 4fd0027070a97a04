"""What a page says of a run: who ran it, how that is known, how to verify that it is attested."""

from hashlib import sha256

import pytest

from kb.base.model import Attestation, AttestationsFile, Sender, SendersFile
from pages.runs import read_runs
from tests.verify.sent_runs import CPU, sent

OURS = Attestation(
    run="",
    sha256="",
    verified="2026-11-23",
    workflow="our/kb/.github/workflows/verify.yml",
    repository="our/kb",
    ref="refs/heads/main",
    commit="a" * 40,
)
FORKS = OURS._replace(
    workflow="our/kb/.github/workflows/attested-run.yml",
    repository="ann/kb",
    commit="b" * 40,
    owner="ann",
    owner_id=7,
)
PULL = Sender(run="", sha256="", account="ann", account_id=7, noted="2026-11-23", pull_request=3)
KEY = PULL._replace(pull_request=None, key=f"SHA256:{'x' * 43}")

# the rows of the ledgers; and the trust, the runner, who ran it in words, the repository of the
# command that verifies it
CASES = {
    "nobody knows": (None, None, "self-reported", None, "not known", None),
    "ours": (OURS, None, "attested", None, "our workflow", "our/kb"),
    "a fork's": (
        FORKS, PULL, "attested by ann", "ann", "ann, by the attestation of their fork", "ann/kb",
    ),
    "a pull request's": (
        None, PULL, "self-reported", "ann", "ann, who opened pull request 3", None,
    ),
    "a signer's": (None, KEY, "self-reported", "ann", "ann, who signed it", None),
    "attested, by a row that does not say where": (
        OURS._replace(workflow=None), None, "attested", None, "our workflow", None,
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_run_is_shown_with_its_runner(case, tmp_path):
    attestation, sender, trust, runner, told, repository = CASES[case]
    path = sent(tmp_path, CPU)
    named = {"run": path.stem, "sha256": sha256(path.read_bytes()).hexdigest()}
    attestations = AttestationsFile(1, (attestation._replace(**named),) if attestation else ())
    senders = SendersFile(1, (sender._replace(**named),) if sender else ())
    (run,) = read_runs(tmp_path / "runs", attestations, senders)
    assert (run.trust, run.runner, run.told_by) == (trust, runner, told)
    if repository is None:
        assert run.verifying == ""
        return
    where = f"runs/{path.parent.parent.name}/{path.parent.name}/{path.stem}"
    workflow = attestation.workflow
    assert run.verifying == (
        f"gh attestation verify {where}.json --repo {repository} --signer-workflow {workflow} "
        f"--source-ref refs/heads/main --source-digest {attestation.commit} "
        f"--bundle {where}.jsonl"
    )
