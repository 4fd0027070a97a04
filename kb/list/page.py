"""Write the series for a person at a terminal: one table."""

from kb.base.names import KIND_NAMES
from kb.base.versions import spans
from kb.cells.rungs import RUNG_MEANINGS, Rung
from kb.list.answer import PreRelease, SeriesListed, SeriesRow
from kb.terminal.layout import field, indented, table
from kb.terminal.style import Style

_NAMES = ("Series", "Newest", "Released", "Python", "CUDA", "cuDNN", "On CPU", "On CUDA")
_LABEL = 14


def page(listed: SeriesListed, style: Style) -> str:
    """Return the page of the series, and below it what is no release."""
    parts = [_series(listed.series, style)] if listed.series else []
    if listed.pre_releases:
        heading = style.dim("No release yet")
        lines = [line for beside in listed.pre_releases for line in _beside(beside, style)]
        parts.append("\n".join([heading, *lines]))
    return "\n\n".join(parts)


def _beside(beside: PreRelease, style: Style) -> list[str]:
    text = (
        f"{' and '.join(beside.distributions)} {beside.release}, {KIND_NAMES[beside.kind]} of "
        f"{beside.released}, Python {spans(list(beside.pythons))}"
    )
    return indented(text, style)


def _series(rows: tuple[SeriesRow, ...], style: Style) -> str:
    cells = [
        (
            row.series,
            row.release,
            row.released,
            spans(list(row.pythons)),
            row.cuda or "-",
            row.cudnn or "-",
            _rung(row.cpu_least, row.cpu_rung),
            _rung(row.cuda_least, row.cuda_rung),
        )
        for row in rows
    ]
    found = {rung for row in rows for rung in (row.cpu_least, row.cuda_least)}
    some = any("+" in cell for row in cells for cell in row)
    meanings = [
        line
        for rung, meaning in RUNG_MEANINGS.items()
        if rung in found
        for line in field(rung, meaning.in_short, _LABEL, style)
    ]
    if some:
        meanings += field(
            "+", "some Pythons or platforms stand higher: lookup tells", _LABEL, style
        )
    return "\n".join([*table([_NAMES, *cells], style), "", *meanings])


def _rung(least: Rung | None, highest: Rung | None) -> str:
    """Return the rung that all set-ups have, with a mark where some have a higher one."""
    if highest is None:
        return "-"
    return f"{least or 'unproven'}{'' if least == highest else '+'}"
