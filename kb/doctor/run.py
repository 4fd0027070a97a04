"""Carry out the published check in a child of the active Python, and tell how each step ended."""

import os
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from kb.answers.messages import explain
from kb.answers.ways_out import that_hold
from kb.base.findings import Finding
from kb.base.printable import one_line
from kb.base.record import Record
from kb.base.store import Store
from kb.base.versions import InvalidVersion, key
from kb.cells.checks import Check, checks
from kb.doctor.case import Checkup
from kb.doctor.fitting import known_of

_KEPT = 256 * 1024  # bytes of what a step printed


class StepEnd(Record):
    """How a step ended: its status, None where its time was up; what it printed."""

    status: int | None
    output: str
    errors: bytes


def checked(
    case: Checkup, store: Store, variables: Mapping[str, str], folder: Path, limit_s: float
) -> Iterator[Finding]:
    """Carry out the check of the installed release in the current folder, with the variables as
    they are; yield what came of each step, up to the first that fails.

    A step has `limit_s` seconds.
    """
    if case.own is None:
        text = "The check was not carried out: TensorFlow is not installed here."
        yield Finding(rule="run", severity="warning", text=text)
        return
    for number, step in enumerate(checks(_release(case.own.version), case.wants_cuda()), 1):
        ended = _carry_out(case.seen.python.program, step, variables, folder, limit_s)
        yield _step_finding(case, f"Check {number} ({step.title})", ended, store, limit_s)
        if ended.status != 0:
            return


def _release(version: str) -> str:
    """Return the release whose API a version has; what has no order is taken as a recent one."""
    release = version.partition("+")[0]
    try:
        key(release)
    except InvalidVersion:
        return "2.15"
    return release


def _carry_out(
    program: str, step: Check, variables: Mapping[str, str], folder: Path, limit_s: float
) -> StepEnd:
    try:
        process = subprocess.Popen(
            [program, "-"],
            cwd=folder,
            env={**variables},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=os.name == "posix",
        )
    except OSError as error:
        return StepEnd(127, "", str(error.strerror or error).encode())
    try:
        output, errors = process.communicate(step.code.encode(), timeout=limit_s)
        status: int | None = process.returncode
    except subprocess.TimeoutExpired:
        _end(process)
        output, errors = process.communicate()
        status = None
    except BaseException:
        _end(process)
        raise
    return StepEnd(status, output[-_KEPT:].decode("utf-8", "replace"), errors[-_KEPT:])


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End a step and what it started."""
    with suppress(ProcessLookupError, PermissionError):
        if os.name == "posix":
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()


def _step_finding(
    case: Checkup, what: str, ended: StepEnd, store: Store, limit_s: float
) -> Finding:
    if ended.status == 0:
        return Finding(
            rule="run", severity="ok", text=f"{what}: {one_line(ended.output) or 'done'}"
        )
    last = [line for line in ended.errors.decode("utf-8", "replace").splitlines() if line.strip()]
    last_words = (
        f"It said last: {one_line(last[-1]).rstrip('.')}." if last else "It printed no reason."
    )
    how = _ending(ended.status, limit_s)
    text = f"{what} {how}. {last_words}"
    matches = explain(store, [ended.errors]).matches
    match = next((match for match in matches if match.severity == "error"), None)
    if match is None:
        return Finding(rule="run", severity="error", text=text)
    return Finding(
        rule="run",
        severity="error",
        text=f"{text} {match.title}: {match.cause}",
        ways_out=tuple(that_hold(match.ways_out, known_of(case))),
    )


def _ending(status: int | None, limit_s: float) -> str:
    if status is None:
        return f"did not end within {limit_s:g} seconds and was stopped"
    if status >= 0:
        return f"failed with status {status}"
    try:
        name = signal.Signals(-status).name
    except ValueError:
        name = f"signal {-status}"
    return f"crashed with {name}"
