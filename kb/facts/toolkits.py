"""The CUDA, the cuDNN and the minimum drivers of a build, worked out from all sources' claims.

Of claims that disagree, that of the preferred source holds; of claims that agree, the most exact.
"""

from collections.abc import Iterable

from kb.base.model import Platform
from kb.base.record import Record
from kb.base.versions import agree, is_final, series
from kb.facts import sources
from kb.facts.builds import Published
from kb.facts.claims import TENSORFLOW, About, Claim, Claims

# The platforms whose minimum drivers are told of a build: Windows for WSL too.
DRIVER_PLATFORMS: tuple[Platform, ...] = ("linux-x86_64", "windows-x86_64")
# What is read in the wheels themselves.
_WHEELS = (sources.wheels.__name__, sources.code.__name__)
# It names no release, and has stood unchanged through several: what it says is told, and where no
# one else says anything, that is unknown.
_DECIDES_NOTHING = sources.install_page.__name__
_PATCH_DOTS = 2  # of `11.0.3`


class Toolkit(Record):
    """The CUDA and cuDNN of a build: as built, as documented, and as its extra installs them."""

    cuda: str | None
    cuda_built: str | None
    cuda_documented: str | None
    cudnn_built: str | None
    cudnn_documented: str | None
    cudnn_installed: str | None


NO_TOOLKIT = Toolkit(
    cuda=None,
    cuda_built=None,
    cuda_documented=None,
    cudnn_built=None,
    cudnn_documented=None,
    cudnn_installed=None,
)


class PatchDriver(Record):
    """The minimum drivers for one patch of a release of CUDA."""

    cuda: str
    linux: str
    windows: str


class MinimumDriver(Record):
    """The minimum drivers for a release of CUDA, and where they are documented.

    `wsl2` is that of Windows under WSL2, None where nobody names one. `patches` has those of the
    release where they ask for different drivers, the newest first: the minimum is the first's.
    """

    linux: str
    windows: str
    source: str | None
    wsl2: str | None = None
    patches: tuple[PatchDriver, ...] = ()


def toolkit(claims: Claims, offer: Published) -> Toolkit:
    """Return a build's CUDA and cuDNN. `cuda` is what holds of all that is claimed; what is built
    is the wheel's word, what is documented that of the first source beside it.
    """
    cuda = counting_for(claims, offer, "cuda")
    cudnn = counting_for(claims, offer, "cudnn")
    installed = counting_for(claims, offer, "cudnn installed")
    return Toolkit(
        cuda=chosen(claim.value for claim in cuda),
        cuda_built=_built(cuda),
        cuda_documented=_documented(cuda),
        cudnn_built=_built(cudnn),
        cudnn_documented=_documented(cudnn),
        cudnn_installed=_built(installed),
    )


def counting_for(claims: Claims, offer: Published, about: About) -> tuple[Claim, ...]:
    """Return what each source says that counts for a build, the preferred source first: what it
    says of the build, or else of its release, or else of its series, which speaks of no candidate
    or nightly. Its last word is taken.
    """
    release, platforms = offer.release.release, (offer.build.platform,)
    found: dict[str, Claim] = {}
    whole = [(TENSORFLOW, series(release))] if is_final(release) else []
    for name, asked in (*whole, (TENSORFLOW, release), (offer.release.distribution, release)):
        found |= {claim.claimant: claim for claim in claims.of(name, asked, platforms, about)}
    found.pop(_DECIDES_NOTHING, None)
    return tuple(sorted(found.values(), key=claims.rank))


def chosen(versions: Iterable[str]) -> str | None:
    """Return the version that holds of some, the preferred first: `12.2` of `12` and `12.2`, `12`
    of `12` and `11.8`. None of none.
    """
    held: str | None = None
    for version in versions:
        if held is None or (agree(held, version) and version.count(".") > held.count(".")):
            held = version
    return held


def _built(some: tuple[Claim, ...]) -> str | None:
    return next((claim.value for claim in some if claim.claimant in _WHEELS), None)


def _documented(some: tuple[Claim, ...]) -> str | None:
    return next((claim.value for claim in some if claim.claimant not in _WHEELS), None)


def documented_capability(claims: Claims, offer: Published) -> str | None:
    """Return the minimum compute capability that a page names for a build, if one does."""
    said = counting_for(claims, offer, "minimum compute capability")
    return said[0].value if said else None


def minimum_driver(claims: Claims, cuda: str | None) -> MinimumDriver | None:
    """Return the minimum drivers for a CUDA release: its own, or those of its major release."""
    if cuda is None:
        return None
    linux, windows = (claimed_minimums(claims, cuda, platform) for platform in DRIVER_PLATFORMS)
    if not linux or not windows:
        return None
    wsl2 = claimed_minimums(claims, cuda, "linux-x86_64", "minimum driver on WSL2")
    return MinimumDriver(
        linux=linux[0].value,
        windows=windows[0].value,
        source=linux[0].source.url,
        wsl2=wsl2[0].value if wsl2 else None,
        patches=_patches(claims, cuda, linux[0].claimant),
    )


def claimed_minimums(
    claims: Claims, cuda: str, platform: Platform, about: About = "minimum driver"
) -> tuple[Claim, ...]:
    """Return the first minimum driver that each source names for a CUDA release or its major
    release, the preferred source first. Of patches that ask for different drivers it is the newest.
    """
    found: dict[str, Claim] = {}
    for claim in claims.about(about):
        if _speaks_of(claim, cuda) and platform in claim.subject.platforms:
            known = found.setdefault(claim.claimant, claim)
            if _is_exacter(claim, known):
                found[claim.claimant] = claim
    return tuple(found.values())


def _speaks_of(claim: Claim, cuda: str) -> bool:
    release = claim.subject.release
    if release.endswith(".x"):
        return release.partition(".")[0] == cuda.partition(".")[0]
    return "." in cuda and agree(release, cuda)


def _is_exacter(claim: Claim, known: Claim) -> bool:
    """Tell whether a claim is of one release where another is of all of its major release."""
    return known.subject.release.endswith(".x") and not claim.subject.release.endswith(".x")


def _patches(claims: Claims, cuda: str, claimant: str) -> tuple[PatchDriver, ...]:
    """Return the patches of a CUDA release that a source tells apart, and what they ask for."""
    linux, windows = (
        {
            claim.subject.release: claim.value
            for claim in claims.about("minimum driver")
            if claim.claimant == claimant
            and platform in claim.subject.platforms
            and _speaks_of(claim, cuda)
            and claim.subject.release.count(".") == _PATCH_DOTS
        }
        for platform in DRIVER_PLATFORMS
    )
    return tuple(
        PatchDriver(cuda=release, linux=minimum, windows=windows[release])
        for release, minimum in linux.items()
        if release in windows
    )
