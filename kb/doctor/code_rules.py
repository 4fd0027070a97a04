"""The doctor's rules on the code in a wheel: what it is for a GPU, and whether the driver can
compile the rest.
"""

from collections.abc import Iterator

from kb.base.findings import Finding
from kb.base.model import DriverBranch, WayOut
from kb.base.versions import key
from kb.doctor.case import Checkup
from kb.doctor.driver_rules import minimum_driver, updates
from kb.facts.gpu_code import BuildCode, GpuCode, first_branch, for_gpu, native_in, ptx_in

_KEPT = "That takes minutes, once: the driver keeps the result."


def code_findings(
    case: Checkup, name: str, capability: str, is_told_otherwise: bool
) -> Iterator[Finding]:
    """Tell what the code in the installed wheel is for a GPU, which `name` names. What is a warning
    at most is left out where a graver finding tells of the same.
    """
    build = case.known.build
    code = build.code if build else None
    if code is None:
        text = f"The wheel of {case.title()} does not say whether it serves {name}."
        yield Finding(rule="gpu-code", severity="ok", text=text)
        return
    held = for_gpu(code, capability)
    find = WayOut(command=f"python -m kb find --detect --compute-capability {capability}")
    if held.kind == "without":
        yield _without(case, name, code, find)
    elif not held.compiled and held.kind in ("native", "mixed") and _is_counted_or_native(held):
        yield Finding(rule="gpu-code", severity="ok", text=_served(case, name, held))
    elif not is_told_otherwise:
        text = _compiled(case, name, held)
        yield Finding(rule="gpu-code", severity="warning", text=text, ways_out=(find,))
    yield from _driver(case, name, held)


def _is_counted_or_native(held: GpuCode) -> bool:
    return held.kind == "native" or held.objects > 0


def _without(case: Checkup, name: str, code: BuildCode, find: WayOut) -> Finding:
    native, ptx = ", ".join(native_in(code)), ", ".join(ptx_in(code))
    return Finding(
        rule="gpu-code",
        severity="error",
        text=f"{case.title()} has no code for {name}: machine code for {native or 'nothing'}, PTX "
        f"for {ptx or 'nothing'}. It fails at the first kernel.",
        ways_out=(find,),
    )


def _served(case: Checkup, name: str, held: GpuCode) -> str:
    if not held.objects:
        return f"{case.title()} has machine code for {name}."
    if not held.without:
        return f"{case.title()} has machine code for {name} in all of its {held.objects} objects."
    return (
        f"{case.title()} has machine code for {name} in {held.native} of its {held.objects} "
        f"objects. {held.without} have no code for it; what they are for is not known."
    )


def _compiled(case: Checkup, name: str, held: GpuCode) -> str:
    if not held.objects:
        part = "machine code" if held.kind == "compiled" else "machine code in every object"
        text = f"{case.title()} has no {part} for {name}: the driver compiles PTX at first use."
        return f"{text} {_KEPT}"
    without = f" {held.without} have no code for it." if held.without else ""
    branch = _left_alone(case, held)
    if branch is not None:
        without += (
            f" {held.lone} hold PTX alone that driver {case.seen.nvidia.driver} does not compile: "
            f"{branch} is the first that does. What they are for is not known."
        )
    compiled = held.compiled - (held.lone if branch else 0)
    return (
        f"{compiled} of the {held.objects} objects of {case.title()} have no machine code for "
        f"{name}: the driver compiles their PTX at first use. {_KEPT}{without}"
    )


def _left_alone(case: Checkup, held: GpuCode) -> DriverBranch | None:
    """Return the first branch that compiles the objects of PTX alone, where the driver is older."""
    branch = first_branch(held.lone_ptx, case.cuda.ptx) if held.lone_ptx else None
    own = case.driver()
    return branch if branch and own and key(own) < key(branch) else None


def _driver(case: Checkup, name: str, held: GpuCode) -> Iterator[Finding]:
    """Ask for a driver that reads the PTX that has to be compiled, where it is not older than the
    minimum for the build's CUDA, which says enough.
    """
    branch = first_branch(held.ptx, case.cuda.ptx) if held.ptx else None
    own, minimum = case.driver(), minimum_driver(case)
    if own is None or branch is None:
        return
    if key(own) < key(branch) and (minimum is None or key(own) >= key(minimum)):
        yield Finding(
            rule="driver",
            severity="error",
            text=f"Driver {own} does not read PTX {held.ptx}, which {held.newest} of the "
            f"{held.objects} objects of {case.title()} need on {name}: the {branch} branch is the "
            "first that does. Their kernels fail with CUDA_ERROR_UNSUPPORTED_PTX_VERSION.",
            ways_out=(
                *updates(case, branch, own),
                WayOut(command=f"python -m kb find --detect --driver {own}"),
            ),
        )
