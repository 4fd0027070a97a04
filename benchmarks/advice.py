"""Puts questions about machines to `find`, holds every advice against `find` and `check`, and
prints how many fail: none may.

Run: PYTHONPATH=. python benchmarks/advice.py [NUMBER] [SEED]
"""

import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from kb.base.store import Store
from tests.kb.advice import Advice

MOST = 12  # kinds of faults that are shown


def main(number: int = 20_000, seed: int = 2026) -> int:
    """Put the questions; return how many fail."""
    with tempfile.TemporaryDirectory() as folder:
        return _put(Advice(Store(), Path(folder)), random.Random(seed), number, seed)


def _put(advice: Advice, draw: random.Random, number: int, seed: int) -> int:
    kinds: Counter[str] = Counter()
    first: dict[str, str] = {}
    failed, began = 0, time.monotonic()
    for _ in range(number):
        words = advice.words(draw)
        faults = list(advice.faults(words))
        failed += bool(faults)
        for fault in faults:
            kind = fault[:40]
            kinds[kind] += 1
            first.setdefault(kind, f"{fault}\n        {words}")
    took = time.monotonic() - began
    print(f"{number} questions of seed {seed} in {took:.0f} s: {failed} fail (at most 0)")
    for kind, count in kinds.most_common(MOST):
        print(f"{count:6} {first[kind]}")
    return failed


if __name__ == "__main__":
    sys.exit(1 if main(*map(int, sys.argv[1:])) else 0)
