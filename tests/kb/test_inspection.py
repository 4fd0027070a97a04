import os
import sys
import time
import venv
from pathlib import Path

import pytest

from kb.base.errors import Unanswered
from kb.machine.active_python import active_python, own_environment
from kb.machine.detection import Gpu
from kb.machine.installed import normalised
from kb.machine.loader_paths import parse_cache
from tests.kb.small_machine import OWN, SmallMachine


@pytest.fixture
def machine(tmp_path):
    return SmallMachine(tmp_path)


# The active environment.


def test_the_active_environment_is_that_of_virtual_env(machine):
    machine.environment().install("numpy", "1.26.4")
    seen = machine.seen()
    assert (seen.python.chosen_by, seen.python.minor, seen.python.bits) == ("VIRTUAL_ENV", OWN, 64)
    assert seen.python.is_environment
    assert seen.environment.version("numpy") == "1.26.4"
    assert seen.environment.first["numpy"].folder == str(machine.site)


def test_conda_comes_next_then_the_path_then_the_python_that_runs_this(machine):
    machine.environment()
    place = machine.variables.pop("VIRTUAL_ENV")
    assert machine.seen().python.chosen_by == "kb"
    machine.variables["PATH"] += f"{os.pathsep}{place}/bin"
    assert machine.seen().python.chosen_by == "PATH"
    machine.variables["CONDA_PREFIX"] = place
    assert machine.seen().python.chosen_by == "CONDA_PREFIX"


def test_a_python_or_its_folder_can_be_named(machine):
    machine.environment()
    place = machine.variables.pop("VIRTUAL_ENV")
    for named in (place, f"{place}/bin/python"):
        python = machine.seen(named).python
        assert (python.chosen_by, python.program) == ("--python", f"{place}/bin/python")


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("exit 3", "it ended with status 3"),
        ("echo hello", "it does not answer as Python does"),
        ("echo '[1, 2]'", "it does not answer as Python does"),
        ("sleep 30", "no answer within 0.3 seconds"),
    ],
)
def test_a_named_python_that_does_not_answer_is_told_in_one_line(script, why, machine):
    machine.program("odd", script)
    with pytest.raises(Unanswered, match=why):
        machine.seen(str(machine.programs / "odd"), timeout=0.3)
    for absent in ("/nowhere/python", str(machine.work)):
        with pytest.raises(Unanswered, match="No such file"):
            machine.seen(absent)


def test_an_environment_that_is_gone_is_passed_over_and_told(machine):
    machine.variables["VIRTUAL_ENV"] = "/nowhere/env"
    python = machine.seen().python
    assert python.chosen_by == "kb"
    assert python.passed_over[0].startswith("VIRTUAL_ENV: /nowhere/env")


def test_a_module_in_the_current_folder_is_not_run_by_the_look(machine, monkeypatch):
    machine.environment()
    trap = machine.work / "json.py"
    trap.write_text("open('sprung', 'w')", encoding="utf-8")
    monkeypatch.chdir(machine.work)
    machine.variables["PYTHONPATH"] = str(machine.work)
    assert machine.seen().python.minor == OWN
    assert not (machine.work / "sprung").exists()


def test_nothing_installed_is_imported(machine):
    machine.environment().install("tensorflow", "2.15.1", files=("tensorflow/__init__.py",))
    package = machine.site / "tensorflow" / "__init__.py"
    package.write_text("raise SystemExit('imported')", encoding="utf-8")
    assert machine.seen().has_package
    assert "tensorflow" not in sys.modules


def test_an_old_python_that_knows_no_isolation_is_asked_in_another_way(machine):
    machine.environment()
    real = f"{machine.variables.pop('VIRTUAL_ENV')}/bin/python"
    machine.program(
        "old", f'[ "$1" = -I ] && echo "Unknown option: -I" >&2 && exit 2\nexec {real} "$@"'
    )
    assert machine.seen(str(machine.programs / "old")).python.minor == OWN


def test_a_path_with_folders_that_cannot_be_read_does_no_harm(machine):
    machine.environment()
    closed = machine.folder / "closed"
    closed.mkdir(mode=0o000)
    file = machine.put("file")
    loop = machine.folder / "loop"
    loop.symlink_to(loop)
    odd = [str(closed), str(file), str(loop), "/nowhere", "x" * 5000, "", "\udcff"]
    machine.variables["PATH"] = os.pathsep.join([*odd, str(machine.programs)])
    machine.variables["PYTHONPATH"] = os.pathsep.join(odd)
    machine.variables["LD_LIBRARY_PATH"] = os.pathsep.join(odd)
    machine.gpu()
    seen = machine.seen()
    assert seen.nvidia.driver == "550.54.14"
    assert seen.search.first("libcuda.so.1").by == "default"
    closed.chmod(0o700)


# What is installed.


def test_what_pythonpath_and_the_user_site_hide_is_seen(machine):
    machine.environment().install("numpy", "1.26.4")
    elsewhere = machine.folder / "elsewhere"
    machine.install("numpy", "2.1.0", folder=elsewhere)
    machine.variables["PYTHONPATH"] = str(elsewhere)
    environment = machine.seen().environment
    assert environment.first["numpy"].kind == "PYTHONPATH"
    assert [one.version for one in environment.hidden] == ["1.26.4"]


def test_the_user_site_counts_only_where_python_looks_there(machine):
    user = machine.folder / "user"
    machine.install("numpy", "2.1.0", folder=user)
    machine.python_that_says(user_site=str(user), is_environment=False)
    machine.install("numpy", "1.26.4")
    assert machine.seen().environment.first["numpy"].kind == "user site"
    machine.variables["PYTHONNOUSERSITE"] = "1"
    assert machine.seen().environment.version("numpy") == "1.26.4"


@pytest.mark.parametrize("content", [None, b"", b"\xff\xfe\x00", b"no header at all\n\nbody"])
def test_metadata_that_is_broken_is_told_and_the_folder_believed(content, machine):
    machine.environment()
    info = machine.site / "tensorflow-2.15.1.dist-info"
    info.mkdir()
    if content is not None:
        (info / "METADATA").write_bytes(content)
    one = machine.seen().environment.first["tensorflow"]
    assert one.version == "2.15.1"
    assert one.fault == "tensorflow-2.15.1.dist-info has no METADATA that can be read"


@pytest.mark.parametrize("folder", ["numpy-9.9.9", "pandas-1.26.4", "numpy"])
def test_a_folder_that_is_named_wrongly_is_told_and_the_metadata_believed(folder, machine):
    machine.environment().install("numpy", "1.26.4")
    (machine.site / "numpy-1.26.4.dist-info").rename(machine.site / f"{folder}.dist-info")
    one = machine.seen().environment.first["numpy"]
    assert (one.name, one.version) == ("numpy", "1.26.4")
    assert "is named wrongly" in one.fault


def test_a_folder_that_tells_nothing_and_what_an_uninstall_left_are_told(machine):
    machine.environment()
    for name in ("nameless", "~ensorflow-2.15.1", "-umpy-1.0"):
        (machine.site / f"{name}.dist-info").mkdir()
    environment = machine.seen().environment
    assert set(environment.first) == set()
    assert len(environment.faults) == 3


def test_eggs_and_odd_spellings_are_read(machine):
    machine.environment()
    egg = machine.site / "Old_Thing.x-1.2-py3.7.egg-info"
    egg.write_text("Name: Old_Thing.x\nVersion: 1.2\n", encoding="utf-8")
    folder = machine.site / "other-1.0-py3.7.egg-info"
    folder.mkdir()
    (folder / "PKG-INFO").write_text("Name: other\nVersion: 1.0\n", encoding="utf-8")
    environment = machine.seen().environment
    assert environment.version("old-thing-x") == "1.2"
    assert environment.version("other") == "1.0"
    assert normalised("Tf_Keras") == "tf-keras"


def test_only_headers_are_requirements(machine):
    machine.environment().install("tensorflow", "2.15.1", "numpy<2", files=("x.py",))
    one = machine.seen().environment.first["tensorflow"]
    assert one.requires == ("numpy<2",)
    assert one.has_tensorflow is False


# GPUs and their driver.


def test_a_machine_without_a_gpu_has_none(machine):
    seen = machine.environment().seen()
    assert seen.nvidia.gpus == ()
    assert seen.nvidia.fault is None
    assert seen.nvidia.asked is None


def test_nvidia_smi_tells_the_gpu_and_the_driver(machine):
    nvidia = machine.environment().gpu().seen().nvidia
    assert nvidia.gpus == (Gpu("Tesla V100-PCIE-16GB", "7.0"),)
    assert (nvidia.driver, nvidia.asked) == ("550.54.14", "nvidia-smi")


def test_nvidia_smi_that_hangs_is_given_up(machine):
    machine.environment().program("nvidia-smi", "exec sleep 60")
    begun = time.monotonic()
    assert "did not answer" in machine.seen(timeout=0.5).nvidia.fault
    assert time.monotonic() - begun < 10


def test_nvidia_smi_that_fails_is_told(machine):
    error = "Failed to initialize NVML: Driver/library version mismatch"
    machine.environment().program("nvidia-smi", f"echo '{error}'; exit 18")
    assert error in machine.seen().nvidia.fault


def test_mig_devices_are_parts_of_their_gpu(machine):
    lines = [
        "NVIDIA H100 80GB HBM3, 9.0, 550.54.14",
        "  MIG 1g.10gb Device 0: (UUID: MIG-3a1b6f6c-0000-5000-8000-000000000000)",
        "  MIG 1g.10gb Device 1: (UUID: MIG-3a1b6f6c-0000-5000-8000-000000000001)",
    ]
    machine.environment().program("nvidia-smi", "\n".join(f"echo '{line}'" for line in lines))
    assert machine.seen().nvidia.gpus == (Gpu("NVIDIA H100 80GB HBM3", "9.0"),)


def test_the_driver_names_further_gpus(machine):
    machine.environment().gpu("NVIDIA GeForce RTX 4090", "8.9")
    for place, model in enumerate(("NVIDIA GeForce RTX 4090", "NVIDIA GeForce GTX 1080")):
        machine.put(f"proc/driver/nvidia/gpus/{place}/information", f"Model: \t\t {model}\nIRQ: 1")
    names = [gpu.name for gpu in machine.seen().nvidia.gpus]
    assert names == ["NVIDIA GeForce RTX 4090", "NVIDIA GeForce GTX 1080"]
    assert [gpu.compute_capability for gpu in machine.case().gpus] == ["8.9", "6.1"]


def test_the_driver_names_the_gpu_where_nvidia_smi_is_not_there(machine):
    machine.environment().gpu()
    (machine.programs / "nvidia-smi").unlink()
    machine.put("proc/driver/nvidia/gpus/0/information", "Model: NVIDIA GeForce GTX 1080\n")
    nvidia = machine.seen().nvidia
    assert nvidia.gpus == (Gpu("NVIDIA GeForce GTX 1080", None),)
    assert (nvidia.driver, nvidia.asked, nvidia.has_tool) == ("550.54.14", "driver", False)


def test_the_bus_shows_a_gpu_without_a_driver(machine):
    machine.environment()
    for name, vendor, kind in (
        ("0000:01:00.0", "0x10de", "0x030000"),
        ("0000:01:00.1", "0x10de", "0x040300"),  # its sound
        ("0000:02:00.0", "0x8086", "0x030000"),
    ):
        machine.put(f"sys/bus/pci/devices/{name}/vendor", f"{vendor}\n")
        machine.put(f"sys/bus/pci/devices/{name}/class", f"{kind}\n")
    nvidia = machine.seen().nvidia
    assert (nvidia.gpus, nvidia.asked) == ((Gpu(None, None),), "PCI")


_PYNVML = """\
class NVMLError(Exception):
    pass

def nvmlInit():
    {init}

def nvmlDeviceGetCount():
    return 2

def nvmlDeviceGetHandleByIndex(number):
    return number

def nvmlSystemGetDriverVersion():
    return b"560.35.03"

def nvmlDeviceGetName(handle):
    return ["NVIDIA A100-SXM4-40GB", b"NVIDIA T4"][handle]

def nvmlDeviceGetCudaComputeCapability(handle):
    return [(8, 0), (7, 5)][handle]
"""


@pytest.fixture
def nvml(machine, monkeypatch):
    def there(init):
        folder = machine.folder / "nvml"
        folder.mkdir()
        (folder / "pynvml.py").write_text(_PYNVML.format(init=init), encoding="utf-8")
        monkeypatch.syspath_prepend(str(folder))
        machine.variables["PYTHONPATH"] = str(folder)
        return machine

    return there


def test_nvml_is_asked_first_where_its_binding_is_there(nvml):
    nvidia = nvml("pass").environment().gpu().seen().nvidia
    assert nvidia.gpus == (Gpu("NVIDIA A100-SXM4-40GB", "8.0"), Gpu("NVIDIA T4", "7.5"))
    assert (nvidia.driver, nvidia.asked) == ("560.35.03", "NVML")


@pytest.mark.parametrize(
    "init", ["raise NVMLError('mismatch')", "raise ValueError", "import time; time.sleep(60)"]
)
def test_where_nvml_fails_or_hangs_nvidia_smi_counts(init, nvml):
    seen = nvml(init).environment().gpu().seen(timeout=1.0)
    assert seen.nvidia.asked == "nvidia-smi"
    assert seen.nvidia.driver == "550.54.14"


# The machine.


def test_a_root_without_proc_and_sys_leaves_things_unknown(machine):
    machine.environment()
    (machine.root / "proc/cpuinfo").unlink()
    (machine.root / "proc").rmdir()
    found = machine.seen().machine
    assert (found.instructions, found.container, found.gpu_devices) == (None, False, False)


@pytest.mark.parametrize(
    ("cpuinfo", "expected"),
    [
        ("flags : fpu avx\nflags : fpu avx\n", ("avx",)),
        ("flags : fpu avx\nflags : fpu sse2\n", ()),
        ("flags : fpu avx avx2\nflags : fpu avx\n", ("avx",)),
        ("flags : fpu avx2 avx512f\n", ("avx2",)),
        ("Features : fp asimd\n", None),
    ],
)
def test_instructions_are_read_of_every_processor(cpuinfo, expected, machine):
    machine.environment().put("proc/cpuinfo", cpuinfo)
    assert machine.seen().machine.instructions == expected


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (".dockerenv", ""),
        ("run/.containerenv", ""),
        ("proc/1/cgroup", "0::/kubepods/besteffort/pod1\n"),
    ],
)
def test_a_container_is_known_by_its_marks(path, text, machine):
    machine.environment()
    assert machine.seen().machine.container is False
    machine.put(path, text)
    assert machine.seen().machine.container is True


def test_wsl2_is_known_by_its_kernel(machine):
    machine.environment().put("proc/sys/kernel/osrelease", "5.15.1-microsoft-standard-WSL2\n")
    found = machine.seen().machine
    assert (found.wsl2, found.wsl_driver) == (True, False)
    machine.put("usr/lib/wsl/lib/libcuda.so.1")
    assert machine.seen().machine.wsl_driver is True


@pytest.mark.parametrize(
    ("marks", "expected"),
    [
        ({"sys_platform": "win32", "platform_machine": "AMD64"}, "windows-x86_64"),
        ({"sys_platform": "darwin", "platform_machine": "arm64"}, "macos-arm64"),
        ({"platform_machine": "aarch64"}, "linux-aarch64"),
        ({"sys_platform": "linux2", "python_version": "2.7"}, "linux-x86_64"),
        ({"sys_platform": "freebsd14"}, None),
    ],
)
def test_the_platform_is_that_of_the_active_python(marks, expected, machine):
    assert machine.python_that_says(marks=marks).seen().machine.platform == expected


def test_settings_of_other_programs_are_left_alone(machine):
    machine.environment()
    machine.variables |= {"TF_VAR_password": "secret", "TF_XLA_FLAGS": "--x", "OTHER": "1"}
    assert machine.seen().settings == {"TF_XLA_FLAGS": "--x"}


# The loader's search.


def test_the_loader_looks_in_its_order(machine):
    machine.environment()
    name = "libcudnn.so.8"
    named = machine.folder / "named"
    wheel = machine.site / "nvidia" / "cudnn" / "lib"
    cached = machine.folder / "cached"
    line = f"{name} (libc6,x86-64) => {cached / name}"
    machine.program("ldconfig", f"echo '\t{line}'")
    machine.library(machine.root / "usr/lib", name)
    assert machine.seen().search.first(name).by == "default"
    machine.library(cached, name)
    assert machine.seen().search.first(name).by == "cache"
    machine.library(wheel, name)
    assert machine.seen().search.first(name).by == "wheels"
    machine.library(named, name, "libcudnn.so.8.9.4")
    machine.variables["LD_LIBRARY_PATH"] = f"/nowhere:{named}"
    found = list(machine.seen().search.all(name))
    assert [one.by for one in found] == ["LD_LIBRARY_PATH", "wheels", "cache", "default"]
    assert [one.version for one in found] == ["8.9.4", None, None, None]


def test_a_library_that_is_a_loop_or_a_folder_is_none(machine):
    machine.environment()
    folder = machine.folder / "odd"
    (folder / "libcudart.so.12").mkdir(parents=True)
    (folder / "libcublas.so.12").symlink_to("libcublas.so.12")
    machine.variables["LD_LIBRARY_PATH"] = str(folder)
    search = machine.seen().search
    assert search.first("libcudart.so.12") is None
    assert search.first("libcublas.so.12") is None


def test_the_cache_is_read_for_64_bits_only():
    text = (
        "3 libs found in cache `/etc/ld.so.cache'\n"
        "\tlibcuda.so.1 (libc6) => /lib/i386-linux-gnu/libcuda.so.1\n"
        "\tlibcuda.so.1 (libc6,x86-64) => /lib/x86_64-linux-gnu/libcuda.so.1\n"
        "\tlibcuda.so.1 (libc6,x86-64) => /second/libcuda.so.1\n"
        "\tlibcudart.so.12 (libc6,AArch64) => /lib/aarch64-linux-gnu/libcudart.so.12\n"
    )
    assert parse_cache(text) == {
        "libcuda.so.1": "/lib/x86_64-linux-gnu/libcuda.so.1",
        "libcudart.so.12": "/lib/aarch64-linux-gnu/libcudart.so.12",
    }


@pytest.mark.parametrize("script", ["exec sleep 60", "exit 1", "echo \\\\377"])
def test_an_ldconfig_that_hangs_or_fails_leaves_the_cache_empty(script, machine):
    machine.environment().program("ldconfig", script)
    assert machine.seen(timeout=1.0).search.first("libcuda.so.1") is None


# The environment that this program was started in.


@pytest.fixture
def two(machine):
    """A machine with two real environments, of which the first is active."""
    machine.environment("other")
    own = machine.folder / "own"
    venv.create(own, symlinks=True)
    return machine, machine.variables["VIRTUAL_ENV"], str(own)


def looked_at(machine, own, **changes):
    """Return the Python that is looked at where the one of an environment runs this program."""
    variables = {**machine.variables, **changes}
    return active_python(variables, None, f"{own}/bin/python", started_in=own_environment(own, ""))


def test_the_environment_that_it_was_started_in_goes_before_the_active_one(two):
    machine, other, own = two
    python = looked_at(machine, own)
    assert (python.chosen_by, python.program) == ("kb", f"{own}/bin/python")
    assert python.active == other
    for name in ("VIRTUAL_ENV", "CONDA_PREFIX"):
        machine.variables["VIRTUAL_ENV"] = ""
        python = looked_at(machine, own, **{name: other})
        assert (python.chosen_by, python.active) == ("kb", other)


def test_the_own_environment_is_called_by_what_makes_it_active(two):
    machine, _, own = two
    python = looked_at(machine, own, VIRTUAL_ENV=own)
    assert (python.chosen_by, python.active) == ("VIRTUAL_ENV", None)
    path = f"{own}/bin{os.pathsep}{machine.variables['PATH']}"
    python = looked_at(machine, own, VIRTUAL_ENV="", PATH=path)
    assert (python.chosen_by, python.program) == ("PATH", f"{own}/bin/python")


@pytest.mark.parametrize("mark", ["pipx_metadata.json", "uv-receipt.toml"])
def test_an_environment_that_was_made_for_the_program_does_not_count(mark, two):
    machine, other, own = two
    Path(own, mark).touch()
    assert own_environment(own, "") is None
    python = looked_at(machine, own)
    assert (python.chosen_by, python.program) == ("VIRTUAL_ENV", f"{other}/bin/python")
    assert python.active is None


def test_an_environment_in_the_cache_of_uvx_does_not_count():
    assert own_environment("/home/me/.cache/uv/archive-v0/7D9mayTjwiqj07P5", "/usr") is None
    assert own_environment("/usr", "/usr") is None
    assert own_environment("/home/me/archive/env", "/usr") == "/home/me/archive/env"


def test_a_python_that_is_named_goes_before_the_own_one(two):
    machine, other, own = two
    python = active_python(machine.variables, other, f"{own}/bin/python", started_in=own)
    assert (python.chosen_by, python.active) == ("--python", None)
