"""Carry out the set-up of a cell by another tool than pip, and check it as the recipe says."""

import json
import os
import subprocess
from collections.abc import Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Literal

from kb.base.errors import RunnerFailed
from kb.base.model import ToolTrial
from kb.cells.recipe_id import recipe_id
from kb.cells.recipes import Recipe
from kb.cells.shells import commands, program
from kb.cells.tools import uv_text
from kb.runs.judge import last_words
from kb.runs.run_file import TAIL
from verify.resolver import uv_program
from verify.runner.bench import Bench
from verify.runner.isolation import Places, uv_variables, variables
from verify.runner.process import bash
from verify.runner.run import CHECK_LIMIT_S, LIMITS_S, scrubber, throw_away

_LONGEST = 160
# uv's words where it is the network or the machine that failed, and nothing is said of the cell
_NOT_OF_THE_CELL = (
    *("Failed to fetch", "error sending request", "No space left", "timed out"),
    "No interpreter found",  # uv takes none of an environment
)


def uv_version() -> str:
    """Return the version of uv here. Raises verify.resolver.ResolverFailed, RunnerFailed."""
    command = [uv_program(), "self", "version", "--output-format", "json"]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    if answer.returncode != 0:
        raise RunnerFailed("uv does not tell its version; run `pip install '.[verify]'`")
    return str(json.loads(answer.stdout)["version"])


def carry_out_by_uv(recipe: Recipe, bench: Bench, version: str) -> ToolTrial:
    """Carry out what uv is given for a recipe on this machine; return what came of it.

    Raises RunnerFailed where it says nothing of the cell, ResolverFailed where uv is not there.
    """
    with throw_away(bench, recipe) as places:
        why = _fault(recipe, bench, places, _variables(recipe, bench, places))
    tool: Literal["uv"] = "uv"
    today = datetime.now(timezone.utc).date().isoformat()
    cell = recipe.cell._asdict()
    return ToolTrial(
        tool=tool, version=version, day=today, **cell, recipe=recipe_id(recipe), why=why
    )


def _variables(recipe: Recipe, bench: Bench, places: Places) -> Mapping[str, str]:
    interpreter = bench.pythons.get(recipe.cell.python)
    if interpreter is None:
        raise RunnerFailed(f"no python{recipe.cell.python} on this machine")
    plain = variables(places, interpreter, bench.setting, recipe.cell.device)
    path = os.pathsep.join([plain["PATH"], str(Path(uv_program()).parent)])
    # thrown away with the environment: what uv keeps of all releases fills a disk
    cache = places.folder / "uv"
    return {**plain, **uv_variables(bench.setting, cache), "PATH": path}


def _fault(
    recipe: Recipe, bench: Bench, places: Places, environment: Mapping[str, str]
) -> str | None:
    """Return what failed first, in a line, or None."""
    clean = scrubber(places, bench.setting)
    ended = bash(uv_text(recipe), places.work, environment, LIMITS_S["install"])
    if ended.status != 0:
        why = _line(clean.tail(ended.errors, TAIL))
        if ended.status is None or any(words in ended.errors for words in _NOT_OF_THE_CELL):
            raise RunnerFailed(f"uv failed: {why}; try again later")
        return f"set-up: {why}"
    activate = next(
        commands(step, recipe)[-1] for step in recipe.steps if step.action == "environment"
    )
    for check in recipe.checks:
        script = f"{activate}\n{program(check, powershell=False)}"
        ended = bash(script, places.work, environment, CHECK_LIMIT_S)
        if ended.status != 0:
            return f"{check.title}: {_line(clean.tail(ended.errors, TAIL))}"
        if recipe.cell.device == "cpu" and ended.output.strip() != check.expected:
            return f"{check.title}: it printed something else than what is expected"
    return None


def _line(text: str) -> str:
    line = " ".join(last_words(text).split()).partition(". ")[0]
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 3].rstrip()}..."
