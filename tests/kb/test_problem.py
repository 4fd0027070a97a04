"""`problem`: what is known under an id, told whole."""

import json

import pytest

from kb import KnowledgeBase, command_line
from kb.base.errors import NothingFound
from kb.base.store import Store
from kb.base.versions import within
from kb.index.records import open_index
from kb.problem.answer import listed, problem

IDS = [own.id for own in listed(Store())]


@pytest.fixture
def told(capsys):
    """Run `problem` on the real knowledge base; return its status and both outputs."""

    def run(*arguments):
        status = command_line.main(["problem", *arguments])
        return status, *capsys.readouterr()

    return run


def test_every_id_of_the_three_files_opens(told):
    store = Store()
    every = (*store.problems().problems, *store.errors().errors)
    every = (*every, *store.release_notes().release_notes)
    assert {own.id for own in every} == set(IDS)
    for name in IDS:
        status, out, error = told(name)
        assert (status, error) == (0, ""), name
        assert f"\n{name}, a" in out
        assert "  Cause " in out or "  Tells " in out, name
        assert "  Sources " in out, name


@pytest.mark.parametrize("own", Store().problems().problems, ids=lambda own: own.id)
def test_a_problem_is_told_whole(own, told):
    _, out, _ = told(own.id)
    words = " ".join(out.split())
    for text in (own.title, *own.looks_like, own.cause, *own.sources):
        assert text in words
    for way in own.way_out:
        assert (way.told or "") in words
        assert (way.command or "") in words
    commands = {line for way in own.way_out for line in (way.command or "").splitlines()}
    wide = [line for line in out.splitlines() if len(line) > 80]
    assert [line for line in wide if line.strip() not in {*commands, *own.sources}] == []


def test_what_it_does_not_hit_fits_and_lies_outside_its_releases():
    store = Store()
    index = open_index(store)
    series = dict(zip(index.releases, index.series, strict=True))
    for own in store.problems().problems:
        hit = [one for one in index.releases if within(one, own.releases.first, own.releases.last)]
        for releases in problem(store, index, own.id).not_hit:
            assert set(releases.releases).isdisjoint({*hit, *(series[one] for one in hit)})


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("windows-without-cuda", ("1.0", "2.10")),
        ("numpy-2-with-2-14-0", ("2.5", "2.21")),
        ("avx-illegal-instruction", ("1.0", "1.5")),
    ],
)
def test_what_is_sound_is_named(name, expected):
    first = KnowledgeBase().problem(name).not_hit[0].releases
    assert (first[0], first[-1]) == expected


def test_nothing_is_called_sound_for_a_gpu_that_no_release_serves():
    assert KnowledgeBase().problem("blackwell-invalid-ptx").not_hit == ()


def test_a_message_leads_to_the_problems_that_it_tells_of(told):
    of_many = next(own for own in Store().errors().errors if len(own.problems) > 1)
    _, out, _ = told(of_many.id)
    for name in of_many.problems:
        assert f"problem {name}" in out


def test_without_an_id_all_are_listed_one_line_each(told):
    status, out, error = told()
    assert (status, error) == (0, "")
    lines = out.splitlines()
    assert max(map(len, lines)) <= 80
    assert {line.split()[0] for line in lines if line.startswith("  ")} == set(IDS)
    assert len([line for line in lines if line.startswith("  ")]) == len(IDS)


def test_an_unknown_id_gets_the_nearest(told):
    status, out, error = told("windows-cuda")
    assert (status, out) == (1, "")
    assert error.startswith("nothing found: no problem windows-cuda; nearest: windows-without-cuda")
    with pytest.raises(NothingFound):
        KnowledgeBase().problem("?")


def test_a_document_has_it_or_lists_all(told):
    document = json.loads(told("Windows-Without-CUDA", "--json")[1])
    assert document["problem"]["id"] == "windows-without-cuda"
    assert document["problem"]["kind"] == "problem"
    assert document["problem"]["platforms"] == ["windows-x86_64"]
    assert document["listed"] == []
    document = json.loads(told("--json")[1])
    assert document["problem"] is None
    assert [own["id"] for own in document["listed"]] == IDS


def _printed_runs():
    store = Store()
    pins = [run for pin in store.pins().pins for run in pin.runs]
    return [*pins, *(run for path in store.library_paths().library_paths for run in path.runs)]


def test_every_run_that_a_reason_names_opens(told):
    names = list(dict.fromkeys(_printed_runs()))
    assert names
    for name in names[::9]:
        status, out, error = told(name)
        assert (status, error) == (0, "")
        assert f"\n{name}, a run" in out
        assert "It shows why a recipe " in " ".join(out.split())
        assert f"/{name}.json" in out
    document = json.loads(told(names[0], "--json")[1])
    assert document["problem"]["kind"] == "run"
    assert document["problem"]["platforms"]


def test_the_runs_that_are_named_are_all_in_the_evidence():
    store = Store()
    known = {run.run for name in store.evidence_names() for run in store.evidence(name).runs}
    assert set(_printed_runs()) <= known


def test_a_run_that_nobody_knows_is_told_as_that(told):
    status, out, error = told("2026-11-23-000000000000")
    assert (status, out) == (1, "")
    assert "no run 2026-11-23-000000000000" in error


@pytest.mark.parametrize("word", ["blackwell", "tensorrt", "pkg_resources"])
def test_a_word_of_an_id_or_a_title_gets_the_ids_that_have_it(word, told):
    titles = {own.id: own.title.lower() for own in listed(Store())}
    status, _, error = told(word)
    assert status == 1
    near = error.strip().partition("; nearest: ")[2].split(", ")
    assert near[0]
    assert all(word in name or word in titles[name] for name in near)


def test_a_word_that_nothing_has_gets_the_way_to_the_list(told):
    status, _, error = told("nosuch")
    assert status == 1
    assert "python -m kb problem` lists all" in error


def test_series_that_serve_some_of_the_gpus_alone_are_told_apart(told):
    own = problem(Store(), open_index(Store()), "cudnn-9-11-before-turing").not_hit[0]
    assert set(own.releases).isdisjoint(own.on_some)
    assert "2.19" in (*own.releases, *own.on_some)
    _, out, _ = told("cudnn-9-11-before-turing")
    words = " ".join(out.split())
    assert "on every one of these GPUs; " in words
    assert " on some of these GPUs" in words
