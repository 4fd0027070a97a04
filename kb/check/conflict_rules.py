"""The rules of `check` about what does not go together: what stands beside TensorFlow, CUDA's own
libraries, and distributions that hold the same files.
"""

from collections.abc import Iterator

from packaging.specifiers import SpecifierSet

from kb.base.findings import Severity
from kb.base.model import Python, WayOut
from kb.base.names import PLATFORM_NAMES
from kb.base.versions import key, series, spans
from kb.check.asked import Asked
from kb.check.bounds import admits
from kb.check.case import DistributionCase, belong, has_cuda, pip_name, words
from kb.check.changes import Change, Draft, Trial, TriedWayOut
from kb.check.companion_rules import TWINS, refused_by_companion
from kb.check.framework_rules import refused_by_framework
from kb.check.pip import PipChoice, Refusal
from kb.facts.companion_names import FRAMEWORKS

_LEGACY_KERAS = "https://github.com/tensorflow/tensorflow/releases/tag/v2.16.1"


def conflict(case: DistributionCase) -> Iterator[Draft]:
    """Tell where nothing in the range can be installed beside what else is asked for."""
    judged = case.judged()
    pythons = list(dict.fromkeys(choice.environment.python for choice in judged))
    stuck = [
        python
        for python in pythons
        if not any(c.taken for c in judged if c.environment.python == python)
    ]
    if not stuck:
        return
    severity: Severity = "error" if len(stuck) == len(pythons) else "warning"
    choices = [c for c in judged if c.environment.python in stuck]
    platform = choices[0].environment.platform
    choice = [c for c in choices if c.environment.platform == platform][-1]
    python = f" on Python {spans(stuck)}" if len(stuck) < len(case.pythons()) else ""
    first = choice.refused[0]
    if first.ours is None:
        yield _unresolved(case, choice, severity, python)
    elif first.stated is not None and first.name in FRAMEWORKS:
        yield refused_by_framework(case, choice, severity, python)
    elif first.stated is not None:
        yield refused_by_companion(case, choice, severity, python)
    else:
        yield _beside(case, choice, stuck, severity)


def _unresolved(
    case: DistributionCase, choice: PipChoice, severity: Severity, python: str
) -> Draft:
    """Tell why the extra of a release cannot be had."""
    first = choice.refused[0]
    release = first.offer.release.release
    more = "; nor can any other release in the range" if len(choice.refused) > 1 else ""
    text = f"{pip_name(case)}=={release} cannot be installed{python}: {first.conflict}{more}"

    def mend(trial: Trial) -> Iterator[WayOut]:
        yield from trial.offer(case.nearest_releases(release))
        command = f"python -m kb lookup {release} --device cuda"
        yield WayOut(told="name NVIDIA's packages one by one", command=command)

    return case.finding("and-cuda", severity, text, mend)


def _beside(
    case: DistributionCase, choice: PipChoice, stuck: list[Python], severity: Severity
) -> Draft:
    """Tell what does not go with a release."""
    first = choice.refused[0]
    release = first.offer.release.release
    others = [python for python in case.pythons() if python not in stuck]
    there = f" on Python {spans(stuck)}" if others else ""
    beside = f"{case.name} {release}{there}, which requires {first.theirs}"
    more = "; nor does any other release in the range" if len(choice.refused) > 1 else ""
    more += " there" if more and there else ""
    rule = "bounds"
    if first.name == "tf-keras":
        rule = "tf-keras"
        beside = f"{case.name} {release}{there}: it requires the release of its series"
    elif first.name.startswith("nvidia-") and "torch" in choice.beside:
        rule = "torch"
        more += "; torch beside it has to do with the same NVIDIA packages"
    needed = Change(asks=(first.theirs,))

    def mend(trial: Trial) -> Iterator[WayOut]:
        if rule == "torch":
            yield from trial.offer([needed])
            apart = Change(leaves_out=("torch", first.name))
            told = "give torch an environment of its own, with its NVIDIA packages"
            yield from trial.offer([apart], told)
        else:
            yield from _moved(case, trial, first, stuck if severity == "warning" else [])
        if _wants_keras_2(first):
            keep = f"tf-keras=={series(release)}.*"
            kept = Change(asks=(keep,), leaves_out=("keras",))
            told = f"keep Keras 2: in place of keras ask for {keep}, and set TF_USE_LEGACY_KERAS=1"
            yield from trial.offer([kept], told)

    asked = first.ours or case.asked
    text = f"{first.name}{asked.requirement.specifier} does not go with {beside}{more}"
    source = _LEGACY_KERAS if _wants_keras_2(first) else None
    return case.finding(rule, severity, text, mend, needed).at(asked).citing(source)


def _moved(
    case: DistributionCase, trial: Trial, refusal: Refusal, stuck: list[Python]
) -> Iterator[WayOut]:
    """Yield how what is asked for can give way, or the release: this first where what is asked for
    is raised, as others need it. Where pip is `stuck` on some Pythons alone, it is these that the
    release is for; or the project keeps to the others.
    """
    theirs = list(trial.offer([Change(asks=(refusal.theirs,))]))
    releases = case.nearest_releases(refusal.offer.release.release)
    if stuck:
        kept = trial.pythons(python for python in case.pythons() if python not in stuck)
        releases = (c._replace(pythons=tuple(stuck)) for c in releases if not c.pythons)
        yield from theirs
        if kept:
            told = f"keep to Python {spans(list(kept))}"
            yield from trial.offer([Change(pythons=kept)], told)
        yield from trial.offer(releases)
        return
    ours = list(trial.offer(releases))
    bounds = refusal.ours.requirement.specifier if refusal.ours else ()
    is_raised = bool(bounds) and all(bound.operator in (">", ">=") for bound in bounds)
    yield from (*ours, *theirs) if is_raised else (*theirs, *ours)


def _wants_keras_2(refusal: Refusal) -> bool:
    """Tell whether it is for Keras 2 that a release is passed over that has Keras 3."""
    return refusal.name == "keras" and key(refusal.offer.release.release) >= key("2.16")


def useless_and_cuda(case: DistributionCase) -> Iterator[Draft]:
    """Tell where `and-cuda` is asked for and the wheels hold no CUDA code."""
    cuda = [choice for choice in case.offered() if choice.and_cuda]
    without = [
        choice
        for choice in cuda
        if not has_cuda(choice) and case.catalogue.has_and_cuda(choice.taken or choice.offers[0])
    ]
    if not without:
        return
    marker = case.asked.requirement.marker
    everywhere = len(without) == len(cuda)
    if not everywhere and (marker is None or "platform" not in str(marker)):
        return
    platforms = dict.fromkeys(PLATFORM_NAMES[c.environment.platform] for c in without)
    there = words(list(platforms))
    text = f"[and-cuda] does not help on {there}: the wheel there has no CUDA code"
    severity: Severity = "error" if everywhere else "warning"
    yield case.finding("and-cuda", severity, text, lambda trial: _on_linux(case, trial))


def _on_linux(case: DistributionCase, trial: Trial) -> Iterator[WayOut]:
    """Yield how `and-cuda` is asked for where it helps alone."""
    range_ = str(case.asked.requirement.specifier)
    linux = "sys_platform == 'linux'"
    for name in dict.fromkeys((case.name, "tensorflow")):
        for marker, other in (
            (linux, "sys_platform != 'linux'"),
            (
                f"{linux} and platform_machine == 'x86_64'",
                "sys_platform != 'linux' or platform_machine != 'x86_64'",
            ),
        ):
            with_extra = f"{name}[and-cuda]{range_}; {marker}"
            asks = (with_extra, f"{name}{range_}; {other}")
            change = Change(asks=asks, leaves_out=case.renamed(name))
            what = "it" if name == case.name else f"{name}[and-cuda] in its place,"
            told = f"ask for {what} on Linux alone: `{asks[0]}` beside `{asks[1]}`"
            found = list(trial.offer([change], told))
            yield from found
            if found:
                return


def twins(cases: tuple[DistributionCase, ...]) -> Iterator[Draft]:
    """Tell where two distributions that hold TensorFlow are asked for in one environment."""
    for number, second in enumerate(cases):
        for first in cases[:number]:
            there = {choice.environment: choice for choice in first.choices}
            both = [c for c in second.choices if c.environment in there]
            # where neither has a wheel, nothing is installed over the other
            beside = [c for c in both if c.offers and there[c.environment].offers] or both
            if all(belong(there[c.environment], c) for c in beside):
                continue
            text = (
                f"{first.name} and {second.name} are both asked for: they install into the same "
                "folder and overwrite each other"
            )
            names = tuple(case.name for case in cases)
            where = f"{first.name} stands at {_location(first.asked, second.asked)}"

            def mend(
                trial: Trial,
                pair: tuple[str, ...] = (first.name, second.name),
                where: str = where,
                names: tuple[str, ...] = names,
            ) -> Iterator[WayOut]:
                yield from _keep_one(trial, pair, names, where)

            yield second.finding("twins", "error", text, mend).citing(TWINS)


def _keep_one(
    trial: Trial, pair: tuple[str, ...], names: tuple[str, ...], where: str
) -> Iterator[WayOut]:
    """Yield which of two distributions can be kept, alone of all that hold TensorFlow."""
    changes = {
        kept: Change(leaves_out=tuple(name for name in names if name != kept)) for kept in pair
    }
    passing = {kept: trial.passing(change) for kept, change in changes.items()}
    if all(passing[kept] == change for kept, change in changes.items()):
        yield WayOut(f"keep one of them; {where}")
        return
    if not any(passing.values()):
        able = [kept for kept, change in changes.items() if trial.passing(change, takes_any=False)]
        which = "one of them" if len(able) == len(changes) else words(able)
        if able:
            yield WayOut(f"keep {which}, and mend what else is found; {where}")
        return
    for kept, change in passing.items():
        if change is not None:
            yield TriedWayOut(told=f"keep {kept}: {change.told()}; {where}", change=change)


def tf_keras_twin(cases: tuple[DistributionCase, ...]) -> Iterator[Draft]:
    """Tell where tf-keras brings `tensorflow` along, beside another distribution of it."""
    names = {case.name for case in cases}
    for case in cases:
        keras = next((c.lines["tf-keras"] for c in case.choices if "tf-keras" in c.lines), None)
        if "tensorflow" in names or keras is None or keras.constraint:
            continue
        if not admits(keras.requirement.specifier & SpecifierSet(">=2.16")):
            continue
        text = f"tf-keras requires tensorflow, which is then installed over {case.name}"
        asks = dict.fromkeys((f"tensorflow{case.asked.requirement.specifier}", "tensorflow"))
        changes = [Change(asks=(ask,), leaves_out=(case.name,)) for ask in asks]

        def mend(trial: Trial, changes: list[Change] = changes) -> Iterator[WayOut]:
            yield from trial.offer(
                changes, lambda change: f"ask for tensorflow in its place: {change.asked()}"
            )

        yield case.finding("twins", "warning", text, mend).citing(TWINS)


def _location(asked: Asked, beside: Asked) -> str:
    is_here = asked.file == beside.file
    return f"line {asked.line}" if is_here else f"{asked.file}:{asked.line}"
