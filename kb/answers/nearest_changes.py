"""The nearest changes to a question that has no answer: what fits with another Python, a newer
driver, in WSL2, on the CPU, elsewhere. Each is the answer of `find` to the changed question.
"""

from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import Literal

from kb.answers.comparison import AskedGpu, MachineQuestion, older
from kb.answers.drivers import LastBranch, is_past, last_branch
from kb.answers.find_command import find_command
from kb.answers.fit_rules import toolkit_in_words
from kb.answers.fits import Choice, best_choice, fit_of, offer_fits
from kb.answers.found import Changed, Fit, NearestChange
from kb.base.record import Record
from kb.base.versions import key, series
from kb.cells.rungs import height
from kb.index.records import Index
from kb.index.words import fill

Kind = Literal[
    "wsl2",
    "container",
    "arm64",
    "linux",
    "cpu",
    "release",
    "newest",
    "python",
    "driver",
    "cuda",
    "macos",
    "glibc",
    "gpu",
    "xla",
]
Fields = dict[str, Changed]
# A kind of change, and the GPU that it leaves out.
KindOfMove = tuple[Kind, tuple[AskedGpu, ...]]

_MOST = 5
_MOST_TOGETHER = 3
_ON_CPU: Fields = {
    "device": "cpu",
    **dict.fromkeys(("gpu", "compute_capability", "gpu_kind", "driver", "cuda", "xla")),
    "further_gpus": None,
}


class _Move(Record):
    """A kind of change, and the fields that it sets; None leaves them open. `without` are the
    GPUs that are left out, where any are.
    """

    kind: Kind
    fields: Fields
    without: tuple[AskedGpu, ...] = ()


class _Way(Record):
    """A change of some kinds that fits, and what it costs. `kinds` tell apart which GPU is left
    out.
    """

    kinds: frozenset[KindOfMove]
    cost: int
    nearest: NearestChange


def nearest_changes(
    index: Index, question: MachineQuestion, answer: Fit | None
) -> tuple[NearestChange, ...]:
    """Return the nearest changes to a question that no release answers, the cheapest first; where a
    candidate is its `answer`, those alone that a release answers. Where the answer is None there is
    one at least.
    """
    question = question.settled()
    moves = list(_moves(index, question))
    here = [move for move in moves if move.kind != "linux"]
    ways = _ways(index, question, here, answer)
    if not any(way.nearest.answer.device != "cpu" or question.device == "cpu" for way in ways):
        if ways:  # another machine has to do more than to compute on its CPU
            moves = [move for move in moves if move.kind != "cpu"]
        ways = _ways(index, question, moves, answer, ways)
    ways.sort(key=lambda way: way.cost)
    found = [way.nearest for way in ways]
    return tuple(one for one in found if not _is_needless(one, found))[:_MOST]


def _is_needless(nearest: NearestChange, others: Iterable[NearestChange]) -> bool:
    """Tell whether a part of a change does as much: a release that is proven as well."""
    change = nearest.change.items()
    return any(
        other.change.items() < change
        and other.answer.kind == "release"
        and height(other.answer.rung) >= height(nearest.answer.rung)
        for other in others
    )


def _ways(
    index: Index,
    question: MachineQuestion,
    moves: list[_Move],
    answer: Fit | None,
    known: Iterable[_Way] = (),
) -> list[_Way]:
    """Return the ways that are known, and those of the moves: alone, then two together, then three,
    and of more only as many as it takes for a release to answer. None has all the kinds of another
    way that a release answers.
    """
    found = list(known)
    for number in range(1, len(moves) + 1):
        releases = sum(way.nearest.answer.kind == "release" for way in found)
        if releases >= _MOST or (releases and number > _MOST_TOGETHER):
            break
        for some in combinations(moves, number):
            kinds = frozenset((move.kind, move.without) for move in some)
            if not _go_together(index, kinds) or any(_says_as_much(way, kinds) for way in found):
                continue
            nearest = _changed(index, question, some)
            if nearest is None or any(nearest == way.nearest for way in found):
                continue
            if answer is not None and nearest.answer.kind != "release":
                continue
            cost = sum(index.change_costs[kind] for kind, _ in kinds)
            cost += 0 if nearest.answer.kind == "release" else index.change_costs["candidate"]
            found.append(_Way(kinds=kinds, cost=cost, nearest=nearest))
    return found


def _says_as_much(way: _Way, kinds: frozenset[KindOfMove]) -> bool:
    return way.kinds <= kinds and (way.kinds == kinds or way.nearest.answer.kind == "release")


def _go_together(index: Index, moves: frozenset[KindOfMove]) -> bool:
    kinds = frozenset(kind for kind, _ in moves)
    is_each_once = len(kinds) == len(moves)
    return is_each_once and not any(kinds.issuperset(pair) for pair in index.changes_apart)


def _moves(index: Index, asked: MachineQuestion) -> Iterator[_Move]:
    yield from _to_other_systems(asked)
    if asked.device == "gpu":
        yield _Move("cpu", _ON_CPU)
    yield from _without_gpus(index, asked)
    if asked.release is not None:
        yield _Move("release", {"release": None})
        yield _Move("newest", {"release": None})
    if asked.python is not None:
        yield _Move("python", {"python": None})
    if asked.driver is not None and asked.device == "gpu":
        yield _Move("driver", {"driver": None})
    if asked.cuda is not None and asked.release is not None:
        yield _Move("cuda", {"cuda": None})
    if asked.macos is not None and asked.os == "macos":
        yield _Move("macos", {"macos": None})
    if asked.xla is None and _with_xla(index) & {gpu.compute_capability for gpu in asked.gpus()}:
        yield _Move("xla", {"xla": "off"})
    own, newer = asked.glibc, index.container_glibc
    if own is not None and asked.os in ("linux", "wsl2") and older(own, newer):
        yield _Move("glibc", {"glibc": newer})


def _without_gpus(index: Index, asked: MachineQuestion) -> Iterator[_Move]:
    """Yield what leaves out each kind of GPU, and all those that nothing fits even alone."""
    alone = asked.singly()
    if len(alone) < 2:
        return
    unserved = tuple(gpu for one in alone if best_choice(index, one) is None for gpu in one.gpus())
    each: list[tuple[AskedGpu, ...]] = [one.gpus() for one in alone]
    if len(unserved) > 1:
        each.append(unserved)
    for without in each:
        left = [gpu for gpu in asked.gpus() if gpu not in without]
        if left:
            fields: Fields = {**left[0]._asdict(), "further_gpus": tuple(left[1:]) or None}
            yield _Move("gpu", fields, without)


def _with_xla(index: Index) -> set[str | None]:
    """Return the compute capabilities for which a release fails with XLA alone."""
    faults = (fault for fault in index.problems if fault.only_with == "xla")
    return {capability for fault in faults for capability in fault.capabilities}


def _to_other_systems(asked: MachineQuestion) -> Iterator[_Move]:
    """Yield what the machine can run beside its system, and another machine, which costs most."""
    bare: Fields = {"glibc": None, "macos": None}
    if asked.os == "windows" and asked.arch != "armv7l":
        yield _Move("wsl2", {"os": "wsl2", **bare})
    if asked.os == "macos" and asked.arch != "armv7l":
        yield _Move("container", {"os": "linux", **bare, **_ON_CPU})
    if (asked.os, asked.arch) == ("linux", "armv7l"):
        yield _Move("arm64", {"arch": "arm64"})
    if (asked.os, asked.arch) != ("linux", "x86_64"):
        driver = asked.driver if asked.os == "linux" else None  # another system's tells nothing
        fields: Fields = {"os": "linux", "arch": "x86_64", "driver": driver}
        yield _Move("linux", {**fields, **bare})


def _changed(
    index: Index, question: MachineQuestion, moves: tuple[_Move, ...]
) -> NearestChange | None:
    """Return the change that some moves make of a question, where that has an answer: what they
    leave open is what the answer takes.
    """
    fields = {name: value for move in moves for name, value in move.fields.items()}
    changed = question._replace(**fields)
    is_near = any(move.kind == "release" for move in moves)
    near = series(question.release) if is_near and question.release else None
    choice = best_choice(index, changed, near)
    if choice is None:
        return None
    told = []
    for move in moves:
        settled = _settled(index, question, changed, choice, move)
        if settled is None:
            return None
        own, text = settled
        changed = changed._replace(**own)
        told.append(text)
    choice = best_choice(index, changed)
    if choice is None:
        return None
    sentence = ", ".join(told)
    return NearestChange(
        change={
            name: value
            for name, value, before in zip(changed._fields, changed, question, strict=True)
            if value != before
        },
        told=sentence[0].upper() + sentence[1:],
        command=find_command(index, changed),
        answer=fit_of(index, changed, choice),
    )


def _settled(
    index: Index, question: MachineQuestion, changed: MachineQuestion, choice: Choice, move: _Move
) -> tuple[Fields, str] | None:
    """Return the fields that a move leaves open as the answer takes them, and the move in words;
    None where it changes nothing.
    """
    words = index.words
    if move.kind == "python":
        return {"python": choice.python}, fill(words["near-python"], python=choice.python)
    if move.kind in ("release", "newest"):
        release = index.releases[choice.offer.release]
        return {"release": release}, fill(words["near-release"], release=release)
    if move.kind == "macos":
        least = choice.group.macos
        return None if least is None else ({"macos": least}, fill(words["near-macos"], macos=least))
    if move.kind == "driver":
        return _driver(index, question, changed, choice)
    if move.kind == "cuda":
        return _cuda(index, question, choice)
    return {}, _fixed(index, question, move)


def _fixed(index: Index, question: MachineQuestion, move: _Move) -> str:
    """Return in words a move that leaves nothing open."""
    words = index.words
    if move.without:
        return _without(index, question, move.without)
    if move.kind == "glibc":
        return fill(words["near-glibc"], glibc=index.container_glibc)
    if move.kind == "container" and question.device == "gpu":
        return words["near-container-cpu"]
    is_same_machine = move.kind == "linux" and question.arch == "x86_64" and question.os != "macos"
    return words["near-linux-itself" if is_same_machine else f"near-{move.kind}"]


def _cuda(index: Index, question: MachineQuestion, choice: Choice) -> tuple[Fields, str] | None:
    """Return the CUDA that an answer was built with, which its recipe does not bring."""
    position = choice.offer.toolkit
    facts = None if position is None else index.toolkits[position]
    if facts is None or facts.brings or facts.cuda in (None, question.cuda):
        return None
    text = fill(index.words["near-cuda"], toolkit=toolkit_in_words(index, facts))
    return {"cuda": facts.cuda}, text


def _without(index: Index, question: MachineQuestion, gpus: tuple[AskedGpu, ...]) -> str:
    """Return in words that GPUs are left out, and how CUDA is told so."""
    names = [
        gpu.gpu
        or f"the GPU {f'of {gpu.compute_capability}' if gpu.compute_capability else 'not known'}"
        for gpu in gpus
    ]
    how = "near-gpu-cuda" if question.maker == "nvidia" else "near-gpu"
    return fill(index.words[how], gpu=" and ".join(names))


def _driver(
    index: Index, question: MachineQuestion, changed: MachineQuestion, choice: Choice
) -> tuple[Fields, str] | None:
    """Return the least driver with which an answer fits, or, where the driver is too new for the
    GPU, one of the last branch that serves it.
    """
    before, last = question.driver or "", _last_branch(index, changed)
    is_too_new = last is not None and is_past(before, last)
    drivers = _drivers(index, changed, choice)
    if last is not None:
        drivers = [last[0], *drivers] if is_too_new else [*drivers, last[0]]
    for least in drivers:
        asked = changed._replace(driver=least)
        is_nearer = older(least, before) if is_too_new else older(before, least)
        if not is_nearer or not offer_fits(index, asked, choice.offer):
            continue
        on_windows = changed.os in index.windows_driver
        name = "near-driver-windows" if on_windows else "near-driver"
        if last is None:
            return {"driver": least}, fill(index.words[name], driver=least)
        name = "near-driver-last" if least == last[0] else f"{name}-until"
        return {"driver": least}, fill(index.words[name], driver=least, branch=last[0])
    return None


def _drivers(index: Index, changed: MachineQuestion, choice: Choice) -> list[str]:
    """Return the drivers that can be the least for an offer, the oldest first."""
    offer = choice.offer
    capabilities = [gpu.compute_capability for gpu in changed.gpus()]
    found: set[str | None] = {index.first_branches.get(one or "") for one in capabilities}
    found |= {index.wsl2_branch}
    if offer.toolkit is not None:
        facts = index.toolkits[offer.toolkit]
        found |= {facts.wsl2 if changed.os == "wsl2" else None}
        found |= {facts.windows if changed.os == "windows" else facts.linux}
        found |= {row[2 if changed.os == "windows" else 1] for row in facts.patches}
    for capability in filter(None, capabilities if offer.code is not None else ()):
        counts = index.codes[offer.code or 0].counts_at(index.capabilities.index(capability))
        found |= {counts.branch} if counts else set()
    return sorted(filter(None, found), key=key)


def _last_branch(index: Index, question: MachineQuestion) -> LastBranch | None:
    """Return the last driver branch that serves all GPUs, None where drivers go on with them."""
    lasts = [last_branch(index, gpu.compute_capability) for gpu in question.gpus()]
    return min((last for last in lasts if last is not None), key=_next_branch, default=None)


def _next_branch(last: LastBranch) -> int:
    return int(last[1])
