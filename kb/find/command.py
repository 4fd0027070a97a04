"""`python -m kb find`: the newest release that fits a machine, and how to set it up."""

import argparse
import sys

from kb.answers.fits import find
from kb.base.errors import WrongUsage
from kb.base.printable import printable
from kb.base.store import Store
from kb.base.vocabulary import (
    read_compute_capability,
    read_cuda,
    read_driver,
    read_glibc,
    read_macos,
    read_version,
    read_xla,
)
from kb.find.asked import MachineWords, check_words, gpu_words, question_of
from kb.index.records import open_index
from kb.terminal.arguments import (
    add_device,
    add_json,
    add_option,
    add_platform,
    add_python,
    parts_of,
)

# Systems beside Linux, which goes without saying, by what Python calls them.
_OTHERS = {"win32": "Windows", "darwin": "macOS"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.epilog = "Example: %(prog)s --python 3.12 --gpu 'RTX 3090' --driver 535.104"
    add_option(
        parser, "--release", read_version, metavar="VERSION", action="append",
        help="only this release or series: does it fit?",
    )  # fmt: skip
    add_python(parser, "the Python, such as 3.12")
    add_platform(parser)
    add_device(parser)
    which = parser.add_mutually_exclusive_group()
    add_option(
        which, "--gpu", printable, metavar="NAME", action="append",
        help="as nvidia-smi shows it; again for each further one",
    )  # fmt: skip
    add_option(
        which, "--compute-capability", read_compute_capability, metavar="X.Y", action="append",
        help="the GPU's, such as 8.6; again for each further one",
    )  # fmt: skip
    add_option(
        parser, "--driver", read_driver, metavar="V", help="of NVIDIA; on WSL2 that of Windows"
    )
    add_option(parser, "--cuda", read_cuda, metavar="V", help="the CUDA installed on the machine")
    add_option(parser, "--glibc", read_glibc, metavar="V", help="the glibc of the machine")
    add_option(parser, "--macos", read_macos, metavar="V", help="the macOS of the machine")
    add_option(
        parser, "--xla", read_xla, metavar="on|off",
        help="off: what fits where the compiler XLA is left off",
    )  # fmt: skip
    parser.add_argument("--detect", action="store_true", help="fill in this machine")
    parser.add_argument("--check", action="store_true", help="print how to check the set-up")
    parser.add_argument("--why", action="store_true", help="every reason against every series")
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Print the answer, and return the exit status: 1 where nothing fits."""
    words = words_of(options)
    check_words(words, _option)
    store = Store(options.data)
    index = open_index(store)
    if options.detect:
        from kb.find.this_machine import fill_in
        from kb.machine.detection import detected

        words = fill_in(words, index, detected())
    found = find(index, question_of(words, index, store, _option))
    if words.notes:
        from kb.find.this_machine import with_notes

        found = with_notes(found, words.notes)
    if options.json:
        from kb.find.document import document

        if sys.stderr is not None:
            for note in words.notes:
                print(f"note: {note}", file=sys.stderr)
        print(document(found))
    else:
        from kb.find.page import FindWanted, page
        from kb.terminal.style import show, style_for

        if words.os is None and found.question.os == "linux" and sys.platform in _OTHERS:
            note = f"This machine runs {_OTHERS[sys.platform]}: ask with --os, or with --detect."
            found = found._replace(notes=(*found.notes, note))
        wanted = FindWanted(checks=options.check, reasons=options.why)
        style = style_for(sys.stdout)
        show(page(found, index, style, wanted), style)
    return 0 if found.answer else 1


def _option(name: str) -> str:
    """Return the option that tells a part of a machine."""
    return "--" + name.replace("_", "-")


def words_of(options: argparse.Namespace) -> MachineWords:
    """Return what the options tell of a machine."""
    system, processor = parts_of(options)
    releases = options.release or [None]
    if len(releases) > 1:
        raise WrongUsage("--release asks about one release or series: ask about each by itself")
    told = ("python", "device", "driver", "cuda", "glibc", "macos", "xla")
    return MachineWords(
        os=system,
        arch=processor,
        gpus=gpu_words(options.gpu or (), options.compute_capability or ()),
        release=releases[0],
        **{name: getattr(options, name) for name in told},
    )
