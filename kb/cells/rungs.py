"""The rungs that a cell can stand on, what each means, and the verdicts on it.

Apart from how they are worked out, for a question of `find` pays for every module that it loads.
"""

from typing import Literal

from kb.base.record import Record

Rung = Literal["documented", "shipped", "resolves", "runs", "links", "runs-gpu"]
Verdict = Literal["ok", "broken", "disputed", "unknown"]


class RungMeaning(Record):
    """What a rung means: in few words beside others, and in short."""

    in_words: str
    in_short: str


# From the lowest rung to the highest.
RUNG_MEANINGS: dict[Rung, RungMeaning] = {
    "documented": RungMeaning("the official table lists it", "the official table lists it"),
    "shipped": RungMeaning("a wheel says so", "a wheel on the index says so"),
    "resolves": RungMeaning("can be had", "a resolver finds all that it needs"),
    "runs": RungMeaning("the CPU computed", "a runner set it up and computed right on the CPU"),
    "links": RungMeaning(
        "CUDA's libraries load",
        "a runner without a GPU set it up and its CUDA libraries load",
    ),
    "runs-gpu": RungMeaning("a GPU computed", "a runner set it up and a GPU computed right"),
}
RUNGS: tuple[Rung, ...] = tuple(RUNG_MEANINGS)
PROVEN: Rung = "runs"  # the lowest rung that a run proves
# From the worst to the best.
VERDICTS: tuple[Verdict, ...] = ("broken", "unknown", "disputed", "ok")


def height(rung: str | None) -> int:
    """Return how high a rung is, from 0 on; -1 where there is none."""
    return -1 if rung is None else RUNGS.index(rung)
