"""What was found for a machine, as records."""

from kb.answers.comparison import AskedGpu, MachineQuestion, Remark
from kb.answers.published import OutsideBuild
from kb.base.model import Trust
from kb.base.record import Record
from kb.base.versions import Kind
from kb.cells.sureness import Sureness
from kb.index.words import Maker


class Fit(Record):
    """A cell that fits: how sure we are of it, how to set it up, what to mind, why it fits. Its
    `kind` tells a release from a candidate. `setup_reasons` tell why the set-up has a pin or a
    search path. `rung`, `trust` and `proof` are those of just this
    set-up; the proof says so where another machine ran it. `trust` is None where no run did.
    """

    release: str
    kind: Kind
    distribution: str
    platform: str
    python: str
    device: str
    rung: str | None
    setup: tuple[str, ...]
    setup_reasons: tuple[str, ...]
    check: tuple[str, ...]
    caveats: tuple[str, ...]
    because: tuple[str, ...]
    trust: Trust | None
    proof: Sureness


class Other(Record):
    """A cell that fits beside the answer; not certain where its wheel does not state its code.
    `sure` says how sure we are.
    """

    release: str
    distribution: str
    python: str
    device: str
    rung: str | None
    certain: bool
    caveats: tuple[str, ...]
    sure: str


class Rejected(Record):
    """A series that does not fit: its release that comes closest, and every reason against it. Of a
    series that has a candidate alone, `kind` says so.
    """

    series: str
    release: str
    kind: Kind
    reasons: tuple[Remark, ...]


# What a field of a question changes to.
Changed = str | None | tuple[AskedGpu, ...]


class NearestChange(Record):
    """A change to a question that makes it one with an answer: the fields that change and their new
    values, the change in words, the command that asks the changed question, and its answer.
    """

    change: dict[str, Changed]
    told: str
    command: str
    answer: Fit


class GpuVerdict(Record):
    """A GPU that is asked about, the newest release that fits it alone, and what speaks against the
    newest one that does not, where that is newer.
    """

    gpu: str | None
    compute_capability: str | None
    maker: Maker
    answer: str | None
    reasons: tuple[Remark, ...]


class Found(Record):
    """The answer, the newest fit that a run proves, the best fits of the other series, newest
    first, and the series that do not fit, newest first; what others publish; each GPU by itself;
    and what is to be minded of the question. Where no release fits, `nearest` has the nearest
    changes with which one does, the cheapest first.

    `proven` is of a run of just this set-up on a machine like the one that is asked about: for the
    CPU, one that computed right; for GPUs, those on which GPUs of their compute capabilities
    computed right, or any GPU where the question tells none. What ran on Linux proves nothing for
    WSL2.
    """

    question: MachineQuestion
    answer: Fit | None
    proven: Fit | None
    also: tuple[Other, ...]
    rejected: tuple[Rejected, ...]
    elsewhere: tuple[OutsideBuild, ...] = ()
    nearest: tuple[NearestChange, ...] = ()
    gpus: tuple[GpuVerdict, ...] = ()
    notes: tuple[str, ...] = ()
