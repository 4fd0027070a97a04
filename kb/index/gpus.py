"""Which GPU a text means, whoever made it: for the command line and for Python alike."""

import re
from typing import get_args

from kb.base.store import Store
from kb.index.records import Index
from kb.index.words import Maker


def named_gpu(text: str, index: Index, store: Store) -> tuple[Maker, str | None]:
    """Return the maker of a GPU by its name, and its compute capability where it is NVIDIA's.

    Raises UnknownGpu for a name that no GPU has, and AmbiguousGpu for one that GPUs of several
    compute capabilities have.
    """
    from kb.facts.gpu_names import identify, normalised

    key = normalised(text)
    known = [capability for capability, names in index.gpus.items() if key in names]
    if len(known) == 1:
        return "nvidia", known[0]
    words = words_of(text)
    makers: tuple[Maker, ...] = get_args(Maker)
    for maker in makers:
        if not known and words & set(index.maker_words.get(maker, ())):
            return maker, None
    return "nvidia", identify(text, store.gpus().gpus).compute_capability


def is_on_arm(text: str, index: Index) -> bool:
    """Tell whether a GPU of this name sits beside an Arm processor, as that of a Jetson does."""
    return not words_of(text).isdisjoint(index.arm_words)


def words_of(text: str) -> set[str]:
    """Return the words of a GPU's name, in lower case."""
    return set(re.split(r"[^a-z0-9]+", text[:300].lower()))
