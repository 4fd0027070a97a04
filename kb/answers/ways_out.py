"""Which ways out hold for a machine, by what is known of it. What is not known rules nothing out:
the way out then says for whom it is.
"""

from collections.abc import Iterable, Iterator

from kb.base.model import Presupposed, Python, WayOut
from kb.base.record import Record
from kb.base.requirement import InvalidRequirement, Requirement, requirement
from kb.base.versions import series

_SYSTEMS: dict[Presupposed, str] = {
    "linux": "linux",
    "debian": "linux",
    "ubuntu": "linux",
    "jetson": "linux",
    "grace": "linux",
    "windows": "windows",
    "macos": "macos",
}


class KnownMachine(Record):
    """What is known of a machine: its system (linux, windows or macos), whether that is WSL2, and
    its Python; None where it is not known.
    """

    system: str | None = None
    wsl2: bool | None = None
    python: Python | None = None


def that_hold(ways_out: Iterable[WayOut], known: KnownMachine) -> Iterator[WayOut]:
    """Yield the ways out that are for such a machine; where its Python is known, one of them says
    no more for which it is.
    """
    for way in ways_out:
        if known.python is not None and way.pythons and known.python not in way.pythons:
            continue
        if any(_is_of_another(name, known) for name in way.presupposes):
            continue
        yield way if known.python is None else way._replace(pythons=())


def _is_of_another(name: Presupposed, known: KnownMachine) -> bool:
    """Tell whether what is presupposed is of another system than the known one. Windows has WSL2,
    and stands around it.
    """
    if known.system is None:
        return False
    if name == "wsl2":
        return known.system == "macos" or (known.system == "linux" and known.wsl2 is False)
    if name == "windows" and known.wsl2:
        return False
    return name in _SYSTEMS and _SYSTEMS[name] != known.system


def leads_to_release(way: WayOut) -> bool:
    """Tell whether the command of a way out leads to a release of TensorFlow: installs one, or asks
    for its set-up, or for what fits another system.
    """
    command = way.command or ""
    installs = "pip install" in command and "tensorflow" in command
    asks = "kb lookup" in command or ("kb find" in command and "directml" not in command)
    return installs or asks


def requirements(way: WayOut) -> tuple[Requirement, ...]:
    """Return what a way out's command installs, or the release whose set-up it asks for."""
    words = (way.command or "").replace('"', "").replace("'", "").split()
    if "install" in words and "pip" in words:
        return tuple(filter(None, map(_requirement, words[words.index("install") + 1 :])))
    if "lookup" in words:
        version = words[words.index("lookup") + 1]
        if version[0].isdigit():
            own = f"{version}.*" if series(version) == version else version
            return (requirement(f"tensorflow=={own}"),)
    return ()


def _requirement(word: str) -> Requirement | None:
    try:
        return None if word.startswith("-") else requirement(word)
    except InvalidRequirement:
        return None
