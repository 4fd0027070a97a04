"""The rules of `check` about companions: what refuses TensorFlow, what is not made for it, what
needs something besides, and what takes another Python.
"""

from collections.abc import Callable, Iterator
from itertools import islice

from kb.base.findings import Severity
from kb.base.model import CompanionFile, CompanionRelease, WayOut
from kb.base.names import is_tensorflow
from kb.base.versions import key, series, spans
from kb.check.case import DistributionCase, where
from kb.check.catalogue import Target
from kb.check.changes import Change, Draft, Trial
from kb.check.companions import beside, companion_of, line_for, taken_companion
from kb.check.pip import PipChoice
from kb.facts.builds import Published
from kb.facts.companion_names import COMPANIONS
from kb.facts.companions import Stated, going_with, may_install, takes, words_of

# its review lists the distributions that install into the same folder
TWINS = "https://github.com/tensorflow/tensorflow/pull/125351"
_OFFERED = 5


def refused_by_companion(
    case: DistributionCase, choice: PipChoice, severity: Severity, python: str
) -> Draft:
    """Tell which companion takes no release in the range."""
    first = choice.refused[0]
    asked = first.ours or case.asked
    release = first.offer.release.release
    more = "; nor does any other release in the range" if len(choice.refused) > 1 else ""
    stated = first.stated
    beside_it = f"{case.name} {release}{python}"
    third = stated.requirement.name if stated and stated.requirement else ""
    none_left = "" if is_tensorflow(third) else f", which leaves no {third} that both take"
    text = (
        f"{first.name}{asked.requirement.specifier} does not go with {beside_it}: "
        f"{first.name} {stated.release if stated else ''} requires {first.theirs}{none_left}{more}"
    )
    changes = list(_companions_for(case, first.name, first.offer, choice.environment))

    def mend(trial: Trial) -> Iterator[WayOut]:
        yield from trial.offer(changes)
        yield from trial.offer(case.nearest_releases(release))

    needed = changes[0] if changes else None
    return case.finding("companion", severity, text, mend, needed).at(asked)


def _companions_for(
    case: DistributionCase, name: str, offer: Published, environment: Target
) -> Iterator[Change]:
    """Yield the releases of a companion that go with a release of TensorFlow, the newest first, on
    the Python that is asked for and then on the others.
    """
    file = companion_of(case.catalogue, name)
    if file is None:
        return
    others = [c.environment for c in reversed(case.choices) if offer in c.offers]
    found: dict[str, None] = {}
    for place in (environment, *others):
        going = going_with(file, beside(offer, place), case.catalogue.companion_notes())
        found |= dict.fromkeys(one.release for one in islice(going, _OFFERED))
    for release in islice(found, _OFFERED):
        yield Change(asks=(f"{name}=={release}",))


def companion_outside(case: DistributionCase) -> Iterator[Draft]:
    """Tell where a companion installs beside what pip takes and is not made for it."""
    found: dict[tuple[str, str, str], list[tuple[PipChoice, Stated]]] = {}
    for choice, one in _taken(case):
        if one.verdict == "outside":
            found.setdefault((one.companion, one.release, one.tensorflow), []).append((choice, one))
    for (name, release, tensorflow), pairs in found.items():
        choice, one = pairs[0]
        there = where(case, [choice for choice, _ in pairs])
        text = (
            f"{name} {release} installs beside {case.name} {tensorflow}{there} and is not made for "
            f"it: {_why(one)}"
        )
        note = one.note
        draft = case.finding("companion", "warning", text, _outside_mend(case, choice, name))
        yield draft.at(choice.lines[name]).citing(*(note.sources if note else ()))


def _why(one: Stated) -> str:
    if one.note is not None:
        return one.note.told
    asked = one.requirement
    bounds = f"{asked.name}{asked.specifier}" if asked else "another"
    return f"its extra {one.extra} asks for {bounds}"


def _outside_mend(
    case: DistributionCase, choice: PipChoice, name: str
) -> Callable[[Trial], Iterator[WayOut]]:
    def mend(trial: Trial) -> Iterator[WayOut]:
        if choice.taken is None:
            return
        yield from trial.offer(_companions_for(case, name, choice.taken, choice.environment))
        yield from trial.offer(case.nearest_releases(choice.taken.release.release))

    return mend


def needed_by_companion(case: DistributionCase) -> Iterator[Draft]:
    """Tell where a companion fails beside what pip takes without something that its METADATA do not
    ask for: an error where nothing else that is asked for may bring it.
    """
    found: dict[tuple[str, str, str, str], list[tuple[PipChoice, Stated]]] = {}
    for choice, one in _taken(case):
        for need in one.needs:
            if need.name not in choice.beside and not _is_brought(case, choice, need.name):
                key_of = (one.companion, one.release, one.tensorflow, need.name)
                found.setdefault(key_of, []).append((choice, one))
    for (name, release, tensorflow, needed), pairs in found.items():
        choice, one = pairs[0]
        there = where(case, [choice for choice, _ in pairs])
        notes = [note for note in one.needing if any(n.name == needed for n in note.needs)]
        text = (
            f"{name} {release} fails beside {case.name} {tensorflow}{there} without {needed}: "
            f"{notes[0].told}"
        )
        need = next(n for n in notes[0].needs if n.name == needed)
        ask = f"{needed}=={series(tensorflow)}.*" if needed == "tf-keras" else str(need)
        change = Change(asks=(ask,))

        def mend(trial: Trial, change: Change = change) -> Iterator[WayOut]:
            yield from trial.offer([change], f"add {change.asks[0]}")

        known = all(other in COMPANIONS or other == case.name for other in choice.beside)
        severity: Severity = "error" if known else "warning"
        draft = case.finding("companion", severity, text, mend, change)
        yield draft.at(choice.lines[name]).citing(*notes[0].sources)


def _is_brought(case: DistributionCase, choice: PipChoice, name: str) -> bool:
    """Tell whether a companion that is asked for requires something, always or by an extra that is
    asked for.
    """
    for other, bounds in choice.beside.items():
        file = companion_of(case.catalogue, other)
        line = line_for(choice.lines, other)
        if file is None or line is None:
            continue
        extras = {extra.lower().replace("_", "-") for extra in line.requirement.extras}
        for release in case.catalogue.companion_releases(other, bounds)[:1]:
            words = words_of(file, release.release, choice.environment.platform)
            if words is None:
                continue
            own = [*words.requires]
            own += [r for extra in words.extras if extra.name in extras for r in extra.requires]
            if any(requirement.name == name for requirement in own):
                return True
    return False


def companion_twin(case: DistributionCase) -> Iterator[Draft]:
    """Tell where a companion brings another distribution of TensorFlow over what pip takes."""
    found: dict[tuple[str, str], PipChoice] = {}
    for choice, one in _taken(case):
        for brought in one.brings:
            if brought not in choice.beside:
                found.setdefault((one.companion, brought), choice)
    for (name, brought), choice in found.items():
        text = f"{name} requires {brought}, which is then installed over {case.name}"
        asks = dict.fromkeys((f"{brought}{case.asked.requirement.specifier}", brought))
        changes = [Change(asks=(ask,), leaves_out=(case.name,)) for ask in asks]

        def mend(trial: Trial, changes: list[Change] = changes) -> Iterator[WayOut]:
            yield from trial.offer(
                changes, lambda change: f"ask for {change.asked()} in place of {case.name}"
            )

        draft = case.finding("twins", "warning", text, mend)
        yield draft.at(choice.lines[name]).citing(TWINS)


def companion_python(case: DistributionCase) -> Iterator[Draft]:
    """Tell where nothing that is asked for of a companion takes a Python of the project."""
    found: dict[str, list[PipChoice]] = {}
    for choice in case.offered():
        for name, bounds in choice.beside.items():
            file = case.catalogue.companion(name) if line_for(choice.lines, name) else None
            releases = case.catalogue.companion_releases(name, bounds)
            if file and _takes_no_python(file, releases, choice.environment):
                found.setdefault(name, []).append(choice)
    for name, choices in found.items():
        choice = choices[-1]
        file = case.catalogue.companion(name)
        if file is None:
            continue
        pythons = sorted({c.environment.python for c in choices}, key=key)
        newest = case.catalogue.companion_releases(name, choice.beside[name])[0].release
        words = words_of(file, newest, choice.environment.platform)
        text = (
            f"{name}{choice.lines[name].requirement.specifier} takes no Python {spans(pythons)}: "
            f"{name} {newest} requires Python {words.requires_python if words else ''}"
        )
        others = {c.environment.python for c in case.offered()} - set(pythons)
        severity: Severity = "warning" if others else "error"

        def mend(
            trial: Trial, name: str = name, choice: PipChoice = choice, others: set[str] = others
        ) -> Iterator[WayOut]:
            if choice.taken is not None:
                changes = _companions_taking(case, name, choice.taken, choice.environment)
                yield from trial.offer(changes)
            if others:
                yield from trial.offer([Change(pythons=tuple(sorted(others, key=key)))])

        yield case.finding("companion-python", severity, text, mend).at(choice.lines[name])


def companion_wheel(case: DistributionCase) -> Iterator[Draft]:
    """Tell where nothing that is asked for of a companion has a wheel or an sdist, on any platform
    of a Python.
    """
    found: dict[str, list[PipChoice]] = {}
    reached: dict[str, set[str]] = {}
    for choice in case.offered():
        python, platform = choice.environment.python, choice.environment.platform
        for name, bounds in choice.beside.items():
            is_asked = line_for(choice.lines, name) is not None
            releases = case.catalogue.companion_releases(name, bounds) if is_asked else ()
            if any(may_install(release, python, platform) for release in releases):
                reached.setdefault(name, set()).add(python)
            elif releases:
                found.setdefault(name, []).append(choice)
    for name, choices in found.items():
        stuck = [c for c in choices if c.environment.python not in reached.get(name, ())]
        if stuck:
            yield _without_wheel(case, name, stuck, tuple(sorted(reached.get(name, ()), key=key)))


def _without_wheel(
    case: DistributionCase, name: str, stuck: list[PipChoice], others: tuple[str, ...]
) -> Draft:
    choice = stuck[-1]
    asked = choice.lines[name]
    text = f"{name}{asked.requirement.specifier} has no wheel{where(case, stuck)}, and no sdist"
    offer = choice.taken or choice.offers[0]

    def mend(trial: Trial) -> Iterator[WayOut]:
        yield from trial.offer(_companions_taking(case, name, offer, choice.environment))
        if others:
            yield from trial.offer([Change(pythons=others)])

    severity: Severity = "warning" if others else "error"
    return case.finding("companion-wheel", severity, text, mend).at(asked)


def _takes_no_python(
    file: CompanionFile, releases: tuple[CompanionRelease, ...], environment: Target
) -> bool:
    every = [words_of(file, release.release, environment.platform) for release in releases]
    return bool(every) and all(
        words is not None
        and words.requires_python is not None
        and not takes(words.requires_python, f"{environment.python}.99")
        for words in every
    )


def _companions_taking(
    case: DistributionCase, name: str, offer: Published, environment: Target
) -> Iterator[Change]:
    file = case.catalogue.companion(name)
    if file is not None:
        going = going_with(file, beside(offer, environment), case.catalogue.companion_notes())
        for one in islice(going, _OFFERED):
            yield Change(asks=(f"{name}=={one.release}",))


def _taken(case: DistributionCase) -> Iterator[tuple[PipChoice, Stated]]:
    """Yield what the companions state that pip takes beside what it takes of TensorFlow."""
    for choice in case.offered():
        for name, bounds in choice.beside.items():
            if choice.taken is None or line_for(choice.lines, name) is None:
                continue
            found = taken_companion(case.catalogue, name, bounds, choice.environment, choice.taken)
            if found is not None:
                yield choice, found
