"""Carry out the recipe of one cell in a throw-away environment, probe it, and say what was seen."""

import json
import os
import shutil
import signal
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from kb.base.errors import RunnerFailed
from kb.base.model import Outcome
from kb.base.scrubbing import OUTPUT, Scrubber, names_of
from kb.cells.checks import Check
from kb.cells.recipe_id import recipe_id
from kb.cells.recipes import Recipe
from kb.cells.shells import commands, program
from kb.machine.index_setting import IndexSetting
from kb.runs.judge import judge, text_fault
from kb.runs.run_file import TAIL, Run, Seen, StepSeen, WheelUsed
from verify.runner import pip_words, probe, probed
from verify.runner.bench import Bench
from verify.runner.challenge import seed
from verify.runner.isolation import Places, variables, without_touching_the_interpreter
from verify.runner.process import Ended, bash
from verify.runner.scratch import held_folder, open_scratch

LIMITS_S: dict[str, float] = {
    "environment": 300,
    "upgrade-pip": 300,
    "install": 3600,
    "library-path": 60,
    "cuda-by-hand": 60,
}
CHECK_LIMIT_S = 600
PROBE_LIMIT_S = 60 + sum(limit for _, limit in probe.LIMITS_S)
# Of disk for an environment beside its downloads, and of memory for one that computes.
CPU_GB, CUDA_GB, MEMORY_GB = 4, 12, 3


def carry_out(recipe: Recipe, bench: Bench, stop: threading.Event | None = None) -> Run:
    """Carry out a recipe on this machine and return what was seen; nothing is left behind.

    Raises RunnerFailed where the disk is full, verify.runner.process.Stopped when `stop` is set.
    """
    with throw_away(bench, recipe) as places:
        try:
            return _Carrying(recipe, bench, places, stop).run()
        except OSError as error:
            raise RunnerFailed(f"{bench.scratch}: {error.strerror or error}") from None


@contextmanager
def throw_away(bench: Bench, recipe: Recipe) -> Iterator[Places]:
    """Make the folders of a run, and remove them when it ends. Raises RunnerFailed."""
    try:
        open_scratch(bench.scratch)
        free = shutil.disk_usage(bench.scratch).free / 1e9
        needed = CUDA_GB if recipe.cell.device == "cuda" else CPU_GB
        if free < needed:
            raise RunnerFailed(
                f"{bench.scratch}: {free:.1f} GB free, {needed} GB needed; free some, "
                "or name another folder with --scratch"
            )
        with held_folder(bench.scratch, "cell-") as folder:
            places = Places(folder, bench.cache)
            places.make()
            yield places
    except OSError as error:
        raise RunnerFailed(f"{bench.scratch}: {error.strerror or error}") from None


class _Carrying:
    """One run while it goes on."""

    def __init__(
        self, recipe: Recipe, bench: Bench, places: Places, stop: threading.Event | None
    ) -> None:
        self.recipe = recipe
        self.places = places
        self.stop = stop
        self.interpreter = bench.pythons.get(recipe.cell.python)
        self.variables = variables(
            places, self.interpreter or Path("python"), bench.setting, recipe.cell.device
        )
        self.scrubber = scrubber(places, bench.setting)
        self.wheels = bench.setting.folder
        self.lasting: list[str] = []

    def run(self) -> Run:
        started, begun = datetime.now(timezone.utc), time.monotonic()
        steps = self._set_up()
        wheel = pip_words.installed_wheel(
            self.places.folder, self.recipe.cell.distribution, self.wheels
        )
        machine = probed.runner(probe.machine(), self.scrubber)
        has_gpu = bool(machine.gpus)
        found = probed.Probed(checks=(), runner=machine, seen=Seen(), packages=())
        if all(step.outcome == "ok" for step in steps):
            # without a GPU, a recipe for one can be carried out up to where it would compute
            if self.recipe.cell.device == "cpu" or has_gpu:
                steps += [
                    self._check(number, check)
                    for number, check in enumerate(self.recipe.checks, start=1)
                ]
            found = self._probe(has_gpu, started) or found
        return self._report(started, time.monotonic() - begun, steps, wheel, found)

    def _report(
        self,
        started: datetime,
        seconds: float,
        steps: list[StepSeen],
        wheel: WheelUsed | None,
        found: probed.Probed,
    ) -> Run:
        judgement = judge(self.recipe.cell, tuple(steps), found.checks, found.runner)
        return Run(
            format=1,
            **self.recipe.cell._asdict(),
            recipe=recipe_id(self.recipe),
            started=started.strftime("%Y-%m-%dT%H:%M:%SZ"),
            seconds=round(seconds, 1),
            outcome=judgement.outcome,
            proves=judgement.proves,
            why=judgement.why,
            steps=tuple(steps),
            checks=found.checks,
            wheel=wheel,
            packages=found.packages,
            runner=found.runner,
            seen=found.seen,
            challenge=found.challenge,
        )

    def _set_up(self) -> list[StepSeen]:
        seen = []
        for step in self.recipe.steps:
            script = commands(step, self.recipe)
            if self.interpreter is None:
                missing = f"no python{self.recipe.cell.python} on this machine"
                return [
                    StepSeen(
                        name="environment",
                        commands="\n".join(script),
                        outcome="no-python",
                        seconds=0.0,
                        output=missing,
                    )
                ]
            environment = self.variables
            if step.action == "environment":
                environment = without_touching_the_interpreter(environment)
            ended = self._bash("\n".join(script), LIMITS_S[step.action], environment)
            outcome = self._outcome(ended)
            seen.append(self._step(step.action, "\n".join(script), outcome, ended))
            if outcome != "ok":
                break
            if step.action in ("environment", "cuda-by-hand"):
                self.lasting.append(script[-1])
        return seen

    def _outcome(self, ended: Ended) -> Outcome:
        if ended.status is None:
            return "timeout"
        if ended.status == 0:
            return "ok"
        if ended.status in (128 + signal.SIGKILL, -signal.SIGKILL):
            raise RunnerFailed("a step was killed: the machine may be short of memory; free some")
        printed = ended.output + ended.errors
        if pip_words.disk_full(printed):
            raise RunnerFailed(f"{self.places.folder.parent}: the disk is full; free some space")
        failure = pip_words.failure(printed, self.places.folder, self.recipe.cell.distribution)
        if self.wheels is not None and failure in ("no-wheel", "resolution"):
            raise RunnerFailed(
                f"{self.wheels}: not all that the recipe installs is there: "
                f"{pip_words.missing(printed) or failure}; add it to the folder"
            )
        return failure

    def _check(self, number: int, check: Check) -> StepSeen:
        script = program(check, powershell=False)
        ended = self._bash(script, CHECK_LIMIT_S, self.variables)
        outcome: Outcome = "ok"
        if ended.status is None:
            outcome = "timeout"
        elif not 0 <= ended.status <= 128:  # below 0 where the signal met bash too
            outcome = "crash"
        elif ended.status:
            outcome = text_fault(ended.errors)
        elif self.recipe.cell.device == "cpu" and ended.output.strip() != check.expected:
            outcome = "wrong-result"
        return self._step(f"check-{number}", script, outcome, ended)

    def _probe(self, has_gpu: bool, started: datetime) -> probed.Probed | None:
        """Run the probe; None where it left nothing that can be read."""
        result = self.places.folder / "probed.json"
        device = self.recipe.cell.device
        mode = "links" if device == "cuda" and not has_gpu else device
        asked = seed(self.recipe.cell, f"{started:%Y-%m-%d}")
        script = f'python "{probe.__file__}" "{result}" {mode} {asked}'
        ended = self._bash(script, PROBE_LIMIT_S, self.variables)
        if pip_words.disk_full(ended.errors):
            raise RunnerFailed(f"{self.places.folder.parent}: the disk is full; free some space")
        try:
            answer: dict[str, Any] = json.loads(result.read_bytes())
        except (OSError, ValueError):
            return None
        return probed.read(answer, self.scrubber)

    def _bash(self, script: str, limit_s: float, environment: Mapping[str, str]) -> Ended:
        whole = "\n".join([*self.lasting, script])
        return bash(whole, self.places.work, environment, limit_s, self.stop)

    def _step(self, name: str, script: str, outcome: Outcome, ended: Ended) -> StepSeen:
        # what says most stands last, where no tail loses it
        parts = (ended.errors, ended.output) if outcome == "ok" else (ended.output, ended.errors)
        printed = self.scrubber.tail("\n".join(part.rstrip() for part in parts), TAIL)
        return StepSeen(
            name=name,
            commands=script,
            outcome=outcome,
            seconds=round(ended.seconds, 3),
            output=printed,
        )


def scrubber(places: Places, setting: IndexSetting) -> Scrubber:
    """Return what takes out of texts what is private, and what only this machine would print."""
    names = {
        **(
            {setting.address: "[wheels]", str(setting.folder): "[wheels]"} if setting.folder else {}
        ),
        **names_of(os.environ, home="[home]"),
        str(places.folder): "[folder]",
        str(places.work): "[work]",
        str(places.cache): "[cache]",
        str(Path(probe.__file__).parent): "[verify]",
    }
    return Scrubber(names, OUTPUT)
