"""The probe's parent and workers, with a stand-in for TensorFlow that crashes, hangs or errs.

Nothing here is a result of TensorFlow's; tests/test_published_recipes.py runs the probe for real.
"""

import json
import os
import re
import signal
import sys
from pathlib import Path

import pytest

from verify.runner import probe

STAND_IN = """
import contextlib, math, os, signal, sys, time
__version__ = "2.21.0"

class test:
    is_built_with_cuda = staticmethod(lambda: False)

class config:
    list_physical_devices = staticmethod(lambda kind: ["gpu"] * {gpus} if kind == "GPU" else [])
    class experimental:
        get_device_details = staticmethod(
            lambda gpu: {{"device_name": "Stand-in", "compute_capability": (8, 6)}})
        set_memory_growth = staticmethod(lambda gpu, on: None)

@contextlib.contextmanager
def device(name):
    yield

class Tensor:
    device = "/job:localhost/replica:0/task:0/device:{computed_by}"
    def __init__(self, rows):
        self.rows = rows
    def numpy(self):
        return self
    def tolist(self):
        return self.rows

float32, float64 = "float32", "float64"

def constant(rows, kind):
    return Tensor(rows)

def exp(a):
    return Tensor([math.exp(value) for value in a.rows])

def matmul(a, b):
    {matmul}
    columns = list(zip(*b.rows))
    return Tensor([[sum(x * y for x, y in zip(row, c)) for c in columns] for row in a.rows])
"""
NAMES = [name for name, _ in probe.LIMITS_S]


@pytest.fixture
def probed(tmp_path, monkeypatch):
    def run(device="cpu", module=None, limit_s=30, seed="s", **stand_in):
        usual = {"matmul": "pass", "computed_by": "CPU:0", "gpus": 0}
        text = module or STAND_IN.format(**{**usual, **stand_in})
        (tmp_path / "tensorflow.py").write_text(text)
        monkeypatch.setenv("PYTHONPATH", str(tmp_path))
        monkeypatch.setattr(probe, "LIMITS_S", [(name, limit_s) for name in NAMES])
        path = tmp_path / "result.json"
        probe.main(str(path), device, seed)
        assert sorted(p.name for p in tmp_path.glob("result*")) == ["result.json"]
        result = json.loads(path.read_text())
        return result, {check["name"]: check for check in result["checks"]}

    return run


def test_every_check_is_reported_on_its_own(probed):
    result, checks = probed()
    assert list(checks) == NAMES
    assert checks["import"]["outcome"] == checks["gpus"]["outcome"] == "ok"
    assert checks["product"] == {
        "name": "product",
        "outcome": "ok",
        "device": "/CPU:0",
        "seconds": checks["product"]["seconds"],
    }
    # The stand-in has no keras: that is an error of this check alone.
    assert checks["keras"]["outcome"] == "error"
    assert "AttributeError" in checks["keras"]["error"]
    assert result["facts"]["tensorflow"] == "2.21.0"
    assert result["facts"]["python"].startswith(
        f"{sys.version_info.major}.{sys.version_info.minor}"
    )


def test_a_crash_is_a_result_with_its_signal_and_the_rest_goes_on(probed):
    _, checks = probed(matmul="os.kill(os.getpid(), signal.SIGSEGV)")
    assert list(checks) == NAMES
    assert checks["product"]["outcome"] == "crash"
    assert checks["product"]["signal"] == signal.SIGSEGV
    assert checks["memory-growth"]["outcome"] == "ok"
    assert checks["elementwise"]["outcome"] != "crash"


def test_an_exit_in_the_middle_is_a_crash_with_its_status(probed):
    _, checks = probed(matmul="sys.stderr.write('the end'); sys.stderr.flush(); os._exit(7)")
    assert checks["product"]["outcome"] == "crash"
    assert checks["product"]["error"] == "exit status 7\nthe end"


def test_a_check_that_hangs_is_stopped_and_the_rest_goes_on(probed):
    _, checks = probed(matmul="time.sleep(600)", limit_s=3)
    assert checks["product"]["outcome"] == "timeout"
    assert checks["product"]["error"] == "no end in 3 s"
    assert list(checks) == NAMES


def test_a_wrong_product_is_told(probed):
    _, checks = probed(matmul="a = Tensor([[9.0, 9.0, 9.0]])")
    assert checks["product"]["outcome"] == "wrong-result"


def test_a_gpu_is_not_believed_when_the_cpu_computed(probed):
    _, checks = probed(device="cuda", gpus=1)
    assert checks["product"]["outcome"] == "wrong-result"
    assert checks["product"]["error"] == "cpu-instead-of-gpu: computed by /CPU:0"


def test_what_a_gpu_computed_carries_its_device(probed):
    result, checks = probed(device="cuda", gpus=2, computed_by="GPU:0")
    assert (checks["product"]["outcome"], checks["product"]["device"]) == ("ok", "/GPU:0")
    assert result["facts"]["gpus"] == [{"name": "Stand-in", "compute_capability": "8.6"}] * 2


def test_no_gpu_where_one_is_asked_for_is_told(probed):
    _, checks = probed(device="cuda")
    assert checks["gpus"]["outcome"] == "wrong-result"
    assert checks["gpus"]["error"] == "TensorFlow finds no GPU"


def test_an_import_that_fails_ends_it(probed):
    result, checks = probed(module="raise ImportError('numpy.core.multiarray failed to import')")
    assert list(checks) == ["import"]
    assert checks["import"]["outcome"] == "error"
    assert checks["import"]["error"].endswith("numpy.core.multiarray failed to import")
    assert result["facts"]["machine"]["system"] == os.uname().sysname


def test_an_import_that_crashes_ends_it(probed):
    module = "import os, signal\nos.kill(os.getpid(), signal.SIGILL)"
    _, checks = probed(module=module)
    assert list(checks) == ["import"]
    assert checks["import"]["signal"] == signal.SIGILL


def test_the_driver_is_asked_of_nvidia_smi(probed, tmp_path, monkeypatch):
    fake = tmp_path / "nvidia-smi"
    fake.write_text("#!/bin/sh\necho 550.54.15\necho 550.54.15\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    result, _ = probed()
    assert result["facts"]["machine"]["driver"] == "550.54.15"


def test_the_probe_is_written_for_python_2_7_too():
    text = Path(probe.__file__).read_text()
    assert text.index("from __future__ import print_function") < text.index("import json")
    assert re.findall(r"(?<![\w\"'])f[\"']|\bnonlocal\b|\basync\b|yield from| -> ", text) == []


def test_a_challenge_is_answered_by_its_seed_and_to_the_last_bit(probed):
    answers = [probed(seed=seed)[1]["challenge"]["answer"] for seed in ("a", "a", "b")]
    assert answers[0] == answers[1]
    assert answers[0]["common"] == answers[2]["common"]
    for field in ("product32", "product64", "own"):
        assert answers[0][field] != answers[2][field]
    assert len(answers[0]["own"]) == probe.ROWS * probe.ROWS + probe.WORDS
    assert all(re.fullmatch("[0-9a-f]{8}", word) for word in answers[0]["own"])


def test_a_product_that_is_not_exact_stands_no_challenge(probed):
    _, checks = probed(matmul="b = Tensor([[value * 1.0000001 for value in r] for r in b.rows])")
    assert checks["challenge"]["outcome"] == "wrong-result"
    assert "not exact in float32" in checks["challenge"]["error"]


def test_without_a_seed_there_is_no_challenge(probed):
    assert probed(seed="")[1]["challenge"]["outcome"] == "not-offered"
