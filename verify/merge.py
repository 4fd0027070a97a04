"""Make the evidence of each series from all runs: a pure function of the runs and the ledgers."""

from collections.abc import Iterable

from kb.base.model import AttestationsFile, CellRun, EvidenceFile, SendersFile
from kb.base.versions import key, series
from kb.cells.standing import CONCLUSIVE
from kb.runs.folder import Filed
from kb.runs.ledgers import Ledgers
from kb.runs.run_file import GpuSeen, Run


def merge(
    filed: Iterable[Filed], ledger: AttestationsFile, senders: SendersFile
) -> dict[str, EvidenceFile]:
    """Return the evidence of each series.

    Of each cell, recipe, kind of machine, runner and trust the newest run counts that speaks of the
    cell. Where nobody knows who ran them, a success does not take a failure's place, nor a failure
    a success's: they may be of two. Trust and runner are the ledgers' word.
    """
    ledgers = Ledgers(ledger, senders)
    newest: dict[tuple[object, ...], CellRun] = {}
    for file in filed:
        if file.run.outcome not in CONCLUSIVE:
            continue
        cell_run = _cell_run(file, ledgers)
        machine = (cell_run.wsl2, cell_run.compute_capability)
        subject = (*file.run.cell(), cell_run.recipe, *machine, *_who(cell_run))
        before = newest.get(subject)
        if before is None or (cell_run.at, cell_run.run) > (before.at, before.run):
            newest[subject] = cell_run
    found: dict[str, list[CellRun]] = {}
    for run in sorted(newest.values(), key=_order):
        found.setdefault(series(run.release), []).append(run)
    return {name: EvidenceFile(1, tuple(runs)) for name, runs in found.items()}


def _who(run: CellRun) -> tuple[object, ...]:
    """Return whose older runs a run takes the place of."""
    is_known = run.runner is not None or run.trust == "attested"
    return run.trust, run.runner, is_known or run.outcome == "ok"


def _cell_run(filed: Filed, ledgers: Ledgers) -> CellRun:
    run = filed.run
    gpu = _gpu(run)
    vouched = ledgers.of(filed.sha256)
    return CellRun(
        run=filed.id,
        at=run.started,
        **run.cell()._asdict(),
        recipe=run.recipe,
        outcome=run.outcome,
        trust=vouched.trust,
        proves=run.proves,
        gpu=gpu.name,
        compute_capability=gpu.compute_capability,
        why=run.why,
        runner=vouched.runner,
        wsl2=run.runner.wsl2,
    )


def _gpu(run: Run) -> GpuSeen:
    """Return the GPU of which a run speaks: the one that computes, by TensorFlow's word, else by
    the driver's.
    """
    nothing = GpuSeen(None, None)
    if run.device == "cpu":
        return nothing
    by_tensorflow = (*run.seen.gpus, nothing)[0]
    by_driver = (*run.runner.gpus, nothing)[0]
    return GpuSeen(
        by_tensorflow.name or by_driver.name,
        by_tensorflow.compute_capability or by_driver.compute_capability,
    )


def _order(run: CellRun) -> tuple[object, ...]:
    cell = (run.distribution, run.platform, key(run.python), run.device)
    return (key(run.release), *cell, run.at, run.run)
