"""Which GPU a text means, whoever made it: for the command line, for Python and, from the same
index, for a browser.
"""

import re
from typing import get_args

from kb.base.record import Record
from kb.base.store import Store
from kb.base.vocabulary import capability_in
from kb.index.records import Index
from kb.index.words import Maker


class Meaning(Record):
    """What a text means by the index alone. `maker` is None where nobody is known to have made it;
    a GPU of NVIDIA's has compute capabilities, several where the name alone does not tell.
    """

    maker: Maker | None
    capabilities: tuple[str, ...] = ()


class NamedGpu(Record):
    """A GPU that a text names.

    `name` is that of NVIDIA's tables; None where a compute capability was given, or where another
    made it, for of those GPUs there is no table and no compute capability.
    """

    maker: Maker
    name: str | None
    compute_capability: str | None


def meaning(text: str, index: Index) -> Meaning:
    """Return what a text means: a compute capability, a GPU of NVIDIA's, or another maker's."""
    capability = capability_in(text)
    if capability in index.capabilities:
        return Meaning("nvidia", (capability,))
    from kb.facts.gpu_names import normalised

    key = normalised(text)
    known = tuple(capability for capability, names in index.gpus.items() if key in names)
    if known:
        return Meaning("nvidia", known)
    words = _words(text, index)
    makers: tuple[Maker, ...] = get_args(Maker)
    named = (maker for maker in makers if words & set(index.maker_words.get(maker, ())))
    return Meaning(next(named, None))


def check_capability(capability: str, index: Index) -> None:
    """Raise UnknownGpu, which tells the nearest, for a compute capability that no GPU has."""
    if capability in index.capabilities:
        return
    from kb.facts.gpu_names import UnknownGpu

    after = [known for known in index.capabilities if float(known) > float(capability)]
    before = [known for known in index.capabilities if float(known) < float(capability)]
    near = (*before[-2:], *after[:2])
    raise UnknownGpu(f"no GPU has compute capability {capability}", near)


def named_gpu(text: str, index: Index, store: Store) -> NamedGpu:
    """Return the GPU that a text names, however it is written.

    Raises UnknownGpu for a name that no GPU has, and AmbiguousGpu for one that GPUs of several
    compute capabilities have; both are LookupErrors.
    """
    capability = capability_in(text)
    if capability is not None:
        check_capability(capability, index)
        return NamedGpu("nvidia", None, capability)
    meant = meaning(text, index)
    if meant.maker not in (None, "nvidia"):
        return NamedGpu(meant.maker, None, None)
    from kb.facts.gpu_names import identify

    found = identify(text, store.gpus().gpus)
    return NamedGpu("nvidia", found.name, found.compute_capability)


def is_for_data_centres(text: str | None, capability: str, index: Index) -> bool | None:
    """Tell whether a GPU of this name and compute capability is one for data centres; None where
    the name does not tell.
    """
    if text is None:
        return None
    from kb.facts.gpu_names import normalised

    key = normalised(text)
    if key in index.data_centre:
        return True
    return False if key in index.gpus.get(capability, ()) else None


def is_on_arm(text: str, index: Index) -> bool:
    """Tell whether a GPU of this name sits beside an Arm processor, as that of a Jetson does."""
    return not _words(text, index).isdisjoint(index.arm_words)


def _words(text: str, index: Index) -> set[str]:
    return set(re.split(index.word_break, text[: index.gpu_cut].lower()))
