"""Write what the doctor found as the JSON document that `python -m kb doctor --json` promises. All
of it is fit to paste into a public issue.
"""

import json
from typing import Any

from kb.base.findings import Finding
from kb.base.scrubbing import Scrubber
from kb.doctor.case import SHOWN_PACKAGES, Checkup
from kb.doctor.library_rules import asked_for


def document(case: Checkup, found: tuple[Finding, ...], scrubber: Scrubber) -> str:
    """Return the JSON document."""
    content = {
        "format": 1,
        "machine": scrubber.content(_machine(case)),
        "findings": [
            {
                "rule": finding.rule,
                "severity": finding.severity,
                "text": scrubber.text(finding.text),
                "fix": [scrubber.text(line) for line in finding.fix],
                "ways_out": [scrubber.content(way._asdict()) for way in finding.ways_out],
            }
            for finding in found
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
            name: package.version
            for name, package in sorted(installed.items())
            if name in SHOWN_PACKAGES
            or "tensor" in name
            or name == "pip"
            or name.startswith("nvidia-")
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
