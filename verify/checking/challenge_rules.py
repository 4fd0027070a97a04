"""What a run answers to its challenge, worked out again without TensorFlow.

Products of whole numbers are exact on every machine, so one answer alone is right. Fractions come
out near the exact value, and on no machine all as near as float32 can be: sums of a thousand
products lose something on the way.
"""

import math
import struct
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files

from verify.checking.contribution import Contribution, Rule
from verify.runner import probe
from verify.runner.challenge import number, seed

# Far beyond what float32, or a GPU that cuts numbers to 11 bits, loses in such a sum.
_SUM_MAY_BE_OFF = {"cpu": 2e-3, "cuda": 0.05}
_POWER_MAY_BE_OFF = 1e-4  # of its own size


def _answer(contribution: Contribution) -> Iterator[str]:
    run, check = contribution.run, contribution.check("challenge")
    answer = run.challenge
    if check is None or check.outcome not in ("ok", "not-offered"):
        if answer is not None:
            yield "it answers a challenge that it was not put to, or did not stand"
        if check is None and contribution.imported() and not contribution.before_challenges:
            yield "it answers no challenge; run it again with the present `verify run`"
        return
    if answer is None:
        yield "it answers no challenge; run it again with the present `verify run`"
        return
    asked = seed(run.cell(), run.started[:10])
    if (answer.product32, answer.product64) != _products(asked):
        yield "it answers the challenge of another cell or another day"
        return
    on_gpu = run.device == "cuda" and bool(run.runner.gpus)
    may_be_off = _SUM_MAY_BE_OFF["cuda" if on_gpu else "cpu"]
    for name, told, own_seed in (
        ("own", answer.own, asked),
        ("common", answer.common, probe.COMMON_SEED),
    ):
        yield from _fractions(name, tuple(map(number, told)), own_seed, may_be_off)


@lru_cache(maxsize=64)
def _products(asked: str) -> tuple[str, ...]:
    """Return the digests of the products that a seed asks for."""
    return tuple(
        probe.digest(probe.exact_product(*probe.whole_numbers(asked + field, most, side)), kind)
        for field, kind, most, side in probe.PRODUCTS
    )


def _fractions(
    name: str, told: tuple[float, ...], own_seed: str, may_be_off: float
) -> Iterator[str]:
    sums, powers = _exact_fractions(own_seed)
    if len(told) != len(sums) + len(powers):
        yield f"challenge: `{name}` has {len(told)} words, not {len(sums) + len(powers)}"
        return
    told_sums, told_powers = told[: len(sums)], told[len(sums) :]
    off = [abs(a - b) for a, b in zip(told_sums, sums, strict=True)]
    off_powers = [abs(a - b) / b for a, b in zip(told_powers, powers, strict=True)]
    if not all(one <= may_be_off for one in off):
        yield f"challenge: the sums in `{name}` are not those of its numbers"
    elif not all(one <= _POWER_MAY_BE_OFF for one in off_powers):
        yield f"challenge: the powers in `{name}` are not those of its numbers"
    elif told_sums == tuple(_rounded(exact) for exact in sums):
        yield f"challenge: the sums in `{name}` are nearer than float32 comes: none computed them"


@lru_cache(maxsize=64)
def _exact_fractions(own_seed: str) -> tuple[tuple[float, ...], tuple[float, ...]]:
    a, b = probe.fractions(own_seed)
    columns = list(zip(*b, strict=True))
    sums = [math.fsum(x * y for x, y in zip(row, c, strict=True)) for row in a for c in columns]
    return tuple(sums), tuple(math.exp(value) for value in a[0][: probe.WORDS])


def _rounded(value: float) -> float:
    return float(struct.unpack(probe.FLOAT32, struct.pack(probe.FLOAT32, value))[0])


@lru_cache(maxsize=1)
def before_challenges() -> frozenset[str]:
    """Return the SHA-256 of the runs that were taken before runs were put to a challenge. The list
    never grows: no date that a run names of itself makes it one of them.
    """
    text = (files("verify.checking") / "before_challenges.txt").read_text("ascii")
    return frozenset(text.split())


RULES: tuple[Rule, ...] = (_answer,)
