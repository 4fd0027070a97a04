"""The doctor's rules on CUDA's libraries: NVIDIA's wheels, and where the loader looks; each a small
function.
"""

import re
from collections.abc import Iterator

from kb.base.findings import Finding, Severity
from kb.base.model import Library, WayOut
from kb.base.versions import agree, key
from kb.cells import shells
from kb.doctor.case import EXTRA, Checkup
from kb.machine.demands import Demand, demand

# What TensorFlow asks for before it registers a GPU: TryDlopenCUDALibraries in its
# third_party/xla/third_party/tsl/tsl/platform/default/dlopen_checker.cc (tensorflow/tensorflow).
_ASKED_FOR = (
    *("libcudart.", "libcublas.", "libcublasLt.", "libcufft.", "libcusolver.", "libcusparse."),
    "libcudnn.",
)
_SUFFIXES = ("-cu11", "-cu12", "-cu13")
_NAMED_CUDA = re.compile(r"\bcuda-([0-9]{1,2})(?:\.([0-9]{1,2}))?\b")


def used_toolkit(case: Checkup) -> str | None:
    """Return the CUDA whose libraries are used: that of NVIDIA's wheels; where there are none at
    all, that which the recipe brings; or what was built with.
    """
    for suffix in _SUFFIXES:
        installed = case.version(f"nvidia-cuda-runtime{suffix}")
        wanted = {needed.name for needed in case.demands(EXTRA)}
        if installed and f"nvidia-cuda-runtime{suffix}" in wanted:
            return ".".join(installed.split(".")[:2])
    cell = case.known.cell
    brought = cell.installs.cuda if cell and cell.installs else None
    if brought and not any(map(case.seen.search.first, asked_for(case))):
        return brought
    return case.known.build.toolkit.cuda if case.known.build else None


def libraries(case: Checkup) -> Iterator[Finding]:
    """Ask for the CUDA libraries that the release needs, where the loader looks."""
    if not case.wants_cuda() or case.seen.machine.os != "linux":
        return
    files = asked_for(case)
    found = {file: _first(case, file) for file in files}
    missing = [file for file, where in found.items() if where is None]
    if not files:
        return
    if not missing:
        by = ", ".join(dict.fromkeys(where or "" for where in found.values()))
        text = f"All {len(files)} CUDA libraries that {case.title()} asks for are found ({by})."
        yield Finding(rule="cuda-libraries", severity="ok", text=text)
        return
    shown = ", ".join(missing[:4]) + (f" and {len(missing) - 4} more" if missing[4:] else "")
    cell = case.known.cell
    path = cell.library_path if cell else None
    if path and any(map(case.seen.search.first, missing)) and _has_wheels(case):
        yield Finding(
            rule="library-path",
            severity="error",
            text=(
                f"NVIDIA's wheels are installed, and {case.title()} does not find {shown} in them. "
                f"{path.reason}"
            ),
            ways_out=(WayOut(command=_path_command(case)),),
        )
        return
    yield Finding(
        rule="cuda-libraries",
        severity="error",
        text=f"{case.title()} finds no {shown}: it starts, and computes on the CPU.",
        ways_out=_ways_to_libraries(case),
    )


def _has_wheels(case: Checkup) -> bool:
    return any(case.version(needed.name) for needed in case.demands(EXTRA))


def _first(case: Checkup, file: str) -> str | None:
    """Return by which part of the search a library is found; the wheels' folders do not count for
    releases that do not look there.
    """
    cell = case.known.cell
    for hit in case.seen.search.all(file):
        if hit.by != "wheels" or cell is None or cell.library_path is None:
            return {"wheels": "NVIDIA's wheels", "cache": "the system"}.get(hit.by, hit.by)
    return None


def _path_command(case: Checkup) -> str:
    folder = case.quoted(case.own.folder if case.own else ".")
    return f"export LD_LIBRARY_PATH=$(echo {folder}/nvidia/*/lib | tr ' ' ':')"


def _ways_to_libraries(case: Checkup) -> tuple[WayOut, ...]:
    """Return what the cell's recipe does to bring the libraries."""
    cell, own = case.known.cell, case.own
    if own is None:
        return ()
    if cell is None:
        if case.has_extra():
            return (WayOut(command=case.install(f"{own.name}[{EXTRA}]=={own.version}")),)
        return (WayOut(command=f"python -m kb lookup {own.version} --device cuda"),)
    by_hand = tuple(
        WayOut(command=command)
        for step in cell.recipe.steps
        if step.action == "cuda-by-hand"
        for command in shells.commands(step, cell.recipe)
    )
    if by_hand:
        return by_hand
    pip = WayOut(command=case.install(*cell.recipe.requirements()))
    if cell.library_path is None:
        return (pip,)
    told = f"{cell.library_path.reason} So set the search path too"
    return pip, WayOut(told=told, command=_path_command(case))


def asked_for(case: Checkup) -> list[str]:
    """Return the library files that the installed release asks for before it uses a GPU."""
    build = case.known.build
    if build is None:
        return []
    tools = build.toolkit
    versions = {"CUDA": tools.cuda, "cuDNN": tools.cudnn_built or tools.cudnn_documented}
    return [
        file
        for row in case.libraries
        if _holds(row, versions[row.product])
        for file in row.files
        if file.startswith(_ASKED_FOR)
    ]


def _holds(row: Library, version: str | None) -> bool:
    if version is None:
        return False
    inside = key(row.first) <= key(version) <= key(row.last)
    return inside or agree(row.first, version) or agree(row.last, version)


def wheels(case: Checkup) -> Iterator[Finding]:
    """Hold NVIDIA's wheels against what the extra of the release demands."""
    if not case.wants_cuda():
        return
    installed = [(needed, case.version(needed.name)) for needed in case.demands(EXTRA)]
    wrong = [
        (needed, version)
        for needed, version in installed
        if version is not None and needed.meets(version) not in ("yes", "unknown")
    ]
    if not wrong:
        return
    shown = ", ".join(f"{needed.text} (installed {version})" for needed, version in wrong[:3])
    more = f" and {len(wrong) - 3} more" if wrong[3:] else ""
    severity, why = _weight(wrong)
    yield Finding(
        rule="cuda-wheels",
        severity=severity,
        text=f"{case.title()} asks for {shown}{more}: {why}.",
        ways_out=(WayOut(command=case.install(*(needed.text for needed, _ in wrong))),),
    )


def _weight(wrong: list[tuple[Demand, str]]) -> tuple[Severity, str]:
    if any(needed.is_of_another_major(version) for needed, version in wrong):
        return "error", "the files of another major version have other names, and are not found"
    older = [needed for needed, version in wrong if needed.meets(version) == "older"]
    # https://github.com/tensorflow/tensorflow/issues/60913
    if any(needed.name.startswith("nvidia-cudnn") for needed in older):
        return "error", "a cuDNN older than the one it was built with is refused"
    if older:
        return "warning", "older ones than it was built with may lack what it calls"
    return "warning", "newer ones mostly work, and nobody tested these"


def mixed(case: Checkup) -> Iterator[Finding]:
    """Tell that wheels for several CUDA releases are installed, which share folders."""
    names = [name for name in case.seen.environment.first if name.startswith("nvidia-")]
    groups = {suffix: [n for n in names if n.endswith(suffix)] for suffix in _SUFFIXES}
    present = [suffix for suffix in _SUFFIXES if groups[suffix]]
    if len(present) < 2:
        return
    both = " and ".join(f"CUDA {s.removeprefix('-cu')} ({len(groups[s])})" for s in present)
    wanted = {needed.name for needed in case.demands(EXTRA)}
    own = next((s for s in present if any(n in wanted for n in groups[s])), None)
    yield Finding(
        rule="mixed-cuda",
        severity="warning",
        text=f"NVIDIA's wheels for {both} are installed. They write into the same folders, such as "
        "nvidia/cudnn, so that one takes the place of the other.",
        ways_out=_unmixed(case, groups, own),
    )


def _unmixed(case: Checkup, groups: dict[str, list[str]], own: str | None) -> tuple[WayOut, ...]:
    if own is None:
        text = "Keep those that the framework you use asks for, and uninstall the others."
        return (WayOut(told=text),)
    strange = [name for suffix, names in groups.items() if suffix != own for name in names]
    kept = [case.quoted(f"{name}=={case.version(name)}") for name in sorted(groups[own])]
    return (
        WayOut(command=f"{case.python()} -m pip uninstall -y {' '.join(sorted(strange))}"),
        WayOut(
            command=f"{case.python()} -m pip install --force-reinstall --no-deps {' '.join(kept)}"
        ),
    )


def pins(case: Checkup) -> Iterator[Finding]:
    """Hold what is installed against the pins that hold for such a GPU."""
    cell = case.known.cell
    if not case.wants_cuda() or cell is None:
        return
    for pin in cell.pins:
        below, wanted = pin.compute_capability_below, demand(pin.pin)
        if below is None or wanted is None:
            continue
        hit = [g for g in case.gpus if g.compute_capability and _older(g.compute_capability, below)]
        version = case.version(wanted.name)
        if hit and version is not None and wanted.meets(version) not in ("yes", "unknown"):
            name = f"{hit[0].name or 'The GPU'} (compute capability {hit[0].compute_capability})"
            yield Finding(
                rule="gpu-pin",
                severity="error",
                text=(
                    f"{wanted.name} {version} is installed, and {name} needs {pin.pin}: "
                    f"{pin.reason}"
                ),
                ways_out=(WayOut(command=case.install(pin.pin)),),
            )


def _older(version: str, other: str) -> bool:
    return key(version) < key(other)


def library_path(case: Checkup) -> Iterator[Finding]:
    """Tell that LD_LIBRARY_PATH leads to other CUDA libraries than the release's."""
    build = case.known.build
    if not case.wants_cuda() or build is None or build.toolkit.cuda is None:
        return
    yield from _other_toolkits(case, build.toolkit.cuda)
    yield from _other_cudnn(case)


def _other_toolkits(case: Checkup, cuda: str) -> Iterator[Finding]:
    files = asked_for(case)
    for folder, resolved in case.seen.search.named_folders():
        named = _NAMED_CUDA.search(resolved) or _NAMED_CUDA.search(folder)
        if named is None or named[1] == cuda.partition(".")[0]:
            continue
        taken = [file for file in files if _is_taken(case, file, folder)]
        shown = ".".join(part for part in named.groups() if part)
        effect = (
            f"{', '.join(taken)} is loaded from there, and fails beside the rest"
            if taken
            else "what bears the same name there is loaded first"
        )
        yield Finding(
            rule="ld-library-path",
            severity="error" if taken else "warning",
            text=f"LD_LIBRARY_PATH names {folder}, which is of CUDA {shown}, and {case.title()} is "
            f"built for CUDA {cuda}: {effect}.",
            ways_out=(WayOut(command=case.set_variable("LD_LIBRARY_PATH", None)),),
        )


def _is_taken(case: Checkup, file: str, folder: str) -> bool:
    first = case.seen.search.first(file)
    return first is not None and first.by == "LD_LIBRARY_PATH" and first.folder == folder


def _other_cudnn(case: Checkup) -> Iterator[Finding]:
    """Tell that an older cuDNN comes before the wheel's, which TensorFlow refuses."""
    wanted = next((d for d in case.demands(EXTRA) if d.name.startswith("nvidia-cudnn")), None)
    for file in asked_for(case):
        if not file.startswith("libcudnn."):
            continue
        first = case.seen.search.first(file)
        if first is None or first.by != "LD_LIBRARY_PATH" or first.version is None:
            continue
        if wanted is not None and _is_refused(wanted, first.version):
            yield Finding(
                rule="ld-library-path",
                severity="error",
                text=(
                    f"LD_LIBRARY_PATH leads to cuDNN {first.version} in {first.folder}, before "
                    f"that of NVIDIA's wheels, and {case.title()} asks for {wanted.text}: "
                    "convolutions fail."
                ),
                ways_out=(WayOut(command=case.set_variable("LD_LIBRARY_PATH", None)),),
            )


def _is_refused(wanted: Demand, version: str) -> bool:
    """Tell whether a cuDNN has a lower minor version than the one that is demanded."""
    minimums = [
        spec.version for spec in wanted.requirement.specifier if spec.operator in ("==", ">=")
    ]
    own = tuple(map(int, version.split(".")[:2]))
    return any(own < tuple(map(int, bound.split(".")[:2])) for bound in minimums)


RULES = (libraries, wheels, mixed, pins, library_path)
