"""Write what was found as the JSON document that `python -m kb find --json` promises."""

import json
from typing import Any

from kb.answers.fits import Fit, Found, Other, Rejected


def document(found: Found) -> str:
    """Return the JSON document of what was found."""
    return json.dumps(content(found), indent=2, ensure_ascii=False)


def content(found: Found) -> dict[str, Any]:
    """Return the content of the JSON document; what is unknown is None."""
    return {
        "format": 1,
        "question": {"platform": found.question.platform(), **found.question._asdict()},
        "answer": _fit(found.answer),
        "proven": _fit(found.proven),
        "also": [_other(one) for one in found.also],
        "rejected": [_rejected(one) for one in found.rejected],
    }


def _fit(fit: Fit | None) -> dict[str, Any] | None:
    if fit is None:
        return None
    return {name: list(v) if isinstance(v, tuple) else v for name, v in fit._asdict().items()}


def _other(one: Other) -> dict[str, Any]:
    return {**one._asdict(), "caveats": list(one.caveats)}


def _rejected(one: Rejected) -> dict[str, Any]:
    return {
        "release": one.release,
        "series": one.series,
        "reasons": [
            {
                "rule": reason.rule,
                "text": reason.text,
                "instead": list(reason.instead),
                "sources": list(reason.sources),
            }
            for reason in one.reasons
        ],
    }
