"""The words of questions, read leniently: versions, Pythons, systems, processors, devices.

Each reader returns the one word that the knowledge base uses, and returns that word unchanged. One
raises WrongUsage for what cannot be meant, with the nearest that can.
"""

import re
from collections.abc import Mapping
from typing import Literal, NoReturn, TypeVar, get_args

from kb.base.errors import NothingFound, WrongUsage
from kb.base.model import Device, Platform, Python
from kb.base.nearest import nearest
from kb.base.printable import shown

Os = Literal["linux", "wsl2", "windows", "macos"]
Arch = Literal["x86_64", "arm64", "armv7l"]
# What may be asked for: `gpu` is the one that goes without saying on a platform.
AskedDevice = Literal["cpu", "gpu", "cuda", "rocm", "metal", "directml", "xpu"]

# How people write a compute capability, in lower case: `8.6`, `cc 8.6`; `sm_86`, `compute_90a`.
# Regular expressions that Python and JavaScript read alike; the groups are its two numbers.
CAPABILITY_FORMS: tuple[str, ...] = (
    r"^[^!-~]*(?:compute[ _]?cap(?:ability)?|cc)?[ :=]*([0-9]{1,3})\.([0-9])[^!-~]*$",
    r"^[^!-~]*(?:sm|compute)[ _-]?([0-9]{1,2})([0-9])[af]?[^!-~]*$",
)

# Drivers were never numbered below this, and a CUDA is numbered far below it.
LEAST_DRIVER = "40"
CUDA_NOT_DRIVER = (
    "{version} is the CUDA version that nvidia-smi prints, not the driver: "
    "which Driver Version (or KMD Version) does it print? One looks like 535.104.05"
)
WINDOWS_NUMBER = (
    "{version} is Windows' own number for a driver: "
    "which Driver Version (or KMD Version) does nvidia-smi print? One looks like 537.13"
)
_DRIVER_DOTS = 2  # of 535.104.05
LONGEST = 300  # characters; longer than any line that a driver prints
_Word = TypeVar("_Word", bound=str)
_SYSTEMS: Mapping[str, Os] = {
    **dict.fromkeys(("linux", "gnulinux", "linux64", "ubuntu", "debian", "fedora"), "linux"),
    **dict.fromkeys(("raspbian", "raspberrypios"), "linux"),
    **dict.fromkeys(("wsl2", "wsl", "linuxwsl2"), "wsl2"),
    **dict.fromkeys(("windows", "win", "win32", "win64", "windows10", "windows11"), "windows"),
    **dict.fromkeys(("win10", "win11"), "windows"),
    **dict.fromkeys(("macos", "mac", "macosx", "osx", "darwin"), "macos"),
}
_PROCESSORS: Mapping[str, Arch] = {
    **dict.fromkeys(("x86_64", "x86-64", "x8664", "x64", "amd64"), "x86_64"),
    **dict.fromkeys(("aarch64", "arm64", "armv8", "arm"), "arm64"),
    **dict.fromkeys(("armv7l", "armv7", "armhf", "arm32"), "armv7l"),
}
# Processors for which no distribution of TensorFlow has a wheel on the index.
_UNSERVED = frozenset(
    ("armv6l", "armv6", "i386", "i686", "riscv64", "ppc64le", "ppc64", "s390x", "loongarch64")
)
# How the tags of wheels name a system, before the version of it.
_TAGGED: Mapping[str, Os] = {"manylinux": "linux", "macosx": "macos"}
_DEVICES: Mapping[str, AskedDevice] = {
    **{name: name for name in get_args(AskedDevice)},
    "nvidia": "cuda",
    "amd": "rocm",
    "hip": "rocm",
    "mps": "metal",
    "apple": "metal",
    "dml": "directml",
    "intel": "xpu",
}
PLATFORMS: Mapping[tuple[Os, Arch], Platform] = {
    ("linux", "x86_64"): "linux-x86_64",
    ("linux", "arm64"): "linux-aarch64",
    ("windows", "x86_64"): "windows-x86_64",
    ("macos", "x86_64"): "macos-x86_64",
    ("macos", "arm64"): "macos-arm64",
}


def read_version(text: str) -> str:
    """Return the version that a text names, such as `tf 2.15`, `tensorflow==2.15`, `2.15.*`.

    A candidate loses its sign: `2.15.0-rc1`. What names none is returned as it is, in lower
    case: it will not be found.
    """
    plain = text.strip().lower()
    if _is_dotted(plain) or len(plain) > LONGEST:
        return plain
    if plain == "tf-nightly":
        return "nightly"
    named = re.fullmatch(
        r"(?:(?:tf|tensorflow)(?:[-_][a-z]+)*(?:\[[a-z0-9, _-]*\])?)?\s*(?:={1,3}|[-_:@])?\s*v?"
        r"([0-9][0-9a-z.+]*?)(?:[-_.]?(rc[0-9]+))?(?:\.[*x])?",
        plain,
    )
    return f"{named[1]}{named[2] or ''}" if named else plain


def read_python(text: str) -> Python:
    """Return the Python that a text names, such as `3.11.4`, `python3.11` or `py311`.

    Raises NothingFound for one that runs without the global lock, such as `3.13t`.
    """
    plain = text.strip().lower()
    if _is_dotted(plain) and plain.count(".") == 1 and len(plain) <= 5 and plain[1] == ".":
        return plain
    named = re.fullmatch(
        r"(?:c?python|py|cp|v)?[ _-]?([0-9])\.([0-9]{1,3})"
        r"(?:\.(?:[0-9]{1,3}|[*x]))?(?:(?:a|b|rc)[0-9]{1,2})?(t?)",
        plain[:LONGEST],
        re.ASCII,
    ) or re.fullmatch(r"(?:python|py|cp)([23])([0-9]{1,2})(t?)", plain[:LONGEST], re.ASCII)
    if named is None:
        raise WrongUsage(f"{shown(text)!r} is not a Python; write it like 3.12")
    python = f"{named[1]}.{named[2]}"
    if named[3]:
        message = f"no TensorFlow has a wheel for Python {python}t, the free-threaded one"
        raise NothingFound(message, (f"Python {python}",))
    return python


def read_system(text: str) -> Os:
    """Return the operating system that a text names, such as `mac` or `Windows`."""
    letters = _letters(text)
    found = _SYSTEMS.get(letters) or _SYSTEMS.get(letters.rstrip("0123456789"))
    return found or _refuse(text, "an operating system", "linux", nearest(text, get_args(Os)))


def read_processor(text: str) -> Arch:
    """Return the processor that a text names, such as `amd64` or `aarch64`.

    Raises NothingFound for one that TensorFlow has no wheel for.
    """
    plain = text.strip().lower()
    if plain in _UNSERVED:
        message = f"no TensorFlow on the package index has a wheel for {plain}"
        raise NothingFound(message, get_args(Arch)[:2])
    found = _PROCESSORS.get(plain)
    if found is None:
        near: dict[Arch, str] = {}  # one spelling each: ours where it is near
        for spelling in nearest(text, _PROCESSORS):
            meant = _PROCESSORS[spelling]
            near[meant] = meant if spelling == meant else near.get(meant, spelling)
        _refuse(text, "a processor", "x86_64", tuple(near.values()))
    return found


def read_platform(text: str) -> Platform:
    """Return the platform that a text names: a system, a processor or both, in any order.

    Raises NothingFound for one that TensorFlow has no wheel for.
    """
    system, processor = read_platform_parts(text)
    return platform_of(system, processor)


def read_platform_parts(text: str) -> tuple[Os | None, Arch | None]:
    """Return the system and the processor that a text names; None for what it leaves out."""
    plain = text.strip().lower()[:LONGEST]
    processor: Arch | None = None
    for name, meant in _PROCESSORS.items():
        around = re.fullmatch(rf"(|.*[^a-z0-9]){re.escape(name)}(|[^a-z0-9].*)", plain)
        if around:
            processor, plain = meant, f"{around[1]} {around[2]}"
            break
    letters = _letters(plain)
    system = _SYSTEMS.get(letters) or _TAGGED.get(letters.rstrip("0123456789"))
    if (letters and system is None) or not (system or processor):
        _refuse(text, "a platform", "linux-x86_64", nearest(text, get_args(Platform)))
    return system, processor


def platform_of(system: Os | None, processor: Arch | None) -> Platform:
    """Return the platform of a system and a processor; what is not told is the usual one.

    Raises NothingFound where TensorFlow has no wheel for it.
    """
    base: Os = "linux" if system in (None, "wsl2") else system
    usual: Arch = "arm64" if base == "macos" else "x86_64"
    platform = PLATFORMS.get((base, processor or usual))
    if platform is None:
        message = (
            f"no TensorFlow has a wheel for {base}-{processor}; "
            f"find --os {base} --arch {processor} tells what people use there"
        )
        raise NothingFound(message, (PLATFORMS[base, usual],))
    return platform


def read_device(text: str) -> AskedDevice:
    """Return the device that a text names; `gpu` stays what it is until a platform is known."""
    found = _DEVICES.get(text.strip().lower())
    return found or _refuse(text, "a device", "cpu or gpu", nearest(text, _DEVICES))


def device_on(device: AskedDevice, platform: Platform | None) -> Device:
    """Return the device that is meant on a platform: `gpu` is Metal on macOS, CUDA elsewhere."""
    if device != "gpu":
        return device
    return "metal" if platform is not None and platform.startswith("macos") else "cuda"


def read_compute_capability(text: str) -> str:
    """Return the compute capability that a text names, such as `8.6`, `86` or `sm_86`."""
    plain = text.strip()
    digits = plain if re.fullmatch("[0-9]{2,3}", plain) else None
    capability = f"{digits[:-1]}.{digits[-1]}" if digits else capability_in(text)
    if capability is None:
        raise WrongUsage(f"{shown(text)!r} is not a compute capability; write it like 8.6")
    return capability


def capability_in(text: str) -> str | None:
    """Return the compute capability that a text is, whether any GPU has it or not, or None."""
    plain = text[:LONGEST].lower()
    for form in CAPABILITY_FORMS:
        if named := re.match(form, plain):
            return f"{named[1]}.{named[2]}"
    return None


def read_driver(text: str) -> str:
    """Return the version of a driver. Raises WrongUsage, for the version of a CUDA as well."""
    version = _numbers(text, "a driver version; nvidia-smi shows one like 535.104.05")
    if version.count(".") > _DRIVER_DOTS:
        raise WrongUsage(WINDOWS_NUMBER.format(version=version))
    if int(version.partition(".")[0]) < int(LEAST_DRIVER):
        raise WrongUsage(CUDA_NOT_DRIVER.format(version=version))
    return version


def read_cuda(text: str) -> str:
    """Return the version of a CUDA, such as `12.1` or, as builds are tagged, `cu121`."""
    if tag := re.fullmatch(r"cu(?:da)?[ _-]?([0-9]{2})([0-9])", text.strip().lower()[:LONGEST]):
        return f"{tag[1]}.{tag[2]}"
    return _numbers(text, "a version of CUDA; write it like 12.4")


def read_xla(text: str) -> Literal["off"] | None:
    """Return whether XLA is left off; None where it may be on, as it is by itself."""
    plain = text.strip().lower()
    if plain not in ("on", "off"):
        raise WrongUsage(f"{shown(text)!r} is neither on nor off", ("off", "on"))
    return "off" if plain == "off" else None


def read_glibc(text: str) -> str:
    """Return the version of a glibc."""
    return _numbers(text, "a version of glibc; `ldd --version` shows one like 2.35")


def read_macos(text: str) -> str:
    """Return the version of a macOS."""
    return _numbers(text, "a version of macOS; write it like 14.5")


def _numbers(text: str, what: str) -> str:
    named = re.fullmatch(
        r"[a-z ]*([0-9]{1,9}(?:\.[0-9]{1,9}){0,3})", text.strip().lower()[:LONGEST]
    )
    if named is None:
        raise WrongUsage(f"{shown(text)!r} is not {what}")
    return named[1]


def _is_dotted(text: str) -> bool:
    """Tell whether a text is numbers with dots between; without an expression, which costs."""
    return text.isascii() and all(map(str.isdigit, text.split(".")))


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text[:LONGEST].lower()))


def _refuse(text: str, what: str, example: str, near: tuple[str, ...]) -> NoReturn:
    close = f"; nearest: {', '.join(near)}" if near else ""
    raise WrongUsage(f"{shown(text)!r} is not {what}; write it like {example}{close}", near)
