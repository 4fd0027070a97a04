"""Files in which people name requirements, and that `check` does not read: told as a whole, for
line by line all of one would be a fault.
"""

import re
from pathlib import PurePath

from kb.check.asked import Fault

_CONDA = "an environment file of conda"
_BY_NAME = {"Pipfile": "a Pipfile", "setup.py": "a setup.py", "setup.cfg": "a setup.cfg"}
_BY_SUFFIX = {
    ".yml": _CONDA,
    ".yaml": _CONDA,
    ".lock": "a lock file",
    ".py": "a program",
    ".ipynb": "a notebook",
    ".json": "a JSON file",
}
_CONDA_KEY = re.compile(r"^(?:dependencies|channels):\s*$", re.MULTILINE)
_FIX = (
    "name a requirements file or a pyproject.toml; `python -m pip list --format=freeze` writes "
    "what an environment has as one"
)


def other_format(name: str, text: str) -> Fault | None:
    """Return what is wrong where a file is of a format that is not read; None for one that is."""
    path = PurePath(name)
    what = _BY_NAME.get(path.name) or _BY_SUFFIX.get(path.suffix)
    if what is None and path.suffix != ".toml" and _CONDA_KEY.search(text):
        what = _CONDA
    return Fault(f"{what} is not read", _FIX) if what else None
