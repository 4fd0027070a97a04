"""Carries published recipes out for real: TensorFlow from the real index, on other Pythons."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from kb.base.store import Store
from kb.cells.checks import checks
from kb.cells.recipes import CellKey
from kb.cells.shells import check
from kb.cells.tools import uv_text, ways
from verify.plan import find
from verify.runner import probe

# One release for each API that the checks know.
RELEASES = [("1.15.5", "3.7"), ("2.0.4", "3.7"), ("2.21.0", "3.13")]

# a CPU set-up brings no CUDA libraries
NOT_OFFERED = {
    "1.15.5": {"memory-growth", "xla", "libraries"},
    "2.0.4": {"xla", "libraries"},
    "2.21.0": {"libraries"},
}

pytestmark = [pytest.mark.network, pytest.mark.pythons]

BY_UV = [("2.15.1", "3.11"), ("2.21.0", "3.13")]


def _cell(release: str, python: str) -> dict:
    command = [sys.executable, "-m", "kb", "lookup", release, "--platform", "linux-x86_64"]
    command += ["--python", python, "--device", "cpu", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    builds = json.loads(done.stdout)["builds"]
    chosen = [b for b in builds if b["distribution"] in ("tensorflow-cpu", "tensorflow")]
    return min(chosen, key=lambda b: b["distribution"] != "tensorflow-cpu")["cells"][0]


def _bash(folder: Path, commands: list[str]) -> subprocess.CompletedProcess:
    script = "set -e\n" + "\n".join(commands)
    return subprocess.run(
        ["bash"],
        input=script,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=1500,
        check=False,
    )


@pytest.mark.parametrize(("release", "python"), RELEASES)
def test_a_published_recipe_sets_up_and_its_checks_pass(release, python, tmp_path):
    if shutil.which(f"python{python}") is None:
        pytest.skip(f"no Python {python} here")
    cell = _cell(release, python)
    setup = _bash(tmp_path, cell["setup"])
    assert setup.returncode == 0, setup.stderr[-2000:]
    activate = f". {next(tmp_path.glob('tf-*'))}/bin/activate"
    for command, expected in zip(cell["check"], cell["expected"], strict=True):
        done = _bash(tmp_path, [activate, command])
        assert done.returncode == 0, done.stderr[-2000:]
        assert done.stdout.strip() == expected

    probed = tmp_path / "probed.json"
    assert _bash(tmp_path, [activate, f"python {probe.__file__} {probed} cpu seed"]).returncode == 0
    outcomes = {c["name"]: c["outcome"] for c in json.loads(probed.read_text())["checks"]}
    assert list(outcomes) == [name for name, _ in probe.LIMITS_S]
    assert {name for name, outcome in outcomes.items() if outcome != "ok"} <= NOT_OFFERED[release]
    assert set(outcomes.values()) <= {"ok", "not-offered"}

    on_gpu = checks(release, on_gpu=True)
    count = _bash(tmp_path, [activate, f"python - <<'END'\n{on_gpu[0].code}END"])
    multiply = _bash(tmp_path, [activate, f"python - <<'END'\n{on_gpu[2].code}END"])
    # This machine has no GPU: TensorFlow 2 multiplies on the CPU all the same, and says nothing.
    assert (count.returncode, multiply.returncode) == (1, 1)
    assert "TensorFlow finds no GPU." in count.stderr
    assert "No GPU computed this" in multiply.stderr
    assert "A GPU computed this" not in multiply.stdout


@pytest.mark.parametrize(("release", "python"), BY_UV)
def test_the_set_up_for_uv_works_and_its_checks_pass(release, python, tmp_path):
    if shutil.which(f"python{python}") is None:
        pytest.skip(f"no Python {python} here")
    store = Store()
    cell = find(
        store,
        CellKey(
            distribution="tensorflow",
            release=release,
            platform="linux-x86_64",
            python=python,
            device="cpu",
        ),
    )
    way = next(one for one in ways(cell.recipe, store.tools().trials) if one.tool == "uv")
    assert [one.text for one in way.texts] == [uv_text(cell.recipe)]
    setup = _bash(tmp_path, ["export UV_PYTHON_DOWNLOADS=never", uv_text(cell.recipe)])
    assert setup.returncode == 0, setup.stderr[-2000:]
    activate = f". {next(tmp_path.glob('tf-*'))}/bin/activate"
    for step, command in zip(cell.recipe.checks, check(cell.recipe), strict=True):
        done = _bash(tmp_path, [activate, command])
        assert done.returncode == 0, done.stderr[-2000:]
        assert done.stdout.strip() == step.expected
