"""The second source: what the package index lists of each distribution."""

import json
import re
import warnings
from collections.abc import Iterable
from datetime import timezone
from typing import get_args

import requests
from packaging.utils import canonicalize_name
from pypi_simple import (
    ACCEPT_JSON_ONLY,
    DistributionPackage,
    ProjectPage,
    PyPISimple,
)

from kb.base.errors import SourceFailed
from kb.base.model import Distribution, Wheel
from kb.base.names import PLUGINS
from kb.base.record import Record
from kb.base.versions import InvalidVersion, key, kind
from kb.facts.tags import InvalidWheelName, Tags, read
from scraper.http import get

MAX_PAGE = 64 * 1024 * 1024
DISTRIBUTIONS: tuple[Distribution, ...] = get_args(Distribution)
NIGHTLY = "tf-nightly"
SHA256 = re.compile(r"[0-9a-f]{64}")
FIRST_YEAR = 2015  # before it there was no TensorFlow
FINAL = re.compile(r"\d+(\.\d+)*(\.post\d+)?")


class Listed(Record):
    """One wheel on the index: what is recorded of it, its platform, and where to read it."""

    wheel: Wheel
    platform: str
    address: str


class ListedRelease(Record):
    """One release of one distribution on the index."""

    distribution: Distribution
    release: str
    released: str
    files: tuple[Listed, ...]
    sdist: str | None


def fetch(
    session: requests.Session, address: str, distribution: Distribution
) -> tuple[ListedRelease, ...]:
    """Fetch what the index at `address` lists of a distribution, oldest release first.

    Final releases from 1.0 on, and the newest candidate where it is newer than all of them; of
    tf-nightly the newest; of a plug-in that has nothing final all there are. Raises SourceFailed.
    """
    where = f"index: {distribution}"
    by_release = files_by_release(session, address, distribution, where)
    chosen = _chosen(distribution, by_release)
    if not chosen:
        raise SourceFailed(f"{where}: the index lists no release of it")
    return tuple(_release(distribution, release, by_release[release], where) for release in chosen)


def files_by_release(
    session: requests.Session, address: str, distribution: str, where: str
) -> dict[str, list[DistributionPackage]]:
    """Fetch which files the index at `address` lists, by release; those of no version are left out.

    Raises SourceFailed, whose line begins with `where`.
    """
    url = PyPISimple(address, session=session).get_project_url(distribution)
    answer = get(session, url, where, MAX_PAGE, headers={"Accept": ACCEPT_JSON_ONLY})
    by_release: dict[str, list[DistributionPackage]] = {}
    for package in _packages(answer.body, answer.headers.get("Content-Type", ""), url, where):
        if package.version is not None and _is_version(package.version):
            by_release.setdefault(package.version, []).append(package)
    return by_release


def refuse_future(listed: Iterable[ListedRelease], today: str) -> None:
    """Refuse days that have not come. Raises SourceFailed, naming the file."""
    for release in listed:
        days = [(file.wheel.uploaded, file.wheel.file) for file in release.files]
        days.append((release.released, release.sdist or release.release))
        for day, name in days:
            if day > today:
                raise SourceFailed(
                    f"index: {release.distribution}: {name}: uploaded on {day}, which is in the "
                    f"future: today is {today}; set this machine's clock, or use another index"
                )


def _packages(body: bytes, kind: str, url: str, where: str) -> list[DistributionPackage]:
    if "json" not in kind.lower():
        raise SourceFailed(
            f"{where}: the index answered {kind.partition(';')[0] or 'no type'!r}, not JSON; "
            "set an index that answers PEP 691 JSON"
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ProjectPage.from_json_data(json.loads(body), base_url=url).packages
    except RecursionError:
        raise SourceFailed(f"{where}: the index's JSON nests too deep") from None
    except Exception as error:  # noqa: BLE001 - what a library raises for an odd answer is its own choice
        reason = str(error).splitlines()[0][:120] if str(error) else type(error).__name__
        raise SourceFailed(f"{where}: the index's JSON cannot be read: {reason}") from None


def _is_version(text: str) -> bool:
    try:
        key(text)
    except InvalidVersion:
        return False
    return True


def _chosen(
    distribution: Distribution, by_release: dict[str, list[DistributionPackage]]
) -> list[str]:
    ordered = sorted(by_release, key=key)
    if distribution == NIGHTLY:
        return ordered[-1:]
    final = [release for release in ordered if FINAL.fullmatch(release)]
    if distribution in PLUGINS and not final:
        return ordered
    since = ordered.index(final[-1]) if final else 0
    candidates = [
        release
        for release in ordered[since:]
        if kind(release) == "candidate" and _can_be_taken(by_release[release])
    ]
    least = key("0" if distribution in PLUGINS else "1.0")
    return [release for release in final if key(release) >= least] + candidates[-1:]


def _can_be_taken(packages: list[DistributionPackage]) -> bool:
    """Tell whether a release has a wheel that was not withdrawn."""
    return any(package.package_type == "wheel" and not package.is_yanked for package in packages)


def _release(
    distribution: Distribution, release: str, packages: list[DistributionPackage], where: str
) -> ListedRelease:
    wheels = {p.filename: p for p in packages if p.package_type == "wheel"}.values()
    files = [_listed(package, distribution, where) for package in wheels]
    files.sort(key=lambda listed: (key(listed.wheel.python[-1]), listed.wheel.file))
    sdists = sorted(p.filename for p in packages if p.package_type == "sdist")
    days = [uploaded(package, where) for package in packages]
    return ListedRelease(
        distribution=distribution,
        release=release,
        released=min(days),
        files=tuple(files),
        sdist=sdists[0] if sdists else None,
    )


def _listed(package: DistributionPackage, distribution: str, where: str) -> Listed:
    tags = _tags(package.filename, where)
    if canonicalize_name(package.filename.partition("-")[0]) != distribution:
        raise SourceFailed(f"{where}: lists {package.filename!r}, a file of another distribution")
    digest = package.digests.get("sha256", "")
    if SHA256.fullmatch(digest) is None or not package.size or package.size < 0:
        raise SourceFailed(
            f"{where}: {package.filename}: no sha256 or size; use an index with both"
        )
    wheel = Wheel(
        file=package.filename,
        python=tags.python,
        size=package.size,
        sha256=digest,
        uploaded=uploaded(package, where),
        glibc=tags.glibc,
        macos=tags.macos,
        yanked=why_yanked(package),
    )
    return Listed(wheel, tags.platform, package.url)


def why_yanked(package: DistributionPackage) -> str | None:
    """Return why a file was withdrawn, in one line without markup; None where it was not."""
    if not package.is_yanked:
        return None
    reason = re.sub(r"[^\x20-\x7e]|[<>]", " ", package.yanked_reason or "").strip()
    return reason[:400] or "no reason given"


def _tags(file: str, where: str) -> Tags:
    try:
        return read(file)
    except InvalidWheelName as error:
        raise SourceFailed(f"{where}: {error}") from None


def uploaded(package: DistributionPackage, where: str, first_year: int = FIRST_YEAR) -> str:
    """Return the day on which a file came to the index, not before a year. Raises SourceFailed."""
    if package.upload_time is None:
        raise SourceFailed(
            f"{where}: {package.filename}: no day of upload; use an index that has it"
        )
    if package.upload_time.year < first_year:
        raise SourceFailed(f"{where}: {package.filename}: uploaded before {first_year}")
    return package.upload_time.astimezone(timezone.utc).date().isoformat()
