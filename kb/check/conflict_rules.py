"""The rules of `check` about what does not go together: what stands beside TensorFlow, CUDA's own
libraries, and distributions that hold the same files.
"""

from collections.abc import Iterator

from packaging.specifiers import SpecifierSet

from kb.base.findings import Finding, Severity
from kb.base.model import WayOut
from kb.base.names import PLATFORM_NAMES
from kb.base.versions import key, series, spans
from kb.check.asked import Asked
from kb.check.bounds import admits
from kb.check.case import DistributionCase, at, has_cuda, instead, pip_name, words
from kb.check.pip import PipChoice, Refusal

# its review lists the distributions that install into the same folder
_TWINS = "https://github.com/tensorflow/tensorflow/pull/125351"
_LEGACY_KERAS = "https://github.com/tensorflow/tensorflow/releases/tag/v2.16.1"


def conflict(case: DistributionCase) -> Iterator[Finding]:
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
    yield _conflict(case, severity, [c for c in judged if c.environment.python in stuck], stuck)


def _conflict(
    case: DistributionCase, severity: Severity, choices: list[PipChoice], stuck: list[str]
) -> Finding:
    own = [
        choice
        for choice in choices
        if choice.environment.platform == choices[0].environment.platform
    ]
    choice = own[-1]
    first = choice.refused[0]
    release = first.offer.release.release
    python = f" on Python {spans(stuck)}" if len(stuck) < len(case.pythons()) else ""
    other = instead(case, own, release)
    if first.ours is not None:
        return _beside(case, choice, first, severity, (python, other))
    more = "; nor can any other release in the range" if len(choice.refused) > 1 else ""
    text = f"{pip_name(case)}=={release} cannot be installed{python}: {first.conflict}{more}"
    command = f"python -m kb lookup {release} --device cuda"
    by_hand = WayOut(told="or name NVIDIA's packages one by one", command=command)
    ways_out = (WayOut(other), by_hand) if other else (by_hand,)
    return case.finding("and-cuda", severity, text, ways_out)


def _beside(
    case: DistributionCase,
    choice: PipChoice,
    first: Refusal,
    severity: Severity,
    words_of: tuple[str, str],
) -> Finding:
    """Tell what does not go with a release; `words_of` say on which Pythons, and what to ask for in
    place of the release.
    """
    python, other = words_of
    release = first.offer.release.release
    beside = f"{case.name} {release}, which requires {first.theirs}"
    more = "; nor does any other release in the range" if len(choice.refused) > 1 else ""
    rule = "bounds"
    sources: tuple[str, ...] = ()
    fix: tuple[str, ...] = (f"ask for {first.theirs}", other and f"or {other}")
    if first.name == "tf-keras":
        rule, beside = "tf-keras", f"{case.name} {release}: it requires the release of its series"
    elif first.name == "keras" and key(release) >= key("2.16"):
        keep = f"tf-keras=={series(release)}.*"
        fix = (*fix, f"or keep Keras 2: ask for {keep}, and set TF_USE_LEGACY_KERAS=1")
        sources = (_LEGACY_KERAS,)
    elif first.name.startswith("nvidia-") and "torch" in choice.beside:
        rule = "torch"
        more += "; torch beside it has to do with the same NVIDIA packages"
        fix = (fix[0], "or give torch an environment of its own")
    asked = first.ours or case.asked
    text = f"{first.name}{asked.requirement.specifier} does not go with {beside}{python}{more}"
    ways_out = tuple(WayOut(line) for line in fix if line)
    return at(asked, case.finding(rule, severity, text, ways_out))._replace(sources=sources)


def useless_and_cuda(case: DistributionCase) -> Iterator[Finding]:
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
    fix = "ask for it on Linux alone: `{0}[and-cuda]; sys_platform == 'linux'` beside `{0}; {1}`"
    if any(choice.environment.platform == "linux-x86_64" for choice in without):
        fix = "ask for tensorflow[and-cuda] in its place, on Linux alone"
    other = "sys_platform != 'linux'"
    severity: Severity = "error" if everywhere else "warning"
    yield case.finding("and-cuda", severity, text, (WayOut(fix.format(case.name, other)),))


def twins(cases: tuple[DistributionCase, ...]) -> Iterator[Finding]:
    """Tell where two distributions that hold TensorFlow are asked for in one environment."""
    for number, second in enumerate(cases):
        for first in cases[:number]:
            there = {choice.environment: choice for choice in first.choices}
            both = [c for c in second.choices if c.environment in there]
            # where neither has a wheel, nothing is installed over the other
            beside = [c for c in both if c.offers and there[c.environment].offers] or both
            if all(_belong(there[c.environment], c) for c in beside):
                continue
            text = (
                f"{first.name} and {second.name} are both asked for: they install into the same "
                "folder and overwrite each other"
            )
            where = _location(first.asked, second.asked)
            way = WayOut(f"keep one of them; {first.name} stands at {where}")
            yield second.finding("twins", "error", text, (way,))._replace(sources=(_TWINS,))


def tf_keras_twin(cases: tuple[DistributionCase, ...]) -> Iterator[Finding]:
    """Tell where tf-keras brings `tensorflow` along, beside another distribution of it."""
    names = {case.name for case in cases}
    for case in cases:
        keras = next((c.lines["tf-keras"] for c in case.choices if "tf-keras" in c.lines), None)
        if "tensorflow" in names or keras is None or keras.constraint:
            continue
        if not admits(keras.requirement.specifier & SpecifierSet(">=2.16")):
            continue
        text = f"tf-keras requires tensorflow, which is then installed over {case.name}"
        way = WayOut("ask for tensorflow in its place")
        yield case.finding("twins", "warning", text, (way,))._replace(sources=(_TWINS,))


def _belong(choice: PipChoice, other: PipChoice) -> bool:
    """Tell whether one distribution is only the name under which the other one is installed."""
    for first, second in ((choice, other), (other, choice)):
        shim = first.offers[0].build.says.shim if first.offers else None
        if shim is not None and shim.name == second.asked.name:
            return True
    return False


def _location(asked: Asked, beside: Asked) -> str:
    is_here = asked.file == beside.file
    return f"line {asked.line}" if is_here else f"{asked.file}:{asked.line}"
