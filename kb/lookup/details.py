"""What a look-up tells where more is asked for: toolkits and code in full, contradictions between
sources, the sources.
"""

from kb.answers.releases import BuildAnswer
from kb.base.model import Architecture, Capabilities, CudaFile
from kb.base.names import PLATFORM_NAMES
from kb.base.versions import key
from kb.facts import gpu_code
from kb.facts.gpu_code import BuildCode
from kb.facts.toolkits import MinimumDriver
from kb.lookup.answer import Answer
from kb.lookup.contradicting import alike
from kb.lookup.makers import rocm_text
from kb.terminal.layout import beside, field, indented
from kb.terminal.style import Style

_COLUMN = 11
_CUDA_LABELS = ("CUDA", "cuDNN", "Driver", "GPUs")


def in_full(answer: Answer, style: Style) -> str:
    """Return the toolkits and the code of each build, to the last number; empty where none."""
    lines = []
    groups = _cuda_groups(answer)
    for facts, builds in groups.items():
        where = f" ({_where(builds)})" if len(groups) > 1 else ""
        for label, text in zip(_CUDA_LABELS, facts, strict=True):
            lines += field(label, text + (where if label == "CUDA" else ""), _COLUMN, style)
    for own in answer.rocm:
        lines += field("ROCm", rocm_text(own), _COLUMN, style)
    return "\n".join([style.bold("In full"), *lines]) if lines else ""


def sources(answer: Answer, style: Style) -> str:
    """Return where the sources contradict each other, and each source with its address and day."""
    lines = [style.bold("Sources")]
    for source in answer.sources:
        lines.append(f"  {source.id}")
        where = [source.url] if source.url else []
        where += [f"read {source.read}"] if source.read else []
        lines += [f"    {', '.join(where)}"] if where else []
    return "\n\n".join(filter(None, (_contradictions(answer, style), "\n".join(lines))))


def _where(builds: list[BuildAnswer]) -> str:
    platforms = dict.fromkeys(PLATFORM_NAMES[b.published.build.platform] for b in builds)
    releases = dict.fromkeys(
        f"{b.published.release.distribution} {b.published.release.release}" for b in builds
    )
    return f"{', '.join(platforms)}: {', '.join(releases)}"


def _cuda_groups(answer: Answer) -> dict[tuple[str, ...], list[BuildAnswer]]:
    """Group the CUDA builds of which the same can be said."""
    groups: dict[tuple[str, ...], list[BuildAnswer]] = {}
    for build in answer.builds:
        if "cuda" in build.devices:
            groups.setdefault(_cuda(build, answer.cuda), []).append(build)
    return groups


def _cuda(build: BuildAnswer, cuda: CudaFile) -> tuple[str, ...]:
    """Return what is to be said under each of the _CUDA_LABELS."""
    return (
        _cuda_version(build),
        _cudnn(build),
        _driver(build.driver),
        _gpus(build, cuda),
    )


def _cuda_version(build: BuildAnswer) -> str:
    text = build.toolkit.cuda or "unknown: the wheel does not say"
    other = build.other_cuda
    return f"{text}; its recipe installs {other.cuda} (resolved {other.since})" if other else text


def _driver(minimum: MinimumDriver | None) -> str:
    if minimum is None:
        return "unknown for this CUDA"
    if minimum.wsl2 == minimum.windows:
        on_windows = f"on Windows and WSL2 {minimum.windows} or newer"
    else:
        wsl2 = f"{minimum.wsl2} or newer" if minimum.wsl2 else "unknown"
        on_windows = f"on Windows {minimum.windows} or newer; on WSL2 {wsl2}"
    return f"{minimum.linux} or newer; {on_windows}"


def _cudnn(build: BuildAnswer) -> str:
    tools, found = build.toolkit, build.installs
    resolved = found and found.cudnn != tools.cudnn_installed and found
    versions = [
        f"{version} {verb}"
        for version, verb in (
            (tools.cudnn_documented, "tested"),
            (tools.cudnn_built, "built with"),
            (tools.cudnn_installed, "installed by and-cuda"),
            (
                resolved and resolved.cudnn,
                f"installed by its recipe (resolved {resolved.since})" if resolved else "",
            ),
        )
        if version
    ]
    return ", ".join(versions) or "unknown: the wheel does not say"


def _gpus(build: BuildAnswer, cuda: CudaFile) -> str:
    code = build.code
    if code is None:
        return _not_read(build.documented_capability)
    if not code.objects:
        return _declared(code.declared or Capabilities((), ()), cuda.architectures)
    everywhere, partly = gpu_code.throughout(code), gpu_code.partly(code)
    counts = dict.fromkeys(everywhere, code.of) | partly
    native = tuple(sorted(counts, key=key))
    groups: dict[int, list[str]] = {}
    for capability in native:
        named = "/".join(_served_by(capability, native, cuda.architectures))
        groups.setdefault(counts[capability], []).append(f"{capability} {named}".strip())
    texts = [
        f"{', '.join(names)} in {'all ' if count == code.of else ''}{count}"
        for count, names in groups.items()
    ]
    texts[0] += " objects" if everywhere else f" of {code.of} objects"
    return "; ".join(texts + _ptx(code, cuda))


def _not_read(documented: str | None) -> str:
    silent = "this wheel does not state its compute capabilities, nor was its code read"
    if documented is None:
        return f"unknown: {silent}"
    return f"{documented} or higher, says TensorFlow's page of its day; {silent}"


def _ptx(code: BuildCode, cuda: CudaFile) -> list[str]:
    """Tell the PTX of the highest capability, which newer GPUs get compiled."""
    highest = gpu_code.highest_ptx(code)
    if highest is None:
        return []
    branch = gpu_code.first_branch(highest.version, cuda.ptx)
    by = f" by driver {branch} or newer" if branch else ""
    capability, objects = highest.compute_capability, highest.objects
    return [f"PTX for {capability} and newer in {objects}, compiled at first use{by}"]


def _declared(capabilities: Capabilities, architectures: tuple[Architecture, ...]) -> str:
    named = [
        f"{capability} {'/'.join(_served_by(capability, capabilities.native, architectures))}"
        for capability in capabilities.native
    ]
    text = ", ".join(name.strip() for name in named)
    if not capabilities.ptx:
        return text
    return f"{text}; newer ones by PTX {capabilities.ptx[-1]}, compiled at first use"


def _served_by(
    capability: str, native: tuple[str, ...], architectures: tuple[Architecture, ...]
) -> list[str]:
    """Name the architectures that machine code for a capability serves: those of its major
    version from its minor version on, up to the next capability that has code of its own.
    """
    ends = [key(other) for other in native if key(other) > key(capability)]
    return [
        architecture.name
        for architecture in reversed(architectures)
        if any(
            own.partition(".")[0] == capability.partition(".")[0]
            and key(capability) <= key(own)
            and all(key(own) < end for end in ends)
            for own in architecture.compute_capabilities
        )
    ]


def _contradictions(answer: Answer, style: Style) -> str:
    if not answer.contradictions:
        return ""
    lines = [style.warn("Sources that contradict each other")]
    for about, claims in alike(answer.contradictions):
        lines += indented(about, style)
        for who, says in claims:
            head = f"    {style.dim(f'{who} '.ljust(_COLUMN - 4))}"
            lines += beside(head, says, _COLUMN, style)
    return "\n".join(lines)
