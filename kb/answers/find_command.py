"""The command that asks a question of `find`, as one types it in a shell."""

import re

from kb.answers.comparison import MachineQuestion
from kb.index.gpus import is_on_arm, meaning
from kb.index.records import Index
from kb.index.words import PLAIN_WORD, QUOTABLE_WORD
from kb.terminal.program import NAME

# What asks for a GPU, and so not beside the CPU.
_OF_GPUS = ("gpu", "compute_capability", "gpu_kind", "driver", "cuda")


def find_command(index: Index, question: MachineQuestion) -> str:
    """Return the command that asks a question: the same answer comes of it."""
    words = [NAME, "find"]
    for name, value in _options(index, question):
        # what begins with a hyphen would be taken for an option
        words.append(f"--{name}{'=' if value.startswith('-') else ' '}{quoted(value)}")
    return " ".join(words)


def quoted(word: str) -> str:
    """Return a word as a shell takes it for one."""
    if re.fullmatch(PLAIN_WORD, word):
        return word
    if re.fullmatch(QUOTABLE_WORD, word):
        return f'"{word}"'
    return "'" + word.replace("'", "'\"'\"'") + "'"


def _options(index: Index, asked: MachineQuestion) -> list[tuple[str, str]]:
    if asked.device == "cpu":
        asked = asked._replace(**dict.fromkeys(_OF_GPUS), further_gpus=None)
    elif asked.maker != "nvidia":
        asked = asked._replace(compute_capability=None)
    gpus = _gpus(index, asked)
    is_plain = asked.os == "linux" and not any(name == "gpu" for name, _ in gpus)
    before = {
        "os": None if is_plain else asked.os,
        "arch": None if asked.arch == _usual_arch(index, asked) else asked.arch,
        "release": asked.release,
        "python": asked.python,
        "device": _device(index, asked, bool(gpus)),
    }
    after = {
        "driver": asked.driver,
        "cuda": asked.cuda,
        "glibc": asked.glibc if asked.os in ("linux", "wsl2") else None,
        "macos": asked.macos if asked.os == "macos" else None,
        "xla": asked.xla,
    }
    told = (*before.items(), *gpus, *after.items())
    return [(name, value) for name, value in told if value]


def _gpus(index: Index, asked: MachineQuestion) -> list[tuple[str, str]]:
    """Return what tells each GPU: all in the same way, for two ways do not go together."""
    gpus = [asked._replace(**gpu._asdict(), further_gpus=None) for gpu in asked.gpus()]
    names = [_gpu(index, gpu) for gpu in gpus]
    name = "gpu" if any(names) else "compute-capability"
    told = [text or gpu.compute_capability for text, gpu in zip(names, gpus, strict=True)]
    return [(name, text) for text in told if text]


def _usual_arch(index: Index, asked: MachineQuestion) -> str:
    """Return the processor that goes without saying."""
    on_arm = any(is_on_arm(gpu.gpu or "", gpu.compute_capability, index) for gpu in asked.gpus())
    return "arm64" if asked.os == "macos" or on_arm else "x86_64"


def _gpu(index: Index, asked: MachineQuestion) -> str | None:
    """Return the text that names the GPU: its name as it was given where that means what the
    question tells, or else a name of its kind.
    """
    if asked.gpu is not None:
        meant = meaning(asked.gpu, index, asked.os)
        known = () if asked.compute_capability is None else (asked.compute_capability,)
        if meant.maker == asked.maker and meant.capabilities == known:
            return asked.gpu
    kind = asked.gpu_kind
    if kind is None or kind.startswith("gfx"):
        return kind
    return next(iter(index.other_gpus.get(asked.maker or "", {}).get(kind, ())), None)


def _device(index: Index, asked: MachineQuestion, has_gpu: bool) -> str | None:
    """Return what asks for the device; None where the GPU that is named does."""
    if asked.device == "cpu":
        return "cpu"
    if has_gpu:
        return None
    devices = index.asking_devices.get(asked.maker or "", ())
    served = index.makers[asked.maker or "nvidia"][asked.os]
    return next((device for device in devices if device in served), "gpu")
