"""`python -m verify sign`: sign a run with an SSH key, so that it is known who ran it."""

import argparse
from pathlib import Path

from kb.base.printable import printable
from kb.runs.folder import filed
from verify.commands.arguments import Commands
from verify.vouching.signatures import sign


def add(commands: Commands, folders: argparse.ArgumentParser) -> None:  # noqa: ARG001
    """Add the command."""
    parser = commands.add_parser(
        "sign",
        help="sign a run with an SSH key, so that it is known who ran it",
        epilog="Example: %(prog)s runs/2.15/CELL/RUN.json --key ~/.ssh/id_ed25519",
    )
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument(
        "--key", type=Path, required=True, metavar="FILE",
        help="the SSH key, or its public half where an agent has it",
    )  # fmt: skip
    parser.set_defaults(command=_sign)


def _sign(options: argparse.Namespace) -> int:
    filed(options.file)  # only a run is signed
    path = sign(options.file, options.key.expanduser())
    print(printable(f"signed: {path}"))
    print("It counts where your key stands in kb/data/signers.yaml, with your account on GitHub.")
    return 0
