"""What is known of one run: what it set up, where, what came of it, and which pins it shows."""

from kb.base.errors import NothingFound
from kb.base.model import Bounds, CellRun
from kb.base.names import DEVICE_NAMES, PLATFORM_NAMES
from kb.base.store import Store
from kb.base.versions import series
from kb.cells.recipes import cell_of
from kb.cells.rungs import RUNG_MEANINGS
from kb.problem.records import ProblemAnswer
from kb.runs.run_file import cell_name


def run_told(store: Store, name: str) -> ProblemAnswer:
    """Return what is known of a run. Raises NothingFound and DocumentError."""
    files = (store.evidence(of) for of in reversed(store.evidence_names()))
    run = next((run for file in files for run in file.runs if run.run == name), None)
    if run is None:
        raise NothingFound(f"no run {name} among those that the evidence stands on")
    on = f"{PLATFORM_NAMES[run.platform]}, Python {run.python}, {DEVICE_NAMES[run.device]}"
    return ProblemAnswer(
        id=run.run,
        kind="run",
        title=f"A run of {run.distribution} {run.release} on {on}",
        releases=(Bounds(run.release, run.release),),
        platforms=(run.platform,),
        devices=(run.device,),
        pythons=(run.python,),
        compute_capabilities=() if run.compute_capability is None else (run.compute_capability,),
        gpus=() if run.gpu is None else (run.gpu,),
        cause=" ".join([_outcome(run), *_shown(store, name)]),
        sources=(f"runs/{series(run.release)}/{cell_name(cell_of(run))}/{name}.json",),
    )


def _outcome(run: CellRun) -> str:
    """Tell what came of a run, on which day, and how far it is to be believed."""
    if run.proves is not None:
        what = f"It passed: {RUNG_MEANINGS[run.proves].in_words}"
    else:
        what = f"It failed ({run.outcome})" + (f": {run.why.rstrip('.')}" if run.why else "")
    where = "; the runner was WSL2" if run.wsl2 else ""
    by = f", by {run.runner}" if run.runner else ""
    return f"{what}{where}; {run.day}, {run.trust}{by}, recipe {run.recipe}."


def _shown(store: Store, name: str) -> list[str]:
    """Tell which pins and search paths the run shows the need of."""
    pins = dict.fromkeys(pin.pin for pin in store.pins().pins if name in pin.runs)
    paths = [path for path in store.library_paths().library_paths if name in path.runs]
    texts = [f"It shows why a recipe has {pin}." for pin in pins]
    return [*texts, *["It shows why a recipe sets a search path."] * bool(paths)]
