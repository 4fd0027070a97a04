"""All errors that a user can meet, each with its exit status; `kb.terminal.ladder` tells them.

    CompatError                 one clear line: what is wrong, where, what to do
    ├── NothingFound         1  no such version, series, GPU or cell; `nearest` come closest
    │   ├── UnknownGpu          kb.facts.gpu_names
    │   └── NoCell
    ├── NoRepair             1  no pin makes a broken cell pass
    ├── WrongUsage           2  what was given cannot be meant; `nearest` come closest
    │   ├── AmbiguousGpu        kb.facts.gpu_names
    │   ├── Unanswered          a Python that was named does not answer
    │   └── Unreadable          a file that was named cannot be read
    ├── DocumentError        3  a file of the knowledge base is not as it has to be
    ├── WriteRefused         3  a folder that no document may be written to
    ├── MissingExtra         3  something to install first
    ├── SourceFailed         3  a source cannot be read, or says what cannot be true
    ├── ResolverFailed       3  the resolver could not be asked
    ├── RunnerFailed         3  the runner could not do its part; it says nothing of a cell
    └── NotARun              3  a file that is no run

Others never reach a user: whoever calls what raises them has to handle them. `InvalidVersion`,
`InvalidRow`, `InvalidWheelName`, `UnreadableText` and `Mismatch` are ValueErrors of one text;
`Fault` is of one piece of a project's file, `NoSet` of one trial, `Stopped` of one cell's run.
"""


class CompatError(Exception):
    """An error that a user can meet; its text is one clear line.

    `status` is the exit status, `kind` what JSON calls it, `nearest` what comes closest.
    """

    status: int = 3
    kind: str = "failed"

    def __init__(self, text: str = "", nearest: tuple[str, ...] = ()) -> None:
        super().__init__(text)
        self.nearest = nearest

    def line(self) -> str:
        """Return the line that tells it."""
        return f"error: {self}"


class NothingFound(CompatError, LookupError):
    """There is no such thing; `nearest` are those that come closest, and stand in the text."""

    status = 1
    kind = "nothing-found"

    def __init__(self, text: str, nearest: tuple[str, ...] = ()) -> None:
        close = f"; nearest: {', '.join(nearest)}" if nearest else ""
        super().__init__(f"{text}{close}", nearest)

    def line(self) -> str:
        """Return the line that tells it."""
        return f"nothing found: {self}"


class NoCell(NothingFound):
    """There is no such cell to run."""


class NoRepair(CompatError):
    """No pin makes a cell pass; the message says why."""

    status = 1
    kind = "no-repair"


class WrongUsage(CompatError):
    """What was given cannot be meant; `nearest` are what it may have meant."""

    status = 2
    kind = "wrong-usage"


class Unanswered(WrongUsage):
    """A Python that does not answer; the message names it and tells why."""


class Unreadable(WrongUsage):
    """A file that was named and cannot be read; the message says which and why."""

    kind = "unreadable"


class DocumentError(CompatError):
    """A document that cannot be read; the message names the file, the place and the fault."""

    kind = "document"


class WriteRefused(CompatError):
    """A folder that no document may be written to."""

    kind = "write-refused"


class MissingExtra(CompatError):
    """Something that has to be installed first; the message names how."""

    kind = "missing-extra"


class SourceFailed(CompatError):
    """A source that could not be read, or says what cannot be true; one line, with the remedy."""

    kind = "source"


class ResolverFailed(CompatError):
    """The resolver could not be asked: no network, no resolver. It says nothing of a cell."""

    kind = "resolver"


class RunnerFailed(CompatError):
    """The runner could not do its part; it says nothing of a cell, and no run is written."""

    kind = "runner"


class NotARun(CompatError):
    """A file that is no run; the message names the file and the fault."""

    kind = "not-a-run"
