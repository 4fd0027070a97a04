"""`python -m verify submit`: put a run where it belongs, and say how to send it."""

import argparse
import shlex
import sys
from datetime import datetime, timezone
from pathlib import Path

from kb.base.errors import WrongUsage
from kb.base.printable import printable, shown
from kb.base.store import Store
from kb.base.writing import write
from verify.check import Reviewer, verdict
from verify.commands.arguments import RUNS, Commands, in_checkout
from verify.commands.check import refusal
from verify.commands.run import summary
from verify.vouching import signatures


def add(commands: Commands, folders: argparse.ArgumentParser) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "submit",
        parents=[folders],
        help="put a run where it belongs, and print the commands that open the pull request",
    )
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.set_defaults(command=_submit)


def _submit(options: argparse.Namespace) -> int:
    if options.runs == RUNS and not in_checkout():
        raise WrongUsage(
            "a run is sent from a checkout: fork and clone the project, and run this there with "
            f"{shown(str(options.file.absolute()), 400)}"
        )
    store = Store(options.data)
    reviewer = Reviewer(store, datetime.now(timezone.utc), options.runs)
    filed, faults = verdict(reviewer, options.file)
    if filed is not None:
        signers = store.signers().signers
        faults = (*faults, *signatures.faults(options.file, filed.raw, signers))
    if filed is None or faults:
        print(printable(f"{options.file}: refused: {refusal(faults)}"), file=sys.stderr)
        return 1
    path = options.runs / filed.place
    if not path.exists():
        write(path, filed.raw.decode())
    placed = [str(path), *_signature(options.file, path)]
    title = summary(filed.run).partition(" (")[0]
    print("It is in place. These commands open the pull request:\n")
    for words in (
        ["git", "switch", "-c", f"run-{path.stem}"],
        ["git", "add", *placed],
        ["git", "commit", "-m", f"Run: {title}"],
        ["gh", "pr", "create", "--fill"],
    ):
        print("  " + shlex.join(words))
    print("\nWithout gh: push the branch to your fork and open the pull request there.")
    return 0


def _signature(sent: Path, placed: Path) -> list[str]:
    """Put the signature of a run beside it, where it has one; return its path."""
    signature = signatures.beside(sent)
    if not signature.exists():
        return []
    target = signatures.beside(placed)
    write(target, signature.read_text(encoding="ascii"))
    return [str(target)]
