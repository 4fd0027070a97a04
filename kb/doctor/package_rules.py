"""The doctor's rules on what is installed, each a small function."""

from collections.abc import Iterable, Iterator

from kb.base.findings import Finding, Severity
from kb.base.model import WayOut
from kb.base.names import KIND_NAMES
from kb.base.versions import InvalidVersion, Kind, key, kind
from kb.cells.rungs import Verdict
from kb.doctor.case import Checkup
from kb.facts.nightlies import WRITES_OVER
from kb.machine.demands import Demand, demand, demands
from kb.machine.installed import Installed

# A wrong one of these breaks the import or the models, any other perhaps something.
_CENTRAL = frozenset({"numpy", "keras", "protobuf", "h5py", "ml-dtypes", "tensorflow-estimator"})
_MANY = 6
_GONE_SINCE = "82"  # the setuptools that has no pkg_resources
_NO_PKG_RESOURCES = "pkg-resources-gone"


def tensorflow(case: Checkup) -> Iterator[Finding]:
    """Tell whether TensorFlow is installed, and where its cell stands."""
    if case.own is None:
        minor = case.seen.python.minor
        yield Finding(
            rule="tensorflow",
            severity="warning",
            text="TensorFlow is not installed in this environment.",
            ways_out=(WayOut(command=f"python -m kb find --detect --python {minor}"),),
        )
    elif not case.known.is_known:
        whose = "it is a build of somebody else, or newer than the knowledge base"
        if _kind(case.own.version) in ("candidate", "nightly"):
            whose = "of candidates and nightlies it keeps the newest alone"
        yield Finding(
            rule="tensorflow",
            severity="warning",
            text=(
                f"The knowledge base does not know {case.title()}: {whose}. Only what its own "
                "metadata says is held against this machine."
            ),
            ways_out=(WayOut(command="python -m kb lookup latest"),),
        )
    elif case.known.build is None:
        yield Finding(
            rule="tensorflow",
            severity="warning",
            text=(
                f"No wheel of {case.title()} was published for this platform: what is installed is "
                "a build of somebody else."
            ),
            ways_out=(WayOut(command=f"python -m kb lookup {case.own.version}"),),
        )
    else:
        yield from _standing(case)


def _standing(case: Checkup) -> Iterator[Finding]:
    cell = case.known.cell
    if cell is None:
        return
    machine = case.seen.machine.wsl2, next((gpu.compute_capability for gpu in case.gpus), None)
    sure = cell.sureness(*machine, below=False)
    pins = [pin.pin for pin in cell.pins if pin.compute_capability_below is None]
    beside = f" with {' '.join(pins)}" if pins else ""
    device = "" if cell.key.device == "cpu" else f" with {cell.key.device.upper()}"
    what = f"{case.title()} on Python {cell.key.python}{device}{beside}"
    more = WayOut(command=f"python -m kb lookup {cell.key.release} --python {cell.key.python}")
    severities: dict[Verdict, Severity] = {"broken": "error", "disputed": "warning"}
    severity = severities.get(cell.stands(*machine).standing, "ok")
    yield Finding(
        rule="standing",
        severity=severity,
        text=f"{what}: {sure.sentence}",
        ways_out=() if severity == "ok" else (more,),
    )


def _kind(version: str) -> Kind | None:
    try:
        return kind(version)
    except InvalidVersion:
        return None


def candidate(case: Checkup) -> Iterator[Finding]:
    """Tell that what is installed is no release."""
    if case.own is None or (named := _kind(case.own.version)) in (None, "release"):
        return
    yield Finding(
        rule="candidate",
        severity="warning",
        text=f"{case.title()} is a {KIND_NAMES[named]}, not a release.",
        ways_out=(WayOut(command="python -m kb find --detect"),),
    )


def nightlies(case: Checkup) -> Iterator[Finding]:
    """Tell that a nightly and the project whose files it writes over are installed at once."""
    wanted = {demand.name for demand in case.demands()}
    for name, over in WRITES_OVER.items():
        own, other = case.version(name), case.version(over)
        if own is None or other is None:
            continue
        kept, version = (name, own) if name in wanted else (over, other)
        yield Finding(
            rule="two-at-once",
            severity="error",
            text=(
                f"{name} {own} and {over} {other} are installed at once. They write the same "
                "files: the last one installed wins in part, and removing either breaks the other."
            ),
            ways_out=(
                WayOut(command=f"{case.python()} -m pip uninstall -y {name} {over}"),
                WayOut(command=case.install(f"{kept}=={version}")),
            ),
        )


def two_tensorflows(case: Checkup) -> Iterator[Finding]:
    """Tell that several distributions hold the same package."""
    if case.own is None or case.code is None or not case.others:
        return
    names = [f"{package.name} {package.version}" for package in (case.code, *case.others)]
    removed = " ".join(
        dict.fromkeys(package.name for package in (case.own, case.code, *case.others))
    )
    yield Finding(
        rule="two-tensorflows",
        severity="error",
        text=(
            f"{' and '.join(names)} are installed at once. They write the same files: the last one "
            "installed wins in part, and removing either breaks the other."
        ),
        ways_out=(
            WayOut(command=f"{case.python()} -m pip uninstall -y {removed}"),
            WayOut(command=case.install(f"{case.own.name}=={case.own.version}")),
        ),
    )


def files(case: Checkup) -> Iterator[Finding]:
    """Tell that the metadata of TensorFlow is there without its package."""
    if case.own is not None and not case.seen.has_package:
        wanted = case.quoted(f"{case.own.name}=={case.own.version}")
        yield Finding(
            rule="files",
            severity="error",
            text=(
                f"{case.title()} is listed as installed, but its package is not there: importing "
                "it fails, or finds an empty folder."
            ),
            ways_out=(WayOut(command=_again(case, wanted)),),
        )


def _again(case: Checkup, requirement: str) -> str:
    """Return the command that installs one package again, and nothing else."""
    return f"{case.python()} -m pip install --force-reinstall --no-deps {requirement}"


def metadata(case: Checkup) -> Iterator[Finding]:
    """Tell of metadata that is broken, left over, or there twice."""
    for fault in case.seen.environment.faults:
        yield Finding(
            rule="metadata",
            severity="warning",
            text=f"{fault}. pip and importlib.metadata pass over it or stumble.",
            ways_out=(WayOut(told="Delete that folder of site-packages."),),
        )
    for package in _relevant(case, case.seen.environment.first.values()):
        if package.fault:
            yield Finding(
                rule="metadata",
                severity="warning",
                text=f"{package.fault}. pip may not see it, nor remove it.",
                ways_out=(WayOut(command=_again(case, package.name)),),
            )
    for package in _relevant(case, case.seen.environment.hidden):
        first = case.seen.environment.first[package.name]
        if package.folder == first.folder:
            yield Finding(
                rule="metadata",
                severity="warning",
                text=(
                    f"{package.name} is listed as installed twice, as {first.version} and "
                    f"{package.version}: which of them is really there is unknown."
                ),
                ways_out=(WayOut(command=_again(case, package.name)),),
            )


def hidden(case: Checkup) -> Iterator[Finding]:
    """Tell that PYTHONPATH or the user site hides what is installed in the environment."""
    for package in _relevant(case, case.seen.environment.hidden):
        first = case.seen.environment.first[package.name]
        if package.folder == first.folder or package.version == first.version:
            continue
        is_path = first.kind == "PYTHONPATH"
        unset = case.set_variable("PYTHONPATH", None)
        yield Finding(
            rule="hidden",
            severity="warning",
            text=f"{first.name} {first.version} of {_where(first)} hides {package.version} of "
            f"{_where(package)}: what pip installs here is not what is imported.",
            ways_out=(
                WayOut(command=unset if is_path else case.set_variable("PYTHONNOUSERSITE", "1")),
            ),
        )


def _where(package: Installed) -> str:
    return "the user site" if package.kind == "user site" else package.kind


def _relevant(case: Checkup, some: Iterable[Installed]) -> Iterator[Installed]:
    """Yield of these those that have to do with TensorFlow."""
    names = {demand.name for demand in (*case.demands(), *case.demands("and-cuda"))}
    names |= {"numpy", "keras", "tf-keras", "protobuf", "torch", "setuptools", "tensorboard"}
    for package in some:
        if (
            package.name in names
            or "tensorflow" in package.name
            or package.name.startswith("nvidia-")
        ):
            yield package


def shadows(case: Checkup) -> Iterator[Finding]:
    """Tell of files that are imported in place of packages."""
    for shadow in case.seen.shadows:
        name = shadow.file.partition("/")[0].removesuffix(".py")
        if shadow.folder is not None:
            yield Finding(
                rule="shadow",
                severity="error",
                text=(
                    f"PYTHONPATH names {shadow.folder}, which holds {shadow.file}: that is "
                    f"imported instead of the installed {name}."
                ),
                ways_out=(WayOut(command=case.set_variable("PYTHONPATH", None)),),
            )
        else:
            yield Finding(
                rule="shadow",
                severity="error",
                text=(
                    f"The current folder holds {shadow.file}: a program that is started here "
                    f"imports it instead of the installed {name}."
                ),
                ways_out=(
                    WayOut(
                        command=_renamed(case, shadow.file)
                        if shadow.file.endswith(f"{name}.py")
                        else "cd .."
                    ),
                ),
            )


def _renamed(case: Checkup, file: str) -> str:
    move = "Rename-Item" if case.seen.machine.os == "windows" else "mv"
    return f"{move} {file} my_{file}"


def requirements(case: Checkup) -> Iterator[Finding]:
    """Hold what is installed against what the installed TensorFlow demands."""
    central: list[Demand] = []
    missing: list[Demand] = []
    other: list[Demand] = []
    for needed in case.demands():
        version = case.version(needed.name)
        if version is None:
            missing.append(needed)
        elif needed.meets(version) not in ("yes", "unknown"):
            (central if needed.name in _CENTRAL else other).append(needed)
    for needed in central:
        yield Finding(
            rule="requirement",
            severity="error",
            text=(
                f"{needed.name} {case.version(needed.name)} is installed, and {case.title()} "
                f"requires {needed.text}: with another one it fails at import, or computes with "
                "the wrong API."
            ),
            ways_out=(WayOut(command=case.install(needed.text)),),
        )
    if missing:
        yield Finding(
            rule="requirement",
            severity="error",
            text=(
                f"{case.title()} requires {_listed(missing)}, and this environment has none: "
                "importing it, or a part of it, fails."
            ),
            ways_out=(WayOut(command=_bring(case, missing)),),
        )
    if other:
        found = ", ".join(f"{needed.name} {case.version(needed.name)}" for needed in other)
        yield Finding(
            rule="requirement",
            severity="warning",
            text=(
                f"{case.title()} requires {_listed(other)}; installed are {found}. Parts of it may "
                "fail."
            ),
            ways_out=(WayOut(command=case.install(*(needed.text for needed in other))),),
        )
    if case.own and not (central or missing or other):
        yield Finding(rule="requirement", severity="ok", text=_met(case))


def _bring(case: Checkup, missing: list[Demand]) -> str:
    """Return the command that installs what is missing: what it asks for, if it is much."""
    if len(missing) > _MANY and case.own is not None:
        return case.install(f"{case.own.name}=={case.own.version}")
    return case.install(*(needed.text for needed in missing))


def _met(case: Checkup) -> str:
    named = [f"{n} {v}" for n in ("numpy", "keras", "protobuf") if (v := case.version(n))]
    shown = f" ({', '.join(named)})" if named else ""
    return f"All that {case.title()} requires is installed{shown}."


def _listed(some: list[Demand]) -> str:
    names = [needed.text for needed in some]
    more = f" and {len(names) - _MANY} more" if len(names) > _MANY else ""
    return ", ".join(names[:_MANY]) + more


def pins(case: Checkup) -> Iterator[Finding]:
    """Hold what is installed against the pins of the cell that hold always."""
    cell = case.known.cell
    for pin in cell.pins if cell else ():
        wanted = demand(pin.pin)
        if wanted is None or pin.compute_capability_below is not None:
            continue
        version = case.version(wanted.name)
        if version is not None and wanted.meets(version) not in ("yes", "unknown"):
            yield Finding(
                rule="pin",
                severity="error",
                text=f"{wanted.name} {version} is installed, and {case.title()} needs {pin.pin}: "
                f"{pin.reason}",
                ways_out=(WayOut(command=case.install(pin.pin)),),
            )


def dependents(case: Checkup) -> Iterator[Finding]:
    """Ask of what demands TensorFlow itself, such as tf-keras, whether it goes with this one."""
    if case.own is None:
        return
    for package in case.seen.environment.first.values():
        for wanted in demands(package, case.seen.python.marks):
            if wanted.name != case.own.name or package.name == case.own.name:
                continue
            if wanted.meets(case.own.version) not in ("yes", "unknown"):
                yield Finding(
                    rule="dependent",
                    severity="warning",
                    text=(
                        f"{package.name} {package.version} goes with {wanted.text}, and "
                        f"{case.own.version} is installed: it may not import."
                    ),
                    ways_out=(WayOut(command=case.install(*_paired(case, package))),),
                )


def _paired(case: Checkup, package: Installed) -> tuple[str, ...]:
    """Return what to install instead: of those that follow TensorFlow's series in their own numbers
    that series; of others what pip finds beside the TensorFlow that is installed, which stays.
    """
    own = case.own.version if case.own else ""
    numbers = own.split(".")[:2]
    if package.name in ("tf-keras", "tensorflow-text") and len(numbers) == 2:
        return (f"{package.name}=={'.'.join(numbers)}.*",)
    return package.name, f"{case.own.name if case.own else 'tensorflow'}=={own}"


def setuptools(case: Checkup) -> Iterator[Finding]:
    """Tell that TensorBoard misses a module that setuptools took away."""
    version, board = case.version("setuptools"), case.version("tensorboard")
    problem = next((known for known in case.known.problems if known.id == _NO_PKG_RESOURCES), None)
    if version is None or board is None or problem is None:
        return
    last = problem.releases.last
    try:
        is_hit = key(version) >= key(_GONE_SINCE) and (last is None or key(board) <= key(last))
    except InvalidVersion:
        return
    if is_hit:
        yield Finding(
            rule="setuptools",
            severity="warning",
            text=f"setuptools {version} has no pkg_resources, which TensorBoard {board} imports: "
            "tensorboard and the callbacks that load it fail.",
            ways_out=problem.way_out,
        )


def torch(case: Checkup) -> Iterator[Finding]:
    """Tell that PyTorch demands other CUDA libraries than TensorFlow does."""
    package = case.seen.environment.first.get("torch")
    if package is None or not case.wants_cuda():
        return
    own = {wanted.name: wanted for wanted in case.demands("and-cuda")}
    clashes = []
    for theirs in demands(package, case.seen.python.marks):
        ours = own.get(theirs.name)
        exact = [spec.version for spec in theirs.requirement.specifier if spec.operator == "=="]
        if ours is not None and exact and ours.meets(exact[0]) not in ("yes", "unknown"):
            clashes.append(f"{theirs.text} (TensorFlow {ours.text})")
    if clashes:
        shown = ", ".join(clashes[:3]) + (f" and {len(clashes) - 3} more" if clashes[3:] else "")
        yield Finding(
            rule="torch",
            severity="warning",
            text=(
                f"torch {package.version} demands other CUDA libraries than {case.title()}: "
                f"{shown}. One environment cannot serve both; whichever was installed last has "
                "its own."
            ),
            ways_out=(
                WayOut(command="python -m venv tf"),
                WayOut(told="Install TensorFlow there, and leave torch here."),
            ),
        )


RULES = (
    *(
        tensorflow,
        candidate,
        two_tensorflows,
        nightlies,
        files,
        metadata,
        hidden,
        shadows,
        requirements,
        pins,
    ),
    *(dependents, setuptools, torch),
)
