"""The rows of pins.yaml, as people write them there, and the file with some more of them."""

import json
import re

from kb.base.documents import parse
from kb.base.errors import DocumentError, WriteRefused
from kb.base.model import Pin, PinsFile

# What YAML reads as this very text; all else is quoted.
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9 ._<>=!~,/()+-]*[A-Za-z0-9.)]")
_NUMBER = re.compile(r"[0-9.]+")


def row(pin: Pin) -> str:
    """Return a pin as its row in pins.yaml."""
    first, last = (json.dumps(end) for end in (pin.releases.first, pin.releases.last))
    lines = [
        f"- pin: {_text(pin.pin)}",
        f"  distributions: {_list(pin.distributions)}",
        f"  releases: {{first: {first}, last: {last}}}",
        f"  platforms: {_list(pin.platforms)}",
        f"  devices: {_list(pin.devices)}",
        f"  pythons: {_list(pin.pythons)}",
        f"  compute_capability_below: {json.dumps(pin.compute_capability_below)}",
        f"  reason: {_text(pin.reason)}",
        f"  source: {json.dumps(pin.source) if pin.source is None else pin.source}",
        f"  runs: {_list(pin.runs)}",
    ]
    return "\n".join(lines) + "\n"


def appended(text: str, pins: tuple[Pin, ...], name: str) -> str:
    """Return the text of pins.yaml with these pins at its end, all else as it was.

    `name` stands in errors. Raises WriteRefused where the rows do not fit at its end,
    DocumentError where the text holds no pins.
    """
    before = parse(text.encode(), PinsFile, name)
    more = text.rstrip("\n") + "\n" + "".join(row(pin) for pin in pins)
    wanted = before._replace(pins=(*before.pins, *pins))
    try:
        if parse(more.encode(), PinsFile, name) == wanted:
            return more
    except DocumentError:
        pass
    raise WriteRefused(f"{name}: rows cannot be added at its end; put them there by hand")


def _text(text: str) -> str:
    return text if _PLAIN.fullmatch(text) else json.dumps(text, ensure_ascii=False)


def _list(items: tuple[str, ...]) -> str:
    return f"[{', '.join(json.dumps(item) if _NUMBER.fullmatch(item) else item for item in items)}]"
