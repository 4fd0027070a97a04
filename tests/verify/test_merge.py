"""`python -m verify merge` and `submit`: from files of runs to the evidence."""

from hashlib import sha256
from pathlib import Path

import pytest

from kb.base.model import Attestation, AttestationsFile, Sender, SendersFile
from kb.base.store import Store
from kb.base.writing import dump
from kb.runs import run_file
from kb.runs.folder import read_all
from tests.verify.sent_runs import CPU, LINKS, RUNS, on_gpu, sent
from verify.commands.command_line import main
from verify.merge import merge as merged


@pytest.fixture
def merge(tmp_path, data):
    """Return what merges the runs that were sent, and returns its exit status and the evidence."""

    def merge(*more):
        status = main(["merge", "--data", str(data), "--runs", str(tmp_path / "runs"), *more])
        return status, Store(data).evidence("2.15").runs

    return merge


def id_of(path):
    return path.stem


def failed(run):
    """Return a run like this one that came to nothing."""
    checks = tuple(
        one._replace(outcome="wrong-result", error="off by 3", device=None)
        if one.name == "convolution"
        else one
        for one in run.checks
    )
    why = "convolution: off by 3"
    return run._replace(checks=checks, outcome="wrong-result", proves=None, why=why)


def written(path):
    """Return which file it is, and when it was written; when it was read is of no matter."""
    seen = path.stat()
    return seen.st_ino, seen.st_mtime_ns


def later(run, hour="23"):
    return run._replace(started=f"{run.started[:10]}T{hour}:59:59Z")


def attest(data, *paths):
    """Note in the ledger that these files are attested."""
    rows = sorted(
        Attestation(id_of(path), sha256(path.read_bytes()).hexdigest(), "2026-11-23")
        for path in paths
    )
    ledger = AttestationsFile(1, tuple(rows))
    (data / "attestations.yaml").write_text(dump(ledger, "The ledger."))


def test_the_evidence_of_the_knowledge_base_is_what_its_runs_say():
    # of the runs that it names: what a pull request brings is merged after it
    store = Store()
    evidence = {name: store.evidence(name) for name in store.evidence_names()}
    named = {run.run for file in evidence.values() for run in file.runs}
    runs = (filed for filed in read_all(RUNS) if filed.path.stem in named)
    assert merged(runs, store.attestations(), store.senders()) == evidence


def test_each_pin_that_names_runs_names_runs_that_are_there():
    there = {path.stem for path in RUNS.glob("*/*/*.json")}
    store = Store()
    for row in (*store.pins().pins, *store.library_paths().library_paths):
        assert set(row.runs) <= there, row.reason


def test_the_newest_run_of_a_cell_counts(tmp_path, merge):
    sent(tmp_path, CPU)
    sent(tmp_path, later(failed(CPU), "22"))
    newest = sent(tmp_path, later(failed(CPU)))
    status, (_, run) = merge()
    assert status == 0
    assert (run.run, run.outcome, run.proves) == (id_of(newest), "wrong-result", None)
    assert (run.why, run.trust) == ("convolution: off by 3", "self-reported")


def test_faults_of_the_runner_do_not_count(tmp_path, merge):
    first = sent(tmp_path, CPU)
    slow = CPU.steps[2]._replace(outcome="timeout", output="Collecting")
    stopped = CPU._replace(steps=(*CPU.steps[:2], slow), checks=())
    stopped = stopped._replace(outcome="timeout", proves=None, why="install: Collecting")
    sent(tmp_path, later(stopped))
    assert [run.run for run in merge()[1]] == [id_of(first)]


def test_another_recipe_and_another_device_are_kept_beside(tmp_path, merge):
    sent(tmp_path, CPU)
    sent(tmp_path, LINKS)
    sent(tmp_path, later(CPU._replace(recipe="0123456789abcdef")))
    assert len(merge()[1]) == 3


def test_a_run_on_wsl2_takes_no_other_ones_place(tmp_path, merge):
    sent(tmp_path, CPU)
    sent(tmp_path, later(CPU._replace(runner=CPU.runner._replace(wsl2=True))))
    assert sorted(run.wsl2 for run in merge()[1]) == [False, True]


def test_a_gpu_speaks_for_its_capability(tmp_path, merge):
    sent(tmp_path, on_gpu())
    ((run,)) = merge()[1]
    assert (run.gpu, run.compute_capability) == ("NVIDIA GeForce RTX 3090", "8.6")
    assert run.proves == "runs-gpu"


def test_trust_is_what_the_ledger_says_of_the_very_bytes(tmp_path, data, merge):
    worked = sent(tmp_path, CPU)
    sent(tmp_path, later(failed(CPU)))
    attest(data, worked)
    runs = merge()[1]
    assert {(run.outcome, run.trust) for run in runs} == {
        ("ok", "attested"),
        ("wrong-result", "self-reported"),
    }


def note_senders(data, senders):
    """Note in the ledger who ran what: an account and GitHub's number for it, by path."""
    rows = sorted(
        Sender(
            run=id_of(path),
            sha256=sha256(path.read_bytes()).hexdigest(),
            account=account,
            account_id=number,
            noted="2026-11-23",
            pull_request=7,
        )
        for path, (account, number) in senders.items()
    )
    (data / "senders.yaml").write_text(dump(SendersFile(1, tuple(rows)), "The ledger."))


def test_the_newest_run_of_each_runner_counts(tmp_path, data, merge):
    runs = [sent(tmp_path, later(CPU, hour)) for hour in ("20", "21", "22")]
    ann, bob = ("ann", 1), ("bob", 2)
    note_senders(data, dict(zip(runs, (ann, bob, ann), strict=True)))
    assert [(run.run, run.runner) for run in merge()[1]] == [
        (id_of(runs[1]), "bob"),
        (id_of(runs[2]), "ann"),
    ]


def test_an_account_that_changed_its_name_is_one_runner(tmp_path, data, merge):
    first, second = sent(tmp_path, later(CPU, "20")), sent(tmp_path, later(CPU, "21"))
    note_senders(data, {first: ("ann", 1), second: ("zoe", 1)})
    assert [(run.run, run.runner) for run in merge()[1]] == [(id_of(second), "zoe")]


def test_a_ledger_that_names_other_bytes_names_no_runner(tmp_path, data, merge):
    note_senders(data, {sent(tmp_path, CPU): ("ann", 1)})
    (row,) = Store(data).senders().senders
    other = row._replace(sha256=f"{row.sha256[:12]}{'0' * 52}")
    (data / "senders.yaml").write_text(dump(SendersFile(1, (other,)), "The ledger."))
    assert [run.runner for run in merge()[1]] == [None]


def test_a_stranger_takes_nobodys_place(tmp_path, merge):
    worked, broke = sent(tmp_path, CPU), sent(tmp_path, later(failed(CPU)))
    assert [run.run for run in merge()[1]] == [id_of(worked), id_of(broke)]


def test_a_forks_run_is_attested_by_its_owner(tmp_path, data, merge):
    path = sent(tmp_path, CPU)
    row = Attestation(
        run=id_of(path),
        sha256=sha256(path.read_bytes()).hexdigest(),
        verified="2026-11-23",
        workflow="our/kb/.github/workflows/attested-run.yml",
        repository="ann/kb",
        ref="refs/heads/main",
        commit="0" * 40,
        owner="ann",
        owner_id=1,
    )
    (data / "attestations.yaml").write_text(dump(AttestationsFile(1, (row,)), "The ledger."))
    ((run,)) = merge()[1]
    assert (run.trust, run.runner) == ("attested by ann", "ann")


def test_merging_again_changes_nothing_and_check_tells_what_would_change(
    tmp_path, data, merge, capsys
):
    sent(tmp_path, CPU)
    assert merge("--check") == (1, ())
    assert "would change: 2.15" in capsys.readouterr().out
    assert merge()[0] == 0
    before = written(data / "evidence" / "2.15.yaml")
    assert merge()[0] == 0
    assert written(data / "evidence" / "2.15.yaml") == before
    assert merge("--check")[0] == 0


def test_evidence_without_runs_is_removed(tmp_path, data, merge):
    path = sent(tmp_path, CPU)
    merge()
    path.unlink()
    assert merge() == (0, ())
    assert not (data / "evidence" / "2.15.yaml").exists()


def spoiled(path, old, new):
    path.write_text(path.read_text().replace(old, new))


BAD = {
    "changed": (lambda path: spoiled(path, "AMD", "ARM"), "was changed or moved, it belongs at"),
    "moved": (lambda path: path.rename(path.with_name("x.json")), "was changed or moved"),
    "no run": (lambda path: path.write_text("{}"), "format"),
    "large": (lambda path: path.write_text(" " * 600_000), "larger than"),
}


@pytest.mark.parametrize("bad", BAD)
def test_a_bad_run_changes_nothing(bad, tmp_path, merge, capsys):
    sent(tmp_path, LINKS)
    spoil, words = BAD[bad]
    spoil(sent(tmp_path, CPU))
    assert merge() == (3, ())
    assert words in capsys.readouterr().err


def test_an_outcome_that_does_not_follow_changes_nothing(tmp_path, merge, capsys):
    sent(tmp_path, CPU._replace(checks=failed(CPU).checks))
    assert merge() == (3, ())
    assert "its outcome does not follow from what it saw" in capsys.readouterr().err


def test_a_run_of_the_future_is_refused_in_one_line(tmp_path, merge, capsys):
    sent(tmp_path, CPU._replace(started="9999-01-01T00:00:00Z"))
    assert merge() == (3, ())
    (line,) = capsys.readouterr().err.splitlines()
    assert "started: 9999-01-01T00:00:00Z is in the future: today is 2" in line


def test_no_folder_of_runs_is_told(tmp_path, merge, capsys):
    assert merge() == (3, ())
    assert "no such folder; name the folder of runs with --runs" in capsys.readouterr().err


def submitted(tmp_path, path):
    return main(["submit", str(path), "--runs", str(tmp_path / "runs")])


def test_a_run_is_put_in_place_and_the_commands_are_told(tmp_path, capsys):
    text = run_file.text(CPU)
    path = tmp_path / "result.json"
    path.write_text(text)
    assert submitted(tmp_path, path) == 0
    placed = tmp_path / "runs" / run_file.place(CPU, text.encode())
    assert placed.read_text() == text
    told = [line.strip() for line in capsys.readouterr().out.splitlines()]
    assert f"git add {placed}" in told
    assert "gh pr create --fill" in told


def test_a_run_already_in_place_stays_as_it_is(tmp_path):
    path = sent(tmp_path, CPU)
    before = written(path)
    assert submitted(tmp_path, path) == 0
    assert written(path) == before


def test_a_run_that_does_not_fit_is_not_put_in_place(tmp_path, capsys):
    path = tmp_path / "result.json"
    path.write_text(run_file.text(CPU._replace(wheel=None)))
    assert submitted(tmp_path, path) == 1
    assert "refused: it installed TensorFlow and does not name" in capsys.readouterr().err
    assert not Path(tmp_path / "runs").exists()
