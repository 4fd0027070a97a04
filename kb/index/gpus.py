"""Which GPU a text means, whoever made it: for the command line, for Python and, from the same
index, for a browser.
"""

import re
from functools import lru_cache
from typing import get_args

from kb.base.record import Record
from kb.base.store import Store
from kb.base.vocabulary import capability_in
from kb.index.records import Index
from kb.index.words import Maker


class Meaning(Record):
    """What a text means by the index alone. `maker` is None where nobody is known to have made it;
    a GPU of NVIDIA's has compute capabilities, several where the name alone does not tell; another
    has a kind where its table knows it.
    """

    maker: Maker | None
    capabilities: tuple[str, ...] = ()
    kind: str | None = None


class NamedGpu(Record):
    """A GPU that a text names.

    `name` is that of the maker's table, None where a compute capability or a kind was given, or
    where no table has it. `kind` is what software of AMD, Intel and Apple is made for: `gfx1100`.
    """

    maker: Maker
    name: str | None
    compute_capability: str | None
    kind: str | None = None


def meaning(text: str, index: Index, system: str | None = None) -> Meaning:
    """Return what a text means: a compute capability, a GPU of NVIDIA's, or another maker's.

    On a Mac (`system` is macos) a name that two makers have is Apple's.
    """
    capability = capability_in(text)
    if capability in index.capabilities:
        return Meaning("nvidia", (capability,))
    others_keys: tuple[str, ...]
    if _is_key(written := text.lower(), index):
        key, others_keys = written, (written,)
    else:
        from kb.facts.gpu_names import normalised
        from kb.facts.other_gpu_names import keys_of, target_in

        if target := target_in(text):
            return Meaning("amd", kind=target)
        key, others_keys = normalised(text), keys_of(text)
    told = _maker_named(text, index, weak=False)
    others = [] if told == "nvidia" else _others(others_keys, index)
    if told not in (None, "nvidia"):
        return next((other for other in others if other.maker == told), Meaning(told))
    known = tuple(capability for capability, names in index.gpus.items() if key in names)
    if others and (not known or (system == "macos" and others[0].maker == "apple")):
        return others[0]
    if known or told:
        return Meaning("nvidia" if known else None, known)
    return Meaning(_maker_named(text, index, weak=True))


def _is_key(text: str, index: Index) -> bool:
    """Tell whether a text is the key of a GPU of NVIDIA's: then it is its own key, and to look
    costs less than to take out what names nothing.
    """
    return any(text in names for names in index.gpus.values())


def _others(keys: tuple[str, ...], index: Index) -> list[Meaning]:
    """Return what the keys of a text mean among the GPUs of other makers than NVIDIA."""
    makers: tuple[Maker, ...] = get_args(Maker)
    return [
        Meaning(maker, kind=kind)
        for key in keys
        for maker in makers
        for kind, names in index.other_gpus.get(maker, {}).items()
        if key in names
    ]


def _maker_named(text: str, index: Index, weak: bool) -> Maker | None:
    """Return the maker that a word of the text tells; a weak one, as m4, may be a model too."""
    words = _words(text, index)
    if not weak:
        words -= set(index.weak_maker_words)
    makers: tuple[Maker, ...] = get_args(Maker)
    return next((m for m in makers if words & set(index.maker_words.get(m, ()))), None)


def check_capability(capability: str, index: Index) -> None:
    """Raise UnknownGpu, which tells the nearest, for a compute capability that no GPU has."""
    if capability in index.capabilities:
        return
    from kb.facts.gpu_names import UnknownGpu

    after = [known for known in index.capabilities if float(known) > float(capability)]
    before = [known for known in index.capabilities if float(known) < float(capability)]
    near = (*before[-2:], *after[:2])
    raise UnknownGpu(f"no GPU has compute capability {capability}", near)


def named_gpu(text: str, index: Index, store: Store, system: str | None = None) -> NamedGpu:
    """Return the GPU that a text names, however it is written; `system` as for `meaning`.

    Raises UnknownGpu for a name that no GPU has, and AmbiguousGpu for one that GPUs of several
    compute capabilities, or of several makers, have; both are LookupErrors.
    """
    capability = capability_in(text)
    if capability is not None:
        check_capability(capability, index)
        return NamedGpu("nvidia", None, capability)
    meant = meaning(text, index, system)
    if meant.maker not in (None, "nvidia"):
        return NamedGpu(meant.maker, _other_name(text, meant, store), None, meant.kind)
    from kb.facts.gpu_names import identify
    from kb.facts.other_gpu_names import keys_of

    found = identify(text, store.gpus().gpus)
    if system is None and _maker_named(text, index, weak=False) is None:
        _check_one_maker(text, found.name, _others(keys_of(text), index), store)
    return NamedGpu("nvidia", found.name, found.compute_capability)


def is_for_data_centres(text: str | None, capability: str, index: Index) -> bool | None:
    """Tell whether a GPU of this name and compute capability is one for data centres; None where
    the name does not tell.
    """
    if text is None:
        return None
    key = text.lower()
    if not _is_key(key, index):
        from kb.facts.gpu_names import normalised

        key = normalised(text)
    if key in index.data_centre:
        return True
    return False if key in index.gpus.get(capability, ()) else None


def _other_name(text: str, meant: Meaning, store: Store) -> str | None:
    """Return the name that the table of other makers has for a text."""
    from kb.facts.other_gpu_names import name_of

    return name_of(text, meant.maker or "", store.other_gpus().gpus)


def _check_one_maker(text: str, nvidias: str, others: list[Meaning], store: Store) -> None:
    """Raise AmbiguousGpu for a name that GPUs of two makers have."""
    if not others:
        return
    from kb.base.printable import shown
    from kb.facts.gpu_names import AmbiguousGpu, Identified

    other = _other_name(text, others[0], store) or others[0].kind or ""
    raise AmbiguousGpu(
        f"{shown(text)!r} can mean {nvidias} of NVIDIA or {other}: write the maker's name too",
        (Identified(nvidias, ""), Identified(other, "")),
    )


def is_on_arm(text: str, capability: str | None, index: Index) -> bool:
    """Tell whether a GPU of this name and compute capability sits beside an Arm processor, as that
    of a Jetson does.
    """
    if capability in index.arm_capabilities:
        return True
    return not _words(text, index).isdisjoint(index.arm_words)


def _words(text: str, index: Index) -> set[str]:
    return set(_split(text[: index.gpu_cut].lower(), index.word_break))


@lru_cache(maxsize=64)
def _split(text: str, at: str) -> frozenset[str]:
    """Return the words of a text; a `find` asks for those of one text for each offer."""
    return frozenset(re.split(at, text))
