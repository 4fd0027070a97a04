"""The doctor on the GPUs of AMD and Apple, on a Jetson, and where there is no wheel."""

import pytest

from kb.machine.makers import amd_targets, other_makers
from tests.kb.small_machine import SmallMachine


@pytest.fixture
def bare(tmp_path):
    """A machine on which Python 3.11 is active, and nothing is installed."""
    return SmallMachine(tmp_path).python_that_says()


def amd(machine, number=110000):
    """Put a GPU of AMD into the machine, beside the processor's own node."""
    nodes = "sys/class/kfd/kfd/topology/nodes"
    machine.put(f"{nodes}/0/properties", "cpu_cores_count 16\ngfx_target_version 0\n")
    machine.put(f"{nodes}/1/properties", f"simd_count 96\ngfx_target_version {number}\n")
    return machine


def rocm(machine, version="6.0.0-91"):
    machine.put("opt/rocm/.info/version", f"{version}\n")
    return machine


@pytest.mark.parametrize(
    ("number", "target"),
    [(110000, "gfx1100"), (90010, "gfx90a"), (90008, "gfx908"), (100300, "gfx1030"), (0, None)],
)
def test_the_kernels_number_is_read_as_a_target(number, target, bare):
    amd(bare, number)
    assert amd_targets(bare.root) == ((target,) if target else ())


def test_each_rocm_that_is_installed_is_seen(bare):
    rocm(bare)
    bare.put("opt/rocm-5.7.1/lib/nothing")
    assert other_makers(bare.root).rocm == ("6.0.0", "5.7.1")


def test_a_build_for_cuda_beside_a_gpu_of_amd_is_told(bare):
    found = amd(bare.tensorflow()).one("amd-gpu")
    assert found.severity == "warning"
    assert "gfx1100" in found.text
    assert found.fix[0].endswith("--gpu gfx1100")
    assert not bare.found("gpu")


def test_a_gpu_of_amd_with_nothing_installed_is_no_fault(bare):
    assert amd(bare).one("amd-gpu").severity == "ok"


def test_a_gpu_of_amd_that_the_bus_alone_shows_is_no_fault_of_another_build(bare):
    bare.tensorflow()
    bare.put("sys/bus/pci/devices/0000:01:00.0/vendor", "0x1002")
    bare.put("sys/bus/pci/devices/0000:01:00.0/class", "0x030000")
    assert bare.one("amd-gpu").severity == "ok"


def test_a_good_set_up_for_rocm_has_no_faults_of_it(bare):
    rocm(amd(bare.tensorflow("2.14.0.600", "tensorflow-rocm", ()), 90010))
    assert bare.one("rocm").severity == "ok"
    assert bare.one("gpu-code").severity == "ok"
    assert not bare.found("rocm-hardware")


@pytest.mark.parametrize(("has", "severity"), [(None, "error"), ("5.7.1-98", "warning")])
def test_a_rocm_that_is_missing_or_another_is_told(has, severity, bare):
    amd(bare.tensorflow("2.14.0.600", "tensorflow-rocm", ()), 90010)
    if has:
        rocm(bare, has)
    found = bare.one("rocm")
    assert found.severity == severity
    assert "ROCm 6.0.0" in found.text


def test_a_gpu_without_code_is_a_fault(bare):
    rocm(amd(bare.tensorflow("2.13.1.600", "tensorflow-rocm", ())))
    found = bare.one("gpu-code")
    assert found.severity == "error"
    assert "gfx1030" in found.text


def test_the_release_that_ignores_gpus_for_a_missing_comma_is_told(bare):
    rocm(amd(bare.tensorflow("2.14.0.600", "tensorflow-rocm", ())))
    assert "a comma is missing" in bare.one("problem").text


def test_a_gpu_that_amd_does_not_list_is_told_with_the_list(bare):
    rocm(amd(bare.tensorflow("2.14.0.600", "tensorflow-rocm", ()), 90000))
    (found,) = bare.found("rocm-hardware")
    assert found.sources


def test_on_wsl2_an_old_rocm_sees_no_gpu(bare):
    bare.put("proc/sys/kernel/osrelease", "5.15.167.4-microsoft-standard-WSL2")
    found = rocm(bare.tensorflow("2.14.0.600", "tensorflow-rocm", ())).one("rocm")
    assert (found.severity, "6.1.3" in found.text) == ("error", True)


MAC = {"sys_platform": "darwin", "platform_system": "Darwin", "platform_machine": "arm64"}


def mac(tmp_path, release, metal=None):
    machine = SmallMachine(tmp_path).python_that_says(marks=MAC).tensorflow(release, requires=())
    if metal:
        machine.install("tensorflow-metal", metal)
    return machine


def test_a_mac_without_its_plugin_is_told_with_the_pair(tmp_path):
    found = mac(tmp_path, "2.15.1").one("metal")
    assert "the table in its own wheel" in found.text
    assert found.fix == ("python -m pip install tensorflow-metal==1.1.0",)


def test_a_pair_that_the_table_has_is_well(tmp_path):
    assert mac(tmp_path, "2.18.0", "1.2.0").one("metal").severity == "ok"


def test_a_release_without_a_pair_is_told(tmp_path):
    found = mac(tmp_path, "2.20.0", "1.2.0").one("metal")
    assert found.severity == "warning"
    assert "may not load" in found.text


def test_a_jetson_is_sent_to_the_builds_of_nvidia(tmp_path):
    machine = SmallMachine(tmp_path).python_that_says(marks={"platform_machine": "aarch64"})
    machine.put("proc/device-tree/model", "NVIDIA Jetson Nano Developer Kit\0")
    assert "'NVIDIA Jetson Nano'" in machine.one("jetson").fix[0]
    assert not machine.found("gpu")


@pytest.mark.parametrize(
    ("marks", "told"),
    [
        ({"platform_machine": "armv7l"}, "piwheels"),
        (
            {"sys_platform": "win32", "platform_system": "Windows", "platform_machine": "ARM64"},
            "WSL2",
        ),
        ({"platform_machine": "riscv64"}, "64-bit Arm"),
    ],
)
def test_a_platform_without_wheels_is_told_what_people_use(marks, told, tmp_path):
    found = SmallMachine(tmp_path).python_that_says(marks=marks).one("platform")
    assert told in " ".join(found.fix)
