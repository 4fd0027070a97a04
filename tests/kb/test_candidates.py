"""Candidates and nightlies: what there is of a series before its release, and what is left then."""

import json

import pytest

from kb import command_line
from kb.answers.comparison import MachineQuestion
from kb.answers.fits import find
from kb.answers.releases import VersionQuestion
from kb.base.errors import NothingFound
from kb.base.model import (
    CellRun,
    CodeFile,
    EvidenceFile,
    LibraryCode,
    ObjectCode,
    WheelCode,
)
from kb.base.versions import series
from kb.base.writing import dump, write
from kb.cells.recipe_id import recipe_id
from kb.index.build import build_index
from kb.index.records import document
from kb.lookup.answer import lookup
from kb.upkeep.validate import validate
from tests.kb.small_base import CPU, LINUX, one_build, placeholder, row, series_file, write_base

CANDIDATE = one_build(
    "tensorflow", "2.16.0rc1", LINUX, "3.12", **CPU, requires=("keras-nightly>=3.12.0.dev",)
)
FINAL = one_build("tensorflow", "2.16.0", LINUX, "3.12", **CPU)
NEXT = one_build("tensorflow", "2.16.0rc2", LINUX, "3.12", **CPU)
NIGHTLY = one_build("tf-nightly", "2.16.0.dev20260101", LINUX, "3.12", **CPU)


def base(folder, *releases, official=()):
    """Write a base of 2.15.0 and these releases, with its index."""
    own = one_build("tensorflow", "2.15.0", LINUX, "3.11", **CPU)
    names = dict.fromkeys(series(one.release) for one in (own, *releases))
    order = {"tensorflow": 0, "tensorflow-cpu": 1, "tf-nightly": 2}
    files = []
    for name in names:
        of_it = [one for one in (own, *releases) if series(one.release) == name]
        of_it.sort(key=lambda one: order[one.distribution])
        files.append(series_file(name, tuple(of_it), official if name != "2.15" else ()))
    store = write_base(folder, *files)
    (folder / "index.json").write_text(document(build_index(store)), encoding="utf-8")
    return store


def ask(store, version, **narrow):
    return lookup(store, VersionQuestion(version=version, **narrow))


def offered(answer):
    return {build.published.release.release for build in answer.builds}


def shown(store, *arguments):
    status = command_line.main(["--data", store.data, *arguments])
    assert status == 0


def test_a_series_without_a_release_is_answered_by_its_candidate(tmp_path, capsys):
    store = base(tmp_path, CANDIDATE, NIGHTLY)
    answer = ask(store, "2.16")
    assert (answer.kind, answer.release, offered(answer)) == (
        "candidate", "2.16.0rc1", {"2.16.0rc1"},
    )  # fmt: skip
    shown(store, "lookup", "2.16")
    out = capsys.readouterr().out
    assert out.startswith("TensorFlow 2.16.0rc1, release candidate of ")
    assert "python -m pip install tensorflow==2.16.0rc1" in out
    assert "It requires keras-nightly, a nightly" in " ".join(out.split())


@pytest.mark.parametrize(
    "version", ["2.16.0rc1", "2.16.0-rc1", "tensorflow==2.16.0rc1", "v2.16.0.rc1"]
)
def test_a_candidate_is_named_as_people_write_it(version, tmp_path, capsys):
    store = base(tmp_path, CANDIDATE)
    assert ask(store, version).release == "2.16.0rc1"
    shown(store, "lookup", version)
    first = capsys.readouterr().out.partition("\n")[0]
    assert first.startswith("TensorFlow 2.16.0rc1, release candidate of ")


def test_a_series_with_a_release_means_its_releases(tmp_path):
    cpu = one_build("tensorflow-cpu", "2.16.0rc1", LINUX, "3.12", **CPU)
    store = base(tmp_path, FINAL, cpu, NIGHTLY)
    answer = ask(store, "2.16")
    assert (answer.kind, offered(answer)) == ("release", {"2.16.0"})
    assert offered(ask(store, "2.16.0rc1")) == {"2.16.0rc1"}
    assert offered(ask(store, "nightly")) == {"2.16.0.dev20260101"}


def test_a_series_with_a_nightly_alone_is_answered_by_that(tmp_path):
    answer = ask(base(tmp_path, NIGHTLY), "2.16")
    assert (answer.kind, offered(answer)) == ("nightly", {"2.16.0.dev20260101"})


def test_the_problems_of_the_release_before_are_told_as_unknown(capsys):
    assert command_line.main(["lookup", "2.22.0rc0", "--device", "cuda"]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert (
        "Known problems of 2.21.0, unknown whether gone: "
        "2.21 crashes on Blackwell GPUs when XLA compiles" in out
    )
    assert command_line.main(["lookup", "2.22.0rc0", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert "blackwell-xla-ptx-8-5" in [one["id"] for one in document["inherited_problems"]]
    assert "blackwell-xla-ptx-8-5" not in [one["id"] for one in document["problems"]]


def test_the_latest_is_a_release(tmp_path):
    assert ask(base(tmp_path, CANDIDATE, NIGHTLY), "latest").release == "2.15.0"


def test_the_release_of_a_candidate_is_not_there_yet(tmp_path):
    with pytest.raises(NothingFound) as caught:
        ask(base(tmp_path, CANDIDATE), "2.16.0")
    assert caught.value.nearest == ("2.16.0rc1",)


def test_many_series_are_those_with_a_release(tmp_path):
    with pytest.raises(NothingFound) as caught:
        ask(base(tmp_path, CANDIDATE, NIGHTLY), "2")
    assert caught.value.nearest == ("2.15",)


def test_the_documents_tell_the_kind(tmp_path, capsys):
    store = base(tmp_path, CANDIDATE)
    shown(store, "lookup", "2.16", "--json")
    told = json.loads(capsys.readouterr().out)
    assert (told["kind"], told["builds"][0]["kind"]) == ("candidate", "candidate")
    assert told["builds"][0]["nightlies"] == [{"name": "keras-nightly", "over": "keras"}]
    shown(store, "find", "--python", "3.12", "--os", "linux", "--arch", "x86_64", "--json")
    told = json.loads(capsys.readouterr().out)
    assert (told["answer"]["kind"], told["rejected"][0]["kind"]) == ("candidate", "release")
    shown(store, "diff", "2.15", "2.16", "--json")
    told = json.loads(capsys.readouterr().out)
    assert (told["before_kind"], told["after_kind"]) == ("release", "candidate")


def test_the_page_of_what_fits_labels_a_candidate_in_its_first_line(tmp_path, capsys):
    store = base(tmp_path, CANDIDATE)
    shown(store, "find", "--python", "3.12", "--os", "linux", "--arch", "x86_64")
    first = capsys.readouterr().out.partition("\n")[0]
    assert first == "tensorflow 2.16.0rc1 on Python 3.12, CPU (release candidate)"


def test_what_was_tested_of_a_series_is_no_word_on_its_candidate(tmp_path):
    page = (row("linux-cpu", "tensorflow-2.16.0", "3.9-3.12"),)
    (cell,) = ask(base(tmp_path, CANDIDATE, official=page), "2.16.0rc1").builds[0].cells
    assert cell.standing.rung == "shipped"


def run_of(store, outcome="ok"):
    """Return a run of the candidate's cell."""
    (cell,) = ask(store, "2.16.0rc1").builds[0].cells
    return CellRun(
        run="2026-01-02-0123456789ab",
        at="2026-01-02T03:04:05Z",
        **cell.key._asdict(),
        recipe=recipe_id(cell.recipe),
        outcome=outcome,
        trust="self-reported",
        proves="runs" if outcome == "ok" else None,
        why=None if outcome == "ok" else "it failed",
    )


def with_evidence(folder, run):
    write(folder / "evidence/2.16.yaml", dump(EvidenceFile(1, (run,)), "Runs."))


def test_a_run_proves_the_cell_of_a_candidate(tmp_path):
    store = base(tmp_path, CANDIDATE)
    with_evidence(tmp_path, run_of(store))
    (cell,) = ask(store, "2.16").builds[0].cells
    assert (cell.standing.rung, cell.standing.standing) == ("runs", "ok")


@pytest.mark.parametrize("outcome", ["ok", "import"])
@pytest.mark.parametrize("after", [(FINAL,), (NEXT,), ()])
def test_the_runs_of_a_candidate_that_is_gone_are_valid_and_count_for_no_cell(
    outcome, after, tmp_path
):
    run = run_of(base(tmp_path / "before", CANDIDATE), outcome)
    folder = tmp_path / "after"
    store = base(folder, *after)
    with_evidence(folder, run)
    index = build_index(store)
    (folder / "index.json").write_text(document(index), encoding="utf-8")
    assert validate(store) == ()
    for release in after:
        answer = ask(store, "2.16")
        (cell,) = answer.builds[0].cells
        assert cell.key.release == release.release
        assert (cell.standing.rung, cell.standing.standing) == ("shipped", "unknown")
        assert answer.contradictions == ()
        assert not any(source.id.startswith("run:") for source in answer.sources)
    found = find(index, MachineQuestion(python="3.12"))
    fitting = [found.answer.release] if found.answer else []
    assert fitting == [release.release for release in after]
    assert found.proven is None


def test_a_placeholder_of_a_release_is_one(tmp_path):
    store = base(tmp_path, placeholder("tensorflow", "2.16.0"), NIGHTLY)
    answer = ask(store, "2.16")
    assert (answer.kind, answer.release, offered(answer)) == ("release", "2.16.0", set())


@pytest.mark.parametrize(
    ("releases", "fault"),
    [
        (("2.16.0rc1", "2.16.0rc2"), "tensorflow 2.16.0rc1: 2.16.0rc2 is newer"),
        (("2.16.0", "2.16.0rc1"), "tensorflow 2.16.0rc1: 2.16.0 is released"),
    ],
)
def test_a_candidate_that_should_be_gone_is_a_fault(releases, fault, tmp_path):
    store = base(
        tmp_path, *(one_build("tensorflow", one, LINUX, "3.12", **CPU) for one in releases)
    )
    assert f"releases/2.16.yaml: {fault}; run `python -m scraper`" in validate(store)


def test_the_code_of_a_candidate_that_is_gone_is_valid_and_counts_for_no_cell(tmp_path):
    silent = {**CPU, "cuda_build": True}
    own = one_build("tensorflow", "2.16.0rc1", LINUX, "3.12", **silent)
    wheel = own.builds[0].wheels[0]
    code = LibraryCode(library="tensorflow/lib.so", code=(ObjectCode(objects=7, native=("8.0",)),))
    read = WheelCode(file=wheel.file, sha256=wheel.sha256, read="2026-01-02", libraries=(code,))
    final = one_build("tensorflow", "2.16.0", LINUX, "3.12", **silent)
    serves = {}
    for name, release in {"before": own, "after": final}.items():
        store = base(tmp_path / name, release)
        write(tmp_path / name / "code/2.16.yaml", dump(CodeFile(1, (read,)), "Code."))
        index = build_index(store)
        (tmp_path / name / "index.json").write_text(document(index), encoding="utf-8")
        assert validate(store) == ()
        offers = [one for one in (*index.offers, *index.candidates) if one.device == "cuda"]
        codes = [index.codes[offer.code] for offer in offers]
        serves[name] = [code.native for code in codes]
    assert serves == {"before": [("8.0",)], "after": [()]}
