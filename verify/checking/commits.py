"""From which commit a release was made: all its wheels say the same, and our own runs told it."""

import re
from hashlib import sha256
from pathlib import Path

from kb.base.model import Distribution, Version
from kb.base.versions import series
from kb.runs.folder import load
from verify.checking.challenge_rules import before_challenges

_TOLD = re.compile(rb'"git_version": "([A-Za-z0-9._-]{1,60})"')


class Commits:
    """What the runs of this project in a folder tell of releases, each read once. Those that others
    sent decide nothing.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._known: dict[tuple[str, str], str | None] = {}

    def of(self, distribution: Distribution, release: Version) -> str | None:
        """Return what TensorFlow calls the commit of a release; None where no run told.

        Raises DocumentError.
        """
        asked = (distribution, release)
        if asked not in self._known:
            self._known[asked] = self._told(distribution, release)
        return self._known[asked]

    def _told(self, distribution: str, release: str) -> str | None:
        if self._folder is None:
            return None
        cells = (self._folder / series(release)).glob(f"{distribution}-{release}-*/*.json")
        for path in sorted(cells):
            raw = load(path)
            told = _TOLD.search(raw)
            if told and sha256(raw).hexdigest() in before_challenges():
                return told[1].decode()
        return None
