"""Read and write the YAML documents of the knowledge base."""

import os
from typing import TYPE_CHECKING, TypeVar

from kb.base.errors import DocumentError
from kb.base.prepared import prepared

if TYPE_CHECKING:
    from kb.base.decode import NextEvent

MAX_BYTES = 16 * 1024 * 1024

Record = TypeVar("Record")


def load(path: str | os.PathLike[str], kind: type[Record]) -> Record:
    """Read the document at `path` as a record of `kind`. Raises DocumentError."""
    record = prepared(path, kind)
    if record is not None:
        return record
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
    import yaml  # a sixth of a start, which what is answered from JSON alone need not pay

    from kb.base.decode import Mismatch

    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    try:
        return _decode(loader(raw.decode("utf-8")).get_event, kind, name)
    except UnicodeDecodeError as error:
        raise DocumentError(f"{name}: not UTF-8 at byte {error.start}") from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else "?"
        raise DocumentError(f"{name}:{line}: {error.problem}") from None
    except yaml.YAMLError as error:
        raise DocumentError(f"{name}: {' '.join(str(error).split())}") from None
    except Mismatch as error:
        steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in error.path)
        field = "".join(steps).lstrip(".") or "the document"
        raise DocumentError(f"{name}:{error.line}: {field}: {error}") from None


def _decode(next_event: "NextEvent", kind: type[Record], name: str) -> Record:
    from yaml.events import DocumentStartEvent, StreamEndEvent, StreamStartEvent

    from kb.base.decode import decoder

    started = next_event(), next_event()
    if [type(event) for event in started] != [StreamStartEvent, DocumentStartEvent]:
        raise DocumentError(f"{name}: the document is empty")
    record: Record = decoder(kind)(next_event(), next_event)
    next_event()
    if type(next_event()) is not StreamEndEvent:
        raise DocumentError(f"{name}: holds more than one document")
    return record
