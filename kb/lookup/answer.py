"""Answer for a version: what was published of it, for whom, how sure we are, how to set it up."""

from kb.answers.releases import VersionBuilds, VersionQuestion, version_builds
from kb.base.store import Store
from kb.facts.claims import Contradiction, Source
from kb.facts.contradictions import contradictions
from kb.facts.toolkits import counting_for


class Answer(VersionBuilds):
    """The answer to a look-up: what the version offers, where its sources disagree, who says so."""

    contradictions: tuple[Contradiction, ...]
    sources: tuple[Source, ...]


def lookup(store: Store, question: VersionQuestion) -> Answer:
    """Answer a question from the files of one series. Raises NothingFound or DocumentError."""
    offered = version_builds(store, question)
    found = _contradictions(offered, question)
    sources = _sources(offered, found)
    return Answer(**offered._asdict(), contradictions=found, sources=sources)


def _contradictions(offered: VersionBuilds, question: VersionQuestion) -> tuple[Contradiction, ...]:
    """Return the contradictions about the releases that answer, on the platform that is asked."""
    releases = {build.published.release.release for build in offered.builds}
    if not offered.whole_series:
        releases.add(offered.release)
    return tuple(
        contradiction
        for contradiction in contradictions(offered.file, offered.claims)
        if (offered.whole_series or contradiction.release in releases)
        and question.platform in (None, *contradiction.platforms)
    )


def _sources(offered: VersionBuilds, found: tuple[Contradiction, ...]) -> tuple[Source, ...]:
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
    return tuple(sorted(cited, key=lambda source: (source.id, source.read or "")))
