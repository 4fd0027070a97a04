"""The GPUs of a run: their names, compute capabilities and drivers, and the code for them."""

import re
from collections.abc import Iterator

from packaging.version import Version

from kb.base.model import Capability
from kb.base.versions import agree, key, within
from kb.facts.gpu_code import BESIDE_ARM, TEGRA, for_gpu
from kb.facts.gpu_names import AmbiguousGpu, UnknownGpu, data_centre_keys, identify, normalised
from kb.facts.known_gpus import DROPPED, TOO_OLD
from kb.index.verdicts import toolkit_verdicts
from kb.runs.run_file import GpuSeen
from verify.checking.contribution import Contribution, KnownFacts, Rule
from verify.checking.gpu_memory import most_memory_gb

_DRIVER = re.compile(r"[0-9]{3}\.[0-9]{2,3}(\.[0-9]{2})?")
_WINDOWS_DRIVER = re.compile(r"[0-9]{3}\.[0-9]{2}")
_MEMORY = re.compile(r"\b([0-9]{1,3}) ?GB\b")
_LEAST_OF_MEMORY, _MOST_OF_MEMORY = 0.85, 1.02  # of what a name says, which error correction lowers
_MORE_THAN_SOLD = 2.1  # some cards get double the memory that is sold
_CREATED = re.compile(
    r"Created (?:TensorFlow )?device \(?/[^\n]{0,80}?with ([0-9]+) MB memory\)?[^\n]{0,60}?"
    r"name: ([^,\n]+),[^\n]{0,60}?compute capability: ([0-9]+\.[0-9])"
)
_COUNTED = {
    "check-1": re.compile(r"^GPUs: ([0-9]+)$", re.MULTILINE),
    "check-2": re.compile(r"^physical GPUs: ([0-9]+), logical GPUs: [0-9]+$", re.MULTILINE),
}
_NO_GPU_THERE = re.compile(
    r"failed call to cuInit|no CUDA-capable device|Could not find cuda drivers on your machine"
    r"|Cannot dlopen some GPU libraries|kernel driver does not appear to be running"
)


def _names(contribution: Contribution) -> Iterator[str]:
    """Ask for a maintainer's word where no table knows a name: the GPU may be new, or made up. One
    that stood idle beside a CPU recipe proves nothing.
    """
    for gpu in _all(contribution):
        if gpu.name is None:
            yield "it lists a GPU without a name"
            continue
        capabilities = _known_capabilities(gpu.name, contribution.known)
        if not capabilities and contribution.run.device != "cpu":
            yield (
                f"no table knows the GPU {gpu.name}: a maintainer who knows it adds its row, with "
                "its compute capability and a source, to kb/data/gpus.yaml"
            )
        elif capabilities and gpu.compute_capability and gpu.compute_capability not in capabilities:
            told = " or ".join(capabilities)
            yield f"{gpu.name} has compute capability {told}, not {gpu.compute_capability}"
        elif _is_on_arm_alone(capabilities) and contribution.run.platform == "linux-x86_64":
            yield f"{gpu.name} sits beside an Arm processor, not in a machine like this"


def _is_on_arm_alone(capabilities: tuple[Capability, ...]) -> bool:
    return bool(capabilities) and set(capabilities) <= BESIDE_ARM


def _all(contribution: Contribution) -> tuple[GpuSeen, ...]:
    run = contribution.run
    return tuple(dict.fromkeys((*run.runner.gpus, *run.seen.gpus)))


def _known_capabilities(name: str, known: KnownFacts) -> tuple[Capability, ...]:
    try:
        return (identify(name, known.gpus).compute_capability,)
    except UnknownGpu:
        return ()
    except AmbiguousGpu as error:
        return tuple(choice.compute_capability for choice in error.choices)


def _capabilities(contribution: Contribution) -> tuple[Capability, ...]:
    """Return the compute capabilities of the run's GPUs, by its own word or by their names."""
    found: dict[Capability, None] = {}
    for gpu in _all(contribution):
        known = _known_capabilities(gpu.name or "", contribution.known) if gpu.name else ()
        own = gpu.compute_capability or (known[0] if len(known) == 1 else None)
        if own is not None:
            found[own] = None
    return tuple(found)


def _listed(contribution: Contribution) -> Iterator[str]:
    """Hold TensorFlow's list of GPUs against the driver's."""
    run = contribution.run
    names = [gpu.name for gpu in run.runner.gpus]
    if run.seen.gpus and run.device == "cpu":
        yield "TensorFlow lists GPUs, and a CPU recipe is carried out with none in sight"
        return
    for gpu in run.seen.gpus:
        same = [own for own in run.runner.gpus if own.name == _whole(gpu.name)]
        told = {own.compute_capability for own in same} - {None}  # old drivers cannot tell it
        if not same:
            yield f"TensorFlow lists {gpu.name}, and the driver does not"
        elif told and gpu.compute_capability not in (None, *told):
            yield f"TensorFlow and the driver disagree on the compute capability of {gpu.name}"
    by_tensorflow = [gpu.name for gpu in run.seen.gpus]  # but for parts, which have other names
    for name in dict.fromkeys(by_tensorflow):
        if name in names and by_tensorflow.count(name) != names.count(name):
            yield f"TensorFlow and the driver do not list as many of {name}"
    if any(gpu.compute_capability is None for gpu in run.seen.gpus):
        yield "TensorFlow lists a GPU without its compute capability"
    tells = key(run.release) >= key("2.4.0")  # from when on TensorFlow tells details of a GPU
    if contribution.by_gpu() and tells and not run.seen.gpus:
        yield "a GPU is said to have computed, and TensorFlow lists none"


def _whole(name: str | None) -> str | None:
    """Return the name of the GPU of which one may be a part."""
    return None if name is None else name.partition(" MIG ")[0]


def _devices(contribution: Contribution) -> Iterator[str]:
    run = contribution.run
    computed = {check.device for check in run.checks if check.device}
    by_gpu = any("GPU" in device for device in computed)
    if by_gpu and (run.device == "cpu" or not run.runner.gpus):
        yield "a GPU is said to have computed where there was none to compute"
    if contribution.by_gpu() and not by_gpu:
        yield "it says that a GPU computed, and no check was computed by one"
    for device in sorted(computed - {"/CPU:0", "/GPU:0"}):
        yield f"the probe asks for /CPU:0 or /GPU:0, not {device}"


def _memory(contribution: Contribution) -> Iterator[str]:
    for gpu in contribution.run.runner.gpus:
        told = _MEMORY.search(gpu.name or "")
        if gpu.memory_mib is None:
            continue
        most = most_memory_gb(gpu.name or "")
        if gpu.memory_mib <= 0:
            yield f"{gpu.name} has no memory, by what it says"
        elif most is not None and gpu.memory_mib > most * 1024 * _MORE_THAN_SOLD:
            yield f"{gpu.name} has {most} GB of memory, not {gpu.memory_mib} MiB"
        elif told and "MIG" not in (gpu.name or ""):
            named = int(told[1]) * 1024
            if not named * _LEAST_OF_MEMORY <= gpu.memory_mib <= named * _MOST_OF_MEMORY:
                yield f"{gpu.name} does not have {gpu.memory_mib} MiB of memory"


def _driver(contribution: Contribution) -> Iterator[str]:
    runner = contribution.run.runner
    if (runner.driver is None) != (not runner.gpus):
        yield "it lists GPUs and no driver" if runner.gpus else "it names a driver and lists no GPU"
    if runner.driver is None:
        return
    if not (_WINDOWS_DRIVER if runner.wsl2 else _DRIVER).fullmatch(runner.driver):
        where = "of Windows, which serves WSL2," if runner.wsl2 else "of NVIDIA's"
        yield f"no driver {where} has a number like {runner.driver}"
        return
    branches = [row.branch for row in contribution.known.cuda.ptx]
    newest = max(branches, key=key, default=None)
    is_newer = newest is not None and int(runner.driver.partition(".")[0]) > int(newest) + 9
    if is_newer and contribution.run.device != "cpu":
        yield (
            f"no table knows a driver as new as {runner.driver}: a maintainer who knows it adds "
            "its branch, with a source, to `ptx` in kb/data/cuda.yaml"
        )
    yield from _driver_and_gpu(contribution, runner.driver)
    yield from _driver_and_build(contribution, runner.driver)


def _driver_and_gpu(contribution: Contribution, driver: str) -> Iterator[str]:
    cuda = contribution.known.cuda
    branches = {row.cuda: row.branch for row in cuda.ptx}
    firsts = {row.compute_capability: row.cuda for row in cuda.knows}
    for capability in _capabilities(contribution):
        for last in cuda.maximum_drivers:
            if capability in last.compute_capabilities and key(driver) >= key(last.before):
                yield (
                    f"driver {driver} serves no GPU of compute capability {capability}: "
                    f"{last.branch} is the last branch that does"
                )
        first = branches.get(firsts.get(capability, ""))
        if first is not None and capability not in TEGRA and key(driver) < key(first):
            yield (
                f"driver {driver} knows no GPU of compute capability {capability}, which those "
                f"of the {first} branch know first"
            )


def _driver_and_build(contribution: Contribution, driver: str) -> Iterator[str]:
    """Yield where a driver is older than the build's CUDA asks for, and a GPU computed."""
    minimum, run = contribution.driver, contribution.run
    if not contribution.by_gpu() or minimum is None:
        return
    asked = minimum.wsl2 if run.runner.wsl2 else minimum.linux
    if asked is None or key(driver) >= key(asked):
        return
    base = driver.partition(".")[0]
    for_servers = data_centre_keys(contribution.known.gpus)
    is_for_some = any(normalised(gpu.name or "") in for_servers for gpu in run.runner.gpus)
    compat = contribution.known.cuda.forward_compatibility
    if is_for_some and any(base in row.on_branches for row in compat):
        return  # NVIDIA's cuda-compat serves it
    yield f"CUDA {contribution.toolkit.cuda} needs driver {asked} or newer, not {driver}"


def _libcuda(contribution: Contribution) -> Iterator[str]:
    """Hold the library of the driver that was loaded against the driver."""
    run, libraries = contribution.run, contribution.check("libraries")
    driver, prefix = run.runner.driver, "libcuda.so."
    loaded = [name for name in libraries.loaded if name.startswith(prefix)] if libraries else []
    for name in loaded:
        own = name.removeprefix(prefix)
        if driver is None:
            yield f"{name} was loaded, and it names no driver"
        elif run.runner.wsl2 and _DRIVER.fullmatch(own):
            yield f"{name} was loaded, which is of a driver for Linux, not of WSL2's"
        elif _DRIVER.fullmatch(own) and own != driver and not _is_compat(contribution, own, driver):
            yield f"{name} was loaded, which is not of driver {driver}"


def _is_compat(contribution: Contribution, own: str, driver: str) -> bool:
    """Tell whether one driver's libraries may stand on another's kernel part."""
    newer, older = own.partition(".")[0], driver.partition(".")[0]
    return any(
        row.branch == newer and older in row.on_branches
        for row in contribution.known.cuda.forward_compatibility
    )


def _code(contribution: Contribution) -> Iterator[str]:
    """Yield why the build can compute nothing on such a GPU, where it is said to have computed."""
    if not contribution.by_gpu():
        return
    cuda, toolkit = contribution.known.cuda, contribution.toolkit.cuda
    capabilities = _capabilities(contribution)
    if not capabilities:
        yield "a GPU computed, and nothing tells its compute capability"
    for capability in capabilities:
        if contribution.code and for_gpu(contribution.code, capability).kind == "without":
            yield f"the wheel has no code for compute capability {capability}"
        verdict = toolkit_verdicts(toolkit, cuda.knows, (capability,), cuda.last_toolkits)
        if verdict in (TOO_OLD, DROPPED):
            yield f"CUDA {toolkit} knows no GPU of compute capability {capability}"
        yield from _known_faults(contribution, capability)
        yield from _conditional_pins(contribution, capability)


def _known_faults(contribution: Contribution, capability: Capability) -> Iterator[str]:
    run = contribution.run
    for problem in contribution.known.problems:
        hits = (
            problem.rejects
            and capability in problem.compute_capabilities
            and (not problem.devices or run.device in problem.devices)
            and (not problem.platforms or run.platform in problem.platforms)
            and (not problem.pythons or run.python in problem.pythons)
            and within(run.release, problem.releases.first, problem.releases.last)
        )
        if hits:
            yield (
                f"by the known problem {problem.id} no GPU of compute capability {capability} "
                "computes there; if it does, a maintainer mends kb/data/problems.yaml first"
            )


def _conditional_pins(contribution: Contribution, capability: Capability) -> Iterator[str]:
    packages = contribution.run.versions()
    for pin in contribution.pins:
        bound = pin.compute_capability_below
        version = packages.get(pin.pin.name)
        if bound is None or version is None or key(capability) >= key(bound):
            continue
        for limit in pin.pin.specifier.bounds:
            if limit.operator == "<" and Version(version) >= Version(limit.version):
                yield f"{pin.pin.name} {version} serves no GPU of compute capability {capability}"


def _printed(contribution: Contribution) -> Iterator[str]:
    """Hold what TensorFlow printed of GPUs against what is said of them."""
    run = contribution.run
    names = {gpu.name for gpu in _all(contribution)}
    memories = [gpu.memory_mib for gpu in run.runner.gpus if gpu.memory_mib]
    for step in run.steps:
        for memory, name, capability in _CREATED.findall(step.output):
            if name not in names or capability not in _capabilities(contribution):
                yield f"{step.name}: printed {name}, {capability}, which it does not list"
            elif memories and int(memory) > max(memories):
                yield f"{step.name}: printed {memory} MB of memory, more than {name} has"
        told = _NO_GPU_THERE.search(step.output) if contribution.by_gpu() else None
        if told and step.is_check:
            yield f'{step.name}: printed "{told[0]}", and a GPU is said to have computed'
        yield from _counted(contribution, step.name, step.output)


def _counted(contribution: Contribution, name: str, output: str) -> Iterator[str]:
    run, pattern = contribution.run, _COUNTED.get(name)
    if pattern is None or run.device != "cuda" or not run.runner.gpus:
        return
    for count in pattern.findall(output):
        listed = len(run.seen.gpus) or int(count)
        if int(count) != listed or int(count) > len(run.runner.gpus):
            yield f"{name}: counted {count} GPUs, and {len(run.runner.gpus)} are listed"


def _cuda_files(contribution: Contribution) -> Iterator[str]:
    """Hold the names of CUDA's libraries, loaded or asked for, against the build's CUDA."""
    run, toolkit = contribution.run, contribution.toolkit
    libraries = contribution.check("libraries")
    rows = {file: row for row in contribution.known.libraries for file in row.files}
    by_product = {"CUDA": toolkit.cuda, "cuDNN": toolkit.cudnn_built or toolkit.cudnn_installed}
    for file in libraries.loaded if libraries else ():
        row = rows.get(file)
        own = by_product.get(row.product) if row else None
        if row is not None and own is not None and not _holds(row.first, own, row.last):
            told = row.first if row.first == row.last else f"{row.first} to {row.last}"
            yield f"{file} is of {row.product} {told}, and the build is for {own}"
    if libraries and libraries.loaded and run.device != "cuda":
        yield "a CPU recipe loads no library of CUDA's, and some are said to be loaded"


def _holds(first: str, own: str, last: str) -> bool:
    """Tell whether a version lies between two, or agrees with one as far as it says."""
    return agree(own, first) or agree(own, last) or key(first) <= key(own) <= key(last)


RULES: tuple[Rule, ...] = (
    _names,
    _listed,
    _devices,
    _memory,
    _driver,
    _libcuda,
    _code,
    _printed,
    _cuda_files,
)
