"""What can be said at a glance of the CUDA builds of a series."""

from kb.answers.releases import BuildAnswer
from kb.base.model import Architecture
from kb.base.names import PLATFORM_NAMES
from kb.base.record import Record
from kb.base.versions import key
from kb.cells.installs import Installs
from kb.facts.toolkits import MinimumDriver, Toolkit
from kb.lookup.answer import Answer


class Served(Record):
    """A compute capability that a wheel has machine code for, and the architectures it is for."""

    capability: str
    names: str


class CudaFacts(Record):
    """CUDA builds of which the same can be said. `served` is None where the wheel does not say;
    `documented` is the minimum compute capability that TensorFlow's page names.
    """

    where: str
    cuda: str | None
    other_cuda: Installs | None
    cudnn: tuple[tuple[str, str], ...]
    driver: MinimumDriver | None
    documented: str | None
    served: tuple[Served, ...] | None
    ptx: str | None


def cuda_facts(answer: Answer) -> tuple[CudaFacts, ...]:
    """Return what can be said of an answer's CUDA builds, each said once."""
    groups: dict[CudaFacts, list[BuildAnswer]] = {}
    for build in answer.builds:
        if "cuda" in build.devices:
            groups.setdefault(_facts(build, answer.architectures), []).append(build)
    return tuple(facts._replace(where=_where(builds)) for facts, builds in groups.items())


def _facts(build: BuildAnswer, architectures: tuple[Architecture, ...]) -> CudaFacts:
    built = build.published.says().compute_capabilities
    served = built and tuple(
        Served(capability, _architecture(capability, architectures))
        for capability in sorted(built.native, key=key)
    )
    ptx = built.ptx[-1] if built and built.ptx else None
    return CudaFacts(
        where="",
        cuda=build.toolkit.cuda,
        other_cuda=build.other_cuda,
        cudnn=_cudnn(build),
        driver=build.driver,
        documented=build.documented_capability,
        served=served or None,
        ptx=ptx,
    )


def _cudnn(build: BuildAnswer) -> tuple[tuple[str, str], ...]:
    """Return the versions of cuDNN, and the one that the recipe really installs where and-cuda does
    not name one.
    """
    versions, found = cudnn_versions(build.toolkit), build.installs
    if found is None or found.cudnn is None or found.cudnn == build.toolkit.cudnn_installed:
        return versions
    return (*versions, (found.cudnn, f"installed by its recipe (resolved {found.since})"))


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
