"""What the knowledge base adds to the words of a message: the values of `{...}` in errors.yaml.

A value that cannot be worked out is None, and what needs it is left unsaid.
"""

from collections.abc import Callable, Collection, Iterator
from functools import cached_property

from kb.answers.library_files import CudaBuild, built_with, cuda_builds, holders, versions
from kb.base.model import Bounds, Platform, SeriesFile
from kb.base.names import PLATFORM_NAMES
from kb.base.record import Record
from kb.base.store import Store
from kb.base.versions import InvalidVersion, Kind, is_final, key, kind, series, spans
from kb.cells.cells import code_by_wheel
from kb.facts import tags
from kb.facts.builds import Published, published
from kb.facts.gpu_code import code_in, for_gpu

Words = dict[str, tuple[str, ...]]
Wheels = dict[tuple[Platform, str], list[str]]
_LINUX: Platform = "linux-x86_64"
_OWN = ("tensorflow", "tensorflow-gpu")
_11 = key("11")


class Releases:
    """All series, and their CUDA builds, each read once. Raises DocumentError when asked."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @cached_property
    def series(self) -> tuple[SeriesFile, ...]:
        """Open all series, oldest first."""
        return tuple(self._store.series(name) for name in self._store.series_names())

    @cached_property
    def cuda_builds(self) -> tuple[CudaBuild, ...]:
        """Return every build that serves CUDA."""
        return tuple(cuda_builds(self.series))


class Facts:
    """The words of one message, and what follows from them; `releases` can be shared by the facts
    of several messages; `system` is the one that the log shows: linux, windows or macos. Raises
    DocumentError when asked.
    """

    def __init__(
        self,
        store: Store,
        words: Words,
        releases: Releases | None = None,
        system: str | None = None,
    ) -> None:
        self.store = store
        self.words = words
        self.system = system
        self._releases = releases or Releases(store)

    def first(self, name: str) -> str | None:
        """Return the first value that a message gives a word."""
        return next(iter(self.words.get(name, ())), None)

    @property
    def all_series(self) -> tuple[SeriesFile, ...]:
        """All series, oldest first."""
        return self._releases.series

    @cached_property
    def library_versions(self) -> dict[str, Bounds]:
        """Return which CUDA and cuDNN hold the library files that are named."""
        return versions(holders(self.words.get("library", ()), self.store.libraries().libraries))

    @cached_property
    def built(self) -> tuple[tuple[str, str], ...]:
        """Return the series and releases that were built with these libraries."""
        if not self.library_versions:
            return ()
        windows = any(file.endswith(".dll") for file in self.words["library"])
        return tuple(built_with(self._releases.cuda_builds, self.library_versions, windows))

    @cached_property
    def pythons(self) -> Wheels:
        """Return the series of TensorFlow whose releases have a wheel, by platform and Python."""
        return self._wheels("tensorflow", "release")

    @cached_property
    def asked_pythons(self) -> Wheels:
        """Return the same for the distribution that is named, such as tensorflow-gpu."""
        return self._wheels(self.asked, "release") or self.pythons

    @cached_property
    def candidate_pythons(self) -> Wheels:
        """Return the same of candidates of the distribution that is named, or of TensorFlow."""
        return self._wheels(self.asked, "candidate")

    @property
    def asked(self) -> str:
        """The distribution that is named, or TensorFlow."""
        return self.first("distribution") or "tensorflow"

    @cached_property
    def candidate(self) -> str | None:
        """Return the newest candidate of the distribution that is named, or of TensorFlow."""
        found = {offer.release.release for _, offer in self.offers(self.asked, "candidate")}
        return _newest(found)

    def _wheels(self, distribution: str, wanted: Kind) -> Wheels:
        found: Wheels = {}
        for name, offer in self.offers(distribution, wanted):
            for python in offer.pythons():
                known = found.setdefault((offer.build.platform, python), [])
                if name not in known:
                    known.append(name)
        return found

    def offers(self, distribution: str, wanted: Kind) -> Iterator[tuple[str, Published]]:
        """Yield the builds of a distribution of a kind, each with its series."""
        for file in self.all_series:
            for offer in published(file):
                own = offer.release
                if own.distribution == distribution and kind(own.release) == wanted:
                    yield file.series, offer

    @cached_property
    def releases(self) -> tuple[Bounds, ...]:
        """Return the releases that the libraries name, in runs of series that follow each other."""
        order = [file.series for file in self.all_series]
        runs: list[list[tuple[str, str]]] = []
        for name, release in sorted(set(self.built), key=lambda pair: key(pair[1])):
            if runs and order.index(name) - order.index(runs[-1][-1][0]) <= 1:
                runs[-1].append((name, release))
            else:
                runs.append([(name, release)])
        return tuple(Bounds(run[0][1], run[-1][1]) for run in runs)


def _library_versions(facts: Facts) -> str | None:
    known = [
        f"{product} {span.first}" + (f" to {span.last}" if span.last != span.first else "")
        for product, span in facts.library_versions.items()
    ]
    return " and ".join(known) or None


def _library_series(facts: Facts) -> str | None:
    return _short({name for name, _ in facts.built})


def _library_newest(facts: Facts) -> str | None:
    return _newest({name for name, _ in facts.built})


def _native_series(facts: Facts) -> set[str]:
    """Return the series whose Linux wheels have machine code for the capability that is named, in
    some of their objects at least.
    """
    wanted = facts.first("capability")
    if wanted is None:
        return set()
    return {
        file.series for file in facts.all_series if _has_machine_code(facts.store, file, wanted)
    }


def _has_machine_code(store: Store, file: SeriesFile, capability: str) -> bool:
    read = code_by_wheel(store, file.series)
    return any(
        for_gpu(code, capability).kind in ("native", "mixed")
        for offer in published(file)
        if offer.build.platform == _LINUX
        and offer.release.distribution in _OWN
        and is_final(offer.release.release)
        and (code := code_in(offer, read)) is not None
    )


def _listed_python(facts: Facts) -> str | None:
    """Return the Pythons whose oldest wheel is of the series that stands first in pip's list."""
    lowest = _lowest(facts)
    if lowest is None:
        return None
    try:
        wanted = series(lowest)
    except InvalidVersion:
        return None
    fits: dict[Platform, list[str]] = {}
    # a candidate stands alone in the list of a Python that no release serves
    for (platform, python), names in (facts.candidate_pythons | facts.asked_pythons).items():
        if min(names, key=key) == wanted:
            fits.setdefault(platform, []).append(python)
    if _LINUX in fits:
        return _short(fits[_LINUX])
    return " or ".join(f"{_short(pythons)} on {name}" for name, pythons in fits.items()) or None


def _lowest(facts: Facts) -> str | None:
    listed = facts.first("listed")
    return listed.split(",")[0].strip() or None if listed else None


def _listed_candidate(facts: Facts) -> str | None:
    """Return the candidate where it is the newest that pip lists, and no release stands there."""
    listed = [text.strip() for text in (facts.first("listed") or "").split(",")]
    try:
        newest = None if any(map(is_final, listed)) else _newest(listed)
    except InvalidVersion:
        return None
    return newest if newest == facts.candidate else None


def _candidate_pythons(facts: Facts) -> str | None:
    return _short({python for _, python in facts.candidate_pythons})


def _wanted(facts: Facts) -> str | None:
    """Return the series that is asked for with `==`."""
    text = (facts.first("specifier") or "").strip()
    if not text.startswith("=="):
        return None
    try:
        return series(text.lstrip("= ").removesuffix(".*"))
    except InvalidVersion:
        return None


def _unknown_release(facts: Facts) -> str | None:
    """Return the release that is asked for with `==` where no release has that name."""
    text = (facts.first("specifier") or "").strip()
    wanted = text.lstrip("= ")
    if not text.startswith("==") or wanted.endswith(".*"):
        return None
    try:
        asked = key(wanted)
    except InvalidVersion:
        return None
    known = {offer.release.release for _, offer in facts.offers(facts.asked, "release")}
    return wanted if known and is_final(wanted) and asked not in map(key, known) else None


def _wanted_candidate(facts: Facts) -> str | None:
    """Return the candidate of a release that is asked for and is not there yet."""
    candidate = facts.candidate
    is_its_own = candidate is not None and series(candidate) == _wanted(facts)
    return candidate if is_its_own and _unknown_release(facts) else None


def _wanted_pythons(facts: Facts) -> str | None:
    return _pythons_of(facts, facts.asked_pythons, _wanted(facts))


def _pythons_of(facts: Facts, wheels: Wheels, name: str | None) -> str | None:
    """Return the Pythons for which a series has wheels, on the system that the log shows."""
    return _short(
        {
            python
            for (platform, python), names in wheels.items()
            if name in names and (facts.system is None or platform.startswith(facts.system))
        }
    )


def _wanted_platforms(facts: Facts) -> str | None:
    """Name the platforms for which the release that is asked for has wheels."""
    wanted = _wanted(facts)
    found = {platform for (platform, _), names in facts.asked_pythons.items() if wanted in names}
    return ", ".join(text for name, text in PLATFORM_NAMES.items() if name in found) or None


def _newest_series(facts: Facts) -> str | None:
    own = [
        name
        for (platform, _), names in facts.pythons.items()
        for name in names
        if facts.system is None or platform.startswith(facts.system)
    ]
    return _newest(own)


def _newest_pythons(facts: Facts) -> str | None:
    return _pythons_of(facts, facts.pythons, _newest_series(facts))


def _older_glibc(facts: Facts) -> str | None:
    """Return the newest series with a wheel that asks for less than the glibc that is missing."""
    missing = facts.first("glibc")
    fits = set()
    for file in facts.all_series if missing else ():
        for offer in published(file):
            own = offer.release
            is_own = own.distribution == "tensorflow" and is_final(own.release)
            if is_own and offer.build.platform == _LINUX:
                needs = [wheel.glibc for wheel in offer.build.wheels if wheel.glibc]
                if missing and needs and key(max(needs, key=key)) < key(missing):
                    fits.add(file.series)
    return _newest(fits)


def _wheel_for(facts: Facts) -> str | None:
    try:
        read = tags.read(facts.first("wheel") or "")
    except tags.InvalidWheelName:
        return None
    return f"Python {' or '.join(read.python)} on {read.platform}"


def _drivers(facts: Facts) -> str | None:
    rows = facts.store.cuda().drivers
    return ", ".join(f"CUDA {row.cuda.removesuffix('.x')} from {row.linux} on" for row in rows[:3])


def _last_branches(facts: Facts) -> str | None:
    cuda = facts.store.cuda()
    names = {c: a.name for a in cuda.architectures for c in a.compute_capabilities}
    parts = []
    for row in cuda.maximum_drivers:
        served = dict.fromkeys(names[c] for c in row.compute_capabilities if c in names)
        parts.append(f"{row.branch} for {', '.join(served)}")
    return "; ".join(parts) or None


def _ptx_branches(facts: Facts) -> str | None:
    """Return the first driver branches that read the PTX of the CUDA releases that TensorFlow's
    wheels were built with, from CUDA 11 on.
    """
    built = {
        ".".join(cuda.split(".")[:2])
        for file in facts.all_series
        for offer in published(file)
        if offer.release.distribution in _OWN and (cuda := offer.says().cuda) is not None
    }
    rows = [row for row in facts.store.cuda().ptx if row.cuda in built and key(row.cuda) >= _11]
    return ", ".join(f"{row.branch} for CUDA {row.cuda}" for row in rows) or None


def _beyond_driver(facts: Facts) -> str | None:
    """Return the series built for a later major release of CUDA than the driver runs."""
    cuda = facts.first("cuda")
    if cuda is None:
        return None
    major = int(cuda.partition(".")[0])
    found = {
        file.series
        for file in facts.all_series
        for offer in published(file)
        if offer.release.distribution in _OWN
        and (built := offer.says().cuda) is not None
        and int(built.partition(".")[0]) > major
    }
    return _short(found)


def _cudnn_requirement(facts: Facts) -> str | None:
    """Return what to ask pip for, where one package alone brings the cuDNN of a build."""
    built = facts.first("built")
    if built is None:
        return None
    major, minor = built.partition(".")[0], ".".join(built.split(".")[:2])
    names = {
        requirement.name
        for file in facts.all_series
        for offer in published(file)
        if (offer.says().cudnn or "").partition(".")[0] == major
        for extra in offer.says().extras
        for requirement in extra.requires
        if requirement.name.startswith("nvidia-cudnn-")
    }
    return f"{names.pop()}>={minor},<{int(major) + 1}" if len(names) == 1 else None


def _pin(name: str) -> Callable[[Facts], str | None]:
    def pin(facts: Facts) -> str | None:
        pins = dict.fromkeys(row.pin for row in facts.store.pins().pins if row.pin.name == name)
        return " or ".join(pins) or None

    return pin


def _first_with(facts: Facts) -> str | None:
    """Return the first CUDA whose compiler knows the `sm` that is named, such as 86."""
    digits = (facts.first("sm") or "").rstrip("af")
    capability = f"{digits[:-1]}.{digits[-1:]}"
    rows = facts.store.cuda().knows
    return next((row.cuda for row in rows if row.compute_capability == capability), None)


def _part(word: str, parts: int) -> Callable[[Facts], str | None]:
    def part(facts: Facts) -> str | None:
        value = facts.first(word)
        return ".".join(value.split(".")[:parts]) if value else None

    return part


def _short(versions_: Collection[str]) -> str | None:
    """Write series or Pythons in short; None for none."""
    return spans(list(versions_)).replace("-", " to ") or None


def _newest(names: Collection[str]) -> str | None:
    return max(names, key=key, default=None)


class Fact(Record):
    """How a value is worked out, and the word of the message that it needs, if any."""

    work_out: Callable[[Facts], str | None]
    needs: str | None = None


FACTS: dict[str, Fact] = {
    "versions": Fact(_library_versions, "library"),
    "series": Fact(_library_series, "library"),
    "newest_of_series": Fact(_library_newest, "library"),
    "native_series": Fact(lambda facts: _short(_native_series(facts)), "capability"),
    "newest_native": Fact(lambda facts: _newest(_native_series(facts)), "capability"),
    "lowest": Fact(_lowest, "listed"),
    "listed_python": Fact(_listed_python, "listed"),
    "listed_candidate": Fact(_listed_candidate, "listed"),
    "candidate": Fact(lambda facts: facts.candidate),
    "candidate_pythons": Fact(_candidate_pythons),
    "wanted_series": Fact(_wanted, "specifier"),
    "unknown_release": Fact(_unknown_release, "specifier"),
    "wanted_candidate": Fact(_wanted_candidate, "specifier"),
    "wanted_pythons": Fact(_wanted_pythons, "specifier"),
    "wanted_platforms": Fact(_wanted_platforms, "specifier"),
    "older_glibc": Fact(_older_glibc, "glibc"),
    "wheel_for": Fact(_wheel_for, "wheel"),
    "cudnn_requirement": Fact(_cudnn_requirement, "built"),
    "built_major": Fact(_part("built", 1), "built"),
    "built_minor": Fact(_part("built", 2), "built"),
    "first_with": Fact(_first_with, "sm"),
    "newest": Fact(_newest_series),
    "newest_pythons": Fact(_newest_pythons),
    "drivers": Fact(_drivers),
    "last_branches": Fact(_last_branches),
    "ptx_branches": Fact(_ptx_branches),
    "beyond_driver": Fact(_beyond_driver, "cuda"),
    "pin_numpy": Fact(_pin("numpy")),
}
