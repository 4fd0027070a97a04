"""Try other requirements in copies of an environment that a recipe made; faster than runs, and as
isolated. uv resolves and installs, the probe tells.
"""

import json
import os
import re
import shlex
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kb.base.errors import ResolverFailed, RunnerFailed
from kb.base.model import Outcome
from kb.base.record import Record
from kb.base.versions import key
from kb.cells.recipes import Recipe
from kb.cells.shells import commands
from kb.runs.judge import Judgement, judge
from kb.runs.run_file import TAIL
from verify.resolver import uv_program
from verify.runner import pip_words, probe, probed
from verify.runner.bench import Bench
from verify.runner.isolation import Places, uv_variables, variables
from verify.runner.process import Ended, bash
from verify.runner.run import LIMITS_S, PROBE_LIMIT_S, scrubber
from verify.runner.scratch import held_folder, open_scratch

_OLDEST_PYTHON = "3.6"
_RESOLVE_LIMIT_S = 900
_LONGEST = 160
_NO_SET = "No solution found"
_NO_BUILD = re.compile(r"Failed to (download and )?build|build backend")
_NO_NETWORK = re.compile(r"Failed to fetch|error sending request|Request failed after|dns error")
# `name==version   # via what, asks, for, it`
_LOCKED = re.compile(r"([A-Za-z0-9._-]+)==([^\s;]+)[^#]*(?:# via (.*))?")


class NoSet(Exception):
    """There is no complete set of packages; the message says why."""


class TakenPackage(Record):
    """A package that a resolver took, and the packages that ask for it."""

    package: str
    version: str
    asked_by: tuple[str, ...]


class Tried(Record):
    """What came out of a trial, and what it said, in a line."""

    outcome: Outcome
    message: str


@contextmanager
def trials(recipe: Recipe, bench: Bench) -> Iterator["Trials"]:
    """Offer trials of a recipe on this machine; nothing of them is left when the block ends.

    Raises RunnerFailed where the machine cannot, ResolverFailed where uv is missing.
    """
    interpreter = bench.pythons.get(recipe.cell.python)
    if interpreter is None or key(recipe.cell.python) < key(_OLDEST_PYTHON):
        what = f"Python {recipe.cell.python}: trials need it on this machine"
        raise RunnerFailed(f"{what}, and {_OLDEST_PYTHON} or newer")
    try:
        open_scratch(bench.scratch)
        with held_folder(bench.scratch, "trials-") as folder:
            yield Trials(recipe, bench, folder, interpreter)
    except OSError as error:
        raise RunnerFailed(f"{bench.scratch}: {error.strerror or error}") from None


class Trials:
    """An environment as the recipe makes it, and what comes out with other requirements in it."""

    def __init__(self, recipe: Recipe, bench: Bench, folder: Path, interpreter: Path) -> None:
        self._recipe = recipe
        self._places = Places(folder, bench.cache)
        self._places.make()
        self._variables = {
            **variables(self._places, interpreter, bench.setting, recipe.cell.device),
            # beside pip's downloads, which may be removed one by one; uv's may not
            **uv_variables(bench.setting, bench.cache.with_name(f"{bench.cache.name}-uv")),
        }
        self._interpreter = interpreter
        self._uv = uv_program()
        self._scrubber = scrubber(self._places, bench.setting)
        lasting = [step for step in recipe.steps if step.action in ("environment", "cuda-by-hand")]
        self._lasting = [commands(step, recipe)[-1] for step in lasting]
        folders = [step.folder for step in recipe.steps if step.folder]
        self._environment = self._places.work / folders[0]
        self._made = self._places.work / "made"

    def as_of(self, day: str) -> tuple[TakenPackage, ...]:
        """Return what a resolver would have taken for the recipe at the end of a day.

        Wheels are asked for first; only where they are not enough, sources count too.
        Raises NoSet, ResolverFailed.
        """
        words = [
            "pip", "compile", "-", "--quiet", "--no-header", "--annotation-style", "line",
            "--python", str(self._interpreter), "--exclude-newer", f"{day}T23:59:59Z",
        ]  # fmt: skip
        asked = "\n".join(self._recipe.requirements())
        for more in (["--no-build"], []):
            script = f"{self._uv_script(*words, *more)} <<'END'\n{asked}\nEND"
            ended = self._bash(script, _RESOLVE_LIMIT_S)
            if ended.status == 0:
                return _taken(ended.output)
            fault = self._uv_fault(ended)
        raise NoSet(fault.message)

    def make(self, packages: tuple[str, ...]) -> None:
        """Make the environment by the recipe's own steps, with exactly these packages
        (`name==version`) in place of what it would install; with none, only the steps before.

        Raises RunnerFailed.
        """
        script: list[str] = []
        for step in self._recipe.steps:
            install = ["python", "-m", "pip", "install", "--no-deps", *step.options, *packages]
            if step.action != "install":
                script += commands(step, self._recipe)
            elif packages:
                script.append(shlex.join(install))
        ended = bash("\n".join(script), self._places.work, self._variables, LIMITS_S["install"])
        if ended.status != 0:
            raise RunnerFailed(f"the environment for trials: {self._last_words(ended)}")
        self._environment.rename(self._made)

    def attempt(self, pins: frozenset[str]) -> Tried:
        """Add these requirements to the recipe's in a copy of the environment, and probe it.

        Raises RunnerFailed, ResolverFailed where it says nothing of them.
        """
        try:
            shutil.copytree(self._made, self._environment, symlinks=True, copy_function=_link)
            installed = self._install(pins)
            return self._probed() if installed is None else installed
        except OSError as error:
            raise RunnerFailed(f"{self._places.folder}: {error.strerror or error}") from None
        finally:
            shutil.rmtree(self._environment, ignore_errors=True)

    def _install(self, pins: frozenset[str]) -> Tried | None:
        """Install, and return what came out only where that fails."""
        python = str(self._environment / "bin" / "python")
        wanted = [*self._recipe.requirements(), *sorted(pins)]
        script = self._uv_script("pip", "install", "--quiet", "--python", python, *wanted)
        ended = self._bash(script, LIMITS_S["install"])
        return None if ended.status == 0 else self._uv_fault(ended)

    def _probed(self) -> Tried:
        result = self._places.folder / "probed.json"
        result.unlink(missing_ok=True)
        device = self._recipe.cell.device
        machine = probed.runner(probe.machine(), self._scrubber)
        mode = "links" if device == "cuda" and not machine.gpus else device
        ended = self._bash(shlex.join(["python", probe.__file__, str(result), mode]), PROBE_LIMIT_S)
        _demand_disk(ended, self._places)
        try:
            checks = probed.read(json.loads(result.read_bytes()), self._scrubber).checks
        except (OSError, ValueError):
            checks = ()
        return _tried(judge(self._recipe.cell, (), checks, machine))

    def _uv_fault(self, ended: Ended) -> Tried:
        """Return what uv's failure says of the packages. Raises ResolverFailed: it says nothing."""
        _demand_disk(ended, self._places)
        outcome: Outcome | None = None
        if _NO_SET in ended.errors:
            outcome = "resolution"
        elif ended.status is not None and _NO_BUILD.search(ended.errors):
            outcome = "install"
        if outcome is None or _NO_NETWORK.search(ended.errors):
            raise ResolverFailed(f"uv failed: {self._last_words(ended)}; try again later")
        return Tried(outcome, f"{outcome}: {self._last_words(ended)}")

    def _last_words(self, ended: Ended) -> str:
        """Return what a program said last of why it failed, in a line."""
        if ended.status is None:
            return f"no end in {ended.seconds:.0f} s"
        text = self._scrubber.tail(ended.errors or ended.output, TAIL)
        reason = text.partition("hint:")[0].rpartition(_NO_SET)[2].partition("Because ")
        line = " ".join((reason[2] or reason[0]).split())
        return _cut(line)

    def _uv_script(self, *words: str) -> str:
        return shlex.join([self._uv, *words])

    def _bash(self, script: str, limit_s: float) -> Ended:
        lasting = self._lasting if self._environment.exists() else []
        whole = "\n".join([*lasting, script])
        return bash(whole, self._places.work, self._variables, limit_s)


def _tried(judgement: Judgement) -> Tried:
    if judgement.outcome == "ok":
        return Tried("ok", "passes")
    return Tried(judgement.outcome, _cut(judgement.why or judgement.outcome))


def _cut(line: str) -> str:
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 3].rstrip()}..."


def _link(source: str, target: str) -> None:
    os.link(source, target)


def _demand_disk(ended: Ended, places: Places) -> None:
    if pip_words.disk_full(ended.errors):
        raise RunnerFailed(f"{places.folder.parent}: the disk is full; free some space")


def _taken(locked: str) -> tuple[TakenPackage, ...]:
    found = (_LOCKED.match(line) for line in locked.splitlines())
    return tuple(
        TakenPackage(match[1], match[2], tuple((match[3] or "").replace(" ", "").split(",")))
        for match in found
        if match
    )
