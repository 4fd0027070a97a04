"""What is on this machine and in the active environment, seen without importing any of it."""

import re
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from kb.base.model import Platform
from kb.base.names import platform_of
from kb.base.record import Record
from kb.machine.active_python import ActivePython, active_python
from kb.machine.detection import Detected, detected
from kb.machine.installed import Environment, environment_of
from kb.machine.loader_paths import LoaderSearch, loader_cache, wheel_folders
from kb.machine.makers import OtherMakers, other_makers
from kb.machine.nvidia import Nvidia, nvidia
from kb.machine.root_files import text_of

_MAX_CPUINFO = 1024 * 1024  # bytes: it tells of every processor
_CONTAINER_FILES = (".dockerenv", "run/.containerenv")
_CONTAINER_WORDS = ("docker", "kubepods", "containerd", "lxc", "libpod")
# Named one by one: Terraform's variables begin with TF_ too, and hold secrets.
_SETTINGS = (
    *("CUDA_DEVICE_ORDER", "CUDA_HOME", "CUDA_PATH", "CUDA_VISIBLE_DEVICES", "KERAS_BACKEND"),
    *("LD_LIBRARY_PATH", "LD_PRELOAD", "NVIDIA_VISIBLE_DEVICES", "PYTHONHOME", "PYTHONPATH"),
    *("TF_CPP_MIN_LOG_LEVEL", "TF_CUDNN_DETERMINISTIC", "TF_DETERMINISTIC_OPS"),
    *("TF_ENABLE_ONEDNN_OPTS", "TF_FORCE_GPU_ALLOW_GROWTH", "TF_GPU_ALLOCATOR"),
    *("TF_GPU_THREAD_MODE", "TF_USE_LEGACY_KERAS", "TF_XLA_FLAGS", "XLA_FLAGS"),
)
_DATA_DIR = re.compile(r"--xla_gpu_cuda_data_dir=(\S{1,1000})")
_SHADOWS = ("tensorflow", "keras", "numpy", "h5py")


class Machine(Record):
    """The machine: None is unknown. `gpu_devices` tells whether the driver's device files are
    there, `wsl_driver` whether Windows shares its driver, `instructions` which of AVX and AVX2 the
    processor has.
    """

    os: str | None
    platform: Platform | None
    glibc: str | None
    macos: str | None
    wsl2: bool
    wsl_driver: bool
    container: bool
    gpu_devices: bool
    instructions: tuple[str, ...] | None


class Shadow(Record):
    """A file or package that is imported in place of an installed one; the current folder has no
    name.
    """

    file: str
    folder: str | None


class Inspection(Record):
    """All that is seen. `has_package` tells whether there is a package `tensorflow` to import,
    `missing_folders` are folders that settings name and that are not there.
    """

    machine: Machine
    nvidia: Nvidia
    python: ActivePython
    environment: Environment
    search: LoaderSearch
    settings: dict[str, str]
    missing_folders: tuple[str, ...]
    shadows: tuple[Shadow, ...]
    has_package: bool
    others: OtherMakers = OtherMakers()


class Setting(Record):
    """What the inspection starts from: the environment's variables, the Python that is named, the
    current folder, the root below which /proc and /sys are, how many seconds a program that is
    asked has, and the environment whose Python runs this, where that is the one to look at.
    """

    variables: Mapping[str, str]
    python: str | None = None
    folder: Path = Path()
    root: Path = Path("/")
    timeout: float = 5.0
    started_in: str | None = None


def inspect(setting: Setting) -> Inspection:
    """Look at the machine and the active environment. Raises Unanswered."""
    with ThreadPoolExecutor(3) as pool:  # each waits for a program
        asked = pool.submit(detected, setting.variables, setting.timeout)
        python = pool.submit(
            active_python,
            setting.variables,
            setting.python,
            sys.executable,
            setting.timeout,
            setting.started_in,
        )
        cache = pool.submit(loader_cache, setting.variables, setting.timeout)
        machine = asked.result()
        active = python.result()
        gpus = nvidia(machine, setting.variables, setting.root, setting.timeout)
        found = cache.result() if machine.os == "linux" else {}
    places = [place.folder for place in active.places]
    environment = environment_of(active.places)
    settings = {name: setting.variables[name] for name in _SETTINGS if name in setting.variables}
    return Inspection(
        machine=_machine(machine, active, setting.root),
        nvidia=gpus,
        python=active,
        environment=environment,
        search=LoaderSearch(setting.variables, wheel_folders(places), found, setting.root),
        settings=settings,
        missing_folders=tuple(_missing(settings)),
        shadows=tuple(_shadows(setting.folder, active, environment)),
        others=other_makers(setting.root),
        has_package=any(_is_there(Path(place, "tensorflow", "__init__.py")) for place in places),
    )


def _machine(found: Detected, python: ActivePython, root: Path) -> Machine:
    kernel = text_of(root / "proc/sys/kernel/osrelease")
    wsl2 = "microsoft" in kernel if kernel else found.wsl2
    return Machine(
        os=found.os,
        platform=_platform(python),
        glibc=None if python.is_musl else found.glibc,
        macos=found.macos,
        wsl2=wsl2,
        wsl_driver=_is_there(root / "usr/lib/wsl/lib/libcuda.so.1"),
        container=_is_container(root),
        gpu_devices=any(_is_there(root / "dev" / name) for name in ("nvidiactl", "dxg")),
        instructions=_instructions(text_of(root / "proc/cpuinfo", _MAX_CPUINFO)),
    )


def _platform(python: ActivePython) -> Platform | None:
    """Return the platform of the active Python, which need not be that of the machine."""
    system = python.marks["sys_platform"].rstrip("2") if python.minor == "2.7" else ""
    system = system if system == "linux" else python.marks["sys_platform"]
    return platform_of(system, python.marks["platform_machine"])


def _is_container(root: Path) -> bool:
    if any(_is_there(root / name) for name in _CONTAINER_FILES):
        return True
    groups = text_of(root / "proc/1/cgroup")
    return any(word in groups for word in _CONTAINER_WORDS)


def _instructions(cpuinfo: str) -> tuple[str, ...] | None:
    """Return which of AVX and AVX2 every x86 processor has; None where nothing tells."""
    flags = [set(line.split()) for line in cpuinfo.splitlines() if line.startswith("flags")]
    return tuple(sorted({"avx", "avx2"}.intersection(*flags))) if flags else None


def _missing(settings: Mapping[str, str]) -> list[str]:
    """Return the folders in which XLA is told to look for CUDA and that are not there."""
    named = _DATA_DIR.findall(settings.get("XLA_FLAGS", ""))
    return [folder for folder in named if not _is_there(Path(folder))]


def _shadows(folder: Path, python: ActivePython, environment: Environment) -> Iterator[Shadow]:
    """Yield what a program started here imports first, and what PYTHONPATH holds that nobody
    installed there.
    """
    files = [f"{name}.py" for name in _SHADOWS] + [f"{name}/__init__.py" for name in _SHADOWS]
    yield from (Shadow(file, None) for file in files if _is_there(folder / file))
    installed = {
        (distribution.name, distribution.folder) for distribution in environment.first.values()
    }
    for place in python.places:
        if place.kind == "PYTHONPATH":
            for file in files:
                name = file.partition("/")[0].removesuffix(".py")
                if (name, place.folder) not in installed and _is_there(Path(place.folder, file)):
                    yield Shadow(file, place.folder)


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        return False
