"""Merge the claims of the sources into the knowledge base's files. No input or output here."""

from collections.abc import Iterable, Mapping
from typing import cast, get_args

from kb.base.model import (
    Build,
    Distribution,
    InstallPage,
    OfficialRow,
    Platform,
    PluginFile,
    Release,
    SeriesFile,
    WheelFacts,
    WheelsFile,
    WheelText,
)
from kb.base.names import PLUGINS
from kb.base.record import Record
from kb.base.versions import is_final, key, series
from kb.facts.official import release as row_release
from kb.facts.wheel_text import says
from scraper.index import Listed, ListedRelease

_ORDER = {name: position for position, name in enumerate(get_args(Distribution))}
_PLATFORM_ORDER = {name: position for position, name in enumerate(get_args(Platform))}


class Known(Record):
    """All that the scraper writes: the files by name, without their folders."""

    releases: Mapping[str, SeriesFile]
    plugins: Mapping[str, PluginFile]
    wheels: Mapping[str, WheelsFile]

    def texts(self) -> dict[str, WheelText]:
        """Return every text that was read inside a wheel, by the wheel's sha256."""
        return {text.sha256: text for file in self.wheels.values() for text in file.wheels}

    def rows(self) -> tuple[OfficialRow, ...]:
        """Return every official row."""
        return tuple(row for file in self.releases.values() for row in file.official)

    def install_pages(self) -> dict[str, InstallPage]:
        """Return what the page about installing said, by the series of which it spoke."""
        return {
            name: file.install_page
            for name, file in self.releases.items()
            if file.install_page is not None
        }

    def all_releases(self) -> tuple[Release, ...]:
        """Return every release of every distribution, plug-ins included."""
        series = [release for file in self.releases.values() for release in file.releases]
        plugins = [release for file in self.plugins.values() for release in file.releases]
        return (*series, *plugins)


def file_of(distribution: Distribution, release: str) -> str:
    """Return the name of the file that a release stands in: its series, or its plug-in's name."""
    return distribution if distribution in PLUGINS else series(release)


def read_for(listed: ListedRelease) -> dict[Platform, Listed]:
    """Return, for each build of a release, the one wheel whose texts speak for it: the newest
    Python's.
    """
    chosen: dict[Platform, Listed] = {}
    for file in listed.files:
        chosen[cast(Platform, file.platform)] = file
    return chosen


def unread_files(listed: Iterable[ListedRelease], texts: Mapping[str, WheelText]) -> frozenset[str]:
    """Return the files, by `file_of`, with a build whose wheel was not read."""
    return frozenset(
        file_of(release.distribution, release.release)
        for release in listed
        if any(file.wheel.sha256 not in texts for file in read_for(release).values())
    )


def released(
    listed: Iterable[ListedRelease], texts: Mapping[str, WheelText], known: Known, day: str
) -> tuple[Release, ...]:
    """Turn what the index lists into releases, with what the wheels say of themselves.

    A build that stayed as it was keeps the day on which it was first read. Raises
    UnreadableText for a text that cannot be read.
    """
    before: dict[tuple[str, str, str], Build] = {
        (release.distribution, release.release, build.platform): build
        for release in known.all_releases()
        for build in release.builds
    }
    return tuple(_release(release, texts, before, day) for release in listed)


def _release(
    listed: ListedRelease,
    texts: Mapping[str, WheelText],
    before: Mapping[tuple[str, str, str], Build],
    day: str,
) -> Release:
    builds = []
    for platform, newest in read_for(listed).items():
        wheels = tuple(item.wheel for item in listed.files if item.platform == platform)
        # until a newer Python's wheel is read, the newest that was read speaks on
        chosen = next((wheel for wheel in reversed(wheels) if wheel.sha256 in texts), newest.wheel)
        text = texts.get(chosen.sha256)
        facts = WheelFacts(wheel=chosen.file)
        if text is not None:
            facts = says(text, listed.distribution, platform, chosen.python[-1])
        old = before.get((listed.distribution, listed.release, platform))
        read = old.read if old is not None and old.wheels == wheels else day
        builds.append(Build(platform=platform, read=read, wheels=wheels, says=facts))
    builds.sort(key=lambda build: _PLATFORM_ORDER[build.platform])
    return Release(
        distribution=listed.distribution,
        release=listed.release,
        released=listed.released,
        builds=tuple(builds),
        sdist=None if builds else listed.sdist,
    )


def keep_days(rows: Iterable[OfficialRow], known: Known) -> tuple[OfficialRow, ...]:
    """Give each row that stood there before the day on which it was first read."""
    days = {row._replace(read=""): row.read for row in known.rows()}
    return tuple(row._replace(read=days.get(row._replace(read=""), row.read)) for row in rows)


def newest_series(releases: Iterable[Release], day: str) -> str | None:
    """Return the series of the newest final release of TensorFlow that was out on a day."""
    out = [
        release.release
        for release in releases
        if release.distribution == "tensorflow"
        and release.builds
        and release.released <= day
        and is_final(release.release)
    ]
    return series(max(out, key=key)) if out else None


def with_install_page(
    pages: Mapping[str, InstallPage], page: InstallPage, of: str
) -> dict[str, InstallPage]:
    """Let a page speak of a series, unless what it says stands there, or a newer one does."""
    known = pages.get(of)
    if known is not None and (
        known.read > page.read
        or known._replace(read="", source="") == page._replace(read="", source="")
    ):
        return dict(pages)
    return {**pages, of: page}


def files(
    rows: Iterable[OfficialRow],
    releases: Iterable[Release],
    texts: Mapping[str, WheelText],
    pages: Mapping[str, InstallPage] | None = None,
) -> Known:
    """Sort the claims into files. Only the texts of wheels that releases cite are kept."""
    pages = pages or {}
    official: dict[str, list[OfficialRow]] = {}
    for row in rows:
        official.setdefault(series(row_release(row)), []).append(row)
    by_file: dict[str, list[Release]] = {}
    for release in sorted(releases, key=lambda r: (_ORDER[r.distribution], key(r.release))):
        by_file.setdefault(file_of(release.distribution, release.release), []).append(release)
    plugins = {name: by_file.pop(name) for name in sorted(PLUGINS) if name in by_file}
    names = sorted({*official, *by_file, *pages}, key=key)
    return Known(
        {
            name: SeriesFile(
                format=1,
                series=name,
                official=tuple(official.get(name, ())),
                releases=tuple(by_file.get(name, ())),
                install_page=pages.get(name),
            )
            for name in names
        },
        {name: PluginFile(1, name, tuple(own)) for name, own in plugins.items()},
        {name: _wheels(own, texts) for name, own in (*by_file.items(), *plugins.items())},
    )


def _wheels(releases: list[Release], texts: Mapping[str, WheelText]) -> WheelsFile:
    found = []
    for release in releases:
        for build in release.builds:
            digest = next(w.sha256 for w in build.wheels if w.file == build.says.wheel)
            if digest in texts:
                found.append(texts[digest])
    return WheelsFile(1, tuple(found))


def removed(known: Known, new: Known) -> tuple[str, ...]:
    """Name what the knowledge base holds and the sources no longer say; candidates and nightlies
    come and go.
    """
    gone = [f"official row {row.table} {row.version}" for row in _gone(known.rows(), new.rows())]
    now = {(release.distribution, release.release): release for release in new.all_releases()}
    for release in known.all_releases():
        if release.distribution not in PLUGINS and not is_final(release.release):
            continue
        name = f"{release.distribution} {release.release}"
        if (release.distribution, release.release) not in now:
            gone.append(name)
            continue
        still = _wheel_files(now[release.distribution, release.release])
        gone += [f"wheel {file}" for file in sorted(_wheel_files(release) - still)]
    return tuple(gone)


def _gone(before: tuple[OfficialRow, ...], after: tuple[OfficialRow, ...]) -> list[OfficialRow]:
    """Return the rows without a successor, counting rows that stand twice."""
    left = [(row.table, row.version) for row in after]
    gone = []
    for row in before:
        if (row.table, row.version) in left:
            left.remove((row.table, row.version))
        else:
            gone.append(row)
    return gone


def _wheel_files(release: Release) -> set[str]:
    return {wheel.file for build in release.builds for wheel in build.wheels}
