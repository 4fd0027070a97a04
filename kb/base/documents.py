"""Read and write the YAML documents of the knowledge base."""

import os
from typing import Any, TypeVar

import yaml
from yaml.events import DocumentStartEvent, StreamEndEvent, StreamStartEvent

from kb.base.decode import Mismatch, NextEvent, decoder
from kb.base.errors import DocumentError

MAX_BYTES = 16 * 1024 * 1024
_LOADER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)

Record = TypeVar("Record")


def load(path: str | os.PathLike[str], kind: type[Record]) -> Record:
    """Read the document at `path` as a record of `kind`. Raises DocumentError."""
    try:
        with open(path, "rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise DocumentError(f"{path}: {error.strerror or error}") from None
    return parse(raw, kind, str(path))


def parse(raw: bytes, kind: type[Record], name: str) -> Record:
    """Read a document from bytes as a record of `kind`; `name` stands in errors.

    Refuses more than MAX_BYTES, aliases, fields that stand twice. Raises DocumentError.
    """
    if len(raw) > MAX_BYTES:
        raise DocumentError(f"{name}: larger than {MAX_BYTES} bytes")
    try:
        next_event: NextEvent = _LOADER(raw.decode("utf-8")).get_event
        return _decode(next_event, kind, name)
    except UnicodeDecodeError as error:
        raise DocumentError(f"{name}: not UTF-8 at byte {error.start}") from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else "?"
        raise DocumentError(f"{name}:{line}: {error.problem}") from None
    except yaml.YAMLError as error:
        raise DocumentError(f"{name}: {' '.join(str(error).split())}") from None
    except Mismatch as error:
        steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in error.path)
        place = "".join(steps).lstrip(".") or "the document"
        raise DocumentError(f"{name}:{error.line}: {place}: {error}") from None


def _decode(next_event: NextEvent, kind: type[Record], name: str) -> Record:
    started = next_event(), next_event()
    if [type(event) for event in started] != [StreamStartEvent, DocumentStartEvent]:
        raise DocumentError(f"{name}: the document is empty")
    record: Record = decoder(kind)(next_event(), next_event)
    next_event()
    if type(next_event()) is not StreamEndEvent:
        raise DocumentError(f"{name}: holds more than one document")
    return record
