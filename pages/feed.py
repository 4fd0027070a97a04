"""The Atom feed of what changed: releases by their day, and runs by series and day."""

from collections import Counter
from collections.abc import Iterator
from uuid import NAMESPACE_URL, uuid5

from kb.base.record import Record
from kb.base.versions import kind
from pages.knowledge import Knowledge

_NAME = "tensorflow-compat"
_MOST = 60


class Entry(Record):
    """One entry: `path` is where it leads to in the site, `id` is the same at each build."""

    id: str
    day: str
    title: str
    path: str


def entries(knowledge: Knowledge) -> tuple[Entry, ...]:
    """Return the newest entries, the newest first."""
    found = [*_releases(knowledge), *_runs(knowledge)]
    return tuple(sorted(found, key=lambda entry: (entry.day, entry.title), reverse=True)[:_MOST])


def _releases(knowledge: Knowledge) -> Iterator[Entry]:
    for name, file in knowledge.files.items():
        days = {listed.release: listed.released for listed in file.releases[::-1]}
        for release, day in days.items():
            aside = {"release": "", "candidate": ", release candidate"}.get(kind(release))
            if aside is not None:
                yield _entry(day, f"TensorFlow {release}{aside}", f"tf/{name}/")


def _runs(knowledge: Knowledge) -> Iterator[Entry]:
    numbers = Counter((run.day, run.series) for run in knowledge.runs)
    for (day, name), number in numbers.items():
        runs = "1 run" if number == 1 else f"{number} runs"
        yield _entry(day, f"{runs} of TensorFlow {name}", f"runs/{name}/")


def _entry(day: str, title: str, path: str) -> Entry:
    # The number of a day's runs grows, and the entry stays the same one.
    words = title if path.startswith("tf/") else path
    return Entry(
        id=uuid5(NAMESPACE_URL, f"{_NAME}:{day}:{words}").urn, day=day, title=title, path=path
    )
