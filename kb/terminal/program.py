"""How this program was started, as its texts name it."""

import sys

NAME = "tensorflow-compat"
MODULE = "python -m kb"


def program() -> str:
    """Return how this program was started: by its name, or as a module of Python's."""
    return NAME if NAME in sys.argv[0].rpartition("/")[2] else MODULE


def as_started(text: str) -> str:
    """Return a text whose commands of this program are such that its reader can carry them out:
    where it was started by its name, there need be no Python that has the module.
    """
    return text.replace(MODULE, program())
