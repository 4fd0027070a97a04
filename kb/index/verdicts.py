"""The rules of `index.json`: what can be said of a build before anyone asks.

A verdict for each compute capability is one letter, in the order of the capabilities.
"""

from kb.base.model import Capabilities, FirstToolkit, LastToolkit, WheelFacts
from kb.base.record import Record
from kb.base.requirement import Requirement
from kb.base.versions import key
from kb.facts.capabilities import serves

UNKNOWN = "?"
# What of the wheel's code serves a GPU: machine code, PTX, nothing.
NATIVE, PTX, NO_CODE = "n", "p", "x"
# Whether CUDA's libraries know a GPU, serve it by the code for an older one, do neither, or know it
# no more.
KNOWN, SERVED, TOO_OLD, DROPPED = "k", "s", "x", "d"


def code_verdicts(built: Capabilities | None, capabilities: tuple[str, ...]) -> str:
    """Return a letter for each compute capability: what of a wheel's code serves it."""
    if built is None:
        return UNKNOWN * len(capabilities)
    letters = {"native": NATIVE, "ptx": PTX, None: NO_CODE}
    return "".join(letters[serves(built, capability)] for capability in capabilities)


def toolkit_verdicts(
    cuda: str | None,
    knows: tuple[FirstToolkit, ...],
    capabilities: tuple[str, ...],
    last_toolkits: tuple[LastToolkit, ...] = (),
) -> str:
    """Return a letter for each compute capability: whether a CUDA release's libraries know it."""
    rows = {row.compute_capability: row for row in knows}
    last = {c: row.cuda for row in last_toolkits for c in row.compute_capabilities}
    return "".join(
        _toolkit_verdict(cuda, rows, last.get(capability), capability)
        for capability in capabilities
    )


def _toolkit_verdict(
    cuda: str | None, rows: dict[str, FirstToolkit], last: str | None, capability: str
) -> str:
    if cuda is not None and last is not None and is_past(cuda, last):
        return DROPPED
    row = rows.get(capability)
    if cuda is None or row is None:
        return UNKNOWN
    if key(cuda) >= key(row.cuda):
        return KNOWN
    older = rows.get(row.served_by) if row.served_by else None
    return SERVED if older is not None and key(cuda) >= key(older.cuda) else TOO_OLD


def is_past(cuda: str, last: str) -> bool:
    """Tell whether a CUDA release is newer than the last one: `11.x` is all of 11, `10.2` has its
    patches with it. What both do not say decides nothing.
    """
    bounds = [int(part) for part in last.removesuffix(".x").split(".")]
    own = [int(part) for part in cuda.split(".")[: len(bounds)]]
    return own > bounds[: len(own)]


class Range(Record):
    """The versions from `minimum` on and before `below`."""

    minimum: str
    below: str


def serving(cuda: str | None) -> Range | None:
    """Return the CUDA releases on a machine that serve a build made with one of them.

    From CUDA 11 on, a newer minor release serves
    (docs.nvidia.com/deploy/cuda-compatibility/minor-version-compatibility.html); before, the names
    of the libraries held the minor release, so it must be the same.
    """
    if cuda is None:
        return None
    major, _, rest = cuda.partition(".")
    minor = rest.partition(".")[0]
    if not minor or int(major) >= 11:
        return Range(f"{major}.{minor}" if minor else major, str(int(major) + 1))
    return Range(f"{major}.{minor}", f"{major}.{int(minor) + 1}")


def brought(says: WheelFacts, requires: tuple[Requirement, ...]) -> str | None:
    """Return the newest CUDA whose libraries a wheel's extra brings: 12.3 where it pins them, and
    where it gives a range all that is below its end; the CUDA that it was built with, if neither.
    """
    for requirement in requires:
        if not requirement.name.startswith("nvidia-cuda-runtime"):
            continue
        for bound in requirement.specifier.bounds:
            if bound.operator == "==":
                return ".".join(bound.version.split(".")[:2])
            if bound.operator == "<":
                major = int(bound.version.partition(".")[0]) - 1
                return f"{major}.999"
    return says.cuda


def minimum_python(says: WheelFacts) -> str | None:
    """Return the minimum Python that a wheel's Requires-Python lets in, where it says just that."""
    bounds = says.requires_python.bounds if says.requires_python else ()
    if len(bounds) != 1 or bounds[0].operator != ">=":
        return None
    number = bounds[0].version
    return number if number.replace(".", "").isdigit() else None
