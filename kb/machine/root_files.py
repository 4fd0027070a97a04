"""Files of a machine below a root, which holds /proc, /sys and /opt: read as far as they can be."""

from collections.abc import Iterator
from pathlib import Path

_MAX = 64 * 1024  # bytes of a file
_DISPLAY = "0x03"  # the class of display controllers


def text_of(path: Path, most: int = _MAX) -> str:
    """Return the text of a file, at most so many bytes of it; empty where it cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(most).decode("utf-8", "replace")
    except OSError:
        return ""


def inside(folder: Path) -> list[Path]:
    """Return what a folder holds, sorted; nothing where it cannot be read."""
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def display_controllers(root: Path, vendor: str) -> Iterator[Path]:
    """Yield the display controllers of a vendor (`0x10de`) on the PCI bus, which tells no name."""
    for path in inside(root / "sys/bus/pci/devices"):
        is_of_vendor = text_of(path / "vendor").strip().lower() == vendor
        if is_of_vendor and text_of(path / "class").strip().startswith(_DISPLAY):
            yield path
