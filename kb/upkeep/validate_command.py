"""`python -m kb validate`: is the knowledge base sound."""

import argparse
import sys

from kb.base.printable import printable
from kb.base.store import Store
from kb.upkeep.validate import validate


def add_arguments(_parser: argparse.ArgumentParser) -> None:
    """Add what the command takes: nothing."""


def run(options: argparse.Namespace) -> int:
    """Print every fault, and return the exit status."""
    faults = validate(Store(options.data))
    for fault in faults:
        print(printable(fault), file=sys.stderr)
    print(
        f"{len(faults)} fault{'s' * (len(faults) > 1)}" if faults else "the knowledge base is sound"
    )
    return 1 if faults else 0
