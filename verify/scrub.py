"""Take out of output what names a person, a machine or a place, and find it in what arrives."""

import re
from collections.abc import Iterator, Mapping

from kb.runs.run_file import TAIL

_COLOUR = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_PLAIN = re.compile(r"[^\n\x20-\x7e]")
_HALF_WORD = re.compile(r"\A\w+")
_TAG = re.compile(r"<(?=[A-Za-z/!?])")
# What each is called, how it is found, and what stands in its place.
_CREDENTIAL = (
    r"\b(?:gh[pousr]|github_pat|glpat|hf|pypi|xox[abp]|sk)[-_]\w{16,}"
    r"|\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"
    r"|\beyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]*"
    r"|(?i:\b(?:token|password|passwd|secret|api_?key|authorization)\b\s*[=:]\s*"
    r"(?:(?:basic|bearer|token)\s+)?[^\s\[]\S*)"
)
_HOME = r"(?:/home/|/Users/|[A-Za-z]:\\Users\\)[^\s/\\'\":\[]+|/root\b"
_LEAKS = (
    ("an address", re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,30}://[^\s'\")\]]+"), "[address]"),
    ("a token", re.compile(_CREDENTIAL), "[token]"),
    ("an e-mail address", re.compile(r"[\w.+-]{1,64}@[\w-]+\.[\w.-]*\w"), "[e-mail]"),
    ("a home path", re.compile(_HOME), "[home]"),
    ("a network address", re.compile(r"\b(?:\d{1,3}\.){3}\d{1,3}:\d+\b"), "[address]"),
)


def tail(output: str, names: Mapping[str, str] | None = None) -> str:
    """Return the end of what a step printed, fit to publish.

    `names` are texts of this machine alone, each with what stands in its place.
    """
    clean = _COLOUR.sub("", output).replace("\r", "\n")
    for name, instead in sorted((names or {}).items(), key=lambda pair: -len(pair[0])):
        clean = _whole(name).sub(instead, clean)
    clean = _PLAIN.sub("?", clean)
    while any(leaks(clean)):  # what is put in one's place may end the word before it
        for _, pattern, instead in _LEAKS:
            clean = pattern.sub(instead, clean)
    clean = _TAG.sub("< ", clean)
    if len(clean) > TAIL:  # half a word may look like what the whole was not
        clean = _HALF_WORD.sub("", clean[-TAIL:])
    return clean.strip("\n")


def _whole(name: str) -> re.Pattern[str]:
    """Return the pattern of a name that is no part of a longer one; a path may follow an option."""
    before = "(?<![A-Za-z0-9])" if name[:1].isalnum() else ""
    return re.compile(rf"{before}{re.escape(name)}(?![A-Za-z0-9])")


def leaks(output: str) -> Iterator[str]:
    """Yield what should have been taken out of a text: what it is, and how it begins."""
    for name, pattern, _ in _LEAKS:
        if found := pattern.search(output):
            yield f"{name} ({found.group()[:6]}...)"
