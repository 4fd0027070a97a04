"""What is asked of `find`: the options of a command made into a question."""

import argparse
import re
import sys

from kb.answers.fit_rules import Arch, MachineQuestion, Os
from kb.base.errors import NothingFound, WrongUsage
from kb.base.printable import shown
from kb.base.store import Store
from kb.index.gpus import is_on_arm, named_gpu
from kb.index.records import Index
from kb.index.words import Maker

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


def check_forms(options: argparse.Namespace) -> None:
    """Raise WrongUsage for an option that does not look like what it should name."""
    for name, (form, what) in _FORMS.items():
        value = getattr(options, name)
        if value is not None and not re.fullmatch(form, value, re.ASCII):
            raise WrongUsage(f"{_option(name)}: {shown(value)!r} is not {what}")
    given = [_option(name) for name in _OF_GPUS if getattr(options, name) is not None]
    if options.device == "cpu" and given:
        raise WrongUsage(f"{given[0]} asks for a GPU and --device cpu for none; drop one")


def _option(name: str) -> str:
    return "--" + name.replace("_", "-")


def fill_in(options: argparse.Namespace) -> None:
    """Fill in what is not given from this machine."""
    from kb.machine.detection import detected

    machine = detected()
    if machine.os is None or machine.arch is None:
        raise NothingFound("TensorFlow has no wheel for a system like this one")
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


def question_of(options: argparse.Namespace, index: Index, store: Store) -> MachineQuestion:
    """Return the question that the options ask. Raises NothingFound for a GPU that is not known."""
    maker, capability = _gpu(options, index, store)
    system: Os = options.os or ("macos" if maker == "apple" else "linux")
    if system == "macos" and options.gpu is None and capability is None:
        maker = "apple"
    given = any(getattr(options, name) is not None for name in _OF_GPUS)
    python = options.python and ".".join(options.python.split(".")[:2])
    return MachineQuestion(
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


def _arch(system: Os, gpu: str | None, index: Index) -> Arch:
    """Return the processor that goes without saying: Apple's, that of a Jetson, or else x86."""
    on_arm = system == "macos" or is_on_arm(gpu or "", index)
    return "arm64" if on_arm else "x86_64"


def _gpu(options: argparse.Namespace, index: Index, store: Store) -> tuple[Maker, str | None]:
    """Return who made the GPU that is asked for, and its compute capability where it has one."""
    asked = options.compute_capability
    if asked is not None:
        if asked not in index.capabilities:
            after = [one for one in index.capabilities if float(one) > float(asked)]
            before = [one for one in index.capabilities if float(one) < float(asked)]
            near = (*before[-2:], *after[:2])
            raise NothingFound(f"no GPU has compute capability {asked}", near)
        return "nvidia", asked
    if options.gpu is None:
        return "nvidia", None
    from kb.facts.gpu_names import AmbiguousGpu

    try:
        return named_gpu(options.gpu, index, store)
    except AmbiguousGpu as error:
        raise AmbiguousGpu(f"--gpu: {error}", error.choices) from None
