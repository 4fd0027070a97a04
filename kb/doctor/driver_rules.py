"""The doctor's rules on the version of NVIDIA's driver, each a small function."""

from collections.abc import Iterator

from kb.answers.drivers import (
    LastBranch,
    forward_compatibility,
    is_before_gpu,
    is_past,
    last_branch,
)
from kb.answers.releases import BuildAnswer
from kb.base.findings import Finding, Severity
from kb.base.model import WayOut
from kb.base.versions import key
from kb.doctor.case import Checkup
from kb.doctor.fitting import fits
from kb.facts.gpu_code import first_branch, for_gpu
from kb.index.words import fill
from kb.machine.detection import Gpu

_DRIVERS = "https://www.nvidia.com/drivers"


def driver(case: Checkup) -> Iterator[Finding]:
    """Ask for a driver that still serves each GPU, and for the minimum one of the build's CUDA."""
    own = case.driver()
    if not case.gpus or own is None:
        return
    past = [(card, last) for card, last in _last_branches(case) if is_past(own, last)]
    for card, last in past:
        yield _ignored(card, last, own)
    build = case.known.build
    if past or build is None or not case.wants_cuda():
        return
    unknown = [card for card in dict.fromkeys(case.gpus) if _is_unknown(case, card, own)]
    for card in unknown:
        yield _does_not_know(case, card, own)
    if not unknown:
        yield from _old_enough(case, build, own)


def _last_branches(case: Checkup) -> Iterator[tuple[Gpu, LastBranch]]:
    for card in dict.fromkeys(case.gpus):
        last = last_branch(case.facts, card.compute_capability)
        if last is not None:
            yield card, last


def _ignored(card: Gpu, last: LastBranch, own: str) -> Finding:
    branch, _, source = last
    name = f"{card.name or 'the GPU'} (compute capability {card.compute_capability})"
    return Finding(
        rule="driver",
        severity="error",
        text=f"Driver {own} no longer serves {name}: the {branch} branch is the last that "
        "does, and later ones ignore it.",
        ways_out=(
            WayOut(
                told="On Ubuntu",
                command=f"sudo ubuntu-drivers install nvidia:{branch}",
                presupposes=("ubuntu",),
            ),
            WayOut(told=f"Else install a driver of the {branch} branch: {_DRIVERS}"),
        ),
        sources=(source,),
    )


def _is_unknown(case: Checkup, card: Gpu, own: str) -> bool:
    """Tell whether a driver is older than the first CUDA that knows a GPU, where it is not older
    than the minimum for the build's CUDA, which says enough.
    """
    minimum = minimum_driver(case)
    is_past_minimum = minimum is None or key(own) >= key(minimum)
    return is_past_minimum and is_before_gpu(case.facts, own, card.compute_capability)


def _does_not_know(case: Checkup, card: Gpu, own: str) -> Finding:
    capability = card.compute_capability or ""
    branch, first = case.facts.first_branches[capability], case.facts.knows[capability]
    name = f"{card.name or 'the GPU'} (compute capability {capability})"
    return Finding(
        rule="driver",
        severity="error",
        text=f"Driver {own} is older than the {branch} branch, that of CUDA {first}, the first "
        f"that knows {name}.",
        ways_out=updates(case, branch, own),
    )


def _old_enough(case: Checkup, build: BuildAnswer, own: str) -> Iterator[Finding]:
    """Ask for the minimum driver of the build's CUDA; WSL2 has that of Windows."""
    needs, cuda = build.driver, build.toolkit.cuda
    if needs is None or cuda is None:
        return
    on_windows = _is_of_windows(case)
    minimum = minimum_driver(case)
    if minimum is None:
        branch = case.facts.wsl2_branch
        if branch is not None:
            name = "driver-wsl2-older" if key(own) < key(branch) else "driver-wsl2-unknown"
            text = fill(case.facts.words[name], cuda=cuda, driver=own, branch=branch)
            severity: Severity = "warning" if key(own) < key(branch) else "ok"
            yield Finding(rule="driver", severity=severity, text=text)
        return
    if key(own) >= key(minimum):
        text = f"Driver {own} is not older than {minimum}, the minimum for CUDA {cuda}."
        yield Finding(rule="driver", severity="ok", text=f"{text}{_about_the_header(case, own)}")
        return
    patches = [(p.cuda, p.windows if on_windows else p.linux) for p in needs.patches]
    for patch, least in patches:
        if key(own) >= key(least):
            words = {"patch": patches[0][0], "least": minimum, "driver": own, "earlier": patch}
            text = fill(case.facts.words["driver-patch"], **words)
            yield Finding(rule="driver", severity="warning", text=text)
            return
    least = patches[-1][1] if patches else minimum
    yield Finding(
        rule="driver",
        severity="error",
        text=f"Driver {own} is older than {least}, the minimum for CUDA {cuda} of "
        f"{case.title()}: it finds no GPU it can use.",
        ways_out=(
            *updates(case, least, own),
            WayOut(command=f"python -m kb find --detect --driver {own}"),
        ),
        sources=(needs.source,) if needs.source else (),
    )


def _serves(case: Checkup, driver: str) -> bool:
    """Tell whether the installed release fits one of the GPUs with a driver."""
    own = case.own.version if case.own else None
    return any(fits(case, card, driver=driver, release=own) for card in case.gpus)


def minimum_driver(case: Checkup) -> str | None:
    """Return the minimum driver for the build's CUDA on this system, None where it is unknown."""
    needs = case.known.build.driver if case.known.build else None
    if needs is None:
        return None
    if case.seen.machine.wsl2:
        return needs.wsl2
    return needs.windows if _is_of_windows(case) else needs.linux


def _is_of_windows(case: Checkup) -> bool:
    return case.seen.machine.wsl2 or case.seen.machine.os == "windows"


def updates(case: Checkup, least: str, own: str) -> tuple[WayOut, ...]:
    """Return what to do about a driver that is too old: update it, or use cuda-compat."""
    on_windows = _is_of_windows(case)
    where = "in Windows" if on_windows else "on this machine"
    return (*_update(case, least, where), *(() if on_windows else _compat(case, own)))


def _update(case: Checkup, least: str, where: str) -> Iterator[WayOut]:
    """Yield how far the driver can be updated: no further than the GPUs are served, and only where
    the installed release then fits.
    """
    last = min((last for _, last in _last_branches(case)), key=_next_branch, default=None)
    if last is not None and is_past(least, last):
        yield WayOut(
            told=f"No driver serves the GPU and this CUDA: the {last[0]} branch is the last "
            "for the GPU. Take an older release"
        )
    elif _serves(case, least):
        until = f", not past the {last[0]} branch, the last for the GPU" if last else ""
        yield WayOut(told=f"Update the driver {where}{until}: {_DRIVERS}")


def _next_branch(last: LastBranch) -> int:
    return int(last[1])


def _about_the_header(case: Checkup, own: str) -> str:
    """Tell that the CUDA that nvidia-smi prints harms nothing, where it is of a later release."""
    build = case.known.build
    cuda = build.toolkit.cuda if build else None
    newest = next((row.cuda for row in case.cuda.ptx if key(row.branch) <= key(own)), None)
    if cuda is None or newest is None or key(newest.partition(".")[0]) <= key(cuda):
        return ""
    return (
        " The CUDA version that nvidia-smi prints is the newest that this driver runs: that it is "
        "newer harms nothing."
    )


def _compat(case: Checkup, own: str) -> tuple[WayOut, ...]:
    """Return what cuda-compat can do for the GPUs that it serves."""
    cuda = case.known.build.toolkit.cuda if case.known.build else None
    if cuda is None:
        return ()
    found = (
        forward_compatibility(
            case.facts, cuda, own, card.name, card.compute_capability, _compiling(case, card)
        )
        for card in dict.fromkeys(case.gpus)
    )
    texts = dict.fromkeys(advice[0] for advice in found if advice is not None)
    return tuple(WayOut(told=text, presupposes=("linux",)) for text in texts)


def _compiling(case: Checkup, card: Gpu) -> str | None:
    """Return the first driver branch that compiles the PTX of the build for a GPU."""
    code = case.known.build.code if case.known.build else None
    if code is None or card.compute_capability is None:
        return None
    ptx = for_gpu(code, card.compute_capability).ptx
    return first_branch(ptx, case.cuda.ptx) if ptx else None


RULES = (driver,)
