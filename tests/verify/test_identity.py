"""Who ran it: `python -m verify sign` and `senders`, and what `check` says of signatures and of
ledgers that a pull request brings.
"""

import json
import subprocess
from hashlib import sha256
from pathlib import Path

import pytest

from kb.base.model import Attestation, AttestationsFile, Sender, SendersFile, Signer, SignersFile
from kb.base.store import Store
from kb.base.writing import dump
from kb.runs import run_file
from tests.verify.sent_runs import CPU, LINKS, sent
from tests.verify.stand_in_gh import OURS
from verify.commands.command_line import main


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    """Return two SSH keys by name, made for the tests."""
    folder = tmp_path_factory.mktemp("keys")
    for name in ("ann", "eve"):
        command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", folder / name]
        subprocess.run(command, check=True)
    return {name: folder / name for name in ("ann", "eve")}


def public(key):
    return " ".join(key.with_suffix(".pub").read_text().split()[:2])


def allow(data, account, number, key):
    source = f"https://api.github.com/users/{account}/ssh_signing_keys"
    signers = SignersFile(1, (Signer(account, number, public(key), source),))
    (data / "signers.yaml").write_text(dump(signers, "Keys."))


def git(folder, *arguments):
    person = ["-c", "user.name=Someone", "-c", "user.email=someone@example.invalid"]
    command = ["git", "-C", folder, *person, *arguments]
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout.strip()


@pytest.fixture
def checkout(tmp_path):
    """Return what commits all that is there, in a repository with one commit already."""
    git(tmp_path, "init", "--quiet", "--initial-branch=main")
    git(tmp_path, "commit", "--quiet", "--allow-empty", "--message=first")

    def commit():
        git(tmp_path, "add", "--all", "--", "runs")
        git(tmp_path, "commit", "--quiet", "--message=runs")
        return git(tmp_path, "rev-parse", "HEAD")

    return commit


@pytest.fixture
def senders(tmp_path, data):
    """Return what notes senders, and returns the exit status and the rows."""

    def senders(*paths):
        words = ["senders", *map(str, paths), "--repository", OURS, "--data", str(data)]
        return main(words), Store(data).senders().senders

    return senders


def pull(number=7, account="ann", account_id=1, repository="ann/kb"):
    return {
        "number": number,
        "account": account,
        "account_id": account_id,
        "repository": repository,
    }


def brings(gh, **by_commit):
    """Make GitHub say which pull requests a commit came by."""
    cases = [
        f"*{commit}/pulls*) echo '{json.dumps({'pulls': pulls})}';;"
        for commit, pulls in by_commit.items()
    ]
    gh.answers("\n".join(['case "$*" in', *cases, "*) echo '{\"pulls\": []}';;", "esac"]))


# By the pull request


def test_the_account_of_the_pull_request_is_noted(tmp_path, gh, checkout, senders):
    path = sent(tmp_path, CPU)
    commit = checkout()
    brings(gh, **{commit: [pull()]})
    status, (row,) = senders(path)
    assert status == 0
    assert (row.run, row.sha256) == (path.stem, sha256(path.read_bytes()).hexdigest())
    assert (row.account, row.account_id, row.pull_request) == ("ann", 1, 7)
    assert (row.repository, row.key) == ("ann/kb", None)
    asked = gh.asked()[0]
    assert asked[:3] == ["api", f"repos/{OURS}/commits/{commit}/pulls", "--jq"]
    assert f'.base.repo.full_name == "{OURS}"' in " ".join(asked)


def test_what_no_pull_request_brought_is_not_known(tmp_path, gh, checkout, senders, capsys):
    first = sent(tmp_path, CPU)
    brings(gh, **{checkout(): []})
    second = sent(tmp_path, LINKS)
    brings(gh, **{checkout(): [pull(), pull(8, "bob", 2)]})
    assert senders(first, second) == (0, ())
    told = capsys.readouterr().out
    assert told.count("no signature and no pull request says who ran it") == 2
    assert told.endswith("0 noted, 2 not known\n")


def test_the_commit_that_brought_it_is_asked_about_and_not_the_last_one(
    tmp_path, gh, checkout, senders
):
    path = sent(tmp_path, CPU)
    first = checkout()
    sent(tmp_path, LINKS)
    last = checkout()
    brings(gh, **{first: [pull()], last: [pull(8, "eve", 2)]})
    assert [row.account for row in senders(path)[1]] == ["ann"]


def test_a_sender_that_is_noted_stays(tmp_path, gh, checkout, senders):
    path = sent(tmp_path, CPU)
    commit = checkout()
    brings(gh, **{commit: [pull()]})
    _, before = senders(path)
    brings(gh, **{commit: [pull(7, "eve", 2)]})
    assert senders(path) == (0, before)


def test_all_runs_are_asked_about_where_none_is_named(tmp_path, data, gh, checkout):
    paths = {sent(tmp_path, CPU), sent(tmp_path, LINKS)}
    brings(gh, **{checkout(): [pull()]})
    words = ["senders", "--repository", OURS, "--noted", str(tmp_path / "noted")]
    folders = ["--data", str(data), "--runs", str(tmp_path / "runs")]
    assert main([*words, *folders]) == 0
    assert len(gh.asked()) == 1  # both came by one commit
    assert set((tmp_path / "noted").read_text().split("\0")) == {*map(str, paths), ""}
    assert main([*words, *folders]) == 0
    assert (tmp_path / "noted").read_text() == ""


def test_a_fork_that_is_gone_leaves_the_account(tmp_path, gh, checkout, senders):
    path = sent(tmp_path, CPU)
    brings(gh, **{checkout(): [pull(repository=None)]})
    assert [(row.account, row.repository) for row in senders(path)[1]] == [("ann", None)]


@pytest.mark.parametrize(
    "said", ["", "[]", '{"pulls": [{"number": 1}]}', '{"pulls": [{"account": "<script>"}]}']
)
def test_an_answer_that_is_not_understood_names_nobody(
    said, tmp_path, gh, checkout, senders, capsys
):
    path = sent(tmp_path, CPU)
    checkout()
    gh.answers(f"echo '{said}'")
    assert senders(path) == (3, ())
    assert capsys.readouterr().err.startswith("error: ")


def test_a_gh_that_fails_names_nobody(tmp_path, gh, checkout, senders, capsys):
    path = sent(tmp_path, CPU)
    checkout()
    gh.fails("HTTP 403: rate limit")
    assert senders(path) == (3, ())
    assert capsys.readouterr().err == "error: gh failed: HTTP 403: rate limit\n"


# By a signature


def signed(path, key, capsys=None):
    assert main(["sign", str(path), "--key", str(key)]) == 0
    return path.with_name(f"{path.name}.sig")


def test_a_run_is_its_signers_whoever_sends_it(tmp_path, data, keys, gh, checkout, senders):
    allow(data, "ann", 1, keys["ann"])
    path = sent(tmp_path, CPU)
    assert signed(path, keys["ann"]).is_file()
    brings(gh, **{checkout(): [pull(9, "bob", 2, "bob/kb")]})
    _, (row,) = senders(path)
    assert (row.account, row.account_id, row.pull_request) == ("ann", 1, None)
    told = subprocess.run(
        ["ssh-keygen", "-l", "-f", keys["ann"]], capture_output=True, check=True, text=True
    )
    assert row.key == told.stdout.split()[1]


def test_a_key_that_is_not_listed_names_nobody(tmp_path, data, keys, gh, checkout, senders):
    allow(data, "ann", 1, keys["ann"])
    path = sent(tmp_path, CPU)
    signed(path, keys["eve"])
    brings(gh, **{checkout(): [pull(9, "bob", 2)]})
    assert [(row.account, row.pull_request) for row in senders(path)[1]] == [("bob", 9)]


def test_a_signature_that_comes_later_claims_nothing(tmp_path, data, keys, gh, checkout, senders):
    allow(data, "eve", 2, keys["eve"])
    path = sent(tmp_path, CPU)
    checkout()
    signed(path, keys["eve"])
    checkout()
    brings(gh)
    assert senders(path) == (0, ())


def check(data, *paths):
    return main(["check", "--data", str(data), *map(str, paths)])


def test_a_signature_is_checked(tmp_path, data, keys, capsys):
    allow(data, "ann", 1, keys["ann"])
    path = sent(tmp_path, CPU)
    signed(path, keys["ann"])
    assert check(data, path) == 0
    signed(path, keys["eve"])
    capsys.readouterr()
    assert check(data, path) == 1
    assert f"{path.name}.sig is by no key in signers.yaml" in capsys.readouterr().out


def test_a_signature_of_another_run_or_for_another_purpose_does_not_count(
    tmp_path, data, keys, capsys
):
    allow(data, "ann", 1, keys["ann"])
    path, other = sent(tmp_path, CPU), sent(tmp_path, LINKS)
    own, others = signed(path, keys["ann"]), signed(other, keys["ann"])
    others.write_bytes(own.read_bytes())
    capsys.readouterr()
    assert check(data, other) == 1
    assert "is by no key in signers.yaml for these bytes" in capsys.readouterr().out
    own.unlink()
    command = ["ssh-keygen", "-q", "-Y", "sign", "-n", "git", "-f", keys["ann"], path]
    subprocess.run(command, check=True)
    assert check(data, path) == 1
    assert "is by no key in signers.yaml for these bytes" in capsys.readouterr().out


HOSTILE = {
    "a link": (lambda path: path.symlink_to("/dev/zero"), "a signature is a plain file"),
    "a large one": (lambda path: path.write_bytes(b"x" * 20_000), "no signature is"),
    "a folder": (Path.mkdir, "Is a directory"),
    "no signature": (lambda path: path.write_text("\x1b[31m"), "is by no key in signers.yaml"),
}


@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_hostile_signature_is_refused_in_a_line(hostile, tmp_path, data, keys, capsys):
    allow(data, "ann", 1, keys["ann"])
    path = sent(tmp_path, CPU)
    make, words = HOSTILE[hostile]
    make(path.with_name(f"{path.name}.sig"))
    assert check(data, path) == 1
    (line,) = capsys.readouterr().out.splitlines()
    assert words in line
    assert line.isprintable()


def test_only_a_run_is_signed_and_only_with_a_key(tmp_path, keys, capsys):
    other = tmp_path / "x.json"
    other.write_text("{}")
    assert main(["sign", str(other), "--key", str(keys["ann"])]) == 3
    path = sent(tmp_path, CPU)
    assert main(["sign", str(path), "--key", str(tmp_path / "no-key")]) == 2
    assert "no such key" in capsys.readouterr().err
    assert main(["sign", str(path), "--key", str(other)]) == 3
    assert "error: ssh-keygen signed nothing" in capsys.readouterr().err
    assert not path.with_name(f"{path.name}.sig").exists()


def test_a_signature_is_sent_along_with_its_run(tmp_path, data, keys, capsys):
    allow(data, "ann", 1, keys["ann"])
    path = tmp_path / "result.json"
    path.write_text(run_file.text(CPU))
    signed(path, keys["ann"])
    folders = ["--runs", str(tmp_path / "runs"), "--data", str(data)]
    assert main(["submit", str(path), *folders]) == 0
    placed = tmp_path / "runs" / run_file.place(CPU, path.read_bytes())
    assert placed.with_name(f"{placed.name}.sig").is_file()
    assert f"git add {placed} {placed}.sig" in capsys.readouterr().out
    assert check(data, placed) == 0


# What a pull request brings


def attestation(run):
    return Attestation(run, f"{run[-12:]}{'0' * 52}", "2026-11-23")


def sender(run):
    return Sender(
        run=run,
        sha256=f"{run[-12:]}{'0' * 52}",
        account="ann",
        account_id=1,
        noted="2026-11-23",
        pull_request=7,
    )


LEDGERS = {
    "attestations.yaml": lambda *runs: AttestationsFile(1, tuple(map(attestation, runs))),
    "senders.yaml": lambda *runs: SendersFile(1, tuple(map(sender, runs))),
}
FIRST, SECOND = "2026-01-01-0123456789ab", "2026-01-02-0123456789ab"


@pytest.mark.parametrize("name", LEDGERS)
def test_a_pull_request_brings_and_takes_no_row(name, tmp_path, data, capsys):
    proposed, ledger = tmp_path / name, LEDGERS[name]
    (data / name).write_text(dump(ledger(FIRST), "Ours."))

    proposed.write_text(dump(ledger(FIRST), "Ours."))
    assert check(data, proposed) == 0
    proposed.write_text(dump(ledger(FIRST, SECOND), "Theirs."))
    assert check(data, proposed) == 1
    assert f"refused: it brings rows ({SECOND}); our own workflow" in capsys.readouterr().out
    proposed.write_text(dump(ledger(), "Theirs."))
    assert check(data, proposed) == 1
    assert f"refused: it takes rows away ({FIRST})" in capsys.readouterr().out
    proposed.write_text(dump(ledger(FIRST), "").replace("2026-11-23", "2026-11-24"))
    assert check(data, proposed) == 1


@pytest.mark.parametrize("name", LEDGERS)
def test_a_pull_request_makes_no_ledger(name, tmp_path, data, capsys):
    proposed = tmp_path / name
    proposed.write_text(dump(LEDGERS[name](FIRST), "Theirs."))
    assert check(data, proposed) == 1
    assert "it brings rows" in capsys.readouterr().out
    proposed.write_text("format: 9\n\x1b[31m")
    assert check(data, proposed) == 1
    (line,) = capsys.readouterr().out.splitlines()
    assert line.isprintable()
    proposed.unlink()
    proposed.symlink_to(data / "pins.yaml")
    assert check(data, proposed) == 1
    assert "a ledger is a plain file" in capsys.readouterr().out
