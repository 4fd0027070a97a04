"""Make texts safe to paste into a public issue: nothing in them names a person, a machine or a
place, grants access to anything, or steers a terminal or a page.
"""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_NAMES_OF_USERS = ("USER", "LOGNAME", "USERNAME", "SUDO_USER")
_NAMES_OF_HOSTS = ("HOSTNAME", "COMPUTERNAME", "HOST", "NAME")
_HOMES = ("HOME", "USERPROFILE")
# Names that tell nobody who it is, and that stand in texts of our own.
_COMMON = frozenset(
    {
        *("root", "user", "admin", "runner", "ubuntu", "debian", "docker", "linux", "windows"),
        *("localhost", "python", "pip", "conda", "tensorflow", "keras", "numpy", "torch", "cuda"),
        *("gpu", "nvidia", "driver", "release", "machine"),
    }
)
_SHORTEST = 3  # letters of a name that is taken out wherever it stands
_CREDENTIAL = (
    r"(?:gh[pousr]|github_pat|glpat|hf|pypi|xox[abp]|sk)[-_][\w-]{16,}"
    r"|\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"
    r"|\beyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]*"
    r"|\b[0-9A-Fa-f]{32,}\b"
    r"|(?i:(?:token|password|passwd|secret|api_?key|authorization)\s*[=:]\s*"
    r"(?:(?:basic|bearer|token)\s+)?[^\s\[]\S*)"
)
_HOME = r"(?:/home/|/Users/|/var/home/|[A-Za-z]:\\Users\\)[^\s/\\'\":;\[]+|(?<![\w/.~-])/root\b"
# Each is found and replaced in this order.
_LEAKS = (
    (re.compile(r"\b[A-Za-z][A-Za-z0-9+.-]{0,30}://[^\s/@'\"]*@[^\s'\"]*"), "[address]"),
    (re.compile(_CREDENTIAL), "[token]"),
    (re.compile(r"[\w.+-]{1,64}@[\w-]+\.[\w.-]*\w"), "[e-mail]"),
    (re.compile(_HOME), "~"),
    (re.compile(r"\b(?:GPU|MIG)-[0-9a-fA-F]{8}-[0-9a-fA-F-]{8,}"), "[id]"),
    (re.compile(r"\b(?:\d{1,3}\.){3}\d{1,3}:\d+\b"), "[address]"),
)
_COLOUR = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_PLAIN = re.compile(r"[^\n\x20-\x7e]")
_SIGN = re.compile(r"<(?=[A-Za-z/!?])|@(?=\w)")


class Scrubber:
    """Takes out of texts what belongs to one person and one machine."""

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        environment = os.environ if environment is None else environment
        homes = {environment.get(name, "") for name in _HOMES} | {str(Path("~").expanduser())}
        users = {environment.get(name, "") for name in _NAMES_OF_USERS}
        hosts = {environment.get(name, "") for name in _NAMES_OF_HOSTS} | {_host()}
        hosts |= {host.partition(".")[0] for host in hosts}
        users |= {re.split(r"[\\/]", home.rstrip("/\\"))[-1] for home in homes}
        instead = dict.fromkeys((home.rstrip("/\\") for home in homes), "~")
        instead |= dict.fromkeys(filter(_tells, hosts), "[host]")
        instead |= dict.fromkeys(filter(_tells, users), "[user]")
        longest_first = sorted(instead, key=len, reverse=True)
        self._names = [(_whole(name), instead[name]) for name in longest_first if len(name) > 1]

    def text(self, text: str) -> str:
        """Return a text fit to publish; line breaks stay."""
        text = _COLOUR.sub("", text)
        for pattern, instead in self._names:
            text = pattern.sub(instead, text)
        for pattern, instead in _LEAKS:
            text = pattern.sub(instead, text)
        return _SIGN.sub(r"\g<0> ", _PLAIN.sub("?", text))

    def content(self, value: Any) -> Any:
        """Return the content of a document with each of its texts fit to publish; keys stay."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {name: self.content(item) for name, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.content(item) for item in value]
        return value


def one_line(text: str, limit: int = 200) -> str:
    """Return a foreign text as one line that can be printed, cut where it is long."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:limit]


def _tells(name: str) -> bool:
    return len(name) >= _SHORTEST and name.lower() not in _COMMON


def _host() -> str:
    return os.uname().nodename if hasattr(os, "uname") else ""


def _whole(name: str) -> re.Pattern[str]:
    """Return the pattern of a name that is no part of a longer word."""
    is_short = name[:1].isalnum() or name.count("/") == 1  # `/root` is no part of `/opt/root`
    before = "(?<![A-Za-z0-9])" if is_short else ""
    return re.compile(rf"{before}{re.escape(name)}(?![A-Za-z0-9])", re.IGNORECASE)
