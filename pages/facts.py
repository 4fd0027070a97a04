"""What can be said at a glance of the CUDA builds of a series."""

from kb.answers.releases import BuildAnswer
from kb.base.model import Architecture, CudaFile, DriverBranch
from kb.base.names import PLATFORM_NAMES
from kb.base.record import Record
from kb.base.versions import key
from kb.cells.installs import Installs
from kb.facts import gpu_code
from kb.facts.gpu_code import BuildCode, GpuCode
from kb.facts.toolkits import MinimumDriver, Toolkit
from kb.lookup.answer import Answer
from kb.lookup.makers import plugin_texts, rocm_text


class Served(Record):
    """A compute capability that a wheel has machine code for, and the architectures it is for.
    `objects` tells in how many objects it is, None where it is in all or they were not counted.
    """

    capability: str
    names: str
    objects: int | None


class ServedByPtx(Record):
    """The PTX that newer GPUs get compiled: for which compute capability, and of a wheel whose code
    was read in how many objects, and from which driver branch on.
    """

    capability: str
    objects: int | None = None
    branch: DriverBranch | None = None


class CudaFacts(Record):
    """CUDA builds of which the same can be said. `served` is None where the wheel does not say
    and its code was not read; `objects` counts those of its code. `documented` is the minimum
    compute capability that TensorFlow's page names.
    """

    where: str
    cuda: str | None
    other_cuda: Installs | None
    cudnn: tuple[tuple[str, str], ...]
    driver: MinimumDriver | None
    documented: str | None
    served: tuple[Served, ...] | None
    ptx: ServedByPtx | None
    objects: int


def cuda_facts(answer: Answer) -> tuple[CudaFacts, ...]:
    """Return what can be said of an answer's CUDA builds, each said once."""
    groups: dict[CudaFacts, list[BuildAnswer]] = {}
    for build in answer.builds:
        if "cuda" in build.devices:
            groups.setdefault(_facts(build, answer.cuda), []).append(build)
    return tuple(facts._replace(where=_where(builds)) for facts, builds in groups.items())


def maker_facts(answer: Answer) -> tuple[tuple[str, str], ...]:
    """Return what serves the GPUs of AMD, Apple and Intel, each with a title."""
    rocm = [("ROCm", rocm_text(own)) for own in answer.rocm]
    return (*rocm, *plugin_texts(answer.plugins or ()))


def _facts(build: BuildAnswer, cuda: CudaFile) -> CudaFacts:
    code = build.code
    return CudaFacts(
        where="",
        cuda=build.toolkit.cuda,
        other_cuda=build.other_cuda,
        cudnn=_cudnn(build),
        driver=build.driver,
        documented=build.documented_capability,
        served=(_served(code, cuda.architectures) if code else ()) or None,
        ptx=_ptx(code, cuda) if code else None,
        objects=code.of if code else 0,
    )


def _cudnn(build: BuildAnswer) -> tuple[tuple[str, str], ...]:
    """Return the versions of cuDNN, and the one that the recipe really installs where and-cuda does
    not name one.
    """
    versions, found = cudnn_versions(build.toolkit), build.installs
    if found is None or found.cudnn is None or found.cudnn == build.toolkit.cudnn_installed:
        return versions
    return (*versions, (found.cudnn, f"installed by its recipe (resolved {found.since})"))


def _served(code: BuildCode, architectures: tuple[Architecture, ...]) -> tuple[Served, ...]:
    counts: dict[str, int | None] = {}
    if code.objects:
        counts |= dict.fromkeys(gpu_code.throughout(code)) | gpu_code.partly(code)
    elif code.declared is not None:
        counts |= dict.fromkeys(code.declared.native)
    return tuple(
        Served(capability, _architecture(capability, architectures), counts[capability])
        for capability in sorted(counts, key=key)
    )


def _ptx(code: BuildCode, cuda: CudaFile) -> ServedByPtx | None:
    if not code.objects:
        declared = code.declared.ptx if code.declared else ()
        return ServedByPtx(declared[-1]) if declared else None
    highest = gpu_code.highest_ptx(code)
    if highest is None:
        return None
    branch = gpu_code.first_branch(highest.version, cuda.ptx)
    return ServedByPtx(highest.compute_capability, highest.objects, branch)


def counts_text(code: GpuCode) -> str:
    """Return in how many objects of a build there is what for a GPU."""
    parts = ((code.native, "native"), (code.compiled, "compiled"), (code.without, "without code"))
    (first, what), *more = [(count, what) for count, what in parts if count]
    rest = "".join(f", {count} {what}" for count, what in more)
    return f"{first} of {code.objects} objects {what}{rest}"


def cudnn_versions(tools: Toolkit) -> tuple[tuple[str, str], ...]:
    """Return the versions of cuDNN, each with what is said of it."""
    versions = (
        (tools.cudnn_documented, "tested"),
        (tools.cudnn_built, "built with"),
        (tools.cudnn_installed, "installed by and-cuda"),
    )
    return tuple((version, verb) for version, verb in versions if version)


def _architecture(capability: str, architectures: tuple[Architecture, ...]) -> str:
    names = [
        architecture.name
        for architecture in architectures
        if capability in architecture.compute_capabilities
    ]
    return "/".join(names)


def _where(builds: list[BuildAnswer]) -> str:
    platforms = dict.fromkeys(PLATFORM_NAMES[build.published.build.platform] for build in builds)
    names = dict.fromkeys(
        f"{build.published.release.distribution} {build.published.release.release}"
        for build in builds
    )
    return f"{', '.join(platforms)}: {', '.join(names)}"
