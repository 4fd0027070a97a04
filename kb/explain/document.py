"""Write an explanation as the JSON document that `python -m kb explain --json` promises."""

import json
from typing import Any

from kb.answers.messages import Explanation, Match


def document(explanation: Explanation) -> str:
    """Return the JSON document of an explanation."""
    content = {
        "format": 1,
        "matches": [_match(match) for match in explanation.matches],
        "closest": [{"id": name, "title": title} for name, title in explanation.closest],
    }
    return json.dumps(content, indent=2, ensure_ascii=False)


def _match(match: Match) -> dict[str, Any]:
    return {
        "id": match.id,
        "title": match.title,
        "severity": match.severity,
        "cause": match.cause,
        "fix": list(match.fix),
        "ways_out": [way._asdict() for way in match.ways_out],
        "releases": [span._asdict() for span in match.releases] or None,
        "source": next(iter(match.sources), None),
        "sources": list(match.sources),
        "seen": match.seen,
    }
