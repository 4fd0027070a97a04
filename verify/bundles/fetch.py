"""Fetch just what a recipe installs into a folder of wheels."""

import shlex
import shutil
import tempfile
from pathlib import Path

from kb.base.errors import RunnerFailed
from kb.base.writing import write
from kb.cells.recipes import Recipe
from kb.cells.shells import commands, install
from kb.runs.judge import last_words
from kb.runs.run_file import TAIL
from verify.hashing import sha256_of
from verify.runner.bench import Bench
from verify.runner.isolation import variables
from verify.runner.process import bash
from verify.runner.run import LIMITS_S, scrubber, throw_away

_LONGEST = 200


def fetch(recipe: Recipe, bench: Bench, folder: Path) -> tuple[Path, ...]:
    """Have pip choose and fetch what a recipe installs, pip itself too, by the recipe's own Python;
    what has no wheel is built. Write the wheels below `folder`, and their hashes; return their
    paths. What was fetched before comes out of the cache.

    Raises RunnerFailed where the Python is missing or pip fails, OSError.
    """
    python = recipe.cell.python
    interpreter = bench.pythons.get(python)
    if interpreter is None or python == "2.7":
        raise RunnerFailed(f"Python {python}: bundles need it on this machine, and 3.5 or newer")
    wheels, hashes = folder / "wheels", folder / "SHA256SUMS"
    if wheels.exists() and not hashes.exists():
        raise RunnerFailed(f"{wheels}: not of a bundle, and would be replaced; name another folder")
    folder.mkdir(parents=True, exist_ok=True)
    with (
        throw_away(bench, recipe) as places,
        tempfile.TemporaryDirectory(prefix=".fetched-", dir=folder) as temporary,
    ):
        fresh = Path(temporary) / "wheels"
        environment = variables(places, interpreter, bench.setting, recipe.cell.device)
        ended = bash(_script(recipe, fresh), places.work, environment, LIMITS_S["install"])
        if ended.status != 0:
            why = "its time was up" if ended.status is None else last_words(ended.errors)
            told = " ".join(scrubber(places, bench.setting).tail(why, TAIL).split())
            raise RunnerFailed(f"pip fetched not all that the recipe installs: {told[:_LONGEST]}")
        shutil.rmtree(wheels, ignore_errors=True)
        fresh.replace(wheels)
    found = tuple(sorted(wheels.glob("*.whl")))
    lines = (f"{sha256_of(path)}  wheels/{path.name}\n" for path in found)
    write(hashes, "".join(lines))
    return found


def _script(recipe: Recipe, into: Path) -> str:
    """Return the recipe's steps, with what they would install put into a folder."""
    program = f"python -m pip wheel --wheel-dir {shlex.quote(str(into.absolute()))}"
    lines: list[str] = []
    for step in recipe.steps:
        if step.action in ("environment", "upgrade-pip"):
            lines += commands(step, recipe)
        if step.action == "upgrade-pip":
            lines.append(f"{program} pip")
        if step.action == "install":
            lines.append(install(step, program, powershell=False))
    return "\n".join(lines)
