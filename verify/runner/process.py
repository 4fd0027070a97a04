"""Run a script of bash with a time limit, so that nothing of it is left when it ends."""

import os
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from kb.base.record import Record

# Runs the script in place of itself, beside a watcher: where this process is killed, the pipe that
# it holds open closes, and the watcher ends all of the group.
_WATCHED = """\
{ read -r _ <&"$2"; trap '' TERM; kill -TERM -- -$$; sleep "$3"; kill -KILL -- -$$; } \
  > /dev/null 2>&1 &
exec bash -euo pipefail -c "$1"
"""
_POLL_S = 0.05
_GRACE_S = 5
_KEPT = 200_000


class Stopped(Exception):
    """The run was told to stop."""


class Ended(Record):
    """How a script ended: its exit status, None where its time was up; what it printed, the end of
    it where it was long; seconds.
    """

    status: int | None
    output: str
    errors: str
    seconds: float


def bash(
    script: str,
    folder: Path,
    environment: Mapping[str, str],
    limit_s: float,
    stop: threading.Event | None = None,
) -> Ended:
    """Run a script in a folder, in a process group of its own, which ends with this process however
    that ends.

    Raises Stopped when `stop` is set; what runs then is killed, as it is when time is up.
    """
    begun = time.monotonic()
    with (
        tempfile.TemporaryFile() as output,
        tempfile.TemporaryFile() as errors,
        _pipe() as watched,
    ):
        process = subprocess.Popen(
            ["bash", "-c", _WATCHED, "bash", script, str(watched), str(_GRACE_S)],  # noqa: S607 - found on the run's PATH
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=errors,
            start_new_session=True,
            pass_fds=(watched,),
        )
        try:
            status = _wait(process, begun + limit_s, stop)
        finally:
            _kill(process)
        return Ended(
            status=status,
            output=_end_of(output),
            errors=_end_of(errors),
            seconds=time.monotonic() - begun,
        )


@contextmanager
def _pipe() -> Iterator[int]:
    """Yield the end of a pipe to read from; the other is this process's alone, until the end."""
    to_read, to_write = os.pipe()
    try:
        yield to_read
    finally:
        os.close(to_read)
        os.close(to_write)


def _wait(
    process: "subprocess.Popen[bytes]", deadline: float, stop: threading.Event | None
) -> int | None:
    while time.monotonic() < deadline:
        if stop is not None and stop.is_set():
            raise Stopped
        try:
            return process.wait(_POLL_S)
        except subprocess.TimeoutExpired:
            continue
    return None


def _kill(process: "subprocess.Popen[bytes]") -> None:
    """End what is left of the group, the script's children too."""
    for deadly in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, deadly)
        except (ProcessLookupError, PermissionError):
            break
        try:
            process.wait(_GRACE_S if deadly == signal.SIGTERM else None)
        except subprocess.TimeoutExpired:
            continue
    process.wait()


def _end_of(file: IO[bytes]) -> str:
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - _KEPT))
    return file.read().decode("utf-8", "replace")
