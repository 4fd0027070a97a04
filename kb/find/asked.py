"""What is asked of `find`: words about a machine made into a question."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

from kb.answers.comparison import AskedGpu, MachineQuestion
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
    read_xla,
)
from kb.index.gpus import is_on_arm, meaning, named_gpu
from kb.index.records import Index
from kb.index.words import Maker
from kb.terminal.program import NAME

_MAKERS: dict[AskedDevice, Maker] = {"rocm": "amd", "metal": "apple", "xpu": "intel"}
_SYSTEMS: dict[AskedDevice, Os] = {"metal": "macos", "directml": "windows"}


_SEVERAL = re.compile(r"\s*([1-9]|1[0-6])\s?[xX\u00d7]\s+(\S.*)")


class GpuWords(Record):
    """A GPU by its name or its compute capability; one that is seen may tell both, or neither."""

    name: str | None = None
    compute_capability: str | None = None


class MachineWords(Record):
    """What is told of a machine, in the words of `kb.base.vocabulary`; None is not told. `notes`
    are what is to be minded of what was seen of it.
    """

    os: Os | None = None
    arch: Arch | None = None
    python: str | None = None
    device: AskedDevice | None = None
    gpus: tuple[GpuWords, ...] = ()
    driver: str | None = None
    cuda: str | None = None
    glibc: str | None = None
    macos: str | None = None
    release: str | None = None
    notes: tuple[str, ...] = ()
    xla: Literal["off"] | None = None


_READERS: Mapping[str, Callable[[str], Any]] = {
    "os": read_system,
    "arch": read_processor,
    "python": read_python,
    "device": read_device,
    "driver": read_driver,
    "cuda": read_cuda,
    "glibc": read_glibc,
    "macos": read_macos,
    "release": read_version,
    "xla": read_xla,
}


def read_words(
    gpus: Sequence[str] = (), compute_capabilities: Sequence[str] = (), **given: str
) -> MachineWords:
    """Return what is told of a machine, each word read; its GPUs by their names or their compute
    capabilities. Raises WrongUsage, and TypeError for what is no part of a machine.
    """
    read: dict[str, Any] = {
        name: _READERS[name](text) if name in _READERS else text for name, text in given.items()
    }
    if gpus and compute_capabilities:
        raise WrongUsage("gpu and compute_capability say the same; drop one")
    capabilities = map(read_compute_capability, compute_capabilities)
    words = MachineWords(**read, gpus=gpu_words(map(printable, gpus), capabilities))
    check_words(words)
    return words


def gpu_words(names: Iterable[str], capabilities: Iterable[str]) -> tuple[GpuWords, ...]:
    """Return GPUs that are told by their names, `2x RTX 3090` for two, and by their compute
    capabilities.
    """
    return (
        *(GpuWords(name=name) for text in names for name in _each(text)),
        *(GpuWords(compute_capability=capability) for capability in capabilities),
    )


def _each(text: str) -> tuple[str, ...]:
    """Return the name of a GPU as often as a number before it says."""
    several = _SEVERAL.fullmatch(text)
    return (several[2],) * int(several[1]) if several else (text,)


def check_words(words: MachineWords, called: Callable[[str], str] = str) -> None:
    """Raise WrongUsage where the words contradict each other; `called` is what a part is called."""
    of_gpus = [
        *("gpu" if gpu.name is not None else "compute_capability" for gpu in words.gpus),
        *(name for name in ("driver", "cuda") if getattr(words, name) is not None),
    ]
    if words.device == "cpu" and of_gpus:
        asks, device = called(of_gpus[0]), called("device")
        raise WrongUsage(f"{asks} asks for a GPU and {device} cpu for none; drop one")


def question_of(
    words: MachineWords, index: Index, store: Store, called: Callable[[str], str] = str
) -> MachineQuestion:
    """Return the question that the words ask; `called` is what a part of them is called.

    Raises NothingFound, AmbiguousGpu and WrongUsage.
    """
    asked = _about_gpus(words, index, store, called("gpu"))
    maker = asked.maker or "nvidia"
    if not words.gpus and words.device is not None:
        maker = _MAKERS.get(words.device, maker)
    usual: Os = "macos" if maker == "apple" or words.macos is not None else "linux"
    system: Os = words.os or (_SYSTEMS.get(words.device, usual) if words.device else usual)
    if system == "macos" and not words.gpus:
        maker = "apple"
    if words.device == "directml" and maker == "nvidia":
        maker = "amd"  # DirectML asks for no maker: an AMD card stands for all
    return asked._replace(
        os=system,
        arch=words.arch or _arch(system, asked, index),
        python=words.python,
        device=_device(words, index, system, maker),
        maker=maker,
        driver=words.driver,
        cuda=words.cuda,
        glibc=words.glibc,
        macos=words.macos,
        release=None if words.release is None else asked_release(words.release, index),
        xla=words.xla,
    )


def _device(words: MachineWords, index: Index, system: Os, maker: Maker) -> Literal["cpu", "gpu"]:
    """Return whether a GPU is asked for. Raises NothingFound for a kind that is not there."""
    if words.device == "cpu":
        return "cpu"
    if words.device is None:
        return "gpu" if words.gpus or words.driver or words.cuda else "cpu"
    served = index.makers[maker][system]
    if words.device not in ("gpu", *served):
        such = " for such a GPU" if words.gpus else ""
        near = tuple(_served_instead(words, index, system, maker))
        raise NothingFound(f"no {words.device}{such} on {system}", near)
    return "gpu"


def _served_instead(words: MachineWords, index: Index, system: Os, maker: Maker) -> Iterator[str]:
    """Yield the commands that come closest where a device is not served: those for the systems
    that serve it, or else for what serves such a GPU here; and the CPU.
    """
    from kb.answers.find_command import quoted  # an answer need not pay for it

    gpus = "".join(f" --gpu {quoted(gpu.name)}" for gpu in words.gpus if gpu.name)
    elsewhere = [own for own, devices in index.makers[maker].items() if words.device in devices]
    for own in elsewhere:
        yield f"{NAME} find --os {own}{gpus} --device {words.device}"
    if not elsewhere and gpus:
        for device in index.makers[maker][system]:
            yield f"{NAME} find --os {system}{gpus} --device {device}"
    yield f"{NAME} find --os {system} --device cpu"


def _arch(system: Os, asked: MachineQuestion, index: Index) -> Arch:
    """Return the processor that goes without saying: Apple's, that of a Jetson, or else x86."""
    on_arm = system == "macos" or any(
        is_on_arm(gpu.gpu or "", gpu.compute_capability, index) for gpu in asked.gpus()
    )
    return "arm64" if on_arm else "x86_64"


def _about_gpus(
    words: MachineWords, index: Index, store: Store, gpu_called: str
) -> MachineQuestion:
    """Return a question about the GPUs alone: who made them, and of each its compute capability or
    its kind, where it has one.
    """
    is_macs = words.os == "macos" or words.device == "metal" or words.macos is not None
    system: Os = "macos" if is_macs else words.os or "linux"
    first, *further = [
        AskedGpu(gpu=gpu.name, compute_capability=gpu.compute_capability)
        for gpu in words.gpus or (GpuWords(),)
    ]
    asked = MachineQuestion(os=system, **first._asdict(), further_gpus=tuple(further) or None)
    names = [gpu.name for gpu in words.gpus if gpu.name is not None]
    if not names:
        return understood(asked, index, store)
    from kb.facts.gpu_names import AmbiguousGpu

    try:
        for name in names if words.os is None else ():
            if meaning(name, index) != meaning(name, index, "macos"):
                named_gpu(name, index, store, "macos" if is_macs else None)  # raises
        return understood(asked, index, store)
    except AmbiguousGpu as error:
        raise AmbiguousGpu(f"{gpu_called}: {error}", error.choices) from None
