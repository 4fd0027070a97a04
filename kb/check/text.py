"""Read a file that people wrote, of any kind, as text, within bounds."""

import codecs
import errno
from pathlib import Path

from kb.check.asked import Fault

MAX_BYTES = 4 * 1024 * 1024
# UTF-32's mark starts as UTF-16's does, so it comes first.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (codecs.BOM_UTF8, "utf-8-sig"),
)


def read_text(path: str) -> str:
    """Return the text of a file: UTF-8, or what its byte order mark says. Raises OSError, and Fault
    for a file that is no text or has more than MAX_BYTES.
    """
    if "\0" in path:
        raise FileNotFoundError(errno.ENOENT, "no such file", path)
    with Path(path).open("rb") as file:
        raw = file.read(MAX_BYTES + 1)
    if len(raw) > MAX_BYTES:
        raise Fault(f"has more than {MAX_BYTES // 1024**2} MiB", "name a file that people wrote")
    encoding = next((name for mark, name in _MARKS if raw.startswith(mark)), "utf-8")
    fix = "name a text file, saved as UTF-8"
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError as error:
        raise Fault(f"is not text: no {encoding.upper()[:6]} at byte {error.start}", fix) from None
    if "\0" in text:
        raise Fault("is not text: it holds bytes that are zero", fix)
    return text
