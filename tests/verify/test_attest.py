"""`python -m verify attest`: the ledger of attested runs, and what holds it to GitHub's word."""

import json
from hashlib import sha256
from pathlib import Path

import pytest

from kb.base.model import Sender, SendersFile
from kb.base.store import Store
from kb.base.writing import dump
from tests.verify.sent_runs import CPU, LINKS, sent
from tests.verify.stand_in_gh import COMMIT, MAIN, NO_ATTESTATION, OURS, by_fork, result
from verify.commands.command_line import main

NOT_OURS = 'Error: verifying with issuer "sigstore.dev"'


@pytest.fixture
def attest(tmp_path, data):
    """Return what attests files, or verifies the ledger where none is given."""

    def attest(*paths):
        words = [*map(str, paths)] or ["--check"]
        folders = ["--data", str(data), "--runs", str(tmp_path / "runs")]
        return main(["attest", *words, "--repository", OURS, *folders])

    return attest


def rows(data):
    return Store(data).attestations().attestations


def merged(tmp_path, data):
    assert main(["merge", "--data", str(data), "--runs", str(tmp_path / "runs")]) == 0
    return [(run.trust, run.runner) for run in Store(data).evidence("2.15").runs]


def test_what_github_vouches_for_is_noted_in_the_ledger(tmp_path, data, gh, attest):
    gh.vouches(result())
    path = sent(tmp_path, CPU)
    assert attest(path) == 0
    (row,) = rows(data)
    assert (row.run, row.sha256) == (path.stem, sha256(path.read_bytes()).hexdigest())
    assert (row.repository, row.ref, row.commit, row.owner) == (OURS, MAIN, COMMIT, None)
    assert row.workflow == f"{OURS}/.github/workflows/verify.yml"
    (asked,) = gh.asked()
    assert asked == [
        *("attestation", "verify", str(path), "--repo", OURS),
        *("--signer-workflow", f"{OURS}/.github/workflows/verify.yml"),
        *("--source-ref", MAIN, "--format", "json"),
    ]
    assert merged(tmp_path, data) == [("attested", None)]


def test_the_attestation_is_kept_beside_the_run(tmp_path, gh, attest):
    gh.vouches(result())
    path = sent(tmp_path, CPU)
    attest(path)
    (kept,) = set(path.parent.iterdir()) - {path}
    assert kept.name == f"{path.stem}.jsonl"
    assert json.loads(kept.read_text()) == result()["attestation"]["bundle"]


def test_what_github_does_not_know_stays_self_reported(tmp_path, data, gh, attest, capsys):
    for words in (
        NO_ATTESTATION,
        NOT_OURS,
        "expected SourceRepositoryRef to be refs/heads/main, got x",
    ):
        gh.fails(words)
        assert attest(sent(tmp_path, CPU)) == 1
        assert "it stays self-reported" in capsys.readouterr().out
        assert rows(data) == ()


ELSEWHERE = {
    "another branch of ours": {
        "buildSignerURI": f"https://github.com/{OURS}/.github/workflows/verify.yml@refs/heads/x"
    },
    "a tag": {
        "buildSignerURI": f"https://github.com/{OURS}/.github/workflows/verify.yml@refs/tags/v1"
    },
    "a workflow whose name starts alike": {
        "buildSignerURI": f"https://github.com/{OURS}/.github/workflows/verify.yml-x.yml@{MAIN}"
    },
    "another workflow": {
        "buildSignerURI": f"https://github.com/{OURS}/.github/workflows/scrape.yml@{MAIN}"
    },
    "another repository": {"sourceRepositoryURI": "https://github.com/eve/kb"},
    "another source branch": {"sourceRepositoryRef": "refs/heads/x"},
}


@pytest.mark.parametrize("said", ELSEWHERE.values(), ids=ELSEWHERE)
def test_what_the_certificate_says_is_read_again(said, tmp_path, data, gh, attest):
    gh.vouches(result(**said))
    assert attest(sent(tmp_path, CPU)) in (1, 3)
    assert rows(data) == ()


def test_a_gh_that_cannot_ask_is_no_answer(tmp_path, data, gh, attest, capsys):
    gh.fails("error connecting to api")
    assert attest(sent(tmp_path, CPU)) == 3
    assert capsys.readouterr().err == "error: gh failed: error connecting to api\n"
    gh.fails(f"{NOT_OURS} failed to update TUF root")
    assert attest(sent(tmp_path, CPU)) == 3
    assert not (data / "attestations.yaml").exists()


@pytest.mark.parametrize("said", ["", "{}", "[{}]", "[null]", "not JSON"])
def test_a_gh_that_is_not_understood_attests_nothing(said, tmp_path, data, gh, attest, capsys):
    gh.answers(f"echo '{said}'")
    assert attest(sent(tmp_path, CPU)) == 3
    assert capsys.readouterr().err.startswith("error: gh ")
    assert rows(data) == ()


def test_without_gh_a_line_says_so(tmp_path, attest, monkeypatch, capsys):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert attest(sent(tmp_path, CPU)) == 3
    assert capsys.readouterr().err.startswith("error: gh is not installed")


def test_a_repository_must_be_one(data, capsys):
    with pytest.raises(SystemExit, match="2"):
        main(["attest", "x.json", "--repository", "--hostname=evil", "--data", str(data)])
    assert "expected one argument" in capsys.readouterr().err


def test_files_or_the_ledger_one_of_both(data, capsys):
    assert main(["attest", "--repository", OURS, "--data", str(data)]) == 2
    assert main(["attest", "x", "--check", "--repository", OURS, "--data", str(data)]) == 2
    assert "name the files to attest, or --check" in capsys.readouterr().err


# A contributor's fork


def note_sender(data, path, repository):
    row = Sender(
        run=path.stem,
        sha256=sha256(path.read_bytes()).hexdigest(),
        account="ann",
        account_id=7,
        noted="2026-11-23",
        pull_request=3,
        repository=repository,
    )
    (data / "senders.yaml").write_text(dump(SendersFile(1, (row,)), "The ledger."))


def test_a_forks_run_is_attested_by_its_owner(tmp_path, data, gh, attest):
    path = sent(tmp_path, CPU)
    note_sender(data, path, "ann/kb")
    gh.vouches_for({"ann/kb": by_fork()})
    assert attest(path) == 0
    (row,) = rows(data)
    assert (row.owner, row.owner_id, row.repository) == ("ann", 7, "ann/kb")
    assert (row.workflow, row.commit) == (f"{OURS}/.github/workflows/attested-run.yml", "b" * 40)
    _, theirs = gh.asked()
    assert theirs[3:7] == ["--repo", "ann/kb", "--signer-workflow", row.workflow]
    assert merged(tmp_path, data) == [("attested by ann", "ann")]


def test_a_fork_is_asked_only_where_a_run_came_from_one(tmp_path, data, gh, attest):
    gh.vouches_for({"ann/kb": by_fork()})
    assert attest(sent(tmp_path, CPU)) == 1
    assert len(gh.asked()) == 1


def test_a_fork_that_signs_with_a_workflow_of_its_own_attests_nothing(tmp_path, data, gh, attest):
    path = sent(tmp_path, CPU)
    note_sender(data, path, "ann/kb")
    own = "https://github.com/ann/kb/.github/workflows/attested-run.yml@refs/heads/main"
    gh.vouches_for({"ann/kb": by_fork(buildSignerURI=own)})
    assert attest(path) == 1
    assert rows(data) == ()


# Verifying the ledger again


@pytest.fixture
def ledger(tmp_path, data, gh, attest):
    """Return the runs of a ledger: ours, and one of a fork."""
    ours, theirs = sent(tmp_path, CPU), sent(tmp_path, LINKS)
    gh.vouches(result())
    assert attest(ours) == 0
    note_sender(data, theirs, "ann/kb")
    gh.vouches_for({"ann/kb": by_fork()})
    assert attest(theirs) == 0
    gh.vouches_for({OURS: result(), "ann/kb": by_fork()})
    return ours, theirs


def test_every_row_is_verified_by_the_attestation_that_is_kept(ledger, gh, attest, capsys):
    asked = len(gh.asked())
    assert attest() == 0
    assert capsys.readouterr().out.endswith("2 of 2 rows of the ledger hold\n")
    commands = {tuple(words) for words in gh.asked()[asked:]}
    ours, theirs = ledger
    workflows = f"{OURS}/.github/workflows"
    assert commands == {
        (
            *("attestation", "verify", str(ours), "--repo", OURS),
            *("--signer-workflow", f"{workflows}/verify.yml", "--source-ref", MAIN),
            *("--source-digest", COMMIT, "--bundle", str(ours.with_suffix(".jsonl"))),
            *("--format", "json"),
        ),
        (
            *("attestation", "verify", str(theirs), "--repo", "ann/kb"),
            *("--signer-workflow", f"{workflows}/attested-run.yml", "--source-ref", MAIN),
            *("--source-digest", "b" * 40, "--bundle", str(theirs.with_suffix(".jsonl"))),
            *("--format", "json"),
        ),
    }


def test_an_empty_ledger_holds_and_asks_nobody(tmp_path, attest, monkeypatch, capsys):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert attest() == 0
    assert capsys.readouterr().out == "0 of 0 rows of the ledger hold\n"


def spoil(path):
    path.write_text(path.read_text().replace("AMD", "ARM"))


def link(path):
    path.rename(path.with_name("kept"))
    path.symlink_to(path.with_name("kept"))


WRONG = {
    "the run is gone": (Path.unlink, "its run is not there"),
    "the run was changed": (spoil, "another file than the one that was attested"),
    "the run is a link": (link, "another file than the one that was attested"),
    "the attestation is gone": (
        lambda path: path.with_suffix(".jsonl").unlink(),
        "its attestation is not kept beside it",
    ),
    "the attestation is a link": (
        lambda path: link(path.with_suffix(".jsonl")),
        "its attestation is not kept beside it",
    ),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_row_that_does_not_hold_is_refused(wrong, ledger, attest, capsys):
    spoil, words = WRONG[wrong]
    spoil(ledger[0])
    assert attest() == 1
    line, total = capsys.readouterr().out.splitlines()[-2:]
    assert line.startswith(f"attestations.yaml: {ledger[0].stem}: refused: ")
    assert words in line
    assert total == "1 of 2 rows of the ledger hold"


LIES = {
    "a commit": (f"commit: {COMMIT}", f"commit: {'c' * 40}", "no attestation of our workflow"),
    "an owner": ("owner_id: 7", "owner_id: 8", "its owner is GitHub's number 7"),
    "ours instead of a fork's": ("  owner: ann\n  owner_id: 7\n", "", "no attestation of our"),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_row_that_says_something_else_is_refused(lie, data, ledger, attest, capsys):
    old, new, words = LIES[lie]
    path = data / "attestations.yaml"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))
    assert attest() == 1
    assert words in capsys.readouterr().out


def test_an_attestation_that_github_no_longer_takes_is_refused(ledger, gh, attest, capsys):
    gh.fails(NOT_OURS)
    assert attest() == 1
    assert capsys.readouterr().out.count("no attestation of our workflow covers it") == 2
