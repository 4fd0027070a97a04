"""Write the series for a person at a terminal: one table."""

from kb.base.versions import spans
from kb.cells.standing import RUNG_MEANINGS
from kb.list.answer import SeriesRow
from kb.terminal.layout import field, table
from kb.terminal.style import Style

_NAMES = ("Series", "Newest", "Released", "Python", "CUDA", "cuDNN", "On CPU", "On CUDA")
_LABEL = 14


def page(rows: tuple[SeriesRow, ...], style: Style) -> str:
    """Return the page of the series."""
    cells = [
        (
            row.series,
            row.release,
            row.released,
            spans(list(row.pythons)),
            row.cuda or "-",
            row.cudnn or "-",
            row.cpu_rung or "-",
            row.cuda_rung or "-",
        )
        for row in rows
    ]
    found = {rung for row in rows for rung in (row.cpu_rung, row.cuda_rung)}
    meanings = [
        line
        for rung, meaning in RUNG_MEANINGS.items()
        if rung in found
        for line in field(rung, meaning.in_short, _LABEL, style)
    ]
    return "\n".join([*table([_NAMES, *cells], style), "", *meanings])
