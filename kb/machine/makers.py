"""What the kernel shows of the GPUs of AMD, which ROCm is installed, and which Jetson this is."""

import re
from collections.abc import Iterator
from pathlib import Path

from kb.base.printable import one_line
from kb.base.record import Record
from kb.machine.root_files import display_controllers, inside, text_of

_AMD = "0x1002"  # the vendor
_TARGET = re.compile(r"^gfx_target_version ([0-9]{5,6})$", re.MULTILINE)
_ROCM = re.compile(r"([0-9]+\.[0-9]+(?:\.[0-9]+)?)")


class OtherMakers(Record):
    """What is seen of other makers. `amd` has the target of each of AMD's GPUs that its compute
    driver shows, None for one that is on the PCI bus alone; `rocm` has each ROCm that is installed,
    and `jetson` what the board calls itself.
    """

    amd: tuple[str | None, ...] = ()
    rocm: tuple[str, ...] = ()
    jetson: str | None = None


def other_makers(root: Path) -> OtherMakers:
    """Look below a root, which holds /sys, /proc and /opt."""
    targets = amd_targets(root)
    on_bus = () if targets else (None,) * sum(1 for _ in display_controllers(root, _AMD))
    board = one_line(text_of(root / "proc/device-tree/model").rstrip("\0"))
    return OtherMakers(
        amd=targets or on_bus,
        rocm=tuple(dict.fromkeys(_rocms(root))),
        jetson=board if "jetson" in board.lower() else None,
    )


def amd_targets(root: Path = Path("/")) -> tuple[str, ...]:
    """Return the targets (`gfx1100`) of the GPUs that AMD's compute driver shows."""
    nodes = root / "sys/class/kfd/kfd/topology/nodes"
    found = [_TARGET.search(text_of(node / "properties")) for node in inside(nodes)]
    return tuple(_target(int(told[1])) for told in found if told is not None)


def _target(number: int) -> str:
    """Return the target that the kernel's number means: 90010 is gfx90a, 110000 is gfx1100."""
    return f"gfx{number // 10000}{number // 100 % 100:x}{number % 100:x}"


def _rocms(root: Path) -> Iterator[str]:
    """Yield the ROCm that /opt/rocm is, and those that lie beside it."""
    folders = [root / "opt/rocm", *(f for f in inside(root / "opt") if f.name.startswith("rocm-"))]
    for folder in folders:
        told = text_of(folder / ".info/version") or folder.name.removeprefix("rocm")
        if found := _ROCM.search(told):
            yield found[1]
