"""Names that are one slip of the keyboard away from a distribution of TensorFlow: pip would install
somebody else's project, or none.
"""

from collections.abc import Iterator

from kb.base.findings import Finding
from kb.base.model import WayOut
from kb.base.names import TENSORFLOWS
from kb.check.asked import Project
from kb.facts.companion_names import COMPANIONS


def misspelled(project: Project) -> Iterator[Finding]:
    """Yield a warning for each requirement of a project whose name is nearly TensorFlow's."""
    asked = dict.fromkeys((e.file, e.line, e.name) for entries in project.sets for e in entries)
    for file, line, name in asked:
        meant = _meant(name)
        if meant is not None:
            yield Finding(
                rule="name",
                severity="warning",
                text=f"{name} is not {meant}: pip finds somebody else's project, or none",
                ways_out=(WayOut(told=f"ask for {meant}, if that is meant"),),
                file=file,
                line=line,
            )


def _meant(name: str) -> str | None:
    if name in TENSORFLOWS or name in COMPANIONS:
        return None
    return next((own for own in sorted(TENSORFLOWS, key=len) if _is_one_slip(name, own)), None)


def _is_one_slip(first: str, second: str) -> bool:
    """Tell whether one letter more, less or other, or two that change places, lead from one word to
    another.
    """
    shorter, longer = sorted((first, second), key=len)
    start = next((n for n, letter in enumerate(shorter) if letter != longer[n]), len(shorter))
    rest, other = shorter[start:], longer[start:]
    if len(shorter) < len(longer):
        return rest == other[1:]
    return rest[1:] == other[1:] or (
        rest[:2] == other[1::-1] and rest[2:] == other[2:] and len(rest) > 1
    )
