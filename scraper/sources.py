"""The sources there are, which ones a scrape asks unless told otherwise, and what each brings."""

from collections.abc import Iterable

SOURCES = ("official", "index", "wheels", "install-page")
# Asking for one asks for what it cannot be told without, or what is published beside it.
_BRINGS = {"official": ("install-page",), "wheels": ("index",)}


def asked(named: Iterable[str]) -> tuple[str, ...]:
    """Return the sources to ask, in their order: those named and what they bring; all for none."""
    chosen = set(named) or set(SOURCES)
    chosen |= {brought for name in chosen for brought in _BRINGS.get(name, ())}
    return tuple(source for source in SOURCES if source in chosen)
