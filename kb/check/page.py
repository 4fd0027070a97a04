"""Write what is found for a person at a terminal, as a compiler tells it."""

import re

from kb.base.findings import Finding
from kb.base.model import WayOut
from kb.base.names import PLATFORM_NAMES, meaning_of
from kb.base.versions import spans
from kb.check.answer import Checked
from kb.check.case import labelled, words
from kb.terminal.layout import counted, wrapped
from kb.terminal.style import Style
from kb.terminal.ways_out import way_out

_DISTRIBUTION = re.compile(r"tensorflow(?:-[a-z0-9]+)+")
_FIX = "  fix: "
_SHOWN = 4  # of what is not judged


def page(checked: Checked, style: Style) -> str:
    """Return what is found as a compiler tells it, and a last line that sums it up."""
    lines = [line for finding in checked.findings for line in _finding(finding, style)]
    errors, warnings = checked.errors(), len(checked.findings) - checked.errors()
    counts = ((errors, "error"), (warnings, "warning"))
    faults = ", ".join(counted(number, word) for number, word in counts if number)
    summary = f"{checked.file}: {faults or 'nothing is wrong'}; {_takes(checked)}"
    if checked.unjudged:
        summary += f"; not judged: the requirements of {_listed(checked.unjudged)}"
    return "\n".join(
        [*lines, *_meanings(checked, style), *wrapped(summary, style.width, hanging=2)]
    )


def _listed(names: tuple[str, ...]) -> str:
    more = [f"{len(names) - _SHOWN} more"] if len(names) > _SHOWN else []
    return words([*names[:_SHOWN], *more])


def _meanings(checked: Checked, style: Style) -> list[str]:
    """Tell what the distributions are that a way out names beside tensorflow."""
    ways = [way.text for finding in checked.findings for way in finding.ways_out]
    names = dict.fromkeys(name for text in ways for name in _DISTRIBUTION.findall(text))
    told = [f"{name}: {meaning}." for name in names if (meaning := meaning_of(name))]
    return [style.dim(line) for text in told for line in wrapped(text, style.width, hanging=2)]


def _takes(checked: Checked) -> str:
    if not checked.asks:
        return "it asks for no TensorFlow"
    platforms = {taken.platform for taken in checked.takes}
    parts = [
        f"{taken.distribution} {labelled(taken.release)} on Python {spans(list(taken.pythons))}"
        + (f" of {PLATFORM_NAMES[taken.platform]}" if len(platforms) > 1 else "")
        for taken in checked.takes
    ]
    if not parts:
        return "pip finds no TensorFlow to take"
    where = f" ({PLATFORM_NAMES[checked.takes[0].platform]})" if len(platforms) == 1 else ""
    return f"pip takes {', '.join(parts)}{where}"


def _finding(finding: Finding, style: Style) -> list[str]:
    location = f"{finding.file}:{finding.line}:"
    head = f"{location} {finding.severity}:"
    first, *more = wrapped(f"{head} {finding.text}", style.width, hanging=4)
    mark = style.warn(f"{finding.severity}:")
    if first.startswith(head):
        first = f"{style.bold(location)} {mark}{first[len(head) :]}"
    lines = [first, *more]
    for way in finding.ways_out:
        lines += _way_out(way, style)
    for source in finding.sources:
        lines.append(style.dim(f"  see: {source}"))
    return lines


def _way_out(way: WayOut, style: Style) -> list[str]:
    told, commands = way_out(way, style.width - len(_FIX), style)
    first, *more = [*told, *commands]
    return [_FIX + first, *(" " * len(_FIX) + line for line in more)]
