"""`python -m kb find`: the newest release that fits a machine, and how to set it up."""

import argparse
import sys
from typing import get_args

from kb.answers.fit_rules import Arch, Os
from kb.answers.fits import find
from kb.base.store import Store
from kb.find.asked import check_forms, fill_in, question_of
from kb.index.records import open_index


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.epilog = "Example: %(prog)s --python 3.12 --gpu 'RTX 3090' --driver 535.104"
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
    check_forms(options)
    if options.detect:
        fill_in(options)
    index = open_index(store)
    found = find(index, question_of(options, index, store))
    if options.json:
        from kb.find.document import document

        print(document(found))
    else:
        from kb.find.page import page
        from kb.terminal.style import style_for

        print(page(found, index, style_for(sys.stdout)))
    return 0 if found.answer else 1
