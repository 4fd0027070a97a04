"""Is a run a copy of another? No two runs take as many milliseconds in all their parts."""

import re
from pathlib import Path

from kb.runs.folder import Filed, files, load

_SECONDS = re.compile(rb'"seconds": ([0-9]{1,9}\.[0-9]{1,3})\b')
_COUNTS_S = 1.0  # shorter parts take as long as others by chance
_LEAST_SHARED = 4
_SHARE = 0.6


class Durations:
    """How long the parts of the runs in a folder took."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._known: dict[str, frozenset[bytes]] | None = None

    def copied_from(self, filed: Filed) -> str | None:
        """Return the id of a run that took just as long part by part; None where there is none.

        Raises DocumentError.
        """
        own, name = _durations(filed.raw), filed.id
        if len(own) < _LEAST_SHARED:
            return None
        for other, known in self._runs().items():
            shared = len(own & known)
            if other != name and shared >= max(_LEAST_SHARED, _SHARE * len(own)):
                return other
        return None

    def add(self, filed: Filed) -> None:
        """Know a run from now on."""
        self._runs()[filed.id] = _durations(filed.raw)

    def _runs(self) -> dict[str, frozenset[bytes]]:
        if self._known is None:
            paths = files(self._folder) if self._folder is not None else []
            self._known = {path.stem: _durations(load(path)) for path in paths}
        return self._known


def _durations(raw: bytes) -> frozenset[bytes]:
    return frozenset(found for found in _SECONDS.findall(raw) if float(found) >= _COUNTS_S)
