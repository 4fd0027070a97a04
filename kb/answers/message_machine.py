"""What a log shows of the machine that wrote it, beside the messages in it: its system, its Python,
the TensorFlow that is installed. Where two of a kind show, none is known.
"""

from collections.abc import Iterable, Mapping

from kb.answers.message_scan import Sighting
from kb.answers.ways_out import KnownMachine
from kb.base.model import Pattern
from kb.base.record import Record

_RELEASE = r"(?P<release>[0-9]{1,2}\.[0-9]{1,3}\.[0-9]{1,3})(?![0-9.])"
# Names of wheels do not count: a log may tell of one for another machine.
_SIGNS: dict[str, tuple[Pattern, ...]] = {
    "windows": (
        Pattern(text="\\site-packages\\"),
        Pattern(text="[WinError "),
        Pattern(text="on native Windows"),
    ),
    "macos": (
        Pattern(text="/Library/Frameworks/Python"),
        Pattern(text="/opt/homebrew/"),
        Pattern(text="/Users/", expression=r"(?:^|[\s\"'=(])/Users/"),
    ),
    "linux": (
        Pattern(text="linux-gnu"),
        Pattern(text="/dist-packages/"),
        Pattern(text="/home/", expression=r"(?:^|[\s\"'=(])/home/"),
    ),
    "wsl2": (Pattern(text="/usr/lib/wsl"), Pattern(text="microsoft-standard-WSL2")),
    "python": (
        Pattern(text="/lib/python", expression=r"/lib/python(?P<python>3\.[0-9]{1,2})/"),
        Pattern(text="\\Python3", expression=r"\\Python3(?P<minor>[0-9]{1,2})\\"),
    ),
    "release": (
        Pattern(text="tensorflow ", expression=rf"(?:^|\s)tensorflow {_RELEASE} requires"),
        Pattern(text="ensorFlow version", expression=rf"ensorFlow version:? ?v?{_RELEASE}"),
        Pattern(text="Successfully installed", expression=rf"\btensorflow-{_RELEASE}"),
    ),
}
_PREFIX = "shown:"  # no id of a message has a colon
SIGNS = tuple((_PREFIX + name, pattern) for name, own in _SIGNS.items() for pattern in own)


class Shown(Record):
    """What a log shows of its machine, and the release of TensorFlow that is installed there."""

    known: KnownMachine = KnownMachine()
    release: str | None = None


def shown_by(seen: Mapping[str, Iterable[Sighting]]) -> Shown:
    """Return what the signs that were seen show."""
    own = {name: seen[_PREFIX + name] for name in _SIGNS if _PREFIX + name in seen}
    wsl2 = True if "wsl2" in own else None
    systems = [name for name in ("windows", "macos", "linux") if name in own]
    systems += ["linux"] * ("wsl2" in own and "linux" not in own)
    pythons = {_python(name, value) for name, value in _words(own.get("python", ()))}
    releases = {value for _, value in _words(own.get("release", ()))}
    return Shown(
        known=KnownMachine(system=_only(systems), wsl2=wsl2, python=_only(pythons)),
        release=_only(releases),
    )


def _words(sightings: Iterable[Sighting]) -> list[tuple[str, str]]:
    return [word for sighting in sightings for word in sighting.words]


def _python(name: str, value: str) -> str:
    return value if name == "python" else f"3.{value}"


def _only(values: Iterable[str]) -> str | None:
    found = set(values)
    return found.pop() if len(found) == 1 else None
