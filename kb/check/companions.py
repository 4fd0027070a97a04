"""What the companions that a project asks for say of a release of TensorFlow."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from packaging.specifiers import SpecifierSet

from kb.base.model import CompanionFile, CompanionRelease
from kb.base.names import is_tensorflow
from kb.base.requirement import Requirement
from kb.check.bounds import admits
from kb.check.catalogue import Catalogue, Target
from kb.facts.builds import Published
from kb.facts.companion_names import BESIDE_TENSORFLOW, FRAMEWORKS
from kb.facts.companions import (
    Beside,
    Stated,
    applies,
    installs_on,
    may_install,
    stated,
    words_of,
)

# Its releases go by the series of TensorFlow, which another rule tells.
_TOLD_OTHERWISE = "tf-keras"


def companion_of(catalogue: Catalogue, name: str) -> CompanionFile | None:
    """Return what is known of a companion that may say something of TensorFlow."""
    if name not in BESIDE_TENSORFLOW or name == _TOLD_OTHERWISE:
        return None
    return catalogue.companion(name)


def framework_of(catalogue: Catalogue, name: str) -> CompanionFile | None:
    """Return what is known of another framework, which requires CUDA's libraries as `and-cuda`
    does.
    """
    return catalogue.companion(name) if name in FRAMEWORKS else None


def beside(offer: Published, environment: Target) -> Beside:
    """Return a release of TensorFlow as a companion has to stand beside it."""
    return Beside(
        release=offer.release.release,
        python=environment.python,
        platform=environment.platform,
        requires=offer.says().requires,
        distribution=offer.release.distribution,
    )


def refusing(
    catalogue: Catalogue,
    name: str,
    beside: Mapping[str, SpecifierSet],
    environment: Target,
    offer: Published,
    extra: tuple[Requirement, ...] = (),
) -> Stated | None:
    """Return what the newest release of a companion states that is asked for, where all that are
    and may be installed refuse a release of TensorFlow by what they always require; None where one
    may take it.

    One that requires another distribution, of another version, refuses it too: pip would install
    that over it. So does one that requires of a third what TensorFlow, with what its `extra`
    requires, or the project rules out; another framework is held against the extra alone.
    """
    file = companion_of(catalogue, name) or (framework_of(catalogue, name) if extra else None)
    if file is None:
        return None
    every = catalogue.companion_releases(name, beside[name])
    here = [r for r in every if may_install(r, environment.python, environment.platform)]
    first = None
    for release in here or every:
        found = _stated(catalogue, file, release, environment, offer)
        if found.verdict != "refused":
            requires = (*offer.says().requires, *extra)
            clash = _clash(file, release, beside, environment, _required(requires, environment))
            if clash is None:
                return None
            found = found._replace(verdict="refused", by="requirement", requirement=clash)
        first = first or found
    return first


def taken_companion(
    catalogue: Catalogue, name: str, bounds: SpecifierSet, environment: Target, offer: Published
) -> Stated | None:
    """Return what the release of a companion states that pip takes beside a release of TensorFlow;
    None where it takes none that is known.
    """
    file = companion_of(catalogue, name)
    if file is None:
        return None
    for release in catalogue.companion_releases(name, bounds):
        if installs_on(file, release, environment.python, environment.platform):
            found = _stated(catalogue, file, release, environment, offer)
            if found.verdict != "refused":
                return found
    return None


def _clash(
    file: CompanionFile,
    release: CompanionRelease,
    beside: Mapping[str, SpecifierSet],
    environment: Target,
    own: Mapping[str, SpecifierSet],
) -> Requirement | None:
    """Return what a release requires of a third project that rules out all that TensorFlow, by its
    `own` bounds, and the project let in of it.
    """
    words = words_of(file, release.release, environment.platform)
    here = (environment.python, environment.platform)
    for line in words.requires if words else ():
        ours = beside.get(line.name, SpecifierSet()) & own.get(line.name, SpecifierSet())
        if not ours or is_tensorflow(line.name) or not applies(line, *here):
            continue
        if admits(ours) and not admits(ours & SpecifierSet(line.specifier)):
            return line
    return None


@lru_cache(maxsize=4096)
def _required(requires: tuple[Requirement, ...], environment: Target) -> Mapping[str, SpecifierSet]:
    """Return the bounds that requirements set on each project in an environment."""
    found: dict[str, SpecifierSet] = {}
    for line in requires:
        if applies(line, environment.python, environment.platform):
            found[line.name] = found.get(line.name, SpecifierSet()) & SpecifierSet(line.specifier)
    return found


def _stated(
    catalogue: Catalogue,
    file: CompanionFile,
    release: CompanionRelease,
    environment: Target,
    offer: Published,
) -> Stated:
    return stated(file, release.release, beside(offer, environment), catalogue.companion_notes())


def line_for(lines: dict[str, Any], name: str) -> Any:
    """Return where a companion is asked for; None where it is only bounded."""
    line = lines.get(name)
    return None if line is None or line.constraint else line
