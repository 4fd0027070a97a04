"""What the doctor's rules look at: what was seen, held against what the knowledge base knows of the
TensorFlow that is installed.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from kb.answers.releases import BuildAnswer, VersionQuestion, version_builds
from kb.base.errors import NothingFound
from kb.base.model import CudaFile, Device, Library, Problem
from kb.base.names import TENSORFLOWS
from kb.base.record import Record
from kb.base.store import Store
from kb.base.versions import InvalidVersion, key
from kb.cells.cells import Cell
from kb.cells.plugins import Plugged, Plugins
from kb.facts.builds import and_cuda
from kb.facts.gpu_names import AmbiguousGpu, UnknownGpu, identify
from kb.facts.rocm import RocmNeed, rocm_need
from kb.index.records import Index, open_index
from kb.machine.demands import Demand, demands
from kb.machine.detection import Gpu
from kb.machine.inspection import Inspection
from kb.machine.installed import Installed

EXTRA = "and-cuda"
SHOWN_PACKAGES = ("numpy", "keras", "keras-nightly", "tf-keras", "protobuf", "setuptools", "torch")
_PLAIN = re.compile(r"[A-Za-z0-9_./=:-]+")


class KnownRelease(Record):
    """What the knowledge base knows of the installed release, for the active Python: None, and
    empty, where it does not know the release, has no wheel for the platform or the Python.
    """

    is_known: bool = False
    build: BuildAnswer | None = None
    cell: Cell | None = None
    pythons: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()


class Checkup(Record):
    """All that a rule may look at. `own` is the installed TensorFlow, `code` the distribution that
    holds its code (another one where `own` is a shim), `others` are further ones that hold it too;
    `gpus` have their compute capabilities where known. `rocm` is what an installed tensorflow-rocm
    needs, and `plugged` has the plug-ins that go with the installed build on a Mac.
    """

    seen: Inspection
    facts: Index
    cuda: CudaFile
    libraries: tuple[Library, ...]
    gpus: tuple[Gpu, ...]
    own: Installed | None
    code: Installed | None
    others: tuple[Installed, ...]
    known: KnownRelease
    rocm: RocmNeed | None = None
    first_rocm_on_wsl2: str | None = None
    wsl2_sources: tuple[str, ...] = ()
    plugged: tuple[Plugged, ...] = ()

    def title(self) -> str:
        """Return the installed TensorFlow in words."""
        return f"{self.own.name} {self.own.version}" if self.own else "TensorFlow"

    def version(self, name: str) -> str | None:
        """Return the installed version of a distribution, or None."""
        return self.seen.environment.version(name)

    def demands(self, extra: str = "") -> list[Demand]:
        """Return what the installed TensorFlow demands, or what its extra adds."""
        holders = dict.fromkeys(package for package in (self.own, self.code) if package is not None)
        return [
            wanted
            for package in holders
            for wanted in demands(package, self.seen.python.marks, extra)
        ]

    def driver(self) -> str | None:
        """Return the version of NVIDIA's driver, None where none is there or tells one."""
        own = self.seen.nvidia.driver
        try:
            return own if own is not None and key(own) else None
        except InvalidVersion:
            return None

    def is_before(self, version: str) -> bool:
        """Tell whether the installed release is before another; one without order is not."""
        if self.own is None:
            return False
        try:
            return key(self.own.version.partition("+")[0]) < key(version)
        except InvalidVersion:
            return False

    def wants_cuda(self) -> bool:
        """Tell whether there is a GPU of NVIDIA, and a TensorFlow that is built for it."""
        build = self.known.build
        return bool(self.gpus) and build is not None and "cuda" in build.devices

    def has_extra(self) -> bool:
        """Tell whether the installed release has the extra `and-cuda`, which 2.14 brought."""
        build = self.known.build
        return bool(self.demands(EXTRA)) or bool(build and and_cuda(build.published.says()))

    def install(self, *requirements: str) -> str:
        """Return the command that installs requirements in the active environment."""
        words = [self.quoted(requirement) for requirement in requirements]
        return " ".join([self.python(), "-m pip install", *words])

    def python(self) -> str:
        """Return how the shell calls the active Python."""
        python = self.seen.python
        if python.chosen_by in ("VIRTUAL_ENV", "CONDA_PREFIX"):
            return "python"
        if python.chosen_by == "PATH":
            return Path(python.program).stem
        return self.quoted(python.program)

    def quoted(self, word: str) -> str:
        """Return a word as the shell of the platform takes it; it may be foreign."""
        if _PLAIN.fullmatch(word):
            return word
        quote = "''" if self.seen.machine.os == "windows" else "'\\''"
        return "'" + word.replace("'", quote) + "'"

    def set_variable(self, name: str, value: str | None) -> str:
        """Return the command that sets a variable, or unsets it for None."""
        if self.seen.machine.os == "windows":
            return f'$env:{name} = "{value}"' if value is not None else f"Remove-Item Env:{name}"
        return f"unset {name}" if value is None else f"export {name}={value}"


def case_of(store: Store, seen: Inspection) -> Checkup:
    """Hold what was seen against the knowledge base. Raises DocumentError."""
    own, code, others = _tensorflows(seen)
    gpus = tuple(_with_capability(gpu, store) for gpu in seen.nvidia.gpus)
    known = _known(store, seen, own, "cuda" if gpus else "cpu")
    amds = store.rocm()
    return Checkup(
        seen=seen,
        facts=open_index(store),
        cuda=store.cuda(),
        libraries=store.libraries().libraries,
        gpus=gpus,
        own=own,
        code=code,
        others=others,
        known=known,
        rocm=rocm_need(amds, own.version) if own and own.name == "tensorflow-rocm" else None,
        first_rocm_on_wsl2=amds.first_on_wsl2,
        wsl2_sources=amds.wsl2_sources,
        plugged=_plugged(store, seen, known),
    )


def _plugged(store: Store, seen: Inspection, known: KnownRelease) -> tuple[Plugged, ...]:
    """Return the plug-ins that go with the installed build on a Mac."""
    if known.build is None or not (seen.machine.platform or "").startswith("macos"):
        return ()
    return tuple(Plugins(store).of(known.build.published, seen.python.minor))


def _tensorflows(
    seen: Inspection,
) -> tuple[Installed | None, Installed | None, tuple[Installed, ...]]:
    """Return the TensorFlow that is installed, the distribution that holds its code, and further
    ones that hold it too.
    """
    named = [package for name, package in seen.environment.first.items() if name in TENSORFLOWS]
    unlisted = [
        package
        for package in seen.environment.first.values()
        if package.has_tensorflow and package.name not in TENSORFLOWS
    ]
    if not named and not unlisted:
        return None, None, ()
    own = min(named or unlisted, key=lambda package: (package.name != "tensorflow", package.name))
    shims = set(_shims(named, seen))
    holders = [package for package in (*named, *unlisted) if package.name not in shims]
    wanted = {demand.name for demand in demands(own, seen.python.marks)}
    code = min(
        holders, key=lambda package: (package is not own, package.name not in wanted), default=None
    )
    return own, code, tuple(package for package in holders if package is not code)


def _shims(named: list[Installed], seen: Inspection) -> Iterator[str]:
    """Yield the names of those whose files are no TensorFlow: they only demand another one."""
    for package in named:
        wanted = {demand.name for demand in demands(package, seen.python.marks)}
        leads_on = bool(wanted & (TENSORFLOWS - {package.name}))
        if package.has_tensorflow is False or (package.has_tensorflow is None and leads_on):
            yield package.name


def _with_capability(gpu: Gpu, store: Store) -> Gpu:
    if gpu.compute_capability is not None or gpu.name is None:
        return gpu
    try:
        found = identify(gpu.name, store.gpus().gpus)
    except (UnknownGpu, AmbiguousGpu):
        return gpu
    return gpu._replace(compute_capability=found.compute_capability)


def _known(store: Store, seen: Inspection, own: Installed | None, device: Device) -> KnownRelease:
    if own is None:
        return KnownRelease()
    platform, python = seen.machine.platform, seen.python.minor
    try:
        key(own.version)  # `latest` is a question, and no version
        everywhere = version_builds(store, VersionQuestion(version=own.version))
    except (InvalidVersion, NothingFound):
        return KnownRelease()
    here = [
        build
        for build in everywhere.builds
        if build.published.release.distribution == own.name
        and build.published.build.platform == platform
    ]
    if not here:
        return KnownRelease(is_known=own.name in TENSORFLOWS)
    build = here[0]
    served: Device = device if device in build.devices else build.devices[-1]
    cells = {(cell.key.python, cell.key.device): cell for cell in build.cells}
    return KnownRelease(
        is_known=True,
        build=build,
        cell=cells.get((python, served)),
        pythons=build.pythons,
        problems=everywhere.problems,
    )
