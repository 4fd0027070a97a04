"""The doctor's rules on GPUs and their driver, each a small function."""

from collections.abc import Iterator

from kb.base.findings import Finding
from kb.base.model import FirstToolkit, Problem, WayOut
from kb.base.versions import agree, key
from kb.doctor.case import EXTRA, Checkup
from kb.doctor.code_rules import code_findings
from kb.doctor.fitting import fits, ways_of, ways_that_fit
from kb.doctor.library_rules import used_toolkit
from kb.facts.known_gpus import is_past
from kb.machine.detection import Gpu, is_of_query

_DRIVER_FILE = "libcuda.so.1"
_NO_CUDA = ("windows-without-cuda", "aarch64-wheels-without-cuda")


def gpu(case: Checkup) -> Iterator[Finding]:
    """Tell which GPUs are seen, and whether they have a driver."""
    nvidia = case.seen.nvidia
    if not case.gpus:
        others = case.seen.others.amd or case.seen.others.jetson
        if case.seen.machine.os != "macos" and nvidia.fault is None and not others:
            text = "No NVIDIA GPU is seen: TensorFlow computes on the CPU."
            yield Finding(rule="gpu", severity="ok", text=text)
        return
    if nvidia.asked == "PCI" and nvidia.in_kernel is None and not case.seen.machine.container:
        yield Finding(
            rule="gpu-driver",
            severity="error",
            text=(
                "There is an NVIDIA GPU on the PCI bus, and its driver is not loaded: TensorFlow "
                "sees no GPU."
            ),
            ways_out=(
                WayOut(
                    told="On Ubuntu",
                    command="sudo ubuntu-drivers install",
                    presupposes=("ubuntu",),
                ),
                WayOut(
                    told="Else take it from https://www.nvidia.com/drivers, then",
                    command="sudo reboot",
                    presupposes=("linux",),
                ),
            ),
        )
    for card in case.gpus:
        if card.name is not None and card.compute_capability is None:
            yield Finding(
                rule="gpu",
                severity="warning",
                text=(
                    f"The compute capability of {card.name} is not known here: whether the wheel "
                    "serves it is not told."
                ),
                ways_out=(
                    WayOut(
                        told="NVIDIA's tables tell it: https://developer.nvidia.com/cuda-gpus and, "
                        "of older GPUs, https://developer.nvidia.com/cuda-legacy-gpus"
                    ),
                    WayOut(command="python -m kb find --detect --compute-capability X.Y"),
                ),
            )


def tool(case: Checkup) -> Iterator[Finding]:
    """Tell where nvidia-smi fails, or is not there beside a driver."""
    nvidia = case.seen.nvidia
    if nvidia.fault is None:
        if not nvidia.has_tool and nvidia.in_kernel is not None:
            yield Finding(
                rule="nvidia-smi",
                severity="warning",
                text=(
                    f"The driver {nvidia.in_kernel} is loaded, and nvidia-smi is not on the PATH: "
                    "the driver's programs, and perhaps its libraries, are not installed or not "
                    "passed in."
                ),
                ways_out=(
                    WayOut(
                        told="Install the driver's utilities; in a container",
                        command="docker run --gpus all IMAGE",
                        presupposes=("docker",),
                    ),
                ),
            )
    elif _is_mismatch(nvidia.fault):
        yield Finding(
            rule="driver-mismatch",
            severity="error",
            text=(
                "The driver in the kernel is not the one that is installed: it was updated, and "
                f"the old one is still loaded. No program can use the GPU. ({nvidia.fault})"
            ),
            ways_out=(WayOut(command="sudo reboot", presupposes=("linux",)),),
        )
    elif is_of_query(nvidia.fault) or "cannot be started" in nvidia.fault or nvidia.asked == "NVML":
        yield Finding(
            rule="nvidia-smi",
            severity="warning",
            text=f"{nvidia.fault}. That says nothing against the driver: what nvidia-smi would "
            "tell of the GPU is not known here.",
            ways_out=(
                WayOut(command="nvidia-smi -L"),
                WayOut(told="Then name the GPU", command='python -m kb find --gpu "NAME"'),
            ),
        )
    else:
        is_gone = "no GPU" in nvidia.fault
        yield Finding(
            rule="nvidia-smi",
            severity="warning" if is_gone else "error",
            text=f"{nvidia.fault}: the driver does not serve a GPU, so TensorFlow sees none.",
            ways_out=(
                WayOut(command="nvidia-smi"),
                WayOut(
                    told=_why_ignored(case, nvidia.in_kernel),
                    command="sudo dmesg | grep -i nvrm",
                    presupposes=("linux",),
                ),
                WayOut(command="sudo reboot", presupposes=("linux",)),
            ),
        )


def _why_ignored(case: Checkup, driver: str | None) -> str | None:
    """Tell which GPUs a driver ignores, for the kernel's log says whether this is one of them."""
    ignored: dict[str, list[str]] = {}
    for row in case.cuda.maximum_drivers:
        if driver is not None and key(driver) >= key(row.before):
            names = [
                architecture.name
                for architecture in case.cuda.architectures
                if set(architecture.compute_capabilities) & set(row.compute_capabilities)
            ]
            ignored.setdefault(row.branch, []).extend(names)
    if not ignored:
        return None
    parts = [f"{', '.join(names)} ({branch} is the last)" for branch, names in ignored.items()]
    return f"Drivers like this one ignore GPUs of {'; '.join(parts)}. The kernel's log says so"


def driver_library(case: Checkup) -> Iterator[Finding]:
    """Ask for the driver's own library, in the version that the kernel has loaded."""
    nvidia = case.seen.nvidia
    if not case.gpus or case.seen.machine.os != "linux" or nvidia.driver is None:
        return
    found = case.seen.search.first(_DRIVER_FILE)
    if found is None:
        yield Finding(
            rule="libcuda",
            severity="error",
            text=(
                f"The loader finds no {_DRIVER_FILE}, which comes with the driver: TensorFlow sees "
                "no GPU."
            ),
            ways_out=(
                WayOut(command="sudo ldconfig", presupposes=("linux",)),
                WayOut(
                    told="In a container",
                    command="docker run --gpus all IMAGE",
                    presupposes=("docker",),
                ),
                WayOut(
                    told=(
                        "Else install the driver's compute libraries (libnvidia-compute on Ubuntu)."
                    )
                ),
            ),
        )
    elif found.version and nvidia.in_kernel and not _is_mismatch(nvidia.fault):
        if agree(found.version, nvidia.in_kernel):
            return
        yield Finding(
            rule="driver-mismatch",
            severity="error",
            text=f"The kernel has loaded the driver {nvidia.in_kernel}, and {_DRIVER_FILE} is of "
            f"{found.version}: no program can use the GPU.",
            ways_out=(WayOut(command="sudo reboot", presupposes=("linux",)),),
        )


def _is_mismatch(fault: str | None) -> bool:
    return fault is not None and "mismatch" in fault.lower()


def cpu_only(case: Checkup) -> Iterator[Finding]:
    """Tell that the installed build has no CUDA though there is a GPU."""
    build, own = case.known.build, case.own
    if not case.gpus or build is None or own is None or "cuda" in build.devices:
        return
    platform = build.published.build.platform
    card = next((card for card in case.gpus if card.compute_capability), case.gpus[0])
    known = [
        problem
        for problem in case.known.problems
        if problem.id in _NO_CUDA and platform in problem.platforms
    ]
    if known:
        ways_out = ways_of(case, known[0], card)
    elif fits(case, card, release=own.version):
        ways_out = (
            WayOut(command=f"{case.python()} -m pip uninstall -y {own.name}"),
            WayOut(command=case.install(f"tensorflow[{EXTRA}]=={own.version}")),
        )
    else:
        ways_out = ways_that_fit(case, card)
    yield Finding(
        rule="cpu-only",
        severity="warning",
        text=f"{case.title()} is built without CUDA on this platform: the GPU stays idle.",
        ways_out=ways_out,
    )


def capability(case: Checkup) -> Iterator[Finding]:
    """Ask of each GPU for code in the wheel, and libraries that know it."""
    build = case.known.build
    if not case.wants_cuda() or build is None:
        return
    for card in dict.fromkeys(case.gpus):
        if card.compute_capability is not None:
            yield from _served(case, card, card.compute_capability)


def _served(case: Checkup, card: Gpu, capability: str) -> Iterator[Finding]:
    name = f"{card.name or 'The GPU'} (compute capability {capability})"
    hit = [problem for problem in case.known.problems if _hits(problem, case, capability)]
    for problem in hit:
        yield Finding(
            rule="problem",
            severity="error",
            text=f"{name}: {problem.title}. {problem.cause} ({problem.sources[0]})",
            ways_out=ways_of(case, problem, card),
        )
    strange = tuple(_known_to_libraries(case, name, capability))
    yield from strange
    yield from code_findings(case, name, capability, bool(hit or strange))


def _hits(problem: Problem, case: Checkup, capability: str) -> bool:
    """Tell whether a problem that rejects releases is about this compute capability here."""
    return (
        problem.rejects
        and capability in problem.compute_capabilities
        and (not problem.platforms or case.seen.machine.platform in problem.platforms)
        and (not problem.devices or "cuda" in problem.devices)
        and (not problem.pythons or case.seen.python.minor in problem.pythons)
    )


def _known_to_libraries(case: Checkup, name: str, capability: str) -> Iterator[Finding]:
    rows: dict[str, FirstToolkit] = {row.compute_capability: row for row in case.cuda.knows}
    row, cuda = rows.get(capability), used_toolkit(case)
    last = case.facts.last.get(capability)
    if cuda is not None and last is not None and is_past(cuda, last):
        yield Finding(
            rule="toolkit",
            severity="error",
            text=(
                f"The libraries of CUDA {cuda} no longer know {name}: CUDA {last} is the last that "
                "does. Multiplying and convolving fail."
            ),
            ways_out=(
                WayOut(command=f"python -m kb find --detect --compute-capability {capability}"),
            ),
        )
        return
    if row is None or cuda is None or key(cuda) >= key(row.cuda):
        return
    older = rows.get(row.served_by or "")
    if older is None or key(cuda) < key(older.cuda):
        yield Finding(
            rule="toolkit",
            severity="error",
            text=(
                f"The libraries of CUDA {cuda} do not know {name}: CUDA {row.cuda} is the first "
                "that does. Multiplying and convolving fail."
            ),
            ways_out=(
                WayOut(command=f"python -m kb find --detect --compute-capability {capability}"),
            ),
        )


RULES = (gpu, tool, driver_library, cpu_only, capability)
