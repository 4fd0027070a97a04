"""What the runs of one recipe on one kind of machine say together, runner by runner.

A runner is an account, or our own workflow. Runs of which nobody knows who ran them count together
as one runner: they may be of one person. They may as well be of several, so none of them takes
another's place.
"""

from collections.abc import Iterable, Iterator

from kb.base.model import CellRun, Trust
from kb.base.record import Record
from kb.cells.rungs import Rung, Verdict, height

OUR_WORKFLOW = "our workflow"
NOT_KNOWN = "not known"
_OF_OWNER = "attested by "
_ENOUGH = 2  # independent runners that overturn a verdict, or confirm what a GPU computed


class Agreement(Record):
    """What runners say together: the verdict, the run that decides, the one that disputes it, if
    one does, and the others that count; who agrees with the run that decides, and who does not.
    `newest` is the day of the newest run that agrees.
    """

    verdict: Verdict
    decides: CellRun
    disputes: CellRun | None
    others: tuple[CellRun, ...]
    newest: str
    who: tuple[str, ...]
    against: tuple[str, ...]


def attested_by(owner: str) -> Trust:
    """Return the trust in a run that a fork's owner attests with our workflow."""
    return f"{_OF_OWNER}{owner}"


def strength(trust: Trust) -> int:
    """Return how far a run is to be believed: 2 where our workflow attests it, 1 where a fork's
    owner does with our workflow, 0 where nobody does.
    """
    if trust == "attested":
        return 2
    return 1 if trust.startswith(_OF_OWNER) else 0


def runner_of(run: CellRun) -> str:
    """Return who ran it; `NOT_KNOWN` where nobody knows."""
    if run.trust == "attested":
        return OUR_WORKFLOW
    if run.trust.startswith(_OF_OWNER):
        return run.trust.removeprefix(_OF_OWNER)
    return run.runner or NOT_KNOWN


def is_confirmed(trust: Trust | None, runners: int) -> bool:
    """Tell whether more than one runner's word vouches: our own workflow, or two runners."""
    return trust == "attested" or runners >= _ENOUGH


def is_alone(rung: Rung | None, verdict: Verdict, trust: Trust | None, runners: int) -> bool:
    """Tell whether one runner alone saw a GPU compute, which nobody confirmed yet."""
    return rung == "runs-gpu" and verdict == "ok" and not is_confirmed(trust, runners)


def agreement(runs: Iterable[CellRun]) -> Agreement:
    """Say what conclusive runs, of which there is one at least, say together.

    A runner's newest word replaces their older one. Where runners disagree, the cell is disputed,
    whatever their dates, unless those of one side overrule the other.
    """
    every = tuple(runs)
    words = tuple(_words(every))
    worked = [run for run in words if run.outcome == "ok"]
    failed = [run for run in words if run.outcome != "ok"]
    if not failed or _overrules(worked, failed):
        return _agreed("ok", worked, failed, _last(every, worked=True))
    if not worked or _overrules(failed, worked):
        return _agreed("broken", failed, worked, _last(every, worked=False))
    return _disputed(worked, failed)


def _words(runs: Iterable[CellRun]) -> Iterator[CellRun]:
    """Yield the run by which each runner is taken at their newest word: the one most to be believed
    of those that agree with it.
    """
    by_runner: dict[str, list[CellRun]] = {}
    for run in runs:
        by_runner.setdefault(runner_of(run), []).append(run)
    for runner, own in by_runner.items():
        newest = max(own, key=_age)
        for verdict in (True, False):
            agreeing = [run for run in own if (run.outcome == "ok") is verdict]
            if agreeing and (runner == NOT_KNOWN or newest in agreeing):
                yield max(agreeing, key=lambda run: (strength(run.trust), _age(run)))


def _last(runs: tuple[CellRun, ...], *, worked: bool) -> str:
    """Return the day of the newest run that worked, or of the newest that did not."""
    return max(run.day for run in runs if (run.outcome == "ok") is worked)


def _age(run: CellRun) -> tuple[str, str]:
    return run.at, run.run


def _weight(run: CellRun) -> tuple[object, ...]:
    """Sort the runs that agree: the highest rung decides, then trust, then the day."""
    return height(run.proves), strength(run.trust), _age(run)


def _overrules(side: list[CellRun], other: list[CellRun]) -> bool:
    """Tell whether runs of one side overrule the other, all of which is older: by a run of our own
    workflow, or by two independent runners, who are more than those of the other side.

    A fork's owner may have bent what their own machine did, and overrules nobody alone.
    """
    if not side or not other:
        return False
    last = max(map(_age, other))
    later = [run for run in side if _age(run) > last]
    others = set(map(runner_of, other))
    independent = set(map(runner_of, later)) - others
    is_ours = OUR_WORKFLOW in independent
    return is_ours or len(independent) >= max(_ENOUGH, len(others) + 1)


def _agreed(verdict: Verdict, side: list[CellRun], other: list[CellRun], newest: str) -> Agreement:
    decides = max(side, key=_weight)
    agreeing = _agreeing(side, decides)
    return Agreement(
        verdict=verdict,
        decides=decides,
        disputes=None,
        others=tuple(run for run in agreeing if run is not decides),
        newest=newest,
        who=_names(agreeing),
        against=_names(other),
    )


def _disputed(worked: list[CellRun], failed: list[CellRun]) -> Agreement:
    decides, disputes = max(worked, key=_weight), max(failed, key=_weight)
    agreeing = _agreeing(worked, decides)
    rest = (run for run in (*agreeing, *_newest_first(failed)) if run not in (decides, disputes))
    return Agreement(
        verdict="disputed",
        decides=decides,
        disputes=disputes,
        others=tuple(rest),
        newest=max((*worked, *failed), key=_age).day,
        who=_names(agreeing),
        against=_names(failed),
    )


def _agreeing(side: list[CellRun], decides: CellRun) -> list[CellRun]:
    """Return the runs that prove as much as the one that decides, the newest first."""
    proven = height(decides.proves)
    return _newest_first([run for run in side if height(run.proves) >= proven])


def _newest_first(runs: list[CellRun]) -> list[CellRun]:
    return sorted(runs, key=_age, reverse=True)


def _names(runs: list[CellRun]) -> tuple[str, ...]:
    return tuple(sorted(set(map(runner_of, runs)), key=lambda name: (name == NOT_KNOWN, name)))
