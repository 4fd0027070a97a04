"""Write what goes with what of a companion for a person at a terminal."""

from kb.base.model import CompanionNote
from kb.base.names import OWN, PLATFORM_NAMES
from kb.base.versions import spans
from kb.companion.answer import CompanionAnswer, CompanionRow
from kb.terminal.layout import beside, counted, indented, table
from kb.terminal.style import Style

_NAMES = ("TensorFlow", "Release", "Python", "States", "Platforms")
_MOST = 12  # rows


def page(answer: CompanionAnswer, style: Style, *, everything: bool = False) -> str:
    """Return the page of a companion; with `everything` every row and every note."""
    newest = answer.newest
    title = style.bold(answer.companion)
    first = f"{title}, {counted(answer.releases, 'release')}; the newest is {newest.release} of "
    parts = [[f"{first}{newest.released}", *_tie(answer, style)], _table(answer, style, everything)]
    notes = answer.notes if everything else _shown(answer)
    if notes:
        heading = style.dim("What METADATA do not tell")
        parts.append([heading, *(line for note in notes for line in _note(note, style))])
    return "\n\n".join("\n".join(lines) for lines in parts)


def _table(answer: CompanionAnswer, style: Style, everything: bool) -> list[str]:
    if not answer.rows:
        return indented("It states of no TensorFlow that it goes with it.", style)
    rows = answer.rows if everything else answer.rows[:_MOST]
    cells = [_cells(row) for row in rows]
    names, *heads = table([_NAMES, *((*cell, "") for cell in cells)], style)
    column = max(map(len, heads)) + 2
    lines = [names]
    for head, row in zip(heads, rows, strict=True):
        lines += beside(head.ljust(column), _places(row), column, style)
    told = (
        "What a release states is what its METADATA, or a note below, ask for: no run has proven "
        "it. Each row has the newest TensorFlow of its series that it goes with. Where bounds have "
        "no end within the major version, any later series may break it."
    )
    more = len(answer.rows) - len(rows)
    ends = [f"{counted(more, 'row')} more: --all"] if more else []
    return [*lines, "", *indented(told, style), *(f"  {style.dim(end)}" for end in ends)]


def _tie(answer: CompanionAnswer, style: Style) -> list[str]:
    if answer.tie is None:
        return []
    return indented(f"Tied to TensorFlow by {answer.tie.by}: {answer.tie.told}.", style)


def _cells(row: CompanionRow) -> tuple[str, ...]:
    stated = row.bounds or "nothing"
    if stated[len(OWN) : len(OWN) + 1] in "<>=!~":  # `tensorflow-macos>=2.9` keeps its name
        stated = stated.removeprefix(OWN)
    no_end = ", no end" if row.verdict == "open" else ""
    return (row.tensorflow, row.release, spans(list(row.pythons)), f"{stated}{no_end}")


def _places(row: CompanionRow) -> str:
    """Name platforms, each system once: `Linux x86-64, Arm64; macOS Arm64`."""
    machines: dict[str, list[str]] = {}
    for platform in row.platforms:
        system, _, machine = PLATFORM_NAMES[platform].partition(" ")
        machines.setdefault(system, []).append(machine)
    return "; ".join(f"{system} {', '.join(own)}" for system, own in machines.items())


def _shown(answer: CompanionAnswer) -> tuple[CompanionNote, ...]:
    """Return the notes but those of older releases that only say what the code checks for."""
    last = [note for note in answer.notes if note.asks is not None][-1:]
    return tuple(note for note in answer.notes if note.asks is None or note in last)


def _note(note: CompanionNote, style: Style) -> list[str]:
    of = f"{note.companion} {note.releases or ''}".rstrip()
    where = f" beside TensorFlow {note.tensorflow}" if note.tensorflow else ""
    sources = ", ".join(note.sources or note.wheels)
    return indented(f"{of}{where}: {note.told} ({sources})", style)
