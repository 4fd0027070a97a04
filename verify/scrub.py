"""Cut what a step printed to what a run keeps of it, fit to publish."""

import re
from collections.abc import Mapping

from kb.base.scrubbing import OUTPUT, Scrubber
from kb.runs.run_file import TAIL

_HALF_WORD = re.compile(r"\A\w+")


def tail(output: str, names: Mapping[str, str] | None = None) -> str:
    """Return the end of what a step printed, fit to publish.

    `names` are texts of this machine alone, each with what stands in its place.
    """
    scrubber = Scrubber(names or {}, OUTPUT)
    clean = scrubber.text(output.replace("\r", "\n"))
    while len(clean) > TAIL:  # half a word may look like what the whole was not
        clean = scrubber.text(_HALF_WORD.sub("", clean[-TAIL:]))
    return clean.strip("\n")
