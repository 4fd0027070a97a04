"""Ask a resolver (uv) whether a complete set of packages exists today. Nothing is installed,
nothing is built: only what has wheels counts.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator

from kb.base.errors import MissingExtra, ResolverFailed
from kb.base.model import Platform, Python
from kb.base.record import Record
from kb.base.requirement import Requirement
from kb.base.scrubbing import OUTPUT, Scrubber, names_of

TIMEOUT_S = 300
_LONGEST = 300
_PLATFORMS: dict[Platform, str] = {
    "linux-x86_64": "x86_64-manylinux_2_28",
    "linux-aarch64": "aarch64-manylinux_2_28",
    "windows-x86_64": "x86_64-pc-windows-msvc",
    "macos-x86_64": "x86_64-apple-darwin",
    "macos-arm64": "aarch64-apple-darwin",
}
_NO_WORDS = re.compile(r"[^\x20-\x7e]|[`<](?=[A-Za-z/!?])|`")


class Verdict(Record):
    """What the resolver found; `conflict` tells in its words why there is no complete set, and
    `needs_building` whether it is one of wheels alone: pip would build what has none. `installs`
    are the packages of the set, each with its version.
    """

    resolves: bool
    conflict: str | None = None
    needs_building: bool = False
    installs: tuple[Requirement, ...] = ()


def resolve(
    requirements: tuple[str, ...], python: Python, platform: Platform, index: str
) -> Verdict:
    """Ask for a set that meets the requirements on a Python and platform, from `index`.

    Raises ResolverFailed where there is no answer.
    """
    command = [
        uv_program(), "pip", "compile", "-", "--quiet", "--no-header", "--no-annotate",
        "--no-config", "--no-build",
        "--python-version", python, "--python-platform", _PLATFORMS[platform],
        "--python", sys.executable, "--no-python-downloads",  # else it fetches that Python
    ]  # fmt: skip
    environment = {**os.environ, "UV_DEFAULT_INDEX": index, "NO_COLOR": "1"}
    try:
        done = subprocess.run(
            command,
            input="\n".join(requirements),
            env=environment,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise ResolverFailed(f"uv gave no answer in {TIMEOUT_S} s; try again later") from None
    if done.returncode == 0:
        return Verdict(resolves=True, installs=tuple(_packages(done.stdout)))
    if "No solution found" not in done.stderr:
        raise ResolverFailed(f"uv failed: {_one_line(done.stderr)}; try again later")
    reasons = " ".join(done.stderr.partition("No solution found")[2].split())
    return Verdict(
        resolves=False,
        conflict=_one_line(reasons),
        needs_building="no usable wheels" in reasons,
    )


def _packages(output: str) -> Iterator[Requirement]:
    """Yield the packages that uv prints, a line each: `numpy==1.26.4`."""
    for line in output.splitlines():
        if line.strip():
            yield Requirement(line.strip())


def uv_program() -> str:
    """Return the path of uv. Raises MissingExtra where it is not installed."""
    try:
        from uv import find_uv_bin  # which only those need who resolve or repair

        return find_uv_bin()
    except (ImportError, FileNotFoundError):
        raise MissingExtra(
            "uv is not installed; run `pip install 'tensorflow-compat[verify]'`"
        ) from None


def _one_line(text: str) -> str:
    """Return the first reason that uv gives, without signs for drawing and without addresses."""
    reason = text.partition("Because")[2] or text
    clean = Scrubber(names_of(os.environ), OUTPUT).text(_NO_WORDS.sub(" ", reason))
    line = " ".join(clean.replace("[address]", "").split())
    line = line.partition(", we can conclude")[0].partition(" hint: ")[0]
    return line if len(line) <= _LONGEST else line[: _LONGEST - 3].rstrip() + "..."
