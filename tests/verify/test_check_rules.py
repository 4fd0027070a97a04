"""Each part of a run follows from the others and from what is known: a run that says otherwise is
refused in words that name what contradicts what.
"""

import struct
from datetime import datetime, timezone

import pytest

from kb.base.store import Store
from kb.runs.run_file import GpuSeen, Seen
from tests.verify.sent_runs import (
    CPU,
    LINKS,
    RTX_3090,
    RUNS,
    answered,
    check,
    on_gpu,
    packages,
    real,
    retimed,
    runner,
    seen,
    sent,
    step,
    with_driver,
)
from verify.check import Reviewer, verdict
from verify.runner import probe
from verify.runner.challenge import seed

GPU = on_gpu()
H200 = real("tensorflow-2.18.1-linux-x86_64-py3.12-cuda")
NEWER = real("tensorflow-2.21.0-linux-x86_64-py3.12-cuda")
BROKEN = real("tensorflow-2.0.0-linux-x86_64-py3.7-cpu")


@pytest.fixture(scope="module")
def reviewer():
    return Reviewer(Store(), datetime(2026, 12, 1, tzinfo=timezone.utc), RUNS)


def built(run, **changes):
    return seen(run, built=run.seen.built._replace(**changes))


def printed(run, name, old, new):
    """Return a run with something else in the output of a step."""
    (found,) = [one for one in run.steps if one.name == name]
    assert old in found.output
    return step(run, name, output=found.output.replace(old, new))


def gpu(run, name="NVIDIA GeForce RTX 3090", capability="8.6", memory=24576, driver="550.54.14"):
    """Return a run on another GPU."""
    own = GpuSeen(name, capability, memory)
    changed = runner(run, gpus=(own,), driver=driver)
    changed = changed._replace(checks=tuple(with_driver(c, driver) for c in changed.checks))
    return seen(changed, gpus=(own._replace(memory_mib=None),))


LIES = {
    "instructions that an old TensorFlow saw": (
        step(
            CPU,
            "check-1",
            output="The TensorFlow library wasn't compiled to use AVX512F instructions, but these\n"
            "GPUs: 0. This is the check of a CPU set-up: it needs none.",
        )._replace(runner=CPU.runner._replace(flags=("avx", "avx2", "fma", "sse4_1", "sse4_2"))),
        "TensorFlow saw avx512f, and its processor is said to have none",
    ),
    "AVX without SSE": (runner(CPU, flags=("avx",)), "a processor with avx has sse4_2 as well"),
    "no AVX": (runner(CPU, flags=()), "ends at import without avx, which it does not list"),
    "flags out of order": (
        runner(CPU, flags=tuple(reversed(CPU.runner.flags))),
        "not those that the probe keeps",
    ),
    "Arm on x86-64": (
        runner(CPU, cpu="Neoverse-N1"),
        "the processor Neoverse-N1 is not one for x86_64",
    ),
    "a glibc of the future": (runner(CPU, glibc="2.99"), "there was no glibc 2.99 on 2026-11-2"),
    "no glibc": (runner(CPU, glibc=None), "which needs glibc, and names none"),
    "instructions that TensorFlow saw": (
        printed(CPU, "check-1", "AVX2 ", "AVX2 AVX512F ")
        if "avx512f" not in CPU.runner.flags
        else runner(CPU, flags=tuple(f for f in CPU.runner.flags if f != "avx512f")),
        "TensorFlow saw avx512f, and its processor is said to have none",
    ),
    "before there was a tool": (
        CPU._replace(started="2025-03-01T10:00:00Z"),
        "is before `verify run` was there",
    ),
    "packages of the future": (
        packages(CPU, certifi="2026.11.30"),
        "is before certifi 2026.11.30 was there, which bears its day",
    ),
    "more time than its parts": (
        CPU._replace(seconds=CPU.seconds + 4000),
        "all of it took",
    ),
    "a wheel unpacked at once": (
        step(CPU, "install", seconds=0.2),
        "MB are not unpacked in 0.2 s",
    ),
    "an import that takes no time": (
        check(CPU, "import", seconds=0.01),
        "import: is not done in 0.01 s",
    ),
    "a step to the microsecond": (
        step(CPU, "environment", seconds=2.123456),
        "environment: took 2.123456 s, which `verify run` does not write",
    ),
    "a run that lasts for ever": (CPU._replace(seconds=999999999.0), "all of it took"),
    "a version that is none": (packages(CPU, numpy="one"), "numpy==one: has no version"),
    "a time-out at once": (
        step(CPU, "install", outcome="timeout", seconds=60.0),
        "install: ended after 60 s, and is given 3600 s",
    ),
    "a log of another day": (
        H200._replace(started="2026-11-24T12:12:24Z"),
        "check-1: logs of 2026-11-26",
    ),
    "pip installed another": (
        packages(CPU, **{"absl-py": "2.0.0"}),
        "pip installed absl-py-2.5.1, and lists absl-py 2.0.0",
    ),
    "pip did not install it": (
        packages(CPU, torch="2.5.0"),
        "it lists torch, and pip did not install it",
    ),
    "a wheel of another Python was fetched": (
        step(
            CPU,
            "upgrade-pip",
            output="tensorflow-2.15.1-cp310-cp310-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
        ),
        "printed tensorflow-2.15.1-cp310",
    ),
    "without what the wheel requires": (packages(CPU, gast=None), "it lists no gast"),
    "against what the wheel requires": (
        packages(CPU, keras="3.3.0"),
        "it installed keras 3.3.0, against",
    ),
    "CUDA's packages in a CPU cell": (
        packages(CPU, nvidia_cublas_cu12="12.2.5.6"),
        "nothing of a CPU recipe asks for nvidia-cublas-cu12",
    ),
    "without one of CUDA's packages": (
        packages(LINKS, nvidia_cudnn_cu12=None),
        "it lists no nvidia-cudnn-cu12",
    ),
    "another cuDNN than the extra asks for": (
        packages(LINKS, nvidia_cudnn_cu12="9.1.0.70"),
        "it installed nvidia-cudnn-cu12 9.1.0.70, against",
    ),
    "a package of CUDA's that nothing asks for": (
        packages(NEWER, nvidia_cudnn_cu11="8.9.7.29"),
        "it lists nvidia-cudnn-cu11, which a resolver does not find for this recipe",
    ),
    "a failed set-up that was probed": (
        step(CPU, "install", outcome="install"),
        "its set-up failed, and it tells what was seen",
    ),
    "an error of a check that is ok": (
        check(CPU, "keras", error="ValueError: no"),
        "keras: is said to be ok, and tells of an error",
    ),
    "a failure without a word": (
        check(CPU, "keras", outcome="error"),
        "keras: failed or was left out, and does not say why",
    ),
    "a device that no check has": (
        check(CPU, "product", device="/TPU:0"),
        "the probe asks for /CPU:0 or /GPU:0, not /TPU:0",
    ),
    "a check that computes nowhere": (
        check(CPU, "product", device=None),
        "product: ok, and names no device",
    ),
    "XLA left out where there is XLA": (
        check(CPU, "xla", outcome="not-offered", device=None, error="none"),
        "xla: TensorFlow 2.15.1 offers this",
    ),
    "a product left out": (
        check(CPU, "product", outcome="not-offered", device=None, error="none"),
        "product: every release of TensorFlow offers this",
    ),
    "libraries of CUDA's in a CPU cell": (
        check(CPU, "libraries", outcome="ok", error=None, loaded=("libcudart.so.12",)),
        "a CPU recipe",
    ),
    "libraries of another CUDA": (
        check(LINKS, "libraries", loaded=("libcudart.so.11.0", "libcudnn.so.8")),
        "libcudart.so.11.0 is of CUDA 11.0 to 11.8, and the build is for 12.2",
    ),
    "libraries of another cuDNN": (
        check(LINKS, "libraries", loaded=("libcudart.so.12", "libcudnn.so.9")),
        "libcudnn.so.9 is of cuDNN",
    ),
    "built with another CUDA": (
        built(LINKS, cuda_version="12.5"),
        "TensorFlow says that it was built with CUDA 12.5, its wheel 12.2",
    ),
    "built with no CUDA": (built(LINKS, is_cuda_build=False), "TensorFlow says otherwise"),
    "built for other GPUs": (
        built(LINKS, cuda_compute_capabilities=("sm_80", "compute_90")),
        "TensorFlow tells other compute capabilities than its wheel",
    ),
    "made from another commit": (
        seen(CPU, git_version="v2.16.1-0-g5bc9d26649c"),
        "TensorFlow 2.15.1 was not made from v2.16.1-0-g5bc9d26649c",
    ),
    "made from another commit of the series": (
        seen(CPU, git_version="v2.15.0-99-gabcdef01234"),
        "TensorFlow 2.15.1 was made from v2.15.0-11-g63f5a65c7cd, not v2.15.0-99-gabcdef01234",
    ),
    "an early processor with AVX-512": (
        runner(H200, cpu="Intel(R) Core(TM) i7-3770 CPU @ 3.40GHz"),
        "the processor Intel(R) Core(TM) i7-3770 CPU @ 3.40GHz has no avx2, which it lists",
    ),
    "packages in another order than pip's": (
        CPU._replace(packages=tuple(reversed(CPU.packages))),
        "not in the order in which pip lists them",
    ),
    "another pip than it said": (
        packages(H200, pip="25.0"),
        "upgrade-pip: pip 24.0 was there already, and pip 25.0 is listed",
    ),
    "a module that says nothing": (
        seen(CPU, numpy=None),
        "numpy 1.26.4 is installed, and is said to have called itself nothing",
    ),
    "a count that is not printed": (
        step(H200, "check-1", output=""),
        "check-1: is said to be ok, and did not count the GPUs",
    ),
    "a Python that there is not": (seen(CPU, python="3.11.99"), "there is no Python 3.11.99"),
    "a library left out": (
        check(LINKS, "libraries", loaded=("libcudart.so.12",)),
        "libraries: is said to be ok, and no libcublas.so was loaded",
    ),
    "a GPU without its driver's library": (
        check(H200, "libraries", loaded=LINKS.checks[-1].loaded),
        "libraries: is said to be ok, and no libcuda.so was loaded",
    ),
    "a library that the probe does not keep": (
        check(LINKS, "libraries", loaded=(*LINKS.checks[-1].loaded, "libfoo.so.1")),
        "libraries: are not those that the probe keeps",
    ),
    "one GPU of two": (
        runner(GPU, gpus=(RTX_3090, RTX_3090)),
        "TensorFlow and the driver do not list as many of NVIDIA GeForce RTX 3090",
    ),
    "a model fitted in no time": (check(CPU, "keras", seconds=0.0), "keras: is not done in 0.0 s"),
    "a log of before the step": (
        step(H200, "install", seconds=58.0)._replace(seconds=76.9),
        "check-1: logs of 2026-11-26 12:13:17, and the run is of 2026-11-26T12:12:24Z",
    ),
    "a wheel for a newer glibc": (
        step(
            runner(CPU, glibc="2.26"),
            "upgrade-pip",
            output="Downloading x-1.0-cp311-cp311-manylinux_2_28_x86_64.whl (1 MB)",
        ),
        "and the runner has glibc 2.26",
    ),
    "an error of another protobuf": (
        check(
            CPU,
            "keras",
            outcome="error",
            error="TypeError: Descriptors cannot be created directly.",
        )._replace(packages=packages(CPU, protobuf="3.20.3").packages),
        "keras: protobuf 3.20.3 does not fail so, from 4 on it does",
    ),
    "an error of another NumPy": (
        step(
            CPU, "check-1", output="was compiled using NumPy 1.x cannot be run in\nNumPy 2.0.2 as"
        ),
        "check-1: tells of NumPy 2.0.2, and 1.26.4 is listed",
    ),
    "a module that is there": (
        check(CPU, "keras", outcome="error", error="ImportError: No module named 'gast'"),
        "keras: found no module gast, and its package is listed",
    ),
    "seen without an import": (
        check(CPU, "import", outcome="error", error="ImportError: no")._replace(
            checks=(CPU.checks[0]._replace(outcome="error", error="ImportError: no"),)
        ),
        "TensorFlow was not imported, and it tells what TensorFlow said",
    ),
    "a GPU that nobody knows": (
        gpu(GPU, name="NVIDIA GeForce RTX 6099 Super", capability="8.6"),
        "no table knows the GPU NVIDIA GeForce RTX 6099 Super: a maintainer who knows it adds",
    ),
    "a GPU of a board in a PC": (
        gpu(GPU, name="NVIDIA Jetson AGX Orin", capability="8.7"),
        "NVIDIA Jetson AGX Orin sits beside an Arm processor",
    ),
    "more memory than its name says": (
        gpu(GPU, name="NVIDIA A100-SXM4-40GB", capability="8.0", memory=81920),
        "NVIDIA A100-SXM4-40GB does not have 81920 MiB of memory",
    ),
    "TensorFlow's own GPU": (
        seen(GPU, gpus=(GpuSeen("NVIDIA A10", "8.6"),)),
        "TensorFlow lists NVIDIA A10, and the driver does not",
    ),
    "a driver and no GPU": (
        runner(LINKS, driver="550.54.14"),
        "it names a driver and lists no GPU",
    ),
    "no such driver": (gpu(GPU, driver="55.1"), "no driver of NVIDIA's has a number like 55.1"),
    "a driver of the future": (gpu(GPU, driver="799.10"), "no table knows a driver as new as"),
    "a driver too old for the GPU": (
        gpu(GPU, name="NVIDIA GeForce RTX 4090", capability="8.9", driver="470.82.01"),
        "driver 470.82.01 knows no GPU of compute capability 8.9",
    ),
    "a driver too new for the GPU": (
        gpu(GPU, name="NVIDIA GeForce GTX 1080", capability="6.1", driver="590.44.01"),
        "serves no GPU of compute capability 6.1: 580 is the last branch",
    ),
    "a driver too old for CUDA": (gpu(GPU, driver="460.32.03"), "CUDA 12.2 needs driver 525.60.13"),
    "the library of another driver": (
        check(GPU, "libraries", loaded=(*LINKS.checks[-1].loaded, "libcuda.so.535.104.05")),
        "libcuda.so.535.104.05 was loaded, which is not of driver 550.54.14",
    ),
    "a GPU that CUDA does not know": (
        gpu(GPU, name="NVIDIA GeForce RTX 5090", capability="12.0", driver="570.86.10"),
        "CUDA 12.2 knows no GPU of compute capability 12.0",
    ),
    "a GPU on which the release is known to fail": (
        gpu(H200, name="NVIDIA GeForce RTX 5090", capability="12.0", driver="580.159.04"),
        "by the known problem blackwell-invalid-ptx no GPU of compute capability 12.0 computes",
    ),
    "another GPU than TensorFlow printed": (
        gpu(H200, name="NVIDIA H100 PCIe", capability="9.0", memory=81559, driver="580.159.04"),
        "check-2: printed NVIDIA H200, 9.0, which it does not list",
    ),
    "no driver, by what TensorFlow printed": (
        printed(H200, "check-3", "[[22.0", "Could not find cuda drivers on your machine\n[[22.0"),
        "Could not find cuda drivers on your machine",
    ),
    "two GPUs counted": (
        printed(H200, "check-1", "GPUs: 1", "GPUs: 2"),
        "check-1: counted 2 GPUs, and 1 are listed",
    ),
    "a key in the version of Python": (
        seen(CPU, git_version="ghp_0123456789abcdefABCDEF0123456789abcd"),
        "git_version: holds a token",
    ),
    "a GPU's UUID": (
        step(CPU, "install", output="GPU-6bd4a3f2-9c1e-4d57-b8a0-1f2e3d4c5b6a"),
        "install: holds an id",
    ),
}


@pytest.mark.parametrize("lie", LIES)
def test_what_contradicts_something_is_refused_in_words(lie, reviewer, tmp_path):
    run, words = LIES[lie]
    _, faults = verdict(reviewer, sent(tmp_path, run))
    assert any(words in fault for fault in faults), faults


def two_gpus():
    both = seen(runner(GPU, gpus=(RTX_3090,) * 2), gpus=(RTX_3090._replace(memory_mib=None),) * 2)
    counted = step(both, "check-1", output="GPUs: 2")
    return step(counted, "check-2", output="physical GPUs: 2, logical GPUs: 2")


def test_honest_runs_on_other_machines_are_taken(reviewer, tmp_path):
    honest = [
        GPU,
        H200,
        runner(CPU, glibc="2.31", cpu="Intel(R) Xeon(R) CPU @ 2.00GHz"),
        gpu(GPU, driver="525.60.13"),
        gpu(GPU, name="NVIDIA A100-SXM4-40GB", capability="8.0", memory=40536),
        gpu(GPU, name="Tesla T4", capability="7.5", memory=15360, driver="535.183.01"),
        # NVIDIA's cuda-compat lets an older driver serve
        gpu(GPU, name="Tesla T4", capability="7.5", memory=15360, driver="535.54.03"),
        two_gpus(),
        # an old driver does not tell the capability; a part of a GPU has a longer name
        runner(gpu(GPU), gpus=(RTX_3090._replace(compute_capability=None),)),
        seen(
            gpu(GPU, name="NVIDIA A100-SXM4-40GB", capability="8.0", memory=40960),
            gpus=(GpuSeen("NVIDIA A100-SXM4-40GB MIG 1g.5gb", "8.0"),),
        ),
        # a GPU that nobody knows stood idle
        runner(CPU, gpus=(GpuSeen("NVIDIA RTX 9999", "15.0", 65536),), driver="799.10"),
    ]
    timed = [answered(retimed(run, 1 + n / 97)) for n, run in enumerate(honest, start=1)]
    told = [verdict(reviewer, sent(tmp_path, run))[1] for run in timed]
    assert [faults for faults in told if faults] == []


def fresh(factor=1.03, **changes):
    """Return a run of today, as `verify run` would write it."""
    return answered(retimed(CPU, factor)._replace(**changes))


def test_a_run_must_answer_the_challenge_of_its_day_and_cell(reviewer, tmp_path):
    own = fresh()
    assert verdict(reviewer, sent(tmp_path, own))[1] == ()
    other_day = answered(own._replace(started="2026-11-27T10:00:00Z"))
    other_cell = answered(own._replace(python="3.10"))
    for factor, other in ((1.05, other_day), (1.07, other_cell)):
        copied = retimed(own._replace(challenge=other.challenge), factor)
        _, faults = verdict(reviewer, sent(tmp_path, copied))
        assert faults == ("it answers the challenge of another cell or another day",)


def test_no_date_that_a_run_names_spares_it_the_challenge(reviewer, tmp_path):
    for day in ("2026-11-23", "2026-11-26"):
        old = retimed(CPU, 1.04)._replace(started=f"{day}T03:00:00Z")
        _, faults = verdict(reviewer, sent(tmp_path, old))
        assert "it answers no challenge; run it again with the present `verify run`" in faults


def test_a_challenge_that_stayed_unanswered_is_told(reviewer, tmp_path):
    own = fresh(1.06)
    for run in (
        own._replace(challenge=None),
        check(own, "challenge", outcome="not-offered", error="no challenge was set")._replace(
            challenge=None
        ),
    ):
        _, faults = verdict(reviewer, sent(tmp_path, run))
        assert "it answers no challenge; run it again with the present `verify run`" in faults
    failed = check(own, "challenge", outcome="error", error="ValueError: no")
    _, faults = verdict(reviewer, sent(tmp_path, failed))
    assert "it answers a challenge that it was not put to, or did not stand" in faults


def bits(value):
    return struct.pack(probe.FLOAT32, value).hex()


@pytest.mark.parametrize("field", ["own", "common"])
def test_fractions_must_be_near_and_not_nearer_than_float32_comes(field, reviewer, tmp_path):
    own = fresh(1.08)
    words = getattr(own.challenge, field)
    asked = seed(own.cell(), own.started[:10]) if field == "own" else probe.COMMON_SEED
    exact = [value for row in probe.exact_product(*probe.fractions(asked)) for value in row]
    cases = {
        "the sums in": (bits(exact[0] + 0.3), *words[1:]),
        "the powers in": (*words[:-1], bits(9.0)),
        "nearer than float32 comes": (*map(bits, exact), *words[len(exact) :]),
        f"has {len(words) - 1} words": words[1:],
        "are not those of its numbers": ("7fc00000", *words[1:]),
    }
    for told, changed in cases.items():
        forged = own._replace(challenge=own.challenge._replace(**{field: changed}))
        _, faults = verdict(reviewer, sent(tmp_path, forged))
        assert any(told in fault for fault in faults), faults


def test_what_was_not_imported_tells_nothing_of_itself():
    assert any(CPU.seen)
    assert not any(Seen())
