"""`python -m verify take`: take the runs of the cells that a workflow asked for, and no others."""

import argparse
import json
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from kb.base.errors import DocumentError
from kb.base.printable import printable
from kb.base.store import Store
from kb.cells.recipes import CellKey
from verify.check import Reviewer
from verify.commands.arguments import Commands
from verify.commands.check import refusal
from verify.commands.run import platform_here, summary
from verify.taking import keep, take


def add(commands: Commands, folders: argparse.ArgumentParser) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "take",
        parents=[folders],
        help="take the runs of the cells that a workflow asked for, one file a cell",
        epilog="Example: %(prog)s artifacts --cells cells.json --into taken",
    )
    parser.add_argument("artifacts", type=Path, metavar="DIR", help="a folder a cell")
    parser.add_argument(
        "--cells", type=Path, required=True, metavar="FILE", help="what `plan --format github` said"
    )
    parser.add_argument("--into", type=Path, required=True, metavar="DIR", help="what fits")
    parser.set_defaults(command=_take)


def _take(options: argparse.Namespace) -> int:
    reviewer = Reviewer(Store(options.data), datetime.now(timezone.utc), options.runs)
    kept = 0
    for taken in take(reviewer, options.artifacts, asked(options.cells)):
        if taken.run is None:
            print(printable(f"{taken.artifact}: not taken: {refusal(taken.why)}"))
        else:
            keep(taken.run, options.into)
            kept += 1
            print(printable(f"{taken.artifact}: fits: {summary(taken.run.run)}"))
    print(f"{kept} runs taken")
    return 0 if kept else 1


def asked(path: Path) -> dict[str, CellKey]:
    """Return the cells of a plan by the names of their artifacts. Raises DocumentError."""
    try:
        rows = json.loads(path.read_bytes())["include"]
        return {artifact(row): _cell(row) for row in rows}
    except (OSError, ValueError, KeyError, TypeError):
        raise DocumentError(f"{path}: is not what `verify plan --format github` prints") from None


def artifact(row: dict[str, Any]) -> str:
    """Return the name of the artifact in which a cell of a plan leaves its run."""
    kind, distribution, release, python, device = (
        str(row[name]) for name in ("kind", "distribution", "release", "python", "device")
    )
    return f"run-{kind}-{distribution}-{release}-py{python}-{device}"


def _cell(row: dict[str, Any]) -> CellKey:
    return CellKey(
        distribution=row["distribution"],
        release=row["release"],
        platform=platform_here(),
        python=row["python"],
        device=row["device"],
    )
