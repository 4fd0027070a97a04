"""What is known under an id: a problem, a message, a note of releases, or a run; told whole."""

import re
from collections.abc import Iterator

from kb.answers.comparison import MachineQuestion
from kb.answers.fits import find
from kb.answers.message_facts import Facts
from kb.answers.messages import title_of
from kb.answers.messages_in_general import in_general
from kb.base.errors import NothingFound
from kb.base.model import (
    Bounds,
    Device,
    KnownError,
    Platform,
    Problem,
    ReleaseNote,
)
from kb.base.names import PLATFORM_NAMES
from kb.base.nearest import nearest
from kb.base.printable import shown
from kb.base.store import Store
from kb.base.versions import within
from kb.base.vocabulary import read_platform_parts
from kb.index.records import Index
from kb.index.words import Maker
from kb.problem.records import NotHit, ProblemAnswer, Titled
from kb.problem.run import run_told

# Whom a problem hits, and what it does not hit.
_WHOM = (
    *("releases", "platforms", "devices", "pythons", "compute_capabilities", "gpus", "kinds"),
    *("beside", "not_hit"),
)
_SHORTEST = 3  # letters of a word that is looked for in ids and titles
_MOST_NEAR = 5
_RUN = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}-[0-9a-f]{12}")
_MAKERS: dict[Device, Maker] = {"rocm": "amd", "metal": "apple", "directml": "amd", "xpu": "intel"}


def listed(store: Store) -> tuple[Titled, ...]:
    """Return all that can be opened: problems, messages, notes. Raises DocumentError."""
    problems = {problem.id: problem for problem in store.problems().problems}
    found = {name: Titled(name, "problem", own.title) for name, own in problems.items()}
    for error in store.errors().errors:
        title = title_of(error, _named(error, problems))
        found.setdefault(error.id, Titled(error.id, "message", title))
    for note in store.release_notes().release_notes:
        found.setdefault(note.id, Titled(note.id, "note", note.title))
    return tuple(found.values())


def problem(store: Store, index: Index, name: str) -> ProblemAnswer:
    """Return what is known under an id. Raises NothingFound, with the nearest, and DocumentError.

    A message may have the id of the problem that it tells of: both are told as one.
    """
    asked = name.strip().lower()
    problems = {own.id: own for own in store.problems().problems}
    error = next((own for own in store.errors().errors if own.id == asked), None)
    if error is not None:
        return _of_message(store, index, error, problems)
    if asked in problems:
        return _of_problem(store, index, problems[asked])
    note = next((own for own in store.release_notes().release_notes if own.id == asked), None)
    if note is not None:
        return _of_note(note)
    if _RUN.fullmatch(asked):
        return run_told(store, asked)
    every = listed(store)
    near = nearest(asked, [own.id for own in every]) or _speaking_of(asked, every)
    if near:
        raise NothingFound(f"no problem {shown(name)}", near)
    raise NothingFound(f"no problem {shown(name)}; `python -m kb problem` lists all")


def _speaking_of(word: str, every: tuple[Titled, ...]) -> tuple[str, ...]:
    """Return the ids that have a word, or else those whose titles do; the first few."""
    if len(word) < _SHORTEST:
        return ()
    found = [own.id for own in every if word in own.id]
    found = found or [own.id for own in every if word in own.title.lower()]
    return tuple(found[:_MOST_NEAR])


def _named(error: KnownError, problems: dict[str, Problem]) -> tuple[Problem, ...]:
    return tuple(problems[name] for name in error.problems if name in problems)


def _of_problem(store: Store, index: Index, own: Problem) -> ProblemAnswer:
    return ProblemAnswer(
        id=own.id,
        kind="problem",
        title=own.title,
        releases=(own.releases,) if own.releases != Bounds(None, None) else (),
        platforms=own.platforms,
        devices=own.devices,
        pythons=own.pythons,
        compute_capabilities=own.compute_capabilities,
        gpus=_generations(store, own.compute_capabilities),
        kinds=own.kinds,
        beside=own.beside,
        looks_like=own.looks_like,
        cause=own.cause,
        ways_out=own.way_out,
        sources=own.sources,
        not_hit=tuple(_not_hit(index, own)),
    )


def _of_message(
    store: Store, index: Index, error: KnownError, problems: dict[str, Problem]
) -> ProblemAnswer:
    named = _named(error, problems)
    told = in_general(error, named, Facts(store, {}))
    own = problems.get(error.id) or (named[0] if len(named) == 1 and not error.cause else None)
    message = ProblemAnswer(
        id=error.id,
        kind="message",
        title=title_of(error, named),
        severity=error.severity,
        releases=told.releases,
        looks_like=tuple(dict.fromkeys((*told.messages, *told.looks_like))),
        cause=" ".join(told.cause),
        ways_out=told.ways_out,
        sources=told.sources,
        problems=tuple(Titled(one.id, "problem", one.title) for one in named if one.id != error.id),
    )
    if own is None:
        return message
    # it is that problem's message alone: whom that hits, it hits
    of_own = _of_problem(store, index, own)
    whom = {name: getattr(of_own, name) for name in _WHOM}
    return message._replace(kind="problem" if own.id == error.id else "message", **whom)


def _of_note(note: ReleaseNote) -> ProblemAnswer:
    return ProblemAnswer(
        id=note.id,
        kind="note",
        title=note.title,
        releases=(note.releases,),
        platforms=note.platforms,
        devices=note.devices,
        cause=note.told,
        ways_out=note.way_out,
        sources=note.sources,
    )


def _generations(store: Store, capabilities: tuple[str, ...]) -> tuple[str, ...]:
    """Name the generations of which some GPUs are hit."""
    return tuple(
        row.name
        for row in store.cuda().architectures
        if set(capabilities) & set(row.compute_capabilities)
    )


def _not_hit(index: Index, own: Problem) -> Iterator[NotHit]:
    """Yield what fits where a problem hits, and is not hit by it; platforms alike together."""
    found: dict[tuple[tuple[str, ...], ...], list[Platform]] = {}
    for platform in own.platforms or PLATFORM_NAMES:
        found.setdefault(_sound_on(index, own, platform), []).append(platform)
    for (releases, on_some), platforms in found.items():
        if releases or on_some:
            yield NotHit(tuple(platforms), releases, on_some)


def _sound_on(index: Index, own: Problem, platform: Platform) -> tuple[tuple[str, ...], ...]:
    """Return what `find` says to fit on every GPU that a problem hits, and on some of them alone,
    on any Python of those.
    """
    on_gpus = [
        set[str]().union(*(_fitting(index, own, asked) for asked in _questions(own, platform, gpu)))
        for gpu in (*own.compute_capabilities, *own.kinds) or (None,)
    ]
    on_all = set[str].intersection(*on_gpus)
    on_some = set[str].union(*on_gpus) - on_all
    bounds = own.releases.first, own.releases.last
    hit = {
        index.series[number]
        for number, release in enumerate(index.releases)
        if index.kinds[number] == "release" and within(release, *bounds)
    }
    series = dict(zip(index.releases, index.series, strict=True))
    on_all_series = {series[release] for release in on_all}
    on_some = {release for release in on_some if series[release] not in on_all_series}
    return tuple(
        tuple(
            dict.fromkeys(
                release if series[release] in hit else series[release]
                for release in index.releases
                if release in fit
            )
        )
        for fit in (on_all, on_some)
    )


def _questions(own: Problem, platform: Platform, gpu: str | None) -> Iterator[MachineQuestion]:
    """Yield the questions of a machine on which a problem shows, one for each Python."""
    system, arch = read_platform_parts(platform)
    on_cpu = not own.devices or "cpu" in own.devices
    for python in own.pythons or (None,):
        yield MachineQuestion(
            os=system or "linux",
            arch=arch or "x86_64",
            python=python,
            device="cpu" if on_cpu else "gpu",
            maker=None if on_cpu else _MAKERS.get(own.devices[0], "nvidia"),
            compute_capability=gpu if gpu in own.compute_capabilities else None,
            gpu_kind=gpu if gpu in own.kinds else None,
        )


def _fitting(index: Index, own: Problem, asked: MachineQuestion) -> Iterator[str]:
    found = find(index, asked)
    fits = [(one.release, one.device) for one in found.also if one.certain]
    if found.answer is not None and found.answer.kind == "release":
        fits.append((found.answer.release, found.answer.device))
    for release, device in fits:
        is_hit = within(release, own.releases.first, own.releases.last)
        if not is_hit and (not own.devices or device in own.devices):
            yield release
