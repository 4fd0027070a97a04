import json
import os
import shlex
import signal
import subprocess
import sys
import time
import venv
from pathlib import Path

import pytest

from kb.base.printable import one_line
from kb.base.scrubbing import Scrubber, names_of
from kb.base.store import Store
from kb.cells.standing import Standing
from kb.command_line import main
from kb.doctor import command as doctor_command
from kb.doctor.answer import findings
from kb.doctor.document import document
from kb.doctor.page import page
from kb.doctor.run import checked
from kb.terminal.style import Style
from tests.kb.small_machine import TENSORFLOW, UNTIL_470, WHEEL_FILES, SmallMachine

ROOT = "/" + "root"


@pytest.fixture
def bare(tmp_path):
    """A machine on which Python 3.11 is active, and nothing is installed."""
    return SmallMachine(tmp_path).python_that_says()


@pytest.fixture
def cpu(bare):
    """The same with TensorFlow 2.15.1 and all it requires."""
    return bare.tensorflow()


@pytest.fixture
def gpu(cpu):
    """The same with a GPU that 2.15.1 serves, and the CUDA libraries that it asks for."""
    return cpu.gpu().cuda_wheels()


def shown(machine, width=80):
    case = machine.case()
    return page(case, findings(case), Scrubber(names_of(machine.variables)), Style(width))


# Nothing is wrong.


def test_a_long_command_of_pip_goes_on_in_lines_that_the_shell_joins(bare):
    requires = [f"needed-{number}>=1.{number}" for number in range(6)]
    bare.tensorflow(requires=requires)
    lines = shown(bare).splitlines()
    start = next(n for n, line in enumerate(lines) if line.endswith("-m pip install \\"))
    words = shlex.split("".join(line.strip().rstrip("\\") for line in lines[start : start + 7]))
    assert words[-6:] == requires
    assert max(map(len, lines)) <= 80


def test_a_good_set_up_for_the_cpu_has_no_faults(cpu):
    assert cpu.severities() == {}
    told = "tensorflow 2.15.1 on Python 3.11: Set up as published on a Linux x86-64 runner"
    assert told in cpu.one("standing").text
    assert "numpy 1.26.4" in cpu.one("requirement").text


def test_a_good_set_up_for_a_gpu_has_no_faults(gpu):
    assert gpu.severities() == {}
    assert "NVIDIA's wheels" in gpu.one("cuda-libraries").text
    assert "machine code for Tesla V100" in gpu.one("gpu-code").text
    assert "525.60.13" in gpu.one("driver").text


def test_the_page_answers_first_and_fits_the_terminal(gpu):
    lines = shown(gpu).splitlines()
    assert lines[0] == "Nothing keeps tensorflow 2.15.1 from running here."
    assert max(map(len, lines)) <= 80


def test_the_page_tells_what_a_way_out_presupposes_where_it_is_not_met(cpu):
    cpu.put("proc/cpuinfo", "flags\t\t: fpu sse2\n")
    cpu.variables["TF_USE_LEGACY_KERAS"] = "1"
    lines = [line.strip() for line in shown(cpu).splitlines()]
    assert "grep -m1 -o -w avx /proc/cpuinfo" in lines  # that it is Linux is known here
    assert not [line for line in lines if "For " in line or "(for " in line]
    cpu.put(".dockerenv")
    cpu.put("proc/driver/nvidia/version", "NVRM version: NVIDIA UNIX Module  550.54.14  Mon")
    assert "For Docker:\n           docker run --gpus all IMAGE" in shown(cpu)


def test_what_needs_a_pin_is_told_with_it(tmp_path):
    marks = {"python_version": "3.9", "python_full_version": "3.9.18"}
    machine = SmallMachine(tmp_path).python_that_says(marks=marks)
    machine.tensorflow("2.10.1", requires=("numpy>=1.20",))
    told = "on Python 3.9 with numpy<2: Set up as published on a Linux x86-64 runner"
    assert told in machine.one("standing").text


@pytest.mark.parametrize(("verdict", "severity"), [("broken", "error"), ("disputed", "warning")])
def test_a_cell_that_evidence_speaks_against_is_told(verdict, severity, cpu):
    case = cpu.case()
    against = Standing(
        rung="runs",
        standing=verdict,
        as_of="2026-01-02",
        proof=(),
        trust="attested",
        why="it failed.",
    )
    known = case.known._replace(cell=case.known.cell._replace(standing=against))
    (found,) = [one for one in findings(case._replace(known=known)) if one.rule == "standing"]
    assert found.severity == severity
    assert f"on Python 3.11: {verdict.title()}" in found.text
    assert "2026-01-02" in found.text
    assert "it failed" in found.text
    assert found.fix == ("python -m kb lookup 2.15.1 --python 3.11",)


def test_sentences_are_wrapped_and_commands_are_left_whole(tmp_path):
    machine = SmallMachine(tmp_path).python_that_says(marks={"platform_machine": "aarch64"})
    machine.tensorflow().gpu("NVIDIA GH200 480GB", "9.0")
    machine.variables["TF_USE_LEGACY_KERAS"] = "1"
    lines = shown(machine, 40).splitlines()
    ways = [line.strip() for line in lines if line.startswith(" " * 11)]
    assert "On a Jetson, use a TensorFlow" in ways
    assert any(line.endswith("python -m pip install 'tf-keras==2.15.*'") for line in lines)


# The machine and its Python.


@pytest.mark.parametrize(
    ("version", "severity", "words"),
    [
        ("3.11.7", "ok", "series from 2.12 to 2.21"),
        ("3.99.0", "error", "too new for TensorFlow"),
        ("3.2.6", "error", "not served by TensorFlow"),
    ],
)
def test_python_is_held_against_every_release(version, severity, words, tmp_path):
    marks = {"python_version": version.rpartition(".")[0], "python_full_version": version}
    found = SmallMachine(tmp_path).python_that_says(marks=marks).one("python")
    assert found.severity == severity
    assert words in found.text


def test_a_python_that_only_a_candidate_serves_is_told_with_it(tmp_path):
    marks = {"python_version": "3.14", "python_full_version": "3.14.0"}
    found = SmallMachine(tmp_path).python_that_says(marks=marks).one("python")
    assert (found.severity, "too new for TensorFlow" in found.text) == ("error", True)
    assert "The release candidate 2.22.0rc0 has one." in found.text
    assert "tf-nightly" not in found.text
    assert "Or take the candidate: python -m kb find --detect --python 3.14" in found.fix


def test_a_candidate_that_is_installed_is_known_as_one(tmp_path):
    marks = {"python_version": "3.14", "python_full_version": "3.14.0"}
    machine = SmallMachine(tmp_path).python_that_says(marks=marks)
    machine.tensorflow("2.22.0rc0", requires=("keras-nightly>=3.12.0.dev",))
    assert machine.one("candidate").text == (
        "tensorflow 2.22.0rc0 is a release candidate, not a release."
    )
    assert machine.one("python").severity == "ok"
    assert machine.found("tensorflow") == []


def test_a_candidate_that_went_is_told_from_a_build_of_somebody_else(bare):
    bare.install("tensorflow", "2.21.0rc1", files=("tensorflow/__init__.py",))
    text = bare.one("tensorflow").text
    assert "of candidates and nightlies it keeps the newest alone" in text
    assert "somebody else" not in text


def test_a_nightly_over_the_files_of_its_project_is_a_fault(tmp_path):
    machine = SmallMachine(tmp_path).python_that_says()
    machine.tensorflow("2.22.0rc0", requires=("keras-nightly>=3.12.0.dev",))
    machine.install("keras-nightly", "3.16.0.dev2026102704")
    found = machine.one("two-at-once")
    assert found.severity == "error"
    assert found.fix == (
        "python -m pip uninstall -y keras-nightly keras",
        "python -m pip install keras-nightly==3.16.0.dev2026102704",
    )


def test_a_nightly_that_nothing_demands_gives_way_to_its_project(cpu):
    cpu.install("keras-nightly", "3.16.0.dev2026102704")
    assert cpu.one("two-at-once").fix[1] == "python -m pip install keras==2.15.0"


def test_python_is_held_against_the_installed_release(tmp_path):
    marks = {"python_version": "3.13", "python_full_version": "3.13.1"}
    machine = SmallMachine(tmp_path).python_that_says(marks=marks).tensorflow()
    found = machine.one("python")
    assert found.severity == "error"
    assert "no wheel for Python 3.13, only for 3.9-3.11" in found.text
    assert found.fix[-1].endswith("python -m kb find --detect --python 3.13")


def test_a_platform_without_wheels_is_told(tmp_path):
    marks = {"sys_platform": "freebsd14", "platform_system": "FreeBSD"}
    found = SmallMachine(tmp_path).python_that_says(marks=marks).one("platform")
    assert (found.severity, "FreeBSD on x86_64" in found.text) == ("error", True)


def test_32_bits_and_musl_are_faults(tmp_path):
    severities = SmallMachine(tmp_path).python_that_says(bits=32, musl=True).severities()
    assert severities["python-bits"] == severities["musl"] == "error"


@pytest.mark.parametrize(
    ("python", "version", "expected"),
    [
        ("3.11", "19.2.3", [("error", "manylinux2014")]),
        ("3.11", "20.2", [("warning", "manylinux_2_27")]),
        ("3.11", "20.3", []),
        ("3.8", "19.2.3", [("warning", "manylinux2014")]),
        ("3.8", "20.2", []),
        ("3.6", "18.1", []),
    ],
)
def test_an_old_pip_does_not_see_the_wheels(python, version, expected, tmp_path):
    machine = SmallMachine(tmp_path).python_that_says(marks={"python_version": python})
    found = machine.install("pip", version).found("pip")
    assert [one.severity for one in found] == [severity for severity, _ in expected]
    assert all(tag in one.text for one, (_, tag) in zip(found, expected, strict=True))


def test_commands_call_the_python_that_is_looked_at(cpu, command):
    next(cpu.site.glob("numpy-*.dist-info")).rename(cpu.folder / "gone")
    program = f"{cpu.variables.pop('VIRTUAL_ENV')}/bin/python"
    _, output, _ = command(cpu, "--json", "--python", program)
    fixes = [line for one in json.loads(output)["findings"] for line in one["fix"]]
    assert f"{program} -m pip install 'numpy<2.0.0,>=1.23.5'" in fixes


def test_an_environment_without_pip_is_told(bare):
    assert bare.one("pip").fix == ("python -m ensurepip --upgrade",)


def test_a_processor_without_avx_is_a_fault_from_1_6_on(cpu):
    cpu.put("proc/cpuinfo", "flags : fpu sse2\n")
    assert cpu.one("avx").severity == "error"
    (cpu.site / "tensorflow-2.15.1.dist-info").rename(cpu.folder / "gone")
    cpu.install("tensorflow", "1.5.1")
    assert cpu.found("avx") == []


def test_2_4_0_asks_for_avx2_where_all_others_are_content_with_avx(cpu):
    cpu.put("proc/cpuinfo", "flags : fpu sse2 avx\n")
    assert cpu.found("avx") == cpu.found("avx2") == []
    (cpu.site / "tensorflow-2.15.1.dist-info").rename(cpu.folder / "gone")
    cpu.install("tensorflow", "2.4.0")
    found = cpu.one("avx2")
    assert found.severity == "error"
    assert "pip install tensorflow==2.4." in found.fix[0].replace("'", "")
    assert "grep -m1 -o -w avx2 /proc/cpuinfo" in found.fix
    cpu.put("proc/cpuinfo", "flags : fpu sse2\n")
    assert cpu.one("avx").severity == "error"
    assert cpu.found("avx2") == []


def test_a_glibc_that_is_too_old_is_told(cpu):
    case = cpu.case()
    old = case.seen._replace(machine=case.seen.machine._replace(glibc="2.12"))
    (found,) = [one for one in findings(case._replace(seen=old)) if one.rule == "glibc"]
    assert "needs glibc 2.17, and this system has 2.12" in found.text
    assert cpu.found("glibc") == []


def test_an_environment_that_is_gone_is_told(cpu):
    cpu.variables["CONDA_PREFIX"] = cpu.variables["VIRTUAL_ENV"]
    cpu.variables["VIRTUAL_ENV"] = "/nowhere/env"
    assert "/nowhere/env" in cpu.one("environment").text


def test_wsl2_without_the_driver_of_windows_is_told(cpu):
    cpu.put("proc/sys/kernel/osrelease", "5.15.1-microsoft-standard-WSL2")
    assert cpu.one("wsl2").severity == "warning"
    cpu.put("usr/lib/wsl/lib/libcuda.so.1")
    assert cpu.found("wsl2") == []


def test_a_container_without_the_gpu_of_its_machine_is_told(cpu):
    cpu.put(".dockerenv")
    assert cpu.found("container") == []
    cpu.put("proc/driver/nvidia/version", "NVRM version: NVIDIA UNIX Module  550.54.14  Mon")
    assert "docker run --gpus all IMAGE" in cpu.one("container").fix
    cpu.put("dev/nvidiactl")
    assert cpu.found("container") == []


def test_a_container_in_which_nvidia_smi_answers_has_its_gpu(gpu):
    gpu.put(".dockerenv")
    (gpu.root / "dev/nvidiactl").unlink()
    assert gpu.found("container") == []


# What is installed.


def test_a_missing_tensorflow_is_no_error(bare):
    found = bare.one("tensorflow")
    assert (found.severity, found.fix) == (
        "warning",
        ("python -m kb find --detect --python 3.11",),
    )


@pytest.mark.parametrize("version", ["99.1.0", "2.15.1+nv24.03", "latest"])
def test_a_release_that_nobody_knows_is_said_so(version, bare):
    bare.install("tensorflow", version, "numpy<2", files=("tensorflow/__init__.py",))
    bare.install("numpy", "2.1.0")
    assert "does not know" in bare.one("tensorflow").text
    assert bare.one("requirement").fix == ("python -m pip install 'numpy<2'",)


def test_two_tensorflows_at_once_are_a_fault(cpu):
    cpu.install("tensorflow-cpu", "2.14.0", files=("tensorflow/__init__.py",))
    found = cpu.one("two-tensorflows")
    assert found.severity == "error"
    assert found.fix[0] == "python -m pip uninstall -y tensorflow tensorflow-cpu"
    assert "tensorflow==2.15.1" in found.fix[1]


def test_a_build_of_somebody_else_counts_by_its_files(cpu):
    cpu.install("acme-tensorflow", "1.0", files=("tensorflow/__init__.py",))
    cpu.install("tensorflow-estimator", "2.15.0", files=("tensorflow_estimator/__init__.py",))
    assert "acme-tensorflow 1.0" in cpu.one("two-tensorflows").text


def test_a_shim_and_what_it_demands_are_no_two(tmp_path):
    marks = {"sys_platform": "win32", "platform_system": "Windows", "platform_machine": "AMD64"}
    machine = SmallMachine(tmp_path).python_that_says(marks=marks)
    shim = 'tensorflow-intel==2.15.1; platform_system == "Windows"'
    machine.install("tensorflow", "2.15.1", shim)
    files = ("tensorflow/__init__.py",)
    machine.install("tensorflow-intel", "2.15.1", "numpy<2", files=files)
    machine.install("numpy", "2.1.0")
    assert machine.found("two-tensorflows") == []
    assert machine.one("requirement").fix == ("python -m pip install 'numpy<2'",)
    machine.install("tensorflow-cpu", "2.15.1", files=files)
    removed = machine.one("two-tensorflows").fix[0].split()[-3:]
    assert removed == ["tensorflow", "tensorflow-intel", "tensorflow-cpu"]


def test_metadata_without_the_package_is_told(cpu):
    (cpu.site / "tensorflow" / "__init__.py").unlink()
    assert "--force-reinstall" in cpu.one("files").fix[0]


@pytest.mark.parametrize(
    ("name", "version", "rule"),
    [
        ("numpy", "2.1.3", "requirement"),
        ("keras", "3.3.0", "requirement"),
        ("protobuf", "5.28.0", "requirement"),
    ],
)
def test_what_the_release_requires_is_held_against_what_is_there(name, version, rule, bare):
    bare.tensorflow()
    next(bare.site.glob(f"{name}-*.dist-info")).rename(bare.folder / "gone")
    bare.install(name, version)
    found = bare.one(rule)
    assert found.severity == "error"
    assert f"{name} {version}" in found.text
    assert found.fix[0].startswith(f"python -m pip install '{name}")


def test_what_is_missing_is_named_in_one_command(bare):
    bare.install("tensorflow", "2.15.1", *TENSORFLOW, files=("tensorflow/__init__.py",))
    found = bare.one("requirement")
    assert "this environment has none" in found.text
    assert found.fix[0].count("'") == 6


def test_where_much_is_missing_the_release_is_asked_for(bare):
    many = [f"package-{number}" for number in range(7)]
    bare.install("tensorflow", "2.15.1", *many, files=("tensorflow/__init__.py",))
    assert bare.one("requirement").fix == ("python -m pip install tensorflow==2.15.1",)


def test_a_requirement_for_other_machines_is_none(cpu):
    assert "tensorflow-io-gcs-filesystem" not in json.dumps(findings(cpu.case()))


def test_a_requirement_that_nobody_can_read_does_no_harm(bare):
    bare.tensorflow(requires=("numpy<2", "!!", "x ; nonsense == 1", "numpy<<2"))
    assert bare.one("requirement").severity == "ok"


def test_the_pin_of_a_cell_is_told_with_its_reason(tmp_path):
    marks = {"python_version": "3.9", "python_full_version": "3.9.18"}
    machine = SmallMachine(tmp_path).python_that_says(marks=marks)
    machine.install("tensorflow", "2.10.1", "numpy>=1.20", files=("tensorflow/__init__.py",))
    machine.install("numpy", "2.0.2")
    found = machine.one("pin")
    assert found.severity == "error"
    assert "compiled against NumPy 1" in found.text
    assert found.fix == ("python -m pip install 'numpy<2'",)


def test_setuptools_without_pkg_resources_is_told(cpu):
    cpu.install("setuptools", "82.0.0").install("tensorboard", "2.15.2")
    found = cpu.one("setuptools")
    assert (found.severity, found.fix) == ("warning", ('python -m pip install "setuptools<82"',))


def test_an_older_setuptools_is_no_fault(cpu):
    cpu.install("setuptools", "81.0.0").install("tensorboard", "2.15.2")
    assert cpu.found("setuptools") == []


def test_a_tf_keras_of_another_series_is_told(cpu):
    cpu.install("tf-keras", "2.16.0", "tensorflow<2.17,>=2.16")
    found = cpu.one("dependent")
    assert found.fix == ("python -m pip install 'tf-keras==2.15.*'",)


def test_what_pythonpath_hides_is_told(cpu):
    elsewhere = cpu.folder / "elsewhere"
    cpu.install("numpy", "1.24.0", folder=elsewhere)
    cpu.variables["PYTHONPATH"] = str(elsewhere)
    found = cpu.one("hidden")
    assert "numpy 1.24.0 of PYTHONPATH hides 1.26.4" in found.text
    assert found.fix == ("unset PYTHONPATH",)


def test_broken_metadata_is_told(cpu):
    cpu.install("keras", "2.14.0")
    (cpu.site / "~ensorflow-2.14.0.dist-info").mkdir()
    (cpu.site / "numpy-1.26.4.dist-info" / "METADATA").unlink()
    (cpu.site / "protobuf-4.25.3.dist-info").rename(cpu.site / "protobuf-9.dist-info")
    texts = " ".join(one.text for one in cpu.found("metadata"))
    assert "what an interrupted uninstall left" in texts
    assert "listed as installed twice" in texts
    assert "no METADATA that can be read" in texts
    assert "named wrongly" in texts


@pytest.mark.parametrize("name", ["tensorflow.py", "numpy.py", "tensorflow/__init__.py"])
def test_a_file_of_the_current_folder_that_hides_a_package_is_told(name, cpu):
    (cpu.work / name).parent.mkdir(exist_ok=True)
    (cpu.work / name).touch()
    assert (cpu.one("shadow").severity, name in cpu.one("shadow").text) == ("error", True)


def test_a_file_in_pythonpath_that_hides_a_package_is_told(cpu):
    (cpu.work / "numpy.py").touch()
    cpu.variables["PYTHONPATH"] = str(cpu.work)
    texts = [one.text for one in cpu.found("shadow")]
    assert any("PYTHONPATH names" in text for text in texts)


# GPUs.


def test_a_driver_mismatch_asks_for_a_restart(gpu):
    error = "Failed to initialize NVML: Driver/library version mismatch"
    gpu.program("nvidia-smi", f"echo '{error}'; echo 'NVML library version: 550.90'; exit 18")
    found = gpu.one("driver-mismatch")
    assert (found.severity, found.fix) == ("error", ("sudo reboot",))


def test_a_driver_library_of_another_version_is_a_mismatch(gpu):
    gpu.put("proc/driver/nvidia/version", "NVRM version: NVIDIA UNIX Module  535.104.05  Mon")
    assert "535.104.05" in gpu.one("driver-mismatch").text


def test_an_nvidia_smi_that_hangs_is_told(cpu):
    cpu.program("nvidia-smi", "exec sleep 60")
    begun = time.monotonic()
    assert cpu.one("nvidia-smi", timeout=0.5).severity == "error"
    assert time.monotonic() - begun < 10


def test_a_driver_that_does_not_know_compute_cap_is_no_fault(cpu):
    gpu = cpu.gpu("NVIDIA GeForce GTX 1080", "6.1", "470.223.02").cuda_wheels()
    gpu.program("nvidia-smi", f"{UNTIL_470}echo 'NVIDIA GeForce GTX 1080, 470.223.02'")
    assert gpu.found("nvidia-smi") == []
    assert [(one.name, one.compute_capability) for one in gpu.case().gpus] == [
        ("NVIDIA GeForce GTX 1080", "6.1")
    ]
    assert "reboot" not in shown(gpu)


@pytest.mark.parametrize(
    "script",
    [
        f"{UNTIL_470}echo 'Field \"name\" is not a valid field to query.'; exit 2",
        "echo 'Invalid combination of input arguments. Please run \"nvidia-smi -h\".'; exit 1",
    ],
)
def test_a_query_that_nvidia_smi_does_not_know_says_nothing_of_the_driver(script, gpu):
    gpu.program("nvidia-smi", script)
    found = gpu.one("nvidia-smi")
    assert found.severity == "warning"
    assert "nothing against the driver" in found.text
    assert "reboot" not in shown(gpu)


def test_an_nvidia_smi_that_cannot_be_started_says_nothing_of_the_driver(gpu):
    (gpu.programs / "nvidia-smi").write_text("#!/absent/interpreter\n")
    found = gpu.one("nvidia-smi")
    assert (found.severity, "reboot" in " ".join(found.fix)) == ("warning", False)


def test_a_driver_without_nvidia_smi_is_told(gpu):
    (gpu.programs / "nvidia-smi").unlink()
    assert "550.54.14" in gpu.one("nvidia-smi").text


def test_a_gpu_without_a_driver_is_told(cpu):
    cpu.put("sys/bus/pci/devices/0000:01:00.0/vendor", "0x10de")
    cpu.put("sys/bus/pci/devices/0000:01:00.0/class", "0x030200")
    assert cpu.one("gpu-driver").severity == "error"


def test_a_driver_without_its_library_is_told(gpu):
    (gpu.root / "usr/lib/libcuda.so.1").unlink()
    assert gpu.one("libcuda").severity == "error"


def test_an_old_driver_is_told_with_the_least(gpu):
    gpu.program("nvidia-smi", "echo 'Tesla V100-PCIE-16GB, 7.0, 470.82.01'")
    found = gpu.one("driver")
    assert found.severity == "error"
    assert "older than 525.60.13" in found.text


def test_a_driver_that_no_longer_serves_the_gpu_is_told_with_the_last_branch(gpu):
    gpu.program("nvidia-smi", "echo 'NVIDIA GeForce GTX 1080, 6.1, 595.58.03'")
    found = gpu.one("driver")
    assert found.severity == "error"
    assert "the 580 branch is the last that does" in found.text
    assert "sudo ubuntu-drivers install nvidia:580" in " ".join(found.fix)


def test_a_driver_that_does_not_know_the_gpu_is_told_with_the_first_branch(gpu):
    gpu.program("nvidia-smi", "echo 'NVIDIA GeForce RTX 5090, 12.0, 535.104.05'")
    found = gpu.one("driver")
    assert found.severity == "error"
    assert "older than the 570 branch, that of CUDA 12.8, the first that knows" in found.text
    assert "NVIDIA GeForce RTX 5090" in found.text


def test_a_driver_of_the_build_that_does_not_know_the_gpu_is_no_good(bare):
    machine = bare.tensorflow("2.10.1").gpu("NVIDIA GeForce RTX 4090", "8.9", "470.57.02")
    found = machine.one("driver")
    assert found.severity == "error"
    assert "older than the 520 branch, that of CUDA 11.8" in found.text


def test_a_later_release_of_the_last_branch_is_well(gpu):
    gpu.program("nvidia-smi", "echo 'NVIDIA GeForce GTX 1080, 6.1, 582.16'")
    assert gpu.one("driver").severity == "ok"


def test_a_driver_that_sees_no_gpu_is_told_with_the_gpus_that_it_ignores(gpu):
    gpu.program("nvidia-smi", "echo 'No devices were found'; exit 6")
    gpu.put("proc/driver/nvidia/version", "NVRM version: NVIDIA UNIX Module  595.58.03  Mon")
    (found,) = [one for one in gpu.found("nvidia-smi") if "serve a GPU" in one.text]
    assert any("Maxwell (580 is the last)" in text or "Pascal" in text for text in found.fix)


@pytest.mark.parametrize(
    ("name", "is_told"), [("Tesla V100-PCIE-16GB", True), ("NVIDIA TITAN V", False)]
)
def test_cuda_compat_is_named_for_a_data_centre_gpu(name, is_told, gpu):
    gpu.program("nvidia-smi", f"echo '{name}, 7.0, 470.82.01'")
    fixes = " ".join(gpu.one("driver").fix)
    assert ("cuda-compat-12-2" in fixes) == is_told


@pytest.mark.parametrize(
    ("driver", "told"),
    [
        ("525.85.12", "the 530 branch is the first that does"),
        ("535.54.03", None),
        ("470.82.01", None),  # older than the minimum for the CUDA, which says enough
    ],
)
def test_a_driver_that_does_not_read_the_ptx_is_told_with_what_cuda_compat_does(driver, told, gpu):
    gpu.program("nvidia-smi", f"echo 'NVIDIA H100, 9.0, {driver}'")
    found = [one for one in gpu.found("driver") if "PTX" in one.text]
    assert [told in one.text for one in found] == ([] if told is None else [True])
    assert all("cuda-compat-12-2" in " ".join(one.fix) for one in found)


def test_cuda_compat_that_does_not_read_the_ptx_is_not_offered(bare):
    machine = bare.tensorflow("2.21.0").gpu("NVIDIA H100", "9.0", "525.85.12")
    (found,) = [one for one in machine.found("driver") if "PTX" in one.text]
    assert "the 555 branch is the first that does" in found.text
    assert "cuda-compat" not in " ".join(found.fix)


@pytest.mark.parametrize(
    ("name", "capability", "driver", "told"),
    [
        ("Tesla V100", "7.0", "470.82.01", "not past the 580 branch"),
        ("Tesla K80", "3.7", "470.82.01", "No driver serves the GPU and this CUDA"),
        ("NVIDIA A100", "8.0", "470.82.01", "Update the driver on this machine: https"),
    ],
)
def test_a_driver_is_updated_no_further_than_the_gpu_is_served(name, capability, driver, told, gpu):
    gpu.program("nvidia-smi", f"echo '{name}, {capability}, {driver}'")
    assert told in " ".join(gpu.one("driver").fix)


@pytest.mark.parametrize(("driver", "is_told"), [("470.82.01", True), ("525.85.12", False)])
def test_objects_of_ptx_alone_that_the_driver_does_not_compile_are_told(driver, is_told, bare):
    machine = bare.tensorflow("2.14.1").gpu("NVIDIA A100", "8.0", driver)
    text = machine.one("gpu-code").text
    assert (f"362 hold PTX alone that driver {driver} does not compile: 520" in text) == is_told
    assert text.startswith("1149 of the 1757" if is_told else "1511 of the 1757")


def test_a_newer_cuda_that_nvidia_smi_prints_is_said_to_harm_nothing(gpu):
    gpu.program("nvidia-smi", "echo 'Tesla V100-PCIE-16GB, 7.0, 580.65.06'")
    assert "harms nothing" in gpu.one("driver").text
    gpu.program("nvidia-smi", "echo 'Tesla V100-PCIE-16GB, 7.0, 550.54.14'")
    assert "harms nothing" not in gpu.one("driver").text


def test_a_minimum_that_nobody_names_for_wsl2_is_no_fault(bare):
    machine = bare.tensorflow("2.13.1").gpu("NVIDIA GeForce GTX 1080", "6.1", "537.13")
    machine.put("proc/sys/kernel/osrelease", "5.15.1-microsoft-standard-WSL2")
    found = machine.one("driver")
    assert (found.severity, "is not known" in found.text) == ("ok", True)
    assert "452.39" not in found.text


def test_on_wsl2_the_driver_is_that_of_windows(gpu):
    gpu.put("proc/sys/kernel/osrelease", "5.15.1-microsoft-standard-WSL2")
    gpu.program("nvidia-smi", "echo 'Tesla V100-PCIE-16GB, 7.0, 527.41'")
    assert "older than 528.33" in gpu.one("driver").text


@pytest.mark.parametrize(
    ("name", "capability", "rule", "severity"),
    [
        ("Tesla V100", "7.0", "gpu-code", "ok"),
        ("NVIDIA H100", "9.0", "gpu-code", "warning"),  # by PTX
        ("Tesla K80", "3.7", "gpu-code", "error"),
        ("NVIDIA GeForce RTX 5090", "12.0", "toolkit", "error"),
    ],
)
def test_a_gpu_is_held_against_the_code_and_the_libraries(name, capability, rule, severity, gpu):
    gpu.program("nvidia-smi", f"echo '{name}, {capability}, 550.54.14'")
    found = gpu.one(rule)
    assert found.severity == severity
    assert capability in found.text


def test_libraries_that_are_still_to_come_are_those_of_the_recipe(tmp_path):
    machine = SmallMachine(tmp_path).python_that_says().tensorflow("2.21.0", requires=("numpy",))
    machine.gpu("NVIDIA GeForce RTX 5090", "12.0", "580.65.06")
    assert machine.one("cuda-libraries").severity == "error"
    assert machine.found("toolkit") == []


def test_a_known_problem_of_a_gpu_is_told_with_its_way_out(tmp_path):
    machine = SmallMachine(tmp_path).python_that_says().tensorflow("2.19.0", requires=("numpy",))
    machine.gpu("NVIDIA GeForce RTX 5090", "12.0", "570.86.10")
    found = machine.one("problem")
    assert found.severity == "error"
    assert "https://github.com/" in found.text
    assert any("container" in line for line in found.fix)


def test_a_gpu_of_an_unknown_kind_is_told(gpu):
    gpu.program("nvidia-smi", "echo 'NVIDIA Imaginary 9000, [N/A], 550.54.14'")
    assert any("not known here" in one.text for one in gpu.found("gpu"))


def test_a_build_without_cuda_beside_a_gpu_is_told(bare):
    bare.tensorflow(name="tensorflow-cpu").gpu()
    found = bare.one("cpu-only")
    assert found.fix == (
        "python -m pip uninstall -y tensorflow-cpu",
        "python -m pip install 'tensorflow[and-cuda]==2.15.1'",
    )


def test_on_arm_a_gpu_stays_idle(tmp_path):
    machine = SmallMachine(tmp_path).python_that_says(marks={"platform_machine": "aarch64"})
    machine.tensorflow().gpu("NVIDIA GH200 480GB", "9.0")
    assert any("container" in line for line in machine.one("cpu-only").fix)


# CUDA's libraries.


def test_missing_libraries_are_told_with_the_command_of_the_recipe(cpu):
    found = cpu.gpu().one("cuda-libraries")
    assert found.severity == "error"
    assert "libcudnn" not in found.text.split(" and ")[0]
    assert found.fix == ("python -m pip install 'tensorflow[and-cuda]==2.15.1'",)


def test_libraries_of_the_system_serve_as_well(cpu):
    for files in WHEEL_FILES.values():
        for file in files:
            cpu.library(cpu.root / "usr/lib", file)
    assert "default" in cpu.gpu().one("cuda-libraries").text


def test_a_release_without_the_extra_needs_cuda_by_hand(tmp_path):
    marks = {"python_version": "3.9", "python_full_version": "3.9.18"}
    machine = SmallMachine(tmp_path).python_that_says(marks=marks).gpu()
    machine.tensorflow("2.10.1", requires=("numpy>=1.20",))
    found = machine.one("cuda-libraries")
    assert "libcudart.so.11.0" in found.text
    assert any("CUDA 11.2" in line for line in found.fix)


def test_a_release_without_the_extra_on_a_strange_python_is_not_asked_for_with_it(tmp_path):
    machine = SmallMachine(tmp_path).python_that_says().gpu()
    machine.tensorflow("2.10.1", requires=("numpy>=1.20",))
    found = machine.one("cuda-libraries")
    assert found.fix == ("python -m kb lookup 2.10.1 --device cuda",)


def test_a_release_that_does_not_look_in_the_wheels_needs_a_path(tmp_path):
    extra = tuple(f'{name}; extra == "and-cuda"' for name in ("nvidia-cublas-cu12==12.3.4.1",))
    machine = SmallMachine(tmp_path).python_that_says().gpu()
    machine.tensorflow("2.16.1", requires=("numpy", *extra)).cuda_wheels()
    found = machine.one("library-path")
    assert found.severity == "error"
    assert found.fix[0].startswith("export LD_LIBRARY_PATH=")
    machine.variables["LD_LIBRARY_PATH"] = ":".join(
        str(path) for path in machine.site.glob("nvidia/*/lib")
    )
    assert machine.one("cuda-libraries").severity == "ok"


@pytest.mark.parametrize(
    ("cudnn", "severity", "words"),
    [
        ("8.9.7.29", "warning", "newer ones"),
        ("8.6.0.163", "error", "is refused"),
        ("9.1.0.70", "error", "another major version"),
    ],
)
def test_wheels_are_held_against_the_extra(cudnn, severity, words, cpu):
    found = cpu.gpu().cuda_wheels(cudnn).one("cuda-wheels")
    assert found.severity == severity
    assert words in found.text
    assert found.fix == ("python -m pip install nvidia-cudnn-cu12==8.9.4.25",)


def test_wheels_for_two_cuda_releases_are_told(gpu):
    gpu.install("nvidia-cudnn-cu11", "8.7.0.84")
    fixes = gpu.one("mixed-cuda").fix
    assert fixes[0] == "python -m pip uninstall -y nvidia-cudnn-cu11"
    assert " nvidia-cudnn-cu12==8.9.4.25" in fixes[1]


def test_a_torch_that_demands_another_cudnn_is_told(gpu):
    gpu.install("torch", "2.4.0", 'nvidia-cudnn-cu12==9.1.0.70; platform_system == "Linux"')
    assert "nvidia-cudnn-cu12==9.1.0.70" in gpu.one("torch").text


def test_a_torch_that_demands_the_same_is_no_fault(gpu):
    gpu.install("torch", "2.2.0", "nvidia-cudnn-cu12==8.9.4.25", "sympy")
    assert gpu.found("torch") == []


@pytest.mark.parametrize(
    ("capability", "cudnn", "count"),
    [("6.1", "9.28.0.1", 1), ("6.1", "9.10.2.21", 0), ("7.5", "9.28.0.1", 0)],
)
def test_a_cudnn_without_code_for_the_gpu_is_told(capability, cudnn, count, tmp_path):
    machine = SmallMachine(tmp_path).python_that_says().gpu("A GPU", capability)
    extra = 'nvidia-cudnn-cu12<10.0,>=9.3.0.75; extra == "and-cuda"'
    machine.tensorflow("2.20.0", requires=("numpy", extra))
    machine.install("nvidia-cudnn-cu12", cudnn)
    found = machine.found("gpu-pin")
    assert len(found) == count
    assert all(f.fix == ("python -m pip install 'nvidia-cudnn-cu12<9.11'",) for f in found)


@pytest.mark.parametrize(
    ("capability", "cudnn", "count"),
    [("3.7", "8.9.6.50", 1), ("3.5", "8.7.0.84", 0), ("5.2", "8.9.6.50", 0)],
)
def test_a_cudnn_without_code_for_kepler_is_told(capability, cudnn, count, tmp_path):
    machine = SmallMachine(tmp_path).python_that_says().gpu("A GPU", capability, "470.256.02")
    machine.tensorflow("2.13.1")
    machine.install("nvidia-cudnn-cu11", cudnn)
    found = machine.found("gpu-pin")
    assert len(found) == count
    assert all(f.fix == ("python -m pip install 'nvidia-cudnn-cu11<8.8'",) for f in found)


def test_a_library_path_to_another_cuda_is_told(gpu):
    other = gpu.folder / "cuda-11.8" / "lib64"
    gpu.variables["LD_LIBRARY_PATH"] = str(other)
    assert gpu.one("ld-library-path").severity == "warning"
    gpu.library(other, "libcusolver.so.11")
    found = gpu.one("ld-library-path")
    assert (found.severity, found.fix) == ("error", ("unset LD_LIBRARY_PATH",))
    assert "libcusolver.so.11 is loaded from there" in found.text


def test_an_older_cudnn_in_the_library_path_is_told(gpu):
    other = gpu.folder / "old"
    gpu.library(other, "libcudnn.so.8", "libcudnn.so.8.6.0")
    gpu.variables["LD_LIBRARY_PATH"] = f"{other}:"
    assert "cuDNN 8.6.0" in gpu.one("ld-library-path").text


# Settings.


@pytest.mark.parametrize("value", ["-1", "", "-1,0"])
def test_hidden_gpus_are_told(value, gpu):
    gpu.variables["CUDA_VISIBLE_DEVICES"] = value
    assert gpu.one("cuda-visible-devices").fix == ("unset CUDA_VISIBLE_DEVICES",)


def test_a_gpu_that_is_chosen_is_not_hidden(gpu):
    gpu.variables |= {"CUDA_VISIBLE_DEVICES": "0", "TF_FORCE_GPU_ALLOW_GROWTH": "true"}
    assert gpu.severities() == {}


def test_legacy_keras_without_its_package_is_told(cpu):
    cpu.variables["TF_USE_LEGACY_KERAS"] = "1"
    assert cpu.one("legacy-keras").fix[0] == "python -m pip install 'tf-keras==2.15.*'"
    cpu.install("tf-keras", "2.15.1", "tensorflow<2.16,>=2.15")
    assert cpu.severities() == {}


@pytest.mark.parametrize(
    ("name", "value", "rule", "severity"),
    [
        ("XLA_FLAGS", "--xla_gpu_cuda_data_dir=/nowhere/cuda", "xla-flags", "error"),
        ("TF_XLA_FLAGS", "--tf_xla_auto_jit=2", "tf-xla-flags", "warning"),
        ("TF_CPP_MIN_LOG_LEVEL", "3", "log-level", "warning"),
    ],
)
def test_settings_that_break_things_are_told(name, value, rule, severity, gpu):
    gpu.variables[name] = value
    found = gpu.one(rule)
    assert (found.severity, found.fix) == (severity, (f"unset {name}",))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("XLA_FLAGS", "--xla_gpu_cuda_data_dir=/"),
        ("TF_XLA_FLAGS", "--tf_xla_auto_jit=0"),
        ("TF_XLA_FLAGS", "--tf_xla_enable_xla_devices"),
        ("TF_CPP_MIN_LOG_LEVEL", "1"),
        ("KERAS_BACKEND", "jax"),  # Keras 2 knows no other
    ],
)
def test_settings_that_break_nothing_are_left_alone(name, value, gpu):
    gpu.variables[name] = value
    assert gpu.severities() == {}


@pytest.mark.parametrize(("backend", "count"), [("jax", 1), ("tensorflow", 0), ("", 0)])
def test_another_backend_of_keras_3_is_told(backend, count, bare):
    bare.tensorflow("2.17.0", requires=("numpy", "keras"))
    next(bare.site.glob("keras-*.dist-info")).rename(bare.folder / "gone")
    bare.install("keras", "3.5.0")
    bare.variables["KERAS_BACKEND"] = backend
    assert len(bare.found("keras-backend")) == count


def test_an_older_library_than_was_built_with_is_told(gpu):
    next(gpu.site.glob("nvidia_cublas*")).rename(gpu.folder / "gone")
    gpu.install("nvidia-cublas-cu12", "12.1.3.1")
    found = gpu.one("cuda-wheels")
    assert (found.severity, "may lack" in found.text) == ("warning", True)


# The command.


@pytest.fixture
def command(capsys, monkeypatch):
    """Run the command on a machine, whose root stays the real one; return what it printed."""

    def run(machine, *arguments):
        for name in list(os.environ):
            monkeypatch.delenv(name)
        for name, value in machine.variables.items():
            monkeypatch.setenv(name, value)
        monkeypatch.chdir(machine.work)
        status = main(["doctor", *arguments])
        return status, *capsys.readouterr()

    return run


def test_the_document_keeps_its_promise(cpu, command):
    status, output, errors = command(cpu, "--json")
    content = json.loads(output)
    assert (status, errors, content["format"]) == (0, "", 1)
    assert content["machine"]["python"]["version"] == "3.11.7"
    assert {one["file"] for one in content["machine"]["cuda_libraries"]} >= {"libcudnn.so.8"}
    assert content["machine"]["tensorflow"] == {"distribution": "tensorflow", "release": "2.15.1"}
    for one in content["findings"]:
        assert set(one) == {"rule", "severity", "text", "fix", "ways_out"}
        assert one["severity"] in ("error", "warning", "ok")


def test_an_error_is_told_by_the_status_and_on_the_page(cpu, command):
    cpu.variables["TF_USE_LEGACY_KERAS"] = "1"
    status, output, errors = command(cpu)
    assert (status, errors) == (1, "")
    assert output.startswith("tensorflow 2.15.1 does not work here as it should: 1 error.\n")


def test_a_python_that_cannot_be_asked_is_wrong_usage(cpu, command):
    status, output, errors = command(cpu, "--python", "/nowhere/python")
    assert (status, output) == (2, "")
    assert errors.count("\n") == 1
    assert errors.startswith("error: --python: /nowhere/python: ")


def test_a_missing_knowledge_base_is_told(cpu, command, tmp_path, capsys):
    assert main(["--data", str(tmp_path / "none"), "doctor"]) == 3
    assert "Traceback" not in capsys.readouterr().err


def test_it_works_from_another_process_and_imports_no_tensorflow(cpu):
    unwanted = {"tensorflow", "numpy", "scraper", "verify"}
    script = (
        "import sys; from kb.command_line import main; main(['doctor']); "
        f"print('loaded', {unwanted} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**cpu.variables, "PYTHONPATH": str(Path(doctor_command.__file__).parent.parent)},
        cwd=cpu.work,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == "loaded set()"


# The check that is carried out.


def runs(machine, limit_s=60.0):
    steps = checked(machine.case(), Store(), machine.variables, machine.work, limit_s)
    return list(steps)


def package(machine, text):
    """Make a real environment whose TensorFlow is this module."""
    machine.environment("real").tensorflow()
    (machine.site / "tensorflow" / "__init__.py").write_text(text, encoding="utf-8")
    return machine


_TINY = """\
class config:
    list_physical_devices = staticmethod(lambda kind: [])
    list_logical_devices = staticmethod(lambda kind: [])
"""


def test_the_published_check_is_carried_out_in_a_child(tmp_path):
    first, second, third = runs(package(SmallMachine(tmp_path), _TINY))
    assert (first.severity, second.severity) == ("ok", "ok")
    assert "GPUs: 0. This is the check of a CPU set-up" in first.text
    assert "Multiply two matrices) failed with status 1" in third.text
    assert "no attribute" in third.text


def test_a_crash_is_told_with_its_signal(tmp_path):
    text = f"import os\nos.kill(os.getpid(), {signal.SIGILL.value})"
    (found,) = runs(package(SmallMachine(tmp_path), text))
    assert (found.severity, "crashed with SIGILL" in found.text) == ("error", True)


def test_a_step_that_never_ends_is_stopped_with_all_it_started(tmp_path):
    text = "import subprocess\nsubprocess.run(['/bin/sleep', '60'])"
    begun = time.monotonic()
    (found,) = runs(package(SmallMachine(tmp_path), text), limit_s=1.0)
    assert "did not end within 1 seconds" in found.text
    assert time.monotonic() - begun < 20


def test_a_message_that_is_known_is_explained(tmp_path):
    message = "A module that was compiled using NumPy 1.x cannot be run in NumPy 2.1.0"
    (found,) = runs(package(SmallMachine(tmp_path), f"raise ImportError({message!r})"))
    assert "failed with status 1. It said last: ImportError" in found.text
    assert any("numpy<2" in line for line in found.fix)


def test_without_tensorflow_nothing_is_carried_out(bare):
    (found,) = runs(bare)
    assert "was not carried out" in found.text


def test_the_command_carries_the_check_out(tmp_path, command):
    status, output, errors = command(package(SmallMachine(tmp_path), _TINY), "--run", "--json")
    found = [one for one in json.loads(output)["findings"] if one["rule"] == "run"]
    assert (status, errors) == (1, "")
    assert [one["severity"] for one in found] == ["error", "ok", "ok"]


# Safe to paste.

_TOKEN = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2"
_MAIL = "jane.roe@corp.example"
_ADDRESS = "https://jane:hunter22@pypi.corp.example/simple"
_SECRETS = ("janeroe", "buildhost7", _TOKEN, _MAIL, "hunter22", "/home/janeroe", "evil")


@pytest.fixture
def planted(tmp_path):
    """A machine whose paths, variables and versions hold what must not be told."""
    home = tmp_path / "home" / "janeroe"
    home.mkdir(parents=True)
    folder = home / "buildhost7" / _TOKEN
    folder.mkdir(parents=True)
    machine = SmallMachine(folder)
    machine.variables |= {
        "HOME": str(home),
        "USER": "janeroe",
        "HOSTNAME": "buildhost7.corp.example",
        "XLA_FLAGS": f"--xla_gpu_cuda_data_dir={home}/cuda-{_MAIL}",
        "TF_XLA_FLAGS": f"--tf_xla_auto_jit=2 --dump={_ADDRESS} token={_TOKEN}",
        "PYTHONPATH": f"{home}/lib:/home/janeroe/other",
        "CUDA_VISIBLE_DEVICES": "GPU-12345678-1234-1234-1234-123456789abc",
    }
    machine.python_that_says()
    machine.tensorflow(f"2.15.1+janeroe.{_TOKEN}", requires=(f"numpy @ {_ADDRESS}", "keras<1"))
    for name in ("~janeroe", f"-{_TOKEN}"):
        (machine.site / f"{name}.dist-info").mkdir()
    info = machine.site / "protobuf-janeroe.dist-info"
    info.mkdir()
    evil = "Name: protobuf\nVersion: 1\x1b[31m\x07<script>evil\n"
    (info / "METADATA").write_text(evil, encoding="utf-8")
    machine.gpu(name="\x1b[31mGPU of janeroe \u202e<img src=x>", capability="7.0")
    (machine.work / "numpy.py").touch()
    return machine


@pytest.mark.parametrize("as_json", [False, True])
def test_what_is_printed_can_be_pasted(as_json, planted):
    case = planted.case()
    found = findings(case)
    scrubber = Scrubber(names_of(planted.variables))
    text = document(case, found, scrubber) if as_json else page(case, found, scrubber, Style())
    unwrapped = "".join(text.split())
    for secret in _SECRETS:
        assert secret not in text
        assert secret not in unwrapped
    assert all(letter == "\n" or letter.isprintable() for letter in text)
    assert "\u202e" not in text
    assert "<script" not in text
    assert "<img" not in text
    assert "12345678-1234" not in text
    assert "[user]" in text


def test_foreign_metadata_brings_no_command_along(bare):
    bare.install("pip", "24.0")
    hostile = "numpy===1'`sprung`'"
    bare.install("tensorflow", "2.15.1", hostile, files=("tensorflow/__init__.py",))
    info = bare.site / "numpy.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Name: numpy; touch sprung\nVersion: 1\n", encoding="utf-8")
    (line,) = bare.one("requirement").fix
    assert shlex.split(line) == ["python", "-m", "pip", "install", hostile]
    assert "tells no name and version" in bare.one("metadata").text


def test_what_a_run_printed_can_be_pasted_as_well(planted, command):
    planted.variables.pop("PYTHONPATH")
    (planted.work / "numpy.py").unlink()
    text = f"raise SystemExit('\\x1b[31m of janeroe, token={_TOKEN} {_ADDRESS} <b>')"
    status, output, errors = command(package(planted, text), "--run")
    assert (status, errors) == (1, "")
    assert "Check 1" in output
    for secret in _SECRETS:
        assert secret not in output
    assert "<b" not in output
    assert "\x1b" not in output


def test_names_that_tell_nobody_stay(monkeypatch):
    scrubber = Scrubber(names_of({"USER": "python", "HOME": "/home/python", "HOSTNAME": "x"}))
    text = "python -m pip install 'numpy<2' in /home/python/env, https://github.com/a/b"
    assert scrubber.text(text) == text.replace("/home/python", "~")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"C:\Users\Jane\env", r"~\env"),
        (f"{ROOT}/env and /opt/root/x", "~/env and /opt/root/x"),
        ("10.0.0.7:8080 but 8.9.7.29", "[address] but 8.9.7.29"),
        ("HF_TOKEN=abc def", "HF_[token] def"),
        ("@octocat <b> a<2 << 'END'", "@ octocat < b> a<2 << 'END'"),
        ("two\nlines\x00", "two\nlines?"),
    ],
)
def test_what_names_a_place_or_grants_access_goes(text, expected):
    assert Scrubber(names_of({"HOME": "/nowhere"})).text(text) == expected


def test_a_foreign_text_becomes_one_line():
    assert one_line("a\n b\x1b[31m\u202ec" + "d" * 500, 12) == "a b [31m cdd"


# The environment that the doctor was started in.


def installed_in(folder):
    """Make a real environment that finds what this one has installed, this program too."""
    venv.create(folder, symlinks=True)
    site = next(folder.glob("lib/python*/site-packages"))
    places = [str(Path(doctor_command.__file__).parents[2]), *site_packages()]
    (site / "places.pth").write_text("\n".join(places), encoding="utf-8")
    return folder


def site_packages():
    return [place for place in sys.path if place.endswith("site-packages")]


def doctor_of(folder, machine, *arguments):
    """Start the doctor by the Python of an environment; return its document."""
    done = subprocess.run(
        [folder / "bin/python", "-m", "kb", "doctor", "--json", *arguments],
        env=machine.variables,
        cwd=machine.work,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stderr == ""
    return json.loads(done.stdout)


def test_a_doctor_that_an_environment_starts_looks_at_that_environment(tmp_path):
    machine = SmallMachine(tmp_path).environment("other")
    other = machine.variables["VIRTUAL_ENV"]
    own = installed_in(tmp_path / "own")
    told = doctor_of(own, machine)
    python = told["machine"]["python"]
    assert (python["chosen_by"], python["program"]) == ("kb", str(own / "bin/python"))
    (found,) = [one for one in told["findings"] if one["rule"] == "environment"]
    assert found["severity"] == "warning"  # TensorFlow is not installed where this is told of
    assert told["findings"][0] == found
    assert other in found["text"]
    assert found["fix"] == [f"python -m kb doctor --python {other}"]
    named = doctor_of(own, machine, "--python", other)["machine"]["python"]
    assert named["program"] == f"{other}/bin/python"
    machine.variables["VIRTUAL_ENV"] = str(own)
    told = doctor_of(own, machine)
    assert told["machine"]["python"]["chosen_by"] == "VIRTUAL_ENV"
    assert [one for one in told["findings"] if one["rule"] == "environment"] == []


def test_a_doctor_that_pipx_installed_looks_at_the_active_environment(tmp_path):
    machine = SmallMachine(tmp_path).environment("other")
    own = installed_in(tmp_path / "own")
    (own / "pipx_metadata.json").touch()
    python = doctor_of(own, machine)["machine"]["python"]
    assert python["chosen_by"] == "VIRTUAL_ENV"
