"""Which plug-in goes with which build of TensorFlow, so that it serves one more kind of GPU.

What a plug-in's wheel requires decides; one that names no TensorFlow goes by the table
`plugin_pairs.yaml`. An open requirement (`tensorflow>=2.10`) says where a plug-in begins and not
where it ends, so it counts for the release that it names alone.
"""

from collections.abc import Iterator
from typing import Literal

from kb.base.model import Build, Device, Distribution, Pin, PluginPair, Python, Release, WheelFacts
from kb.base.record import Record
from kb.base.store import Store
from kb.base.versions import is_final, key, series, strictest, within
from kb.cells.checks import checks
from kb.cells.recipes import CellKey, Recipe, Resolutions, pins_of, recipe
from kb.cells.rungs import Rung
from kb.facts.builds import Published
from kb.facts.claims import Source
from kb.facts.toolkits import NO_TOOLKIT


class Kind(Record):
    """What the plug-ins of one distribution serve; `name` is what TensorFlow calls the device."""

    device: Device
    name: str


# learn.microsoft.com/en-us/windows/ai/directml/gpu-faq tells the name of DirectML's device, and
# intel.github.io/intel-extension-for-tensorflow/latest/docs/guide/FAQ.html that of Intel's.
_KINDS: dict[Distribution, Kind] = {
    "tensorflow-metal": Kind("metal", "GPU"),
    "tensorflow-directml-plugin": Kind("directml", "GPU"),
    "intel-extension-for-tensorflow": Kind("xpu", "XPU"),
}


class Plugged(Record):
    """A release of a plug-in that goes with a build on one Python, and what its wheel demands;
    who says that they go together: what its wheel requires, the table in it, or a public page.
    """

    distribution: Distribution
    release: str
    kind: Kind
    extra: str | None
    rung: Rung
    glibc: str | None
    macos: str | None
    source: Source
    told_by: Literal["requirement", "table", "report"]

    def requirement(self) -> str:
        """Return what pip is asked for."""
        extra = f"[{self.extra}]" if self.extra else ""
        return f"{self.distribution}{extra}=={self.release}"


class Plugins:
    """The plug-ins of a knowledge base."""

    def __init__(self, store: Store) -> None:
        """Open them all. Raises DocumentError."""
        self._pairs = store.plugin_pairs().plugin_pairs
        self._releases: list[Release] = []
        for name in store.plugin_names():
            every = store.plugin(name).releases
            # some have nothing but builds of a day, which are their releases
            self._releases += [one for one in every if is_final(one.release)] or every
        self._releases.sort(key=lambda release: key(release.release), reverse=True)

    def of(self, offer: Published, python: Python) -> Iterator[Plugged]:
        """Yield for each distribution the newest release that goes with a build on a Python."""
        found = set()
        for release in self._releases:
            if release.distribution in found:
                continue
            for build in release.builds:
                plugged = self._plugged(release, build, offer, python)
                if plugged is not None:
                    found.add(release.distribution)
                    yield plugged

    def _plugged(
        self, release: Release, build: Build, offer: Published, python: Python
    ) -> Plugged | None:
        wheels = [w for w in build.wheels if python in w.python and w.yanked is None]
        if build.platform != offer.build.platform or not wheels:
            return None
        named = _named(build.says)
        pair = None if named else _pair(self._pairs, release, offer)
        if pair is None and not any(_meets(offer.release, *words) for words in named):
            return None
        extras = [extra.name for extra in build.says.extras]
        return Plugged(
            distribution=release.distribution,
            release=release.release,
            kind=_KINDS[release.distribution],
            extra=next((extra for extra in ("xpu", "gpu") if extra in extras), None),
            rung="shipped" if pair is None else "documented",
            glibc=strictest(wheel.glibc for wheel in wheels),
            macos=strictest([*(wheel.macos for wheel in wheels), pair.macos if pair else None]),
            source=self._source(release, build, pair),
            told_by="requirement" if pair is None else "table" if pair.wheel else "report",
        )

    def _source(self, release: Release, build: Build, pair: PluginPair | None) -> Source:
        """Return who says that they go together: a wheel of the plug-in, or a public page."""
        if pair is not None and pair.wheel is None:
            return Source(id=f"people:plugin_pairs/{pair.release}", url=pair.source, read=pair.read)
        file = build.says.wheel if pair is None else pair.wheel
        wheels = {
            wheel.file: wheel
            for other in self._releases
            for of_platform in other.builds
            for wheel in of_platform.wheels
        }
        own = wheels.get(file or "")
        return Source(
            id=f"index:{release.distribution}/{file}",
            url=None,
            read=build.read,
            sha256=own.sha256 if own else None,
        )


def _named(says: WheelFacts) -> list[tuple[str, str, str]]:
    """Return what a plug-in requires of TensorFlow: distribution, operator, version."""
    found = []
    for requirement in says.requires:
        if requirement.name.startswith("tensorflow") and len(requirement.specifier.bounds) == 1:
            (bound,) = requirement.specifier.bounds
            is_release = bound.version.replace(".", "").isdigit()
            if is_release and bound.operator in ("==", "~=", ">=") and requirement.marker is None:
                found.append((requirement.name, bound.operator, bound.version))
    return found


def _meets(release: Release, distribution: str, operator: str, version: str) -> bool:
    if release.distribution != distribution:
        return False
    if operator == "~=":
        same = series(release.release) == series(version)
        return same and key(release.release) >= key(version)
    return key(release.release) == key(version)


def _pair(pairs: tuple[PluginPair, ...], plugin: Release, offer: Published) -> PluginPair | None:
    for pair in pairs:
        if (
            (pair.plugin, pair.release) == (plugin.distribution, plugin.release)
            and offer.release.distribution in pair.distributions
            and offer.build.platform in pair.platforms
            and within(offer.release.release, *pair.releases)
        ):
            return pair
    return None


def plugged_recipe(
    offer: Published, python: Python, plugged: Plugged, pins: tuple[Pin, ...]
) -> Recipe:
    """Return the recipe that sets a build up together with a plug-in."""
    release = offer.release.release
    device = plugged.kind.device
    cell = CellKey(
        distribution=offer.release.distribution,
        release=release,
        platform=offer.build.platform,
        python=python,
        device=device,
    )
    alone = recipe(cell, offer.says(), NO_TOOLKIT, pins_of(cell, pins), Resolutions(()))
    steps = tuple(
        step._replace(requirements=(*step.requirements, plugged.requirement()))
        if step.action == "install"
        else step
        for step in alone.steps
    )
    return Recipe(cell, steps, checks(release, True, plugged.kind.name))
