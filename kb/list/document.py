"""Write the series as the JSON document that `python -m kb list --json` promises."""

import json
from typing import Any

from kb.list.answer import SeriesRow


def document(rows: tuple[SeriesRow, ...]) -> str:
    """Return the JSON document of the series."""
    return json.dumps(content(rows), indent=2, ensure_ascii=False)


def content(rows: tuple[SeriesRow, ...]) -> dict[str, Any]:
    """Return the content of the JSON document; what is unknown is None."""
    return {"format": 1, "series": [_series(row) for row in rows]}


def _series(row: SeriesRow) -> dict[str, Any]:
    return {
        "series": row.series,
        "release": row.release,
        "released": row.released,
        "python": list(row.pythons),
        "platforms": list(row.platforms),
        "cuda": row.cuda,
        "cudnn": row.cudnn,
        "rungs": {"cpu": row.cpu_rung, "cuda": row.cuda_rung},
    }
