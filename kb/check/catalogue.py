"""All releases, by what a requirement asks: which distribution, on which platform and Python."""

from typing import Any

from packaging.specifiers import SpecifierSet

from kb.base.model import (
    CompanionFile,
    CompanionNote,
    CompanionRelease,
    Device,
    Platform,
    PluginPair,
    Problem,
    Python,
    Release,
)
from kb.base.names import MARKERS
from kb.base.record import Record
from kb.base.store import Store
from kb.base.versions import is_final, key, series
from kb.cells.cells import Cell, SeriesFacts, cell, open_series_facts
from kb.facts.builds import Published, and_cuda, devices, published
from kb.facts.toolkits import NO_TOOLKIT, toolkit

PATCHES = 40  # more than any minor version of Python has had


class Target(Record):
    """Where a project is installed."""

    platform: Platform
    python: Python

    def meets(self, requirement: Any) -> bool:
        """Tell whether a requirement's marker holds here."""
        if requirement.marker is None:
            return True
        return bool(
            requirement.marker.evaluate(
                {
                    **MARKERS[self.platform]._asdict(),
                    "python_version": self.python,
                    "python_full_version": f"{self.python}.{PATCHES}",
                    "implementation_name": "cpython",
                    "implementation_version": f"{self.python}.{PATCHES}",
                    "platform_python_implementation": "CPython",
                    "platform_release": "",
                    "platform_version": "",
                    "extra": "",
                }
            )
        )


class Catalogue:
    """All releases of a knowledge base."""

    def __init__(self, store: Store) -> None:
        """Open the releases. Raises DocumentError."""
        self.pins = store.pins().pins
        self._store = store
        self._series = {name: store.series(name) for name in store.series_names()}
        self._series_facts: dict[str, SeriesFacts] = {}
        self._releases: dict[str, list[Release]] = {}
        self._offers: dict[tuple[str, str, str], list[Published]] = {}
        self._cells: dict[tuple[str, str, Target, bool], Cell] = {}
        self._problems: tuple[Problem, ...] | None = None
        self._plugin_pairs: tuple[PluginPair, ...] | None = None
        self._companion_names = frozenset(store.companion_names())
        self._companions: dict[str, CompanionFile] = {}
        self._companion_releases: dict[tuple[str, str], tuple[CompanionRelease, ...]] = {}
        self._companion_notes: tuple[CompanionNote, ...] | None = None
        pythons = set()
        of_releases = set()
        for file in self._series.values():
            for release in file.releases:
                self._releases.setdefault(release.distribution, []).append(release)
            for offer in published(file):
                for python in offer.pythons():
                    pythons.add(python)
                    if is_final(offer.release.release):
                        of_releases.add(python)
                    where = (offer.release.distribution, offer.build.platform, python)
                    self._offers.setdefault(where, []).append(offer)
        for releases in self._releases.values():
            releases.sort(key=lambda release: key(release.release))
        for offers in self._offers.values():
            offers.sort(key=lambda offer: key(offer.release.release), reverse=True)
        self.pythons = tuple(sorted((python for python in pythons if "." in python), key=key))
        self.newest_python = max(of_releases, key=key, default=None)

    def releases(self, distribution: str) -> tuple[Release, ...]:
        """Return the releases of a distribution, oldest first."""
        return tuple(self._releases.get(distribution, ()))

    def plugin_pairs(self) -> tuple[PluginPair, ...]:
        """Return which releases of plug-ins go with which releases, where a table tells."""
        if self._plugin_pairs is None:
            self._plugin_pairs = self._store.plugin_pairs().plugin_pairs
        return self._plugin_pairs

    def plugin_releases(self, distribution: str, environment: Target) -> tuple[str, ...]:
        """Return the releases of a plug-in with a wheel for an environment."""
        return tuple(
            release.release
            for release in self._store.plugin(distribution).releases
            for build in release.builds
            if build.platform == environment.platform
            and any(environment.python in w.python and w.yanked is None for w in build.wheels)
        )

    def companion(self, name: str) -> CompanionFile | None:
        """Return the releases of a companion; None for what is none."""
        if name not in self._companion_names:
            return None
        if name not in self._companions:
            self._companions[name] = self._store.companion(name)
        return self._companions[name]

    def companion_releases(self, name: str, bounds: SpecifierSet) -> tuple[CompanionRelease, ...]:
        """Return the releases of a companion that are asked for, the newest first: withdrawn ones
        where one version alone is; none of what is no companion.
        """
        asked = (name, str(bounds))
        if asked not in self._companion_releases:
            file = self.companion(name)
            named = any(bound.operator in ("==", "===") for bound in bounds)
            self._companion_releases[asked] = tuple(
                release
                for release in reversed(file.releases if file else ())
                if (release.yanked is None or named) and bounds.contains(release.release)
            )
        return self._companion_releases[asked]

    def companion_notes(self) -> tuple[CompanionNote, ...]:
        """Return what METADATA of companions do not tell."""
        if self._companion_notes is None:
            self._companion_notes = self._store.companion_notes().notes
        return self._companion_notes

    def problems(self) -> tuple[Problem, ...]:
        """Return the known problems."""
        if self._problems is None:
            self._problems = self._store.problems().problems
        return self._problems

    def has_and_cuda(self, offer: Published) -> bool:
        """Tell whether any wheel of a build's release has the extra `and-cuda`."""
        own = offer.release
        return any(and_cuda(build.says) for build in own.builds) or bool(and_cuda(offer.says()))

    def offers(self, distribution: str, environment: Target) -> tuple[Published, ...]:
        """Return the builds with a wheel for an environment, newest first."""
        return tuple(self._offers.get((distribution, *environment), ()))

    def cell(self, offer: Published, environment: Target, cuda: bool) -> Cell:
        """Return the cell that a build gives: CUDA's where that is asked for, or all there is."""
        own = (offer.release.distribution, offer.release.release, environment, cuda)
        if own not in self._cells:
            self._cells[own] = self._cell(offer, environment, cuda)
        return self._cells[own]

    def _cell(self, offer: Published, environment: Target, cuda: bool) -> Cell:
        series_facts = self.series_facts(offer)
        served = devices(series_facts.series, offer)
        device: Device = "cuda" if cuda or "cpu" not in served else "cpu"
        device = device if device in served else (*served, "cpu")[0]
        tools = toolkit(series_facts.claims, offer) if device == "cuda" else NO_TOOLKIT
        return cell(series_facts, offer, tools, environment.python, device)

    def series_facts(self, offer: Published) -> SeriesFacts:
        """Return what the cells of a build's series are held against."""
        name = series(offer.release.release)
        if name not in self._series_facts:
            self._series_facts[name] = open_series_facts(self._store, self._series[name])
        return self._series_facts[name]
