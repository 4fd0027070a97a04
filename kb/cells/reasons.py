"""Why a set-up has a pin or sets a search path: what goes wrong without, and what shows it."""

from collections.abc import Iterable

from kb.base.addresses import short
from kb.base.model import LibraryPath, Pin
from kb.base.versions import within
from kb.cells.recipes import Recipe, pins_of


def reasons(recipe: Recipe, pins: tuple[Pin, ...], paths: Iterable[LibraryPath]) -> tuple[str, ...]:
    """Return the reason of each pin that a recipe asks for, and of its search path, if it sets one;
    `pins` and `paths` are all that there are.
    """
    asked = recipe.requirements()
    found = [pin_reason(pin) for pin in pins_of(recipe.cell, pins) if pin.pin in asked]
    if any(step.action == "library-path" for step in recipe.steps):
        of = recipe.cell
        own = (
            path
            for path in paths
            if of.distribution in path.distributions and within(of.release, *path.releases)
        )
        found += [path_reason(path) for path in own][:1]
    return tuple(found)


def pin_reason(pin: Pin) -> str:
    """Tell why a pin is there, and what shows it."""
    return f"{pin.pin}: {pin.reason.rstrip('.')} ({_shown_by(pin)})."


def path_reason(path: LibraryPath) -> str:
    """Tell why a search path is set, and what shows it."""
    return f"Its search path: {path.reason.rstrip('.')} ({_shown_by(path)})."


def _shown_by(own: Pin | LibraryPath) -> str:
    """Return the run that shows it, or else the source; and that no run does, where none does."""
    if own.runs:
        return f"run {own.runs[-1]}"
    return f"{short(own.source)}; no run of ours yet" if own.source else "no run of ours yet"
