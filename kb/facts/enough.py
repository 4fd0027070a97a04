"""Where a source calls less enough than a build's wheels need: a GPU, a system, a pip."""

from collections.abc import Iterator

from kb.base.model import Capabilities, Capability
from kb.base.versions import key, strictest
from kb.facts.builds import Published
from kb.facts.claims import PIP, UBUNTU, Claims, Contradiction, Statement
from kb.facts.gpu_code import BuildCode, for_gpu
from kb.facts.tags import PIPS, kind_for_pip


def enough_rules(claims: Claims, offer: Published) -> Iterator[Contradiction]:
    """Yield each contradiction of that kind about a build."""
    for rule in (_gpus, _glibc, _macos, _pip):
        yield from rule(claims, offer)


def _contradiction(offer: Published, about: str, *statements: Statement) -> Contradiction:
    release, platform = offer.release, offer.build.platform
    return Contradiction(
        release=release.release,
        platforms=(platform,),
        about=f"{release.distribution} {release.release} on {platform}: {about}",
        claims=statements,
    )


def _gpus(claims: Claims, offer: Published) -> Iterator[Contradiction]:
    """Yield where a source lists compute capabilities that the build was not made for."""
    built = offer.says().compute_capabilities
    name, release, platforms, about, *_ = offer.subject("compute capabilities")
    for listed in claims.of(name, release, platforms, about) if built else ():
        unserved = [own for own in listed.value.split(", ") if _is_unserved(built, own)]
        if built and unserved:
            listing = f"lists compute capabilities {listed.value} and higher"
            made_for = f"says that it was built for {', '.join(built.native)}"
            yield _contradiction(
                offer,
                "which GPUs",
                Statement(listed.source.id, listing),
                Statement(offer.source().id, f"{made_for}: no code for {', '.join(unserved)}"),
            )


def _is_unserved(built: Capabilities | None, capability: Capability) -> bool:
    code = BuildCode(declared=built)
    return built is not None and for_gpu(code, capability).kind == "without"


def _glibc(claims: Claims, offer: Published) -> Iterator[Contradiction]:
    """Yield where the oldest Ubuntu that a source names has an older glibc than the wheels need."""
    needed = strictest(wheel.glibc for wheel in offer.build.wheels)
    name, release, platforms, about, *_ = offer.subject("oldest system")
    for listed in claims.of(name, release, platforms, about) if needed else ():
        for own in claims.of(UBUNTU, listed.value, platforms, about):
            if needed and key(own.value) < key(needed):
                yield _contradiction(
                    offer,
                    "the oldest Ubuntu",
                    Statement(listed.source.id, f"names Ubuntu {listed.value}"),
                    Statement(own.source.id, f"says that {listed.value} has glibc {own.value}"),
                    Statement(offer.source().id, f"has wheels that need glibc {needed}"),
                )


def _macos(claims: Claims, offer: Published) -> Iterator[Contradiction]:
    """Yield where the oldest macOS that a source names is older than the one the wheels need."""
    needed = strictest(wheel.macos for wheel in offer.build.wheels)
    name, release, platforms, about, *_ = offer.subject("oldest system")
    for listed in claims.of(name, release, platforms, about) if needed else ():
        if needed and key(listed.value) < key(needed):
            yield _contradiction(
                offer,
                "the oldest macOS",
                Statement(listed.source.id, f"names macOS {listed.value}"),
                Statement(offer.source().id, f"has wheels that need macOS {needed}"),
            )


def _pip(claims: Claims, offer: Published) -> Iterator[Contradiction]:
    """Yield where the oldest pip that a source names does not take the tags of the wheels."""
    name, release, platforms, about, *_ = offer.subject("oldest pip")
    for listed in claims.of(name, release, platforms, about):
        kinds = {kind_for_pip(wheel.file) for wheel in offer.build.wheels} - {None}
        if not kinds:
            return
        kind = max(filter(None, kinds), key=lambda kind: key(PIPS[kind]))
        for own in claims.of(PIP, kind, platforms, about):
            if key(listed.value) < key(own.value):
                yield _contradiction(
                    offer,
                    "the oldest pip",
                    Statement(listed.source.id, f"names pip {listed.value}"),
                    Statement(own.source.id, f"says that pip takes {kind} from {own.value} on"),
                    Statement(offer.source().id, f"has wheels tagged {kind}"),
                )
