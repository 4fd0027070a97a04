"""The doctor's rules on the GPUs of AMD and Apple, and on a Jetson, each a small function."""

from collections.abc import Iterator

from kb.answers.ways_out import that_hold
from kb.base.findings import Finding, Severity
from kb.base.model import WayOut
from kb.base.versions import agree, key
from kb.doctor.case import Checkup
from kb.doctor.fitting import known_of
from kb.facts.rocm import RocmNeed

_FIND = "python -m kb find --detect"
_ROCM, _METAL = "tensorflow-rocm", "tensorflow-metal"


def amd(case: Checkup) -> Iterator[Finding]:
    """Tell which GPUs of AMD are seen, and whether the installed TensorFlow is made for them."""
    if case.gpus:  # one of NVIDIA is what it computes on
        return
    for target in dict.fromkeys(case.seen.others.amd):
        if case.rocm is not None:
            yield from _served(case, case.rocm, target)
            continue
        seen = f"A GPU of AMD is seen ({target})" if target else "A GPU of AMD is on the PCI bus"
        severity: Severity = "warning" if target and case.own else "ok"
        if case.own is None:
            text = f"{seen}: tensorflow-rocm is the build for it."
        else:
            text = f"{seen}, and {case.title()} is not built for ROCm: the GPU stays idle."
        find = f"{_FIND} --gpu {target}" if target else f"{_FIND} --gpu NAME"
        yield Finding(
            rule="amd-gpu",
            severity=severity,
            text=text,
            ways_out=(WayOut(told="Ask which release serves it", command=find),),
        )


def _served(case: Checkup, need: RocmNeed, target: str | None) -> Iterator[Finding]:
    if target is None:
        yield Finding(
            rule="amd-gpu",
            severity="error",
            text=(
                "A GPU of AMD is on the PCI bus, and the kernel's compute driver (KFD) does not "
                "show it: ROCm, and so TensorFlow, sees no GPU."
            ),
            ways_out=(WayOut(command="ls -l /dev/kfd /dev/dri", presupposes=("linux",)),),
        )
        return
    way_out = WayOut(
        told="Ask which release serves it", command=f"{_FIND} --gpu {target} --device gpu"
    )
    hit = [p for p in case.known.problems if p.rejects and target in p.kinds]
    for problem in hit:
        yield Finding(
            rule="problem",
            severity="error",
            text=f"{target}: {problem.title}. {problem.cause}",
            ways_out=(*that_hold(problem.way_out, known_of(case)), way_out),
            sources=problem.sources,
        )
    targets, hardware = need.targets(), need.hardware
    if targets and target not in targets:
        yield Finding(
            rule="gpu-code",
            severity="error",
            text=(
                f"{case.title()} has no code for {target}: it has machine code for "
                f"{', '.join(targets)}."
            ),
            ways_out=(way_out,),
        )
    elif targets and not hit:
        text = f"{case.title()} has machine code for {target}."
        yield Finding(rule="gpu-code", severity="ok", text=text)
    if hardware is not None and target in hardware.unsupported:
        yield Finding(
            rule="rocm-hardware",
            severity="error",
            text=f"AMD's list for ROCm {need.rocm} says that it does not support {target}.",
            ways_out=(way_out,),
            sources=(hardware.source,),
        )
    elif hardware is not None and target not in (*hardware.supported, *hardware.deprecated):
        yield Finding(
            rule="rocm-hardware",
            severity="warning",
            text=f"{target} is not on AMD's list of the GPUs that ROCm {need.rocm} supports.",
            ways_out=(way_out,),
            sources=(hardware.source,),
        )


def rocm(case: Checkup) -> Iterator[Finding]:
    """Ask for the ROCm that the installed tensorflow-rocm was linked to."""
    need = case.rocm.rocm if case.rocm else None
    if need is None or case.seen.machine.os != "linux":
        return
    first = case.first_rocm_on_wsl2
    if case.seen.machine.wsl2 and first is not None and key(need) < key(first):
        yield Finding(
            rule="rocm",
            severity="error",
            text=f"{case.title()} needs ROCm {need}, and on WSL2 {first} is the first that sees "
            "a GPU.",
            ways_out=(WayOut(command=f"{_FIND} --os wsl2 --device rocm"),),
            sources=case.wsl2_sources,
        )
        return
    installed = case.seen.others.rocm
    if any(agree(found, need) for found in installed):
        text = f"ROCm {need} is installed, which {case.title()} needs."
        yield Finding(rule="rocm", severity="ok", text=text)
        return
    here = f"ROCm {', '.join(installed)} is" if installed else "none is"
    yield Finding(
        rule="rocm",
        severity="warning" if installed else "error",
        text=(
            f"{case.title()} looks for the libraries of ROCm {need}, and {here} installed in "
            "/opt. It brings none itself."
        ),
        ways_out=(
            WayOut(told=f"Install ROCm {need} from AMD's repository, https://repo.radeon.com."),
            WayOut(told="Or ask which release goes with another", command=f"{_FIND} --device rocm"),
        ),
    )


def metal(case: Checkup) -> Iterator[Finding]:
    """Hold tensorflow-metal, or that it is missing, against the pairs that are known."""
    own, installed = case.own, case.version(_METAL)
    platform = case.seen.machine.platform
    if own is None or platform is None or not platform.startswith("macos"):
        return
    pairs = [plugged for plugged in case.plugged if plugged.distribution == _METAL]
    if any(plugged.release == installed for plugged in pairs):
        text = f"{_METAL} {installed} goes with {case.title()}."
        yield Finding(rule="metal", severity="ok", text=text)
        return
    newer = (WayOut(told="Ask for the newest that has one", command=f"{_FIND} --device gpu"),)
    if not pairs:
        if installed is None and platform != "macos-arm64":
            return
        here = f", and {installed} is installed: it may not load" if installed else ""
        yield Finding(
            rule="metal",
            severity="warning",
            text=f"Nobody says which {_METAL} goes with {case.title()}{here}. Without one it "
            "computes on the CPU.",
            ways_out=newer,
        )
        return
    best = pairs[0]
    told = {
        "table": "the table in its own wheel",
        "requirement": "its own wheel",
        "report": "a public report",
    }[best.told_by]
    here = (
        f"{_METAL} {installed} is installed"
        if installed
        else "The Mac's GPU stays idle without a plug-in"
    )
    yield Finding(
        rule="metal",
        severity="warning",
        text=f"{here}: {_METAL} {best.release} goes with {case.title()}, says {told}.",
        ways_out=(WayOut(command=case.install(best.requirement())),),
        sources=(best.source.url,) if best.source.url else (),
    )


def jetson(case: Checkup) -> Iterator[Finding]:
    """Tell that a Jetson needs a build of NVIDIA's own."""
    board, build = case.seen.others.jetson, case.known.build
    is_served = build is not None and "cuda" in build.devices
    if board is None or is_served or (case.own is not None and build is None):
        return
    name = " ".join(board.split()[:4]).removesuffix(" Developer")
    command = f"{_FIND} --device gpu --python {case.seen.python.minor} --gpu {case.quoted(name)}"
    yield Finding(
        rule="jetson",
        severity="warning",
        text=(
            f"This is an {board}: no wheel of the package index has CUDA for it. NVIDIA publishes "
            "builds for its JetPack elsewhere."
        ),
        ways_out=(WayOut(told="Ask which, and where", command=command),),
    )


RULES = (amd, rocm, metal, jetson)
