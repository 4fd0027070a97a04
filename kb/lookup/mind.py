"""What to mind of a version on a machine: the problems that can show there, each in two lines."""

from collections.abc import Iterable

from kb.base.model import Device, Pin, Problem, WayOut
from kb.base.versions import within
from kb.cells.cells import Cell
from kb.cells.recipes import CellKey
from kb.facts.nightlies import nightlies_beside
from kb.lookup.answer import Answer
from kb.lookup.set_up import Chosen
from kb.terminal.layout import counted, indented
from kb.terminal.problems import opened_by
from kb.terminal.style import Style

_EACH = 2  # lines of a problem
_AROUND = 3  # lines above and below them


def concerned(problem: Problem, of: CellKey, served: tuple[Device, ...]) -> bool:
    """Tell whether a problem can show in a cell; one of a device that nothing serves on its
    platform tells why.
    """
    is_of_device = of.device in problem.devices or not set(problem.devices) & set(served)
    return (
        within(of.release, problem.releases.first, problem.releases.last)
        and (not problem.platforms or of.platform in problem.platforms)
        and (not problem.devices or is_of_device)
        and (not problem.pythons or of.python in problem.pythons)
    )


def _is_avoided(problem: Problem, own: Cell, pins: tuple[Pin, ...]) -> bool:
    """Tell whether a set-up goes the way out of a problem already: by a pin that the problem names,
    or by a search path for the same reason; or whether it needs no such pin, where `pins` have it
    for others: what else it requires keeps the version down.
    """
    path = own.library_path
    if path is not None and path.source in problem.sources:
        return True
    known = {str(pin.pin) for pin in pins if not pin.only_beside}
    return any(asked and asked <= known for asked in map(_asked_of_pip, problem.way_out))


def _asked_of_pip(way: WayOut) -> set[str]:
    """Return all that the command of a way out asks pip for."""
    words = (way.command or "").split()
    return {word.strip("\"'") for word in words[2:]} if words[:2] == ["pip", "install"] else set()


def mind(
    answer: Answer,
    own: Chosen | None,
    style: Style,
    *,
    room: int,
    everything: bool,
    ends: Iterable[str] = (),
) -> list[str]:
    """Return what to mind beside a set-up, and how much more there is to tell: at most `room`
    lines, but for one problem; with `everything` all of it. `ends` come last.
    """
    before = answer.inherited.before
    problems = _showing(answer.problems, answer, own, answer.release)
    inherited = _showing(answer.inherited.problems, answer, own, before)
    shown = len(problems) + len(inherited)
    others = len(answer.problems) + len(answer.inherited.problems) - shown
    nightlies = _nightlies(answer, style)
    if everything:
        problems += [problem for problem in answer.problems if problem not in problems]
        inherited = list(answer.inherited.problems)
    else:
        most = max(1, (room - len(nightlies) - _AROUND) // _EACH)
        gravest = sorted([*problems, *inherited], key=_generality)[:most]
        problems = [problem for problem in problems if problem in gravest]
        inherited = [problem for problem in inherited if problem in gravest]
        more = shown - len(gravest)
        ends = (_more(more, others, len(answer.notes)), *ends)
    lines = [*nightlies, *_told(problems, style)]
    if inherited:
        lines += indented(f"Known problems of {before}, unknown whether gone:", style)
        lines += _told(inherited, style)
    lines += _notes(answer, style) if everything else []
    told = [end for end in ends if end]
    if told and not lines:
        lines += indented("No known problem concerns this set-up.", style)
    lines += _joined(told, style)
    return [style.bold("Mind"), *lines] if lines else []


def _told(problems: list[Problem], style: Style) -> list[str]:
    return [line for problem in problems for line in _problem(problem, style)]


def _joined(texts: list[str], style: Style) -> list[str]:
    """Return texts on one line where they fit, or else each on its own."""
    in_one = "; ".join(texts)
    if len(in_one) + 2 <= style.width:
        return indented(in_one, style)
    return [line for text in texts for line in indented(text, style)]


def _showing(
    problems: tuple[Problem, ...], answer: Answer, own: Chosen | None, release: str
) -> list[Problem]:
    """Return the problems that can show beside a set-up, or where there is none all; the gravest
    first, and then those of the fewest.
    """
    if own is not None:
        of, cell = own.recipe.cell, own.cell
        if release != answer.release or answer.kind != "release":
            of = of._replace(release=release)
        served = tuple(
            device
            for build in answer.builds
            if build.published.build.platform == of.platform
            for device in build.devices
        )
        problems = tuple(
            problem
            for problem in problems
            if concerned(problem, of, served) and not _is_avoided(problem, cell, answer.pins)
        )
    return sorted(problems, key=_generality)


def _generality(problem: Problem) -> tuple[bool, int]:
    """Return what sorts problems: those for which a release is rejected, then those of the fewest
    releases, devices and Pythons.
    """
    open_ends = (problem.releases.last is None, not problem.devices, not problem.pythons)
    return not problem.rejects, sum(open_ends)


def _more(own: int, others: int, notes: int) -> str:
    """Tell how much more there is to tell."""
    parts = [f"{own} more"] if own else []
    if others:
        parts.append(f"{others} that {'does' if others == 1 else 'do'} not concern this set-up")
    parts += [counted(notes, "note")] if notes else []
    if not parts:
        return ""
    *first, last = parts
    text = f"{', '.join(first)} and {last}" if first else last
    return f"and {text}: --all"


def _problem(problem: Problem, style: Style) -> list[str]:
    """Return a problem in two lines: what happens, and its way out where that is short; and how to
    have it told whole.
    """
    opened = opened_by(problem.id)
    lines = indented(problem.title, style)
    for way in problem.way_out[:1]:
        text = _short_way(way)
        if text and len(text) + len(opened) + 7 <= style.width:
            return [*lines, f"    {text}   {style.code(opened)}"]
    return [*lines, f"    {style.code(opened)}"]


def _short_way(way: WayOut) -> str:
    """Return a way out that needs nothing else, in short; empty where it needs something."""
    if way.presupposes or way.pythons:
        return ""
    return way.command or way.told or ""


def _nightlies(answer: Answer, style: Style) -> list[str]:
    """Tell which nightlies a candidate or a nightly brings along."""
    if answer.kind == "release":
        return []
    found = dict.fromkeys(
        nightly for build in answer.builds for nightly in nightlies_beside(build.published.says())
    )
    lines = [
        f"It requires {nightly.name}, a nightly, which pip installs over the files of "
        f"{nightly.over}: have no {nightly.over} in the same environment."
        for nightly in found
    ]
    return [style.warn(line) for text in lines for line in indented(text, style)]


def _notes(answer: Answer, style: Style) -> list[str]:
    lines = []
    for note in answer.notes:
        lines += [*indented(note.title, style), f"    {style.code(opened_by(note.id))}"]
    return lines
