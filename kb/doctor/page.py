"""Write what the doctor found: for a person at a terminal, and as JSON. All of it is fit to paste
into a public issue.
"""

import json
from typing import Any

from kb.base.names import PLATFORM_NAMES
from kb.base.scrubbing import Scrubber
from kb.doctor.case import Checkup, Finding
from kb.doctor.library_rules import asked_for
from kb.machine.nvidia import Gpu
from kb.terminal.layout import beside, counted, field, wrapped
from kb.terminal.style import Style

_COLUMN = 12
_WIDTH_OF_MARK = 9
_PROGRAMS = ("python", "pip ", "export ", "sudo ", "docker ", "wsl ", "cd ", "grep ", "nvidia-smi")
_SHOWN = ("numpy", "keras", "tf-keras", "protobuf", "setuptools", "torch")


def document(case: Checkup, found: tuple[Finding, ...], scrubber: Scrubber) -> str:
    """Return the JSON document."""
    content = {
        "format": 1,
        "machine": scrubber.content(_machine(case)),
        "findings": [
            {
                "rule": one.rule,
                "severity": one.severity,
                "text": scrubber.text(one.text),
                "fix": [scrubber.text(line) for line in one.fix],
            }
            for one in found
        ],
    }
    return json.dumps(content, indent=2, ensure_ascii=False)


def _machine(case: Checkup) -> dict[str, Any]:
    machine, nvidia, python = case.seen.machine, case.seen.nvidia, case.seen.python
    installed = case.seen.environment.first
    return {
        "os": machine.os,
        "platform": machine.platform,
        "glibc": machine.glibc,
        "macos": machine.macos,
        "wsl2": machine.wsl2,
        "container": machine.container,
        "avx": machine.avx,
        "gpus": [gpu._asdict() for gpu in case.gpus],
        "driver": nvidia.driver,
        "asked": nvidia.asked,
        "python": {
            "version": python.version,
            "bits": python.bits,
            "musl": python.is_musl,
            "program": python.program,
            "chosen_by": python.chosen_by,
        },
        "tensorflow": case.own and {"distribution": case.own.name, "release": case.own.version},
        "packages": {
            name: one.version
            for name, one in sorted(installed.items())
            if name in _SHOWN or "tensor" in name or name == "pip" or name.startswith("nvidia-")
        },
        "cuda_libraries": [_library(case, file) for file in asked_for(case)],
        "settings": case.seen.settings,
    }


def _library(case: Checkup, file: str) -> dict[str, Any]:
    found = case.seen.search.first(file)
    return {
        "file": file,
        "folder": found and found.folder,
        "by": found and found.by,
        "version": found and found.version,
    }


def page(case: Checkup, found: tuple[Finding, ...], scrubber: Scrubber, style: Style) -> str:
    """Return the page: how it stands, what was seen, then each finding, the errors first."""
    parts = [style.bold(line) for line in wrapped(scrubber.text(_title(case, found)), style.width)]
    seen = [
        line
        for label, text in _seen(case)
        for line in field(label, scrubber.text(text), _COLUMN, style, torn=True)
    ]
    told = [_finding(one, scrubber, style) for one in found if one.severity != "ok"]
    well = [_finding(one, scrubber, style) for one in found if one.severity == "ok"]
    return "\n\n".join(filter(None, ["\n".join(parts), "\n".join(seen), *told, "\n".join(well)]))


def _title(case: Checkup, found: tuple[Finding, ...]) -> str:
    errors = sum(one.severity == "error" for one in found)
    warnings = sum(one.severity == "warning" for one in found)
    counts = ((errors, "error"), (warnings, "warning"))
    told = " and ".join(counted(number, word) for number, word in counts if number)
    if case.own is None and not errors:
        return "TensorFlow is not installed here."
    what = case.title()
    if case.own is None:
        return f"TensorFlow is not installed here, and something is in its way: {told}."
    if errors:
        return f"{what} does not work here as it should: {told}."
    return f"Nothing keeps {what} from running here{f': {told}' if told else ''}."


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
        ("GPU", f"{_gpus(case.gpus)}{driver}"),
    ]
    packages = [f"{name} {version}" for name in _SHOWN if (version := case.version(name))]
    if packages:
        rows.append(("Packages", ", ".join(packages)))
    settings = [f"{name}={value}" for name, value in sorted(case.seen.settings.items())]
    return [*rows, ("Settings", ", ".join(settings))] if settings else rows


def _gpus(gpus: tuple[Gpu, ...]) -> str:
    if not gpus:
        return "none of NVIDIA seen"
    names: dict[str, int] = {}
    for gpu in gpus:
        capability = f" ({gpu.compute_capability})" if gpu.compute_capability else ""
        name = f"{gpu.name or 'NVIDIA, name unknown'}{capability}"
        names[name] = names.get(name, 0) + 1
    return ", ".join(f"{count} x {name}" if count > 1 else name for name, count in names.items())


def _finding(one: Finding, scrubber: Scrubber, style: Style) -> str:
    mark = one.severity.ljust(_WIDTH_OF_MARK)
    paint = style.dim if one.severity == "ok" else style.warn
    lines = beside(paint(mark), scrubber.text(one.text), _WIDTH_OF_MARK, style)
    indent = " " * (_WIDTH_OF_MARK + 2)
    for fix in one.fix:
        lines += [indent + line for line in _way(scrubber.text(fix), style)]
    return "\n".join(lines)


def _way(fix: str, style: Style) -> list[str]:
    """Return a way out as lines: sentences are wrapped, a command is left whole, to be copied."""
    told, sign, command = fix.rpartition(": ")
    if not command.startswith(_PROGRAMS):
        told, sign, command = (fix, "", "") if fix[:1].isupper() else ("", "", fix)
    width = style.width - _WIDTH_OF_MARK - 2
    sentence = wrapped(told + sign.strip(), width)
    return [*sentence, *(style.code(line) for line in command.split("\n") if line)]
