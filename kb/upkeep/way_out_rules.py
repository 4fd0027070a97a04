"""What must hold of a way out that names a release: the index has it, with wheels for whoever the
way out is told; its own problem does not hit it; and what it needs besides stands in the command.
"""

from collections.abc import Iterable, Iterator

from packaging.specifiers import SpecifierSet

from kb.answers.ways_out import requirements
from kb.base.model import (
    Bounds,
    Device,
    ErrorsFile,
    LibraryPath,
    Pin,
    Platform,
    Problem,
    ProblemsFile,
    Python,
    ReleaseNote,
    ReleaseNotesFile,
    SeriesFile,
    WayOut,
)
from kb.base.names import PLATFORM_NAMES, is_tensorflow
from kb.base.record import Record
from kb.base.requirement import Requirement
from kb.base.versions import is_final, key, spans, within
from kb.cells.cells import key_of
from kb.cells.recipes import path_of, pins_of
from kb.facts.builds import Published, published

_SYSTEMS = ("linux", "windows", "macos")


class NamedWayOut(Record):
    """A way out, where it stands, and whom its row tells of: releases that are hit, or any where
    that is None; platforms, devices and Pythons, or all where there are none.
    """

    where: str
    way: WayOut
    hit: Bounds | None
    platforms: tuple[Platform, ...] = ()
    devices: tuple[Device, ...] = ()
    pythons: tuple[Python, ...] = ()


class FinalReleases:
    """The final releases that the index has, and what they need besides."""

    def __init__(
        self, files: Iterable[SeriesFile], pins: tuple[Pin, ...], paths: tuple[LibraryPath, ...]
    ) -> None:
        """Take the files of all series, the pins and the search paths."""
        self._offers = [
            offer for file in files for offer in published(file) if is_final(offer.release.release)
        ]
        self._pins, self._paths = pins, paths

    def faults(self, told: NamedWayOut) -> Iterator[str]:
        """Yield what is wrong with a way out that names a release."""
        named = requirements(told.way)
        for wanted in named:
            if is_tensorflow(wanted.name):
                yield from self._faults(told, wanted, named)

    def _faults(
        self, told: NamedWayOut, wanted: Requirement, named: tuple[Requirement, ...]
    ) -> Iterator[str]:
        taken = self._taken(told, wanted)
        if not taken:
            yield f"{told.where}: no release has a wheel for {wanted}; name one that there is"
            return
        hit = {
            offer.release.release
            for offer in taken.values()
            if told.hit is not None and within(offer.release.release, *told.hit)
        }
        if hit and _is_bounded(wanted) and not _is_question(told.way):
            yield f"{told.where}: {wanted} installs {min(hit)}, which has the same fault"
            return
        yield from _python_faults(told, wanted, taken, self._concerned(told))
        yield from self._need_faults(told, wanted, named, taken)

    def _taken(
        self, told: NamedWayOut, wanted: Requirement
    ) -> dict[tuple[Platform, Python], Published]:
        """Return the newest release that a requirement lets in, by platform and Python."""
        bounds = SpecifierSet(wanted.specifier)
        taken: dict[tuple[Platform, Python], Published] = {}
        for offer in sorted(self._offers, key=lambda offer: key(offer.release.release)):
            platform = offer.build.platform
            is_wanted = offer.release.distribution == wanted.name and platform in _platforms(told)
            if is_wanted and bounds.contains(offer.release.release):
                taken |= {(platform, python): offer for python in offer.pythons()}
        return taken

    def _concerned(self, told: NamedWayOut) -> set[Python]:
        """Return the Pythons of those whom a row tells of; none where it names no release."""
        if told.hit is None:
            return set()
        return {
            python
            for offer in self._offers
            if within(offer.release.release, *told.hit)
            and offer.build.platform in (told.platforms or PLATFORM_NAMES)
            for python in offer.pythons()
            if not told.pythons or python in told.pythons
        }

    def _need_faults(
        self,
        told: NamedWayOut,
        wanted: Requirement,
        named: tuple[Requirement, ...],
        taken: dict[tuple[Platform, Python], Published],
    ) -> Iterator[str]:
        device: Device = "cuda" if "cuda" in told.devices or wanted.extras else "cpu"
        lacking: set[str] = set()
        for (_, python), offer in taken.items():
            if told.way.pythons and python not in told.way.pythons:
                continue
            if told.pythons and python not in told.pythons:
                continue
            cell = key_of(offer, python, device)
            lacking |= {
                str(pin.pin)
                for pin in pins_of(cell, self._pins)
                if pin.compute_capability_below is None
                and not pin.only_beside
                and pin.pin not in named
            }
            if wanted.extras and path_of(cell, offer.says(), self._paths) is not None:
                lacking.add("a search path, which `python -m kb lookup` tells")
        if lacking and not _is_question(told.way):
            yield f"{told.where}: {wanted} needs {' and '.join(sorted(lacking))} besides; add that"


def _python_faults(
    told: NamedWayOut,
    wanted: Requirement,
    taken: dict[tuple[Platform, Python], Published],
    concerned: set[Python],
) -> Iterator[str]:
    has = {python for _, python in taken}
    right = concerned & has if concerned else has
    is_for_all = concerned <= has if concerned else not _is_bounded(wanted)
    if concerned and not right:
        yield f"{told.where}: {wanted} has no wheel for a Python of those whom it is told"
    elif told.way.pythons and set(told.way.pythons) != right:
        names = spans(sorted(right, key=key))
        yield f"{told.where}: pythons: {wanted} has wheels for {names}; name these"
    elif not told.way.pythons and not is_for_all and not _is_question(told.way):
        names = spans(sorted(right, key=key))
        yield f"{told.where}: {wanted} has wheels for Python {names} alone; name them as pythons"


def _platforms(told: NamedWayOut) -> tuple[Platform, ...]:
    """Return the platforms on which a way out is told: those of the system that it presupposes."""
    systems = [system for system in _SYSTEMS if system in told.way.presupposes]
    systems += ["linux"] * ("wsl2" in told.way.presupposes)
    every = told.platforms or tuple(PLATFORM_NAMES)
    if not systems:
        return every
    own = tuple(platform for platform in every if platform.partition("-")[0] in systems)
    return own or tuple(p for p in PLATFORM_NAMES if p.partition("-")[0] in systems)


def _is_bounded(wanted: Requirement) -> bool:
    """Tell whether a requirement asks for more than what pip would take anyway."""
    return any(bound.operator != "!=" for bound in wanted.specifier.bounds)


def _is_question(way: WayOut) -> bool:
    return "kb lookup" in (way.command or "")


def told_by(file: Record) -> Iterator[NamedWayOut]:
    """Yield the ways out of a file of problems, of release notes or of messages."""
    if isinstance(file, ProblemsFile):
        for problem in file.problems:
            yield from _told_by_row("problems.yaml", problem, problem.pythons)
    elif isinstance(file, ReleaseNotesFile):
        for note in file.release_notes:
            yield from _told_by_row("release_notes.yaml", note)
    elif isinstance(file, ErrorsFile):
        for error in file.errors:
            for way in error.fix:
                yield NamedWayOut(
                    where=f"errors.yaml: {error.id}: fix", way=way, hit=error.releases
                )


def _told_by_row(
    file: str, row: Problem | ReleaseNote, pythons: tuple[Python, ...] = ()
) -> Iterator[NamedWayOut]:
    for way in row.way_out:
        yield NamedWayOut(
            where=f"{file}: {row.id}: way_out",
            way=way,
            hit=row.releases,
            platforms=row.platforms,
            devices=row.devices,
            pythons=pythons,
        )
