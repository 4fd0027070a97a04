"""How sure we are of a cell, in a sentence: what was done, on what machine, when, by whom.

One pure function, for every answer. Its templates stand in `index.json` too, so that a browser
fills in the same words. A sentence speaks of the very recipe that is shown, and says so where the
machine that is asked about is not like the one that ran it.
"""

from typing import Literal

from kb.base.model import Capability, Device, Platform, Trust
from kb.base.names import DEVICE_NAMES, PLATFORM_NAMES
from kb.base.record import Record
from kb.cells.rungs import Rung, Verdict
from kb.cells.runners import is_alone

ToldBy = Literal["requirement", "table", "report"]

SURENESS_WORDS: dict[str, str] = {
    # what runs prove
    "sure-runs": "Set up {how} on {where}, and computed right on the CPU: {when}, {by}{but}.",
    "sure-runs-of-gpu": (
        "Set up {how} on {where}, and computed right; that a GPU computes with it was not seen: "
        "{when}, {by}{but}."
    ),
    "sure-links": (
        "Set up {how} on {where}; its CUDA libraries load, no GPU has computed with it yet: "
        "{when}, {by}{but}."
    ),
    "sure-runs-gpu": "Set up {how} on {where}, and the GPU computed right: {when}, {by}{but}.",
    "sure-disputed": (
        "Disputed as of {when}, at best {by}: one run {done}, another failed: {why}. Both tried it "
        "{how} on {where}{but}."
    ),
    "sure-broken": "Broken: tried {how} on {where} ({when}, {by}), it failed: {why}{but}.",
    "sure-unresolved": "Broken: no resolver finds all that it needs, as of {when}: {why}.",
    # what claims say
    "sure-resolves": "{unrun}; a resolver finds all that it needs, as of {when}.",
    "sure-shipped-cpu": "{unrun}; the index has a wheel for it, as of {when}.",
    "sure-shipped": "{unrun}; its wheel says that it was built for {device}, as of {when}.",
    "sure-shipped-requirement": (
        "{unrun}; the plug-in's wheel asks for just this release, as of {when}."
    ),
    "sure-documented": (
        "{unrun}; the official table lists it, as of {when}, and its wheel does not say what it "
        "was built for."
    ),
    "sure-documented-table": (
        "{unrun}; the table in the plug-in's own wheel lists it, as of {when}."
    ),
    "sure-documented-report": "{unrun}; a public report lists it, as of {when}.",
    "sure-nothing": "Nothing proves this.",
    "unrun": "Not run yet",
    "unrun-with": "Not run yet with {pin}",
    # in short
    "done-runs": "set it up, and computed right on the CPU",
    "done-runs-of-gpu": "set it up, and computed right",
    "done-links": "set it up, and loaded its CUDA libraries",
    "done-runs-gpu": "set it up, and computed right on a GPU",
    "done-broken": "tried it, and failed: {why}",
    "done-resolves": "found all that it needs",
    "done-unresolved": "found no complete set: {why}",
    # where, by whom, and what that leaves open
    "where": "a {platform} runner",
    "where-without": "a {platform} runner without a GPU",
    "where-gpu": "a {platform} runner with {gpu} (compute capability {capability})",
    "where-named-gpu": "a {platform} runner with {gpu}",
    "where-some-gpu": "a {platform} runner with a GPU of compute capability {capability}",
    "where-wsl2": "{platform} (WSL2)",
    "by-several": "{trust}, {runners} runners agree",
    "by-one": "{trust}, by one runner alone so far",
    "by-resolver": "a resolver",
    "by-shipped": "its wheel",
    "by-shipped-requirement": "the plug-in's wheel",
    "by-documented": "the official table",
    "by-documented-table": "the plug-in's wheel",
    "by-documented-report": "a public report",
    "but-gpu": "; no GPU of compute capability {capability} has computed with it yet",
    "but-wsl2": "; not run on WSL2 yet",
    "how-below": "as below",
    "how-published": "as published",
    "why-unresolved": "they conflict",
}


class MachineStanding(Record):
    """Where a cell stands by the runs on one kind of machine: WSL2 or the system itself, with a GPU
    of one compute capability, or without one. `runners` tells how many independent ones agree.
    """

    wsl2: bool
    compute_capability: Capability | None
    gpu: str | None
    rung: Rung | None
    standing: Verdict
    as_of: str | None
    trust: Trust | None
    why: str | None
    runners: int


class SureCase(Record):
    """What the sentence speaks of: a cell's platform and device; the pin that changes its recipe,
    if one does, and who pairs it with its plug-in. And the machine that is asked about: whether it
    is WSL2, and its GPU's compute capability; None where that is not told.
    """

    platform: Platform
    device: Device
    pin: str | None = None
    told_by: ToldBy | None = None
    wsl2: bool | None = None
    compute_capability: Capability | None = None


class Sureness(Record):
    """What was done, on what machine, as of which day, by whom; None where nothing was, or where
    nobody knows. `sentence` says all of it.
    """

    done: str | None
    where: str | None
    when: str | None
    by: str | None
    sentence: str


def on_machine(
    machines: tuple[MachineStanding, ...],
    alone: MachineStanding,
    wsl2: bool | None,
    capability: str | None,
) -> MachineStanding:
    """Return the standing that speaks for a machine: that by runs on such a GPU, else on such a
    system, else the best, which is the first; `alone` where runs do not tell machines apart.
    """
    if not machines:
        return alone
    return max(
        machines,
        key=lambda own: (
            capability is not None and own.compute_capability == capability,
            own.wsl2 == wsl2,
        ),
    )


def nowhere(
    rung: Rung | None,
    standing: Verdict,
    as_of: str | None,
    trust: Trust | None,
    why: str | None,
    runners: int,
) -> MachineStanding:
    """Return where a cell stands by what tells no machines apart."""
    return MachineStanding._make((False, None, None, rung, standing, as_of, trust, why, runners))


def sureness(own: MachineStanding, case: SureCase, *, below: bool = True) -> Sureness:
    """Say how sure we are; `below` tells that the set-up stands below the sentence."""
    if own.trust is not None:
        return _by_run(own, case, "how-below" if below else "how-published")
    if own.standing == "broken":
        return _unresolved(own)
    return _claimed(own, case)


def vouched(own: MachineStanding) -> str:
    """Say who vouches for what runs say: how far they are to be believed, and how many agree; what
    one runner alone saw on a GPU is told as that.
    """
    trust = own.trust or ""
    if own.standing == "disputed":
        return trust
    if own.runners > 1:
        return SURENESS_WORDS["by-several"].format(trust=trust, runners=own.runners)
    if is_alone(own.rung, own.standing, own.trust, own.runners):
        return SURENESS_WORDS["by-one"].format(trust=trust)
    return trust


def _by_run(own: MachineStanding, case: SureCase, how: str) -> Sureness:
    is_broken = own.standing == "broken"
    name = "broken" if is_broken else str(own.rung)
    if name == "runs" and case.device != "cpu":
        name = "runs-of-gpu"
    done = name
    by = vouched(own)
    if own.standing == "disputed":
        name = "disputed"
    words = {
        "how": SURENESS_WORDS[how],
        "where": _where(own, case),
        "when": own.as_of or "",
        "by": by,
        "but": _but(own, case),
        "why": (own.why or "").rstrip("."),
    }
    words["done"] = SURENESS_WORDS[f"done-{done}"].format_map(words)
    return Sureness(
        done=words["done"],
        where=words["where"],
        when=own.as_of,
        by=by,
        sentence=SURENESS_WORDS[f"sure-{name}"].format_map(words),
    )


def _where(own: MachineStanding, case: SureCase) -> str:
    platform = PLATFORM_NAMES[case.platform]
    if own.wsl2:
        platform = SURENESS_WORDS["where-wsl2"].format(platform=platform)
    capability = own.compute_capability
    if capability is None and own.gpu is None:
        # of other GPUs than NVIDIA's nobody sees whether a runner has one
        has_none = case.device == "cuda" and own.rung in ("runs", "links")
        name = "where-without" if has_none and own.standing != "broken" else "where"
    elif capability is None:
        name = "where-named-gpu"
    else:
        name = "where-gpu" if own.gpu else "where-some-gpu"
    return SURENESS_WORDS[name].format(platform=platform, gpu=own.gpu, capability=capability)


def _but(own: MachineStanding, case: SureCase) -> str:
    """Return in what the machine that is asked about differs from the one that ran it."""
    asked, text = case.compute_capability, ""
    if asked not in (None, own.compute_capability) and own.compute_capability is not None:
        text += SURENESS_WORDS["but-gpu"].format(capability=asked)
    if case.wsl2 and not own.wsl2:
        text += SURENESS_WORDS["but-wsl2"]
    return text


def _unresolved(own: MachineStanding) -> Sureness:
    words = {
        "when": own.as_of or "",
        "why": (own.why or SURENESS_WORDS["why-unresolved"]).rstrip("."),
    }
    return Sureness(
        done=SURENESS_WORDS["done-unresolved"].format_map(words),
        where=None,
        when=own.as_of,
        by=SURENESS_WORDS["by-resolver"],
        sentence=SURENESS_WORDS["sure-unresolved"].format_map(words),
    )


def _claimed(own: MachineStanding, case: SureCase) -> Sureness:
    """Say what claims alone say, and that nobody ran it."""
    if own.rung is None:
        return Sureness(None, None, None, None, SURENESS_WORDS["sure-nothing"])
    name = str(own.rung)
    if own.rung == "resolves":
        by = "resolver"
    else:
        name += f"-{case.told_by}" if case.told_by else ""
        by = name
        name += "-cpu" if name == "shipped" and case.device == "cpu" else ""
    unrun = SURENESS_WORDS["unrun-with" if case.pin else "unrun"].format(pin=case.pin)
    sentence = SURENESS_WORDS[f"sure-{name}"].format(
        unrun=unrun, when=own.as_of, device=DEVICE_NAMES[case.device]
    )
    return Sureness(
        done=SURENESS_WORDS["done-resolves"] if own.rung == "resolves" else None,
        where=None,
        when=own.as_of,
        by=SURENESS_WORDS[f"by-{by}"],
        sentence=sentence,
    )
