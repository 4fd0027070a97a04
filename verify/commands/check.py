"""`python -m verify check`: is each contributed run fit to be taken in?"""

import argparse
from datetime import datetime, timezone
from pathlib import Path

from kb.base.errors import DocumentError
from kb.base.store import Store
from verify.check import Reviewer, misplaced, verdict
from verify.commands.arguments import Commands
from verify.commands.run import summary
from verify.vouching import proposed_ledgers, signatures

_MOST_FAULTS = 3


def add(commands: Commands, folders: argparse.ArgumentParser) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "check",
        parents=[folders],
        help="say of each run whether it is fit to be taken in, and what to mend",
        epilog="Example: %(prog)s runs/2.15/*/*.json",
    )
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.set_defaults(command=_check)


def _check(options: argparse.Namespace) -> int:
    reviewer = Reviewer(Store(options.data), datetime.now(timezone.utc), options.runs)
    return max([_review(reviewer, path) for path in options.files])


def _review(reviewer: Reviewer, path: Path) -> int:
    """Print the verdict on a file in a line; return the exit status that it asks for."""
    if path.name in proposed_ledgers.NAMES:
        return _review_ledger(reviewer.store, path)
    filed, faults = verdict(reviewer, path)
    if filed is not None:
        signers = reviewer.store.signers().signers
        faults = (*faults, *misplaced(filed), *signatures.faults(path, filed.raw, signers))
    name = ascii(str(path))[1:-1]
    if filed is not None and not faults:
        print(f"{name}: fits: {summary(filed.run)}")
        return 0
    print(f"{name}: refused: {refusal(faults)}")
    return 1


def _review_ledger(store: Store, path: Path) -> int:
    """Print the verdict on a ledger that somebody proposes."""
    name = ascii(str(path))[1:-1]
    try:
        faults = tuple(proposed_ledgers.faults(path, store))
    except DocumentError as error:
        faults = (str(error),)
    print(f"{name}: refused: {refusal(faults)}" if faults else f"{name}: fits: as it was")
    return 1 if faults else 0


def refusal(faults: tuple[str, ...]) -> str:
    """Return faults in a line of plain characters, the first few of them."""
    more = len(faults) - _MOST_FAULTS
    line = "; ".join(faults[:_MOST_FAULTS]) + (f"; and {more} more" if more > 0 else "")
    return ascii(line)[1:-1].replace("\\'", "'")
