"""Write what is found as the JSON document that `python -m kb check --json` promises."""

import json
from typing import Any

from kb.base.findings import Finding
from kb.check.answer import Checked


def document(checked: tuple[Checked, ...]) -> str:
    """Return the JSON document of the files that were checked."""
    content = {
        "format": 1,
        "files": [result.file for result in checked],
        "takes": [
            {
                "file": result.file,
                "distribution": taken.distribution,
                "release": taken.release,
                "platform": taken.platform,
                "python": list(taken.pythons),
            }
            for result in checked
            for taken in result.takes
        ],
        "findings": [_finding(finding) for result in checked for finding in result.findings],
    }
    return json.dumps(content, indent=2, ensure_ascii=False)


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "file": finding.file,
        "line": finding.line,
        "rule": finding.rule,
        "severity": finding.severity,
        "text": finding.text,
        "fix": list(finding.fix),
        "ways_out": [way._asdict() for way in finding.ways_out],
        "sources": list(finding.sources),
    }
