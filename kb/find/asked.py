"""What is asked of `find`: words about a machine made into a question."""

import sys
from collections.abc import Callable, Mapping
from typing import Any, Literal

from kb.answers.fit_rules import MachineQuestion
from kb.answers.gpu_asked import understood
from kb.answers.release_asked import asked_release
from kb.base.errors import NothingFound, WrongUsage
from kb.base.printable import printable
from kb.base.record import Record
from kb.base.store import Store
from kb.base.vocabulary import (
    Arch,
    AskedDevice,
    Os,
    read_compute_capability,
    read_cuda,
    read_device,
    read_driver,
    read_glibc,
    read_macos,
    read_processor,
    read_python,
    read_system,
    read_version,
)
from kb.index.gpus import is_on_arm, meaning, named_gpu
from kb.index.records import Index
from kb.index.words import Maker

_OF_GPUS = ("gpu", "compute_capability", "driver", "cuda")
_MAKERS: dict[AskedDevice, Maker] = {"rocm": "amd", "metal": "apple", "xpu": "intel"}
_SYSTEMS: dict[AskedDevice, Os] = {"metal": "macos", "directml": "windows"}


class MachineWords(Record):
    """What is told of a machine, in the words of `kb.base.vocabulary`; None is not told."""

    os: Os | None = None
    arch: Arch | None = None
    python: str | None = None
    device: AskedDevice | None = None
    gpu: str | None = None
    compute_capability: str | None = None
    driver: str | None = None
    cuda: str | None = None
    glibc: str | None = None
    macos: str | None = None
    release: str | None = None


_READERS: Mapping[str, Callable[[str], Any]] = {
    "os": read_system,
    "arch": read_processor,
    "python": read_python,
    "device": read_device,
    "gpu": printable,
    "compute_capability": read_compute_capability,
    "driver": read_driver,
    "cuda": read_cuda,
    "glibc": read_glibc,
    "macos": read_macos,
    "release": read_version,
}


def read_words(**given: str) -> MachineWords:
    """Return what is told of a machine, each word read. Raises WrongUsage, and TypeError for what
    is no part of a machine.
    """
    read: dict[str, Any] = {
        name: _READERS[name](text) if name in _READERS else text for name, text in given.items()
    }
    words = MachineWords(**read)
    check_words(words)
    return words


def check_words(words: MachineWords, called: Callable[[str], str] = str) -> None:
    """Raise WrongUsage where the words contradict each other; `called` is what a part is called."""
    of_gpus = [called(name) for name in _OF_GPUS if getattr(words, name) is not None]
    device, gpu, capability = map(called, ("device", "gpu", "compute_capability"))
    if words.device == "cpu" and of_gpus:
        raise WrongUsage(f"{of_gpus[0]} asks for a GPU and {device} cpu for none; drop one")
    if words.gpu is not None and words.compute_capability is not None:
        raise WrongUsage(f"{gpu} and {capability} say the same; drop one")


def fill_in(words: MachineWords) -> MachineWords:
    """Return the words with what is not told filled in from this machine. Raises NothingFound."""
    from kb.machine.detection import detected

    machine = detected()
    if machine.os is None or machine.arch is None:
        raise NothingFound("TensorFlow has no wheel for a system like this one")
    if words.os is None:
        words = words._replace(
            os="wsl2" if machine.wsl2 else machine.os,
            glibc=words.glibc or machine.glibc,
            macos=words.macos or machine.macos,
        )
    words = words._replace(arch=words.arch or machine.arch, python=words.python or machine.python)
    if words.device == "cpu":
        return words
    if machine.fault is not None and sys.stderr is not None:
        print(f"note: {machine.fault}; name the GPU with --gpu", file=sys.stderr)
    if words.gpu is None and words.compute_capability is None:
        words = words._replace(compute_capability=machine.compute_capability, gpu=machine.gpu)
    if words.gpu is None and words.compute_capability is None and machine.os == "linux":
        from kb.machine.makers import amd_targets

        words = words._replace(gpu=next(iter(amd_targets()), None))
    return words._replace(driver=words.driver or machine.driver)


def question_of(
    words: MachineWords, index: Index, store: Store, called: Callable[[str], str] = str
) -> MachineQuestion:
    """Return the question that the words ask; `called` is what a part of them is called.

    Raises NothingFound and AmbiguousGpu.
    """
    maker, capability, kind = _gpu(words, index, store, called("gpu"))
    if words.gpu is None and capability is None and words.device is not None:
        maker = _MAKERS.get(words.device, maker)
    usual: Os = "macos" if maker == "apple" or words.macos is not None else "linux"
    system: Os = words.os or (_SYSTEMS.get(words.device, usual) if words.device else usual)
    if system == "macos" and words.gpu is None and capability is None:
        maker = "apple"
    if words.device == "directml" and maker == "nvidia":
        maker = "amd"  # DirectML asks for no maker: an AMD card stands for all
    return MachineQuestion(
        os=system,
        arch=words.arch or _arch(system, words.gpu, capability, index),
        python=words.python,
        device=_device(words, index, system, maker),
        maker=maker,
        gpu=words.gpu,
        compute_capability=capability,
        driver=words.driver,
        cuda=words.cuda,
        glibc=words.glibc,
        macos=words.macos,
        gpu_kind=kind,
        release=None if words.release is None else asked_release(words.release, index),
    )


def _device(words: MachineWords, index: Index, system: Os, maker: Maker) -> Literal["cpu", "gpu"]:
    """Return whether a GPU is asked for. Raises NothingFound for a kind that is not there."""
    if words.device == "cpu":
        return "cpu"
    if words.device is None:
        names_gpu = any(getattr(words, name) is not None for name in _OF_GPUS)
        return "gpu" if names_gpu else "cpu"
    served = index.makers[maker][system]
    if words.device not in ("gpu", *served):
        raise NothingFound(f"no {words.device} for such a GPU on {system}", tuple(served))
    return "gpu"


def _arch(system: Os, gpu: str | None, capability: str | None, index: Index) -> Arch:
    """Return the processor that goes without saying: Apple's, that of a Jetson, or else x86."""
    on_arm = system == "macos" or is_on_arm(gpu or "", capability, index)
    return "arm64" if on_arm else "x86_64"


def _gpu(
    words: MachineWords, index: Index, store: Store, gpu_called: str
) -> tuple[Maker, str | None, str | None]:
    """Return who made the GPU that is asked for, and its compute capability or its kind where it
    has one.
    """
    is_macs = words.os == "macos" or words.device == "metal" or words.macos is not None
    system: Os = "macos" if is_macs else words.os or "linux"
    asked = MachineQuestion(os=system, gpu=words.gpu, compute_capability=words.compute_capability)
    if words.gpu is None:
        asked = understood(asked, index, store)
        return "nvidia", asked.compute_capability, None
    from kb.facts.gpu_names import AmbiguousGpu

    try:
        if words.os is None and meaning(words.gpu, index) != meaning(words.gpu, index, "macos"):
            named_gpu(words.gpu, index, store, "macos" if is_macs else None)  # raises
        asked = understood(asked, index, store)
    except AmbiguousGpu as error:
        raise AmbiguousGpu(f"{gpu_called}: {error}", error.choices) from None
    return asked.maker or "nvidia", asked.compute_capability, asked.gpu_kind
