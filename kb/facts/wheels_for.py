"""For which Pythons and platforms the wheels of a release are, written in a few short lines.

Source of the rules: PEP 425 (tags). A wheel for something else (PyPy, musl, 32 bits, Python without
its lock) counts for none.
"""

import re
from collections.abc import Iterable
from typing import get_args

from kb.base.model import Platform
from kb.base.versions import key, spans

ANY = "any"
_INTERPRETER = re.compile(r"(cp|py)([23])([0-9]{0,2})")
_SPAN = re.compile(r"[23](\.[0-9]{1,2}(\+|-[23]\.[0-9]{1,2})?)?")
_LINUX = re.compile(
    r"(?:manylinux_[0-9]{1,4}_[0-9]{1,4}|manylinux1|manylinux2010|manylinux2014|linux)"
    r"_(x86_64|aarch64)"
)
_MACOS = re.compile(r"macosx_[0-9]{1,4}_[0-9]{1,4}_(x86_64|arm64|intel|universal2)")
_PLATFORM_ORDER = (ANY, *get_args(Platform))

Covered = frozenset[tuple[str, str]]  # a Python as in `WheelsFor`, and a platform or `any`


def covered(file: str) -> Covered:
    """Return for which Pythons and platforms a wheel is, by its name; none for another file."""
    if not file.endswith(".whl") or file.count("-") not in (4, 5):
        return frozenset()
    interpreters, abis, platforms = file[: -len(".whl")].rsplit("-", 3)[1:]
    return frozenset(
        (python, platform)
        for tag in interpreters.split(".")
        for abi in abis.split(".")
        if (python := _python(tag, abi)) is not None
        for place in platforms.split(".")
        for platform in _platforms(place)
    )


def _python(tag: str, abi: str) -> str | None:
    match = _INTERPRETER.fullmatch(tag)
    if match is None:
        return None
    kind, major, minor = match.groups()
    if not minor:
        return major if abi == "none" else None
    python = f"{major}.{int(minor)}"
    if kind == "py":
        return f"{python}+" if abi == "none" else None
    if abi == f"abi{major}":
        return f"{python}+"
    # until 3.7 a letter told how memory was managed, and on 2.7 how wide a character is
    letters = ("", "m", "u", "mu") if key(python) < key("3.8") else ("",)
    return python if abi == "none" or abi.removeprefix(tag) in letters else None


def _platforms(tag: str) -> tuple[str, ...]:
    if tag == ANY:
        return (ANY,)
    if tag == "win_amd64":
        return ("windows-x86_64",)
    if match := _LINUX.fullmatch(tag):
        return (f"linux-{match[1]}",)
    if match := _MACOS.fullmatch(tag):
        if match[1] == "universal2":
            return ("macos-x86_64", "macos-arm64")
        return ("macos-arm64",) if match[1] == "arm64" else ("macos-x86_64",)
    return ()


def written(pairs: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Write Pythons and platforms as texts of the form `WheelsFor`, platforms with the same Pythons
    in one.
    """
    by_platform: dict[str, set[str]] = {}
    for python, platform in pairs:
        by_platform.setdefault(platform, set()).add(python)
    by_pythons: dict[str, list[str]] = {}
    for platform in sorted(by_platform, key=_PLATFORM_ORDER.index):
        by_pythons.setdefault(_spans(by_platform[platform]), []).append(platform)
    return tuple(f"{pythons} on {', '.join(places)}" for pythons, places in by_pythons.items())


def _spans(pythons: set[str]) -> str:
    exact = [python for python in pythons if not python.endswith("+")]
    least = sorted((python[:-1] for python in pythons if python.endswith("+")), key=key)
    return ", ".join([*filter(None, [spans(exact)]), *(f"{python}+" for python in least)])


def has_wheel(texts: Iterable[str], python: str, platform: str) -> bool:
    """Tell whether a Python on a platform has a wheel, by texts of the form `WheelsFor`."""
    for text in texts:
        pythons, _, platforms = text.partition(" on ")
        if platforms.split(", ")[0] != ANY and platform not in platforms.split(", "):
            continue
        if any(_takes(span, python) for span in pythons.split(", ")):
            return True
    return False


def _takes(span: str, python: str) -> bool:
    first, _, last = span.rstrip("+").partition("-")
    if first.partition(".")[0] != python.partition(".")[0]:
        return False
    if "." not in first:
        return True
    newest = python if span.endswith("+") else last or first
    return key(first) <= key(python) <= key(newest)


def is_in_order(texts: tuple[str, ...]) -> bool:
    """Tell whether texts are as `written` writes them: each platform once, in their order, and
    Pythons that can be read.
    """
    platforms = [place for text in texts for place in text.partition(" on ")[2].split(", ")]
    pythons = [span for text in texts for span in text.partition(" on ")[0].split(", ")]
    firsts = [text.partition(" on ")[2].split(", ")[0] for text in texts]
    if not all(map(_SPAN.fullmatch, pythons)) or not set(platforms) <= set(_PLATFORM_ORDER):
        return False
    return len(platforms) == len(set(platforms)) and firsts == sorted(
        firsts, key=_PLATFORM_ORDER.index
    )
