"""Bring together what the sources claim of one series: which build is which, and built for what.

The wheel's own word beats the page's; the page is asked where the wheel is silent.
"""

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
from kb.base.versions import agree
from kb.facts import official

_SHIM_HOPS = 4


class Source(Record):
    """Where a claim stands: its id, its public address (None for the index), the day read; of a
    wheel its sha256.
    """

    id: str
    url: str | None
    read: str
    sha256: str | None = None


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

    def source(self) -> Source:
        """Return where the build's claims stand."""
        file = self.build.says.wheel
        sha256 = next((w.sha256 for w in self.build.wheels if w.file == file), None)
        return Source(f"index:{self.release.distribution}/{file}", None, self.build.read, sha256)


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
    """Return the official row for a release, or its series' newest where it has none of its own."""
    rows = [
        row
        for row in series.official
        if platform in official.platforms(row) and official.device(row) == device
    ]
    for row in reversed(rows):
        if official.release(row) == release:
            return Documented(row, exact=True)
    return Documented(rows[-1], exact=False) if rows else None


def row_source(row: OfficialRow) -> Source:
    """Return where an official row stands."""
    name, address = official.source(row)
    return Source(name, address, row.read)


def devices(series: SeriesFile, one: Published) -> tuple[Device, ...]:
    """Return the devices that a build serves, the one it was built for first.

    A wheel of tensorflow-gpu that says nothing serves CUDA where the page says so. The
    distributions made for one kind of GPU are offered for that alone.
    """
    if one.code is None:
        return ()
    says = one.says()
    distribution = one.release.distribution
    if distribution == "tensorflow-directml":
        return ("directml",)
    if says.rocm_build:
        return ("rocm",)
    if distribution == "tensorflow-gpu":
        row = documented(series, one.release.release, one.build.platform, "cuda")
        known = says.cuda_build or (says.cuda_build is None and row is not None)
        return ("cuda",) if known else ()
    return ("cuda", "cpu") if says.cuda_build else ("cpu",)


class Toolkit(Record):
    """The CUDA and cuDNN of a build: as built, as documented, and as its extra installs them."""

    cuda: str | None
    cuda_built: str | None
    cuda_documented: str | None
    cudnn_built: str | None
    cudnn_documented: str | None
    cudnn_installed: str | None


NO_TOOLKIT = Toolkit(None, None, None, None, None, None)


def toolkit(series: SeriesFile, one: Published) -> Toolkit:
    """Return a build's CUDA and cuDNN. `cuda` is the wheel's word, made more exact by the page's
    where the two agree.
    """
    says = one.says()
    row = documented(series, one.release.release, one.build.platform, "cuda")
    page = row.row.cuda if row else None
    return Toolkit(
        cuda=_more_exact(says.cuda, page),
        cuda_built=says.cuda,
        cuda_documented=page,
        cudnn_built=says.cudnn,
        cudnn_documented=row.row.cudnn if row else None,
        cudnn_installed=_exact_pin(and_cuda(says), "nvidia-cudnn-cu"),
    )


def _more_exact(built: str | None, page: str | None) -> str | None:
    if built is None or page is None:
        return built or page
    return page if agree(built, page) and page.count(".") > built.count(".") else built


def and_cuda(says: WheelFacts) -> tuple[Requirement, ...]:
    """Return what a wheel requires under the extra `and-cuda`; nothing where it has none."""
    return next((extra.requires for extra in says.extras if extra.name == "and-cuda"), ())


def _exact_pin(requires: tuple[Requirement, ...], start: str) -> str | None:
    """Return the one version that is required of what has a name with this start."""
    named = (one.specifier.exact for one in requires if one.name.startswith(start))
    return next((version for version in named if version is not None), None)
