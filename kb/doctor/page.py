"""Write what the doctor found for a person at a terminal. All of it is fit to paste into a public
issue.
"""

import re

from kb.base.findings import Finding
from kb.base.model import Presupposed, WayOut
from kb.base.names import PLATFORM_NAMES
from kb.base.scrubbing import Scrubber
from kb.doctor.case import SHOWN_PACKAGES, Checkup
from kb.machine.inspection import Inspection
from kb.terminal.layout import beside, counted, field, wrapped
from kb.terminal.style import Style
from kb.terminal.ways_out import way_out

_COLUMN = 12
_WIDTH_OF_MARK = 9
_WORDS = re.compile(r"(?:'[^']*'|[^\s'])+")


def page(case: Checkup, found: tuple[Finding, ...], scrubber: Scrubber, style: Style) -> str:
    """Return the page: how it stands, what was seen, then each finding, the errors first."""
    parts = [style.bold(line) for line in wrapped(scrubber.text(_title(case, found)), style.width)]
    seen = [
        line
        for label, text in _seen(case)
        for line in field(label, scrubber.text(text), _COLUMN, style, torn=True)
    ]
    met = _met_by(case.seen)
    faults = [
        _finding(finding, met, scrubber, style) for finding in found if finding.severity != "ok"
    ]
    well = [
        _finding(finding, met, scrubber, style) for finding in found if finding.severity == "ok"
    ]
    return "\n\n".join(filter(None, ["\n".join(parts), "\n".join(seen), *faults, "\n".join(well)]))


def _met_by(seen: Inspection) -> tuple[Presupposed, ...]:
    """Return what a machine is known to meet of what ways out presuppose."""
    system = seen.machine.os
    known: dict[Presupposed, bool] = {
        "linux": system == "linux",
        "shell": system != "windows",
        "windows": system == "windows",
        "macos": system == "macos",
        "wsl2": seen.machine.wsl2,
    }
    return tuple(name for name, is_met in known.items() if is_met)


def _title(case: Checkup, found: tuple[Finding, ...]) -> str:
    errors = sum(finding.severity == "error" for finding in found)
    warnings = sum(finding.severity == "warning" for finding in found)
    counts = ((errors, "error"), (warnings, "warning"))
    summary = " and ".join(counted(number, word) for number, word in counts if number)
    if case.own is None and not errors and case.seen.python.active is not None:
        return (
            "TensorFlow is not installed in the environment whose Python runs this; the shell has "
            "activated another one."
        )
    if case.own is None and not errors:
        return "TensorFlow is not installed here."
    what = case.title()
    if case.own is None:
        return f"TensorFlow is not installed here, and something is in its way: {summary}."
    if errors:
        return f"{what} does not work here as it should: {summary}."
    return f"Nothing keeps {what} from running here{f': {summary}' if summary else ''}."


def _seen(case: Checkup) -> list[tuple[str, str]]:
    machine, python = case.seen.machine, case.seen.python
    system = [PLATFORM_NAMES[machine.platform] if machine.platform else str(machine.os)]
    system += [f"glibc {machine.glibc}"] if machine.glibc else []
    system += [f"macOS {machine.macos}"] if machine.macos else []
    system += ["WSL2"] if machine.wsl2 else []
    system += ["in a container"] if machine.container else []
    by = "the one that runs this" if python.chosen_by == "kb" else f"by {python.chosen_by}"
    driver = f", driver {case.seen.nvidia.driver}" if case.seen.nvidia.driver else ""
    rows = [
        ("System", ", ".join(system)),
        ("Python", f"{python.version}, {python.bits}-bit, {by}: {python.program}"),
        ("GPU", f"{_gpus(case)}{driver}"),
    ]
    packages = [f"{name} {version}" for name in SHOWN_PACKAGES if (version := case.version(name))]
    if packages:
        rows.append(("Packages", ", ".join(packages)))
    settings = [f"{name}={value}" for name, value in sorted(case.seen.settings.items())]
    return [*rows, ("Settings", ", ".join(settings))] if settings else rows


def _gpus(case: Checkup) -> str:
    others = [f"AMD, {target or 'kind unknown'}" for target in case.seen.others.amd]
    if not case.gpus:
        return "; ".join(others) or "none of NVIDIA seen"
    names: dict[str, int] = dict.fromkeys(others, 1)
    for gpu in case.gpus:
        capability = f" ({gpu.compute_capability})" if gpu.compute_capability else ""
        name = f"{gpu.name or 'NVIDIA, name unknown'}{capability}"
        names[name] = names.get(name, 0) + 1
    return ", ".join(f"{count} x {name}" if count > 1 else name for name, count in names.items())


def _finding(
    finding: Finding, met: tuple[Presupposed, ...], scrubber: Scrubber, style: Style
) -> str:
    mark = finding.severity.ljust(_WIDTH_OF_MARK)
    paint = style.dim if finding.severity == "ok" else style.warn
    lines = beside(paint(mark), scrubber.text(finding.text), _WIDTH_OF_MARK, style)
    indent = " " * (_WIDTH_OF_MARK + 2)
    for way in finding.ways_out:
        lines += [indent + line for line in _way_out(way, met, scrubber, style)]
    return "\n".join(lines)


def _way_out(
    way: WayOut, met: tuple[Presupposed, ...], scrubber: Scrubber, style: Style
) -> list[str]:
    """Return a way out as lines, its command whole, to be copied; a long one of pip's goes on in
    lines that the shell joins.
    """
    clean = way._replace(
        told=way.told and scrubber.text(way.told),
        command=way.command and scrubber.text(way.command),
    )
    width = style.width - _WIDTH_OF_MARK - 2
    if clean.command and len(clean.command) > width and "windows" not in met:
        clean = clean._replace(command=_broken(clean.command))
    told, commands = way_out(clean, width, style, met)
    return [*told, *commands]


def _broken(command: str) -> str:
    """Return a command of pip's with each requirement on a line of its own, as a shell takes it."""
    head, install, requirements = command.partition(" -m pip install ")
    words = _WORDS.findall(requirements)
    return " \\\n  ".join([f"{head}{install}".rstrip(), *words]) if len(words) > 1 else command
