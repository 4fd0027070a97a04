"""Write an explanation for a person at a terminal: the likeliest cause first, harmless last."""

from kb.answers.messages import Explanation, Match
from kb.base.model import WayOut
from kb.terminal.layout import field, indented, wrapped
from kb.terminal.problems import span
from kb.terminal.style import Style
from kb.terminal.ways_out import way_out

_COLUMN = 13


def page(explanation: Explanation, style: Style) -> str:
    """Return the page of an explanation."""
    faults = [match for match in explanation.matches if match.severity == "error"]
    harmless = [match for match in explanation.matches if match.severity == "harmless"]
    if not explanation.matches:
        return _nothing(explanation, style)
    parts = [_fault(match, style) for match in faults]
    if explanation.unknown:
        parts.insert(0, _unknown(explanation.unknown, bool(faults), style))
    elif not faults:
        parts.append(style.bold("Nothing here is a fault."))
    if harmless:
        parts.append(_harmless(harmless, bool(faults), style))
    return "\n\n".join(parts)


def _unknown(exception: str, beside_faults: bool, style: Style) -> str:
    lines = [style.bold("The error that this ends with is not known here.")]
    lines += field("Seen", exception, _COLUMN, style)
    if beside_faults:
        text = "What follows tells of other lines, and need not be its cause."
        lines += wrapped(text, style.width)
    return "\n".join(lines)


def _fault(match: Match, style: Style) -> str:
    lines = [style.bold(line) for line in wrapped(match.title, style.width)]
    lines += field("Seen", match.seen, _COLUMN, style)
    lines += field("Cause", match.cause, _COLUMN, style)
    if match.releases:
        lines += field("Releases", ", ".join(map(span, match.releases)), _COLUMN, style)
    for number, way in enumerate(match.ways_out):
        lines += _way_out(way, number == 0, style)
    for source in match.sources[:1]:
        lines += field("Source", source, _COLUMN, style)
    return "\n".join(lines)


def _way_out(way: WayOut, is_first: bool, style: Style) -> list[str]:
    """Return a way out as lines; its command has a line of its own, never broken, to be copied."""
    told, commands = way_out(way, style.width - _COLUMN, style)
    label = style.dim(("What to do" if is_first else "").ljust(_COLUMN - 2))
    first, *more = told or commands
    blank = " " * _COLUMN
    below = [f"{blank}  {command}" for command in commands if told]
    return [f"  {label}{first}", *(blank + line for line in (more if told else [])), *below]


def _harmless(matches: list[Match], beside_faults: bool, style: Style) -> str:
    lines = [style.dim("Harmless, and not the cause" if beside_faults else "Harmless")]
    for match in matches:
        lines += map(style.dim, indented(match.title, style))
        if not beside_faults:
            lines += indented(match.cause, style, 4)
            for way in match.ways_out:
                told, commands = way_out(way, style.width - 4, style)
                lines += [f"    {line}" for line in told] + [f"      {line}" for line in commands]
    return "\n".join(lines)


def _nothing(explanation: Explanation, style: Style) -> str:
    lines = [style.bold("Nothing in this text is a message that is known here.")]
    if explanation.closest:
        lines += ["", style.dim("The closest, as guesses by shared words")]
        for _, title in explanation.closest:
            lines += indented(title, style)
    else:
        lines.append("No known message shares words with it.")
    return "\n".join(lines)
