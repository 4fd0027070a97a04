"""What changes for a user between two versions: worked out from the answers to two look-ups."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial

from kb.answers.releases import BuildAnswer, VersionBuilds, VersionQuestion, version_builds
from kb.base.model import Platform
from kb.base.names import OWN, PLATFORM_NAMES
from kb.base.record import Record
from kb.base.store import Store
from kb.base.versions import key, strictest
from kb.facts.builds import and_cuda
from kb.facts.gpu_code import BuildCode, for_gpu, native_in, ptx_in

# The note that tells how programs for TensorFlow 1 get to 2.
API_NOTE = "tensorflow-1-api"


class Difference(Record):
    """One thing that changes. Of what is a set, what is `gained` and `lost`; of what is a value,
    how it stood `before` and stands `after`, None for unknown or none. What "problems unknown" has
    `lost` is a problem of the one release of which nobody knows whether the other, a candidate or a
    nightly, has it too.
    `platform` is None where it changes on all alike.
    """

    about: str
    platform: Platform | None
    before: str | None = None
    after: str | None = None
    gained: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()


class Diff(Record):
    """The releases that are compared, what changes from the one to the other, and the titles of the
    problems and notes of both by their ids.
    """

    before: str
    after: str
    changes: tuple[Difference, ...]
    titles: dict[str, str]


def diff(store: Store, before: str, after: str) -> Diff:
    """Compare two versions: series, releases, `latest` or `nightly`. Raises NothingFound
    and DocumentError.
    """
    first, second = (
        version_builds(store, VersionQuestion(version=before)),
        version_builds(store, VersionQuestion(version=after)),
    )
    return Diff(
        before=first.release,
        after=second.release,
        changes=changes(first, second),
        titles=titles_of(first, second),
    )


def titles_of(first: VersionBuilds, second: VersionBuilds) -> dict[str, str]:
    """Return the titles of the problems and notes of two answers, by their ids."""
    problems = {problem.id: problem.title for problem in (*first.problems, *second.problems)}
    return problems | {note.id: note.title for note in (*first.notes, *second.notes)}


def changes(first: VersionBuilds, second: VersionBuilds) -> tuple[Difference, ...]:
    """Return what changes from one answer to another."""
    return tuple(_changes(first, second))


def _changes(first: VersionBuilds, second: VersionBuilds) -> Iterator[Difference]:
    before, after = (answer.release.partition(".")[0] for answer in (first, second))
    if before != after:
        yield Difference(about="api", platform=None, before=before, after=after)
    yield from _sets("distributions", None, _distributions(first), _distributions(second))
    yield from _sets("platforms", None, _platforms(first), _platforms(second))
    for about, of in (
        ("pythons", _pythons),
        ("devices", _devices),
        ("gpus", partial(_served, capabilities=_known(second))),
        ("machine code", _native),
        ("ptx", _ptx),
    ):
        yield from _by_platform(first, second, about, of)
    for about, value in (
        ("cuda", lambda own: own.toolkit.cuda),
        ("cudnn built", lambda own: own.toolkit.cudnn_built),
        ("cudnn documented", lambda own: own.toolkit.cudnn_documented),
        ("cudnn installed", _cudnn_installed),
        ("driver", _driver),
    ):
        yield from _values(first, second, about, value, "cuda")
    for about, value in (("glibc", _glibc), ("macos", _macos)):
        yield from _values(first, second, about, value)
    yield from _by_platform(first, second, "extras", _extras)
    yield from _requirements(first, second)
    yield from _problems(first, second)
    told = [
        {note.title for note in answer.notes if note.id != API_NOTE} for answer in (first, second)
    ]
    yield from _sets("notes", None, *told)


def _problems(first: VersionBuilds, second: VersionBuilds) -> Iterator[Difference]:
    """Yield which problems come and go; of those of which a candidate or a nightly says nothing
    nobody knows whether they do.
    """
    known = [{problem.id for problem in answer.problems} for answer in (first, second)]
    unknown = [{problem.id for problem in answer.inherited.problems} for answer in (first, second)]
    open_ones = (known[0] & unknown[1]) | (known[1] & unknown[0])
    yield from _sets("problems", None, *(own - open_ones for own in known))
    yield from _sets("problems unknown", None, known[0] & open_ones, known[1] & open_ones)


def _sets(
    about: str, platform: Platform | None, before: Iterable[str], after: Iterable[str]
) -> Iterator[Difference]:
    old, new = list(before), list(after)
    gained = tuple(sorted(set(new) - set(old), key=_order))
    lost = tuple(sorted(set(old) - set(new), key=_order))
    if gained or lost:
        yield Difference(about=about, platform=platform, gained=gained, lost=lost)


def _order(text: str) -> tuple[int, object]:
    """Sort versions as versions, and all else as texts."""
    return (0, key(text)) if text.replace(".", "").isdigit() else (1, text)


def _distributions(answer: VersionBuilds) -> set[str]:
    return {build.published.release.distribution for build in answer.builds}


def _platforms(answer: VersionBuilds) -> set[str]:
    return {build.published.build.platform for build in answer.builds if build.cells}


def _own(answer: VersionBuilds, platform: Platform) -> tuple[BuildAnswer, ...]:
    """Return the builds of TensorFlow's own distribution for a platform, or else of all, newest
    first.
    """
    here = [build for build in answer.builds if build.published.build.platform == platform]
    own = [build for build in here if build.published.release.distribution == OWN] or here
    own = _with_cuda(here, own)
    return tuple(sorted(own, key=lambda build: key(build.published.release.release), reverse=True))


def _with_cuda(here: list[BuildAnswer], own: list[BuildAnswer]) -> list[BuildAnswer]:
    """Take in tensorflow-gpu where only that has CUDA, as it was before 1.15 and on Windows."""
    if any("cuda" in build.devices for build in own):
        return own
    return own + [build for build in here if build not in own and "cuda" in build.devices]


def _pythons(builds: tuple[BuildAnswer, ...]) -> set[str]:
    return {python for build in builds for python in build.pythons}


def _devices(builds: tuple[BuildAnswer, ...]) -> set[str]:
    return {device for build in builds for device in build.devices}


def _known(answer: VersionBuilds) -> tuple[str, ...]:
    """Return the compute capabilities that there are."""
    return tuple(
        capability for row in answer.architectures for capability in row.compute_capabilities
    )


def _served(builds: tuple[BuildAnswer, ...], capabilities: tuple[str, ...]) -> set[str] | None:
    """Return the compute capabilities that the code of the newest CUDA build serves."""
    code = _code(builds)
    if code is None:
        return None
    return {
        capability for capability in capabilities if for_gpu(code, capability).kind != "without"
    }


def _native(builds: tuple[BuildAnswer, ...]) -> set[str] | None:
    """Return the compute capabilities with machine code, be it in some objects alone."""
    code = _code(builds)
    return None if code is None else set(native_in(code))


def _ptx(builds: tuple[BuildAnswer, ...]) -> set[str] | None:
    code = _code(builds)
    return None if code is None else set(ptx_in(code))


def _code(builds: tuple[BuildAnswer, ...]) -> BuildCode | None:
    """Return the code of the newest CUDA build; None where nothing is known of it."""
    return next((build.code for build in builds if "cuda" in build.devices), None)


def _extras(builds: tuple[BuildAnswer, ...]) -> set[str]:
    return {extra.name for build in builds[:1] for extra in build.published.says().extras}


def _by_platform(
    first: VersionBuilds,
    second: VersionBuilds,
    about: str,
    of: Callable[[tuple[BuildAnswer, ...]], set[str] | None],
) -> Iterator[Difference]:
    """Yield how a set changes on each platform that both have; once where all change alike."""
    changes = []
    for platform in _both(first, second):
        before, after = of(_own(first, platform)), of(_own(second, platform))
        # where one of them says nothing, nothing can be said of a change
        if before is not None and after is not None:
            changes += list(_sets(about, platform, before, after)) or [
                Difference(about=about, platform=platform)
            ]
    yield from _merged(changes)


def _values(
    first: VersionBuilds,
    second: VersionBuilds,
    about: str,
    value: Callable[[BuildAnswer], str | None],
    device: str | None = None,
) -> Iterator[Difference]:
    """Yield how a value changes on each platform where both serve the device; once where all change
    alike.
    """
    changes = []
    for platform in _both(first, second):
        old, new = _own(first, platform), _own(second, platform)
        if device is not None and not (device in _devices(old) and device in _devices(new)):
            continue
        before, after = _first(old, value), _first(new, value)
        if before is not None or after is not None:
            changes.append(Difference(about=about, platform=platform, before=before, after=after))
    yield from _merged(changes)


def _merged(changes: list[Difference]) -> Iterator[Difference]:
    alike = {change._replace(platform=None) for change in changes}
    found = alike if len(alike) == 1 else changes
    for merged in found:
        if merged.gained or merged.lost or merged.before != merged.after:
            yield merged


def _both(first: VersionBuilds, second: VersionBuilds) -> list[Platform]:
    both = _platforms(first) & _platforms(second)
    return [platform for platform in PLATFORM_NAMES if platform in both]


def _first(
    builds: tuple[BuildAnswer, ...], value: Callable[[BuildAnswer], str | None]
) -> str | None:
    return next((found for build in builds if (found := value(build)) is not None), None)


def _cudnn_installed(own: BuildAnswer) -> str | None:
    """Return the cuDNN that the extra brings: a release, or the range that it asks for."""
    for requirement in and_cuda(own.published.says()):
        if requirement.name.startswith("nvidia-cudnn-"):
            return requirement.specifier.exact or requirement.specifier or "any"
    return None


def _driver(own: BuildAnswer) -> str | None:
    if own.driver is None:
        return None
    is_windows = own.published.build.platform.startswith("windows")
    return own.driver.windows if is_windows else own.driver.linux


def _glibc(own: BuildAnswer) -> str | None:
    return strictest(wheel.glibc for wheel in own.published.build.wheels)


def _macos(own: BuildAnswer) -> str | None:
    return strictest(wheel.macos for wheel in own.published.build.wheels)


def _requirements(first: VersionBuilds, second: VersionBuilds) -> Iterator[Difference]:
    """Yield how the bounds change on what a wheel requires, on the first platform of both."""
    platforms = _both(first, second)
    if not platforms:
        return
    before, after = (_bounds(_own(answer, platforms[0])) for answer in (first, second))
    for name in sorted(before.keys() | after.keys()):
        if before.get(name) != after.get(name):
            yield Difference(
                about=f"requires {name}",
                platform=None,
                before=before.get(name),
                after=after.get(name),
            )


def _bounds(builds: tuple[BuildAnswer, ...]) -> dict[str, str]:
    """Return what the newest wheel requires: for each name its bounds, `any` where it has none."""
    found: dict[str, list[str]] = {}
    for requirement in builds[0].published.says().requires:
        where = f" if {requirement.marker}" if requirement.marker else ""
        bounds = (requirement.specifier or "any") + where
        found.setdefault(requirement.name, []).append(bounds)
    return {name: "; ".join(sorted(bounds)) for name, bounds in found.items()}
