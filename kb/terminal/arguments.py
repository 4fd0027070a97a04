"""Options that several commands share, each read by the one vocabulary."""

import argparse
from collections.abc import Callable
from typing import Any

from kb.base.errors import WrongUsage
from kb.base.model import Platform
from kb.base.vocabulary import (
    Arch,
    Os,
    platform_of,
    read_device,
    read_platform_parts,
    read_processor,
    read_python,
    read_system,
)


def add_option(
    parser: "argparse._ActionsContainer", name: str, read: Callable[[str], Any], **more: Any
) -> None:
    """Add an option whose value a reader of the vocabulary reads; its errors name the option."""

    def read_value(text: str) -> Any:
        try:
            return read(text)
        except WrongUsage as error:
            raise WrongUsage(f"{name}: {error}", error.nearest) from None

    parser.add_argument(name, type=read_value, **more)


def add_python(parser: argparse.ArgumentParser, about: str) -> None:
    """Add `--python`."""
    add_option(parser, "--python", read_python, metavar="X.Y", help=about)


def add_device(parser: argparse.ArgumentParser) -> None:
    """Add `--device`."""
    about = "cpu, gpu, or which kind of GPU: cuda, rocm, metal, directml, xpu"
    add_option(parser, "--device", read_device, metavar="D", help=about)


def add_platform(parser: argparse.ArgumentParser) -> None:
    """Add `--platform`, and `--os` and `--arch` for its parts."""
    add_option(parser, "--platform", read_platform_parts, metavar="P", help="such as linux-x86_64")
    systems = "linux, wsl2, windows or macos"
    add_option(parser, "--os", read_system, metavar="OS", help=systems)
    add_option(parser, "--arch", read_processor, metavar="A", help="x86_64, arm64 or armv7l")


def add_json(parser: argparse.ArgumentParser) -> None:
    """Add `--json`."""
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def parts_of(options: argparse.Namespace) -> tuple[Os | None, Arch | None]:
    """Return the system and the processor that the options of `add_platform` name.

    Raises WrongUsage where they contradict each other.
    """
    system, processor = options.platform or (None, None)
    for name, part, own in (("--os", system, options.os), ("--arch", processor, options.arch)):
        if None not in (part, own) and part != own:
            raise WrongUsage(f"--platform says {part} and {name} {own}; drop one")
    return system or options.os, processor or options.arch


def platform_option(options: argparse.Namespace) -> Platform | None:
    """Return the platform that the options of `add_platform` name, None where none is named."""
    system, processor = parts_of(options)
    return platform_of(system, processor) if system or processor else None
