"""Write what is known under an id for a person at a terminal."""

from collections.abc import Iterator
from itertools import groupby

from kb.base.model import WayOut
from kb.base.names import DEVICE_NAMES, PLATFORM_NAMES
from kb.base.versions import spans
from kb.problem.records import NotHit, ProblemAnswer, Titled
from kb.terminal.layout import field, fields, wrapped
from kb.terminal.problems import opened_by, span
from kb.terminal.style import Style
from kb.terminal.ways_out import way_out

_COLUMN = 14
_KINDS = {
    "problem": "a known problem",
    "message": "a known message",
    "note": "a release note",
    "run": "a run of a recipe",
}
# What whom it hits, and its cause, are called where it is no problem.
_LABELS = {"note": ("Releases", "Tells"), "run": ("Set up", "Tells")}
_HEADINGS = {
    "problem": "Known problems",
    "message": "Messages, and what they mean",
    "note": "Good to know of releases",
}


def page(found: ProblemAnswer, series: tuple[str, ...], style: Style) -> str:
    """Return the page of what is known under an id; `series` are all that there are, in order."""
    kind = "a harmless message" if found.severity == "harmless" else _KINDS[found.kind]
    lines = [style.bold(line) for line in wrapped(found.title, style.width)]
    lines += [style.dim(f"{found.id}, {kind}"), ""]
    hits, cause = _LABELS.get(found.kind, ("Hits", "Cause"))
    lines += field(hits, _hits(found), _COLUMN, style)
    if found.gpus:
        generations = ", ".join(found.gpus)
        text = f"{generations}: compute capability {', '.join(found.compute_capabilities)}"
        lines += field("GPUs", text, _COLUMN, style)
    lines += fields("Looks like", found.looks_like, _COLUMN, style)
    lines += field(cause, found.cause, _COLUMN, style)
    for number, way in enumerate(found.ways_out):
        lines += _way_out(way, number == 0, style)
    lines += fields("Not hit", _not_hit(found, series), _COLUMN, style)
    for number, named in enumerate(found.problems):
        lines += field("" if number else "Tells of", named.title, _COLUMN, style)
        lines.append(" " * _COLUMN + style.code(opened_by(named.id)))
    lines += fields("Sources", found.sources, _COLUMN, style)
    return "\n".join(lines)


def list_page(listed: tuple[Titled, ...], style: Style) -> str:
    """Return the page of all ids, a line each."""
    parts = []
    for kind, group in groupby(listed, key=lambda own: own.kind):
        rows = [(own.id, own.title) for own in group]
        column = max(len(name) for name, _ in rows) + 4
        lines = [f"  {name.ljust(column - 2)}{_cut(title, column, style)}" for name, title in rows]
        parts.append("\n".join([style.bold(_HEADINGS[kind]), *lines]))
    return "\n\n".join([*parts, style.dim("One of them whole: ") + style.code(opened_by("ID"))])


def _cut(title: str, column: int, style: Style) -> str:
    room = max(1, style.width - column)
    return title if len(title) <= room else f"{title[: room - 1].rstrip()}…"


def _hits(found: ProblemAnswer) -> str:
    """Tell whom it hits: releases, platforms, devices, Pythons, and what it shows beside."""
    parts = [", ".join(map(span, found.releases)) or "any release"]
    parts += [f"on {', '.join(PLATFORM_NAMES[name] for name in found.platforms)}"] * bool(
        found.platforms
    )
    parts += [f"for {', '.join(DEVICE_NAMES[name] for name in found.devices)}"] * bool(
        found.devices
    )
    parts += [f"with Python {spans(list(found.pythons))}"] * bool(found.pythons)
    parts += [f"GPUs {', '.join(found.kinds)}"] * bool(found.kinds)
    parts += [f"beside {' or '.join(found.beside)}"] * bool(found.beside)
    return ", ".join(parts)


def _way_out(way: WayOut, is_first: bool, style: Style) -> list[str]:
    """Return a way out as lines; its command has a line of its own, never broken, to be copied."""
    told, commands = way_out(way, style.width - _COLUMN, style)
    label = style.dim(("What to do" if is_first else "").ljust(_COLUMN - 2))
    blank = " " * _COLUMN
    first, *more = told or commands
    below = [f"{blank}  {command}" for command in commands if told]
    return [f"  {label}{first}", *(blank + line for line in (more if told else [])), *below]


def _not_hit(found: ProblemAnswer, series: tuple[str, ...]) -> list[str]:
    """Tell what fits and is not hit, by platforms where they differ."""
    texts = []
    for own in found.not_hit:
        text = _spans(own.releases, series)
        if len(found.compute_capabilities) + len(found.kinds) > 1:
            text = "; ".join(_by_gpus(own, series))
        where = ", ".join(PLATFORM_NAMES[name] for name in own.platforms)
        texts.append(f"{text}: {where}" if len(found.not_hit) > 1 else text)
    return texts


def _by_gpus(own: NotHit, series: tuple[str, ...]) -> Iterator[str]:
    """Tell which series fit on every GPU that a problem hits, and which on some of them."""
    for releases, which in ((own.releases, "every one"), (own.on_some, "some")):
        if releases:
            yield f"{_spans(releases, series)} on {which} of these GPUs"


def _spans(releases: tuple[str, ...], series: tuple[str, ...]) -> str:
    """Write series in short: those that follow each other as a span."""
    runs: list[list[str]] = []
    for release in releases:
        follows = (
            runs
            and release in series
            and runs[-1][-1] in series
            and series.index(release) == series.index(runs[-1][-1]) + 1
        )
        if follows:
            runs[-1].append(release)
        else:
            runs.append([release])
    return ", ".join(run[0] if len(run) == 1 else f"{run[0]} to {run[-1]}" for run in runs)
