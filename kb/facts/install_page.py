"""What the official page about installing with pip claims of a series.

The page names no release. It says that it is for the newest stable one, so what it said is kept
with the series that was the newest then, and counts for the final releases of `tensorflow` in it.
"""

from collections.abc import Iterator
from typing import get_args

from kb.base.model import InstallPage, Platform, SeriesFile
from kb.base.record import Record
from kb.base.versions import is_final, key
from kb.facts.claims import CUDA, PIP, UBUNTU, About, Claim, Source, Subject
from kb.facts.tags import PIPS

ID = "official:pip.md"
_LINUX: tuple[Platform, ...] = ("linux-x86_64",)
_WINDOWS: tuple[Platform, ...] = ("windows-x86_64",)
_MACS: tuple[Platform, ...] = ("macos-x86_64", "macos-arm64")


class _Glibc(Record):
    """The glibc of a release of Ubuntu, and who says so."""

    version: str
    source: str


_DISTROS = "https://github.com/mayeut/pep600_compliance#distro-compatibility"
_GLIBC_OF_UBUNTU = {
    "16.04": _Glibc("2.23", "https://github.com/Linuxbrew/brew/wiki/Bottles"),
    "18.04": _Glibc("2.27", _DISTROS),
    "20.04": _Glibc("2.31", _DISTROS),
    "22.04": _Glibc("2.35", _DISTROS),
    "24.04": _Glibc("2.39", _DISTROS),
}
_PIPS_SOURCE = "https://github.com/pypa/manylinux#manylinux"
_READ = "2026-11-26"  # the day on which both tables were read


def claims(series: SeriesFile) -> Iterator[Claim]:
    """Yield what the page says of each final release of TensorFlow in a series, and what is known
    of the systems and tools that it names.
    """
    page = series.install_page
    if page is None:
        return
    source = Source(id=ID, url=page.source, read=page.read)
    for release in series.releases:
        if release.distribution == "tensorflow" and release.builds and is_final(release.release):
            for platforms, about, value in _statements(page, series.series):
                subject = Subject(
                    name="tensorflow", release=release.release, platforms=platforms, about=about
                )
                yield Claim(source, subject, value)
    drivers: tuple[tuple[About, str | None], ...] = (
        ("minimum driver", page.driver_linux),
        ("minimum driver on WSL2", page.driver_wsl2),
    )
    for about, driver in drivers:
        if driver is not None:
            subject = Subject(name=CUDA, release=page.cuda, platforms=_LINUX, about=about)
            yield Claim(source, subject, driver)
    yield from _known_beside(page)


def _statements(
    page: InstallPage, series: str
) -> Iterator[tuple[tuple[Platform, ...], About, str]]:
    yield get_args(Platform), "python", page.python
    yield _LINUX, "cuda", page.cuda
    yield _LINUX, "cudnn", page.cudnn
    yield _LINUX, "compute capabilities", ", ".join(page.compute_capabilities)
    if page.windows_gpu_until is not None and key(series) > key(page.windows_gpu_until):
        yield _WINDOWS, "cuda build", "no"
    if page.ubuntu is not None:
        yield _LINUX, "oldest system", page.ubuntu
    if page.macos is not None:
        yield _MACS, "oldest system", page.macos
    if page.pip is not None:
        yield _LINUX, "oldest pip", page.pip


def _known_beside(page: InstallPage) -> Iterator[Claim]:
    """Yield the glibc of the Ubuntu that the page names, and which pip takes which tag."""
    glibc = _GLIBC_OF_UBUNTU.get(page.ubuntu or "")
    if glibc is not None:
        source = Source(id=f"people:ubuntu/{page.ubuntu}", url=glibc.source, read=_READ)
        subject = Subject(
            name=UBUNTU, release=str(page.ubuntu), platforms=_LINUX, about="oldest system"
        )
        yield Claim(source, subject, glibc.version)
    for kind, version in PIPS.items():
        source = Source(id=f"people:manylinux/{kind}", url=_PIPS_SOURCE, read=_READ)
        subject = Subject(name=PIP, release=kind, platforms=_LINUX, about="oldest pip")
        yield Claim(source, subject, version)
