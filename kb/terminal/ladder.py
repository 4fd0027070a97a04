"""The ladder that all programs share: carry a command out, and tell each way in which it can fail
in one clear line, with an exit status; never a traceback.
"""

import codecs
import os
import sys
from collections.abc import Callable
from contextlib import suppress

from kb.base.errors import CompatError, MissingExtra
from kb.base.printable import printable, shown
from kb.terminal.program import as_started

INTERRUPTED = 130
_LONGEST = 200
# Which extra brings a module that is not there.
_EXTRAS = {
    "bs4": "scraper",
    "jinja2": "site",
    "lz4": "bundle",
    "markupsafe": "site",
    "pypi_simple": "verify",
    "remotezip": "scraper",
    "requests": "scraper",
    "urllib3": "scraper",
    "uv": "verify",
}
_OF_A_CHECKOUT = ("scraper", "site")  # the wheel has no such program


class _Failed(CompatError):
    """What is no error of ours: of the system, of the output, or a fault of the program."""

    def __init__(self, kind: str, text: str) -> None:
        super().__init__(text)
        self.kind = kind


def carry_out(
    work: Callable[[], int],
    *,
    as_json: bool = False,
    interrupted: str = "interrupted",
    no_reader: int = 0,
) -> int:
    """Do the work of a command, and return its exit status, or that of what went wrong.

    `as_json` tells an error as a document too; `interrupted` is said at Ctrl-C; `no_reader` is the
    status where nobody reads the output. Where the system refuses what has no name, that is output.
    """
    try:
        return _flushed(work)
    except CompatError as error:
        return tell(error, as_json=as_json)
    except KeyboardInterrupt:
        _say(interrupted)
        return INTERRUPTED
    except BrokenPipeError:
        _drop_output()
        if no_reader:
            _say("error: nobody reads the output; run it again to go on")
        return no_reader
    except OSError as error:
        if error.filename is None:
            _drop_output()
        where = "cannot write the answer" if error.filename is None else error.filename
        failed = _Failed("system", f"{where}: {error.strerror or error}")
        return tell(failed, as_json=as_json)
    except ModuleNotFoundError as error:
        return tell(_missing(error), as_json=as_json)
    except Exception as error:  # noqa: BLE001 - a fault of the program gets one line as well
        return tell(_fault(error), as_json=as_json)


def tell(error: CompatError, *, as_json: bool = False) -> int:
    """Tell an error: a line, and a document where one was asked for; return its exit status."""
    if as_json:
        from kb.terminal.error_document import document  # costs start-up that an answer need not

        with suppress(OSError, ValueError):
            print(document(error), flush=True)
    _say(as_started(error.line()))
    return error.status


def _flushed(work: Callable[[], int]) -> int:
    if sys.stdout is None:  # closed by the caller
        raise _Failed("system", "cannot write the answer: standard output is closed")
    _escape_what_cannot_be_encoded()
    try:
        return work()
    finally:
        sys.stdout.flush()  # here, where a failure can be told


def _escape_what_cannot_be_encoded() -> None:
    r"""Let standard output write a letter that its encoding lacks as JSON does: `\u00e9`.

    A document stays the same document by that, and a page stays readable.
    """
    codecs.register_error("as-json-does", _escaped)
    if getattr(sys.stdout, "errors", None) in ("strict", "surrogateescape"):
        with suppress(AttributeError, ValueError):
            sys.stdout.reconfigure(errors="as-json-does")  # type: ignore[union-attr]


def _escaped(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    units = error.object[error.start : error.end].encode("utf-16-be", "surrogatepass")
    pairs = (units[start : start + 2].hex() for start in range(0, len(units), 2))
    return "".join(rf"\u{pair}" for pair in pairs), error.end


def _drop_output() -> None:
    """Let what is still to be written go nowhere, so that the interpreter ends in silence."""
    with suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _say(line: str) -> None:
    """Print a line on standard error; nothing where it is closed or full."""
    if sys.stderr is not None:
        with suppress(OSError, ValueError):
            print(printable(line), file=sys.stderr, flush=True)


def _missing(error: ModuleNotFoundError) -> CompatError:
    module = (error.name or "").partition(".")[0]
    extra = _EXTRAS.get(module)
    if extra is None:
        return _fault(error)
    how = f"in the checkout `pip install -e '.[{extra}]'`"
    if extra not in _OF_A_CHECKOUT:
        how = f"`pip install 'tensorflow-compat[{extra}]'`, {how}"
    return MissingExtra(f"{module} is not installed; run {how}")


def _fault(error: Exception) -> CompatError:
    """Return what tells a fault of the program. Raises it where Python runs in its dev mode."""
    if sys.flags.dev_mode:
        raise error
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = ""
    if trace is not None:
        file = trace.tb_frame.f_code.co_filename.rpartition(os.sep)[2]
        where = f" at {file}:{trace.tb_lineno}"
    message = shown(f"{type(error).__name__}: {error}", _LONGEST)
    text = f"a fault of this program{where}: {message}; report it, `python -X dev` shows all of it"
    return _Failed("fault", text)
