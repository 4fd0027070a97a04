import os
import sys

import pytest

from kb.machine import detection
from kb.machine.detection import Gpu, detected
from tests.kb.small_machine import UNTIL_470


def tool(folder, script):
    """Put an nvidia-smi into a folder and return the environment that finds it."""
    path = folder / "nvidia-smi"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return {"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}


def says(folder, *lines):
    """Put an nvidia-smi into a folder that prints lines."""
    return tool(folder, "cat <<'END'\n{}\nEND".format("\n".join(lines)))


def test_a_machine_without_the_tool_has_no_gpu_and_no_fault():
    machine = detected({"PATH": ""})
    assert (machine.gpu, machine.compute_capability, machine.driver) == (None, None, None)
    assert machine.fault is None
    assert machine.python == ".".join(map(str, sys.version_info[:2]))


def test_the_first_gpu_is_taken(tmp_path):
    environment = says(
        tmp_path, "NVIDIA GeForce RTX 3090, 8.6, 535.104.05", "Tesla T4, 7.5, 535.104.05"
    )
    machine = detected(environment)
    told = (machine.gpu, machine.compute_capability, machine.driver, machine.fault)
    assert told == ("NVIDIA GeForce RTX 3090", "8.6", "535.104.05", None)


def test_it_is_asked_once(tmp_path):
    log = tmp_path / "log"
    detected(tool(tmp_path, f"echo \"$@\" >> {log}; echo 'Tesla T4, 7.5, 535.54'"))
    assert log.read_text().splitlines() == [
        "--query-gpu=name,compute_cap,driver_version --format=csv,noheader"
    ]


def test_a_driver_that_does_not_know_compute_cap_is_asked_again_without(tmp_path):
    log = tmp_path / "log"
    script = (
        f"echo \"$@\" >> {log}\n{UNTIL_470}echo 'Tesla K80, 470.82.01'\necho 'Tesla T4, 470.82.01'"
    )
    machine = detected(tool(tmp_path, script))
    assert machine.gpus == (Gpu("Tesla K80", None), Gpu("Tesla T4", None))
    assert (machine.driver, machine.fault) == ("470.82.01", None)
    assert log.read_text().splitlines() == [
        "--query-gpu=name,compute_cap,driver_version --format=csv,noheader",
        "--query-gpu=name,driver_version --format=csv,noheader",
    ]


def test_a_tool_that_knows_no_field_at_all_says_so(tmp_path):
    script = f"{UNTIL_470}echo 'Field \"name\" is not a valid field to query.'"
    machine = detected(tool(tmp_path, script))
    assert (machine.gpus, machine.driver) == ((), None)
    assert machine.fault == 'nvidia-smi failed: Field "name" is not a valid field to query.'


def test_all_gpus_are_told_in_their_order(tmp_path):
    environment = says(
        tmp_path,
        "NVIDIA GeForce RTX 3090, 8.6, 535.104.05",
        "[N/A], [N/A], [N/A]",
        "Some, name, with commas, 7.5, 535.104.05",
    )
    assert detected(environment).gpus == (
        Gpu("NVIDIA GeForce RTX 3090", "8.6"),
        Gpu(None, None),
        Gpu("Some, name, with commas", "7.5"),
    )


def test_wsl2_has_the_tool_in_a_folder_of_its_own(tmp_path, monkeypatch):
    says(tmp_path, "NVIDIA GeForce RTX 4060, 8.9, 551.23")
    monkeypatch.setattr(detection, "_WSL", str(tmp_path))
    for path in ("", "/nowhere"):
        assert detected({"PATH": path}).gpu == "NVIDIA GeForce RTX 4060"


def test_a_part_of_a_gpu_is_told_as_it_is_named(tmp_path):
    machine = detected(says(tmp_path, "NVIDIA A100-SXM4-40GB MIG 1g.5gb, 8.0, 535.54.03"))
    assert (machine.gpu, machine.compute_capability) == ("NVIDIA A100-SXM4-40GB MIG 1g.5gb", "8.0")


def test_lines_of_parts_between_gpus_are_passed_over(tmp_path):
    machine = detected(
        says(
            tmp_path,
            "  MIG 1g.5gb     Device  0: (UUID: MIG-0)",
            "NVIDIA A100-SXM4-40GB, 8.0, 535.54.03",
        )
    )
    assert (machine.gpu, machine.fault) == ("NVIDIA A100-SXM4-40GB", None)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("Tesla K80, [N/A], 470.82.01", ("Tesla K80", None, "470.82.01", None)),
        ("[Not Supported], 7.5, [N/A]", (None, "7.5", None, None)),
        ("N/A, N/A, N/A", (None, None, None, "nvidia-smi does not tell which GPU there is")),
        ("Tesla T4, seven, \x1b[31m", ("Tesla T4", None, None, None)),
    ],
)
def test_what_is_not_told_is_unknown(line, told, tmp_path):
    machine = detected(says(tmp_path, line))
    assert (machine.gpu, machine.compute_capability, machine.driver, machine.fault) == told


@pytest.mark.parametrize("script", ["true", "echo 'No devices were found'"])
def test_a_tool_that_finds_no_gpu_says_so(script, tmp_path):
    machine = detected(tool(tmp_path, script))
    assert (machine.gpu, machine.fault) == (None, "nvidia-smi finds no GPU")


def test_a_tool_that_fails_is_quoted_in_one_line(tmp_path):
    script = "echo 'Failed to initialize NVML: Driver/library version mismatch'; echo more; exit 18"
    assert detected(tool(tmp_path, script)).fault == (
        "nvidia-smi failed: Failed to initialize NVML: Driver/library version mismatch"
    )


def test_a_tool_that_fails_in_silence_tells_its_status(tmp_path):
    assert detected(tool(tmp_path, "exit 9")).fault == "nvidia-smi failed: status 9"


def test_a_tool_that_hangs_is_given_up(tmp_path):
    machine = detected(tool(tmp_path, "exec sleep 60"), timeout=0.3)
    assert machine.fault == "nvidia-smi did not answer within 0.3 seconds"


def test_a_tool_that_cannot_be_started_is_told(tmp_path):
    path = tmp_path / "nvidia-smi"
    path.write_text("#!/absent/interpreter\n")
    path.chmod(0o755)
    assert detected({"PATH": str(tmp_path)}).fault.startswith("nvidia-smi cannot be started: ")


def test_noise_is_no_gpu(tmp_path):
    machine = detected(tool(tmp_path, "head -c 100000 /dev/urandom"))
    assert machine.compute_capability is None
    assert machine.gpu is None or len(machine.gpu) <= 200


@pytest.mark.parametrize(
    ("kernel", "expected"),
    [
        ("5.15.153.1-microsoft-standard-WSL2", True),
        ("4.4.0-19041-Microsoft", False),
        ("6.8.0-41-generic", False),
    ],
)
def test_wsl2_is_told_by_its_kernel(kernel, expected, monkeypatch):
    monkeypatch.setattr(detection, "_kernel", lambda: kernel)
    assert detected({"PATH": ""}).wsl2 == expected


@pytest.mark.parametrize(
    ("told", "expected"), [("glibc 2.35", "2.35"), ("glibc 2.36.9000", "2.36.9000"), (None, None)]
)
def test_glibc_is_what_the_system_says(told, expected, monkeypatch):
    monkeypatch.setattr(os, "confstr", lambda name: told)
    assert detected({"PATH": ""}).glibc == expected


def test_another_c_library_is_no_glibc(monkeypatch):
    def refuse(name):
        raise ValueError("unrecognized configuration name")

    monkeypatch.setattr(os, "confstr", refuse)
    assert detected({"PATH": ""}).glibc is None


@pytest.mark.parametrize(
    ("system", "processor", "expected"),
    [
        ("linux", "x86_64", ("linux", "x86_64")),
        ("linux", "aarch64", ("linux", "arm64")),
        ("darwin", "arm64", ("macos", "arm64")),
        ("freebsd14", "amd64", (None, "x86_64")),
        ("linux", "riscv64", ("linux", None)),
    ],
)
def test_system_and_processor_are_named_as_questions_name_them(
    system, processor, expected, monkeypatch
):
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr(detection, "_processor", lambda: processor)
    monkeypatch.setattr(detection, "_macos", lambda: None)
    machine = detected({"PATH": ""})
    assert (machine.os, machine.arch) == expected
