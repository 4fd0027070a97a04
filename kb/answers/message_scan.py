"""Find known messages in a log of any size, in one pass and bounded memory.

Each text is looked for by a few of its bytes, chosen anew for each block among the bytes that are
rare in it, so that one compiled search finds the places worth a closer look. Expressions see only
a stretch of the line around a text, and each stretch once, so no log makes them slow.
"""

import codecs
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from kb.base.model import Pattern
from kb.base.printable import one_line
from kb.base.record import Record

BLOCK = 1 << 22
# A list of all releases of TensorFlow, as pip prints it, has some 2000 characters.
_BEFORE, _AFTER = 400, 8000
_LIKE_BEFORE, _LIKE_AFTER = 60, 120
_REMEMBERED = 10_000
_ANCHOR = 5
_SAMPLE, _SMALL_SAMPLE = 1 << 16, 1 << 13
_ENOUGH = 20
_SHOWN, _LEAD = 200, 60
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class Sighting(Record):
    """A place where a message stands: its line, cut short, and the words that the message names."""

    line: str
    words: tuple[tuple[str, str], ...]


class _Seeker:
    """One text of a message, the expression that goes with it, and what was seen of it."""

    def __init__(self, name: str, pattern: Pattern) -> None:
        self.name = name
        self.text = pattern.text.encode()
        self.expression = re.compile(pattern.expression) if pattern.expression else None
        self.seen: list[Sighting] = []
        self.looked_until = 0
        self.surroundings: set[bytes] = set()

    @property
    def done(self) -> bool:
        """Tell whether another sighting would say nothing new."""
        names = self.expression is not None and self.expression.groups > 0
        return len(self.seen) >= (_ENOUGH if names else 1)

    def look(self, block: bytes, position: int) -> None:
        """Look at the line around a position where the text stands."""
        if position < self.looked_until or self.done or self._looked_at_like(block, position):
            return
        start = max(block.rfind(b"\n", 0, position) + 1, position - _BEFORE)
        end = block.find(b"\n", position, position + _AFTER)
        end = min(len(block), position + _AFTER) if end < 0 else end
        self.looked_until = end
        line = block[start:end].decode("utf-8", "replace")
        if self.expression is None:
            found: tuple[tuple[str, str], ...] = ()
        else:
            match = self.expression.search(line)
            if match is None:
                return
            found = tuple((n, value) for n, value in match.groupdict().items() if value)
        if all(sighting.words != found for sighting in self.seen):
            self.seen.append(Sighting(_shown(line, block[start:position]), found))

    def _looked_at_like(self, block: bytes, position: int) -> bool:
        """Tell whether the same text in the same surroundings was looked at before; logs repeat
        their lines, but for the time in front.
        """
        around = block[max(0, position - _LIKE_BEFORE) : position + _LIKE_AFTER]
        if around in self.surroundings:
            return True
        if len(self.surroundings) < _REMEMBERED:
            self.surroundings.add(around)
        return False


def scan(
    blocks: Iterable[bytes], messages: Iterable[tuple[str, Pattern]]
) -> dict[str, tuple[Sighting, ...]]:
    """Return what is seen of each message, by its name; messages that are not seen are left out.

    Blocks are the bytes of the log in order, cut anywhere. What is no UTF-8 is replaced.
    """
    seekers = [_Seeker(name, pattern) for name, pattern in messages]
    rest = b""
    for block in blocks:
        rest = _take(rest + block, seekers, last=False)
    _take(rest, seekers, last=True)
    seen: dict[str, tuple[Sighting, ...]] = {}
    for seeker in seekers:
        if seeker.seen:
            seen[seeker.name] = (*seen.get(seeker.name, ()), *seeker.seen)
    return seen


def _take(block: bytes, seekers: list[_Seeker], last: bool) -> bytes:
    """Look through a block; return its end, which must be seen together with the next one."""
    limit = keep = len(block)
    if not last:
        limit = keep = block.rfind(b"\n", max(0, limit - _AFTER)) + 1
    if not last and not limit:  # in the middle of a long line
        limit = max(0, len(block) - _AFTER)
        keep = max(0, limit - _BEFORE)
    wanted = [seeker for seeker in seekers if not seeker.done]
    for seeker in wanted:
        seeker.looked_until = 0
    for position, seeker in _positions(block, limit, wanted):
        seeker.look(block, position)
    return block[keep:]


def _positions(block: bytes, limit: int, seekers: list[_Seeker]) -> Iterator[tuple[int, _Seeker]]:
    """Yield each position before a limit where the text of a seeker stands."""
    by_anchor = _anchors(block, seekers)
    if not by_anchor:
        return
    searched, search = 0, _alternatives(by_anchor).search
    while match := search(block, searched):
        searched = match.start() + 1
        for seeker, offset in by_anchor[match.group()]:
            position = match.start() - offset
            if 0 <= position < limit and block.startswith(seeker.text, position):
                yield position, seeker


def _anchors(block: bytes, seekers: list[_Seeker]) -> dict[bytes, list[tuple[_Seeker, int]]]:
    """Choose the bytes by which each text is looked for: rare at the start of the block, as a whole
    and by the first of them.
    """
    often, start = Counter(block[:_SAMPLE]), block[:_SMALL_SAMPLE]
    chosen: dict[bytes, list[tuple[_Seeker, int]]] = defaultdict(list)
    for seeker in seekers:
        text = seeker.text
        _, _, offset = min(
            (start.count(text[n : n + _ANCHOR]), often[text[n]], n)
            for n in range(len(text) - _ANCHOR + 1)
        )
        chosen[text[offset : offset + _ANCHOR]].append((seeker, offset))
    return chosen


def _alternatives(anchors: Iterable[bytes]) -> re.Pattern[bytes]:
    """Return a search for any of the anchors, grouped by first byte: one look refuses a place."""
    ends: dict[bytes, list[bytes]] = defaultdict(list)
    for anchor in anchors:
        ends[anchor[:1]].append(re.escape(anchor[1:]))
    groups = (re.escape(first) + b"(?:" + b"|".join(rest) + b")" for first, rest in ends.items())
    return re.compile(b"|".join(groups))


def _shown(line: str, before: bytes) -> str:
    """Cut a line short so that the text, which `before` leads up to, stays in view."""
    ahead = len(before.decode("utf-8", "replace"))
    start = ahead - _LEAD if ahead > _SHOWN // 2 else 0
    text = one_line(line[start : start + _SHOWN], _SHOWN)
    return f"{'...' if start else ''}{text}{'...' if len(line) > start + _SHOWN else ''}"


def blocks_of(stream: BinaryIO) -> Iterator[bytes]:
    """Read a stream block by block as UTF-8; UTF-16 with its mark, as PowerShell writes it, is
    turned into UTF-8. Raises OSError.
    """
    block = stream.read(BLOCK)
    decoder = None
    if block.startswith(_UTF16):
        decoder = codecs.getincrementaldecoder("utf-16")("replace")
    while block:
        yield block if decoder is None else decoder.decode(block).encode("utf-8", "replace")
        block = stream.read(BLOCK)
