"""`python -m verify plan`: which cells are worth running here, and why."""

import argparse
import json
from datetime import datetime, timezone
from typing import get_args

from kb.base.model import Device
from kb.base.names import DEVICE_NAMES
from kb.base.store import Store
from kb.base.versions import key
from kb.base.vocabulary import read_python
from kb.terminal.arguments import add_option
from verify.commands.arguments import Commands, add_device, series
from verify.commands.run import platform_here
from verify.plan import Planned, Scope, needs_hand, plan
from verify.runner import pythons

FIRST = "2.0"
OLDER_THAN_DAYS = 60


def add(commands: Commands, folders: argparse.ArgumentParser) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "plan",
        parents=[folders],
        help="list the cells that are worth running here, and why",
        epilog="Example: %(prog)s --series 2.15",
    )
    add_scope(parser)
    parser.add_argument(
        "--format", choices=("text", "github"), default="text",
        help="github: the matrix for GitHub Actions",
    )  # fmt: skip
    parser.set_defaults(command=_plan)


def add_scope(parser: argparse.ArgumentParser) -> None:
    """Add the options that say what a plan is about."""
    parser.add_argument(
        "--series", action="append", default=[], type=series, metavar="X.Y",
        help="only this one; repeatable",
    )  # fmt: skip
    parser.add_argument(
        "--first", default=FIRST, type=series, metavar="X.Y",
        help=f"the oldest series; default: {FIRST}",
    )  # fmt: skip
    add_option(
        parser, "--python", read_python, action="append", default=[], metavar="X.Y",
        help="only this Python, found here or not; repeatable; default: those found here",
    )  # fmt: skip
    add_device(parser)
    parser.add_argument(
        "--older-than", type=int, default=OLDER_THAN_DAYS, metavar="DAYS",
        help=f"run again what was run longer ago; default: {OLDER_THAN_DAYS}",
    )  # fmt: skip


def planned(options: argparse.Namespace) -> list[Planned]:
    """Return the plan that the options ask for; cells that need a person's hand are left out."""
    today = datetime.now(timezone.utc).date().toordinal()
    found = plan(Store(options.data), scope_of(options), today)
    return [wanted for wanted in found if not needs_hand(wanted.cell)]


def scope_of(options: argparse.Namespace) -> Scope:
    """Return what the options of `add_scope` narrow a plan to, on this machine."""
    here = tuple(options.python) or tuple(pythons.found())
    return Scope(
        platform=platform_here(),
        pythons=tuple(sorted(here, key=key, reverse=True)),
        devices=tuple(device for device in get_args(Device) if device == options.device),
        first=options.first,
        older_than_days=options.older_than,
        series=tuple(options.series),
    )


def _plan(options: argparse.Namespace) -> int:
    cells = planned(options)
    if options.format == "github":
        print(json.dumps({"include": [_job(planned_cell) for planned_cell in cells]}))
        return 0
    for planned_cell in cells:
        cell = planned_cell.cell.key
        print(
            f"{cell.distribution} {cell.release:<10} Python {cell.python:<5} {cell.device:<5} "
            f"{planned_cell.reason}: {planned_cell.why}"
        )
    print(f"{len(cells)} cells" if cells else _nothing(options))
    return 0


def _nothing(options: argparse.Namespace) -> str:
    """Return that nothing is left to run, on which device and platform, and what the other has."""
    other = "cuda" if options.device == "cpu" else "cpu"
    left = len(planned(argparse.Namespace(**{**vars(options), "device": other})))
    more = f"; `--device {other}` has {left}" if left else ""
    name = DEVICE_NAMES[options.device]
    return f"nothing to run: no {name} cell of {platform_here()} is left{more}"


def _job(planned_cell: Planned) -> dict[str, str]:
    cell = planned_cell.cell.key
    return {
        "distribution": cell.distribution,
        "release": cell.release,
        "python": cell.python,
        "device": cell.device,
    }
