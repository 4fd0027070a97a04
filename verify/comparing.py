"""Hold runs against each other that must come out alike: of the same cell and recipe, with the same
packages, on the same GPU. What they answer to the numbers that are the same for all is compared bit
by bit.
"""

from collections.abc import Iterable, Iterator

from kb.base.record import Record
from kb.cells.recipes import CellKey
from kb.runs.run_file import Run
from verify.runner.challenge import number


class Alike(Record):
    """What two runs have in common that must come out alike; `hardware` is the GPU's name, or the
    processor's.
    """

    cell: CellKey
    recipe: str
    packages: tuple[str, ...]
    hardware: str
    driver: str | None


class RunComparison(Record):
    """Two runs that have all that in common: in how many words of how many they differ, and by how
    much of the larger at most.
    """

    alike: Alike
    first: str
    second: str
    differ: int
    words: int
    off: float


def compare(runs: Iterable[tuple[str, Run]]) -> Iterator[RunComparison]:
    """Yield each run with an answer, by its name, beside the first one like it."""
    firsts: dict[Alike, tuple[str, tuple[str, ...]]] = {}
    for name, run in runs:
        if run.challenge is None:
            continue
        alike, words = _alike(run), run.challenge.common
        if alike not in firsts:
            firsts[alike] = (name, words)
            continue
        first, known = firsts[alike]
        pairs = [pair for pair in zip(known, words, strict=False) if pair[0] != pair[1]]
        yield RunComparison(
            alike=alike,
            first=first,
            second=name,
            differ=len(pairs),
            words=len(words),
            off=max((_off(*pair) for pair in pairs), default=0.0),
        )


def _alike(run: Run) -> Alike:
    gpu = run.runner.gpus[0].name if run.device != "cpu" and run.runner.gpus else None
    return Alike(
        cell=run.cell(),
        recipe=run.recipe,
        packages=tuple(sorted(run.packages)),
        hardware=gpu or f"{run.runner.cpu} {' '.join(run.runner.flags)}",
        driver=run.runner.driver if gpu else None,
    )


def _off(word: str, other: str) -> float:
    a, b = number(word), number(other)
    return abs(a - b) / max(abs(a), abs(b))
