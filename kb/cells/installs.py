"""What a recipe for CUDA really installs of NVIDIA's packages, as a resolver found it on a day."""

from kb.base.model import Day, Dotted, Resolution
from kb.base.record import Record
from kb.base.requirement import Requirement

_RUNTIME, _CUDNN = "nvidia-cuda-runtime", "nvidia-cudnn"


class Installs(Record):
    """NVIDIA's packages of a recipe, the CUDA and the cuDNN that they amount to, and the day on
    which just these were found first.
    """

    cuda: Dotted | None
    cudnn: Dotted | None
    packages: tuple[Requirement, ...]
    since: Day


def installs_of(resolution: Resolution | None) -> Installs | None:
    """Return what was found for the requirements of a recipe; None where there is none of it."""
    if resolution is None or not resolution.installs or resolution.installs_since is None:
        return None
    runtime = _version(resolution.installs, _RUNTIME)
    return Installs(
        cuda=".".join(runtime.split(".")[:2]) if runtime else None,
        cudnn=_version(resolution.installs, _CUDNN),
        packages=resolution.installs,
        since=resolution.installs_since,
    )


def _version(packages: tuple[Requirement, ...], start: str) -> str | None:
    """Return the version of a package whose name ends in the CUDA that it is for, or in nothing."""
    return next((p.specifier.exact for p in packages if p.name.partition("-cu1")[0] == start), None)
