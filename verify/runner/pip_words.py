"""Read what pip says: the name of a failure, the wheel that it installed."""

import json
import re
from pathlib import Path
from urllib.parse import unquote

from kb.base.model import Distribution, Outcome
from kb.runs.run_file import WheelUsed
from verify.hashing import sha256_of

_NETWORK = re.compile(
    r"ReadTimeoutError|ConnectTimeoutError|NewConnectionError|NameResolutionError|ConnectionError|"
    r"ConnectionResetError|Connection broken|IncompleteRead|ProtocolError|SSLError|"
    r"ProxyError|Max retries exceeded|HTTP error|HTTPError|Temporary failure in name resolution|"
    r"THESE PACKAGES DO NOT MATCH THE HASHES|Network is unreachable|Connection refused|"
    r"Read timed out"
)
# only pip's log tells of a page that the index did not give; 404 says that there is none
_UNANSWERED = re.compile(r"Could not fetch URL \S+: (?!404 )|Skipping page \S+ because ")
_DISK = re.compile(r"No space left on device|Disk quota exceeded")
_NO_MATCH = re.compile(r"No matching distribution found for ([A-Za-z0-9._-]+)")
_NO_MATCH_LINE = re.compile(r"No matching distribution found for ([!-~ ]{1,200})")
_CONFLICT = re.compile(r"ResolutionImpossible|conflicting dependencies|resolution-too-deep")
_WHEEL = re.compile(
    r"Added \S+ from \S*?/([A-Za-z0-9][A-Za-z0-9._%+-]*\.whl)(?:#sha256=([0-9a-f]{64}))?"
)


def disk_full(output: str) -> bool:
    """Tell whether a step failed because the disk is full."""
    return _DISK.search(output) is not None


def missing(output: str) -> str | None:
    """Return what pip did not find, as it says it; None where it says nothing of the kind."""
    found = _NO_MATCH_LINE.search(output)
    return found[1] if found else None


def failure(output: str, folder: Path, distribution: Distribution) -> Outcome:
    """Name the failure of a step of pip's that printed `output`; `folder` holds its log."""
    if _NETWORK.search(output) or _UNANSWERED.search(_log(folder)):
        return "download"
    if _CONFLICT.search(output):
        return "resolution"
    if missing := _NO_MATCH.search(output):
        return "no-wheel" if missing[1].replace("_", "-") == distribution else "resolution"
    return "install"


def installed_wheel(
    folder: Path, distribution: Distribution, wheels: Path | None = None
) -> WheelUsed | None:
    """Return the distribution's wheel from pip's report, or from the log of a pip that writes none.

    `folder` holds what PIP_REPORT and PIP_LOG named. A file that came from the folder `wheels` is
    hashed here, for older pips do not.
    """
    prefix = distribution.replace("-", "_") + "-"
    for file, sha256 in (*_reported(folder / "pip-report.json"), *_WHEEL.findall(_log(folder))):
        if file.replace("-", "_").startswith(prefix.replace("-", "_")):
            found = sha256 or _sha256(wheels, unquote(file))
            if found is not None:
                return WheelUsed(file, found)
    return None


def _sha256(wheels: Path | None, file: str) -> str | None:
    if wheels is None or not (wheels / file).is_file():
        return None
    return sha256_of(wheels / file)


def _reported(path: Path) -> list[tuple[str, str]]:
    """Return the files that pip's report names, each with its sha256, empty where it has none."""
    try:
        report = json.loads(path.read_bytes())
        rows = [row["download_info"] for row in report["install"]]
        return [
            (row["url"].rpartition("/")[2], row["archive_info"].get("hashes", {}).get("sha256", ""))
            for row in rows
            if "archive_info" in row
        ]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return []


def _log(folder: Path) -> str:
    try:
        return (folder / "pip.log").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
