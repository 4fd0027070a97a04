"""What an installed distribution demands of others, and whether a version meets it."""

from collections.abc import Iterator, Mapping
from typing import Literal

from packaging.markers import UndefinedComparison, UndefinedEnvironmentName
from packaging.requirements import InvalidRequirement, Requirement
from packaging.version import InvalidVersion, Version

from kb.base.record import Record
from kb.machine.installed import Installed, normalised

Meets = Literal["yes", "older", "newer", "other", "unknown"]
_LOWER = (">=", ">", "==", "~=")
_UPPER = ("<=", "<", "==", "~=")


class Demand(Record):
    """A requirement: the distribution it names, and the whole of it as pip takes it."""

    name: str
    text: str
    requirement: Requirement

    def meets(self, version: str) -> Meets:
        """Tell whether a version meets it, or else whether it is older or newer than asked for."""
        try:
            own = Version(version)
            if self.requirement.specifier.contains(own, prereleases=True):
                return "yes"
            if any(own < bound for bound in self._bounds(_LOWER)):
                return "older"
            return "newer" if any(own >= bound for bound in self._bounds(_UPPER)) else "other"
        except InvalidVersion:
            return "unknown"

    def is_of_another_major(self, version: str) -> bool:
        """Tell whether a version has another first number than the one that is asked for."""
        asked = {bound.version.partition(".")[0] for bound in self.requirement.specifier}
        return len(asked) == 1 and version.partition(".")[0] not in asked

    def _bounds(self, operators: tuple[str, ...]) -> Iterator[Version]:
        for bound in self.requirement.specifier:
            if bound.operator in operators:
                yield Version(bound.version.removesuffix(".*"))


def demand(text: str) -> Demand | None:
    """Return the demand that a text states, or None where it is no requirement."""
    try:
        requirement = Requirement(text)
    except InvalidRequirement:
        return None
    name = normalised(requirement.name)
    return Demand(name, f"{name}{requirement.specifier}", requirement)


def demands(installed: Installed, marks: Mapping[str, str], extra: str = "") -> list[Demand]:
    """Return what a distribution demands in a Python with these marks: of itself, or what an extra
    adds to that.
    """
    found = []
    for text in installed.requires:
        wanted = demand(text)
        if wanted is None or (extra and _holds(wanted, marks, "")):
            continue
        if _holds(wanted, marks, extra):
            found.append(wanted)
    return found


def _holds(wanted: Demand, marks: Mapping[str, str], extra: str) -> bool:
    marker = wanted.requirement.marker
    if marker is None:
        return True
    try:
        return marker.evaluate({**marks, "extra": extra})
    except (UndefinedComparison, UndefinedEnvironmentName):
        return False
