"""The exception that a log ends with, where no known message explains it."""

import re
from collections.abc import Iterable

from kb.answers.message_scan import scan
from kb.base.model import Pattern
from kb.base.printable import one_line

_TRACEBACK = "Traceback (most recent call last):"
_EXCEPTION = re.compile(
    r"^(?:[A-Za-z_]\w{0,60}\.){0,8}[A-Z]\w{0,60}(?:Error|Exception): \S.{0,2000}$", re.MULTILINE
)
_SHOWN = 200


def unexplained(tail: str, faults: Iterable[tuple[str, Pattern]]) -> str | None:
    """Return the last exception of the end of a log, on one line; None where there is none, or
    where one of the messages that are faults stands in its traceback or in one that led to it.
    """
    start = tail.find(_TRACEBACK)
    raised = list(_EXCEPTION.finditer(tail, start)) if start >= 0 else []
    if not raised or scan([tail[start:].encode()], faults):
        return None
    return one_line(raised[-1].group(), _SHOWN)
