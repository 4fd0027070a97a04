"""Prints how long answers are at 80 columns: the most lines of `lookup` of every series, with and
without a GPU, and of `find` for 70 GPUs with three drivers each; and each line that is wider than
the terminal and is nothing to copy.

Run: python benchmarks/lines.py
"""

import random
import re
from collections.abc import Iterable, Iterator

from kb.answers.comparison import MachineQuestion
from kb.answers.fits import find
from kb.answers.gpu_asked import understood
from kb.answers.releases import VersionQuestion
from kb.base.errors import CompatError
from kb.base.model import Device
from kb.base.store import Store
from kb.find.page import page as find_page
from kb.index.records import Index, open_index
from kb.lookup.answer import lookup
from kb.lookup.page import page as lookup_page
from kb.machine.glance import MachineGlance
from kb.terminal.style import Style

SEED = 12
GPUS = 70
OTHERS = 10  # of them by other makers, whose drivers nobody asks for
DRIVERS = ("470.57.02", "535.104.05", "580.65.06")
WIDTH = 80
MOST = 40
_DEVICES: tuple[Device, ...] = ("cpu", "cuda")
# What is copied: commands, what they print on, and addresses; none of them may be broken.
_TO_COPY = re.compile(
    r"^(?:#|py |python|export |\$env:|\. |cat >|cuda_libraries|END|tf-|uv |  -|  [a-z0-9-]+==)"
    r"|https://|tensorflow-compat |python -m kb "
)


def lookups(store: Store) -> Iterator[tuple[str, str]]:
    """Yield the page of every series on a machine with and one without a GPU."""
    for name in store.series_names():
        answer = lookup(store, VersionQuestion(version=name))
        for device in _DEVICES:
            machine = MachineGlance("linux-x86_64", "3.11", device)
            yield f"lookup {name} on {device}", lookup_page(answer, machine, Style(WIDTH))


def finds(store: Store) -> Iterator[tuple[str, str]]:
    """Yield the page of each GPU with each driver; other makers' GPUs have none of NVIDIA's."""
    index = open_index(store)
    draw = random.Random(SEED)
    others = [gpu.name for gpu in store.other_gpus().gpus]
    names = draw.sample([gpu.name for gpu in store.gpus().gpus], 2 * GPUS)
    chosen = [name for name in names if _is_understood(name, index, store)][: GPUS - OTHERS]
    for name in [*chosen, *draw.sample(others, OTHERS)]:
        for driver in DRIVERS if name in chosen else (None,):
            asked = MachineQuestion(gpu=name, driver=driver)
            found = find(index, understood(asked, index, store))
            yield f"find {name}, driver {driver}", find_page(found, index, Style(WIDTH))


def _is_understood(name: str, index: Index, store: Store) -> bool:
    try:
        understood(MachineQuestion(gpu=name), index, store)
    except CompatError:
        return False
    return True


def told(name: str, pages: Iterable[tuple[str, str]]) -> None:
    """Print the most lines of pages, and which has them; and how many are too long or too wide."""
    lengths = {title: text.count("\n") + 1 for title, text in pages_of(pages)}
    most = max(lengths, key=lambda title: lengths[title])
    long = sum(length > MOST for length in lengths.values())
    print(
        f"{name:7} {len(lengths):4} answers, {long} over {MOST} lines; most {lengths[most]}: {most}"
    )


def pages_of(pages: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Yield pages, and print each line that is too wide and is nothing to copy."""
    for title, text in pages:
        for line in text.split("\n"):
            if len(line) > WIDTH and not _TO_COPY.search(line):
                print(f"wide in {title}: {line}")
        yield title, text


def main() -> None:
    """Measure both questions."""
    store = Store()
    told("lookup", lookups(store))
    told("find", finds(store))


if __name__ == "__main__":
    main()
