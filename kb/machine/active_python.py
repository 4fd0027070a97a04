"""Which Python is looked at, and what that Python says of itself.

It is the one that is named, or else the one whose environment this program was started by: who
types `.venv/bin/tensorflow-compat` asks about `.venv`, whatever else is active. An environment that
pipx or uv made for this program alone holds no TensorFlow, so it does not count. Then comes the
environment that is active by VIRTUAL_ENV, then by CONDA_PREFIX, then PATH.

It is asked by a child process that imports nothing but the standard library's quick parts, and is
given up after a while.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

from kb.base.errors import Unanswered
from kb.base.printable import one_line
from kb.base.record import Record

ChosenBy = Literal["--python", "VIRTUAL_ENV", "CONDA_PREFIX", "PATH", "kb"]
PlaceKind = Literal["PYTHONPATH", "user site", "site-packages"]
_TIMEOUT = 10.0
# What pipx and uv leave in an environment that they make for a program; uvx makes one in its cache.
_TOOL_MARKS = ("pipx_metadata.json", "uv-receipt.toml")
_TOOL_CACHE = re.compile(r"(?:archive|environments)-v[0-9]+")
_PLACES = ("bin/python", "Scripts/python.exe", "python.exe")
# Python 2.7 must understand it too: it is what releases up to 2.1 run on.
_ASK = """\
import json, os, platform, site, struct, sys, sysconfig
config = sysconfig.get_config_var
marks = {
    "implementation_name": sys.implementation.name if sys.version_info > (3,) else "cpython",
    "os_name": os.name,
    "platform_machine": platform.machine(),
    "platform_system": platform.system(),
    "python_full_version": platform.python_version(),
    "python_version": "%d.%d" % sys.version_info[:2],
    "sys_platform": sys.platform,
}
print("")
print(json.dumps({
    "marks": marks,
    "bits": struct.calcsize("P") * 8,
    "musl": any("musl" in str(config(name)) for name in ("HOST_GNU_TYPE", "SOABI", "MULTIARCH")),
    "prefix": sys.prefix,
    "is_environment": sys.prefix != getattr(sys, "base_prefix", sys.prefix),
    "folders": [folder for folder in sys.path if folder],
    "user_site": site.getusersitepackages(),
}))
"""


class Place(Record):
    """A folder in which a Python looks for packages, and why it looks there."""

    folder: str
    kind: PlaceKind


class ActivePython(Record):
    """The Python that is looked at: who named it, its words, and where it looks for packages, in
    its order. `marks` are the values of requirement markers. `active` is the environment that the
    shell has activated, where it is another one.
    """

    program: str
    chosen_by: ChosenBy
    marks: Mapping[str, str]
    bits: int
    is_musl: bool
    is_environment: bool
    places: tuple[Place, ...]
    passed_over: tuple[str, ...] = ()
    active: str | None = None

    @property
    def version(self) -> str:
        """The whole version, such as 3.11.7."""
        return self.marks["python_full_version"]

    @property
    def minor(self) -> str:
        """The version as wheels name it, such as 3.11."""
        return self.marks["python_version"]


def own_environment(prefix: str = sys.prefix, base: str = sys.base_prefix) -> str | None:
    """Return the folder of the environment whose Python runs this program: None where it is in
    none, or in one that was made for this program alone.
    """
    folder = Path(prefix)
    is_tools = any((folder / name).exists() for name in _TOOL_MARKS)
    is_cached = any(_TOOL_CACHE.fullmatch(part) for part in folder.parts)
    return None if prefix == base or is_tools or is_cached else prefix


def active_python(
    environment: Mapping[str, str],
    named: str | None,
    own: str,
    timeout: float = _TIMEOUT,
    started_in: str | None = None,
) -> ActivePython:
    """Return the Python to look at: the one that is `named`, or else `own`, which runs this
    program, where it is that of the environment `started_in`; or else that of VIRTUAL_ENV, of
    CONDA_PREFIX, of PATH, or else `own` all the same.

    `timeout` is in seconds. Raises Unanswered where the one that is named cannot be asked, or none.
    """
    passed_over = []
    active = None if named else _another(environment, started_in)
    for chosen_by, program in _candidates(environment, named, own, started_in):
        try:
            answer = _ask(program, environment, timeout)
            python = _python(program, chosen_by, answer, environment)
        except Unanswered as error:
            if named is not None:
                raise
            passed_over.append(f"{chosen_by}: {error}")
        else:
            is_own = chosen_by == "kb"
            return python._replace(
                passed_over=tuple(passed_over), active=active if is_own else None
            )
    raise Unanswered(passed_over[-1])


def _another(environment: Mapping[str, str], started_in: str | None) -> str | None:
    """Return the environment that is active beside the one that this program was started in."""
    active = environment.get("VIRTUAL_ENV") or environment.get("CONDA_PREFIX")
    if started_in is None or not active or _is_same(active, started_in):
        return None
    return active


def _candidates(
    environment: Mapping[str, str], named: str | None, own: str, started_in: str | None
) -> Iterator[tuple[ChosenBy, str]]:
    if named is not None:
        yield "--python", _in_folder(named) if Path(named).is_dir() else named
        return
    activated = list(_activated(environment))
    if started_in is not None:
        program = activated[0][1] if activated else ""
        if not _is_same(str(Path(program).parent.parent), started_in):
            yield "kb", own
    yield from activated
    yield "kb", own


def _is_same(folder: str, other: str) -> bool:
    return os.path.realpath(folder) == os.path.realpath(other)


def _activated(environment: Mapping[str, str]) -> Iterator[tuple[ChosenBy, str]]:
    """Yield the Pythons that the shell names, the one that counts first."""
    if folder := environment.get("VIRTUAL_ENV"):
        yield "VIRTUAL_ENV", _in_folder(folder)
    if folder := environment.get("CONDA_PREFIX"):
        yield "CONDA_PREFIX", _in_folder(folder)
    for name in ("python", "python3"):
        if program := shutil.which(name, path=environment.get("PATH", "")):
            yield "PATH", program
            break


def _in_folder(folder: str) -> str:
    usual, *others = (Path(folder, place) for place in _PLACES)
    return str(next((path for path in others if path.exists()), usual))


def _ask(program: str, environment: Mapping[str, str], timeout: float) -> Any:
    """Return what a Python says of itself. Python 2.7 knows no -I, which leaves out all settings
    and the current folder.
    """
    status, output = _run([program, "-I", "-c", _ASK], environment, timeout)
    if status == 2:
        status, output = _run([program, "-E", "-s", "-c", _ASK], environment, timeout)
    try:
        return json.loads(output.strip().splitlines()[-1])
    except (ValueError, IndexError):
        why = f"it ended with status {status}" if status else "it does not answer as Python does"
        raise Unanswered(f"{one_line(program)}: {why}") from None


def _run(command: list[str], environment: Mapping[str, str], timeout: float) -> tuple[int, str]:
    try:
        done = subprocess.run(
            command,
            env={**environment},
            cwd=Path(os.sep),  # no file of the current folder may stand in for a module
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=timeout,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise Unanswered(f"{one_line(command[0])}: no answer within {timeout:g} seconds") from None
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise Unanswered(f"{one_line(command[0])}: {why}") from None
    return done.returncode, done.stdout.decode("utf-8", "replace")


def _python(
    program: str, chosen_by: ChosenBy, answer: Any, environment: Mapping[str, str]
) -> ActivePython:
    try:
        return ActivePython(
            program=program,
            chosen_by=chosen_by,
            marks={str(name): one_line(str(value)) for name, value in answer["marks"].items()},
            bits=int(answer["bits"]),
            is_musl=bool(answer["musl"]),
            is_environment=bool(answer["is_environment"]),
            places=tuple(_places(answer, environment)),
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        raise Unanswered(f"{one_line(program)}: it does not answer as Python does") from None


def _places(answer: Any, environment: Mapping[str, str]) -> Iterator[Place]:
    """Yield where a Python that is started plainly looks for packages, each folder once."""
    seen = set()
    listed: list[tuple[str, PlaceKind]] = [
        (folder, "PYTHONPATH") for folder in environment.get("PYTHONPATH", "").split(os.pathsep)
    ]
    if _has_user_site(answer, environment):
        listed.append((answer["user_site"], "user site"))
    listed += [(folder, "site-packages") for folder in answer["folders"]]
    for folder, kind in listed:
        if folder and folder not in seen:
            seen.add(folder)
            yield Place(folder, kind)


def _has_user_site(answer: Any, environment: Mapping[str, str]) -> bool:
    if environment.get("PYTHONNOUSERSITE"):
        return False
    if not answer["is_environment"]:
        return True
    try:
        text = Path(answer["prefix"], "pyvenv.cfg").read_text("utf-8", "replace")
    except OSError:
        return False
    return "include-system-site-packages=true" in text.lower().replace(" ", "")
