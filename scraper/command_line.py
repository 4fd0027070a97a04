"""The command line of the scraper."""

import argparse
import sys
from collections.abc import Iterable
from datetime import datetime, timezone
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from kb.base.errors import SourceFailed
from kb.base.printable import printable
from kb.machine import index_setting
from kb.terminal.ladder import carry_out, tell
from kb.terminal.parser import Parser
from scraper.sources import SOURCES, asked

if TYPE_CHECKING:
    from scraper.changes import Changes
    from scraper.companion_run import CompanionOutcome, CompanionState
    from scraper.run import Outcome, SourceState

CODE = "code"  # the machine code of CUDA builds: 100 GB at first, so it is asked for by its name
COMPANIONS = "companions"  # some fifty pages of the index, asked for by its name too
_SHOWN = 40
_DAY = "%Y-%m-%d"


def main(arguments: list[str] | None = None) -> int:
    """Run a scrape; return the exit status.

    0: done, or nothing new; 1: --check found changes; 2: wrong usage; 3: a source failed, and
    what the others say is told, and taken.
    """
    return carry_out(
        partial(_run, arguments),
        interrupted="interrupted; what was read is kept, run the same command to go on",
        no_reader=3,
    )


def _run(arguments: list[str] | None) -> int:
    options = _parser().parse(sys.argv[1:] if arguments is None else arguments)
    every = (*SOURCES, CODE, COMPANIONS)
    unknown = [source for source in options.source if source not in every]
    if unknown:
        _parser().error(f"no source {unknown[0]!r}; there are: {', '.join(every)}")
    if CODE in options.source and len(options.source) > 1:
        _parser().error(f"{CODE} reads for an hour or more; ask for it alone")
    if COMPANIONS in options.source and len(options.source) > 1:
        _parser().error(f"{COMPANIONS} is a scrape of its own; ask for it alone")
    if CODE in options.source:
        return _read_code(options)
    if COMPANIONS in options.source:
        return _scrape_companions(options)
    outcome = _scrape(options)
    _report(outcome, options.check)
    return _status(outcome.states, options.check and bool(outcome.files))


def _status(states: Iterable["SourceState | CompanionState"], would_change: bool) -> int:
    """Tell why sources failed, and return the exit status."""
    failed = [state.why for state in states if state.state == "failed"]
    for why in failed:
        tell(SourceFailed(why))
    if failed:
        return SourceFailed.status
    return 1 if would_change else 0


def _scrape(options: argparse.Namespace) -> "Outcome":
    from scraper.http import open_session
    from scraper.run import Task, scrape

    setting = index_setting.read()
    task = Task(
        data=options.data,
        sources=asked(options.source),
        setting=setting,
        today=_today(),
        snapshot=options.snapshot,
        snapshot_day=options.snapshot_day,
        accept_removals=options.accept_removals,
        write=not options.check,
    )
    with open_session(certificates=setting.certificates) as session:
        return scrape(task, session)


def _today() -> str:
    return datetime.now(timezone.utc).date().isoformat()


def _read_code(options: argparse.Namespace) -> int:
    from scraper.code_run import read_all
    from scraper.http import open_session

    setting = index_setting.read()
    with open_session(certificates=setting.certificates) as session:
        outcome = read_all(options.data, setting, session, _today(), check=options.check)
    if options.check:
        for wheel in outcome.wanted[:_SHOWN]:
            print(printable(f"unread   {wheel.file}"))
        print(f"{len(outcome.wanted)} wheels would be read")
        return 1 if outcome.wanted else 0
    failed = [code for code in outcome.read if code.failure is not None]
    for code in failed:
        print(printable(f"failed   {code.failure}"))
    traffic = outcome.traffic
    print(
        f"{len(outcome.read)} wheels read, {len(failed)} failed, in {traffic.requests} requests, "
        f"{traffic.bytes / 1e6:.0f} MB, {traffic.bytes / max(1, traffic.least):.3f} times the "
        "libraries in them"
    )
    return 3 if failed else 0


def _scrape_companions(options: argparse.Namespace) -> int:
    from scraper.companion_run import CompanionTask, scrape
    from scraper.http import open_session

    setting = index_setting.read()
    task = CompanionTask(
        data=options.data,
        setting=setting,
        today=_today(),
        accept_removals=options.accept_removals,
        write=not options.check,
    )
    with open_session(certificates=setting.certificates) as session:
        outcome = scrape(task, session)
    _report_companions(outcome, options.check)
    would_change = options.check and any(state.state == "new" for state in outcome.states)
    return _status(outcome.states, would_change)


def _report_companions(outcome: "CompanionOutcome", check: bool) -> None:
    changes = outcome.changes()
    _tell_changes(changes)
    for state in outcome.states:
        why = f": {state.why or state.changes.counted()}" if state.state != "nothing new" else ""
        print(printable(f"{state.companion:30} {state.state}{why}"))
    new = sum(state.state == "new" for state in outcome.states)
    traffic = outcome.traffic
    print(
        f"{changes.counted()}; {new} files {'would change' if check else 'written'}; "
        f"{outcome.wheels_read} METADATA read in {traffic.requests} requests, "
        f"{traffic.bytes / 1e6:.1f} MB"
    )


def _parser() -> Parser:
    parser = Parser(
        prog="python -m scraper",
        description="Pull what the sources say into the knowledge base.",
        epilog="Example: python -m scraper --check",
    )
    parser.add_argument(
        "source",
        nargs="*",
        help=f"{', '.join(SOURCES)}, which are asked by default (official brings install-page, "
        f"wheels brings index); or {CODE} alone: the machine code in CUDA builds, 100 GB when "
        f"none was read yet; or {COMPANIONS} alone: the companions of TensorFlow",
    )
    parser.add_argument(
        "--from",
        dest="snapshot",
        type=Path,
        metavar="DIR",
        help="take the official pages from a snapshot in DIR, not live",
    )
    parser.add_argument(
        "--from-day",
        dest="snapshot_day",
        type=_day,
        metavar="YYYY-MM-DD",
        help="the day the snapshot was taken (default: today)",
    )
    parser.add_argument(
        "--check", action="store_true", help="write nothing; 1 if it would change, 3 if one failed"
    )
    parser.add_argument(
        "--accept-removals", action="store_true", help="let go of what the sources no longer say"
    )
    parser.add_argument(
        "--data", type=Path, default=Path("kb/data"), metavar="DIR", help="default: kb/data"
    )
    return parser


def _day(text: str) -> str:
    try:
        day = datetime.strptime(text, _DAY).replace(tzinfo=timezone.utc).date().isoformat()
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no day like 2026-03-11") from None
    if day > _today():
        raise argparse.ArgumentTypeError(f"{day} is in the future: today is {_today()}")
    return day


def _report(outcome: "Outcome", check: bool) -> None:
    changes = outcome.changes
    _tell_changes(changes)
    for source in outcome.states:
        why = f": {source.why}" if source.why else ""
        print(printable(f"{source.source:12} {source.state}{why}"))
    traffic = outcome.traffic
    done = "would change" if check else "written"
    print(
        f"{changes.counted()}; {len(outcome.files)} files {done}; "
        f"{outcome.wheels_read} wheels read in {traffic.requests} requests, "
        f"{traffic.bytes / 1e6:.1f} MB"
    )
    if outcome.index_renewed:
        print("index.json made anew")


def _tell_changes(changes: "Changes") -> None:
    lines = [
        f"{verb:8} {text}"
        for verb, texts in zip(changes._fields, changes, strict=True)
        for text in texts
    ]
    for line in lines[:_SHOWN]:
        print(printable(line))
    if len(lines) > _SHOWN:
        print(f"... and {len(lines) - _SHOWN} more")
