"""What a run proves, by what was seen: a table of cases."""

import re
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.base.model import Line
from kb.base.scrubbing import OUTPUT, Scrubber
from kb.cells.recipes import CellKey
from kb.runs.folder import read_all
from kb.runs.judge import judge, judgement_of
from kb.runs.run_file import TAIL, CheckSeen, GpuSeen, Runner, StepSeen

SET_UP = tuple(
    StepSeen(name=one, commands=one, outcome="ok", seconds=1.0, output="")
    for one in ("environment", "install")
)
CHECKED = (
    *SET_UP,
    StepSeen(name="check-1", commands="check", outcome="ok", seconds=1.0, output="all is well"),
)
FLAGS = ("avx", "avx2")
BARE = Runner(
    system="Linux",
    machine="x86_64",
    glibc="2.36",
    cpu=None,
    flags=FLAGS,
    wsl2=False,
    driver=None,
    gpus=(),
)
WITH_GPU = BARE._replace(driver="550.54.15", gpus=(GpuSeen("Stand-in", "8.6"),))
OLD = BARE._replace(flags=())
IVY_BRIDGE = BARE._replace(flags=("avx",))

IMPORTED = CheckSeen(name="import", outcome="ok", seconds=1.0)
ON_CPU = CheckSeen(name="product", outcome="ok", seconds=1.0, device="/CPU:0")
ON_GPU = CheckSeen(name="product", outcome="ok", seconds=1.0, device="/GPU:0")
LINKED = CheckSeen(name="libraries", outcome="ok", seconds=1.0, loaded=("libcudart.so.12",))
NOT_OFFERED = CheckSeen(name="libraries", outcome="not-offered", seconds=1.0)
UNLINKED = CheckSeen(
    name="libraries", outcome="wrong-result", seconds=1.0, error="library-missing: cudnn"
)


NO_PYTHON = StepSeen(
    name="environment", commands="x", outcome="no-python", seconds=0.0, output="no python3.4"
)


def cell_of(device, release="2.15.1"):
    return CellKey(
        distribution="tensorflow",
        release=release,
        platform="linux-x86_64",
        python="3.11",
        device=device,
    )


def step(name, outcome, output=""):
    return (
        *SET_UP,
        StepSeen(name=name, commands=name, outcome=outcome, seconds=1.0, output=output),
    )


def check(name, outcome, error=None, signal=None):
    return (
        IMPORTED,
        CheckSeen(name=name, outcome=outcome, seconds=1.0, error=error, signal=signal),
    )


def imports(error, outcome="error", signal=None):
    return (CheckSeen(name="import", outcome=outcome, seconds=1.0, error=error, signal=signal),)


# device, steps, checks, runner; and the outcome, what it proves, why
CASES = {
    "all is well on the CPU": ("cpu", CHECKED, (IMPORTED, ON_CPU), BARE, "ok", "runs", None),
    "all is well on the CPU beside a GPU": (
        "cpu", CHECKED, (IMPORTED, ON_CPU), WITH_GPU, "ok", "runs", None
    ),
    "an exception of several lines keeps all its words": (
        "cpu", SET_UP,
        imports("TypeError: Unable to convert! The signature was\n\t() -> handle"), BARE,
        "import", None,
        "import: TypeError: Unable to convert! The signature was () -> handle",
    ),
    "what is not offered is no fault": (
        "cpu", CHECKED, (IMPORTED, ON_CPU, NOT_OFFERED), BARE, "ok", "runs", None
    ),
    "a GPU computed": (
        "cuda", CHECKED, (IMPORTED, ON_GPU, LINKED), WITH_GPU, "ok", "runs-gpu", None
    ),
    "no GPU, and CUDA links": (
        "cuda", SET_UP, (IMPORTED, ON_CPU, LINKED), BARE, "ok", "links", None
    ),
    "no GPU, and nobody can tell whether CUDA links": (
        "cuda", SET_UP, (IMPORTED, ON_CPU, NOT_OFFERED), BARE, "ok", "runs", None
    ),
    "no GPU, and a library is missing": (
        "cuda", SET_UP, (IMPORTED, ON_CPU, UNLINKED), BARE,
        "library-missing", None, "libraries: library-missing: cudnn",
    ),
    "a missing library explains what else fails": (
        "cuda", CHECKED, (*check("product", "crash", "", 11), UNLINKED), WITH_GPU,
        "library-missing", None, "libraries: library-missing: cudnn",
    ),
    "a GPU is there, and the CPU computed": (
        "cuda", CHECKED, (IMPORTED, ON_CPU, LINKED), WITH_GPU,
        "cpu-instead-of-gpu", None, "product: computed by /CPU:0",
    ),
    "a GPU is there, and is not found": (
        "cuda", CHECKED, check("gpus", "wrong-result", "TensorFlow finds no GPU"), WITH_GPU,
        "cpu-instead-of-gpu", None, "gpus: TensorFlow finds no GPU",
    ),
    "the set-up counts before the probe": (
        "cpu", step("install", "resolution", "first\nERROR: no\n"), imports("ImportError: x"), BARE,
        "resolution", None, "install: ERROR: no",
    ),
    "the probe counts before the recipe's checks": (
        "cpu", step("check-1", "wrong-result", "bad"), check("product", "wrong-result", "is 3"),
        BARE, "wrong-result", None, "product: is 3",
    ),
    "the recipe's own check fails alone": (
        "cpu", step("check-1", "wrong-result", "GPUs: 1"), (IMPORTED, ON_CPU), BARE,
        "wrong-result", None, "check-1: GPUs: 1",
    ),
    "no Python": (
        "cpu", (NO_PYTHON,), (), BARE,
        "no-python", None, "environment: no python3.4",
    ),
    "a step that says nothing": (
        "cpu", step("install", "timeout", " \n"), (), BARE,
        "timeout", None, "install: no word of why",
    ),
    "the probe left nothing": (
        "cpu", CHECKED, (), BARE, "crash", None, "the probe: left no result"
    ),
    "an import that fails": (
        "cpu", CHECKED, imports("Traceback\nImportError: numpy.core"), BARE,
        "import", None, "import: ImportError: numpy.core",
    ),
    "an import that fails by another error": (
        "cpu", CHECKED, imports("TypeError: Descriptors cannot be created"), BARE,
        "import", None, "import: TypeError: Descriptors cannot be created",
    ),
    "an import that misses a library": (
        "cuda", SET_UP, imports("ImportError: libcublas.so.9: cannot open shared object file"),
        BARE, "library-missing", None,
        "import: ImportError: libcublas.so.9: cannot open shared object file",
    ),
    "a module that a later check misses": (
        "cpu", CHECKED, check("keras", "error", "ModuleNotFoundError: No module named 'x'"), BARE,
        "import", None, "keras: ModuleNotFoundError: No module named 'x'",
    ),
    "another error of a later check": (
        "cpu", CHECKED, check("xla", "error", "ValueError: no"), BARE,
        "wrong-result", None, "xla: ValueError: no",
    ),
    "a crash": (
        "cpu", CHECKED, check("product", "crash", "the end", 11), BARE,
        "crash", None, "product: the end",
    ),
    "a crash without a word": (
        "cpu", CHECKED, check("product", "crash", None, 11), BARE, "crash", None, "product: crash"
    ),
    "an illegal instruction without AVX is the runner's fault": (
        "cpu", CHECKED, imports("", "crash", 4), OLD, "no-avx", None, "import: crash"
    ),
    "an illegal instruction with AVX is not": (
        "cpu", CHECKED, imports("", "crash", 4), BARE, "crash", None, "import: crash"
    ),
    "another crash without AVX is not": (
        "cpu", CHECKED, imports("", "crash", 11), OLD, "crash", None, "import: crash"
    ),
    "a check that hangs": (
        "cpu", CHECKED, check("xla", "timeout", "no end in 300 s"), BARE,
        "timeout", None, "xla: no end in 300 s",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_run_is_judged_by_what_was_seen(case):
    device, steps, checks, runner, *expected = case
    assert list(judge(cell_of(device), steps, checks, runner)) == expected


@pytest.mark.parametrize(
    ("release", "runner", "outcome"),
    [
        ("2.4.0", IVY_BRIDGE, "no-avx"),
        ("2.4.1", IVY_BRIDGE, "crash"),
        ("2.4.0", BARE, "crash"),
        ("2.4.0", OLD, "no-avx"),
        ("1.5.1", OLD, "crash"),
    ],
)
def test_an_illegal_instruction_counts_by_what_the_release_uses(release, runner, outcome):
    judged = judge(cell_of("cpu", release), CHECKED, imports("", "crash", 4), runner)
    assert judged.outcome == outcome


@given(st.text(st.characters(codec="ascii")) | st.text("<a >=!", max_size=900))
def test_whatever_was_printed_the_reason_fits_a_run_file(output):
    steps = (
        StepSeen(
            name="install",
            commands="pip",
            outcome="install",
            seconds=1.0,
            output=Scrubber({}, OUTPUT).tail(output, TAIL),
        ),
    )
    why = judge(cell_of("cpu"), steps, (), BARE).why
    assert re.fullmatch(get_args(Line)[1], why)
    assert len(why) <= 300


def test_every_run_in_this_checkout_is_judged_as_it_says(request):
    filed = list(read_all(request.config.rootpath / "runs"))
    assert filed
    for one in filed:
        said = (one.run.outcome, one.run.proves, one.run.why)
        assert tuple(judgement_of(one.run)) == said, one.path
