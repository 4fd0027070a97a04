"""The environment variables of a run: the user's index setting reaches it, and no other setting of
theirs, or results would differ from machine to machine.
"""

import os
from collections.abc import Mapping
from pathlib import Path

from kb.base.model import Device
from kb.machine.index_setting import IndexSetting

_KEPT = (
    "PATH",
    "LANG",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "REQUESTS_CA_BUNDLE",
    *(f"{scheme}_proxy" for scheme in ("http", "https", "no", "all")),
    *(f"{scheme}_PROXY" for scheme in ("HTTP", "HTTPS", "NO", "ALL")),
)


class Places:
    """The folders of one run, below one that is thrown away, and the shared folder of downloads."""

    def __init__(self, folder: Path, cache: Path) -> None:
        self.folder = folder
        self.home = folder / "home"
        self.work = folder / "work"
        self.temporary = folder / "tmp"
        self.cache = cache

    def make(self) -> None:
        """Make the folders. Raises OSError."""
        for path in (self.home, self.work, self.temporary, self.cache):
            path.mkdir(parents=True, exist_ok=True)


def variables(
    places: Places,
    interpreter: Path,
    setting: IndexSetting,
    device: Device,
    outside: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """Return the environment variables of a run on an interpreter; `outside` is this process's."""
    outside = os.environ if outside is None else outside
    kept = {name: outside[name] for name in _KEPT if name in outside}
    own = {
        "PATH": os.pathsep.join([str(interpreter.parent), kept.get("PATH", os.defpath)]),
        "HOME": str(places.home),
        "TMPDIR": str(places.temporary),
        "XDG_CACHE_HOME": str(places.home / "cache"),
        "PYTHONUSERBASE": str(places.home / "user"),
        "PYTHONNOUSERSITE": "1",
        "PIP_CONFIG_FILE": os.devnull,
        **_origin(setting),
        "PIP_CACHE_DIR": str(places.cache),
        "PIP_NO_INPUT": "1",
        "PIP_PROGRESS_BAR": "off",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_LOG": str(places.folder / "pip.log"),
        "PIP_REPORT": str(places.folder / "pip-report.json"),
    }
    if setting.certificates:
        own["PIP_CERT"] = setting.certificates
    if device == "cpu":
        own["CUDA_VISIBLE_DEVICES"] = "-1"  # a CPU cell is proven with no GPU in sight
    return {**kept, **own}


def _origin(setting: IndexSetting) -> dict[str, str]:
    """Return what tells pip where packages are: an index, or a folder of wheels alone."""
    if setting.folder is not None:
        return {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": setting.address}
    return {"PIP_INDEX_URL": setting.address}


def uv_variables(setting: IndexSetting, cache: Path) -> dict[str, str]:
    """Return what uv needs beside the variables of a run; `cache` is its own folder."""
    own = {
        "UV_DEFAULT_INDEX": setting.address,
        "UV_CACHE_DIR": str(cache),
        "UV_NO_CONFIG": "1",
        "UV_NO_PROGRESS": "1",
        "UV_PYTHON_DOWNLOADS": "never",
        "NO_COLOR": "1",
    }
    return {**own, "SSL_CERT_FILE": setting.certificates} if setting.certificates else own


def without_touching_the_interpreter(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables for making an environment on 2.7: pip must first install virtualenv,
    and does so beside the run instead of into the runner's Python.
    """
    beside = {**environment, "PIP_USER": "1"}
    del beside["PYTHONNOUSERSITE"]
    return beside
