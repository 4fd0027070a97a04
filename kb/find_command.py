"""`python -m kb find`: the newest release that fits a machine, and how to set it up."""

import argparse
import re
import sys
from typing import get_args

from kb.find import find
from kb.find_rules import Arch, Maker, Os, Question
from kb.index import Index, open_index
from kb.store import Store

_DOTTED = r"[0-9]{1,9}(\.[0-9]{1,9}){0,3}"
# For each option: what it must look like, and how to say so.
_FORMS = {
    "python": (r"[0-9]\.[0-9]{1,3}(\.[0-9]{1,3})?", "a Python; write it like 3.12"),
    "compute_capability": (r"[0-9]{1,3}\.[0-9]", "a compute capability; write it like 8.6"),
    "driver": (_DOTTED, "a driver version; nvidia-smi shows one like 535.104.05"),
    "cuda": (_DOTTED, "a version of CUDA; write it like 12.4"),
    "glibc": (_DOTTED, "a version of glibc; `ldd --version` shows one like 2.35"),
    "macos": (_DOTTED, "a version of macOS; write it like 14.5"),
}
_OF_GPUS = ("gpu", "compute_capability", "driver", "cuda")


class Refused(Exception):
    """A question that cannot be asked; `status` is the exit status."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.epilog = "Example: python -m kb find --python 3.12 --gpu 'RTX 3090' --driver 535.104"
    parser.add_argument("--python", metavar="X.Y", help="the Python, such as 3.12")
    parser.add_argument("--os", choices=get_args(Os), help="the system; linux where not given")
    parser.add_argument("--arch", choices=get_args(Arch), help="x86_64 where not given")
    parser.add_argument("--device", choices=("cpu", "gpu"), help="whether a GPU is wanted")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--gpu", metavar="NAME", help="the GPU's name, as nvidia-smi shows it")
    which.add_argument("--compute-capability", metavar="X.Y", help="the GPU's, such as 8.6")
    parser.add_argument("--driver", metavar="V", help="of NVIDIA; on WSL2 that of Windows")
    parser.add_argument("--cuda", metavar="V", help="the CUDA installed on the machine")
    parser.add_argument("--glibc", metavar="V", help="the glibc of the machine")
    parser.add_argument("--macos", metavar="V", help="the macOS of the machine")
    parser.add_argument("--detect", action="store_true", help="fill in this machine")
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def run(options: argparse.Namespace) -> int:
    """Print the answer, and return the exit status: 1 where nothing fits."""
    store = Store(options.data)
    try:
        _check(options)
        if options.detect:
            _detect(options)
        index = open_index(store)
        found = find(index, _question(options, index, store))
    except Refused as error:
        print(error, file=sys.stderr)
        return error.status
    if options.json:
        from kb.find_json import document

        print(document(found))
    else:
        from kb.find_page import page
        from kb.terminal import style_for

        print(page(found, index, style_for(sys.stdout)))
    return 0 if found.answer else 1


def _check(options: argparse.Namespace) -> None:
    for name, (form, what) in _FORMS.items():
        value = getattr(options, name)
        if value is not None and not re.fullmatch(form, value, re.ASCII):
            shown = "".join(letter for letter in value[:60] if letter.isprintable())
            raise Refused(f"error: {_option(name)}: {shown!r} is not {what}", 2)
    given = [_option(name) for name in _OF_GPUS if getattr(options, name) is not None]
    if options.device == "cpu" and given:
        raise Refused(f"error: {given[0]} asks for a GPU and --device cpu for none; drop one", 2)


def _option(name: str) -> str:
    return "--" + name.replace("_", "-")


def _detect(options: argparse.Namespace) -> None:
    """Fill in what is not given from this machine."""
    from kb.detection import detected

    machine = detected()
    if machine.os is None or machine.arch is None:
        raise Refused("nothing found: TensorFlow has no wheel for a system like this one", 1)
    if options.os is None:
        options.os = "wsl2" if machine.wsl2 else machine.os
        options.glibc = options.glibc or machine.glibc
        options.macos = options.macos or machine.macos
    options.arch = options.arch or machine.arch
    options.python = options.python or machine.python
    if options.device == "cpu":
        return
    if machine.fault is not None:
        print(f"note: {machine.fault}; name the GPU with --gpu", file=sys.stderr)
    if options.gpu is None and options.compute_capability is None:
        options.compute_capability = machine.compute_capability
        options.gpu = machine.gpu
    options.driver = options.driver or machine.driver


def _question(options: argparse.Namespace, index: Index, store: Store) -> Question:
    maker, capability = _gpu(options, index, store)
    system: Os = options.os or ("macos" if maker == "apple" else "linux")
    if system == "macos" and options.gpu is None and capability is None:
        maker = "apple"
    given = any(getattr(options, name) is not None for name in _OF_GPUS)
    python = options.python and ".".join(options.python.split(".")[:2])
    return Question(
        os=system,
        arch=options.arch or _arch(system, options.gpu, index),
        python=python,
        device=options.device or ("gpu" if given else "cpu"),
        maker=maker,
        gpu=options.gpu,
        compute_capability=capability,
        driver=options.driver,
        cuda=options.cuda,
        glibc=options.glibc,
        macos=options.macos,
    )


def _words(text: str) -> set[str]:
    return set(re.split(r"[^a-z0-9]+", text[:300].lower()))


def _arch(system: Os, gpu: str | None, index: Index) -> Arch:
    """Return the processor that goes without saying: Apple's, that of a Jetson, or else x86."""
    on_arm = system == "macos" or _words(gpu or "") & set(index.arm_words)
    return "arm64" if on_arm else "x86_64"


def _gpu(options: argparse.Namespace, index: Index, store: Store) -> tuple[Maker, str | None]:
    """Return who made the GPU that is asked for, and its compute capability where it has one."""
    asked = options.compute_capability
    if asked is not None:
        if asked not in index.capabilities:
            after = [one for one in index.capabilities if float(one) > float(asked)]
            before = [one for one in index.capabilities if float(one) < float(asked)]
            near = ", ".join([*before[-2:], *after[:2]])
            message = f"nothing found: no GPU has compute capability {asked}; nearest: {near}"
            raise Refused(message, 1)
        return "nvidia", asked
    return named_gpu(options.gpu, index, store) if options.gpu is not None else ("nvidia", None)


def named_gpu(text: str, index: Index, store: Store) -> tuple[Maker, str | None]:
    """Return the maker of a GPU by its name, and its compute capability where it is NVIDIA's.

    Raises Refused for a name that no GPU has, or that GPUs of several compute capabilities have.
    """
    from kb.gpu_names import AmbiguousGpu, UnknownGpu, identify, normalised

    key = normalised(text)
    known = [capability for capability, names in index.gpus.items() if key in names]
    if len(known) == 1:
        return "nvidia", known[0]
    words = _words(text)
    makers: tuple[Maker, ...] = get_args(Maker)
    for maker in makers:
        if not known and words & set(index.maker_words.get(maker, ())):
            return maker, None
    try:
        return "nvidia", identify(text, store.gpus().gpus).compute_capability
    except AmbiguousGpu as error:
        raise Refused(f"error: --gpu: {error}", 2) from None
    except UnknownGpu as error:
        raise Refused(f"nothing found: {error}", 1) from None
