"""Answer for a version: what was published of it, for whom, how sure we are, how to set it up."""

from kb.answers.releases import (
    BuildAnswer,
    VersionBuilds,
    VersionQuestion,
    narrowed,
    version_builds,
)
from kb.base.errors import NothingFound
from kb.base.store import Store
from kb.base.versions import key, kind
from kb.facts.claims import Contradiction, Source
from kb.facts.contradictions import contradictions
from kb.facts.toolkits import counting_for
from kb.lookup.makers import (
    PLUGIN_DEVICES,
    PluginOffer,
    RocmOfRelease,
    plugin_offers,
    rocm_contradictions,
    rocm_of_releases,
)


class Answer(VersionBuilds):
    """The answer to a look-up: what the version offers, where its sources disagree, who says so.

    `plugins` is None where neither a platform nor a device is asked for.
    """

    contradictions: tuple[Contradiction, ...]
    sources: tuple[Source, ...]
    plugins: tuple[PluginOffer, ...] | None = None
    rocm: tuple[RocmOfRelease, ...] = ()


def lookup(
    store: Store,
    question: VersionQuestion,
    with_plugins: bool = False,
    with_sources: bool = True,
) -> Answer:
    """Answer a question from the files of one series; `with_plugins` tells the plug-ins where the
    question is not narrowed as well, and without `with_sources` none are gathered, which takes
    time. Raises NothingFound or DocumentError.
    """
    offered, plugins = _with_plugins(store, question)
    if with_plugins and plugins is None:
        plugins = plugin_offers(store, offered, None)
    found = _contradictions(offered, question)
    sources = _sources(offered, found) if with_sources else set()
    sources |= {offer.source for offer in plugins or ()}
    rocm: tuple[RocmOfRelease, ...] = ()
    if any("rocm" in build.devices for build in offered.builds):
        file = store.rocm()
        rocm = rocm_of_releases(file, offered)
        sources |= {own.source for own in rocm if own.source is not None}
        for contradiction, cited in rocm_contradictions(file, offered, rocm):
            found += (contradiction,)
            sources |= set(cited)
    return Answer(
        **offered._asdict(),
        contradictions=found,
        sources=_each_once(sources) if with_sources else (),
        plugins=plugins,
        rocm=rocm,
    )


def _with_plugins(
    store: Store, question: VersionQuestion
) -> tuple[VersionBuilds, tuple[PluginOffer, ...] | None]:
    """Return what a version offers, and the plug-ins that go with it.

    A device that plug-ins serve is that of the builds that they go with. Raises NothingFound.
    """
    if question.device not in PLUGIN_DEVICES:
        offered = version_builds(store, question)
        if question.device is not None:
            return offered, ()
        return offered, plugin_offers(store, offered, None) if question.platform else None
    try:
        offered = version_builds(store, question)
        return offered, plugin_offers(store, offered, question.device)
    except NothingFound as error:
        offered = version_builds(store, question._replace(device="cpu"))
        for version in (question.version, *_others(offered)):
            found = version_builds(store, question._replace(device="cpu", version=version))
            if plugins := plugin_offers(store, found, question.device):
                served = {(offer.distribution, offer.release, offer.platform) for offer in plugins}
                builds = tuple(b for b in found.builds if _identity(b) in served)
                return narrowed(store, found, builds, question.device), plugins
        raise error from None


def _others(offered: VersionBuilds) -> tuple[str, ...]:
    """Return the other releases of a series that is asked for, the newest first: a plug-in may go
    with an older one alone.
    """
    if not offered.whole_series:
        return ()
    names = {build.published.release.distribution for build in offered.builds}
    others = {
        listed.release
        for listed in offered.file.releases
        if kind(listed.release) == offered.kind and listed.distribution in names and listed.builds
    }
    return tuple(sorted(others - {offered.release}, key=key, reverse=True))


def _identity(build: BuildAnswer) -> tuple[str, str, str]:
    release = build.published.release
    return release.distribution, release.release, build.published.build.platform


def _each_once(sources: set[Source]) -> tuple[Source, ...]:
    """Sort sources; of a wheel that was read twice the last day counts."""
    ordered = sorted(sources, key=lambda source: source.read or "")
    return tuple(sorted({source.id: source for source in ordered}.values(), key=lambda one: one.id))


def _contradictions(offered: VersionBuilds, question: VersionQuestion) -> tuple[Contradiction, ...]:
    """Return the contradictions about the releases that answer, on the platform that is asked."""
    releases = {build.published.release.release for build in offered.builds}
    if not offered.whole_series:
        releases.add(offered.release)
    platforms = {question.platform} if question.platform else set()
    if question.device in PLUGIN_DEVICES:
        platforms = {build.published.build.platform for build in offered.builds}
    return tuple(
        contradiction
        for contradiction in contradictions(offered.file, offered.claims)
        if (offered.whole_series or contradiction.release in releases)
        and (not platforms or not platforms.isdisjoint(contradiction.platforms))
    )


def _sources(offered: VersionBuilds, found: tuple[Contradiction, ...]) -> set[Source]:
    """Return every source that the answer cites, each once."""
    builds = offered.builds
    cited = {source for build in builds for cell in build.cells for source in cell.standing.proof}
    for build in builds:
        cited.add(build.published.source())
        if "cuda" in build.devices:
            used = counting_for(offered.claims, build.published, "cuda")
            cited |= {claim.source for claim in used}
    named = {claim.source for contradiction in found for claim in contradiction.claims}
    cited |= {source for source in offered.claims.sources() if source.id in named}
    return cited
