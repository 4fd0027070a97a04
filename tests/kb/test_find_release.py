"""`find --release`: does this one fit?"""

import itertools
import json
import random

import pytest

from kb import KnowledgeBase, command_line
from kb.answers.comparison import MachineQuestion
from kb.answers.fits import find
from kb.base.errors import NothingFound, WrongUsage
from kb.base.store import Store
from kb.base.versions import series
from kb.index.records import open_index


@pytest.fixture
def ask(capsys):
    """Run `find` on the real base; return its status, and the document or the error's line."""

    def run(*arguments):
        status = command_line.main(["find", "--json", *arguments])
        out, error = capsys.readouterr()
        return status, json.loads(out), error

    return run


def reasons(document):
    (rejected,) = document["rejected"]
    return {reason["rule"]: reason["text"] for reason in rejected["reasons"]}


def test_a_release_that_fits_is_answered_with_its_set_up(ask):
    status, document, _ = ask("--release", "tf 2.15.1", "--python", "3.11", "--gpu", "RTX 3090")
    assert (status, document["rejected"], document["also"]) == (0, [], [])
    assert document["question"]["release"] == document["answer"]["release"] == "2.15.1"
    assert "tensorflow[and-cuda]==2.15.1" in "\n".join(document["answer"]["setup"])


def test_an_old_release_and_a_newer_gpu_get_every_reason_and_what_nvidia_publishes(ask, capsys):
    status, document, _ = ask("--release", "1.15", "--gpu", "3090")
    assert (status, document["answer"]) == (1, None)
    told = reasons(document)
    assert "CUDA 10.0 libraries do not know compute capability 8.6" in told["toolkit"]
    assert "Ampere" in told["problem"]
    command_line.main(["find", "--release", "1.15", "--gpu", "3090"])
    out = capsys.readouterr().out
    assert out.startswith("TensorFlow 1.15 does not fit.\n")
    assert out.count("nvidia-tensorflow[horovod]") == 1
    assert all(" ".join(text.split())[1:] in " ".join(out.split()) for text in told.values())
    assert document["elsewhere"][0]["distribution"] == "nvidia-tensorflow"
    assert {one["release"].partition("+")[0] for one in document["elsewhere"]} == {"1.15.5"}


def test_all_distributions_of_a_release_are_held_against_the_machine(ask):
    _, document, _ = ask("--release", "1.15", "--gpu", "RTX 2080", "--python", "3.7")
    assert document["answer"]["distribution"] in ("tensorflow", "tensorflow-gpu")
    _, document, _ = ask("--release", "1.14.0", "--gpu", "RTX 2080", "--python", "3.7")
    assert document["answer"]["distribution"] == "tensorflow-gpu"


@pytest.mark.parametrize(
    ("arguments", "rule", "text"),
    [
        (("2.11.1", "--python", "3.7"), "python", "2.11.0 of the same series has one"),
        (("2.15.0.post1", "--os", "mac"), "platform", "2.15.1 of the same series has one"),
        (("2.10.0.520", "--gpu", "T4"), "platform", "2.10.1 of the same series has it"),
        (("2.15", "--python", "3.13"), "python", "the first series with one is 2.20"),
        (("2.15.1", "--driver", "450.80.02"), "driver", "450.80.02"),
        (("2.18", "--os", "windows", "--gpu", "T4"), "platform", "it ends with 2.10"),
        (("2.16", "--gpu", "RTX 5090"), "toolkit", "compute capability 12.0"),
    ],
)
def test_a_release_that_does_not_fit_tells_why(arguments, rule, text, ask):
    status, document, _ = ask("--release", *arguments)
    assert (status, document["answer"]) == (1, None)
    assert text in reasons(document)[rule]
    assert document["rejected"][0]["series"] == series(arguments[0])


def test_latest_is_the_newest_series_with_a_release(ask):
    _, document, _ = ask("--release", "latest")
    assert document["question"]["release"] == KnowledgeBase().series()[-1]


def test_a_candidate_is_judged_where_it_is_asked_about(ask):
    status, document, _ = ask("--release", "2.22rc0", "--python", "3.12", "--device", "cpu")
    answer = document["answer"]
    assert (status, answer["release"], answer["kind"]) == (0, "2.22.0rc0", "candidate")
    assert not any("no release fits" in text for text in answer["caveats"])
    _, by_series, _ = ask("--release", "2.22", "--python", "3.12", "--device", "cpu")
    assert by_series["answer"] == answer
    status, document, _ = ask("--release", "2.22.0rc0", "--os", "windows", "--gpu", "T4")
    assert (status, document["rejected"][0]["release"]) == (1, "2.22.0rc0")


@pytest.mark.parametrize(
    ("release", "status", "text"),
    [
        ("2.23", 1, "no TensorFlow 2.23; nearest: 2.20, 2.21, 2.22"),
        ("2.15.7", 1, "no TensorFlow 2.15.7; nearest: 2.15.0, 2.15.0.post1, 2.15.1"),
        ("0.12", 1, "no TensorFlow 0.12; nearest: 1.0, 1.1, 1.2"),
        ("2", 1, "2 is many series of TensorFlow: name one; nearest: 2.0"),
        ("lates", 1, "no TensorFlow lates; nearest: latest"),
        ("", 1, "no TensorFlow"),
        ("9" * 5000, 1, "no TensorFlow 999"),
        ("\x1b[31m", 1, "no TensorFlow"),
        ("nightly", 2, "find judges releases and candidates, no nightly"),
        ("tf-nightly==2.22.0.dev20261101", 2, "find judges releases and candidates, no nightly"),
    ],
)
def test_what_is_no_release_gets_one_line_with_the_nearest(release, status, text, ask):
    found, document, error = ask("--release", release)
    assert found == status
    assert document["error"]["text"].startswith(text)
    assert len(error.splitlines()) == 1


def test_python_asks_as_the_command_line_does():
    base = KnowledgeBase()
    told = base.question(release="tensorflow==2.15.*", gpu="RTX 3090")
    assert told.release == "2.15"
    assert base.find(told) == base.find(MachineQuestion(release="2.15.*", gpu="RTX 3090"))
    with pytest.raises(NothingFound):
        base.find(MachineQuestion(release="2.99"))
    with pytest.raises(WrongUsage):
        base.question(release="nightly")
    with pytest.raises(TypeError):
        base.question(release=2.1)


@pytest.fixture(scope="module")
def real_index():
    return open_index(Store())


def machines(number):
    """Return machines of all kinds, the same each time."""
    chance = random.Random(12)
    choices = {
        "python": (None, "2.7", "3.6", "3.7", "3.8", "3.9", "3.10", "3.11", "3.12", "3.13", "3.14"),
        "driver": (None, None, "450.80.02", "470.82", "528.33", "535.104.05", "580.65.06"),
        "cuda": (None, None, None, "10.1", "11.2", "12.4"),
        "glibc": (None, "2.12", "2.17", "2.31"),
    }
    systems = [
        *itertools.product(("linux", "windows"), ("x86_64", "arm64")),
        *(("linux", "x86_64"), ("linux", "x86_64"), ("wsl2", "x86_64")),
        *itertools.product(("macos",), ("arm64", "x86_64")),
    ]
    gpus = [
        *({"device": "cpu"}, {"device": "gpu"}, {"device": "gpu", "maker": "intel"}),
        *({"compute_capability": one} for one in ("3.5", "6.1", "7.0", "8.6", "9.0", "12.0")),
        {"device": "gpu", "maker": "amd", "gpu_kind": "gfx1100"},
    ]
    for _ in range(number):
        system, processor = chance.choice(systems)
        told = {name: chance.choice(some) for name, some in choices.items()}
        gpu = chance.choice(gpus)
        if gpu.get("device") == "cpu":
            told["driver"] = told["cuda"] = None
        yield MachineQuestion(os=system, arch=processor, **told, **gpu)


def some_of(chance, names, number):
    return chance.sample(sorted(names), min(number, len(names)))


def test_a_series_fits_by_itself_exactly_where_it_fits_among_all(real_index):
    chance = random.Random(3)
    final = real_index.final_series()
    for question in machines(50):
        found = find(real_index, question)
        fitting = {series(fit.release): fit for fit in (found.answer, *found.also) if fit}
        rejected = {one.series: one for one in found.rejected}
        assert set(final) <= {*fitting, *rejected}
        for name in (*some_of(chance, fitting, 3), *some_of(chance, rejected, 2)):
            if name not in final:
                continue
            alone = find(real_index, question._replace(release=name))
            assert (alone.answer is not None) == (name in fitting), (question, name)
            assert tuple(one.series for one in alone.rejected) == (
                () if alone.answer else (name,)
            ), (question, name)
            if alone.answer is None:
                assert alone.rejected[0] == rejected[name], (question, name)
            else:
                cell = ("release", "distribution", "python", "device", "caveats")
                assert [getattr(alone.answer, part) for part in cell] == [
                    getattr(fitting[name], part) for part in cell
                ], (question, name)
        if found.answer is not None and found.answer.kind == "release":
            alone = find(real_index, question._replace(release=series(found.answer.release)))
            assert alone.answer == found.answer, question


def test_a_release_fits_by_itself_where_it_is_the_answer_of_its_series(real_index):
    for question in machines(60):
        found = find(real_index, question)
        for fit in (found.answer, *found.also):
            if fit is not None:
                alone = find(real_index, question._replace(release=fit.release))
                assert alone.answer is not None, (question, fit.release)
                assert alone.answer.distribution == fit.distribution
                assert alone.rejected == ()
