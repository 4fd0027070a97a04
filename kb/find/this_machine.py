"""What `--detect` fills in: this machine, and what is to be minded of what was seen of its GPUs.

A question stays one for a GPU wherever one was seen, by whatever tells of it.
"""

from pathlib import Path

from kb.answers.found import Found
from kb.base.errors import NothingFound
from kb.base.printable import printable
from kb.find.asked import GpuWords, MachineWords
from kb.index.gpus import meaning
from kb.index.records import Index
from kb.machine.detection import Detected, Gpu
from kb.machine.makers import OtherMakers, other_makers
from kb.machine.nvidia import Nvidia, seen_by_kernel

_NO_TOOL = "nvidia-smi is not on the PATH"


def fill_in(
    words: MachineWords, index: Index, machine: Detected, root: Path = Path("/")
) -> MachineWords:
    """Return the words with what is not told filled in from a machine; `root` holds its /proc and
    /sys. Raises NothingFound.
    """
    if machine.os is None or machine.arch is None:
        raise NothingFound("TensorFlow has no wheel for a system like this one")
    if words.os is None:
        words = words._replace(
            os="wsl2" if machine.wsl2 else machine.os,
            glibc=words.glibc or machine.glibc,
            macos=words.macos or machine.macos,
        )
    if machine.fault is not None:
        machine = machine._replace(fault=machine.fault.rstrip("."))
    words = words._replace(arch=words.arch or machine.arch, python=words.python or machine.python)
    if words.device == "cpu":
        return words
    if not words.gpus:
        words = _with_gpus(words, index, machine, root)
    elif machine.fault is not None and words.driver is None:
        words = words._replace(notes=(f"{machine.fault}: tell the driver with --driver.",))
    return words._replace(driver=words.driver or machine.driver)


def with_notes(found: Found, notes: tuple[str, ...]) -> Found:
    """Return what was found with what is to be minded of the question, in the answer too."""
    answer = found.answer
    if answer is not None:
        answer = answer._replace(caveats=(*notes, *answer.caveats))
    return found._replace(answer=answer, notes=notes)


def _with_gpus(words: MachineWords, index: Index, machine: Detected, root: Path) -> MachineWords:
    """Return the words with the GPUs that are seen: by nvidia-smi, by the kernel, that of a Jetson,
    or one of AMD; and with why none is.
    """
    if any(gpu != Gpu(None, None) for gpu in machine.gpus):
        return _with_nvidias(words, index, machine.gpus)
    shown = seen_by_kernel(root) if machine.os == "linux" else Nvidia()
    if shown.gpus:
        words = _with_nvidias(words, index, shown.gpus)
        words = words._replace(driver=words.driver or shown.driver)
        where = "is on the PCI bus" if shown.asked == "PCI" else "is seen by the kernel's driver"
        note = f"{machine.fault or _NO_TOOL}, and a GPU of NVIDIA {where}; `doctor` tells more."
        return words._replace(notes=(note, *words.notes))
    if machine.gpus:
        return _with_nvidias(words, index, machine.gpus)
    others = other_makers(root) if machine.os == "linux" else OtherMakers()
    if others.jetson is not None:
        return _with_nvidias(words, index, (Gpu(others.jetson, None),))
    target = next((target for target in others.amd if target is not None), None)
    if target is not None:
        return words._replace(gpus=(GpuWords(name=target),))
    why = machine.fault
    if others.amd:
        why = f"{f'{why}; a' if why else 'A'} GPU of AMD is on the PCI bus, without compute driver"
    if why is None:
        return words
    told_for = "a GPU that is not known" if words.device else "the CPU"
    return words._replace(notes=(f"{why}: this is told for {told_for}. Name a GPU with --gpu.",))


def _with_nvidias(words: MachineWords, index: Index, gpus: tuple[Gpu, ...]) -> MachineWords:
    known = tuple(_known(gpu, index) for gpu in gpus)
    notes = [_unknown(gpu) for gpu, told in zip(gpus, known, strict=True) if told == GpuWords()]
    return words._replace(gpus=known, notes=tuple(dict.fromkeys(notes)))


def _known(gpu: Gpu, index: Index) -> GpuWords:
    """Return a GPU that was seen with its compute capability, by its name where nothing else tells
    it; one of which it is not known tells nothing.
    """
    name = None if gpu.name is None else printable(gpu.name)
    if gpu.compute_capability in index.capabilities:
        return GpuWords(name=name, compute_capability=gpu.compute_capability)
    meant = meaning(name, index) if name and gpu.compute_capability is None else None
    if meant is not None and meant.maker == "nvidia" and len(meant.capabilities) == 1:
        return GpuWords(name=name, compute_capability=meant.capabilities[0])
    return GpuWords()


def _unknown(gpu: Gpu) -> str:
    """Tell that the compute capability of a GPU that was seen is not known."""
    name = "a GPU of NVIDIA" if gpu.name is None else printable(gpu.name)
    if gpu.compute_capability is not None:
        return f"compute capability {gpu.compute_capability}, that of {name}, is not known here."
    return f"Which GPU it is, is not known ({name}): name it with --gpu or --compute-capability."
