"""Runs as contributors send them: real ones of ours, changed in one place and put where they go."""

import math
import re
import struct
from pathlib import Path

from kb.base.store import Store
from kb.cells.shells import program
from kb.runs import run_file
from kb.runs.folder import read_all
from kb.runs.run_file import ChallengeAnswer, CheckSeen, GpuSeen, Run, StepSeen
from verify.plan import find
from verify.runner import probe
from verify.runner.challenge import seed

_LOGGED = re.compile(r"^(?:[0-9]{4}-[0-9]{2}-[0-9]{2} |[IWEF]0000 )[^\n]*\n", re.MULTILINE)
RUNS = Path(__file__).parents[2] / "runs"


def real(cell: str) -> Run:
    """Return the newest run of ours of a cell that came out well."""
    runs = [filed.run for filed in read_all(RUNS) if filed.path.parent.name == cell]
    return max((run for run in runs if run.outcome == "ok"), key=lambda run: run.started)


CPU = real("tensorflow-2.15.1-linux-x86_64-py3.11-cpu")
LINKS = real("tensorflow-2.15.1-linux-x86_64-py3.11-cuda")


def answered(run: Run) -> Run:
    """Return a run with what it would answer to its challenge. No TensorFlow computed it: each sum
    is off by a bit.
    """
    asked = seed(run.cell(), run.started[:10])
    digests = []
    for field, kind, most, side in probe.PRODUCTS:
        product = probe.exact_product(*probe.whole_numbers(asked + field, most, side))
        digests.append(probe.digest(product, kind))
    words = [_words(*probe.fractions(one)) for one in (asked, probe.COMMON_SEED)]
    challenge = CheckSeen(name="challenge", outcome="ok", seconds=0.2)
    checks = tuple(check for check in run.checks if check.name != "challenge")
    return run._replace(
        seconds=round(run.seconds + 0.2, 1),
        checks=(*checks, challenge),
        challenge=ChallengeAnswer(*digests, *words),
    )


def _words(a: list[list[float]], b: list[list[float]]) -> tuple[str, ...]:
    sums = [value + 1e-5 for row in probe.exact_product(a, b) for value in row]
    powers = [math.exp(value) for value in a[0][: probe.WORDS]]
    return tuple(struct.pack(probe.FLOAT32, value).hex() for value in (*sums, *powers))


def sent(folder: Path, run: Run) -> Path:
    """Put a run where it belongs below a folder, whatever it says, and return its path."""
    text = run_file.text(run)
    path = folder / "runs" / run_file.place(run, text.encode())
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


RTX_3090 = GpuSeen("NVIDIA GeForce RTX 3090", "8.6", 24576)


def on_gpu(gpu: GpuSeen = RTX_3090) -> Run:
    """Return what a run on a GPU would look like. No GPU computed it: it serves to be refused."""
    recipe = find(Store(), LINKS.cell()).recipe
    own = tuple(
        StepSeen(
            name=f"check-{number}",
            commands=program(check, powershell=False),
            outcome="ok",
            seconds=1.0,
            output=check.expected.partition(" (or as many")[0],
        )
        for number, check in enumerate(recipe.checks, start=1)
    )
    by_cpu = (check._replace(device="/GPU:0") if check.device else check for check in LINKS.checks)
    driver = "550.54.14"
    checks = tuple(with_driver(check, driver) for check in by_cpu)
    made = LINKS._replace(
        proves="runs-gpu",
        seconds=LINKS.seconds + len(own),
        steps=LINKS.steps + own,
        checks=checks,
        runner=LINKS.runner._replace(gpus=(gpu,), driver=driver),
        seen=LINKS.seen._replace(gpus=(gpu._replace(memory_mib=None),)),
    )
    return answered(retimed(made, 1.071))


def with_driver(check: CheckSeen, driver: str) -> CheckSeen:
    """Return a check that has the driver's library among those that were loaded, if it has any."""
    others = [name for name in check.loaded if not name.startswith("libcuda.so.")]
    return check._replace(loaded=tuple(sorted([*others, f"libcuda.so.{driver}"])) if others else ())


def retimed(run: Run, factor: float) -> Run:
    """Return a run of which each part took longer by a factor: no two runs take just as long."""
    return run._replace(
        seconds=round(run.seconds * factor, 1),
        steps=tuple(
            step._replace(
                seconds=round(step.seconds * factor, 3), output=_LOGGED.sub("", step.output)
            )
            for step in run.steps
        ),
        checks=tuple(c._replace(seconds=round(c.seconds * factor, 3)) for c in run.checks),
    )


def step(run: Run, name: str, **changes: object) -> Run:
    """Return a run with one of its steps changed."""
    steps = (one._replace(**changes) if one.name == name else one for one in run.steps)
    return run._replace(steps=tuple(steps))


def check(run: Run, name: str, **changes: object) -> Run:
    """Return a run with one of its checks changed."""
    checks = (one._replace(**changes) if one.name == name else one for one in run.checks)
    return run._replace(checks=tuple(checks))


def packages(run: Run, **versions: str | None) -> Run:
    """Return a run with packages in other versions, added, or, where None, taken away."""
    own = dict(package.split("==") for package in run.packages)
    named = {name.replace("_", "-"): version for name, version in versions.items()}
    kept = {**own, **named}
    return run._replace(packages=tuple(f"{k}=={v}" for k, v in kept.items() if v is not None))


def runner(run: Run, **changes: object) -> Run:
    """Return a run on a machine that is changed."""
    return run._replace(runner=run.runner._replace(**changes))


def seen(run: Run, **changes: object) -> Run:
    """Return a run whose probe met something else."""
    return run._replace(seen=run.seen._replace(**changes))
