"""Questions about machines, drawn by a seed, and what is wrong with an answer's advice: all that
`find` tells people to do is held against `find` and `check` themselves.

`test_advice.py` puts some of them, `benchmarks/advice.py` many.
"""

import random
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kb.answers.fits import find
from kb.answers.found import Fit, Found
from kb.base.errors import CompatError, NothingFound, WrongUsage
from kb.base.store import Store
from kb.base.versions import key, series
from kb.check.answer import check
from kb.command_line import command_parser
from kb.find.asked import question_of, read_words
from kb.find.command import words_of
from kb.index.records import Index, open_index

Words = dict[str, Any]
SYSTEMS = (("linux", 6), ("windows", 4), ("wsl2", 3), ("macos", 2))
PROCESSORS = ("x86_64", "arm64", "armv7l")
PYTHONS = (
    "2.7",
    "3.3",
    "3.4",
    "3.5",
    "3.6",
    "3.7",
    "3.8",
    "3.9",
    "3.10",
    "3.11",
    "3.12",
    "3.13",
    "3.14",
    "3.15",
)
DRIVERS = (
    "304.137",
    "340.108",
    "367.48",
    "384.81",
    "390.157",
    "396.26",
    "410.48",
    "418.39",
    "440.33",
    "450.51.06",
    "450.80.02",
    "460.91",
    "470.57",
    "510.47",
    "520.61.05",
    "525.60.13",
    "528.33",
    "530.30",
    "535.104.05",
    "545.23",
    "550.54.14",
    "555.42",
    "560.28",
    "565.57",
    "570.86",
    "580.65",
    "590.44",
    "595.58",
)
CUDAS = (
    "8.0",
    "9.0",
    "10.0",
    "10.1",
    "10.2",
    "11.0",
    "11.2",
    "11.8",
    "12.1",
    "12.4",
    "12.8",
    "13.0",
)
GLIBCS = ("2.5", "2.12", "2.17", "2.23", "2.27", "2.31", "2.35", "2.39")
MACOSES = ("10.9", "10.13", "10.15", "11.7", "12.6", "13.4", "14.5", "15.1")
DEVICES = ("gpu", "gpu", "cpu", "cuda", "rocm", "metal", "directml", "xpu")
_CONTINUED = re.compile(r" [\\`]\n *")  # a line of bash or PowerShell that goes on
_PIP = re.compile(r"pip3? install (.+)")
_FIND = re.compile(r"\S+ find (?:--[a-z-]+ (?:\"[^\"]+\"|\S+) ?)+")
_RELEASE = re.compile(r"\btensorflow(?:-\w+)?(?:\[and-cuda\])?(?:==| )(\d+\.\d+\.\d+)\b")


class Advice:
    """The knowledge base, opened once, and the answers that were held already."""

    def __init__(self, store: Store, folder: Path) -> None:
        """Open a knowledge base; `folder` is for a project to check. Raises DocumentError."""
        self.store = store
        self.index: Index = open_index(store)
        self._project = folder / "requirements.txt"
        self._answers: dict[str, Fit | CompatError | None] = {}
        self._checked: dict[tuple[str, str, str], str] = {}
        names = [row.name for row in store.gpus().gpus]
        self._gpus = names, [row.name for row in store.other_gpus().gpus]

    def words(self, draw: random.Random) -> Words:
        """Return the words of one question, as a person could put it; most tell a few things."""
        systems, weights = zip(*SYSTEMS, strict=True)
        words = {"os": draw.choices(systems, weights)[0]}
        _told(draw, words, "arch", PROCESSORS, 0.15)
        _told(draw, words, "python", PYTHONS, 0.7)
        if draw.random() < 0.7:
            nvidia, others = self._gpus
            number = 2 if draw.random() < 0.1 else 1
            names = nvidia if draw.random() < 0.8 else others
            words["gpus"] = [draw.choice(names) for _ in range(number)]
            _told(draw, words, "driver", DRIVERS, 0.5)
            _told(draw, words, "cuda", CUDAS, 0.15)
            _told(draw, words, "device", ("gpu",), 0.2)
        else:
            _told(draw, words, "device", DEVICES, 0.6)
        if words["os"] in ("linux", "wsl2"):
            _told(draw, words, "glibc", GLIBCS, 0.2)
        if words["os"] == "macos":
            _told(draw, words, "macos", MACOSES, 0.4)
        return words

    def faults(self, words: Words) -> Iterator[str]:
        """Yield what is wrong with the answer to a question; nothing where it holds."""
        try:
            found = self._find(read_words(**words))
        except (NothingFound, WrongUsage) as error:
            if not error.nearest:
                yield f"ends with nothing nearest: {error}"
            return
        if found.answer is None and not found.nearest:
            yield "no release fits, and nothing nearest is told"
        for fit in (found.answer, found.proven):
            if fit is not None:
                yield from self._set_up(fit)
        for other in found.also:
            yield from self._fits(words, other.release)
        for change in found.nearest:
            yield from self._set_up(change.answer)
            yield from self._same(change.command, change.answer)
        yield from self._told(found)

    def _find(self, words: Any) -> Found:
        return find(self.index, question_of(words, self.index, self.store))

    def _set_up(self, fit: Fit) -> Iterator[str]:
        """Hold what a set-up asks pip for against `check`, where it will be installed."""
        whole = _CONTINUED.sub(" ", "\n".join(fit.setup))
        for asked in _PIP.finditer(whole):
            if asked[1] != "--upgrade pip":
                named = shlex.split(asked[1])
                wanted = "\n".join(word for word in named if not word.startswith("-"))
                yield from self._sound(wanted, fit.platform, fit.python)

    def _sound(self, wanted: str, platform: str, python: str) -> Iterator[str]:
        asked = (wanted, platform, python)
        if asked not in self._checked:
            self._project.write_text(wanted)
            checked = check(self.store, self._project, platform, python)
            errors = [f.text for f in checked.findings if f.severity == "error"]
            self._checked[asked] = errors[0] if errors else ""
        if self._checked[asked]:
            yield f"check refuses {wanted.split()} on Python {python}: {self._checked[asked]}"

    def _fits(self, words: Words, release: str) -> Iterator[str]:
        """Hold a release that is said to fit against the question for that release alone."""
        found = self._find(read_words(**words, release=release))
        if found.answer is None or found.answer.release != release:
            yield f"{release} also fits, says the answer, and not when asked for"

    def _same(self, command: str, answer: Fit) -> Iterator[str]:
        """Put the command of a change, and hold its answer against the one that is told."""
        own = self._put(command)
        if isinstance(own, CompatError):
            yield f"`{command}` is refused: {own}"
        elif own != answer:
            other = own and (own.release, own.python)
            yield f"`{command}` answers {other}, not {(answer.release, answer.python)}"

    def _told(self, found: Found) -> Iterator[str]:
        """Hold each release that a text about other ways names: the index has to have it."""
        known = set(self.index.releases)
        for rejected in found.rejected:
            for reason in rejected.reasons:
                for text in reason.instead:
                    for release in _RELEASE.findall(text):
                        if release not in known:
                            yield f"{text!r} names {release}, which is no release"
                    yield from _loose(text)
                    yield from self._answered(text)

    def _answered(self, text: str) -> Iterator[str]:
        """Put each command of `find` that stands in a text: it has to have an answer."""
        for command in _FIND.findall(text):
            own = self._put(command)
            if own is None or isinstance(own, CompatError):
                yield f"{text!r} leads to no answer: {own}"

    def _put(self, command: str) -> Fit | CompatError | None:
        """Return what a command of `find` answers, or how it is refused."""
        if command not in self._answers:
            _, _, told = command.partition(" find ")
            try:
                words = words_of(command_parser("find", "").parse(shlex.split(told)))
                self._answers[command] = self._find(words).answer
            except CompatError as error:
                self._answers[command] = error
        return self._answers[command]


def _loose(text: str) -> Iterator[str]:
    """Yield a command in a sentence that names no release: nothing holds what pip takes for it."""
    asked = _PIP.search(text)
    if asked and "tensorflow" in asked[1] and "==" not in asked[1] and "<" not in asked[1]:
        yield f"{text!r} lets pip take any release"


def _told(
    draw: random.Random, words: Words, name: str, choices: tuple[str, ...], chance: float
) -> None:
    if draw.random() < chance:
        words[name] = draw.choice(choices)


def in_order(found: Found) -> bool:
    """Tell whether the releases that fit come newest first, each series once."""
    fits = ([found.answer] if found.answer else []) + list(found.also)
    places = [key(fit.release) for fit in fits]
    names = [series(fit.release) for fit in fits]
    return places == sorted(places, reverse=True) and len(set(names)) == len(names)
