"""What is found about a machine or a project, and what to do about it."""

from collections.abc import Collection
from typing import Literal

from kb.base.model import Presupposed, WayOut
from kb.base.record import Record

Severity = Literal["error", "warning", "ok"]
PRESUPPOSED: dict[Presupposed, str] = {
    "linux": "Linux",
    "debian": "Debian or Ubuntu",
    "ubuntu": "Ubuntu",
    "windows": "Windows",
    "macos": "macOS",
    "wsl2": "WSL2",
    "shell": "a shell such as bash",
    "administrator": "an administrator",
    "virtual-machine": "a virtual machine",
    "jetson": "a Jetson",
    "grace": "a Grace machine",
    "docker": "Docker",
    "conda": "conda",
    "poetry": "Poetry",
}


class Finding(Record):
    """One thing that was looked at: what is the case and why it matters, the ways out, where it
    stands in a file, if it is about one, and public addresses that say so. `line` counts from 1.
    """

    rule: str
    severity: Severity
    text: str
    ways_out: tuple[WayOut, ...] = ()
    file: str | None = None
    line: int | None = None
    sources: tuple[str, ...] = ()

    @property
    def fix(self) -> tuple[str, ...]:
        """The ways out, each as one text."""
        return tuple(way.text for way in self.ways_out)


class WayOutDocument(Record):
    """A way out in a document: a sentence, a command to copy, or both; and what it presupposes."""

    told: str | None
    command: str | None
    presupposes: tuple[Presupposed, ...]


def way_out_document(way: WayOut) -> WayOutDocument:
    """Return a way out as documents have it."""
    return WayOutDocument(way.whole_sentence, way.command, way.presupposes)


def presupposed(way: WayOut, met: Collection[Presupposed] = ()) -> str:
    """Return in words what a way out presupposes, without what is known to be met and what its
    sentence names itself; empty where nothing is left.
    """
    text = (way.told or "").lower()
    left = [
        PRESUPPOSED[name]
        for name in way.presupposes
        if name not in met and name.replace("-", " ") not in text
    ]
    return " and ".join(left)


def sentence(way: WayOut, met: Collection[Presupposed] = ()) -> str:
    """Return what stands in front of the command of a way out, or all of it where it has none:
    `Start a container with the GPU (for Docker):`.
    """
    needed, told = presupposed(way, met), way.whole_sentence
    text = f"{told} (for {needed})" if told and needed else told
    text = text or (f"For {needed}" if needed else "")
    return f"{text}:" if text and way.command else text
