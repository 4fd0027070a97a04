"""Which package index the user has chosen, asked of pip: its environment and configuration."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from kb.base.errors import SourceFailed
from kb.base.record import Record


class IndexSetting(Record):
    """The index's address, and the certificates to trust; None for the usual ones. Where packages
    come from a folder of wheels alone, the address is that of the `folder`.
    """

    address: str
    certificates: str | None = None
    folder: Path | None = None


def read(environment: Mapping[str, str] | None = None) -> IndexSetting:
    """Return the index that pip would use, in pip's order: environment, then its files.

    Raises SourceFailed for an address that is neither http nor https.
    """
    environment = os.environ if environment is None else environment
    configured = _pip_configuration(environment)
    address = _first(configured, "index-url") or _usual()
    if not address.startswith(("http://", "https://")):
        raise SourceFailed("index: pip's index-url is no http address; set one that is")
    return IndexSetting(address, _first(configured, "cert"))


def _usual() -> str:
    from pypi_simple import PYPI_SIMPLE_ENDPOINT  # which only those need who install or scrape

    return PYPI_SIMPLE_ENDPOINT


def _first(configured: Mapping[str, str], name: str) -> str | None:
    sections = (":env:", "install", "global")
    return next((configured[f"{s}.{name}"] for s in sections if f"{s}.{name}" in configured), None)


def _pip_configuration(environment: Mapping[str, str]) -> dict[str, str]:
    """Return what `pip config list` tells; nothing where there is no pip."""
    configured = {}
    command = [sys.executable, "-m", "pip", "config", "list"]
    try:
        done = subprocess.run(
            command, env=dict(environment), capture_output=True, text=True, timeout=60, check=False
        )
        listed = done.stdout
    except (OSError, subprocess.TimeoutExpired):
        listed = ""
    for line in listed.splitlines():
        name, _, value = line.partition("=")
        configured[name] = value.strip("'\"")
    for setting in ("index-url", "cert"):
        if chosen := environment.get("PIP_" + setting.replace("-", "_").upper()):
            configured[f":env:.{setting}"] = chosen
    return configured
