"""The rules of `check` about pre-releases: where pip takes one unasked, what it brings along."""

from collections.abc import Iterator
from typing import Any

from kb.base.model import WayOut
from kb.base.versions import is_final, key, kind, spans
from kb.check.case import DistributionCase, pip_name, where
from kb.check.changes import Change, Draft, Trial, always
from kb.check.pip import PipChoice
from kb.facts.nightlies import NightlyBeside, nightlies_beside

_OPTIONS = "--pre or --all-releases of pip, prerelease of uv, allow-prereleases of Poetry"
# a range without final releases is met by its pre-releases
_PEP_440 = (
    "https://packaging.python.org/en/latest/specifications/version-specifiers/"
    "#handling-of-pre-releases"
)


def pre_release(case: DistributionCase) -> Iterator[Draft]:
    """Tell where pip takes a candidate that the project does not name."""
    found: dict[str, list[PipChoice]] = {}
    for choice in case.judged():
        if choice.taken is not None and kind(choice.taken.release.release) == "candidate":
            found.setdefault(choice.taken.release.release, []).append(choice)
    for release, choices in found.items():
        if not _names(case.bounds(), release):
            yield _unasked(case, release, choices)


def _names(bounds: Any, release: str) -> bool:
    return any(
        specifier.operator in ("==", "===") and specifier.version == release for specifier in bounds
    )


def _unasked(case: DistributionCase, release: str, choices: list[PipChoice]) -> Draft:
    there = where(case, choices)
    taken = f"pip takes {case.name} {release}, a release candidate,{there}"
    finals = sorted(
        {c.environment.python for c in case.judged() if c.taken and c not in choices}, key=key
    )
    first = None
    if case.choices[0].pre_releases:
        text = f"{taken}: an option lets in pre-releases"
        first = f"take out what lets them in: {_OPTIONS}"
    elif case.bounds().prereleases:
        text = f"{taken}: {case.bounds()} names a pre-release, which lets in all of them"
        first = "bound it by releases alone"
    else:
        text = f"{taken}: no release in the range has a wheel there"

    def mend(trial: Trial) -> Iterator[WayOut]:
        if first is not None:
            yield WayOut(first)
        elif kept := trial.pythons(finals):
            told = f"keep the project to Python {spans(list(kept))}"
            yield from trial.offer([Change(pythons=kept)], told)
        named = f"{pip_name(case)}=={release}"
        told = f"name it, so that no other comes in its place: {named}"
        yield from trial.offer([Change(asks=(named,))], told)

    return case.finding("pre-release", "warning", text, mend).citing(_PEP_440)


def nightly_beside(case: DistributionCase) -> Iterator[Draft]:
    """Tell where what pip takes brings a nightly, which installs over another project's files."""
    found: dict[tuple[str, NightlyBeside], list[PipChoice]] = {}
    for choice in case.judged():
        if choice.taken is not None:
            for nightly in nightlies_beside(choice.taken.says()):
                found.setdefault((choice.taken.release.release, nightly), []).append(choice)
    for (release, nightly), choices in found.items():
        yield from _beside(case, release, nightly, choices)


def _beside(
    case: DistributionCase, release: str, nightly: NightlyBeside, choices: list[PipChoice]
) -> Iterator[Draft]:
    there = where(case, choices)
    brings = f"{case.name} {release}{there} requires {nightly.name}, a nightly"
    asked = next((c.lines[nightly.over] for c in choices if nightly.over in c.lines), None)
    if asked is not None and not asked.constraint:
        text = (
            f"{brings}: it and {nightly.over} install into the same folder and overwrite each other"
        )
        without = Change(leaves_out=(nightly.over,))

        def mend(trial: Trial) -> Iterator[WayOut]:
            told = f"take {nightly.over} out: {nightly.name} holds it"
            yield from trial.offer([without], told)

        yield case.finding("nightly", "error", text, mend, without).at(asked)
    elif not is_final(release):
        text = f"{brings}, which pip installs over the files of {nightly.over} where that is there"
        way = WayOut(f"have no {nightly.over} in the environment, and nothing that requires it")
        yield case.finding("nightly", "warning", text, always(way))
