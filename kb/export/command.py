"""`python -m kb export`: the whole knowledge base, for other tools."""

import argparse
import sys

from kb.base.errors import WriteRefused, WrongUsage
from kb.base.store import Store


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.epilog = "Example: %(prog)s --format sqlite --output tensorflow.db"
    parser.add_argument("--format", choices=("json", "sqlite"), required=True)
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
        (_json if options.format == "json" else _sqlite)(store, options.output)
    except (OSError, ImportError) as error:
        why = getattr(error, "strerror", None) or error
        raise WriteRefused(f"cannot write {options.output}: {why}") from None
    return 0


def _json(store: Store, output: str) -> None:
    from pathlib import Path

    from kb.base.writing import write
    from kb.export.document import document

    write(Path(output), "".join(document(store)))


def _sqlite(store: Store, output: str) -> None:
    import tempfile
    from pathlib import Path

    from kb.export.sqlite import write_database

    path = Path(output)
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}.") as folder:
        whole = Path(folder) / path.name
        write_database(store, whole)
        whole.chmod(0o644)
        whole.replace(path)
