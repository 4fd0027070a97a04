"""Prints how long the whole knowledge base takes to load, and ten times as much of it.

Run: python benchmarks/load.py
"""

import shutil
import statistics
import tempfile
import time
from pathlib import Path

from kb.base.store import DATA, Store

ROUNDS = 7
TIMES = 10


def load_all(store: Store) -> int:
    """Load every file of a knowledge base, the texts read inside wheels included."""
    files = [store.series(name) for name in store.series_names()]
    files += [store.plugin(name) for name in store.plugin_names()]
    files += [store.wheels(name) for name in store.wheels_names()]
    files += [store.resolutions(name) for name in store.resolutions_names()]
    files += [store.cuda(), store.gpus(), store.problems(), store.pins()]
    return len(files)


def measure(store: Store) -> float:
    """Return the median time of a load, in seconds."""
    taken = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        load_all(store)
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def grown(data: Path, folder: Path) -> Store:
    """Return a store that holds every series, plug-in and wheel file TIMES times."""
    for part in ("releases", "plugins", "wheels", "resolutions"):
        (folder / part).mkdir()
        for path in (data / part).glob("*.yaml"):
            for number in range(TIMES):
                name = path.stem if number == 0 else f"{number}{path.stem}"
                shutil.copy(path, folder / part / f"{name}.yaml")
    for path in data.glob("*.yaml"):
        shutil.copy(path, folder)
    return Store(folder)


def main() -> None:
    """Measure today's size and TIMES as much."""
    once = measure(Store())
    print(f"whole knowledge base: {load_all(Store())} files in {once:.3f} s (at most 0.5 s)")
    with tempfile.TemporaryDirectory() as folder:
        grown_store = grown(Path(DATA), Path(folder))
        tenfold = measure(grown_store)
        files = load_all(grown_store)
    print(
        f"{TIMES} times as much: {files} files in {tenfold:.3f} s, {tenfold / once:.1f} x "
        f"(linear: {TIMES})"
    )


if __name__ == "__main__":
    main()
