"""Make texts safe to keep and to paste into a public issue: nothing in them names a person, a
machine or a place, grants access to anything, or steers a terminal or a page.

What is taken out stands in one table, `PRIVATE`. `OUTPUT` is the same for what other programs
printed, where no address of ours can stand.
"""

import os
import re
from collections.abc import Iterator, Mapping
from typing import Any

from kb.base.record import Record


class Private(Record):
    """A kind of text that is taken out: its name, its pattern, and what stands in its place."""

    name: str
    pattern: str
    instead: str


# A secret that tells itself by how it begins; a name of a package has no such middle.
_KEY = (
    r"(?<![A-Za-z0-9])(?:gh[pousr]|github_pat|gl(?:pat|rt|ptt)|hf|npm|nvapi|pypi|xox[abeprs]|xapp|gsk"
    r"|[rs]k(?:_live|_test)?|dckr_pat|shp(?:at|ss|ca|pa)|do[op]_v1|hvs|lin_api|dp\.pt)[-_]"
    r"(?:(?=[\w-]{0,99}[A-Za-z0-9]{16})|(?=[\w-]{0,99}[A-Z])(?=[\w-]{0,99}[0-9]))[\w-]{16,}"
    r"|(?<![A-Za-z0-9])(?:(?:AKIA|ASIA)[0-9A-Z]{16}|AIza[\w-]{35})(?![A-Za-z0-9])"
    r"|\bya29\.[\w-]{20,}|\bSG\.[\w-]{16,}\.[\w-]{16,}"
    r"|\beyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]*"
)
_KEY_BLOCK = r"-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]{0,40}-----|\Z)"
# A secret that is told by its name: `HF_TOKEN=…`, `"password": "…"`, `--token …`.
_NAMED = (
    r"(?i:(?:token|password|passwd|secret|(?:api|access|private|account)[-_]?key|authorization)"
    r"(?:[\"']?[ \t]*[=:][ \t]*(?:(?:basic|bearer|token)[ \t]+)?|(?<=--token) |(?<=--password) )"
    r"[^\s\[]\S*"
    r"|\bbearer[ \t]+[\w.~+/-]{16,}=*)"
)
# 32 or more digits, but for the hash of a file where pip tells one, the folders of pip's cache, and
# a commit in an address.
_DIGITS = (
    r"(?<![A-Za-z0-9])"
    r"(?!(?:(?<=sha256[=: -])|(?<=sha256\": \")|(?<=Got {8})|(?<= {4}or ))"
    r"[0-9a-f]{64}(?![A-Za-z0-9]))"
    r"(?!(?<=/[0-9a-f]{2}/[0-9a-f]{2}/[0-9a-f]{2}/)[0-9a-f]{50}(?![A-Za-z0-9]))"
    r"(?!(?:(?<=/blob/)|(?<=/tree/)|(?<=/commit/))[0-9a-f]{40}(?![A-Za-z0-9]))"
    r"[0-9A-Fa-f]{32,}(?![A-Za-z0-9])"
)
_UUID = (
    r"\b(?:GPU|MIG)-[0-9a-fA-F]{8}-[0-9a-fA-F-]{8,}"
    r"|(?<![A-Za-z0-9])[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}(?![A-Za-z0-9])"
    r"|(?<![A-Za-z0-9:])[0-9a-fA-F]{2}(?::[0-9a-fA-F]{2}){5}(?![A-Za-z0-9:])"  # of a network card
)
_NO_SYMBOL = r"(?!(?:GLIBC|GLIBCXX|CXXABI)_)"  # these stand behind an @ in the names of symbols
_MAIL = rf"[\w.+-]{{1,64}}@{_NO_SYMBOL}[\w-]+\.[\w.-]*\w"
_HOME = (
    # a Windows name may hold spaces, where a folder follows
    r"[A-Za-z]:[\\/]+Users[\\/]+(?:[^\s/\\'\":;\[]+(?: [^\s/\\'\":;\[]+){1,3}(?=\\)"
    r"|[^\s/\\'\":;\[]+)"
    r"|(?:/(?:var|usr|export|nfs|mnt/[a-z]|System/Volumes/Data))?/(?:home|Users)/[^\s/\\'\":;\[]+"
    r"|(?<![\w/.~-])/root\b"
)

# TensorFlow names the machine where it looks for a driver.
_NAMED_HOST = (
    r"(?<=\bthis host \()[^)\s\[]+(?=\))|(?<=\bfor host: )[^\s\[]+|(?<=\bhostname: )[^\s\[]+"
)
# Folders in which people and their projects have theirs, on machines that many share.
_SHARED_FOLDER = (
    r"(?<![\w/.~\]-])/(?:data|gpfs|lustre|media|mnt|net|nfs|projects?|scratch|srv|storage|vol[0-9]*"
    r"|Volumes|workspaces?|private/var/folders)/[^\s'\":;,)(\[\]]+"
)

# Each is found and replaced in this order.
PRIVATE = (
    Private("an address", r"\b[A-Za-z][A-Za-z0-9+.-]{0,30}://[^\s/@'\"]*@[^\s'\"]*", "[address]"),
    Private("a token", f"{_KEY_BLOCK}|{_KEY}|{_NAMED}|{_DIGITS}", "[token]"),
    Private("an e-mail address", _MAIL, "[e-mail]"),
    Private("a home path", _HOME, "~"),
    Private("an id", _UUID, "[id]"),
    Private("the name of a host", _NAMED_HOST, "[host]"),
    Private("a network address", r"\b(?:\d{1,3}\.){3}\d{1,3}:\d+\b", "[address]"),
)
OUTPUT = (
    Private("an address", r"[A-Za-z][A-Za-z0-9+.-]{0,30}://[^\s'\")\]]+", "[address]"),
    *(kind._replace(instead="[home]") if kind.instead == "~" else kind for kind in PRIVATE[1:]),
    Private("a folder of somebody's", _SHARED_FOLDER, "[path]"),
)

_NAMES_OF_USERS = ("USER", "LOGNAME", "USERNAME", "SUDO_USER")
_NAMES_OF_HOSTS = ("HOSTNAME", "COMPUTERNAME", "HOST", "NAME")
_HOMES = ("HOME", "USERPROFILE")
# Names that tell nobody who it is, that stand in texts of our own, or in the place of others.
_COMMON = frozenset(
    {
        *("root", "user", "admin", "runner", "ubuntu", "debian", "docker", "linux", "windows"),
        *("localhost", "python", "pip", "conda", "tensorflow", "keras", "numpy", "torch", "cuda"),
        *("gpu", "nvidia", "driver", "release", "machine", "host", "home", "address", "token"),
        *("mail", "folder", "work", "cache", "verify", "build", "wheel", "test"),
    }
)
_SHORTEST = 3  # letters of a name that is taken out wherever it stands
_HALF_WORD = re.compile(r"\A\w+")
_COLOUR = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_PLAIN = re.compile(r"[^\n\x20-\x7e]")
_SIGN = re.compile(rf"<(?=[A-Za-z/!?])|@(?=\w){_NO_SYMBOL}")


def names_of(environment: Mapping[str, str], home: str = "~") -> dict[str, str]:
    """Return the names of the person and the machine that an environment tells of, each with what
    to publish in its place.
    """
    homes = {environment.get(name, "") for name in _HOMES} | {os.path.expanduser("~")}
    homes = {path.rstrip("/\\") for path in homes}
    users = {environment.get(name, "") for name in _NAMES_OF_USERS}
    users |= {re.split(r"[\\/]", path)[-1] for path in homes}
    hosts = {environment.get(name, "") for name in _NAMES_OF_HOSTS} | {_host()}
    hosts |= {host.partition(".")[0] for host in hosts}
    return {
        **dict.fromkeys((path for path in homes if len(path) > 1), home),
        **dict.fromkeys(filter(_identifies, hosts), "[host]"),
        **dict.fromkeys(filter(_identifies, users), "[user]"),
    }


class Scrubber:
    """Takes out of texts what belongs to one person and one machine."""

    def __init__(self, names: Mapping[str, str], kinds: tuple[Private, ...] = PRIVATE) -> None:
        """Take names of this machine, each with what stands in its place, and kinds of texts."""
        longest_first = sorted(names, key=len, reverse=True)
        self._replaced = [(_whole(name), names[name]) for name in longest_first if name]
        self._kinds = [(re.compile(kind.pattern), kind.instead) for kind in kinds]

    def text(self, text: str) -> str:
        """Return a text fit to publish; line breaks stay. What is fit already stays as it is."""
        text = _COLOUR.sub("", text)
        before = None
        while text != before:  # what is put in one's place may end the word before it
            before = text
            for pattern, instead in self._replaced:
                text = pattern.sub(instead, text)
            text = _PLAIN.sub("?", text)
            for pattern, instead in self._kinds:
                text = pattern.sub(instead, text)
            text = _SIGN.sub(r"\g<0> ", text)
        return text

    def is_clean(self, text: str) -> bool:
        """Tell whether a text is fit to publish as it is."""
        return self.text(text) == text

    def tail(self, output: str, most: int) -> str:
        """Return the end of what a program printed, at most so many characters, fit to publish."""
        clean = self.text(output.replace("\r", "\n"))
        while len(clean) > most:  # half a word may look like what the whole was not
            clean = self.text(_HALF_WORD.sub("", clean[-most:]))
        return clean.strip("\n")

    def content(self, value: Any) -> Any:
        """Return the content of a document with each of its texts fit to publish; keys stay, and
        records stay records.
        """
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Record):
            return type(value)(*map(self.content, value))
        if isinstance(value, dict):
            return {name: self.content(item) for name, item in value.items()}
        if isinstance(value, tuple):
            return tuple(map(self.content, value))
        return value


def leaks(text: str, kinds: tuple[Private, ...] = OUTPUT) -> Iterator[str]:
    """Yield what should have been taken out of a text: what it is, and how it begins."""
    for kind in kinds:
        if found := re.search(kind.pattern, text):
            yield f"{kind.name} ({found.group()[:6]}...)"


def _identifies(name: str) -> bool:
    return len(name) >= _SHORTEST and name.lower() not in _COMMON


def _host() -> str:
    return os.uname().nodename if hasattr(os, "uname") else ""


def _whole(name: str) -> re.Pattern[str]:
    """Return the pattern of a name that is no part of a longer word; a path may follow an option,
    but `/root` is no part of `/opt/root`.
    """
    is_short = name[:1].isalnum() or name.count("/") == 1
    before = "(?<![A-Za-z0-9])" if is_short else ""
    return re.compile(rf"{before}{re.escape(name)}(?![A-Za-z0-9])", re.IGNORECASE)
