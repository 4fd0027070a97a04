import sys

import pytest

from kb.machine import glance as machine


@pytest.fixture(autouse=True)
def _no_driver(monkeypatch, tmp_path):
    monkeypatch.setattr(machine, "_NVIDIA_DRIVER", str(tmp_path / "absent"))
    monkeypatch.setattr(machine, "_WSL_DRIVER", str(tmp_path / "absent"))


def test_a_machine_without_a_driver_is_for_the_cpu():
    found = machine.detect({"PATH": ""})
    assert found.device == "cpu"
    assert found.python == ".".join(map(str, sys.version_info[:2]))


@pytest.mark.parametrize("name", ["_NVIDIA_DRIVER", "_WSL_DRIVER"])
def test_a_loaded_driver_shows_an_nvidia_gpu(name, monkeypatch, tmp_path):
    driver = tmp_path / "version"
    driver.write_text("a driver")
    monkeypatch.setattr(machine, name, str(driver))
    assert machine.detect({}).device == "cuda"


@pytest.mark.parametrize(("mode", "expected"), [(0o755, "cuda"), (0o644, "cpu")])
def test_nvidias_tool_on_the_path_shows_an_nvidia_gpu(mode, expected, tmp_path):
    tool = tmp_path / "nvidia-smi"
    tool.write_text("not started")
    tool.chmod(mode)
    assert machine.detect({"PATH": f"/absent::{tmp_path}"}).device == expected


@pytest.mark.parametrize(
    ("system", "processor", "expected"),
    [
        ("linux", "x86_64", "linux-x86_64"),
        ("linux", "aarch64", "linux-aarch64"),
        ("linux", "riscv64", None),
        ("darwin", "x86_64", "macos-x86_64"),
        ("darwin", "arm64", "macos-arm64"),
        ("win32", "AMD64", "windows-x86_64"),
        ("freebsd14", "x86_64", None),
    ],
)
def test_a_machine_has_a_platform_or_none(system, processor, expected, monkeypatch):
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr(machine, "_processor", lambda: processor)
    assert machine.detect({}).platform == expected
