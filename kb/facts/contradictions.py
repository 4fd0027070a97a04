"""Work out which claims about a series cannot both hold. Each names both sides."""

from collections.abc import Iterator
from itertools import combinations
from typing import get_args

from kb.base.model import OfficialRow, Platform, SeriesFile
from kb.base.versions import agree, spans
from kb.facts import official, sources
from kb.facts.builds import Published, devices, offered, published, row_source
from kb.facts.claims import About, Claim, Claims, Contradiction, Statement
from kb.facts.enough import enough_rules
from kb.facts.toolkits import DRIVER_PLATFORMS, claimed_minimums, toolkit

_INDEX = sources.index.__name__  # it has all there is, for it lists the wheels
_WHEELS = sources.wheels.__name__


def contradictions(series: SeriesFile, claims: Claims) -> tuple[Contradiction, ...]:
    """Return every contradiction among the claims about a series, in the order of its files."""
    found: dict[tuple[str, str], Contradiction] = {}
    for contradiction in _all(series, claims):
        subject = (contradiction.release, contradiction.about)
        before = found.setdefault(subject, contradiction)
        more = tuple(claim for claim in contradiction.claims if claim not in before.claims)
        found[subject] = before._replace(claims=before.claims + more)
    return tuple(found.values())


def _all(series: SeriesFile, claims: Claims) -> Iterator[Contradiction]:
    everything = tuple(published(series))
    yield from _rows_that_differ(series)
    for listed in claims.about("exists"):
        if listed.claimant != _INDEX:
            yield from _against_index(claims, everything, listed)
    for listed in claims.about("python"):  # also of releases that its source does not list
        yield from _pythons(claims, listed)
    for offer in everything:
        yield from _made_with(claims, offer)
        yield from _declared_code(claims, offer)
        if "cuda" in devices(series, offer):
            yield from _minimum_drivers(claims, offer)
        yield from _shim(offer)
        yield from _extra(claims, offer)
        yield from enough_rules(claims, offer)


def _rows_that_differ(series: SeriesFile) -> Iterator[Contradiction]:
    """Yield where the page lists a release twice and says two things of it."""
    first: dict[tuple[str, str], OfficialRow] = {}
    for row in series.official:
        other = first.setdefault((row.table, row.version), row)
        if other != row:
            yield Contradiction(
                release=official.release(row),
                platforms=official.platforms(row),
                about=f"{row.version} stands twice in the table {row.table}",
                claims=tuple(
                    Statement(row_source(cells).id, f"Python {cells.python}, {cells.build_tools}")
                    for cells in (other, row)
                ),
            )


def _against_index(
    claims: Claims, everything: tuple[Published, ...], listed: Claim
) -> Iterator[Contradiction]:
    """Yield where the index does not have what a source lists, or has other Pythons for it."""
    name, release, platforms, *_ = listed.subject
    shipped = [
        claim
        for claim in claims.of(name, release, get_args(Platform), "exists")
        if claim.claimant == _INDEX
    ]
    if not any(set(platforms) & set(claim.subject.platforms) for claim in shipped):
        where = f" for {_system(platforms)}" if shipped else ""
        yield Contradiction(
            release=release,
            platforms=platforms,
            about=f"whether {name} {release} exists{where}",
            claims=(
                Statement(listed.source.id, f"lists it, {listed.value}"),
                Statement(f"index:{name}", f"has no wheel of it{where}"),
            ),
        )
        return
    for claim in claims.of(name, release, platforms, "python"):
        if claim.source == listed.source:
            yield from _pythons(claims, claim)
    if any(claim.source == listed.source for claim in claims.of(name, release, platforms, "cuda")):
        for offer in everything:
            if offer.release[:2] == (name, release) and offer.build.platform in platforms:
                yield from _made_with(claims, offer)


def _system(platforms: tuple[Platform, ...]) -> str:
    return platforms[0].partition("-")[0]


def _on(platforms: tuple[Platform, ...]) -> str:
    """Return ` on linux`, or nothing for platforms of several systems."""
    systems = {_system((platform,)) for platform in platforms}
    return f" on {systems.pop()}" if len(systems) == 1 else ""


def _pythons(claims: Claims, listed: Claim) -> Iterator[Contradiction]:
    """Yield where the Pythons that a source lists are not those of the wheels on the index."""
    name, release, platforms, *_ = listed.subject
    wheels = [
        claim for claim in claims.of(name, release, platforms, "python") if claim.claimant == _INDEX
    ]
    shipped = {python for claim in wheels for python in official.pythons_in(claim.value)}
    if listed.claimant == _INDEX or not wheels or "3" in shipped:
        return
    where = f"{name} {release}{_on(platforms)}"
    own = official.pythons_in(listed.value)
    both = (
        Statement(listed.source.id, f"lists Python {listed.value}"),
        Statement(wheels[0].source.id, f"has wheels for Python {spans(sorted(shipped))}"),
    )
    if missing := [python for python in own if python not in shipped]:
        about = f"{where}: Python {spans(missing)} has no wheel"
        yield Contradiction(release=release, platforms=platforms, about=about, claims=both)
    if more := [python for python in shipped if python not in own]:
        about = f"{where}: Python {spans(more)} is not listed"
        yield Contradiction(release=release, platforms=platforms, about=about, claims=both)


def _made_with(claims: Claims, offer: Published) -> Iterator[Contradiction]:
    """Yield where sources differ in whether a build serves CUDA, or in its CUDA or cuDNN."""
    name, release, platforms, *_ = offer.subject("cuda")
    where = f"{name} {release} on {offer.build.platform}"
    tested = claims.of(name, release, platforms, "cuda")
    for refusal in claims.of(name, release, platforms, "cuda build"):
        if refusal.value == "no":
            if tested:
                statements = [*map(_with_cuda, reversed(tested)), _no_cuda(refusal)]
                about = f"{where}: whether it is a CUDA build"
                yield Contradiction(
                    release=release, platforms=platforms, about=about, claims=tuple(statements)
                )
            return
    for product, some in (
        ("CUDA", tested),
        ("cuDNN", claims.of(name, release, platforms, "cudnn")),
    ):
        if not all(agree(a.value, b.value) for a, b in combinations(some, 2)):
            # the source that is believed has the last word
            statements = [_with(product, claim) for claim in reversed(some)]
            yield Contradiction(
                release=release,
                platforms=platforms,
                about=f"{where}: which {product}",
                claims=tuple(statements),
            )


def _declared_code(claims: Claims, offer: Published) -> Iterator[Contradiction]:
    """Yield where the list that a wheel declares and the code in its libraries differ."""
    name, release, platforms, *_ = offer.subject("PTX")
    kinds: tuple[About, ...] = ("machine code", "PTX")
    for about in kinds:
        some = claims.of(name, release, platforms, about)
        if len({claim.value for claim in some}) > 1:
            yield Contradiction(
                release=release,
                platforms=platforms,
                about=f"{name} {release} on {offer.build.platform}: "
                f"for which compute capabilities it has {about}",
                claims=tuple(_of_code(claim) for claim in some),
            )


def _of_code(claim: Claim) -> Statement:
    verb = "declares" if claim.claimant == _WHEELS else "has in its libraries"
    return Statement(claim.source.id, f"{verb} {claim.value}")


def _with_cuda(claim: Claim) -> Statement:
    return Statement(claim.source.id, f"lists it with CUDA {claim.value}")


def _no_cuda(claim: Claim) -> Statement:
    return Statement(claim.source.id, "says that it is no CUDA build")


def _with(product: str, claim: Claim) -> Statement:
    verb = "says that it was built with" if claim.claimant == _WHEELS else "lists"
    return Statement(claim.source.id, f"{verb} {product} {claim.value}")


def _minimum_drivers(claims: Claims, offer: Published) -> Iterator[Contradiction]:
    """Yield where sources name different minimum drivers for the CUDA of a build."""
    cuda = toolkit(claims, offer).cuda
    if cuda is None:
        return
    name, release, platforms, *_ = offer.subject("minimum driver")
    for platform in DRIVER_PLATFORMS:
        some = claimed_minimums(claims, cuda, platform)
        if not all(agree(a.value, b.value) for a, b in combinations(some, 2)):
            system = _system((platform,))
            yield Contradiction(
                release=release,
                platforms=platforms,
                about=f"{name} {release} on {offer.build.platform}: "
                f"which minimum driver for CUDA {cuda} on {system}",
                claims=tuple(
                    Statement(claim.source.id, f"lists driver {claim.value}")
                    for claim in reversed(some)
                ),
            )


def _shim(offer: Published) -> Iterator[Contradiction]:
    """Yield where a wheel without code offers what the wheel that it requires does not have."""
    shim = offer.build.says.shim
    if shim is None:
        return
    own = set(offered(offer.build))
    missing = sorted(own - set(offer.pythons())) if offer.code is not None else sorted(own)
    if missing:
        release = shim.specifier.exact
        yield Contradiction(
            release=offer.release.release,
            platforms=(offer.build.platform,),
            about=f"{offer.release.distribution} {offer.release.release} on "
            f"{offer.build.platform}: Python {spans(missing)} gets no code",
            claims=(
                Statement(offer.source().id, f"has no code and requires {shim.name} {release}"),
                Statement(f"index:{shim.name}", f"has no wheel of {release} with code for them"),
            ),
        )


def _extra(claims: Claims, offer: Published) -> Iterator[Contradiction]:
    """Yield where the extra and-cuda installs another cuDNN than the build was made with."""
    name, release, platforms, *_ = offer.subject("cudnn")
    built = [
        claim for claim in claims.of(name, release, platforms, "cudnn") if claim.claimant == _WHEELS
    ]
    for installed in claims.of(name, release, platforms, "cudnn installed"):
        if built and not agree(built[0].value, installed.value):
            yield Contradiction(
                release=release,
                platforms=platforms,
                about=f"{name} {release}: cuDNN of its extra and-cuda",
                claims=(
                    Statement(built[0].source.id, f"says that it was built with {built[0].value}"),
                    Statement(installed.source.id, f"requires {installed.value} under and-cuda"),
                ),
            )
