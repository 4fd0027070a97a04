"""What must not be published: a run is refused that still holds it."""

from collections.abc import Iterator
from typing import Any

from kb.base.scrubbing import leaks
from kb.base.writing import plain
from verify.checking.contribution import Contribution, Rule

# What holds digests and commands, which other rules compare with what they must be.
_OURS = frozenset(("recipe", "sha256", "commands", "product32", "product64"))


def _private(contribution: Contribution) -> Iterator[str]:
    for name, text in _texts(plain(contribution.run), ""):
        for leak in leaks(text):
            yield f"{name}: holds {leak}; run it again with the present `verify run`"


def _texts(value: Any, name: str) -> Iterator[tuple[str, str]]:
    """Yield each text of a run, and the name of the field or of the step that holds it."""
    if isinstance(value, str):
        yield name, value
    elif isinstance(value, dict):
        own = value.get("name") if isinstance(value.get("outcome"), str) else None
        for field, item in value.items():
            if field not in _OURS:
                yield from _texts(item, own or field)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item, name)


RULES: tuple[Rule, ...] = (_private,)
