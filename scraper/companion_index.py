"""What the package index lists of a companion: final releases, and which wheels speak for them."""

from collections.abc import Iterable
from typing import get_args

import requests
from packaging.utils import canonicalize_name
from pypi_simple import DistributionPackage

from kb.base.errors import SourceFailed
from kb.base.model import CompanionRelease, Platform
from kb.base.record import Record
from kb.base.versions import Key, key
from kb.facts.companion_names import PARTS
from kb.facts.wheels_for import ANY, Covered, covered, written
from scraper import index

_FIRST_YEAR = 2003  # of the index itself
_PLATFORMS: tuple[Platform, ...] = get_args(Platform)


class SpeakingWheel(Record):
    """A wheel whose METADATA is read: its size in bytes, where it and its METADATA alone lie, and
    whether the index offers that, None where it does not tell.
    """

    companion: str
    release: str
    file: str
    size: int
    sha256: str
    address: str
    metadata_address: str
    offers_metadata: bool | None
    metadata_sha256: str | None


class ListedCompanion(Record):
    """A release as the index lists it, and the wheel that speaks for each of its platforms."""

    release: CompanionRelease
    speakers: tuple[tuple[Platform, SpeakingWheel], ...]


class _File(Record):
    package: DistributionPackage
    covered: Covered


def fetch(session: requests.Session, address: str, companion: str) -> tuple[ListedCompanion, ...]:
    """Fetch what the index at `address` lists of a companion, oldest release first.

    Raises SourceFailed.
    """
    where = f"companions: {companion}"
    by_release = index.files_by_release(session, address, companion, where)
    final = sorted((name for name in by_release if index.FINAL.fullmatch(name)), key=key)
    if not final:
        raise SourceFailed(f"{where}: the index lists no release of it")
    return tuple(_listed(companion, name, by_release[name], where) for name in final)


def _listed(
    companion: str, release: str, packages: list[DistributionPackage], where: str
) -> ListedCompanion:
    files = [
        _File(package, _covered(package, companion, where))
        for package in packages
        if package.package_type == "wheel"
    ]
    left = [file for file in files if not file.package.is_yanked] or files
    yanked = [index.why_yanked(package) for package in packages]
    pairs = {pair for file in left for pair in file.covered}
    return ListedCompanion(
        release=CompanionRelease(
            release=release,
            released=min(index.uploaded(package, where, _FIRST_YEAR) for package in packages),
            wheels=written(pairs),
            sdist=any(package.package_type == "sdist" for package in packages),
            sdist_alone=not files,
            yanked=next(iter(yanked)) if all(yanked) else None,
        ),
        speakers=_speakers(companion, release, left, where),
    )


def _covered(package: DistributionPackage, companion: str, where: str) -> Covered:
    file = package.filename
    if canonicalize_name(file.partition("-")[0]) != companion:
        raise SourceFailed(f"{where}: lists {file!r}, a file of another distribution")
    return covered(file)


def _speakers(
    companion: str, release: str, files: Iterable[_File], where: str
) -> tuple[tuple[Platform, SpeakingWheel], ...]:
    """Return the wheel of the newest Python for each platform, its own before one for any."""
    chosen: dict[Platform, SpeakingWheel] = {}
    for platform in _PLATFORMS:
        ranked = [
            (place == platform, _newest(python), file.package.filename, file)
            for file in files
            for python, place in file.covered
            if place in (platform, ANY)
        ]
        if ranked:
            chosen[platform] = _speaking(companion, release, max(ranked)[-1].package, where)
        if ranked and companion in PARTS:
            break
    return tuple(chosen.items())


def _newest(python: str) -> Key:
    return key(python.rstrip("+"))


def _speaking(
    companion: str, release: str, package: DistributionPackage, where: str
) -> SpeakingWheel:
    digest = package.digests.get("sha256", "")
    if index.SHA256.fullmatch(digest) is None or not package.size or package.size < 0:
        raise SourceFailed(
            f"{where}: {package.filename}: no sha256 or size; use an index with both"
        )
    return SpeakingWheel(
        companion=companion,
        release=release,
        file=package.filename,
        size=package.size,
        sha256=digest,
        address=package.url,
        metadata_address=package.metadata_url,
        offers_metadata=package.has_metadata,
        metadata_sha256=(package.metadata_digests or {}).get("sha256"),
    )
