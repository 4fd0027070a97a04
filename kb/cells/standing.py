"""How sure we are of a cell: the highest rung that something proves, and what proves it."""

from kb.base.model import CellRun, Outcome, Trust
from kb.base.record import Record
from kb.cells.rungs import VERDICTS, Rung, Verdict, height
from kb.cells.runners import Agreement, agreement, is_alone, is_confirmed, strength
from kb.cells.sureness import MachineStanding, nowhere, on_machine
from kb.facts.claims import Source
from kb.facts.sources import run_claim

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

    `trust` is that of the run that decides, and `why` what it says where the cell is not ok. `who`
    are the runners that agree, independent of each other, `against` those that say otherwise, and
    `newest` is the day of the newest run that agrees. `machines` tell the kinds of machines apart,
    the best first, where runs were on GPUs or on WSL2.
    """

    rung: Rung | None
    standing: Verdict
    as_of: str | None
    proof: tuple[Source, ...]
    trust: Trust | None = None
    why: str | None = None
    who: tuple[str, ...] = ()
    against: tuple[str, ...] = ()
    newest: str | None = None
    machines: tuple[MachineStanding, ...] = ()

    @property
    def runners(self) -> int:
        """How many independent runners agree; 0 where no run speaks."""
        return len(self.who)

    @property
    def confirmed(self) -> bool:
        """Whether our own workflow vouches for it, or two runners agree."""
        return is_confirmed(self.trust, self.runners)

    @property
    def is_alone(self) -> bool:
        """Whether one runner alone saw a GPU compute, which nobody confirmed yet."""
        return is_alone(self.rung, self.standing, self.trust, self.runners)

    def on(self, wsl2: bool | None = None, capability: str | None = None) -> MachineStanding:
        """Return where the cell stands for a machine; None is not told."""
        own = nowhere(self.rung, self.standing, self.as_of, self.trust, self.why, self.runners)
        return on_machine(self.machines, own, wsl2, capability)


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
    if seen is not None and not any(
        (source.read or "") > (seen.newest or "") for source in against
    ):
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

    A run speaks of its kind of machine alone, by WSL2 and compute capability: where it computes on
    one and not on another, the cell is ok, and the failure is cited too.
    """
    groups: dict[tuple[bool, str | None], list[CellRun]] = {}
    conclusive = [run for run in runs if run.outcome in CONCLUSIVE]
    for run in conclusive:
        groups.setdefault((run.wsl2, run.compute_capability), []).append(run)
    judged = [(_together(said), said.decides) for said in map(agreement, groups.values())]
    if not judged:
        return None
    judged.sort(key=lambda pair: _rank(pair[0]), reverse=True)
    best = judged[0][0]
    rest = tuple(source for other, _ in judged[1:] for source in other.proof)
    tells_apart = any(run.wsl2 or run.compute_capability or run.gpu for run in conclusive)
    machines = tuple(_on_machine(own, run) for own, run in judged) if tells_apart else ()
    return best._replace(proof=best.proof + rest, machines=machines)


def _on_machine(own: Standing, run: CellRun) -> MachineStanding:
    """Return where a cell stands on the kind of machine of the run that decides."""
    return MachineStanding(
        wsl2=run.wsl2,
        compute_capability=run.compute_capability,
        gpu=run.gpu,
        rung=own.rung,
        standing=own.standing,
        as_of=own.as_of,
        trust=own.trust,
        why=own.why,
        runners=own.runners,
    )


def _rank(judged: Standing) -> tuple[int, int, bool]:
    return VERDICTS.index(judged.standing), height(judged.rung), judged.confirmed


def _together(said: Agreement) -> Standing:
    """Judge by what all runners on one kind of machine say."""
    cited = (said.decides, said.disputes, *said.others)
    against = said.disputes or said.decides
    return Standing(
        rung=said.decides.proves,
        standing=said.verdict,
        as_of=said.newest if said.disputes else said.decides.day,
        proof=tuple(run_claim(run).source for run in cited if run is not None),
        trust=max(said.decides.trust, against.trust, key=strength),
        why=against.why,
        who=said.who,
        against=said.against,
        newest=said.newest,
    )
