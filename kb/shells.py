"""Write a recipe out for a shell: bash (and its kin) or PowerShell."""

import re

from kb.checks import Check
from kb.recipes import Recipe, Step

_PLAIN = re.compile(r"[A-Za-z0-9_./=:-]+")
_WIDTH = 80


def setup(recipe: Recipe) -> tuple[str, ...]:
    """Return the commands that set a recipe's cell up, in the shell of its platform."""
    powershell = is_powershell(recipe)
    write = _powershell if powershell else _bash
    return tuple(command for step in recipe.steps for command in write(step))


def check(recipe: Recipe) -> tuple[str, ...]:
    """Return the commands that check a recipe's cell, one a step."""
    return tuple(program(step, is_powershell(recipe)) for step in recipe.checks)


def program(step: Check, powershell: bool) -> str:
    """Return one command that runs the Python program of a check."""
    if powershell:
        return f"@'\n{step.code}'@ | python -"
    return f"python - <<'END'\n{step.code}END"


def is_powershell(recipe: Recipe) -> bool:
    """Tell whether a recipe is for PowerShell: on Windows it is."""
    return recipe.cell.platform.startswith("windows")


def _bash(step: Step) -> list[str]:
    if step.action == "environment":
        return [*_create(step, f"python{step.python}"), f". {step.folder}/bin/activate"]
    if step.action == "cuda-by-hand":
        folder = f"/usr/local/cuda-{step.cuda}" if step.cuda else "/usr/local/cuda"
        return [_told(step), f'export LD_LIBRARY_PATH="{folder}/lib64:$LD_LIBRARY_PATH"']
    return [_pip(step, " \\\n  ")]


def _powershell(step: Step) -> list[str]:
    if step.action == "environment":
        return [*_create(step, f"py -{step.python}"), rf"{step.folder}\Scripts\Activate.ps1"]
    if step.action == "cuda-by-hand":
        folder = rf"$env:ProgramFiles\NVIDIA GPU Computing Toolkit\CUDA\v{step.cuda}\bin"
        return [_told(step), f'$env:PATH = "{folder};$env:PATH"']
    return [_pip(step, " `\n  ")]


def _create(step: Step, python: str) -> list[str]:
    if step.python == "2.7":  # 2.7 has no venv, and virtualenv 20.22 gave it up
        return [
            f"{python} -m pip install 'virtualenv<20.22'",
            f"{python} -m virtualenv --no-download {step.folder}",
        ]
    return [f"{python} -m venv {step.folder}"]


def _told(step: Step) -> str:
    cuda = f"CUDA {step.cuda}" if step.cuda else "the CUDA that it was built with"
    cudnn = f"cuDNN {step.cudnn}" if step.cudnn else "its cuDNN"
    toolkits, archive = step.addresses
    return f"# First install {cuda}: {toolkits}\n# and copy {cudnn} into it: {archive}"


def _pip(step: Step, onward: str) -> str:
    words = ["--upgrade", "pip"]
    if step.action == "install":
        words = [*step.options, *map(_quoted, step.requirements)]
    line = " ".join(["python -m pip install", *words])
    return line if len(line) <= _WIDTH else onward.join(["python -m pip install", *words])


def _quoted(requirement: str) -> str:
    return requirement if _PLAIN.fullmatch(requirement) else f"'{requirement}'"
