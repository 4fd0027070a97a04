"""Why series do not fit: in a few lines, or every reason of every series."""

from itertools import groupby

from kb.answers.comparison import Remark
from kb.answers.found import Rejected
from kb.base.addresses import short
from kb.index.records import Index
from kb.terminal.layout import beside, wrapped
from kb.terminal.style import Style

_COLUMN = 16


def in_short(rejected: tuple[Rejected, ...], index: Index, style: Style, most: int) -> list[str]:
    """Return a line or two for each group of series that follow each other and have a reason in
    common, the newest first, and at most so many of them.
    """
    lines: list[str] = []
    groups = _groups(rejected, index)
    for group, reason in groups[:most]:
        span, text = _span(group), _sentence(reason, index)
        lines += _hanging(text if text.startswith(f"{span} ") else f"{span}: {text}", style)
    if left := [rejection for group, _ in groups[most:] for rejection in group]:
        lines += _hanging(f"{_span(left)}: --why", style)
    return lines


def _hanging(text: str, style: Style) -> list[str]:
    return [f"  {line}" for line in wrapped(text, style.width - 2, hanging=2, torn=True)]


def every_reason(rejected: tuple[Rejected, ...], release: str | None, style: Style) -> list[str]:
    """Return every reason of every series, those together that have the same; `release` is the one
    that is asked for, if one is.
    """
    lines = [style.bold("Does not fit")] if rejected else []
    for (_, reasons), found in groupby(rejected, key=_alike):
        head = f"  {release or _span(list(found))}"
        for text in reasons:
            lines += beside(head.ljust(_COLUMN), text, _COLUMN, style, torn=True)
            head = ""
    return lines


def _groups(rejected: tuple[Rejected, ...], index: Index) -> list[tuple[list[Rejected], Remark]]:
    """Bring together series that follow each other and have a reason in common; a candidate, of
    which less is known, stands alone.
    """
    found: list[tuple[list[Rejected], dict[str, Remark]]] = []
    for rejection in rejected:
        own = {_key(reason, index): reason for reason in rejection.reasons}
        if found:
            group, shared = found[-1]
            common = {text: reason for text, reason in shared.items() if text in own}
            if common and group[-1].kind == rejection.kind == "release":
                found[-1] = ([*group, rejection], common)
                continue
        found.append(([rejection], own))
    return [(group, next(iter(shared.values()))) for group, shared in found]


def _key(reason: Remark, index: Index) -> str:
    """Return what tells reasons apart: their text without an aside."""
    return reason.text.removesuffix(index.words["python-admitted"])


def _sentence(reason: Remark, index: Index) -> str:
    text = _key(reason, index)
    aside = f" ({short(reason.sources[0])})" if reason.sources else ""
    return f"{text}{aside}."


def _span(group: list[Rejected]) -> str:
    if group[0].kind != "release":
        return group[0].release
    newest, oldest = group[0].series, group[-1].series
    return newest if newest == oldest else f"{oldest} to {newest}"


def _alike(rejection: Rejected) -> tuple[str, tuple[str, ...]]:
    """Return what series have in common that are told together; a candidate is told alone."""
    name = rejection.release if rejection.kind != "release" else ""
    return name, tuple(map(_whole, rejection.reasons))


def _whole(reason: Remark) -> str:
    text = reason.text[0].upper() + reason.text[1:]
    return f"{text} ({short(reason.sources[0])})" if reason.sources else text
