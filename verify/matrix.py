"""Carry a plan out: several cells at once, within the memory and disk given, runs written as they
come.
"""

import threading
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Protocol

from kb.base.record import Record
from kb.cells.recipes import CellKey, Recipe
from kb.runs.run_file import Run
from verify.runner.process import Stopped
from verify.runner.run import CPU_GB, CUDA_GB, MEMORY_GB


class Carry(Protocol):
    """What carries a recipe out until `stop` is set."""

    def __call__(self, recipe: Recipe, *, stop: threading.Event) -> Run:
        """Return the run of a recipe."""


class Limits(Record):
    """How much a matrix may take at once: cells, memory and disk in GB."""

    cells: int
    memory_gb: float
    disk_gb: float


class CellEnd(Record):
    """A cell that ended: its run, or the error that kept the runner from one."""

    recipe: Recipe
    run: Run | None
    error: Exception | None = None


def carry_all(recipes: list[Recipe], carry: Carry, limits: Limits) -> Iterator[CellEnd]:
    """Yield each cell as it ends. When the consumer stops early, what runs is killed and waited
    for.
    """
    stop = threading.Event()
    waiting = list(recipes)
    running: dict[Future[Run], Recipe] = {}
    with ThreadPoolExecutor(max(1, limits.cells)) as pool:
        try:
            while waiting or running:
                while chosen := _next(waiting, [job.cell for job in running.values()], limits):
                    waiting.remove(chosen)
                    running[pool.submit(carry, chosen, stop=stop)] = chosen
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    yield _ended(running.pop(future), future)
        finally:
            stop.set()


def _ended(recipe: Recipe, future: "Future[Run]") -> CellEnd:
    error = future.exception()
    if error is None:
        return CellEnd(recipe, future.result())
    if not isinstance(error, Exception) or isinstance(error, Stopped):
        raise error
    return CellEnd(recipe, None, error)


def _next(waiting: list[Recipe], running: list[CellKey], limits: Limits) -> Recipe | None:
    """Choose the next cell that fits beside those that run."""
    if len(running) >= max(1, limits.cells):
        return None
    for recipe in waiting:
        if not running or _fits(recipe.cell, running, limits):
            return recipe
    return None


def _fits(cell: CellKey, running: list[CellKey], limits: Limits) -> bool:
    """Tell whether a cell fits: enough memory and disk, and nothing that both would download.

    Cells of one wheel, and all that bring CUDA's libraries, wait for each other: so the first
    downloads what the second finds in the cache.
    """
    if any(other[:4] == cell[:4] or other.device == cell.device == "cuda" for other in running):
        return False
    disk = sum(CUDA_GB if other.device == "cuda" else CPU_GB for other in (*running, cell))
    memory = MEMORY_GB * (len(running) + 1)
    return disk <= limits.disk_gb and memory <= limits.memory_gb
