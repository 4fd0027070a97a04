"""The builds of a series: which one holds the code, which official row counts, whom it serves."""

from collections.abc import Iterator

from kb.base.model import (
    Build,
    Device,
    OfficialRow,
    Platform,
    Python,
    Release,
    SeriesFile,
    WheelFacts,
)
from kb.base.record import Record
from kb.base.requirement import Requirement
from kb.base.versions import is_final
from kb.facts import official
from kb.facts.claims import About, Source, Subject

_SHIM_HOPS = 4


class Published(Record):
    """A build in its release, and the build whose wheel really holds the code.

    `code` is the build itself but for a shim; None for a shim that leads nowhere.
    """

    release: Release
    build: Build
    code: Build | None

    def says(self) -> WheelFacts:
        """Return the words of the wheel that holds the code, or the shim's own."""
        return (self.code or self.build).says

    def pythons(self) -> tuple[Python, ...]:
        """Return the Pythons with wheels that were not withdrawn, all the way to the code."""
        own = offered(self.build)
        if self.code is None or self.code is self.build:
            return own
        return tuple(python for python in own if python in offered(self.code))

    def subject(self, about: About) -> Subject:
        """Return the build as what a claim is about."""
        release = self.release
        return Subject(
            name=release.distribution,
            release=release.release,
            platforms=(self.build.platform,),
            about=about,
        )

    def source(self) -> Source:
        """Return where the build's claims stand: the wheel that was read, which speaks for all."""
        file = self.build.says.wheel
        sha256 = next((w.sha256 for w in self.build.wheels if w.file == file), None)
        return self._listed(file, sha256)

    def source_for(self, python: Python) -> Source:
        """Return where it stands that there is a wheel for a Python: that wheel itself."""
        major = python.partition(".")[0]
        own = [w for w in self.build.wheels if {python, major} & {*w.python} and w.yanked is None]
        return self._listed(own[-1].file, own[-1].sha256) if own else self.source()

    def _listed(self, file: str, sha256: str | None) -> Source:
        return Source(
            id=f"index:{self.release.distribution}/{file}",
            url=None,
            read=self.build.read,
            sha256=sha256,
        )


def offered(build: Build) -> tuple[Python, ...]:
    """Return the Pythons for which a build has wheels that were not withdrawn."""
    found: list[Python] = []
    for wheel in build.wheels:
        if wheel.yanked is None:
            found += [python for python in wheel.python if python not in found]
    return tuple(found)


def published(series: SeriesFile) -> Iterator[Published]:
    """Yield every build of a series."""
    builds: dict[tuple[str, str, str], Build] = {
        (release.distribution, release.release, build.platform): build
        for release in series.releases
        for build in release.builds
    }
    for release in series.releases:
        for build in release.builds:
            yield Published(release, build, _code(build, builds))


def _code(build: Build, builds: dict[tuple[str, str, str], Build]) -> Build | None:
    """Follow shims to the build that holds the code; some lead to themselves, or to nothing."""
    found: Build | None = build
    for _ in range(_SHIM_HOPS):
        if found is None or found.says.shim is None:
            return found
        shim = found.says.shim
        found = builds.get((shim.name, shim.specifier.exact or "", build.platform))
    return None


class Documented(Record):
    """What the page says of a platform and device: the row, and whether it names this release."""

    row: OfficialRow
    exact: bool


def documented(
    series: SeriesFile, release: str, platform: Platform, device: Device
) -> Documented | None:
    """Return the official row for a release, or its series' newest where it has none of its own.

    What was tested of a series speaks of its releases, and of no candidate or nightly.
    """
    rows = [
        row
        for row in series.official
        if platform in official.platforms(row) and official.device(row) == device
    ]
    for row in reversed(rows):
        if official.release(row) == release:
            return Documented(row, exact=True)
    return Documented(rows[-1], exact=False) if rows and is_final(release) else None


def row_source(row: OfficialRow) -> Source:
    """Return where an official row stands."""
    name, address = official.source(row)
    return Source(id=name, url=address, read=row.read)


def devices(series: SeriesFile, offer: Published) -> tuple[Device, ...]:
    """Return the devices that a build serves, the one it was built for first.

    A wheel of tensorflow-gpu that says nothing serves CUDA where the page says so. The
    distributions made for one kind of GPU are offered for that alone.
    """
    if offer.code is None:
        return ()
    says = offer.says()
    distribution = offer.release.distribution
    if distribution == "tensorflow-directml":
        return ("directml",)
    if says.rocm_build:
        return ("rocm",)
    if distribution == "tensorflow-gpu":
        row = documented(series, offer.release.release, offer.build.platform, "cuda")
        known = says.cuda_build or (says.cuda_build is None and row is not None)
        return ("cuda",) if known else ()
    return ("cuda", "cpu") if says.cuda_build else ("cpu",)


def and_cuda(says: WheelFacts) -> tuple[Requirement, ...]:
    """Return what a wheel requires under the extra `and-cuda`; nothing where it has none."""
    return next((extra.requires for extra in says.extras if extra.name == "and-cuda"), ())
