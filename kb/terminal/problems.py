"""How pages speak of known problems: the releases that they hit, and the command that opens one."""

from kb.base.model import Bounds
from kb.terminal.program import program


def opened_by(name: str) -> str:
    """Return the command that tells the problem, message or note of an id whole."""
    return f"{program()} problem {name}"


def span(bounds: Bounds) -> str:
    """Write the releases between two bounds."""
    if bounds.first == bounds.last:
        return bounds.first or "all releases"
    if bounds.last is None:
        return f"{bounds.first} and later"
    return f"up to {bounds.last}" if bounds.first is None else f"{bounds.first} to {bounds.last}"
