"""What fits the machine that the doctor looks at: ways out that `find` itself answers for it."""

from typing import Any

from kb.answers.comparison import MachineQuestion
from kb.answers.find_command import find_command
from kb.answers.fits import best_choice, find
from kb.answers.found import Fit
from kb.answers.ways_out import KnownMachine, leads_to_release, that_hold
from kb.base.model import Problem, WayOut
from kb.base.versions import is_final, key
from kb.base.vocabulary import PLATFORMS
from kb.doctor.case import Checkup
from kb.machine.detection import Gpu
from kb.terminal.program import NAME

_MOST = 3  # of the nearest changes
_ASKED_AS = {platform: asked for asked, platform in PLATFORMS.items()}


def known_of(case: Checkup) -> KnownMachine:
    """Return what is known of the machine, as ways out ask for it."""
    machine = case.seen.machine
    system = machine.platform.partition("-")[0] if machine.platform else machine.os
    return KnownMachine(system=system, wsl2=machine.wsl2, python=case.seen.python.minor)


def question(case: Checkup, card: Gpu | None = None) -> MachineQuestion | None:
    """Return what `find` would be asked of the machine and one of its GPUs, or its CPU; None where
    TensorFlow has no platform like it.
    """
    machine = case.seen.machine
    if machine.platform is None:
        return None
    system, arch = _ASKED_AS[machine.platform]
    asked = MachineQuestion(
        os="wsl2" if machine.wsl2 else system,
        arch=arch,
        python=case.seen.python.minor,
        device="cpu",
        glibc=machine.glibc if system == "linux" else None,
        macos=machine.macos,
    )
    if card is None or card.compute_capability is None:
        return asked
    return asked._replace(
        device="gpu",
        maker="nvidia",
        compute_capability=card.compute_capability,
        driver=case.driver(),
    )


def fits(case: Checkup, card: Gpu | None, **changes: Any) -> bool:
    """Tell whether `find` answers for the machine with some fields changed; what cannot be asked,
    such as somebody else's release, is not refused.
    """
    asked = question(case, card)
    release = changes.get("release")
    if asked is None or (release is not None and release not in case.facts.releases):
        return True
    return best_choice(case.facts, asked._replace(**changes).settled()) is not None


def ways_that_fit(case: Checkup, card: Gpu | None) -> tuple[WayOut, ...]:
    """Return what `find` answers for the machine; where no release fits, the nearest changes."""
    asked = question(case, card)
    if asked is None:
        return ()
    found = find(case.facts, asked)
    if found.answer is None:
        return tuple(
            WayOut(told=f"{near.told}: {_title(near.answer)}", command=_typed(near.command))
            for near in found.nearest[:_MOST]
        )
    command = _typed(find_command(case.facts, asked))
    ways = [WayOut(told=_fitting(found.answer, "here"), command=command)]
    in_wsl2 = asked._replace(os="wsl2")
    newer = find(case.facts, in_wsl2).answer if asked.os == "windows" else None
    if newer is not None and key(newer.release) > key(found.answer.release):
        command = _typed(find_command(case.facts, in_wsl2))
        ways.append(WayOut(told=_fitting(newer, "in WSL2"), command=command))
    return tuple(ways)


def _typed(command: str) -> str:
    """Return a command of this program as all ways out have it."""
    return command.replace(NAME, "python -m kb", 1)


def _title(fit: Fit) -> str:
    return f"{fit.distribution} {fit.release} on Python {fit.python}"


def _fitting(fit: Fit, where: str) -> str:
    return f"{_title(fit)} fits {where}; its set-up"


def ways_of(case: Checkup, problem: Problem, card: Gpu | None) -> tuple[WayOut, ...]:
    """Return the ways out of a problem that are for the machine, and in place of those that lead to
    other releases what `find` answers.
    """
    own = (way for way in problem.way_out if not leads_to_release(way))
    return (*that_hold(own, known_of(case)), *ways_that_fit(case, card))


def newest_python(case: Checkup) -> str | None:
    """Return the newest Python with which a release fits the machine's processor."""
    asked = question(case)
    choice = best_choice(case.facts, asked._replace(python=None)) if asked else None
    is_release = choice is not None and is_final(case.facts.releases[choice.offer.release])
    return choice.python if choice is not None and is_release else None
