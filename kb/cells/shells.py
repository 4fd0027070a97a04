"""Write a recipe out for a shell: bash (and its kin) or PowerShell."""

import re

from kb.cells.checks import Check
from kb.cells.recipes import Recipe, Step

_PLAIN = re.compile(r"[A-Za-z0-9_./=:-]+")
_WIDTH = 80
_PIP = "python -m pip install"


def setup(recipe: Recipe) -> tuple[str, ...]:
    """Return the commands that set a recipe's cell up, in the shell of its platform."""
    return tuple(command for step in recipe.steps for command in commands(step, recipe))


def commands(step: Step, recipe: Recipe) -> tuple[str, ...]:
    """Return the commands of one step of a recipe; the last one may be for the steps that follow:
    it activates an environment or sets a path.
    """
    if is_powershell(recipe):
        return tuple(_powershell(step))
    return tuple(_bash(step, recipe.cell.platform.startswith("macos")))


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


def activate(step: Step, powershell: bool) -> str:
    """Return the command that activates the environment which a step has made."""
    return rf"{step.folder}\Scripts\Activate.ps1" if powershell else f". {step.folder}/bin/activate"


def install(step: Step, program: str, powershell: bool) -> str:
    """Return the command by which a program, such as `python -m pip install`, installs what a step
    requires.
    """
    onward, quote = (" `\n  ", "''") if powershell else (" \\\n  ", "'\\''")
    words = [*step.options, *(_quoted(requirement, quote) for requirement in step.requirements)]
    line = " ".join([program, *words])
    return line if len(line) <= _WIDTH else onward.join([program, *words])


def _bash(step: Step, macos: bool) -> list[str]:
    if step.action == "environment":
        return [*_create(step, f"python{step.python}"), activate(step, powershell=False)]
    if step.action == "cuda-by-hand":
        return [_by_hand(step), _library_path(step, macos)]
    if step.action == "library-path":
        return [_path_in_environment(step), activate(step, powershell=False)]
    return [_pip(step, powershell=False)]


def _library_path(step: Step, macos: bool) -> str:
    # the loader takes an empty entry for the current folder, so none may be left
    if macos:
        return (
            "export DYLD_LIBRARY_PATH=/usr/local/cuda/lib${DYLD_LIBRARY_PATH:+:$DYLD_LIBRARY_PATH}"
        )
    folder = "/usr/local/cuda"
    if step.cuda and "." in step.cuda:
        folder = f"/usr/local/cuda-{step.cuda}"
    return f"export LD_LIBRARY_PATH={folder}/lib64${{LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}}"


def _path_in_environment(step: Step) -> str:
    # in the environment's own script, so that it holds whenever the environment is active
    folders = f'"$VIRTUAL_ENV"/lib/python{step.python}/site-packages/nvidia/*/lib'
    return f"""\
cat >> {step.folder}/bin/activate <<'END'
cuda_libraries=$(printf ':%s' {folders})
export LD_LIBRARY_PATH=${{cuda_libraries#:}}${{LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}}
END"""


def _powershell(step: Step) -> list[str]:
    if step.action == "environment":
        return [*_create(step, f"py -{step.python}"), activate(step, powershell=True)]
    if step.action == "cuda-by-hand":
        folder = r"$env:CUDA_PATH\bin"  # what its installer sets
        if step.cuda and "." in step.cuda:
            folder = rf"$env:ProgramFiles\NVIDIA GPU Computing Toolkit\CUDA\v{step.cuda}\bin"
        return [_by_hand(step), f'$env:PATH = "{folder};$env:PATH"']
    return [_pip(step, powershell=True)]


def _create(step: Step, python: str) -> list[str]:
    if step.python == "2.7":  # 2.7 has no venv, and virtualenv 20.22 gave it up
        return [
            f"{python} -m pip install 'virtualenv<20.22'",
            f"{python} -m virtualenv --no-download {step.folder}",
        ]
    return [f"{python} -m venv {step.folder}"]


def _by_hand(step: Step) -> str:
    cuda = f"CUDA {step.cuda}" if step.cuda else "the CUDA that it was built with"
    cudnn = f"cuDNN {step.cudnn}" if step.cudnn else "its cuDNN"
    toolkits, archive = step.addresses
    return f"# First install {cuda}: {toolkits}\n# and copy {cudnn} into it: {archive}"


def _pip(step: Step, powershell: bool) -> str:
    if step.action == "upgrade-pip":
        return f"{_PIP} --upgrade pip"
    return install(step, _PIP, powershell)


def _quoted(requirement: str, quote: str) -> str:
    """Return a requirement as one word; `quote` stands for a quote inside of quotes."""
    if _PLAIN.fullmatch(requirement):
        return requirement
    return "'" + requirement.replace("'", quote) + "'"
