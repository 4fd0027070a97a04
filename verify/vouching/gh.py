"""Ask GitHub by its own program, `gh`."""

import json
import subprocess
from typing import Any

from kb.base.errors import RunnerFailed
from kb.base.printable import one_line
from kb.base.record import Record

_TIMEOUT_S = 120


class Told(Record):
    """What `gh` said, and whether it said so without an error."""

    ok: bool
    output: str
    errors: str

    def document(self) -> Any:
        """Return the JSON that it printed. Raises RunnerFailed."""
        try:
            return json.loads(self.output)
        except ValueError:
            raise RunnerFailed(
                "gh printed no JSON where it should; bring it up to date and try again"
            ) from None

    def failure(self) -> RunnerFailed:
        """Return the error that tells why it could not answer."""
        return RunnerFailed(f"gh failed: {one_line(self.errors) or 'it said nothing'}")


def ask(arguments: list[str]) -> Told:
    """Ask GitHub. Raises RunnerFailed where there is no `gh`, or no answer in time."""
    command = ["gh", *arguments]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False
        )
    except FileNotFoundError:
        raise RunnerFailed("gh is not installed; GitHub is asked by its own program") from None
    except subprocess.TimeoutExpired:
        raise RunnerFailed(f"gh gave no answer in {_TIMEOUT_S} s; try again later") from None
    return Told(done.returncode == 0, done.stdout, done.stderr)
