"""What changes between two versions, in words."""

from collections.abc import Iterable, Iterator, Mapping

from kb.base.names import KIND_NAMES, PLATFORM_NAMES
from kb.base.record import Record
from kb.base.versions import agree, is_final, kind, spans
from kb.diff.answer import API_NOTE, Diff, Difference
from kb.terminal.layout import counted, field
from kb.terminal.style import Style

_COLUMN = 24
# The bounds that users meet first; what is changed of all others is counted.
_SHOWN = frozenset(
    {
        *("numpy", "keras", "keras-nightly", "protobuf"),
        *("h5py", "tensorboard", "setuptools", "ml-dtypes"),
    }
)
# What is said of problems and notes that are gained, and of those that are lost.
_VERBS = {
    "problems": ("gains", "loses"),
    "problems unknown": ("unknown whether new", "unknown whether gone"),
    "notes": ("new", "no longer"),
}
# Where nothing, or less, is known of one release, that is no change.
_DECLARED = frozenset({"cuda", "cudnn built", "cudnn documented"})
_TITLES = {
    "api": "API",
    "distributions": "Distributions",
    "platforms": "Platforms",
    "pythons": "Python",
    "devices": "Devices",
    "gpus": "GPUs served",
    "machine code": "Machine code",
    "ptx": "PTX",
    "cuda": "CUDA",
    "cudnn built": "cuDNN built with",
    "cudnn documented": "cuDNN tested",
    "cudnn installed": "cuDNN by and-cuda",
    "driver": "Minimum driver",
    "glibc": "glibc",
    "macos": "macOS",
    "extras": "Extras",
    "problems": "Known problems",
    "problems unknown": "Known problems",
    "notes": "Good to know",
}


_CODE = frozenset({"machine code", "ptx"})
_CODE_TITLES = frozenset(_TITLES[about] for about in _CODE)


class Line(Record):
    """One change in words: what it is of, the platform where only there, and what changes."""

    title: str
    where: str | None
    text: str


_SAME_GPUS = Line(
    _TITLES["gpus"], None, "the same: none gains or loses code, be it machine code or PTX"
)


def shown_lines(
    changes: Iterable[Difference], titles: Mapping[str, str]
) -> tuple[tuple[Line, ...], str | None]:
    """Return a line for each change that users meet first, and how many bounds are left out, in
    words, or None; `titles` are those of problems and
    notes, by their ids.
    """
    every = list(changes)
    shown = [change for change in every if _name(change) is None or _name(change) in _SHOWN]
    rest = len(every) - len(shown)
    others = f"and the bounds of {counted(rest, 'other project')}"
    lines = tuple(line for change in shown for line in _lines(change, titles))
    abouts = {change.about for change in every}
    if "gpus" not in abouts and abouts & _CODE:
        start = next(n for n, line in enumerate(lines) if line.title in _CODE_TITLES)
        lines = (*lines[:start], _SAME_GPUS, *lines[start:])
    return lines, others if rest else None


def page(found: Diff, style: Style) -> str:
    """Return what changes for a terminal, a line each."""
    before = style.bold(f"TensorFlow {found.before}") + _aside(found.before)
    title = f"{before} -> {style.bold(found.after)}{_aside(found.after)}"
    shown, rest = shown_lines(found.changes, found.titles)
    lines = [line for row in shown for line in _wrapped(row, style)]
    if rest:
        lines.append(style.dim(f"  {rest}: see --json"))
    return "\n".join([title, "", *(lines or ["  Nothing changes for a user."])])


def _aside(release: str) -> str:
    return "" if is_final(release) else f" ({KIND_NAMES[kind(release)]})"


def _lines(change: Difference, titles: Mapping[str, str]) -> Iterator[Line]:
    where = PLATFORM_NAMES[change.platform] if change.platform else None
    title = _name(change) or _TITLES[change.about]
    if change.about == "api":
        how = f": {titles[API_NOTE]} ({API_NOTE})" if API_NOTE in titles else ""
        yield Line(title, where, f"TensorFlow {change.before} -> {change.after}{how}")
        return
    if change.about not in _VERBS:
        yield Line(title, where, _text(change))
        return
    gains, loses = _VERBS[change.about]
    for verb, problems in ((gains, change.gained), (loses, change.lost)):
        for problem in problems:
            named = f"{titles[problem]} ({problem})" if problem in titles else problem
            yield Line(title, where, f"{verb}: {named}")


def _wrapped(line: Line, style: Style) -> list[str]:
    text = f"{line.where}: {line.text}" if line.where else line.text
    return field(line.title, text, _COLUMN, style)


def _name(change: Difference) -> str | None:
    """Return the project whose bounds change, or None where it is something else."""
    start, _, name = change.about.partition("requires ")
    return name if not start and name else None


def _text(change: Difference) -> str:
    if change.gained or change.lost:
        write = spans if change.about == "pythons" else ", ".join
        parts = [("gains", change.gained), ("loses", change.lost)]
        return "; ".join(f"{verb} {write(list(items))}" for verb, items in parts if items)
    if change.about in _DECLARED:
        if change.before is None or change.after is None:
            return f"{change.before or 'not known'} before; {change.after or 'not known'} after"
        if agree(change.before, change.after):
            return f"{change.before} before, {change.after} after: one is known less exactly"
    nothing = "not required" if _name(change) else "unknown"
    if change.about == "cudnn installed":
        nothing = "none"
    ends = (change.before or nothing, change.after or nothing)
    return " -> ".join(end.replace(",", ", ") for end in ends)
