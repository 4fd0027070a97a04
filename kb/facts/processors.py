"""Which instructions of the processor the wheels use: without them the process ends at import."""

from kb.base.model import Bounds, Platform
from kb.base.record import Record
from kb.base.versions import within


class InstructionsUsed(Record):
    """The instructions, as Linux names them in /proc/cpuinfo, that some releases use on some
    platforms.
    """

    flag: str
    releases: Bounds
    platforms: tuple[Platform, ...]
    source: str


# The more exact row stands first. An Intel processor of 2011 or 2012 has AVX without AVX2.
USED = (
    InstructionsUsed(
        flag="avx2",
        releases=Bounds("2.4.0", "2.4.0"),
        platforms=("linux-x86_64",),
        source="https://github.com/tensorflow/tensorflow/issues/45744",
    ),
    InstructionsUsed(
        flag="avx",
        releases=Bounds("1.6.0", None),
        platforms=("linux-x86_64", "windows-x86_64", "macos-x86_64"),
        source="https://github.com/tensorflow/tensorflow/issues/17411",
    ),
)
FLAGS = tuple(used.flag for used in USED)


def instructions_used(release: str | None, platform: Platform) -> InstructionsUsed | None:
    """Return the newest instructions that a release uses on a platform, or that the newest releases
    use where none is named; None where no report names any. Raises InvalidVersion.
    """
    for used in USED:
        first, last = used.releases
        covers = last is None if release is None else within(release, first, last)
        if covers and platform in used.platforms:
            return used
    return None
