"""`python -m kb export`: the whole knowledge base, for other tools."""

import argparse
import os
import sys
from typing import TYPE_CHECKING

from kb.base.errors import WriteRefused, WrongUsage
from kb.base.store import Store

if TYPE_CHECKING:
    from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.epilog = "Example: %(prog)s --format sqlite --output tensorflow.db"
    parser.add_argument("--format", type=str.lower, choices=("json", "sqlite"), required=True)
    parser.add_argument("--output", metavar="FILE", help="the file to write, whole or not at all")


def run(options: argparse.Namespace) -> int:
    """Write the knowledge base, and return the exit status."""
    store = Store(options.data)
    if options.output is None:
        if options.format == "sqlite":
            raise WrongUsage("--format sqlite needs --output FILE")
        from kb.export.document import document

        for piece in document(store):
            sys.stdout.write(piece)
        return 0
    try:
        output = _written_to(options.output)
        (_json if options.format == "json" else _sqlite)(store, output)
    except (OSError, ImportError) as error:
        why = getattr(error, "strerror", None) or error
        raise WriteRefused(f"cannot write {options.output}: {why}") from None
    return 0


def _written_to(named: str) -> "Path":
    """Return the regular file that a name leads to, there or not: what is there is replaced.

    Raises WriteRefused for anything else, and OSError.
    """
    from pathlib import Path

    path = Path(os.path.realpath(named))  # a link stays, and what it leads to is written
    if not path.parent.is_dir():
        raise WriteRefused(f"cannot write {named}: {path.parent} is no folder; make it first")
    if (path.is_symlink() or path.exists()) and not path.is_file():
        raise WriteRefused(f"cannot write {named}: it is no regular file; name another")
    return path


def _json(store: Store, path: "Path") -> None:
    from kb.base.writing import write
    from kb.export.document import document

    write(path, "".join(document(store)))


def _sqlite(store: Store, path: "Path") -> None:
    import tempfile

    from kb.export.sqlite import write_database

    with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}.") as folder:
        whole = path.parent / folder / path.name
        write_database(store, whole)
        whole.chmod(0o644)
        whole.replace(path)
