"""When a run was, and how long each part of it took."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone

from kb.runs.run_file import Run
from verify.checking.contribution import Contribution, Rule, moment
from verify.runner import probe
from verify.runner.run import CHECK_LIMIT_S, LIMITS_S, PROBE_LIMIT_S

_CLOCKS_DIFFER = timedelta(minutes=10)
_GRACE_S = 15  # what ending a step that was stopped may take
_BESIDE_S = 180  # what looking at the machine and starting the probe may take
_FIRST_DAY = "2026-11-23"  # of which the first run of this project is
_IMPORT_S = 0.1  # that hundreds of megabytes of libraries take at least
# What checks take at least, a tenth and less of what was seen; 2.7's clock is too coarse to tell.
_LEAST_S = {
    "import": _IMPORT_S,
    "large-product": 0.001,
    "xla": 0.002,
    "keras": 0.02,
    "challenge": 0.003,
}
_UNPACKED_PER_S = 500e6  # bytes of a wheel that no machine unpacks in a second
_CERTIFI = re.compile(r"([0-9]{4})\.([0-9]{1,2})\.([0-9]{1,2})")
_LOCAL = re.compile(r"^([0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:]{8})\.[0-9]+: [IWEF] ", re.MULTILINE)
_EPOCH = re.compile(r"^[IWEF]0000 00:00:([0-9]{10})\.", re.MULTILINE)
_LONGEST_S = 10 * 86400.0  # longer than all limits together
_WEST_S, _EAST_S = -12 * 3600, 14 * 3600
_CLOCK_SET_S = 5.0  # that a clock may be set back or forth meanwhile
_ZONES_DIFFER_S = 900  # all zones lie a multiple of that from each other


def _started(contribution: Contribution) -> Iterator[str]:
    run = contribution.run
    try:
        started = moment(run.started)
    except ValueError:
        yield f"started: there is no such time as {run.started}"
        return
    day = run.started[:10]
    wheels = contribution.offered.published.build.wheels
    used = [wheel for wheel in wheels if run.wheel and wheel.file == run.wheel.file] or wheels
    first = min(wheel.uploaded for wheel in used)
    if started + _lasted(run) > contribution.now + _CLOCKS_DIFFER:
        yield f"started: {run.started} is in the future; set the runner's clock"
    if day < first:
        yield f"started: {run.started} is before the wheel was there ({first})"
    elif day < _FIRST_DAY:
        yield f"started: {run.started} is before `verify run` was there ({_FIRST_DAY})"
    dated = _CERTIFI.match(run.versions().get("certifi", ""))
    if dated and day < "-".join(part.zfill(2) for part in dated.groups()):
        yield f"started: {day} is before certifi {dated[0]} was there, which bears its day"


def _lasted(run: Run) -> timedelta:
    return timedelta(seconds=min(run.seconds, _LONGEST_S))


def _spent(contribution: Contribution) -> Iterator[str]:
    run = contribution.run
    steps = sum(step.seconds for step in run.steps)
    checks = sum(check.seconds for check in run.checks)
    if steps + checks > run.seconds + 1:
        yield f"its steps and checks took {steps + checks:.0f} s, all of it {run.seconds:.0f} s"
    all_ok = all(check.outcome in ("ok", "not-offered") for check in run.checks)
    beside = checks if run.checks and all_ok else PROBE_LIMIT_S
    if run.seconds > steps + beside + _BESIDE_S:
        yield f"all of it took {run.seconds:.0f} s, its steps and checks {steps + checks:.0f} s"


def _limits(contribution: Contribution) -> Iterator[str]:
    run = contribution.run
    limits: dict[str, float] = {**LIMITS_S, **{f"check-{n}": CHECK_LIMIT_S for n in range(1, 10)}}
    parts: list[tuple[str, str, float, dict[str, float]]] = [
        (step.name, step.outcome, step.seconds, limits) for step in run.steps
    ]
    of_probe: dict[str, float] = dict(probe.LIMITS_S)
    parts += [(check.name, check.outcome, check.seconds, of_probe) for check in run.checks]
    for name, outcome, seconds, given in parts:
        limit = given.get(name, 0)
        if seconds > limit + _GRACE_S:
            yield f"{name}: took {seconds:.0f} s, more than it is given"
        elif outcome == "timeout" and seconds < limit - 1:
            yield f"{name}: ended after {seconds:.0f} s, and is given {limit:.0f} s"
        if seconds != round(seconds, 3):
            yield f"{name}: took {seconds} s, which `verify run` does not write"
    if run.seconds != round(run.seconds, 1):
        yield f"seconds: {run.seconds} is not what `verify run` writes"


def _too_fast(contribution: Contribution) -> Iterator[str]:
    run = contribution.run
    install = contribution.step("install")
    sizes = {wheel.file: wheel.size for wheel in contribution.offered.published.build.wheels}
    size = sizes.get(run.wheel.file, 0) if run.wheel else 0
    if install and install.outcome == "ok" and install.seconds < size / _UNPACKED_PER_S:
        yield f"install: {size / 1e6:.0f} MB are not unpacked in {install.seconds} s"
    for step in run.steps:
        if step.is_check and step.outcome == "ok" and step.seconds < _IMPORT_S:
            yield f"{step.name}: TensorFlow is not imported in {step.seconds} s"
    for check in run.checks:
        least = _LEAST_S.get(check.name, 0.0)
        if check.outcome == "ok" and check.seconds < least and run.python != "2.7":
            yield f"{check.name}: is not done in {check.seconds} s"


def _logged(contribution: Contribution) -> Iterator[str]:
    """Hold the times that TensorFlow logs against the run's own: seconds since 1970, or the time of
    a zone that is not known. What was done before and after a step bounds its time.
    """
    run = contribution.run
    try:
        started = moment(run.started)
    except ValueError:
        return
    lasted = min(run.seconds, _LONGEST_S)
    before = 0.0
    after = sum(step.seconds for step in run.steps) + sum(check.seconds for check in run.checks)
    for step in run.steps:
        after -= step.seconds
        first, last = before - _CLOCK_SET_S, lasted - after + _CLOCK_SET_S
        before += step.seconds
        fault = _strange_time(step.output, started, first, last)
        if fault is not None:
            yield f"{step.name}: logs of {fault}, and the run is of {run.started}"
            return


def _strange_time(output: str, started: datetime, first: float, last: float) -> str | None:
    """Return a time in the log that lies not between two, in seconds from the start."""
    for seconds in _EPOCH.findall(output):
        logged = datetime.fromtimestamp(int(seconds), timezone.utc)
        if not first <= (logged - started).total_seconds() <= last:
            return f"{logged:%Y-%m-%d %H:%M:%S}"
    for text in _LOCAL.findall(output):
        try:
            passed = (moment(text.replace(" ", "T") + "Z") - started).total_seconds()
        except ValueError:
            return f"{text}, which there is not"
        late = (passed - first) % _ZONES_DIFFER_S
        if not (_WEST_S + first <= passed <= _EAST_S + last and late <= last - first):
            return str(text)
    return None


RULES: tuple[Rule, ...] = (_started, _spent, _limits, _too_fast, _logged)
