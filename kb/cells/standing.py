"""How sure we are of a cell: the highest rung that something proves, and what proves it."""

from typing import Literal

from kb.base.model import CellRun, Outcome, Trust
from kb.base.record import Record
from kb.facts.claims import Source
from kb.facts.sources import run_claim

Rung = Literal["documented", "shipped", "resolves", "runs", "links", "runs-gpu"]
Verdict = Literal["ok", "broken", "disputed", "unknown"]


class RungMeaning(Record):
    """What a rung means: in short, and of a cell whose set-up stands below it on a page."""

    in_short: str
    of_cell: str


# From the lowest rung to the highest.
RUNG_MEANINGS: dict[Rung, RungMeaning] = {
    "documented": RungMeaning(
        "the official table lists it", "the official table lists it; its wheel does not say"
    ),
    "shipped": RungMeaning(
        "a wheel on the index says so",
        "a wheel on the index says so; no run of ours proves it yet",
    ),
    "resolves": RungMeaning(
        "a resolver finds all that it needs",
        "a resolver finds all it needs; no run of ours proves it yet",
    ),
    "runs": RungMeaning(
        "a runner set it up and computed right on the CPU",
        "a runner set it up as below and computed right on the CPU",
    ),
    "links": RungMeaning(
        "a runner set it up and its CUDA libraries load",
        "a runner set it up as below and its CUDA libraries load",
    ),
    "runs-gpu": RungMeaning(
        "a runner set it up and a GPU computed right",
        "a runner set it up as below and a GPU computed right",
    ),
}
RUNGS: tuple[Rung, ...] = tuple(RUNG_MEANINGS)
PROVEN: Rung = "runs"  # the lowest rung that a run proves
# From the worst to the best.
VERDICTS: tuple[Verdict, ...] = ("broken", "unknown", "disputed", "ok")
# The outcomes that speak of the cell; the others are faults of the runner, and prove nothing.
CONCLUSIVE: frozenset[Outcome] = frozenset(
    {
        "ok",
        "no-wheel",
        "resolution",
        "install",
        "import",
        "wrong-result",
        "library-missing",
        "cpu-instead-of-gpu",
        "crash",
    }
)


class Proof(Record):
    """A source, and whether it speaks for the cell or against it."""

    source: Source
    supports: bool = True


class Evidence(Record):
    """All that is known of a cell: its official row, its wheel, the resolver's answer, and the runs
    of the recipe that is published for it now.
    """

    documented: Proof | None = None
    shipped: Proof | None = None
    resolved: Proof | None = None
    runs: tuple[CellRun, ...] = ()


class Standing(Record):
    """Where a cell stands, as of which day, by which proofs; no rung where nothing proves one.

    `trust` is that of the run that decides, and `why` what it says where the cell is not ok.
    """

    rung: Rung | None
    standing: Verdict
    as_of: str | None
    proof: tuple[Source, ...]
    trust: Trust | None = None
    why: str | None = None


def height(rung: str | None) -> int:
    """Return how high a rung is, from 0 on; -1 where there is none."""
    return -1 if rung is None else RUNGS.index(rung)


def standing(evidence: Evidence) -> Standing:
    """Work out where a cell stands.

    Claims alone leave it `unknown`: only carrying the recipe out can make it `ok`. A recipe whose
    requirements cannot be resolved cannot be carried out either: `broken`, unless a run is newer.
    """
    claims: tuple[tuple[Rung, Proof | None], ...] = (
        ("resolves", evidence.resolved),
        ("shipped", evidence.shipped),
        ("documented", evidence.documented),
    )
    against = [proof.source for _, proof in claims if proof is not None and not proof.supports]
    proven = [
        (rung, proof.source) for rung, proof in claims if proof is not None and proof.supports
    ]
    best = proven[0] if proven else None
    sources = tuple(source for _, source in proven)
    seen = _by_runs(evidence.runs)
    if seen is not None and not any((source.read or "") > (seen.as_of or "") for source in against):
        rung = seen.rung or (best[0] if best else None)
        return seen._replace(rung=rung, proof=seen.proof + sources)
    return Standing(
        rung=best[0] if best else None,
        standing="broken" if against else "unknown",
        as_of=against[0].read if against else best[1].read if best else None,
        proof=tuple(against) + sources,
    )


def _by_runs(runs: tuple[CellRun, ...]) -> Standing | None:
    """Judge by the runs alone; None where none of them speaks of the cell.

    A run on a GPU speaks of its compute capability alone: where one computes and another does not,
    the cell is ok, and the failure is cited too.
    """
    groups: dict[str | None, list[CellRun]] = {}
    for run in runs:
        if run.outcome in CONCLUSIVE:
            groups.setdefault(run.compute_capability, []).append(run)
    judged = [_newest(group) for group in groups.values()]
    if not judged:
        return None
    best = max(judged, key=_rank)
    rest = tuple(source for other in judged if other is not best for source in other.proof)
    return best._replace(proof=best.proof + rest)


def _rank(judged: Standing) -> tuple[int, int]:
    return VERDICTS.index(judged.standing), height(judged.rung)


def _newest(runs: list[CellRun]) -> Standing:
    """Judge by the newest run; one that nobody attested does not displace one that is attested."""
    newest = max(runs, key=lambda run: (run.at, run.run))
    attested = max(
        (run for run in runs if run.trust == "attested"),
        key=lambda run: (run.at, run.run),
        default=newest,
    )
    if (attested.outcome == "ok") == (newest.outcome == "ok"):
        decides = attested if newest.trust == "attested" else newest
        verdict: Verdict = "ok" if decides.outcome == "ok" else "broken"
        return Standing(
            rung=decides.proves,
            standing=verdict,
            as_of=decides.day,
            proof=(run_claim(decides).source,),
            trust=decides.trust,
            why=decides.why,
        )
    worked, failed = (newest, attested) if newest.outcome == "ok" else (attested, newest)
    return Standing(
        rung=worked.proves,
        standing="disputed",
        as_of=newest.day,
        proof=(run_claim(worked).source, run_claim(failed).source),
        trust=attested.trust,
        why=failed.why,
    )
