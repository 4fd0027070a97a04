"""What a known message means without a log: words that only a log tells are written as an ellipsis,
and what would have to be worked out from them is left unsaid.
"""

import re

from kb.answers.message_facts import FACTS, Facts
from kb.answers.messages import PLACEHOLDER, filled_in, ways_out_filled_in, ways_out_of
from kb.base.model import Bounds, KnownError, Problem, WayOut
from kb.base.record import Record


class InGeneral(Record):
    """What a message means, its own word first, then that of the problems that it names."""

    messages: tuple[str, ...]
    looks_like: tuple[str, ...]
    cause: tuple[str, ...]
    ways_out: tuple[WayOut, ...]
    releases: tuple[Bounds, ...]
    sources: tuple[str, ...]


def in_general(error: KnownError, problems: tuple[Problem, ...], facts: Facts) -> InGeneral:
    """Return what a message means where no log is given; `problems` are those that it names."""
    own = ways_out_filled_in(map(_without_a_log, error.fix), facts)
    cause = tuple(filled_in(map(_without_words, error.cause), facts))
    releases = [error.releases] if error.releases else [problem.releases for problem in problems]
    looks = (line for problem in problems for line in problem.looks_like)
    ways_out = (*own, *ways_out_of(problems))
    sources = (*error.sources, *(url for problem in problems for url in problem.sources))
    return InGeneral(
        messages=tuple(dict.fromkeys(pattern.text.strip() for pattern in error.patterns)),
        looks_like=tuple(dict.fromkeys(looks)),
        cause=cause or tuple(problem.cause for problem in problems[:1]),
        ways_out=tuple(dict.fromkeys(ways_out)),
        releases=tuple(dict.fromkeys(releases)),
        sources=tuple(dict.fromkeys(sources)),
    )


def _without_words(line: str) -> str:
    return PLACEHOLDER.sub(_own_word, line).replace("….", "…")


def _without_a_log(way: WayOut) -> WayOut:
    """Return a way out as it stands without a log: in a command, what the reader has to put in."""
    text = way.told and _without_words(way.told)
    return way._replace(told=text, command=way.command and PLACEHOLDER.sub(_to_put_in, way.command))


def _to_put_in(match: re.Match[str]) -> str:
    return match[0] if match[1] in FACTS else match[1].upper()


def _own_word(match: re.Match[str]) -> str:
    """Return what stands for a word of the message; leave what follows from words in its place."""
    if match[1] in FACTS:
        return match[0]
    return "the library" if match[1] == "library" else "…"
