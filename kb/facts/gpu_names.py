"""Tell which GPU a text means, however it is written, and what compute capability it has.

A text is normalised to a key by deleting what is no part of the name; the key is looked up; where
that gives no single answer, an error explains. A browser does so with `CUT`, `DELETED`, `aliases`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, lru_cache

from kb.base.errors import NothingFound, WrongUsage
from kb.base.model import GpuModel
from kb.base.printable import one_line
from kb.base.record import Record
from kb.base.vocabulary import LONGEST

CUT = LONGEST  # a browser cuts there too

_SILENT = (
    "nvidia|corporation|corp|geforce|tesla|gpus?|graphics|video|vga|3d|display|card|adapter"
    "|compatible|controller|device|embedded|max ?q|with|design|refresh"
    "|generation|edition|workstation|server|dc|collectors|ceo|mac|active|passive|oem|rev( [0-9a])?"
    "|developer kit|lite hash rate|lhr|pg[0-9]+( [0-9]+)?|pci ?e|sse2|sxm[0-9]?|nvl[0-9]*|fhhl|dgxs"
    "|hgx|nvgpu|founders|hbm[0-9]?e?|g?ddr[0-9]x?|[0-9]+ ?gi?b|[0-9]+g|tm|r"
)
# These alone can take something out of a text of letters, digits and spaces.
_MOBILE_WORD = r"obile\b"
_QUADRO = r"\bquadro (?=(rtx )?[at][0-9])"
_SILENT_WORD = rf"\b({_SILENT})\b"
_FIRST_WORD = r"^ *(nvidia|geforce|tesla)"
_OF_WORDS = (_MOBILE_WORD, _QUADRO, _SILENT_WORD, _FIRST_WORD)
# Regular expressions that Python and JavaScript read alike. Each match becomes a space, one
# expression after the other; then all spaces go; and all again until the text stays as it is.
DELETED = (
    r"[^!-~]+",
    # What `nvidia-smi -L`, its table, its queries, deviceQuery and TensorFlow print around a name.
    r"\(uuid.*",
    r"^ *(gpu|device) ?[0-9]+ ?:",
    r"^[| ]*\| *[0-9]+ ",
    r"( (on|off|tcc|wddm|mcdm|n/a))? *\|.*",
    r"^.*\bname: ",
    r", *([0-9]+\.[0-9]|[0-9]+ mib|pci).*",
    # A part of a GPU behind the name of its GPU, or alone.
    r"\bmig [0-9]+(c\.[0-9]+)?g\..*",
    # What `lspci` prints before and after the chip; the chip says more than the name in brackets.
    r"^ *([0-9a-f]{4}:)?[0-9a-f]{2}:[0-9a-f]{2}\.[0-9] ",
    r"\[[^\]]*\]",
    r"\((rev|prog-if) [^()]*\)",
    r" / gn[0-9a-z-]+",
    # The M of mobile: GTX 960 and GTX 960M are different chips, so it must stay.
    _MOBILE_WORD,
    # The makers of computers go on calling these Quadro.
    _QUADRO,
    # The profile of a virtual GPU, and the letters before it that tell one board from another.
    r"\bgrid (?=[a-z0-9]*-[0-9]+[abcq])",
    r"[dlmpx]{0,2}(-[0-9]{1,2}){1,2}(a|[0-9]?[bcq])[0-9]?(me|s)? *$",
    r"[^a-z0-9]+",
    _SILENT_WORD,
    _FIRST_WORD,
)
_FAMILIES = frozenset(("quadro", "gtx", "gt", "rtx", "jetson"))
_CHIP = r"(G[ABFHKMPV]|TU|AD)[0-9][0-9A-F]{2}"
_CHIP_LETTERS = ("b", "bgl", "bm", "gl", "glm", "m")
_MOBILE = ("", "m", "laptop")
_ONE_CHIP_FOR_BOTH = (6, 0)  # since Pascal, a model's mobile form has the same capability
_HOW_TO_NAME = (
    "write it as nvidia-smi shows it, or tell its compute capability, such as 8.6; one of AMD by "
    "its target, which rocminfo shows, such as gfx1100"
)
_WITHOUT_GPU = ("tensorflow-compat find --device cpu",)
_TOLD_BY_TOOL = (
    "`nvidia-smi --query-gpu=compute_cap --format=csv` tells which, or the chip in `lspci`"
)
_TOLD_BY_CHIP = (
    "the chip in `lspci` tells which (drivers for GPUs so old do not know the query compute_cap): "
    "name that, or tell the --compute-capability"
)
_FIRST_ASKED = (5, 0)  # what is older ends with the 470 branch of the driver
_GENERATIONS = frozenset(("pascal", "ada", "blackwell"))


class Identified(Record):
    """The row of the table that a text means."""

    name: str
    compute_capability: str


class UnknownGpu(NothingFound):
    """No row has this name; `nearest` are the names that come closest, the closest first."""

    kind = "unknown-gpu"


class AmbiguousGpu(WrongUsage, LookupError):
    """Rows of different compute capabilities have this name; `choices` holds one of each."""

    kind = "ambiguous-gpu"

    def __init__(self, text: str, choices: tuple[Identified, ...]) -> None:
        super().__init__(text, tuple(dict.fromkeys(choice.name for choice in choices)))
        self.choices = choices


def normalised(text: str) -> str:
    """Return the key of a text: what names the GPU in it, as lower-case letters and digits.

    The key of a key is itself. It is empty where the text names nothing.
    """
    key = text[:CUT].lower()
    while (shorter := _words(key).replace(" ", "")) != key:
        key = shorter
    return key


def aliases(gpus: tuple[GpuModel, ...]) -> Mapping[str, tuple[str, ...]]:
    """Return the keys of all names, long and short, and the compute capabilities of each.

    More than one capability means that the name alone does not tell.
    """
    return {
        key: tuple(dict.fromkeys(gpu.compute_capability for gpu in sorted(rows, key=_capability)))
        for key, rows in _rows(gpus).items()
    }


def data_centre_keys(gpus: tuple[GpuModel, ...]) -> tuple[str, ...]:
    """Return the keys, sorted, of names that only GPUs for data centres have."""
    return tuple(
        sorted(key for key, rows in _rows(gpus).items() if all(row.data_centre for row in rows))
    )


def identify(text: str, gpus: tuple[GpuModel, ...]) -> Identified:
    """Return the row of the table that a text means: a name however written, a chip, or a line of
    `nvidia-smi` or `lspci`.

    Raises UnknownGpu where no row has the name, and AmbiguousGpu where several rows of different
    compute capabilities have it; their text is one line for the user.
    """
    key = normalised(text)
    rows = _rows(gpus).get(key)
    if rows is None:
        raise _unknown(text, key, gpus)
    choices = {gpu.compute_capability: gpu for gpu in reversed(rows)}
    if len(choices) > 1:
        raise _ambiguous(text, sorted(choices.values(), key=_capability))
    return Identified(_named(text, rows).name, rows[0].compute_capability)


def _words(text: str) -> str:
    is_plain = text.isascii() and text.replace(" ", "").isalnum()
    for expression in _OF_WORDS if is_plain else DELETED:
        text = _pattern(expression).sub(" ", text)
    return text


@cache
def _pattern(expression: str) -> re.Pattern[str]:
    """Return an expression, compiled where a text needs it: that costs start-up."""
    return re.compile(expression, re.ASCII)


@lru_cache(maxsize=1)
def _rows(gpus: tuple[GpuModel, ...]) -> dict[str, tuple[GpuModel, ...]]:
    """Return the rows of each key; those that it names in full come first."""
    found: dict[str, tuple[GpuModel, ...]] = {}
    others = []
    for gpu in gpus:
        full, *rest = _keys(gpu)
        found[full] = (*found.get(full, ()), gpu)
        others += [(key, gpu) for key in rest]
    for key, gpu in others:
        if gpu not in found.get(key, ()):
            found[key] = (*found.get(key, ()), gpu)
    return found


def _keys(gpu: GpuModel) -> Iterator[str]:
    """Yield the key of a name, and those of the other forms that people use."""
    yield normalised(gpu.name)
    yield normalised(gpu.name.replace(" ", ""))
    if _pattern(_CHIP).fullmatch(gpu.name):
        yield from (gpu.name.lower() + letters for letters in _CHIP_LETTERS)
        return
    mobile = _MOBILE if _capability(gpu) >= _ONE_CHIP_FOR_BOTH else ("",)
    for form in _forms(_words(gpu.name.lower()).split()):
        yield from (form + suffix for suffix in mobile)


def _forms(words: list[str]) -> Iterator[str]:
    while words:
        for form in (words, [word for word in words if word not in _GENERATIONS]):
            if len(form) > 1 or any(map(str.isdigit, "".join(form))):
                yield "".join(form)
        if words.pop(0) not in _FAMILIES:
            return


def _named(text: str, rows: tuple[GpuModel, ...]) -> GpuModel:
    """Return the row with the longest name that stands in the text, or else the first."""
    written = text[:CUT].lower()
    names = {gpu.name.lower().removeprefix("nvidia "): gpu for gpu in reversed(rows)}
    found = [name for name in names if name in written]
    return names[max(found, key=len)] if found else rows[0]


def _unknown(text: str, key: str, gpus: tuple[GpuModel, ...]) -> UnknownGpu:
    shown = _shown(text)
    if not key and "mig " in text[:CUT].lower():
        return UnknownGpu(f"{shown} is a part of a GPU: name the GPU that it is part of", ())
    rows = _rows(gpus)
    nearest = tuple(dict.fromkeys(rows[close][0].name for close in _closest(key[:40], rows)))[:4]
    how = "" if nearest else f"; {_HOW_TO_NAME}"
    nearest = nearest or _WITHOUT_GPU
    return UnknownGpu(f"no GPU is known as {shown}{how}", nearest)


def _closest(key: str, rows: Iterable[str]) -> list[str]:
    """Return the keys that are like another, the nearest first: the share that differs counts, then
    in how many places.
    """
    from difflib import SequenceMatcher, get_close_matches  # only an unknown name pays for it

    matcher = SequenceMatcher(b=key)

    def distance(other: str) -> tuple[float, int]:
        matcher.set_seq1(other)
        return -matcher.ratio(), len(matcher.get_matching_blocks())

    return sorted(get_close_matches(key, rows, n=40, cutoff=0.75), key=distance)


def _ambiguous(text: str, rows: list[GpuModel]) -> AmbiguousGpu:
    choices = tuple(Identified(gpu.name, gpu.compute_capability) for gpu in rows)
    meant: dict[str, list[str]] = {}
    for choice in choices:
        meant.setdefault(choice.name, []).append(choice.compute_capability)
    meanings = " or ".join(f"{name} ({' or '.join(values)})" for name, values in meant.items())
    return AmbiguousGpu(
        f"{_shown(text)} can mean GPUs of different compute capabilities: {meanings}; "
        f"{_TOLD_BY_CHIP if _is_old(rows) else _TOLD_BY_TOOL}",
        choices,
    )


def _is_old(rows: list[GpuModel]) -> bool:
    """Tell whether the drivers for one of the GPUs are too old to know the query."""
    return any(_capability(gpu) < _FIRST_ASKED for gpu in rows)


def _capability(gpu: GpuModel) -> tuple[int, ...]:
    return tuple(map(int, gpu.compute_capability.split(".")))


def _shown(text: str) -> str:
    plain = one_line(text[:CUT], 60)
    return f'"{plain}"' if plain else "an empty name"
