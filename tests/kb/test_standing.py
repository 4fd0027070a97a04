from typing import get_args

import pytest

from kb.base.model import CellRun, Outcome
from kb.cells.standing import CONCLUSIVE, Evidence, Proof, Standing, standing
from kb.facts.claims import Source

PAGE = Source(
    id="official:linux-gpu/tensorflow-2.15.0", url="https://example.com", read="2026-01-01"
)
WHEEL = Source(id="index:tensorflow/some.whl", url=None, read="2026-02-02")
RESOLVER = Source(id="resolution", url=None, read="2026-03-03")

CASES = {
    "nothing is known": (Evidence(), Standing(rung=None, standing="unknown", as_of=None, proof=())),
    "the page lists it": (
        Evidence(documented=Proof(PAGE)),
        Standing(rung="documented", standing="unknown", as_of="2026-01-01", proof=(PAGE,)),
    ),
    "a wheel says so": (
        Evidence(shipped=Proof(WHEEL)),
        Standing(rung="shipped", standing="unknown", as_of="2026-02-02", proof=(WHEEL,)),
    ),
    "a wheel and the page say so": (
        Evidence(documented=Proof(PAGE), shipped=Proof(WHEEL)),
        Standing(rung="shipped", standing="unknown", as_of="2026-02-02", proof=(WHEEL, PAGE)),
    ),
    "a resolver finds all it needs": (
        Evidence(resolved=Proof(RESOLVER)),
        Standing(rung="resolves", standing="unknown", as_of="2026-03-03", proof=(RESOLVER,)),
    ),
    "everything speaks for it": (
        Evidence(documented=Proof(PAGE), shipped=Proof(WHEEL), resolved=Proof(RESOLVER)),
        Standing(
            rung="resolves", standing="unknown", as_of="2026-03-03", proof=(RESOLVER, WHEEL, PAGE)
        ),
    ),
    "the page lists it and a resolver finds all": (
        Evidence(documented=Proof(PAGE), resolved=Proof(RESOLVER)),
        Standing(rung="resolves", standing="unknown", as_of="2026-03-03", proof=(RESOLVER, PAGE)),
    ),
    "a wheel is there and a resolver finds a conflict": (
        Evidence(shipped=Proof(WHEEL), resolved=Proof(RESOLVER, supports=False)),
        Standing(rung="shipped", standing="broken", as_of="2026-03-03", proof=(RESOLVER, WHEEL)),
    ),
    "all claim it and a resolver finds a conflict": (
        Evidence(
            documented=Proof(PAGE),
            shipped=Proof(WHEEL),
            resolved=Proof(RESOLVER, supports=False),
        ),
        Standing(
            rung="shipped", standing="broken", as_of="2026-03-03", proof=(RESOLVER, WHEEL, PAGE)
        ),
    ),
    "only a resolver was asked and finds a conflict": (
        Evidence(resolved=Proof(RESOLVER, supports=False)),
        Standing(rung=None, standing="broken", as_of="2026-03-03", proof=(RESOLVER,)),
    ),
}


@pytest.mark.parametrize(("evidence", "expected"), CASES.values(), ids=CASES)
def test_a_cell_stands_where_its_evidence_puts_it(evidence, expected):
    assert standing(evidence) == expected


@pytest.mark.parametrize(("evidence", "expected"), CASES.values(), ids=CASES)
def test_claims_alone_never_make_a_cell_ok(evidence, expected):
    assert standing(evidence).standing != "ok"


def run(day, outcome="ok", trust="attested", proves="runs", capability=None, runner=None):
    """Return a run of the recipe that is published; a failure's reason names its day."""
    worked = outcome == "ok"
    return CellRun(
        run=f"{day}-{'0' * 12}",
        at=f"{day}T12:00:00Z",
        distribution="tensorflow",
        release="2.15.1",
        platform="linux-x86_64",
        python="3.11",
        device="cpu",
        recipe="0" * 16,
        outcome=outcome,
        trust=trust,
        proves=proves if worked else None,
        compute_capability=capability,
        why=None if worked else f"why on {day}",
        runner=runner,
    )


def own(day, outcome="ok", **fields):
    """Return a run that only who sent it vouches for; nobody knows who, if no runner is named."""
    return run(day, outcome, "self-reported", **fields)


def fork(day, owner, outcome="ok", **fields):
    """Return a run that a fork's owner attests with our workflow."""
    return run(day, outcome, f"attested by {owner}", runner=owner, **fields)


def on_gpu(day, capability, outcome="ok", trust="attested"):
    return run(day, outcome, trust, "runs-gpu", capability)


CLAIMED = Evidence(documented=Proof(PAGE), shipped=Proof(WHEEL))
CONFLICT = CLAIMED._replace(resolved=Proof(RESOLVER, supports=False))  # of 2026-03-03
GONE = "why on 2026-05-05"

# the evidence besides runs, the runs; and the rung, the standing, as of, the days of the runs that
# prove it, their trust, why
RUN_CASES = {
    "one run": (
        Evidence(), (run("2026-04-04"),),
        "runs", "ok", "2026-04-04", ("2026-04-04",), "attested", None,
    ),
    "one that only who sent it vouches for": (
        Evidence(), (own("2026-04-04"),),
        "runs", "ok", "2026-04-04", ("2026-04-04",), "self-reported", None,
    ),
    "one of long ago, for nothing expires": (
        CLAIMED, (run("2016-01-01"),),
        "runs", "ok", "2016-01-01", ("2016-01-01",), "attested", None,
    ),
    "one that failed": (
        Evidence(), (run("2026-05-05", "import"),),
        None, "broken", "2026-05-05", ("2026-05-05",), "attested", GONE,
    ),
    "one that failed, of a cell that is claimed": (
        CLAIMED, (own("2026-05-05", "no-wheel"),),
        "shipped", "broken", "2026-05-05", ("2026-05-05",), "self-reported", GONE,
    ),
    "what worked broke": (
        Evidence(), (run("2026-04-04"), run("2026-05-05", "crash")),
        None, "broken", "2026-05-05", ("2026-05-05",), "attested", GONE,
    ),
    "what was broken works": (
        Evidence(), (run("2026-05-05"), run("2026-04-04", "crash")),
        "runs", "ok", "2026-05-05", ("2026-05-05",), "attested", None,
    ),
    "what worked broke, and nobody attested either": (
        Evidence(), (own("2026-04-04"), own("2026-05-05", "crash")),
        "runs", "disputed", "2026-05-05", ("2026-04-04", "2026-05-05"), "self-reported", GONE,
    ),
    "a success that is attested, and a later failure that is not": (
        Evidence(), (run("2026-04-04"), own("2026-05-05", "crash")),
        "runs", "disputed", "2026-05-05", ("2026-04-04", "2026-05-05"), "attested", GONE,
    ),
    "a failure that is attested, and a later success that is not": (
        Evidence(), (run("2026-05-05", "crash"), own("2026-06-06")),
        "runs", "disputed", "2026-06-06", ("2026-06-06", "2026-05-05"), "attested", GONE,
    ),
    "a success that is attested, and an earlier failure that is not": (
        Evidence(), (run("2026-06-06"), own("2026-05-05", "crash")),
        "runs", "ok", "2026-06-06", ("2026-06-06",), "attested", None,
    ),
    "a failure that is attested, and an earlier success that is not": (
        Evidence(), (run("2026-05-05", "crash"), own("2026-04-04")),
        None, "broken", "2026-05-05", ("2026-05-05",), "attested", GONE,
    ),
    "a later failure that is not attested, and an attested success after it": (
        Evidence(), (run("2026-04-04"), own("2026-05-05", "crash"), run("2026-06-06")),
        "runs", "ok", "2026-06-06", ("2026-06-06",), "attested", None,
    ),
    "a fault of a later runner": (
        Evidence(), (run("2026-04-04"), run("2026-05-05", "download")),
        "runs", "ok", "2026-04-04", ("2026-04-04",), "attested", None,
    ),
    "faults of runners alone": (
        CLAIMED, (run("2026-04-04", "timeout"), run("2026-05-05", "no-avx")),
        "shipped", "unknown", "2026-02-02", (), None, None,
    ),
    "a GPU that computes and a later one of another kind that does not": (
        Evidence(), (on_gpu("2026-04-04", "8.6"), on_gpu("2026-05-05", "12.0", "wrong-result")),
        "runs-gpu", "ok", "2026-04-04", ("2026-04-04", "2026-05-05"), "attested", None,
    ),
    "a GPU that computed and does no more": (
        Evidence(), (on_gpu("2026-04-04", "8.6"), on_gpu("2026-05-05", "8.6", "crash")),
        None, "broken", "2026-05-05", ("2026-05-05",), "attested", GONE,
    ),
    "a GPU that computes proves more than a machine without one": (
        Evidence(), (on_gpu("2026-04-04", "8.6"), run("2026-06-06", proves="links")),
        "runs-gpu", "ok", "2026-04-04", ("2026-04-04", "2026-06-06"), "attested", None,
    ),
    "libraries that load, and a GPU that does not compute": (
        Evidence(), (on_gpu("2026-05-05", "12.0", "crash"), run("2026-04-04", proves="links")),
        "links", "ok", "2026-04-04", ("2026-04-04", "2026-05-05"), "attested", None,
    ),
    "one kind of GPU in dispute and another that fails": (
        Evidence(),
        (
            on_gpu("2026-04-04", "8.6"),
            on_gpu("2026-05-05", "8.6", "crash", "self-reported"),
            on_gpu("2026-06-06", "7.5", "crash"),
        ),
        "runs-gpu", "disputed", "2026-05-05",
        ("2026-04-04", "2026-05-05", "2026-06-06"), "attested", GONE,
    ),
    "a conflict that is older than the run": (
        CONFLICT, (run("2026-04-04"),),
        "runs", "ok", "2026-04-04", ("2026-04-04",), "attested", None,
    ),
    "a conflict of the day of the run": (
        CONFLICT, (run("2026-03-03"),),
        "runs", "ok", "2026-03-03", ("2026-03-03",), "attested", None,
    ),
    "a run that failed, newer than a conflict": (
        CONFLICT, (run("2026-05-05", "import"),),
        "shipped", "broken", "2026-05-05", ("2026-05-05",), "attested", GONE,
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", RUN_CASES.values(), ids=RUN_CASES)
@pytest.mark.parametrize("order", [1, -1])
def test_runs_decide_where_a_cell_stands(case, order):
    besides, runs, rung, verdict, as_of, days, trust, why = case
    claims = tuple(p.source for p in (besides.shipped, besides.documented) if p is not None)
    proof = tuple(Source(id=f"run:{day}-{'0' * 12}", url=None, read=day) for day in days)
    found = standing(besides._replace(runs=runs[::order]))
    assert found._replace(who=(), against=(), newest=None, machines=()) == Standing(
        rung=rung, standing=verdict, as_of=as_of, proof=proof + claims, trust=trust, why=why
    )


# the runs; and the standing, as of, the days of the runs that prove it, their trust, who agrees and
# who does not
RUNNER_CASES = {
    "a run of which nobody knows who ran it": (
        (own("2026-04-04"),),
        "ok", "2026-04-04", ("2026-04-04",), "self-reported", ("not known",), (),
    ),
    "our own workflow": (
        (run("2026-04-04"),),
        "ok", "2026-04-04", ("2026-04-04",), "attested", ("our workflow",), (),
    ),
    "two accounts agree": (
        (own("2026-04-04", runner="ann"), own("2026-05-05", runner="bob")),
        "ok", "2026-05-05", ("2026-05-05", "2026-04-04"), "self-reported", ("ann", "bob"), (),
    ),
    "an account that ran it twice is one runner": (
        (own("2026-04-04", runner="ann"), own("2026-05-05", runner="ann")),
        "ok", "2026-05-05", ("2026-05-05",), "self-reported", ("ann",), (),
    ),
    "all that nobody knows are one runner": (
        (own("2026-04-04"), own("2026-05-05")),
        "ok", "2026-05-05", ("2026-05-05",), "self-reported", ("not known",), (),
    ),
    "an account and somebody unknown agree": (
        (own("2026-04-04"), own("2026-05-05", runner="ann")),
        "ok", "2026-05-05", ("2026-05-05", "2026-04-04"), "self-reported", ("ann", "not known"), (),
    ),
    "our workflow decides, however new the other that agrees": (
        (run("2026-04-04"), own("2026-05-05", runner="ann")),
        "ok", "2026-04-04", ("2026-04-04", "2026-05-05"), "attested", ("ann", "our workflow"), (),
    ),
    "a fork's owner is between, and is the account of that name": (
        (fork("2026-04-04", "ann"), own("2026-05-05", runner="ann"), own("2026-05-06")),
        "ok", "2026-04-04", ("2026-04-04", "2026-05-06"), "attested by ann", ("ann", "not known"),
        (),
    ),
    "a runner's newer word replaces their older one": (
        (own("2026-04-04", runner="ann"), own("2026-05-05", "crash", runner="ann")),
        "broken", "2026-05-05", ("2026-05-05",), "self-reported", ("ann",), (),
    ),
    "and the other way round": (
        (own("2026-04-04", "crash", runner="ann"), own("2026-05-05", runner="ann")),
        "ok", "2026-05-05", ("2026-05-05",), "self-reported", ("ann",), (),
    ),
    "nobody known may speak for somebody unknown": (
        (own("2026-04-04", "crash"), own("2026-05-05")),
        "disputed", "2026-05-05", ("2026-05-05", "2026-04-04"), "self-reported", ("not known",),
        ("not known",),
    ),
    "a stranger's failure does not displace what worked": (
        (own("2026-04-04"), own("2026-05-05", "crash", runner="eve")),
        "disputed", "2026-05-05", ("2026-04-04", "2026-05-05"), "self-reported", ("not known",),
        ("eve",),
    ),
    "nor does a stranger's success displace a failure": (
        (own("2026-04-04", "crash", runner="ann"), own("2026-05-05", runner="eve")),
        "disputed", "2026-05-05", ("2026-05-05", "2026-04-04"), "self-reported", ("eve",), ("ann",),
    ),
    "two accounts disagree, whatever their days": (
        (own("2026-05-05", runner="ann"), own("2026-04-04", "crash", runner="bob")),
        "disputed", "2026-05-05", ("2026-05-05", "2026-04-04"), "self-reported", ("ann",), ("bob",),
    ),
    "two forks disagree": (
        (fork("2026-04-04", "ann"), fork("2026-05-05", "bob", "crash")),
        "disputed", "2026-05-05", ("2026-04-04", "2026-05-05"), "attested by ann", ("ann",),
        ("bob",),
    ),
    "two independent runners overturn what one proved": (
        (own("2026-04-04", runner="ann"), own("2026-05-05", "crash", runner="bob"),
         own("2026-05-06", "crash", runner="cem")),
        "broken", "2026-05-06", ("2026-05-06", "2026-05-05"), "self-reported", ("bob", "cem"),
        ("ann",),
    ),
    "even what our workflow proved": (
        (run("2026-04-04"), own("2026-05-05", "crash", runner="bob"),
         own("2026-05-06", "crash", runner="cem")),
        "broken", "2026-05-06", ("2026-05-06", "2026-05-05"), "self-reported", ("bob", "cem"),
        ("our workflow",),
    ),
    "but not with runs that are older": (
        (own("2026-05-06", runner="ann"), own("2026-04-04", "crash", runner="bob"),
         own("2026-04-05", "crash", runner="cem")),
        "disputed", "2026-05-06", ("2026-05-06", "2026-04-05", "2026-04-04"), "self-reported",
        ("ann",), ("bob", "cem"),
    ),
    "nor what as many proved": (
        (own("2026-04-04", runner="ann"), own("2026-04-05", runner="dan"),
         own("2026-05-05", "crash", runner="bob"), own("2026-05-06", "crash", runner="cem")),
        "disputed", "2026-05-06", ("2026-04-05", "2026-05-06", "2026-04-04", "2026-05-05"),
        "self-reported", ("ann", "dan"), ("bob", "cem"),
    ),
    "two runs of one account do not": (
        (own("2026-04-04", runner="ann"), own("2026-05-05", "crash", runner="bob"),
         own("2026-05-06", "crash", runner="bob")),
        "disputed", "2026-05-06", ("2026-04-04", "2026-05-06"), "self-reported", ("ann",), ("bob",),
    ),
    "nor do two of which nobody knows who ran them": (
        (own("2026-04-04", runner="ann"), own("2026-05-05", "crash"), own("2026-05-06", "crash")),
        "disputed", "2026-05-06", ("2026-04-04", "2026-05-06"), "self-reported", ("ann",),
        ("not known",),
    ),
    "nor somebody unknown and an account, where the success is of somebody unknown": (
        (own("2026-04-04"), own("2026-05-05", "crash"), own("2026-05-06", "crash", runner="bob")),
        "disputed", "2026-05-06", ("2026-04-04", "2026-05-06", "2026-05-05"), "self-reported",
        ("not known",), ("bob", "not known"),
    ),
    "a later attested run overturns what two accounts say": (
        (own("2026-04-04", runner="ann"), own("2026-04-05", runner="bob"),
         run("2026-05-05", "crash")),
        "broken", "2026-05-05", ("2026-05-05",), "attested", ("our workflow",), ("ann", "bob"),
    ),
    "a fork's later run overturns nothing alone": (
        (own("2026-04-04", runner="ann"), fork("2026-05-05", "bob", "crash")),
        "disputed", "2026-05-05", ("2026-04-04", "2026-05-05"), "attested by bob", ("ann",),
        ("bob",),
    ),
    "it does beside an account": (
        (own("2026-04-04", runner="ann"), fork("2026-05-05", "bob", "crash"),
         own("2026-05-06", "crash", runner="cem")),
        "broken", "2026-05-05", ("2026-05-05", "2026-05-06"), "attested by bob", ("bob", "cem"),
        ("ann",),
    ),
    "a fork's is believed before an account's": (
        (fork("2026-04-04", "ann"), own("2026-05-05", runner="bob")),
        "ok", "2026-04-04", ("2026-04-04", "2026-05-05"), "attested by ann", ("ann", "bob"), (),
    ),
    "nor what our workflow says": (
        (run("2026-04-04"), fork("2026-05-05", "bob", "crash")),
        "disputed", "2026-05-05", ("2026-04-04", "2026-05-05"), "attested", ("our workflow",),
        ("bob",),
    ),
    "an account's word is no match for a fork's": (
        (fork("2026-04-04", "ann"), own("2026-05-05", "crash", runner="bob")),
        "disputed", "2026-05-05", ("2026-04-04", "2026-05-05"), "attested by ann", ("ann",),
        ("bob",),
    ),
    "who proves less does not agree": (
        (own("2026-04-04", runner="ann", proves="links"), own("2026-05-05", runner="bob")),
        "ok", "2026-04-04", ("2026-04-04",), "self-reported", ("ann",), (),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", RUNNER_CASES.values(), ids=RUNNER_CASES)
@pytest.mark.parametrize("order", [1, -1])
def test_runners_decide_together(case, order):
    runs, verdict, as_of, days, trust, who, against = case
    found = standing(Evidence(runs=runs[::order]))
    assert (found.standing, found.as_of, found.trust) == (verdict, as_of, trust)
    assert tuple(source.read for source in found.proof) == days
    assert (found.who, found.against) == (who, against)
    assert found.runners == len(who)


@pytest.mark.parametrize(
    ("runs", "confirmed"),
    [
        ((on_gpu("2026-04-04", "8.6"),), True),
        ((on_gpu("2026-04-04", "8.6", trust="self-reported"),), False),
        ((fork("2026-04-04", "ann", proves="runs-gpu", capability="8.6"),), False),
        (
            (
                own("2026-04-04", proves="runs-gpu", capability="8.6", runner="ann"),
                own("2026-04-05", proves="runs-gpu", capability="8.6", runner="bob"),
            ),
            True,
        ),
        (  # each speaks of its own kind of GPU
            (
                own("2026-04-04", proves="runs-gpu", capability="8.6", runner="ann"),
                own("2026-04-05", proves="runs-gpu", capability="9.0", runner="bob"),
            ),
            False,
        ),
    ],
)
def test_what_a_gpu_computed_is_confirmed_by_our_workflow_or_by_two_runners(runs, confirmed):
    found = standing(Evidence(runs=runs))
    assert (found.rung, found.confirmed) == ("runs-gpu", confirmed)


def test_a_conflict_counts_only_if_it_is_newer_than_every_run_that_agrees():
    runs = (run("2026-01-01"), own("2026-04-04", runner="ann"))
    found = standing(CONFLICT._replace(runs=runs))
    assert (found.standing, found.as_of, found.newest) == ("ok", "2026-01-01", "2026-04-04")


def test_each_kind_of_machine_stands_on_its_own_runs():
    runs = (
        run("2026-04-04", proves="links"),
        on_gpu("2026-05-05", "9.0", trust="self-reported"),
        on_gpu("2026-06-06", "8.6", "wrong-result"),
        run("2026-07-07", proves="links")._replace(wsl2=True),
    )
    found = standing(Evidence(runs=runs))
    assert (found.rung, found.standing) == ("runs-gpu", "ok")
    told = {
        asked: (own.rung, own.standing, own.as_of, own.trust)
        for asked in ((None, None), (False, "9.0"), (False, "8.6"), (True, None), (False, "7.5"))
        for own in (found.on(*asked),)
    }
    assert told == {
        (None, None): ("runs-gpu", "ok", "2026-05-05", "self-reported"),
        (False, "9.0"): ("runs-gpu", "ok", "2026-05-05", "self-reported"),
        (False, "8.6"): (None, "broken", "2026-06-06", "attested"),
        (True, None): ("links", "ok", "2026-07-07", "attested"),
        (False, "7.5"): ("runs-gpu", "ok", "2026-05-05", "self-reported"),
    }


def test_a_machine_without_a_gpu_is_told_apart_from_none():
    assert standing(Evidence(runs=(run("2026-04-04"),))).machines == ()


def test_a_conflict_that_is_newer_than_every_run_breaks_the_cell():
    found = standing(CONFLICT._replace(runs=(run("2026-03-02"),)))
    assert found == standing(CONFLICT)
    assert (found.standing, found.as_of, found.proof[0]) == ("broken", "2026-03-03", RESOLVER)


@pytest.mark.parametrize("outcome", sorted(set(get_args(Outcome)) - CONCLUSIVE))
def test_faults_of_the_runner_speak_of_no_cell(outcome):
    assert outcome in ("download", "no-avx", "no-python", "timeout")
    after = CLAIMED._replace(runs=(run("2026-04-04"), run("2026-05-05", outcome)))
    assert standing(after) == standing(CLAIMED._replace(runs=(run("2026-04-04"),)))


@pytest.mark.parametrize("outcome", sorted(CONCLUSIVE - {"ok"}))
def test_every_fault_of_the_cell_breaks_it(outcome):
    after = Evidence(runs=(run("2026-04-04"), run("2026-05-05", outcome)))
    assert standing(after).standing == "broken"
