"""`python -m verify repair`: find the fewest pins that make a broken cell pass, and prove them."""

import argparse
import sys
from datetime import date, timedelta
from pathlib import Path

from kb.base.errors import NoRepair, RunnerFailed
from kb.base.model import Pin, PinsFile, RunId
from kb.base.printable import printable
from kb.base.store import Store
from kb.base.versions import series
from kb.base.writing import check_folder, write
from kb.cells.recipes import CellKey, Recipe, pins_of
from kb.cells.standing import CONCLUSIVE
from kb.runs.folder import save
from kb.runs.run_file import Run
from verify.commands.arguments import Commands, add_cell, add_places, cell_of
from verify.commands.run import platform_here, summary
from verify.plan import find
from verify.repairing.pin_rows import appended, row
from verify.repairing.repair import pin, repair
from verify.repairing.trials import trials
from verify.runner.bench import Bench, bench
from verify.runner.run import carry_out


class _Repinned(Store):
    """A knowledge base with other pins."""

    def __init__(self, data: Path, pins: tuple[Pin, ...]) -> None:
        super().__init__(data)
        self._pins = pins

    def pins(self) -> PinsFile:
        """Return the other pins."""
        return PinsFile(1, self._pins)


def add(commands: Commands, folders: argparse.ArgumentParser) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "repair",
        parents=[folders],
        help="find the fewest pins that make a broken cell pass, and prove them by runs",
        epilog="Example: %(prog)s --release 2.10.1 --python 3.9 --without-pins",
    )
    add_cell(parser)
    parser.add_argument(
        "--weeks", type=int, default=4, metavar="N",
        help="after the release, when it still worked; default: 4",
    )  # fmt: skip
    only_one = parser.add_mutually_exclusive_group()
    only_one.add_argument(
        "--without-pins", action="store_true",
        help="set the published pins of the cell aside first, to find them anew",
    )  # fmt: skip
    only_one.add_argument("--write", action="store_true", help="add the pins to pins.yaml")
    add_places(parser)
    parser.set_defaults(command=_repair)


def _repair(options: argparse.Namespace) -> int:
    if options.write:
        check_folder(options.data)
    wanted = cell_of(options, platform_here())
    store = _store(options, wanted)
    here = bench(options.scratch, options.cache)
    failed, before = _run(find(store, wanted).recipe, here, options.runs)
    if failed.outcome == "ok":
        print("nothing to repair")
        return 0
    day = _day(store, wanted, options.weeks)
    try:
        with trials(find(store, wanted).recipe, here) as tried:
            repaired = repair(failed, tried, day, _tell)
    except NoRepair as error:
        print(printable(f"broken, and no pin repairs it: {error}"))
        return 1
    named = ", ".join(culprit.requirement for culprit in repaired.found)
    print(f"found: {named}; suspects: {repaired.suspects}, trials: {repaired.trials}", flush=True)
    pins = store.pins().pins
    unproven = tuple(pin(culprit, failed, (before,)) for culprit in repaired.found)
    repinned = _Repinned(options.data, (*pins, *unproven))
    proof, after = _run(find(repinned, wanted).recipe, here, options.runs)
    if proof.outcome != "ok":
        print("the trials passed and the run did not: no pin is proven")
        return 1
    _show(tuple(pinned._replace(runs=(before, after)) for pinned in unproven), options)
    return 0


def _store(options: argparse.Namespace, wanted: CellKey) -> Store:
    store = Store(options.data)
    if not options.without_pins:
        return store
    pins = store.pins().pins
    aside = pins_of(wanted, pins)
    return _Repinned(options.data, tuple(known for known in pins if known not in aside))


def _day(store: Store, wanted: CellKey, weeks: int) -> str:
    """Return the day some weeks after a release."""
    released = next(
        release.released
        for release in store.series(series(wanted.release)).releases
        if (release.distribution, release.release) == (wanted.distribution, wanted.release)
    )
    return (date.fromisoformat(released) + timedelta(weeks=weeks)).isoformat()


def _run(recipe: Recipe, here: Bench, runs: Path) -> tuple[Run, RunId]:
    """Carry a recipe out and write the run; return it and its id. Raises RunnerFailed where it
    says nothing of the cell.
    """
    run = carry_out(recipe, here)
    print(summary(run), flush=True)
    if run.outcome not in CONCLUSIVE:
        raise RunnerFailed(f"{run.outcome} ({run.why}); it says nothing of the cell, try again")
    path = save(runs, run)
    print(printable(str(path)), flush=True)
    return run, path.stem


def _tell(line: str) -> None:
    print(printable(line), file=sys.stderr, flush=True)


def _show(pins: tuple[Pin, ...], options: argparse.Namespace) -> None:
    path = options.data / "pins.yaml"
    rows = "".join(row(pinned) for pinned in pins)
    if not options.write:
        print(f"proven; for the end of {printable(str(path))}:\n{rows}", end="")
        return
    write(path, appended(path.read_text(encoding="utf-8"), pins, str(path)))
    print(f"proven, and added to {printable(str(path))}:\n{rows}", end="")
