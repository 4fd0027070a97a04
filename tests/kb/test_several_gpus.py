"""A machine with several GPUs: the answer fits all of them, and each has a verdict of its own."""

import itertools
import json
import random
import shlex

import pytest

from kb import KnowledgeBase, command_line
from kb.answers.comparison import AskedGpu, MachineQuestion
from kb.answers.fits import find
from kb.base.errors import WrongUsage
from kb.base.store import Store
from kb.base.versions import series
from kb.facts.gpu_names import UnknownGpu
from kb.index.records import open_index


@pytest.fixture
def ask(capsys):
    """Run `find` on the real base; return its status, and the document or the error's line."""

    def run(*arguments):
        status = command_line.main(["find", "--json", *arguments])
        out, error = capsys.readouterr()
        return status, json.loads(out), error

    return run


@pytest.fixture(scope="module")
def index():
    return open_index(Store())


def with_gpus(first, *further, **told):
    """Return a question about GPUs by their compute capabilities."""
    others = tuple(AskedGpu(compute_capability=one) for one in further)
    return MachineQuestion(compute_capability=first, further_gpus=others, **told)


def test_the_answer_has_the_pins_and_the_checks_of_each_gpu(ask):
    status, document, _ = ask("--gpu", "RTX 3090", "--gpu", "GTX 1080", "--python", "3.12")
    answer = document["answer"]
    assert status == 0
    assert "nvidia-cudnn-cu12<9.11" in "\n".join(answer["setup"])
    told = "\n".join((*answer["caveats"], *answer["because"]))
    assert "compute capability 8.6" in told
    assert "the last for compute capability 6.1" in told
    assert [(one["gpu"], one["compute_capability"]) for one in document["gpus"]] == [
        ("RTX 3090", "8.6"),
        ("GTX 1080", "6.1"),
    ]
    assert all(one["answer"] and one["maker"] == "nvidia" for one in document["gpus"])


def test_a_gpu_that_nothing_serves_tells_why_beside_one_that_is_served(ask):
    status, document, _ = ask("--gpu", "RTX 5090", "--gpu", "GTX 1080", "--python", "3.12")
    assert (status, document["answer"]) == (1, None)
    new, old = document["gpus"]
    assert new["answer"] is None
    assert {reason["rule"] for reason in new["reasons"]} == {"problem"}
    assert (old["answer"] is None, old["reasons"]) == (False, [])


def test_one_gpu_has_one_verdict_and_the_cpu_none(ask):
    _, document, _ = ask("--gpu", "RTX 3090", "--python", "3.12")
    (verdict,) = document["gpus"]
    assert verdict["answer"] == document["answer"]["release"]
    assert ask("--device", "gpu")[1]["gpus"][0]["gpu"] is None
    assert ask()[1]["gpus"] == []


def test_equal_gpus_count_once_and_are_listed_each(ask, capsys):
    alone = ask("--gpu", "T4")[1]
    _, document, _ = ask("--gpu", "T4", "--gpu", "T4")
    assert document["answer"] == alone["answer"]
    assert document["gpus"] == alone["gpus"] * 2
    command_line.main(["find", "--gpu", "T4", "--gpu", "T4"])
    out = capsys.readouterr().out
    assert "2 x T4 (compute capability 7.5)" in out
    assert "Each GPU by itself" not in out


def test_compute_capabilities_can_be_several_too(ask, capsys):
    arguments = ("--compute-capability", "6.1", "--compute-capability", "sm_86")
    _, document, _ = ask(*arguments)
    assert [one["compute_capability"] for one in document["gpus"]] == ["6.1", "8.6"]
    command_line.main(["find", *arguments])
    assert "Each GPU by itself" in capsys.readouterr().out


def test_a_release_is_held_against_all_gpus(ask):
    _, document, _ = ask("--release", "2.10", "--gpu", "RTX 2080", "--gpu", "H100")
    fits, does_not = document["gpus"]
    assert (fits["answer"], fits["reasons"]) == ("2.10.1", [])
    if document["answer"] is None:
        assert does_not["answer"] is None
        assert does_not["reasons"] == document["rejected"][0]["reasons"]
    status, document, _ = ask("--release", "1.15", "--gpu", "RTX 2080", "--gpu", "RTX 3090")
    assert status == 1
    assert [one["answer"] is None for one in document["gpus"]] == [False, True]


def test_one_driver_has_to_serve_all_gpus(index):
    found = find(index, with_gpus("3.7", "12.0", python="3.12"))
    told = [reason.text for one in found.rejected for reason in one.reasons]
    assert any("no driver serves all of these GPUs: the 470 branch" in text for text in told)
    apart = find(index, with_gpus("3.5", "8.6", python="3.9"))
    assert apart.answer is not None


@pytest.mark.parametrize(
    ("gpus", "status", "text"),
    [
        (("RTX 3090", "RX 7900 XTX"), 2, "one TensorFlow serves GPUs of one maker"),
        (("RTX 3090", "Apple M2"), 2, "one TensorFlow serves GPUs of one maker"),
        (("RTX 3090", "RTX 3095"), 1, 'no GPU is known as "RTX 3095"'),
        (("RTX 3090", "TITAN X"), 2, "--gpu: "),
    ],
)
def test_gpus_that_cannot_be_asked_about_get_one_line(gpus, status, text, ask):
    found, document, error = ask(*(word for gpu in gpus for word in ("--gpu", gpu)))
    assert found == status
    assert document["error"]["text"].startswith(text)
    assert len(error.splitlines()) == 1


def test_a_gpu_beside_an_arm_processor_tells_the_platform_of_all(ask):
    _, document, _ = ask("--gpu", "RTX 3090", "--gpu", "GH200")
    assert document["question"]["platform"] == "linux-aarch64"


def test_where_nothing_serves_all_each_gpu_can_be_left_out(ask):
    _, document, _ = ask("--gpu", "RTX 5090", "--gpu", "GTX 1080", "--python", "3.12")
    nearest = document["nearest"][0]
    assert nearest["change"]["gpu"] == "GTX 1080"
    assert nearest["change"]["further_gpus"] is None
    assert "CUDA_VISIBLE_DEVICES" in nearest["told"]
    assert nearest["command"].endswith('--python 3.12 --gpu "GTX 1080"')
    assert "nvidia-cudnn-cu12<9.11" in "\n".join(nearest["answer"]["setup"])
    asked = ("--gpu", "RTX 3090", "--gpu", "Tesla K80", "--driver", "535.104", "--python", "3.12")
    changes = [one["change"] for one in ask(*asked)[1]["nearest"]]
    assert changes[:2] == [{"python": "3.11", "driver": "470"}, {"further_gpus": None}]


def test_all_gpus_that_nothing_serves_are_left_out_together(ask):
    gpus = ("RTX 5090", "RTX 3090", "Tesla K80", "GTX 1080")
    words = [word for gpu in gpus for word in ("--gpu", gpu)]
    _, document, _ = ask("--python", "3.12", "--driver", "535.104", *words)
    nearest = document["nearest"][0]
    assert nearest["told"].startswith("Without RTX 5090 and Tesla K80 (")
    assert nearest["change"]["gpu"] == "RTX 3090"
    assert [one["gpu"] for one in nearest["change"]["further_gpus"]] == ["GTX 1080"]


def test_the_command_of_each_change_answers_as_it_says(ask):
    gpus = ("RTX 5090", "Tesla K80", "RTX 2080", "RTX 2080")
    _, document, _ = ask("--release", "2.10", *(w for gpu in gpus for w in ("--gpu", gpu)))
    assert document["answer"] is None
    assert document["nearest"]
    for nearest in document["nearest"]:
        words = shlex.split(nearest["command"])
        assert words[:2] == ["tensorflow-compat", "find"]
        status, same, _ = ask(*words[2:])
        assert (status, same["answer"]) == (0, nearest["answer"])


def test_python_asks_about_several_gpus():
    base = KnowledgeBase()
    asked = base.question(gpu=["RTX 3090", "GTX 1080"], python="3.12")
    assert [one.compute_capability for one in asked.gpus()] == ["8.6", "6.1"]
    same = MachineQuestion(gpu="RTX 3090", further_gpus=(AskedGpu(gpu="GTX 1080"),), python="3.12")
    assert base.find(asked).answer == base.find(same).answer is not None
    assert len(base.question(compute_capability=("8.6", "9.0")).gpus()) == 2
    with pytest.raises(WrongUsage):
        base.question(gpu=["RTX 3090", "RX 7900 XTX"])
    with pytest.raises(WrongUsage):
        base.question(gpu="T4", compute_capability="7.5")
    with pytest.raises(UnknownGpu):
        base.question(gpu=["T4", "RTX 3095"])
    with pytest.raises(TypeError):
        base.question(compute_capability=[8.6])


def test_what_fits_several_gpus_fits_each_of_them(index):
    chance = random.Random(6)
    capabilities = ("3.5", "3.7", "5.2", "6.1", "7.0", "7.5", "8.0", "8.6", "8.9", "9.0", "12.0")
    pythons = (None, "3.7", "3.9", "3.10", "3.12", "3.13")
    drivers = (None, None, "450.80.02", "470.82.01", "535.104.05", "580.65.06")
    for first, second in chance.sample([*itertools.combinations(capabilities, 2)], 20):
        told = {"python": chance.choice(pythons), "driver": chance.choice(drivers)}
        told["os"] = chance.choice(("linux", "linux", "wsl2", "windows"))
        found = find(index, with_gpus(first, second, **told))
        each = [find(index, with_gpus(one, **told)) for one in (first, second)]
        assert [one.answer for one in found.gpus] == [
            one.answer.release if one.answer else None for one in each
        ]
        fitting = [
            {series(fit.release) for fit in (one.answer, *one.also) if fit}
            for one in (found, *each)
        ]
        assert fitting[0] <= fitting[1] & fitting[2], (first, second, told)
        if told["driver"] is not None:
            # then the rules of each GPU are all that counts
            assert fitting[1] & fitting[2] <= fitting[0], (first, second, told)
        assert found.answer is not None or found.rejected
