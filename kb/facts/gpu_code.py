"""What the code in a build is for a GPU: native, mixed, compiled at first use, or without code.

What counts is what its libraries hold, object by object, where that was read; else the list that
its wheel declares. There `compute_80` means PTX in every object and machine code in some of them,
as reading them has shown.

Machine code serves GPUs of the same major version from its minor version on; that of a Tegra serves
it alone. PTX is compiled by the driver, for any GPU that is not older
(https://docs.nvidia.com/cuda/cuda-c-programming-guide/index.html#binary-compatibility). It counts
for no Tegra: all builds with PTX are for x86-64, and a Tegra sits beside an Arm processor.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Literal

from kb.base.model import (
    Capabilities,
    Capability,
    DriverBranch,
    LibraryFile,
    ObjectCode,
    Ptx,
    PtxVersion,
    WheelCode,
)
from kb.base.record import Record
from kb.base.versions import Key, key
from kb.facts.builds import Published

CodeKind = Literal["native", "mixed", "compiled", "without"]
# The GPUs that sit in a processor's chip, on Jetson boards and the like.
TEGRA = frozenset({"3.2", "5.3", "6.2", "7.2", "8.7"})
THOR = "11.0"
# All whose GPUs sit beside an Arm processor: Thor's and GB10's 12.1 as well
# (https://developer.nvidia.com/cuda/gpus).
BESIDE_ARM = TEGRA | {THOR, "12.1"}


class BuildCode(Record):
    """The code in a build: how many objects of its libraries hold what, the list that its wheel
    declares, and the names of CUDA's libraries in it. There are no objects where the libraries were
    not read.
    """

    objects: tuple[ObjectCode, ...] = ()
    declared: Capabilities | None = None
    opens: tuple[LibraryFile, ...] = ()

    @property
    def of(self) -> int:
        """The number of all objects."""
        return sum(held.objects for held in self.objects)


class GpuCode(Record):
    """What a build is for one GPU. In how many objects machine code serves it, PTX has to be
    compiled, and nothing serves it; all 0 where only a list is known.

    `ptx` is the newest version of the PTX that has to be compiled, `newest` in how many objects it
    is; None and 0 where that is not known. Objects that hold nothing but PTX count only where there
    are no others: what they are for is not known, for GPUs that none of it serves compute as well.
    Where theirs is newer, `lone_ptx` is its version, and `lone` tells in how many of them it is.
    """

    kind: CodeKind
    native: int = 0
    compiled: int = 0
    without: int = 0
    ptx: str | None = None
    newest: int = 0
    lone_ptx: str | None = None
    lone: int = 0

    @property
    def objects(self) -> int:
        """The number of all objects."""
        return self.native + self.compiled + self.without


def code_in(offer: Published, read: Mapping[str, WheelCode]) -> BuildCode | None:
    """Return what is known of the code in a build, `read` being what was read in wheels, by their
    sha256; None where nothing is known. The wheel whose words count is asked first, and until that
    is read another Python's.
    """
    build = offer.code or offer.build
    spoken = [wheel for wheel in build.wheels if wheel.file == build.says.wheel]
    wheels = (*spoken, *reversed(build.wheels))
    found = next((read[wheel.sha256] for wheel in wheels if wheel.sha256 in read), None)
    return build_code(offer.says().compute_capabilities, found)


def build_code(declared: Capabilities | None, read: WheelCode | None) -> BuildCode | None:
    """Return what is known of the code in a build; None where nothing is."""
    objects = merged(read) if read is not None and read.failure is None else ()
    opens = read.opens if read is not None else ()
    return BuildCode(objects, declared, opens) if objects or declared is not None else None


def merged(read: WheelCode) -> tuple[ObjectCode, ...]:
    """Return what the objects of all libraries of a wheel hold, most frequent first; without those
    of TensorRT, which the wheels of 1.7 have beside TensorFlow.
    """
    counts: dict[tuple[tuple[Capability, ...], tuple[Ptx, ...]], int] = {}
    own = (library for library in read.libraries if "/tensorrt/" not in library.library)
    for library in own:
        for held in library.code:
            kinds = (held.native, held.ptx)
            counts[kinds] = counts.get(kinds, 0) + held.objects
    found = [ObjectCode(objects, *kinds) for kinds, objects in counts.items()]
    return tuple(sorted(found, key=lambda held: (-held.objects, held)))


def for_gpu(code: BuildCode, capability: Capability) -> GpuCode:
    """Return what the code in a build is for GPUs of a compute capability."""
    if not code.objects:
        return GpuCode(_declared_kind(code.declared, capability))
    native = compiled = without = 0
    versions: dict[bool, Counter[str]] = {True: Counter(), False: Counter()}
    for held in code.objects:
        ptx = _compiled_ptx(held, capability)
        if any(native_serves(own, capability) for own in held.native):
            native += held.objects
        elif ptx is not None:
            compiled += held.objects
            versions[bool(held.native)][ptx.version] += held.objects
        else:
            without += held.objects
    counted, lone = versions[True] or versions[False], versions[False]
    newest, lone_ptx = (max(some, key=key, default=None) for some in (counted, lone))
    if lone_ptx is not None and newest is not None and key(lone_ptx) <= key(newest):
        lone_ptx = None
    return GpuCode(
        kind=_kind(native, compiled, without),
        native=native,
        compiled=compiled,
        without=without,
        ptx=newest,
        newest=counted[newest] if newest else 0,
        lone_ptx=lone_ptx,
        lone=lone[lone_ptx] if lone_ptx else 0,
    )


def native_serves(own: Capability, capability: Capability) -> bool:
    """Tell whether machine code for one compute capability runs on GPUs of another."""
    if own in TEGRA or capability in TEGRA:
        return own == capability
    same_major = own.partition(".")[0] == capability.partition(".")[0]
    return same_major and key(own) <= key(capability)


def _compiled_ptx(held: ObjectCode, capability: Capability) -> Ptx | None:
    """Return the PTX that the driver takes: that of the highest capability not above the GPU's."""
    if capability in TEGRA:
        return None
    usable = [ptx for ptx in held.ptx if key(ptx.compute_capability) <= key(capability)]
    return max(usable, key=_rank, default=None)


def _rank(ptx: Ptx) -> tuple[Key, Key]:
    return key(ptx.compute_capability), key(ptx.version)


def _kind(native: int, compiled: int, without: int) -> CodeKind:
    if native:
        return "mixed" if compiled or without else "native"
    return "compiled" if compiled else "without"


def _declared_kind(declared: Capabilities | None, capability: Capability) -> CodeKind:
    if declared is None:
        return "without"
    serving = [own for own in declared.native if native_serves(own, capability)]
    if set(serving) - set(declared.ptx):
        return "native"
    if serving:
        return "mixed"
    compiled = any(key(own) <= key(capability) for own in declared.ptx)
    return "compiled" if compiled and capability not in TEGRA else "without"


def native_in(code: BuildCode) -> tuple[Capability, ...]:
    """Return the compute capabilities with machine code, be it in some objects alone."""
    found = {capability for held in code.objects for capability in held.native}
    if not code.objects and code.declared is not None:
        found = set(code.declared.native)
    return tuple(sorted(found, key=key))


def ptx_in(code: BuildCode) -> tuple[Capability, ...]:
    """Return the compute capabilities with PTX, be it in some objects alone."""
    found = {ptx.compute_capability for held in code.objects for ptx in held.ptx}
    if not code.objects and code.declared is not None:
        found = set(code.declared.ptx)
    return tuple(sorted(found, key=key))


def throughout(code: BuildCode) -> tuple[Capability, ...]:
    """Return the compute capabilities whose machine code is in every object."""
    everywhere = set(code.objects[0].native) if code.objects else set()
    for held in code.objects:
        everywhere &= set(held.native)
    return tuple(sorted(everywhere, key=key))


def partly(code: BuildCode) -> dict[Capability, int]:
    """Return the compute capabilities whose machine code is in some objects, and in how many."""
    counts: dict[Capability, int] = {}
    for held in code.objects:
        for capability in held.native:
            counts[capability] = counts.get(capability, 0) + held.objects
    found = sorted(counts.items(), key=lambda item: key(item[0]))
    return {capability: count for capability, count in found if count < code.of}


def ptx_counts(code: BuildCode) -> dict[Ptx, int]:
    """Return the PTX that the objects hold, and in how many of them each is."""
    counts: dict[Ptx, int] = {}
    for held in code.objects:
        for ptx in held.ptx:
            counts[ptx] = counts.get(ptx, 0) + held.objects
    return {ptx: counts[ptx] for ptx in sorted(counts, key=_rank)}


class HighestPtx(Record):
    """The PTX for the highest compute capability, which newer GPUs get compiled: its newest
    version, and in how many objects it is in any.
    """

    compute_capability: Capability
    version: str
    objects: int


def highest_ptx(code: BuildCode) -> HighestPtx | None:
    """Return the PTX that newer GPUs get compiled; None where there is none."""
    counts = ptx_counts(code)
    if not counts:
        return None
    highest = max((ptx.compute_capability for ptx in counts), key=key)
    own = {ptx: count for ptx, count in counts.items() if ptx.compute_capability == highest}
    newest = max((ptx.version for ptx in own), key=key)
    return HighestPtx(highest, newest, sum(own.values()))


def first_branch(version: str, versions: tuple[PtxVersion, ...]) -> DriverBranch | None:
    """Return the first driver branch that compiles a version of PTX, by the table of versions."""
    return next((row.branch for row in versions if row.version == version), None)
