"""What serves the GPUs of AMD, Apple and Intel in a version: the ROCm that its builds need, and the
plug-ins that go with them; and where AMD's tables contradict each other, or a wheel.
"""

from collections.abc import Iterator
from typing import Literal

from kb.answers.releases import VersionBuilds
from kb.base.model import Device, Distribution, Platform, Python, RocmFile
from kb.base.names import DEVICE_NAMES, place_name
from kb.base.record import Record
from kb.base.store import Store
from kb.base.versions import agree, key, spans
from kb.cells.recipes import Recipe
from kb.cells.rungs import Rung
from kb.cells.sureness import SureCase, Sureness, nowhere, sureness
from kb.facts.claims import Contradiction, Source, Statement
from kb.facts.rocm import RocmNeed, rocm_need, table_disputes

PLUGIN_DEVICES: tuple[Device, ...] = ("metal", "directml", "xpu")
_TOLD_BY = {
    "requirement": "its wheel requires it",
    "table": "the table in the plug-in's own wheel has the pair",
    "report": "a public report has the pair",
}
_PLATFORMS: tuple[Platform, ...] = ("linux-x86_64",)


class PluginOffer(Record):
    """A plug-in that goes with a build on these Pythons: what both demand, who says so, and how to
    set both up on each of them.
    """

    distribution: Distribution
    release: str
    platform: Platform
    device: Device
    plugin: str
    pythons: tuple[Python, ...]
    glibc: str | None
    macos: str | None
    rung: Rung
    told_by: Literal["requirement", "table", "report"]
    source: Source
    recipes: tuple[Recipe, ...] = ()

    def sureness(self) -> Sureness:
        """Say how sure we are that it serves its device: no run of ours proves any of them."""
        own = nowhere(self.rung, "unknown", self.source.read, None, None, 0)
        case = SureCase(platform=self.platform, device=self.device, told_by=self.told_by)
        return sureness(own, case)


class RocmOfRelease(Record):
    """The ROCm of a release of tensorflow-rocm, and where it stands."""

    release: str
    need: RocmNeed
    source: Source | None


def plugin_offers(
    store: Store, offered: VersionBuilds, device: Device | None
) -> tuple[PluginOffer, ...]:
    """Return the plug-ins for a device, or all, that go with the builds of a version."""
    from kb.cells.plugins import Plugins, plugged_recipe  # costs what few look-ups need pay

    plugins = Plugins(store)
    recipes: dict[PluginOffer, list[Recipe]] = {}
    for build in offered.builds:
        published = build.published
        for python in build.pythons:
            for plugged in plugins.of(published, python):
                offer = PluginOffer(
                    distribution=published.release.distribution,
                    release=published.release.release,
                    platform=published.build.platform,
                    device=plugged.kind.device,
                    plugin=plugged.requirement(),
                    pythons=(),
                    glibc=plugged.glibc,
                    macos=plugged.macos,
                    rung=plugged.rung,
                    told_by=plugged.told_by,
                    source=plugged.source,
                )
                if device in (None, offer.device):
                    own = plugged_recipe(published, python, plugged, offered.pins)
                    recipes.setdefault(offer, []).append(own)
    return tuple(
        offer._replace(pythons=tuple(own.cell.python for own in found), recipes=tuple(found))
        for offer, found in recipes.items()
    )


def rocm_of_releases(file: RocmFile, offered: VersionBuilds) -> tuple[RocmOfRelease, ...]:
    """Return the ROCm of each release of tensorflow-rocm in a version."""
    releases = [b.published.release.release for b in offered.builds if "rocm" in b.devices]
    return tuple(
        RocmOfRelease(release=release, need=need, source=_source(file, need))
        for release in dict.fromkeys(releases)
        for need in (rocm_need(file, release),)
    )


def _source(file: RocmFile, need: RocmNeed) -> Source | None:
    """Return where a need stands: in the wheel, or else in AMD's list."""
    wheel = need.wheel
    if wheel is None or need.rocm is None:
        return None
    if wheel.rocm is None:
        return _of_list(file)
    return Source(
        id=f"index:tensorflow-rocm/{wheel.wheel}", url=None, read=wheel.read, sha256=wheel.sha256
    )


def _of_list(file: RocmFile) -> Source:
    return Source(id="amd:tensorflow-rocm-release.md", url=file.listing, read=file.read)


def _of_table(file: RocmFile, url: str) -> Source:
    return Source(id=f"amd:{url.partition('/en/')[2]}", url=url, read=file.read)


def rocm_contradictions(
    file: RocmFile, offered: VersionBuilds, found: tuple[RocmOfRelease, ...]
) -> Iterator[tuple[Contradiction, tuple[Source, ...]]]:
    """Yield where AMD's tables, or AMD's list and a wheel, cannot both hold, and their sources."""
    if not found:
        return
    for dispute in table_disputes(file, offered.series):
        listed = [_of_table(file, table.source) for table in dispute.listed]
        left_out = [_of_table(file, table.source) for table in dispute.left_out]
        yield (
            Contradiction(
                release=offered.release,
                platforms=_PLATFORMS,
                about=f"whether TensorFlow {dispute.series} goes with ROCm {dispute.rocm}",
                claims=(
                    *(Statement(source.id, f"lists {dispute.series} for it") for source in listed),
                    *(Statement(source.id, "lists others for it") for source in left_out),
                ),
            ),
            (*listed, *left_out),
        )
    for own in found:
        wheel = own.need.wheel
        if wheel and wheel.rocm and wheel.listed and not agree(wheel.rocm, wheel.listed):
            sources = (own.source or _of_list(file), _of_list(file))
            yield (
                Contradiction(
                    release=own.release,
                    platforms=_PLATFORMS,
                    about=f"tensorflow-rocm {own.release}: which ROCm",
                    claims=(
                        Statement(sources[1].id, f"lists ROCm {wheel.listed}"),
                        Statement(sources[0].id, f"has ROCm {wheel.rocm} in its search path"),
                    ),
                ),
                sources,
            )


def rocm_text(own: RocmOfRelease) -> str:
    """Tell the ROCm of a release, and the GPUs that its code and AMD's list of them have."""
    targets, hardware = own.need.targets(), own.need.hardware
    text = f"{own.need.rocm or 'not judged'}, for tensorflow-rocm {own.release}, which brings none"
    if targets:
        text += f"; code for {', '.join(targets)}"
    if hardware is None:
        return text
    others = [target for target in targets if target not in hardware.supported]
    if others:
        text += f"; not on AMD's list for ROCm {hardware.rocm}: {', '.join(others)}"
    return text


class _Row(Record):
    """What is told together of a plug-in: its device, its name, who pairs it, and its releases, the
    newest first, each with its Pythons.
    """

    device: Device
    name: str
    told_by: str
    releases: tuple[tuple[str, tuple[Python, ...]], ...]


def plugin_texts(plugins: tuple[PluginOffer, ...]) -> list[tuple[str, str]]:
    """Tell each plug-in once, and what it goes with: title and text."""
    found: dict[_Row, list[str]] = {}
    for (device, name, told_by, place), offers in _by_place(plugins).items():
        pythons: dict[str, list[Python]] = {}
        for offer in offers:
            release = offer.plugin.partition("==")[2]
            pythons.setdefault(release, []).extend(offer.pythons)
        newest_first = sorted(pythons, key=key, reverse=True)
        releases = tuple((own, tuple(sorted(set(pythons[own]), key=key))) for own in newest_first)
        row = _Row(device=device, name=name, told_by=told_by, releases=releases)
        found.setdefault(row, []).append(place)
    return [(DEVICE_NAMES[row.device], _row_text(row, places)) for row, places in found.items()]


def _by_place(
    plugins: tuple[PluginOffer, ...],
) -> dict[tuple[Device, str, str, str], list[PluginOffer]]:
    """Return plug-ins by their devices, names, who pairs them, and where with what they run."""
    found: dict[tuple[Device, str, str, str], list[PluginOffer]] = {}
    for offer in plugins:
        demands = [f"macOS {offer.macos}"] if offer.macos else []
        demands += [f"glibc {offer.glibc}"] if offer.glibc else []
        place = place_name(offer.platform, offer.device)
        place += f" ({', '.join(demands)} or newer)" if demands else ""
        name = offer.plugin.partition("==")[0]
        found.setdefault((offer.device, name, offer.told_by, place), []).append(offer)
    return found


def _row_text(row: _Row, places: list[str]) -> str:
    where, told = " and ".join(places), _TOLD_BY[row.told_by]
    if len(row.releases) == 1:
        ((release, pythons),) = row.releases
        return (
            f"by the plug-in {row.name} {release} on {where}, Python {spans(list(pythons))}: {told}"
        )
    texts = [f"{release} on Python {spans(list(pythons))}" for release, pythons in row.releases]
    return f"by the plug-in {row.name} on {where}, {', '.join(texts)}: {told}"
