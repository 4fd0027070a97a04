"""What must hold of the files that the scraper writes, beyond their schema."""

from collections.abc import Iterable, Iterator, Mapping
from typing import get_args

from kb.base.model import (
    Build,
    Distribution,
    InstallPage,
    OfficialRow,
    Platform,
    PluginFile,
    Release,
    SeriesFile,
    Table,
    Wheel,
    WheelFacts,
    WheelsFile,
    WheelText,
)
from kb.base.names import PLUGINS
from kb.base.versions import InvalidVersion, is_final, key, series
from kb.facts import official, tags
from kb.facts.wheel_text import UnreadableText, says

_SCRAPE = "run `python -m scraper`"
_DISTRIBUTIONS = get_args(Distribution)
_PLATFORMS = get_args(Platform)
_TABLES = get_args(Table)


def series_faults(
    name: str, file: SeriesFile, texts: Mapping[str, WheelText] | None
) -> Iterator[str]:
    """Yield what is wrong with `releases/<name>.yaml`, given the texts of its wheels by sha256;
    None where they could not be read.
    """
    where = f"releases/{name}.yaml"
    if file.series != name:
        yield f"{where}: series: {file.series!r} stands in the file of {name}; rename one of them"
    for row in file.official:
        yield from _row_faults(where, name, row)
    if file.install_page is not None:
        yield from _page_faults(f"{where}: install_page", file.install_page, file.releases)
    order = [(_TABLES.index(row.table), key(official.release(row))) for row in file.official]
    if order != sorted(order):
        yield f"{where}: official: the rows are out of order; {_SCRAPE}"
    for release in file.releases:
        entry = f"{where}: {release.distribution} {release.release}"
        if release.distribution in PLUGINS or _series(release.release) != name:
            yield f"{entry}: belongs in another file; {_SCRAPE}"
    yield from _release_faults(where, file.releases, texts)


def plugin_faults(
    name: str, file: PluginFile, texts: Mapping[str, WheelText] | None
) -> Iterator[str]:
    """Yield what is wrong with `plugins/<name>.yaml`."""
    where = f"plugins/{name}.yaml"
    for release in file.releases:
        if release.distribution != name or file.plugin != name or name not in PLUGINS:
            entry = f"{where}: {release.distribution} {release.release}"
            yield f"{entry}: belongs in another file; {_SCRAPE}"
    yield from _release_faults(where, file.releases, texts)


def wheels_faults(name: str, file: WheelsFile, releases: Iterable[Release] | None) -> Iterator[str]:
    """Yield what is wrong with `wheels/<name>.yaml`, given the releases that it is about."""
    where = f"wheels/{name}.yaml"
    known = {
        wheel.sha256: wheel.file
        for release in releases or ()
        for build in release.builds
        for wheel in build.wheels
    }
    seen = set()
    for text in file.wheels:
        if text.sha256 in seen:
            yield f"{where}: {text.file}: stands twice; remove one"
        seen.add(text.sha256)
        if releases is not None and known.get(text.sha256) != text.file:
            yield f"{where}: {text.file}: no release has this wheel and sha256; {_SCRAPE}"


def _series(release: str) -> str | None:
    try:
        return series(release)
    except InvalidVersion:
        return None


def _row_faults(where: str, name: str, row: OfficialRow) -> Iterator[str]:
    entry = f"{where}: official: {row.table} {row.version}"
    if _series(official.release(row)) != name:
        yield f"{entry}: belongs in another file; {_SCRAPE}"
    try:
        official.pythons(row)
    except official.InvalidRow as error:
        yield f"{entry}: python: {error}; {_SCRAPE}"
    has_cuda = (row.cuda is not None, row.cudnn is not None)
    if has_cuda != (row.table.endswith("gpu"),) * 2:
        yield f"{entry}: a GPU row has CUDA and cuDNN, a CPU row neither; {_SCRAPE}"


def _page_faults(entry: str, page: InstallPage, releases: tuple[Release, ...]) -> Iterator[str]:
    try:
        official.pythons_in(page.python)
    except official.InvalidRow as error:
        yield f"{entry}: python: {error}; {_SCRAPE}"
    listed = [key(capability) for capability in page.compute_capabilities]
    if not listed or listed != sorted(set(listed)):
        yield f"{entry}: compute_capabilities: empty, or out of order; {_SCRAPE}"
    own = (
        release.released
        for release in releases
        if release.distribution == "tensorflow" and is_final(release.release)
    )
    if page.read < min(own, default=page.read):
        yield f"{entry}: read before the series was out; {_SCRAPE}"


def _release_faults(
    where: str, releases: tuple[Release, ...], texts: Mapping[str, WheelText] | None
) -> Iterator[str]:
    order = [
        (_DISTRIBUTIONS.index(listed.distribution), key(listed.release)) for listed in releases
    ]
    if order != sorted(order):
        yield f"{where}: releases: out of order; {_SCRAPE}"
    if len(order) != len(set(order)):
        yield f"{where}: releases: one stands twice; {_SCRAPE}"
    for release in releases:
        entry = f"{where}: {release.distribution} {release.release}"
        if bool(release.builds) == (release.sdist is not None):
            yield f"{entry}: has builds or an sdist, not both and not neither; {_SCRAPE}"
        platforms = [_PLATFORMS.index(build.platform) for build in release.builds]
        if platforms != sorted(set(platforms)):
            yield f"{entry}: builds: out of order, or one stands twice; {_SCRAPE}"
        for build in release.builds:
            yield from _build_faults(f"{entry}: {build.platform}", release, build, texts)


def _build_faults(
    entry: str, release: Release, build: Build, texts: Mapping[str, WheelText] | None
) -> Iterator[str]:
    for wheel in build.wheels:
        yield from _wheel_faults(entry, release, build, wheel)
    chosen = [wheel for wheel in build.wheels if wheel.file == build.says.wheel]
    if not chosen:
        yield f"{entry}: says.wheel: {build.says.wheel} is none of its wheels; {_SCRAPE}"
        return
    if texts is None:
        return
    text = texts.get(chosen[0].sha256)
    expected = WheelFacts(wheel=build.says.wheel)
    if text is not None and chosen[0].python:
        try:
            expected = says(text, release.distribution, build.platform, chosen[0].python[-1])
        except UnreadableText as error:
            yield f"{entry}: {error}; {_SCRAPE}"
            return
    if expected != build.says:
        fields = [
            n for n, a, b in zip(expected._fields, expected, build.says, strict=True) if a != b
        ]
        yield f"{entry}: says.{fields[0]}: is not what the wheel's texts say; {_SCRAPE}"


def _wheel_faults(entry: str, release: Release, build: Build, wheel: Wheel) -> Iterator[str]:
    try:
        read = tags.read(wheel.file)
    except tags.InvalidWheelName as error:
        yield f"{entry}: {error}; {_SCRAPE}"
        return
    if read != (wheel.python, build.platform, wheel.glibc, wheel.macos):
        yield f"{entry}: {wheel.file}: its name says otherwise than the entry; {_SCRAPE}"
    name, version = wheel.file.split("-")[:2]
    if (name.replace("_", "-").lower(), version) != (release.distribution, release.release):
        yield f"{entry}: {wheel.file}: is of another release; {_SCRAPE}"
    if wheel.uploaded < release.released:
        yield f"{entry}: {wheel.file}: uploaded before its release; {_SCRAPE}"
