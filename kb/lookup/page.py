"""Write an answer for a person at a terminal: the answer first, then how to set it up and what to
mind, so that both fit a terminal of 24 lines; what is asked for by options after that.
"""

from kb.base.model import ToolTrial
from kb.base.names import COUNTED_APART, KIND_NAMES, OWN
from kb.base.record import Record
from kb.base.versions import key, kind
from kb.cells import shells
from kb.lookup.answer import Answer
from kb.lookup.contradicting import alike
from kb.lookup.glance import glance, gpu_devices
from kb.lookup.mind import mind
from kb.lookup.platforms import platforms
from kb.lookup.set_up import Chosen, chosen, hints, set_up
from kb.machine.glance import MachineGlance
from kb.terminal.checks import check_lines
from kb.terminal.layout import counted, indented
from kb.terminal.style import Style

_SCREEN = 23  # lines of a terminal, without the one that asks for the next command
_MOST = 40  # lines of an answer
_LEAST_MIND = 8  # lines of what to mind, where an answer leaves them


class PageWanted(Record):
    """What is wanted of a page beside the answer: how to check it, all problems and notes and every
    number, the sources; the tool that sets it up, and what is known of trials of tools.
    """

    checks: bool = False
    everything: bool = False
    sources: bool = False
    tool: str | None = None
    trials: tuple[ToolTrial, ...] = ()


NOTHING_MORE = PageWanted()


def page(
    answer: Answer, machine: MachineGlance, style: Style, wanted: PageWanted = NOTHING_MORE
) -> str:
    """Return the page that answers a look-up."""
    own = chosen(answer, machine)
    first = [_title(answer, style), *_placeholders(answer, style)]
    if answer.builds:
        first += ["", *glance(answer, style), *platforms(answer, style)]
    below = [] if own is None else _below(answer, own, style, wanted)
    left = _MOST - len(first) - len(below) - 2
    room = min(left, max(_SCREEN - len(below) - 1, _LEAST_MIND))
    ends = [] if wanted.sources else [_contradictions(answer)]
    found = mind(answer, own, style, room=room, everything=wanted.everything, ends=ends)
    if len(found) > left and own is not None:
        below = [line for line in below if line]
    parts = [first, below, found]
    if wanted.everything or wanted.sources:
        from kb.lookup import details  # few look-ups ask for it

        parts += [[details.in_full(answer, style)]] * wanted.everything
        parts += [[details.sources(answer, style)]] * wanted.sources
    if wanted.checks and own is not None:
        commands = shells.check(own.recipe)
        parts.append(check_lines(own.recipe.checks, commands, style))
    return "\n\n".join(text for text in map("\n".join, parts) if text)


def _below(answer: Answer, own: Chosen, style: Style, wanted: PageWanted) -> list[str]:
    """Return how to set the answer up, and what else can be asked for."""
    of = own.recipe.cell
    others = gpu_devices(answer, of.platform) if of.device == "cpu" else ()
    told = set_up(own, style, everything=wanted.everything, tool=wanted.tool, trials=wanted.trials)
    told += ["", *hints(own, others, style, checked=wanted.checks)]
    return "\n".join(told).split("\n")


def _title(answer: Answer, style: Style) -> str:
    names = {build.published.release.distribution for build in answer.builds}
    name = next(iter(names)) if len(names) == 1 and names <= COUNTED_APART else "TensorFlow"
    title = style.bold(f"{name} {answer.release}")
    what = "" if answer.kind == "release" else f", {KIND_NAMES[answer.kind]}"
    text = f"{title}{what} of {answer.released}"
    newest = _newest(answer)
    if newest in (None, answer.release):
        return f"{text}, the newest of {answer.series}" if answer.whole_series else text
    if not answer.whole_series:
        return f"{text}; the newest of {answer.series} is {newest}"
    return f"{text}, the newest of {answer.series} for this"


def _newest(answer: Answer) -> str | None:
    """Return the newest of a series, of the kind that answers."""
    found = [
        listed.release
        for listed in answer.file.releases
        if listed.distribution == OWN and listed.builds and kind(listed.release) == answer.kind
    ]
    return max(found, key=key, default=None)


def _placeholders(answer: Answer, style: Style) -> list[str]:
    lines = []
    for placeholder in answer.placeholders:
        name = f"{placeholder.distribution} {placeholder.release}"
        lines += indented(f"{name} is only an sdist placeholder: it has no wheel.", style)
    return lines


def _contradictions(answer: Answer) -> str:
    if not answer.contradictions:
        return ""
    number = sum(1 for _ in alike(answer.contradictions))
    return f"{counted(number, 'contradiction')} between sources: --sources"
