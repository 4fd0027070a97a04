"""Answer for a version: what was published of it, for whom, how sure we are, how to set it up."""

from kb.answers.releases import BuildAnswer, VersionBuilds, VersionQuestion, version_builds
from kb.base.model import SeriesFile
from kb.base.store import Store
from kb.facts.claims import Source, published, row_source
from kb.facts.contradictions import Contradiction, contradictions


class Answer(VersionBuilds):
    """The answer to a look-up: what the version offers, where its sources disagree, who says so."""

    contradictions: tuple[Contradiction, ...]
    sources: tuple[Source, ...]


def lookup(store: Store, question: VersionQuestion) -> Answer:
    """Answer a question from the files of one series. Raises NothingFound or DocumentError."""
    offered = version_builds(store, question)
    found = _contradictions(offered, question)
    sources = _sources(offered.file, offered.builds, found)
    return Answer(**offered._asdict(), contradictions=found, sources=sources)


def _contradictions(offered: VersionBuilds, question: VersionQuestion) -> tuple[Contradiction, ...]:
    """Return the contradictions about the releases that answer, on the platform that is asked."""
    releases = {build.published.release.release for build in offered.builds}
    if not offered.whole_series:
        releases.add(offered.release)
    return tuple(
        contradiction
        for contradiction in contradictions(offered.file)
        if (offered.whole_series or contradiction.release in releases)
        and question.platform in (None, *contradiction.platforms)
    )


def _sources(
    file: SeriesFile, builds: tuple[BuildAnswer, ...], found: tuple[Contradiction, ...]
) -> tuple[Source, ...]:
    """Return every source that the answer cites, each once."""
    cited = {source for build in builds for cell in build.cells for source in cell.standing.proof}
    cited |= {build.published.source() for build in builds}
    named = {claim.source for contradiction in found for claim in contradiction.claims}
    cited |= {source for source in map(row_source, file.official) if source.id in named}
    wheels = (one.source() for one in published(file))
    cited |= {source for source in wheels if source.id in named}
    return tuple(sorted(cited, key=lambda source: (source.id, source.read)))
