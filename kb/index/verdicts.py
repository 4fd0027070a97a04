"""The rules of `index.json`: what can be said of a build before anyone asks.

A verdict for each compute capability is one letter, in the order of the capabilities.
"""

from collections.abc import Iterator

from kb.base.model import FirstToolkit, LastToolkit, Library, PtxVersion, WheelFacts
from kb.base.record import Record
from kb.base.requirement import Requirement
from kb.base.versions import key
from kb.facts.gpu_code import BuildCode, CodeKind, first_branch, for_gpu, native_in, ptx_in
from kb.facts.known_gpus import UNKNOWN, last_by_capability, toolkit_verdict
from kb.index.records import Code, CodeCounts

# What a wheel is for a GPU: native, mixed, compiled at first use (from PTX), without code.
_LETTERS: dict[CodeKind, str] = {"native": "n", "mixed": "m", "compiled": "p", "without": "x"}
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def code_facts(
    code: BuildCode | None, capabilities: tuple[str, ...], versions: tuple[PtxVersion, ...]
) -> Code:
    """Return what a wheel's code is for each compute capability, and what was counted."""
    if code is None:
        return Code(
            native=(),
            ptx=(),
            verdicts=UNKNOWN * len(capabilities),
            objects=0,
            counts=(),
            counted="",
        )
    found = [for_gpu(code, capability) for capability in capabilities]
    counted = [
        CodeCounts(
            native=own.native,
            compiled=own.compiled,
            without=own.without,
            branch=first_branch(own.ptx, versions) if own.ptx else None,
            newest=own.newest,
            lone_branch=first_branch(own.lone_ptx, versions) if own.lone_ptx else None,
            lone=own.lone,
        )
        for own in found
        if code.objects
    ]
    counts = tuple(dict.fromkeys(counted))
    return Code(
        native=native_in(code),
        ptx=ptx_in(code),
        verdicts="".join(_LETTERS[own.kind] for own in found),
        objects=code.of,
        counts=counts,
        counted="".join(_DIGITS[counts.index(own)] for own in counted),
    )


def toolkit_verdicts(
    cuda: str | None,
    knows: tuple[FirstToolkit, ...],
    capabilities: tuple[str, ...],
    last_toolkits: tuple[LastToolkit, ...] = (),
) -> str:
    """Return a letter for each compute capability: whether a CUDA release's libraries know it."""
    rows = {row.compute_capability: row for row in knows}
    last = last_by_capability(last_toolkits)
    return "".join(
        toolkit_verdict(cuda, rows, last.get(capability), capability) for capability in capabilities
    )


class Range(Record):
    """The versions from `minimum` on and before `below`."""

    minimum: str
    below: str


def serving(cuda: str | None, libraries: tuple[Library, ...] = ()) -> Range | None:
    """Return the CUDA releases on a machine that serve a build made with one of them.

    From CUDA 11 on, a newer minor release serves
    (docs.nvidia.com/deploy/cuda-compatibility/minor-version-compatibility.html), as long as it
    holds the files that the build opens: `libraries` tell which do. Before, the names of the files
    held the minor release, so it must be the same.
    """
    if cuda is None:
        return None
    major, _, rest = cuda.partition(".")
    minor = rest.partition(".")[0]
    if not minor:
        return Range(major, str(int(major) + 1))
    if int(major) < 11:
        return Range(f"{major}.{minor}", f"{major}.{int(minor) + 1}")
    own = f"{major}.{minor}"
    ends = [_next_minor(last) for last in _ends(own, libraries)]
    return Range(own, min((*ends, str(int(major) + 1)), key=key))


def _ends(cuda: str, libraries: tuple[Library, ...]) -> Iterator[str]:
    """Yield the last CUDA of the same major release that holds each file of a CUDA, where a newer
    one of it does not.
    """
    major = cuda.partition(".")[0]
    rows = [row for row in libraries if row.product == "CUDA"]
    of_major = [row.last for row in rows if row.last.partition(".")[0] == major]
    newest = max(of_major, key=key, default=cuda)
    for row in rows:
        if key(row.first) <= key(cuda) <= key(row.last) and key(row.last) < key(newest):
            yield row.last


def _next_minor(version: str) -> str:
    major, _, minor = version.partition(".")
    return f"{major}.{int(minor) + 1}"


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
