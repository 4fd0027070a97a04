"""What several GPUs in one machine ask for together, beyond what each asks for by itself."""

from collections.abc import Iterator, Sequence

from kb.answers.comparison import Comparison, Remark
from kb.answers.drivers import is_past, last_branch
from kb.base.versions import key


def together(cases: Sequence[Comparison]) -> Iterator[Remark]:
    """Ask that one driver can serve all GPUs; `cases` are one offer held against each.

    A driver that is told has been held against each GPU already.
    """
    if cases[0].question.driver is not None or cases[0].toolkit() is None:
        return
    lasts = []
    for case in cases:
        capability = case.question.compute_capability
        last = last_branch(case.known, capability)
        if last is not None:
            lasts.append((int(last[1]), last, capability or ""))
    if not lasts:
        return
    _, last, older = min(lasts)
    for case in cases:
        least = _least(case)
        if least is not None and is_past(least, last):
            words = {"branch": last[0], "older": older, "least": least}
            newer = case.question.compute_capability or ""
            yield case.reason("driver", "driver-apart", newer=newer, **words)


def _least(case: Comparison) -> str | None:
    """Return the oldest driver that knows a GPU and compiles the PTX of the offer for it."""
    counts = case.counts()
    asked = (
        case.known.first_branches.get(case.question.compute_capability or ""),
        counts.branch if counts else None,
    )
    return max((branch for branch in asked if branch is not None), key=key, default=None)
