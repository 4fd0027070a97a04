"""`python -m kb schema`: the JSON Schema of the files."""

import argparse
import json

from kb.base.schema import schema


def add_arguments(_parser: argparse.ArgumentParser) -> None:
    """Add what the command takes: nothing."""


def run(_options: argparse.Namespace) -> int:
    """Print the schema, and return the exit status."""
    print(json.dumps(schema(), indent=2))
    return 0
