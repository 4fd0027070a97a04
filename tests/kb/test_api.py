"""The same answers in Python: `from kb import KnowledgeBase`."""

import importlib
import json
import re
import subprocess
import sys
import typing
from pathlib import Path

import pytest

import kb
from kb import KnowledgeBase, command_line
from kb.answers.comparison import MachineQuestion as Machine
from kb.answers.releases import VersionQuestion
from kb.base.errors import CompatError, DocumentError, NothingFound, Unanswered, WrongUsage
from kb.base.store import Store
from kb.base.versions import series
from kb.diff.answer import diff
from kb.facts.gpu_names import AmbiguousGpu, UnknownGpu
from kb.index.build import build_index
from kb.index.gpus import NamedGpu
from kb.index.records import document as index_document
from kb.lookup.answer import lookup
from kb.lookup.document import document
from tests.kb.small_base import CPU, LINUX, one_build, series_file, write_base


def test_what_is_promised_is_there():
    assert kb.__all__ == ["KnowledgeBase"]
    assert all(hasattr(kb, name) for name in kb.__all__)
    with pytest.raises(AttributeError, match="module 'kb' has no attribute 'nothing'"):
        kb.nothing  # noqa: B018


def test_it_answers_as_the_command_line_does(usual_base, tmp_path):
    base = KnowledgeBase(usual_base.data)
    assert base.series() == ("1.15", "2.15", "2.16")
    answer = base.lookup("2.15", python="3.10", device="cuda")
    assert answer == lookup(
        usual_base, VersionQuestion(version="2.15", platform=None, python="3.10", device="cuda")
    )
    assert json.loads(document(answer))["release"] == "2.15.1"
    assert base.diff("1.15", "2.15") == diff(usual_base, "1.15", "2.15")
    path = tmp_path / "requirements.txt"
    path.write_text("flask\ntensorflow==2.15.0\n")
    (finding,) = base.check(path, python="3.10")
    assert (finding.line, finding.rule, finding.severity) == (2, "pin", "error")
    assert finding.fix == ("add numpy<2",)


def test_without_a_folder_it_is_the_knowledge_base_that_comes_along():
    assert KnowledgeBase().series() == Store().released_names()


def test_a_series_with_a_candidate_or_a_nightly_alone_is_none(tmp_path):
    own = one_build("tensorflow", "2.15.0", LINUX, "3.11", **CPU)
    candidate = one_build("tensorflow", "2.16.0rc1", LINUX, "3.12", **CPU)
    nightly = one_build("tf-nightly", "2.17.0.dev20260101", LINUX, "3.12", **CPU)
    files = [series_file(series(one.release), (one,)) for one in (own, candidate, nightly)]
    store = write_base(tmp_path, *files)
    assert store.series_names() == ("2.15", "2.16", "2.17")
    assert KnowledgeBase(store.data).series() == ("2.15",)
    (tmp_path / "index.json").write_text(index_document(build_index(store)), encoding="utf-8")
    assert [(one.kind, one.release) for one in KnowledgeBase(store.data).pre_releases()] == [
        ("nightly", "2.17.0.dev20260101"),
        ("candidate", "2.16.0rc1"),
    ]


def test_what_goes_wrong_is_raised(usual_base, tmp_path):
    base = KnowledgeBase(usual_base.data)
    with pytest.raises(NothingFound) as caught:
        base.lookup("3.x")
    assert caught.value.nearest == ("1.15", "2.15", "2.16")
    with pytest.raises(LookupError):
        base.diff("2.15", "12.")
    with pytest.raises(FileNotFoundError):
        base.check(tmp_path / "no-such.txt")
    with pytest.raises(DocumentError, match="no knowledge base here"):
        KnowledgeBase(tmp_path).series()


def test_every_method_is_typed_and_documented():
    methods = [one for name, one in vars(KnowledgeBase).items() if not name.startswith("_")]
    assert len(methods) >= 4
    for method in methods:
        assert method.__doc__
        assert "return" in method.__annotations__
    assert typing.get_type_hints(KnowledgeBase.series)["return"] == tuple[str, ...]


def test_importing_kb_loads_next_to_nothing():
    code = "import sys; before = set(sys.modules); import kb; print(*(set(sys.modules) - before))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    ours = {name for name in done.stdout.split() if name.partition(".")[0] in ("kb", "yaml")}
    assert ours == {"kb"}


def test_the_examples_of_the_documents_run(tmp_path):
    page = Path(kb.__file__).parents[1] / "docs" / "python.md"
    blocks = page.read_text(encoding="utf-8").split("```python\n")[1:]
    code = "\n".join(block.partition("```")[0] for block in blocks)
    assert "KnowledgeBase" in code
    (tmp_path / "requirements.txt").write_text("tensorflow==2.10.1\n")
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "requirements.txt:1: error" in done.stdout


def test_what_the_documents_name_is_there():
    page = Path(kb.__file__).parents[1] / "docs" / "python.md"
    names = re.findall(r"`kb((?:\.[a-z_]+)+)\.([A-Z]\w+)`", page.read_text(encoding="utf-8"))
    assert len(names) > 8
    for module, name in names:
        assert hasattr(importlib.import_module(f"kb{module}"), name), (module, name)


def test_a_gpu_and_what_fits_it_can_be_asked_for():
    base = KnowledgeBase()
    gpu = base.gpu("rtx3090")
    assert gpu.compute_capability == "8.6"
    question = Machine(python="3.11", device="gpu", compute_capability=gpu.compute_capability)
    answer = base.find(question).answer
    assert (answer.python, answer.device) == ("3.11", "cuda")
    with pytest.raises(UnknownGpu):
        base.gpu("RTX 3095")


@pytest.mark.parametrize(
    ("name", "gpu"),
    [
        ("NVIDIA GeForce RTX 3090", NamedGpu("nvidia", "GeForce RTX 3090", "8.6")),
        ("sm_86", NamedGpu("nvidia", None, "8.6")),
        ("compute_90a", NamedGpu("nvidia", None, "9.0")),
        (" " * 250 + "SM 75", NamedGpu("nvidia", None, "7.5")),
        (" CC 7.5 ", NamedGpu("nvidia", None, "7.5")),
        ("AMD Radeon RX 7900 XTX", NamedGpu("amd", "Radeon RX 7900 XTX", None, "gfx1100")),
        ("intel arc a770", NamedGpu("intel", "Arc A770", None, "Arc A-Series")),
        ("Apple M2 Max", NamedGpu("apple", "Apple M2 Max", None, "Apple M2")),
    ],
)
def test_a_gpu_of_any_maker_is_understood_as_on_the_command_line(name, gpu, capsys):
    base = KnowledgeBase()
    assert base.gpu(name) == gpu
    found = base.find(Machine(os="macos" if gpu.maker == "apple" else "linux", gpu=name))
    assert (found.question.maker, found.question.device) == (gpu.maker, "gpu")
    assert found.question.compute_capability == gpu.compute_capability
    command_line.main(["find", "--gpu", name, "--arch", "x86_64", "--json"])
    told = json.loads(capsys.readouterr().out)
    assert told["question"] == {"platform": found.question.platform(), **found.question._asdict()}
    assert (told["answer"] or {}).get("release") == (found.answer and found.answer.release)


def test_a_gpu_that_is_not_known_is_an_error_in_find_as_well():
    for ask in (KnowledgeBase().gpu, lambda name: KnowledgeBase().find(Machine(gpu=name))):
        with pytest.raises(UnknownGpu) as caught:
            ask("sm_99")
        assert caught.value.nearest == ("8.9", "9.0", "10.0", "10.3")
        with pytest.raises(UnknownGpu):
            ask("Voodoo 3")
        with pytest.raises(AmbiguousGpu):
            ask("GeForce GT 630")


def test_a_message_can_be_explained():
    (match, *_) = (
        KnowledgeBase().explain("libcudart.so.11.0: cannot open shared object file").matches
    )
    assert match.id == "missing-cuda-library"


def test_the_doctor_can_be_called():
    found = KnowledgeBase().doctor(sys.executable)
    assert {one.severity for one in found} <= {"error", "warning", "ok"}
    with pytest.raises(Unanswered):
        KnowledgeBase().doctor("/nowhere/python")


@pytest.mark.parametrize(
    ("ask", "text"),
    [
        (
            lambda base: base.question(device="cpu", compute_capability="8.6"),
            "compute_capability asks for a GPU and device cpu for none; drop one",
        ),
        (
            lambda base: base.question(gpu="3090", compute_capability="8.6"),
            "gpu and compute_capability say the same; drop one",
        ),
        (lambda base: base.question(gpu="TITAN X"), "gpu: "),
        (lambda base: base.doctor("/nowhere/python"), "/nowhere/python: "),
        (
            lambda _: KnowledgeBase("/nowhere").lookup("2.15"),
            "/nowhere: no knowledge base here; name one with `KnowledgeBase(data)`",
        ),
    ],
)
def test_an_error_speaks_of_parameters_not_of_options(ask, text):
    with pytest.raises(CompatError) as caught:
        ask(KnowledgeBase())
    assert str(caught.value).startswith(text)
    assert not re.search("--(gpu|device|python|data|compute-)", str(caught.value))


@pytest.mark.parametrize(
    ("ask", "name"),
    [
        (lambda base: base.lookup(2.15), "version"),
        (lambda base: base.list(2.15), "version"),
        (lambda base: base.diff("2.14", 2.15), "after"),
        (lambda base: base.gpu(2.15), "name"),
        (lambda base: base.question(cuda=2.15), "cuda"),
    ],
)
def test_a_number_in_place_of_a_text_is_a_clear_error(ask, name):
    with pytest.raises(TypeError, match=rf'^{name} has to be a text: write "2\.15", not 2\.15; '):
        ask(KnowledgeBase())


def test_a_cuda_version_given_as_a_driver_is_asked_back():
    question = Machine(python="3.12", compute_capability="8.6", driver="12.4")
    with pytest.raises(WrongUsage, match="the CUDA version that nvidia-smi prints"):
        KnowledgeBase().find(question)
