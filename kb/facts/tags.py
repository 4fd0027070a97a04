"""What a wheel's file name says: its Pythons, its platform, the minimum glibc or macOS it demands.

Source of the rules: PEP 425 (tags), PEP 600 and its predecessors 513, 571, 599 (manylinux).
"""

import re

from kb.base.record import Record
from kb.base.versions import key

_OLD_MANYLINUX = {"manylinux1": "2.5", "manylinux2010": "2.12", "manylinux2014": "2.17"}
# The first pip that takes a kind of tag: https://github.com/pypa/manylinux#manylinux
PIPS = {
    "manylinux_x_y": "20.3",
    "manylinux2014": "19.3",
    "manylinux2010": "19.0",
    "manylinux1": "8.1.0",
}
# Compiled where they are first needed: a look-up imports this, and reads the name of no wheel.
_MANYLINUX = r"manylinux_([0-9]{1,4})_([0-9]{1,4})_(x86_64|aarch64)"
_OLD = r"(manylinux1|manylinux2010|manylinux2014)_(x86_64|aarch64)"
_PLAIN_LINUX = r"linux_(x86_64|aarch64)"
_MACOS = r"macosx_([0-9]{1,4})_([0-9]{1,4})_(x86_64|arm64|intel)"
_INTERPRETER = r"(?:cp|py)([0-9])([0-9]{0,3})"


class InvalidWheelName(ValueError):
    """A file name that is no wheel's, or whose tags this project does not know."""


class Tags(Record):
    """What the name of one wheel says."""

    python: tuple[str, ...]
    platform: str
    glibc: str | None
    macos: str | None


def read(file: str) -> Tags:
    """Read the tags in a wheel's file name.

    A tag `py3` gives the Python `3`: any Python 3. Where several tags stand, the lowest demand
    counts, for an installer needs only one of them. Raises InvalidWheelName.
    """
    if not file.endswith(".whl") or file.count("-") not in (4, 5):
        raise InvalidWheelName(f"{file!r} is not the name of a wheel")
    interpreters, _, platforms = file[: -len(".whl")].rsplit("-", 3)[1:]
    read_platforms = [_platform(tag, file) for tag in platforms.split(".")]
    names = {name for name, _, _ in read_platforms}
    if len(names) != 1:
        raise InvalidWheelName(f"{file!r} is for {len(names)} platforms; one is expected")
    return Tags(
        python=tuple(sorted({_python(tag, file) for tag in interpreters.split(".")}, key=key)),
        platform=names.pop(),
        glibc=_minimum([glibc for _, glibc, _ in read_platforms]),
        macos=_minimum([macos for _, _, macos in read_platforms]),
    )


def kind_for_pip(file: str) -> str | None:
    """Return the kind of tag, of those in PIPS, by which the oldest pip takes a wheel; None where
    no such tag stands.
    """
    platforms = file.removesuffix(".whl").rpartition("-")[2].split(".")
    kinds = {
        "manylinux_x_y" if re.fullmatch(_MANYLINUX, tag) else tag.partition("_")[0]
        for tag in platforms
    }
    return min(kinds & PIPS.keys(), key=lambda kind: key(PIPS[kind]), default=None)


def _python(tag: str, file: str) -> str:
    match = re.fullmatch(_INTERPRETER, tag)
    if match is None:
        raise InvalidWheelName(f"{file!r} has an unknown Python tag {tag!r}")
    major, minor = match.groups()
    return f"{major}.{minor}" if minor else major


def _platform(tag: str, file: str) -> tuple[str, str | None, str | None]:
    if tag == "win_amd64":
        return "windows-x86_64", None, None
    if match := re.fullmatch(_MANYLINUX, tag):
        return f"linux-{match[3]}", f"{match[1]}.{match[2]}", None
    if match := re.fullmatch(_OLD, tag):
        return f"linux-{match[2]}", _OLD_MANYLINUX[match[1]], None
    if match := re.fullmatch(_PLAIN_LINUX, tag):
        return f"linux-{match[1]}", None, None
    if match := re.fullmatch(_MACOS, tag):
        machine = "arm64" if match[3] == "arm64" else "x86_64"
        return f"macos-{machine}", None, f"{match[1]}.{match[2]}"
    raise InvalidWheelName(f"{file!r} has an unknown platform tag {tag!r}")


def _minimum(versions: list[str | None]) -> str | None:
    known = [version for version in versions if version is not None]
    return min(known, key=key) if known else None
