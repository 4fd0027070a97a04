"""Find the Pythons of this machine, and which platform it is."""

import os
import re
import subprocess
from pathlib import Path

from kb.base.model import Python
from kb.base.versions import key

_NAME = re.compile(r"python([23]\.[0-9]{1,2})")
_ASK = "import sys; print('%d.%d' % sys.version_info[:2])"


def found() -> dict[Python, Path]:
    """Return the interpreter of each Python on PATH or under pyenv, oldest Python first."""
    pythons: dict[str, Path] = {}
    for folder in _folders():
        for path in _programs(folder):
            named = _NAME.fullmatch(path.name)
            if named and named[1] not in pythons and _answers(path, named[1]):
                pythons[named[1]] = path
    return dict(sorted(pythons.items(), key=lambda pair: key(pair[0])))


def _programs(folder: Path) -> list[Path]:
    """Return what is named like a Python in a folder, of which this user may see nothing."""
    try:
        return sorted(folder.glob("python[23].*"))
    except OSError:
        return []


def _folders() -> list[Path]:
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    shims = pyenv / "shims"
    on_path = [Path(part) for part in os.environ.get("PATH", "").split(os.pathsep) if part]
    try:
        found = list(pyenv.glob("versions/*/bin"))
    except OSError:  # another user's
        found = []
    by_version = sorted(found, key=lambda p: _number(p.parent.name), reverse=True)
    return [*(folder for folder in on_path if folder != shims), *by_version]


def _number(name: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"[0-9]+", name))


def _answers(path: Path, version: str) -> bool:
    try:
        answer = subprocess.run(
            [path, "-c", _ASK], capture_output=True, text=True, timeout=30, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return answer.stdout.strip() == version
