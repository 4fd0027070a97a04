"""Make the evidence of each series from all runs: a pure function of the runs and the ledger."""

from collections.abc import Iterable
from hashlib import sha256

from kb.base.model import AttestationsFile, CellRun, EvidenceFile, Trust
from kb.base.versions import key, series
from kb.cells.standing import CONCLUSIVE
from kb.runs.folder import Filed
from kb.runs.run_file import GpuSeen, Run, run_id


def merge(filed: Iterable[Filed], ledger: AttestationsFile) -> dict[str, EvidenceFile]:
    """Return the evidence of each series.

    Of each cell, recipe, compute capability and trust the newest run counts that speaks of the
    cell. Trust is the ledger's word: `attested` where it holds the sha256 of the very file.
    """
    attested = {attestation.sha256 for attestation in ledger.attestations}
    newest: dict[tuple[object, ...], CellRun] = {}
    for file in filed:
        if file.run.outcome not in CONCLUSIVE:
            continue
        cell_run = _cell_run(
            file, "attested" if sha256(file.raw).hexdigest() in attested else "self-reported"
        )
        subject = (*file.run.cell(), cell_run.recipe, cell_run.compute_capability, cell_run.trust)
        before = newest.get(subject)
        if before is None or (cell_run.at, cell_run.run) > (before.at, before.run):
            newest[subject] = cell_run
    found: dict[str, list[CellRun]] = {}
    for run in sorted(newest.values(), key=_order):
        found.setdefault(series(run.release), []).append(run)
    return {name: EvidenceFile(1, tuple(runs)) for name, runs in found.items()}


def _cell_run(filed: Filed, trust: Trust) -> CellRun:
    run = filed.run
    gpu = _gpu(run)
    return CellRun(
        run=run_id(run, filed.raw),
        at=run.started,
        **run.cell()._asdict(),
        recipe=run.recipe,
        outcome=run.outcome,
        trust=trust,
        proves=run.proves,
        gpu=gpu.name,
        compute_capability=gpu.compute_capability,
        why=run.why,
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
