"""Find the newest release that fits a machine, and tell of each series that does not fit why. Where
no release fits, a candidate may.

It answers from `index.json` alone: every verdict that needs the knowledge base stands there, so
that a browser finds the same by the same few rules (`kb.answers.fit_rules`).
"""

from collections.abc import Callable, Iterator

from kb.answers.comparison import AskedGpu, Comparison, MachineQuestion, Remark, older
from kb.answers.fit_rules import (
    OF_ALL_OFFERS,
    OF_CELLS,
    OF_OFFERS,
    not_there,
    problem,
    problems_of,
    recipe_for,
    toolkit,
)
from kb.answers.fit_rules import glibc as glibc_rule
from kb.answers.fit_rules import macos as macos_rule
from kb.answers.fit_rules import python as python_rule
from kb.answers.found import Fit, Found, GpuVerdict, NearestChange, Other, Rejected
from kb.answers.maker_rules import OF_MAKERS
from kb.answers.published import published
from kb.answers.release_asked import asked_release
from kb.answers.several_gpus import together
from kb.base.record import Record
from kb.cells.ranking import rank
from kb.cells.rungs import PROVEN, VERDICTS, height
from kb.cells.sureness import MachineStanding, SureCase, Sureness, nowhere, sureness
from kb.index.records import CellGroup, Index, KnownProblem, Offer, Pinned
from kb.index.words import fill


class Choice(Record):
    """Cells of an offer, the Python to take of them, and all that the rules say. Where nothing
    speaks against them, `stands` is where they stand on the machine that is asked about, and
    `capability` that of the GPU on which they stand lowest.
    """

    offer: Offer
    group: CellGroup
    stands: MachineStanding
    capability: str | None
    python: str
    findings: tuple[Remark, ...]
    reasons: tuple[Remark, ...]


_NOT_ASKED = nowhere(None, "unknown", None, None, None, 0)


def find(index: Index, question: MachineQuestion) -> Found:
    """Answer a question; what it does not tell of the device and the maker goes without saying.

    Where nothing goes with the CUDA of the machine, another one may be installed beside it. Raises
    NothingFound for a release that is not there, and WrongUsage for a nightly.
    """
    question = question.settled()
    if question.release is not None:
        question = question._replace(release=asked_release(question.release, index))
    fits, rejected = _search(index, question)
    best = [max(some, key=_rank) for some in fits]
    proven = [choice for some in fits for choice in some if _is_proven(question, choice)]
    newest_proven = max(proven, key=_rank, default=None)
    newest = index.releases[best[0].offer.release] if best else None
    answer = _fit(index, question, best[0]) if best else None
    any_driver = answer is None and question.driver is not None
    if any_driver:  # a newer one that is enough by itself is a nearest change
        any_driver = best_choice(index, question._replace(driver=None)) is None
    return Found(
        question=question,
        answer=answer,
        proven=_fit(index, question, newest_proven) if newest_proven else None,
        also=tuple(_other(index, question, choice) for choice in best[1:]),
        rejected=tuple(rejected),
        elsewhere=published(index, question, newest, any_driver),
        nearest=_nearest(index, question, answer),
        gpus=_each_gpu(index, question, fits, rejected),
    )


def _each_gpu(
    index: Index, question: MachineQuestion, fits: list[list[Choice]], rejected: list[Rejected]
) -> tuple[GpuVerdict, ...]:
    """Return a verdict on each GPU by itself; of one GPU that is what was found."""
    alone = question.singly()
    if len(alone) == 1:
        found = {alone[0].gpus(): (fits, rejected)}
    else:
        found = {one.gpus(): _search(index, one) for one in alone}
    return tuple(_verdict(index, question, gpu, *found[(gpu,)]) for gpu in question.gpus())


def _verdict(
    index: Index,
    question: MachineQuestion,
    gpu: AskedGpu,
    fits: list[list[Choice]],
    rejected: list[Rejected],
) -> GpuVerdict:
    newest = index.releases[max(fits[0], key=_rank).offer.release] if fits else None
    against = next((one for one in rejected if question.release or one.kind == "release"), None)
    is_newer = against is not None and (newest is None or older(newest, against.release))
    return GpuVerdict(
        gpu=gpu.gpu,
        compute_capability=gpu.compute_capability,
        maker=question.maker or "nvidia",
        answer=newest,
        reasons=against.reasons if against is not None and is_newer else (),
    )


def _search(index: Index, question: MachineQuestion) -> tuple[list[list[Choice]], list[Rejected]]:
    """Return what fits of each series, and the series that do not fit, both newest first: of all
    that there are, and of candidates where none fits; or of the release that is asked about.

    Another CUDA may stand beside that of the machine only where no release at all goes with it.
    """
    is_of_all = question.release is None
    offers = index.offers if is_of_all else _of_release(index, question)
    fits, rejected = _held(index, question, offers)
    if not fits and _needs_another_cuda(index, question):
        beside, others = _held(index, question, offers, beside=True)
        fits, rejected = (beside, others) if beside else (fits, rejected)
    if not fits and is_of_all:
        fits, closest = _held(index, question, _candidates(index, question))
        rejected = [*closest, *rejected]
    return fits, rejected


def _needs_another_cuda(index: Index, question: MachineQuestion) -> bool:
    """Tell whether no release goes with the CUDA of the machine, where one is told; a question for
    all releases has found that out before it asks.
    """
    if question.cuda is None:
        return False
    return question.release is None or _first(index, question, index.offers) is None


def _of_release(index: Index, question: MachineQuestion) -> tuple[Offer, ...]:
    """Return the offers of the release, the candidate or the series that is asked about."""
    return _named(index, index.offers, question) or _named(index, index.candidates, question)


def _named(index: Index, offers: tuple[Offer, ...], question: MachineQuestion) -> tuple[Offer, ...]:
    """Return the offers of the release or series that is asked about."""
    return tuple(
        offer
        for offer in offers
        if question.release in (index.releases[offer.release], index.series[offer.release])
    )


def _nearest(
    index: Index, question: MachineQuestion, answer: Fit | None
) -> tuple[NearestChange, ...]:
    if answer is not None and (answer.kind == "release" or question.release is not None):
        return ()
    from kb.answers.nearest_changes import nearest_changes  # few answers need it

    return nearest_changes(index, question, answer)


def best_choice(index: Index, question: MachineQuestion, near: str | None = None) -> Choice | None:
    """Return what `find` answers, and no more than that: it stops at the first series that fits.

    With `near`, a series, it is not the newest that fits but the one nearest to that.
    """
    question = question.settled()
    if question.release is None:
        offers, candidates = index.offers, _candidates(index, question)
        # what does not even fit beside the CUDA of the machine need not be tried without
        found = _first(index, question, offers, beside=True, near=near)
        if found is not None and question.cuda is not None:
            found = _first(index, question, offers, near=near) or found
        return found or _first(index, question, candidates)
    offers = _of_release(index, question)
    found = _first(index, question, offers)
    if found is None and _needs_another_cuda(index, question):
        found = _first(index, question, offers, beside=True)
    return found


def fit_of(index: Index, question: MachineQuestion, choice: Choice) -> Fit:
    """Return a choice as `find` answers it."""
    return _fit(index, question.settled(), choice)


def offer_fits(index: Index, question: MachineQuestion, offer: Offer) -> bool:
    """Tell whether an offer for the machine of a question fits it, with another CUDA beside that
    of the machine where it has one.
    """
    question = question.settled()
    asked = _each_with_problems(index, question)
    return bool(_fitting(_cases(index, asked, offer, question.cuda is not None)))


def _first(
    index: Index,
    question: MachineQuestion,
    offers: tuple[Offer, ...],
    beside: bool = False,
    near: str | None = None,
) -> Choice | None:
    """Return the best of the first series that fits: the newest, or the one nearest to another."""
    platform, devices = question.platform(), _devices(index, question)
    by_series: dict[str, list[Offer]] = {}
    for offer in reversed(offers):
        if offer.platform != platform or offer.device not in devices:
            continue
        if any(_may_fit(group, question) for group in offer.cells):
            by_series.setdefault(index.series[offer.release], []).insert(0, offer)
    names = list(by_series)
    if near is not None:
        order = {name: number for number, name in enumerate(index.final_series())}
        names.sort(key=lambda name: abs(order[name] - order.get(near, len(order))))
    singly = _each_with_problems(index, question)
    for name in names:
        fitting = [
            choice
            for offer in by_series[name]
            for choice in _fitting(_cases(index, singly, offer, beside))
        ]
        if fitting:
            return max(fitting, key=_rank)
    return None


def _may_fit(group: CellGroup, question: MachineQuestion) -> bool:
    """Tell whether cells have the Python, and ask for no newer glibc or macOS than there is."""
    return (
        (question.python is None or question.python in group.pythons)
        and not (question.glibc and group.glibc and older(question.glibc, group.glibc))
        and not (question.macos and group.macos and older(question.macos, group.macos))
    )


def _fitting(cases: list[Comparison]) -> list[Choice]:
    """Return the choices of an offer that fit, without the trouble of telling why others do not."""
    rules = (toolkit, problem, *_rules(cases[0].offer))  # those first that cost little
    if any(remark.kind == "reason" for rule in rules for case in cases for remark in rule(case)):
        return []
    return [choice for choice in _judged(cases) if not choice.reasons]


def _candidates(index: Index, question: MachineQuestion) -> tuple[Offer, ...]:
    """Return the candidates for such a machine; of others there is nothing to tell."""
    platform, devices = question.platform(), _devices(index, question)
    return tuple(
        offer
        for offer in index.candidates
        if offer.platform == platform and offer.device in devices
    )


def _held(
    index: Index, question: MachineQuestion, offers: tuple[Offer, ...], beside: bool = False
) -> tuple[list[list[Choice]], list[Rejected]]:
    """Hold offers against a question; return what fits of each series, and the series of which
    nothing does, both newest first. With `beside`, another CUDA may stand beside the machine's.
    """
    devices = _devices(index, question)
    asked = _each_with_problems(index, question)
    fits = []
    rejected = []
    for name, (newest, own) in reversed(_by_series(index, question, offers).items()):
        cases = [_cases(index, asked, offer, beside) for offer in own if offer.device in devices]
        choices = [choice for some in cases for choice in _judged(some)]
        fitting = [choice for choice in choices if not choice.reasons]
        if fitting:
            fits.append(fitting)
        elif choices:
            closest = min(choices, key=lambda choice: _distance(index, choice))
            rejected.append(_rejected(index, name, closest.offer.release, closest.reasons))
        else:
            missing = not_there(index, question, devices[0] if own else None, newest)
            against = _beside(index, question, own)
            rejected.append(_rejected(index, name, newest, (missing, *against)))
    return fits, rejected


def _each_with_problems(
    index: Index, question: MachineQuestion
) -> list[tuple[MachineQuestion, tuple[KnownProblem, ...]]]:
    """Return the question for each GPU, and the problems that may hit what it asks for."""
    return [(one, problems_of(index, one)) for one in question.singly()]


def _cases(
    index: Index,
    asked: list[tuple[MachineQuestion, tuple[KnownProblem, ...]]],
    offer: Offer,
    beside: bool,
) -> list[Comparison]:
    """Return an offer held against each GPU."""
    return [Comparison._make((index, one, offer, problems, beside)) for one, problems in asked]


def _rejected(index: Index, name: str, release: int, reasons: tuple[Remark, ...]) -> Rejected:
    return Rejected(
        series=name, release=index.releases[release], kind=index.kinds[release], reasons=reasons
    )


def _devices(index: Index, question: MachineQuestion) -> tuple[str, ...]:
    if question.device == "cpu":
        return ("cpu",)
    return tuple(index.makers[question.maker or "nvidia"][question.os])


def _by_series(
    index: Index, question: MachineQuestion, offers: tuple[Offer, ...]
) -> dict[str, tuple[int, list[Offer]]]:
    """Return for each series, oldest first, its newest release and its offers for the platform.

    The newest release is that of the platform, or else of TensorFlow's own distribution.
    """
    found: dict[str, tuple[int, list[Offer]]] = {}
    platform = question.platform()
    least = min((offer.release for offer in offers), default=0) if question.release else 0
    for offer in offers:
        name = index.series[offer.release]
        newest, own = found.get(name, (least, []))
        if offer.platform == platform:
            newest = max(newest, offer.release) if own else offer.release
            own.append(offer)
        elif not own and offer.distribution == "tensorflow":
            newest = max(newest, offer.release)
        found[name] = (newest, own)
    return found


def _rules(offer: Offer) -> tuple[Callable[[Comparison], Iterator[Remark]], ...]:
    """Return the rules that have a word for an offer: a question asks thousands of them."""
    if offer.device == "cuda":
        return OF_OFFERS
    return OF_ALL_OFFERS if offer.device == "cpu" else (*OF_ALL_OFFERS, *OF_MAKERS)


def _judged(cases: list[Comparison]) -> list[Choice]:
    """Return the choices among the cells of an offer, which `cases` hold against each GPU."""
    case = cases[0]
    offer, asked = case.offer, case.question.python
    rules = _rules(offer)
    common = [finding for one in cases for rule in rules for finding in rule(one)]
    if len(cases) > 1:
        common = [*dict.fromkeys(common), *together(cases)]
    groups = [group for group in offer.cells if asked is None or asked in group.pythons]
    choices = []
    for group in groups or offer.cells[-1:]:
        own = [finding for one in cases for rule in OF_CELLS for finding in rule(one, group)]
        findings = common + (own if len(cases) == 1 else list(dict.fromkeys(own)))
        findings = _without_vain_advice(case, findings)
        reasons = tuple(finding for finding in findings if finding.kind == "reason")
        python = asked if asked in group.pythons else group.pythons[-1]
        asked_of = [one.question for one in cases]
        stands, capability = (_NOT_ASKED, None) if reasons else _lowest(asked_of, group)
        made = (offer, group, stands, capability, python, tuple(findings), reasons)
        choices.append(Choice._make(made))
    return choices


def _without_vain_advice(case: Comparison, findings: list[Remark]) -> list[Remark]:
    """Return the findings without what serves an older driver, where more speaks against an offer.
    That a driver is too new for the GPU is to be mended whatever is installed.
    """
    if all(finding.rule in (None, "driver") for finding in findings):
        return findings
    return [
        finding._replace(instead=(), sources=())
        if finding.rule == "driver" and finding.template != case.known.words["driver-newest"]
        else finding
        for finding in findings
    ]


def _beside(index: Index, question: MachineQuestion, offers: list[Offer]) -> tuple[Remark, ...]:
    """Return what speaks against a series even where its device is given up."""
    against = []
    for offer in offers:
        if offer.device == "cpu":
            case = Comparison(known=index, question=question, offer=offer, problems=())
            found = list(python_rule(case))
            found += [*glibc_rule(case, offer.cells[-1]), *macos_rule(case, offer.cells[-1])]
            against.append(tuple(finding for finding in found if finding.kind == "reason"))
    return min(against, key=len, default=())


def _distance(index: Index, choice: Choice) -> tuple[int, int, int]:
    """Tell how far a choice is from fitting: the nearest has the fewest reasons against it."""
    position = index.distributions.index(choice.offer.distribution)
    return (len(choice.reasons), -choice.offer.release, position)


def _rank(choice: Choice) -> tuple[object, ...]:
    return rank(
        release=choice.offer.release,
        rung=choice.stands.rung,
        python=choice.python,
        distribution=choice.offer.distribution,
    )


def _lowest(
    questions: list[MachineQuestion], group: CellGroup
) -> tuple[MachineStanding, str | None]:
    """Return where cells stand lowest among the GPUs that are asked about, and on which."""
    own = recipe_for(questions, group)
    each = [
        (own.on(one.os == "wsl2", one.compute_capability), one.compute_capability)
        for one in questions
    ]
    return each[0] if len(each) == 1 else min(each, key=_certainty)


def _certainty(pair: tuple[MachineStanding, str | None]) -> tuple[int, int, bool]:
    stands, capability = pair
    is_same = stands.compute_capability == capability
    return VERDICTS.index(stands.standing), height(stands.rung), is_same


def _is_proven(question: MachineQuestion, choice: Choice) -> bool:
    """Tell whether a run proves it for what is asked; see `Found`."""
    stands, capability = choice.stands, choice.capability
    if stands.standing != "ok" or stands.wsl2 != (question.os == "wsl2"):
        return False
    if question.device == "cpu":
        return height(stands.rung) >= height(PROVEN)
    if capability is None and any(gpu.gpu or gpu.gpu_kind for gpu in question.gpus()):
        return False
    return stands.rung == "runs-gpu" and capability in (None, stands.compute_capability)


def _sureness(question: MachineQuestion, choice: Choice, *, below: bool = True) -> Sureness:
    offer, own = choice.offer, recipe_for(question.singly(), choice.group)
    case = SureCase(
        platform=offer.platform,
        device=offer.device,
        pin=own.pin if isinstance(own, Pinned) else None,
        told_by=offer.told_by,
        wsl2=question.os == "wsl2",
        compute_capability=choice.capability,
    )
    return sureness(choice.stands, case, below=below)


def _fit(index: Index, question: MachineQuestion, choice: Choice) -> Fit:
    release = index.releases[choice.offer.release]
    number = recipe_for(question.singly(), choice.group).setup
    setup = tuple(
        fill(text, python=choice.python, release=release) for text in index.setups[number]
    )
    return Fit(
        release=release,
        kind=index.kinds[choice.offer.release],
        distribution=choice.offer.distribution,
        platform=choice.offer.platform,
        python=choice.python,
        device=choice.offer.device,
        rung=choice.stands.rung,
        setup=setup,
        setup_reasons=tuple(index.setup_reasons[number]),
        check=tuple(index.checks[choice.group.check]),
        caveats=tuple(finding.text for finding in choice.findings if finding.kind == "caveat"),
        because=tuple(finding.text for finding in choice.findings if finding.kind == "because"),
        trust=choice.stands.trust,
        proof=_sureness(question, choice),
    )


def _other(index: Index, question: MachineQuestion, choice: Choice) -> Other:
    return Other(
        release=index.releases[choice.offer.release],
        distribution=choice.offer.distribution,
        python=choice.python,
        device=choice.offer.device,
        rung=choice.stands.rung,
        certain=all(finding.template != index.words["code-unknown"] for finding in choice.findings),
        caveats=tuple(finding.text for finding in choice.findings if finding.kind == "caveat"),
        sure=_sureness(question, choice, below=False).sentence,
    )
