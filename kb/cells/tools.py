"""A recipe's set-up for tools beside pip: uv, conda, Docker.

pip's text is the one that runs carry out. The others ask for the very same requirements, so that
what is known of the wheels holds for them too; whether we have carried them out goes with each.
"""

from typing import Literal

from kb.base.model import ToolTrial
from kb.base.record import Record
from kb.base.versions import key
from kb.cells import shells
from kb.cells.recipe_id import recipe_id
from kb.cells.recipes import Recipe, Step, cell_of

Tool = Literal["pip", "uv", "conda", "Docker"]

_UV = "https://docs.astral.sh/uv/reference/policies/python"
_CONDA_FORGE = "https://github.com/conda-forge/tensorflow-feedstock"
_IMAGES = (
    "https://github.com/tensorflow/docs/blob/05d2225e69a33ecefe25e73fa39c4d1a1169a60f"
    "/site/en/install/docker.md"
)
# uv works with no older ones, says its policy
_MINIMUM_PYTHON = "3.6"


class Text(Record):
    """Commands to paste at once, and what they do."""

    title: str
    text: str


class Way(Record):
    """How a tool sets a cell up: texts in order, what to know first, and the source of that."""

    tool: Tool
    texts: tuple[Text, ...]
    note: str | None = None
    source: str | None = None


def ways(recipe: Recipe, trials: tuple[ToolTrial, ...] = ()) -> tuple[Way, ...]:
    """Return how each tool sets a recipe's cell up, pip first; a tool of which nothing true can be
    said is left out. `trials` are all that are known.
    """
    found = [Way(tool="pip", texts=(Text("Set up", "\n".join(shells.setup(recipe))),))]
    if by_uv(recipe):
        actions = {step.action for step in recipe.steps}
        found.append(_uv(recipe, trials))
        if "library-path" not in actions:  # conda's environment has no `activate` to write it to
            found.append(_conda(recipe))
        if recipe.cell.platform.startswith("linux"):
            by_hand = "cuda-by-hand" in actions
            found += [_image(recipe)] if by_hand else [_container(recipe)]
    return tuple(found)


def by_uv(recipe: Recipe) -> bool:
    """Tell whether uv works with a recipe's Python, as its policy says."""
    return key(recipe.cell.python) >= key(_MINIMUM_PYTHON)


def uv_text(recipe: Recipe) -> str:
    """Return the commands by which uv sets a recipe's cell up."""
    powershell = shells.is_powershell(recipe)
    lines: list[str] = []
    for step in recipe.steps:
        if step.action == "environment":
            lines.append(f"uv venv --python {step.python} {step.folder}")
            lines.append(shells.activate(step, powershell))
        elif step.action == "install":
            lines.append(shells.install(step, "uv pip install", powershell))
        elif step.action != "upgrade-pip":
            lines += shells.commands(step, recipe)
    return "\n".join(lines)


def _uv(recipe: Recipe, trials: tuple[ToolTrial, ...]) -> Way:
    """Return uv's way; where it was seen to fail, only that."""
    own = (tried for tried in trials if cell_of(tried) == recipe.cell)
    trial = next((tried for tried in own if tried.recipe == recipe_id(recipe)), None)
    if trial and trial.why:
        seen = f"As of {trial.day}, uv {trial.version} makes a set that fails where pip's does not"
        return Way(
            tool="uv", texts=(), note=f"{seen}: {trial.why.rstrip('.')}. Use pip.", source=_UV
        )
    note = "The same requirements, installed by uv, which fetches a Python that is not there. "
    note += "We have not run this."
    if trial:
        note = f"Carried out by uv {trial.version} as of {trial.day}: the checks pass."
    return Way(tool="uv", texts=(Text("Set up", uv_text(recipe)),), note=note, source=_UV)


def _conda(recipe: Recipe) -> Way:
    lines: list[str] = []
    for step in recipe.steps:
        lines += _conda_lines(step, recipe)
    note = (
        "Python by conda, the wheels by pip, so that what this page says holds. We have not run "
        "this. conda-forge builds TensorFlow itself too; of those builds nothing is said here."
    )
    return Way(
        tool="conda", texts=(Text("Set up", "\n".join(lines)),), note=note, source=_CONDA_FORGE
    )


def _conda_lines(step: Step, recipe: Recipe) -> tuple[str, ...]:
    if step.action != "environment":
        return shells.commands(step, recipe)
    make = f"conda create --name {step.folder} --channel conda-forge python={step.python} pip"
    return make, f"conda activate {step.folder}"


def _container(recipe: Recipe) -> Way:
    """Return the recipe inside of an image of Python, where it is carried out as anywhere."""
    on_gpu = recipe.cell.device == "cuda"
    start = Text("Start a container", _run(f"python:{recipe.cell.python}", on_gpu))
    inside = Text("Inside it, set up", "\n".join(shells.setup(recipe)))
    host = " The host needs the driver and NVIDIA's container toolkit." if on_gpu else ""
    note = f"The published set-up in an image of Python. We have not run this in Docker.{host}"
    return Way(tool="Docker", texts=(start, inside), note=note, source=_IMAGES if on_gpu else None)


def _image(recipe: Recipe) -> Way:
    """Return TensorFlow's own image, which brings the CUDA that is else installed by hand."""
    image = f"tensorflow/tensorflow:{recipe.cell.release}-gpu"
    note = (
        "TensorFlow's own image brings its CUDA, and a Python of its own; the host needs the "
        "driver and NVIDIA's container toolkit. Its page says that images are tagged like this. "
        "We have not run it, nor looked whether this tag is there."
    )
    return Way(
        tool="Docker",
        texts=(Text("Start a container", _run(image, on_gpu=True)),),
        note=note,
        source=_IMAGES,
    )


def _run(image: str, on_gpu: bool) -> str:
    return f"docker run --rm -it {'--gpus all ' if on_gpu else ''}{image} bash"
