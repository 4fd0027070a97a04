"""A version at a glance: Python, CUDA, driver, GPUs, in words that a person reads at once."""

from collections.abc import Callable, Iterable

from kb.answers.releases import BuildAnswer
from kb.base.model import Device, Platform
from kb.base.names import DEVICE_NAMES, OWN, PLATFORM_NAMES
from kb.base.versions import agree, spans, within
from kb.facts.known_gpus import gpus_in_words
from kb.facts.toolkits import MinimumDriver
from kb.lookup.answer import Answer
from kb.lookup.makers import plugin_texts, rocm_text
from kb.lookup.platforms import COLUMN, least_systems
from kb.terminal.layout import field
from kb.terminal.style import Style


def glance(answer: Answer, style: Style) -> list[str]:
    """Return the lines of a version at a glance."""
    own = [b for b in answer.builds if b.published.release.distribution == OWN] or answer.builds
    pythons = spans(sorted({python for build in own for python in build.pythons}))
    least = least_systems(answer)
    lines = field("Python", f"{pythons}; needs {least}" if least else pythons, COLUMN, style)
    with_cuda = [build for build in answer.builds if "cuda" in build.devices]
    on_cuda = [build for build in with_cuda if not _is_for_others(build, answer)]
    if not with_cuda:
        lines += field("GPU", _without_cuda(answer), COLUMN, style)
    for label, told in (
        ("CUDA", _cuda),
        ("Driver", lambda build: _driver(build.driver)),
        ("GPUs", lambda build: _gpus(answer, build)),
    ):
        for text in _each(on_cuda, told):
            lines += field(label, text, COLUMN, style)
    if answer.rocm and not on_cuda:
        lines += field("ROCm", rocm_text(answer.rocm[0]), COLUMN, style)
    elif answer.rocm:
        newest = answer.rocm[0]
        text = f"{newest.need.rocm or 'not judged'}, for tensorflow-rocm {newest.release}"
        lines += field("ROCm", text, COLUMN, style)
    for title, text in plugin_texts(answer.plugins or ()):
        lines += field(title, text, COLUMN, style)
    return lines


def _is_for_others(build: BuildAnswer, answer: Answer) -> bool:
    """Tell whether plug-ins for other GPUs than NVIDIA's are asked for, and a build beside them."""
    return bool(answer.plugins) and all(cell.key.device != "cuda" for cell in build.cells)


def _without_cuda(answer: Answer) -> str:
    devices = [DEVICE_NAMES[device] for device in served(answer) if device != "cpu"]
    alone = "by a plug-in alone" if answer.plugins else "none: these builds compute on the CPU"
    return ", ".join(devices) or alone


def served(answer: Answer, platform: Platform | None = None) -> tuple[Device, ...]:
    """Return the devices that any build of an answer serves, on a platform where one is named."""
    builds = [b for b in answer.builds if platform in (None, b.published.build.platform)]
    return tuple(d for d in DEVICE_NAMES if any(d in build.devices for build in builds))


def gpu_devices(answer: Answer, platform: Platform) -> tuple[Device, ...]:
    """Return the devices but for the CPU that can be asked for on a platform, plug-ins included."""
    plugged = {offer.device for offer in answer.plugins or () if offer.platform == platform}
    both = {*served(answer, platform), *plugged}
    return tuple(device for device in DEVICE_NAMES if device in both and device != "cpu")


def _each(builds: list[BuildAnswer], told: Callable[[BuildAnswer], str]) -> list[str]:
    """Return what is told of builds, each text once, with of whom it is where they differ."""
    found: dict[str, list[BuildAnswer]] = {}
    for build in builds:
        found.setdefault(told(build), []).append(build)
    if len(found) <= 1:
        return list(found)
    return [f"{text} ({where(some, builds)})" for text, some in found.items()]


def where(some: list[BuildAnswer], among: Iterable[BuildAnswer]) -> str:
    """Tell which builds some are: by platform where that tells them apart, else by release."""
    own = dict.fromkeys(PLATFORM_NAMES[build.published.build.platform] for build in some)
    others = (b for b in among if b not in some)
    if all(PLATFORM_NAMES[b.published.build.platform] not in own for b in others):
        return ", ".join(own)
    return ", ".join(
        dict.fromkeys(
            f"{b.published.release.distribution} {b.published.release.release}" for b in some
        )
    )


def _cuda(build: BuildAnswer) -> str:
    tools, found = build.toolkit, build.installs
    cudnn = tools.cudnn_documented or tools.cudnn_built or tools.cudnn_installed
    text = f"{tools.cuda or 'unknown'}, cuDNN {cudnn or 'unknown'}"
    other = [build.other_cuda.cuda or ""] if build.other_cuda else []
    if found and found.cudnn and cudnn and not agree(found.cudnn, cudnn):
        other.append(found.cudnn if other else f"cuDNN {found.cudnn}")
    return f"{text}; its recipe installs {' and '.join(other)}" if other else text


def _driver(minimum: MinimumDriver | None) -> str:
    if minimum is None:
        return "unknown for this CUDA"
    text = f"{minimum.linux} or newer"
    if minimum.wsl2 == minimum.windows:
        return f"{text}; on Windows and WSL2 {minimum.windows}"
    return f"{text}; on Windows {minimum.windows}, on WSL2 {minimum.wsl2 or 'unknown'}"


def _gpus(answer: Answer, build: BuildAnswer) -> str:
    if build.code is None:
        if build.documented_capability is None:
            return "unknown: the wheel does not say, nor was its code read"
        return f"compute capability {build.documented_capability} or higher, said its page"
    release = build.published.release.release
    failing = {
        capability
        for problem in answer.problems
        if problem.rejects and within(release, problem.releases.first, problem.releases.last)
        for capability in problem.compute_capabilities
    }
    return gpus_in_words(build.code, build.toolkit.cuda, answer.cuda, failing)
