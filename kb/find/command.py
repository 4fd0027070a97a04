"""`python -m kb find`: the newest release that fits a machine, and how to set it up."""

import argparse
import sys

from kb.answers.fits import find
from kb.base.printable import printable
from kb.base.store import Store
from kb.base.vocabulary import (
    read_compute_capability,
    read_cuda,
    read_driver,
    read_glibc,
    read_macos,
    read_version,
)
from kb.find.asked import MachineWords, check_words, fill_in, question_of
from kb.index.records import open_index
from kb.terminal.arguments import (
    add_device,
    add_json,
    add_option,
    add_platform,
    add_python,
    parts_of,
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.epilog = "Example: %(prog)s --python 3.12 --gpu 'RTX 3090' --driver 535.104"
    add_option(
        parser, "--release", read_version, metavar="VERSION",
        help="only this release or series: does it fit?",
    )  # fmt: skip
    add_python(parser, "the Python, such as 3.12")
    add_platform(parser)
    add_device(parser)
    which = parser.add_mutually_exclusive_group()
    add_option(which, "--gpu", printable, metavar="NAME", help="as nvidia-smi shows it")
    add_option(
        which, "--compute-capability", read_compute_capability, metavar="X.Y",
        help="the GPU's, such as 8.6",
    )  # fmt: skip
    add_option(
        parser, "--driver", read_driver, metavar="V", help="of NVIDIA; on WSL2 that of Windows"
    )
    add_option(parser, "--cuda", read_cuda, metavar="V", help="the CUDA installed on the machine")
    add_option(parser, "--glibc", read_glibc, metavar="V", help="the glibc of the machine")
    add_option(parser, "--macos", read_macos, metavar="V", help="the macOS of the machine")
    parser.add_argument("--detect", action="store_true", help="fill in this machine")
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Print the answer, and return the exit status: 1 where nothing fits."""
    words = _words(options)
    check_words(words, _option)
    if options.detect:
        words = fill_in(words)
    store = Store(options.data)
    index = open_index(store)
    found = find(index, question_of(words, index, store, _option))
    if options.json:
        from kb.find.document import document

        print(document(found))
    else:
        from kb.find.page import page
        from kb.terminal.style import show, style_for

        style = style_for(sys.stdout)
        show(page(found, index, style), style)
    return 0 if found.answer else 1


def _option(name: str) -> str:
    """Return the option that tells a part of a machine."""
    return "--" + name.replace("_", "-")


def _words(options: argparse.Namespace) -> MachineWords:
    system, processor = parts_of(options)
    words = {name: getattr(options, name) for name in MachineWords._fields}
    return MachineWords(**{**words, "os": system, "arch": processor})
