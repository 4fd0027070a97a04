"""Which GPUs the libraries of a CUDA release know, and what a build is for each generation of GPUs:
in words that a person reads at once.
"""

from collections.abc import Iterable
from typing import Literal

from kb.base.model import Architecture, CudaFile, FirstToolkit, LastToolkit
from kb.base.record import Record
from kb.base.versions import key
from kb.facts.gpu_code import BESIDE_ARM, BuildCode, for_gpu

# Whether CUDA's libraries know a GPU, serve it by the code for an older one, do neither, or know it
# no more; or nobody says.
KNOWN, SERVED, TOO_OLD, DROPPED, UNKNOWN = "k", "s", "x", "d", "?"
Serves = Literal["native", "mostly native", "partly compiled", "compiled"]
_IN_WORDS: dict[Serves, str] = {
    "native": "native",
    "mostly native": "mostly native",
    "partly compiled": "partly compiled at first use",
    "compiled": "compiled at first use",
}


class Generation(Record):
    """A generation of GPUs that a build serves, how, and by which of its compute capabilities where
    that is not all of them.
    """

    name: str
    serves: Serves
    only: tuple[str, ...]


def toolkit_verdict(
    cuda: str | None, rows: dict[str, FirstToolkit], last: str | None, capability: str
) -> str:
    """Return whether a CUDA release's libraries know a compute capability; `rows` have the first
    that does, by capability, `last` is the last one.
    """
    if cuda is not None and last is not None and is_past(cuda, last):
        return DROPPED
    row = rows.get(capability)
    if cuda is None or row is None:
        return UNKNOWN
    if key(cuda) >= key(row.cuda):
        return KNOWN
    older = rows.get(row.served_by) if row.served_by else None
    if older is not None and key(cuda) >= key(older.cuda):
        return SERVED
    return UNKNOWN if _may_be(cuda, row.cuda) else TOO_OLD


def _may_be(cuda: str, first: str) -> bool:
    """Tell whether a CUDA that is told without its minor version may be the first one or newer."""
    own, parts = cuda.split("."), first.split(".")
    return parts[: len(own)] == own and any(map(int, parts[len(own) :]))


def is_past(cuda: str, last: str) -> bool:
    """Tell whether a CUDA release is newer than the last one: `11.x` is all of 11, `10.2` has its
    patches with it. What both do not say decides nothing.
    """
    bounds = [int(part) for part in last.removesuffix(".x").split(".")]
    own = [int(part) for part in cuda.split(".")[: len(bounds)]]
    return own > bounds[: len(own)]


def last_by_capability(last_toolkits: tuple[LastToolkit, ...]) -> dict[str, str]:
    """Return the last CUDA that knows each compute capability of which there is a last one."""
    return {c: row.cuda for row in last_toolkits for c in row.compute_capabilities}


def gpus_in_words(
    code: BuildCode, cuda: str | None, file: CudaFile, failing: Iterable[str] = ()
) -> str:
    """Tell which generations of GPUs a build serves, and how: `Maxwell to Turing native; Ampere and
    Hopper partly compiled at first use; none newer`. On those of the capabilities in `failing` it
    is known to fail.
    """
    fails = frozenset(failing)
    rows = {row.compute_capability: row for row in file.knows}
    last = last_by_capability(file.last_toolkits)
    own = [
        (row, {c: toolkit_verdict(cuda, rows, last.get(c), c) for c in _of_cards(row)})
        for row in reversed(file.architectures)
    ]
    untold = [row.name for row, verdicts in own if cuda and _is_untold(code, rows, verdicts)]
    served = [
        found
        for row, verdicts in own
        if row.name not in untold
        for found in _generations(code, row, verdicts, fails)
    ]
    texts = _grouped(served, [row.name for row, _ in own])
    texts += [f"fails on {row.name}" for row, verdicts in own if verdicts.keys() & fails]
    texts += [f"unknown on {' and '.join(untold)}"] if untold else []
    if served and any(set(verdicts.values()) == {TOO_OLD} for _, verdicts in own if verdicts):
        texts.append("none newer")
    return "; ".join(texts) or "none: it holds no code for a GPU that its CUDA knows"


def _is_untold(code: BuildCode, rows: dict[str, FirstToolkit], verdicts: dict[str, str]) -> bool:
    """Tell whether nobody can say if a build serves a generation: its CUDA is told without the
    minor version that decides, and none of its machine code is for it.
    """
    return any(
        verdict == UNKNOWN
        and capability in rows
        and for_gpu(code, capability).kind not in ("native", "without")
        for capability, verdict in verdicts.items()
    )


def _of_cards(row: Architecture) -> tuple[str, ...]:
    """Return the capabilities of a generation's GPUs but for those beside an Arm processor: no
    wheel with CUDA is for one.
    """
    return tuple(c for c in row.compute_capabilities if c not in BESIDE_ARM)


def _generations(
    code: BuildCode, row: Architecture, verdicts: dict[str, str], fails: frozenset[str]
) -> list[Generation]:
    ways: dict[Serves, list[str]] = {}
    for capability, verdict in verdicts.items():
        serves = None if verdict in (TOO_OLD, DROPPED) else _serves(code, capability)
        if serves is not None and capability not in fails:
            ways.setdefault(serves, []).append(capability)
    return [
        Generation(
            name=row.name,
            serves=serves,
            only=tuple(some) if len(some) < len(verdicts) else (),
        )
        for serves, some in ways.items()
    ]


def _serves(code: BuildCode, capability: str) -> Serves | None:
    found = for_gpu(code, capability)
    if found.kind == "without":
        return None
    if found.kind in ("native", "compiled"):
        return "native" if found.kind == "native" else "compiled"
    return "mostly native" if found.native * 2 >= found.objects > 0 else "partly compiled"


def _grouped(served: list[Generation], order: list[str]) -> list[str]:
    """Bring together generations that are served alike and follow each other."""
    texts: list[str] = []
    for serves, words in _IN_WORDS.items():
        runs: list[list[str]] = []
        for found in served:
            if found.serves != serves:
                continue
            name = f"{found.name} ({', '.join(found.only)})" if found.only else found.name
            before = order.index(found.name) - 1
            if runs and not found.only and runs[-1][-1] == order[before]:
                runs[-1].append(name)
            else:
                runs.append([name])
        if runs:
            texts.append(f"{', '.join(map(_span, runs))} {words}")
    return texts


def _span(run: list[str]) -> str:
    if len(run) > 2:
        return f"{run[0]} to {run[-1]}"
    return ", ".join(run)
