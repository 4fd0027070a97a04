"""The rules of `find`, each a small function: does this offer fit, and what is to be minded.

A rule looks verdicts up, compares dotted numbers and fills in words; see `kb.index.records`.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Literal

from kb.answers.comparison import Comparison, MachineQuestion, Remark, Rule, older
from kb.answers.driver_rules import driver, leaves_lone_ptx
from kb.index.gpus import is_on_arm
from kb.index.records import (
    CellGroup,
    CodeCounts,
    Index,
    KnownProblem,
    Pinned,
    SeriesSpan,
    ToolkitFacts,
)
from kb.index.words import fill


def python(case: Comparison) -> Iterator[Remark]:
    """Let wheels decide; tell where Requires-Python or the official table say otherwise."""
    asked, offer = case.question.python, case.offer
    if asked is None:
        return
    listed = offer.listed is not None and asked in offer.listed
    if any(asked in group.pythons for group in offer.cells):
        yield case.because("python-has", python=asked)
        if offer.listed is not None and not listed:
            yield case.caveat("python-unlisted", python=asked)
        return
    aside = ""
    if offer.least_python is not None and not older(asked, offer.least_python):
        aside += case.known.words["python-admitted"]
    if listed:
        aside += case.known.words["python-listed"]
    name, words = _python_words(case, asked)
    yield case.reason("python", name, python=asked, aside=aside, **words)


def _python_words(case: Comparison, asked: str) -> tuple[str, dict[str, str]]:
    offer, index = case.offer, case.known
    name, words = "python", {}
    if offer.plugin is not None:
        # TensorFlow may have a wheel for it, and the plug-in none: the device is what is missing
        name = "python-plugin"
        device, plugin_name = index.device_names[offer.device], offer.plugin.partition(" ")[0]
        words = {"device": device, "plugin": plugin_name}
    span = index.pythons.get(f"{offer.platform}/{offer.device}/{asked}")
    if span is None:
        return _python_of_none(case, asked) if not words else (f"{name}-none", words)
    own = index.series[offer.release]
    other = _of_same_series(index, case.question, offer.release, offer.platform, offer.device)
    if other is not None:
        return f"{name}-release", {"release": other, **words}
    if older(own, span.first):
        return f"{name}-first", {"series": span.first, **words}
    if older(span.last, own):
        return f"{name}-last", {"series": span.last, **words}
    return f"{name}-between", {"first": span.first, "last": span.last, **words}


def _of_same_series(
    index: Index,
    question: MachineQuestion,
    release: int,
    platform: str,
    device: str | None = None,
) -> str | None:
    """Return the newest other release of a series that has what the one that is asked about lacks:
    a platform, or a device on it for the Python; None where no release is asked about.
    """
    if question.release != index.releases[release]:
        return None
    own, python = index.series[release], question.python
    having = [
        offer.release
        for offer in index.offers
        if (index.series[offer.release], offer.platform) == (own, platform)
        and device in (None, offer.device)
        and (python is None or any(python in group.pythons for group in offer.cells))
    ]
    return index.releases[max(having)] if having else None


def _python_of_none(case: Comparison, asked: str) -> tuple[str, dict[str, str]]:
    """Return what has a wheel for a Python that no release serves: a candidate, or a nightly."""
    offer, index = case.offer, case.known
    if offer.device != "cpu" and f"{offer.platform}/cpu/{asked}" in index.pythons:
        return "python-none-device", {"device": index.device_names[offer.device]}
    if offer.device in index.own_devices:
        candidate = index.candidate_pythons.get(offer.platform, {}).get(asked)
        if candidate is not None:
            return "python-candidate", {"release": candidate}
        if asked in index.nightly.get(offer.platform, ()):
            return "python-nightly", {}
    return "python-none", {}


def candidate(case: Comparison) -> Iterator[Remark]:
    """Tell that an offer is no release, and which nightlies it brings. It stands in for releases
    that do not fit only where it is known to fit itself.
    """
    if case.known.kinds[case.offer.release] != "candidate":
        return
    yield case.caveat("candidate" if case.question.release is None else "candidate-asked")
    for nightly, over in case.offer.nightlies:
        yield case.caveat("nightly-beside", nightly=nightly, over=over)
    code, toolkit, asked = case.code(), case.toolkit(), case.question
    if code is not None and asked.compute_capability and case.verdict(code.verdicts) == "?":
        capability = asked.compute_capability
        yield case.reason("compute-capability", "candidate-code", capability=capability)
    if code is not None and asked.compute_capability and case.verdict(code.verdicts) == "p":
        capability = asked.compute_capability
        yield case.reason("compute-capability", "candidate-ptx", capability=capability)
    if toolkit is not None and asked.driver is not None and toolkit.cuda is None:
        yield case.reason("driver", "candidate-driver", driver=asked.driver)
    yield from _inherited(case)


def _inherited(case: Comparison) -> Iterator[Remark]:
    """Tell which problems the release before a candidate has: nobody knows that they are gone."""
    device, own = case.offer.device, case.offer.release
    before = max((n for n in range(own) if case.known.kinds[n] == "release"), default=None)
    for fault in case.problems:
        if before is not None and _hits(fault, device, before) and not _hits(fault, device, own):
            name = case.known.releases[before]
            found = case.reason("problem", "candidate-problem", before=name, title=fault.title)
            yield found._replace(instead=tuple(fault.instead), sources=tuple(fault.sources))


def compute_capability(case: Comparison) -> Iterator[Remark]:
    """Ask for machine code, or else PTX, which is a caveat; tell what was counted, and where
    neither is known.
    """
    code, asked = case.code(), case.question.compute_capability
    if code is None:
        return
    if _is_for_arm(case):
        platform = case.known.platform_names[case.offer.platform]
        yield case.reason("platform", "platform-arm", platform=platform)
        return
    native, ptx = ", ".join(code.native), ", ".join(code.ptx) or case.known.words["ptx-none"]
    if asked is None:
        if code.native:
            yield case.caveat("code-any", native=native, ptx=ptx)
        return
    verdict, counts = case.verdict(code.verdicts), case.counts()
    if verdict == "x":
        words = {"native": native or case.known.words["ptx-none"], "ptx": ptx}
        yield case.reason("compute-capability", "code-none", capability=asked, **words)
    elif counts is not None:
        yield from _counted(case, counts, asked)
    elif verdict == "m":
        yield case.caveat("code-mixed-declared", capability=asked)
    elif verdict == "p":
        toolkit = case.toolkit()
        cuda = toolkit.cuda if toolkit and toolkit.cuda else case.known.words["cuda-unknown"]
        yield case.caveat("code-ptx", capability=asked, ptx=code.ptx[-1], cuda=cuda)
    elif verdict == "n":
        yield case.because("code-native", capability=asked)
    else:
        yield case.caveat("code-unknown", capability=asked)


def _is_for_arm(case: Comparison) -> bool:
    """Tell whether the GPU sits beside an Arm processor, where none runs the wheel."""
    asked = case.question
    on_arm = is_on_arm(asked.gpu or "", asked.compute_capability, case.known)
    return on_arm and asked.arch != "arm64"


def documented_capability(case: Comparison) -> Iterator[Remark]:
    """Ask for the compute capability that TensorFlow's page named, where the code is not known."""
    code, facts, asked = case.code(), case.toolkit(), case.question.compute_capability
    if code is None or facts is None or asked is None or facts.documented is None:
        return
    if case.verdict(code.verdicts) == "?" and older(asked, facts.documented):
        yield case.reason("compute-capability", "code-documented", least=facts.documented)


def _counted(case: Comparison, counts: CodeCounts, asked: str) -> Iterator[Remark]:
    """Tell how many objects of a wheel serve a GPU by machine code, by PTX, and not at all."""
    words = {"capability": asked, "objects": str(counts.objects)}
    if counts.native == counts.objects:
        yield case.because("code-native-all", **words)
        return
    if counts.native:
        yield case.because("code-native-part", native=str(counts.native), **words)
    compiled = counts.compiled - (counts.lone if leaves_lone_ptx(case, counts) else 0)
    if compiled:
        name = "code-mixed" if counts.native else "code-compiled"
        percent = str(max(1, compiled * 100 // counts.objects))
        yield case.caveat(name, percent=percent, compiled=str(compiled), **words)
    if counts.without:
        yield case.caveat("code-part-without", without=str(counts.without), **words)


def toolkit(case: Comparison) -> Iterator[Remark]:
    """Ask that the CUDA libraries know the GPU's generation, whatever the PTX allows."""
    facts, asked = case.toolkit(), case.question.compute_capability
    if facts is None or asked is None or facts.cuda is None:
        return
    verdict = case.verdict(facts.verdicts)
    if verdict == "x":
        older_code = case.known.served_by.get(asked)
        words = {"cuda": facts.cuda, "capability": asked, "older": older_code or ""}
        name = "toolkit-by-older" if older_code else "toolkit"
        yield case.reason("toolkit", name, first=case.known.knows[older_code or asked], **words)
    elif verdict == "d" and not case.has_no_code():
        words = {"capability": asked, "last": case.known.last[asked]}
        yield case.reason("toolkit", "toolkit-dropped", cuda=facts.cuda, **words)
    elif verdict == "s":
        served_by = case.known.served_by[asked]
        yield case.caveat("toolkit-served", cuda=facts.cuda, capability=asked, older=served_by)


def cuda(case: Comparison) -> Iterator[Remark]:
    """Ask for the CUDA on the machine only where the recipe does not bring it."""
    facts, installed = case.toolkit(), case.question.cuda
    if facts is None:
        return
    if facts.brings:
        if installed is not None:
            yield case.caveat("cuda-idle", installed=installed)
        return
    wanted = toolkit_in_words(case.known, facts)
    if installed is not None and facts.least is not None and facts.below is not None:
        if older(installed, facts.least) or not older(installed, facts.below):
            if case.beside:
                yield case.caveat("cuda-beside", toolkit=wanted, installed=installed)
            else:
                yield case.reason("cuda", "cuda", cuda=facts.cuda or "", installed=installed)
        elif installed != facts.cuda and not installed.startswith(f"{facts.cuda}."):
            yield case.caveat("cuda-serves", cuda=facts.cuda or "", installed=installed)
        return
    if facts.cuda is not None:
        yield case.caveat("cuda-by-hand", toolkit=wanted)


def toolkit_in_words(index: Index, facts: ToolkitFacts) -> str:
    """Return a CUDA and the cuDNN beside it in words."""
    name = "toolkit-and-cudnn" if facts.cudnn else "toolkit-alone"
    return _named_toolkit(index.words[name], facts.cuda or "", facts.cudnn or "")


@lru_cache(maxsize=64)
def _named_toolkit(template: str, cuda: str, cudnn: str) -> str:
    return fill(template, cuda=cuda, cudnn=cudnn)  # a question asks hundreds, of a few toolkits


def problem(case: Comparison) -> Iterator[Remark]:
    """Reject what a known problem hits, with its reports and what people use instead."""
    for fault in case.problems:
        if _hits(fault, case.offer.device, case.offer.release):
            found = case.reason("problem", "problem", title=fault.title)
            yield found._replace(instead=tuple(fault.instead), sources=tuple(fault.sources))


def problems_of(index: Index, question: MachineQuestion) -> tuple[KnownProblem, ...]:
    """Return the problems that may hit what is asked for, whatever the release and the device, with
    the ways out that are for such a machine.
    """
    return tuple(
        fault._replace(instead=_ways_out(fault, question))
        for fault in index.problems
        if (not fault.platforms or question.platform() in fault.platforms)
        and (not fault.pythons or question.python in fault.pythons)
        and (not fault.capabilities or question.compute_capability in fault.capabilities)
        and (not fault.kinds or question.gpu_kind in fault.kinds)
        and not (fault.only_with == "xla" and question.xla == "off")
    )


def without_xla(case: Comparison) -> Iterator[Remark]:
    """Tell how XLA is left off, where an offer fits for that alone."""
    if case.question.xla != "off":
        return
    for fault in problems_of(case.known, case.question._replace(xla=None)):
        if fault.only_with == "xla" and _hits(fault, case.offer.device, case.offer.release):
            yield case.caveat("xla-off", title=fault.title)


def _ways_out(fault: KnownProblem, question: MachineQuestion) -> tuple[str, ...]:
    asked, python = question.compute_capability, question.python
    return tuple(
        text
        for text, (capabilities, pythons) in zip(fault.instead, fault.helps, strict=True)
        if (not capabilities or asked is None or asked in capabilities)
        and (not pythons or python is None or python in pythons)
    )


def _hits(fault: KnownProblem, device: str, release: int) -> bool:
    return fault.first <= release <= fault.last and (not fault.devices or device in fault.devices)


def wsl2(case: Comparison) -> Iterator[Remark]:
    """Tell that NVIDIA supports no GPU as old as this on WSL2, though some work."""
    minimum, asked = case.known.wsl2_least, case.question.compute_capability
    on_wsl2 = case.question.os == "wsl2" and case.offer.device == "cuda"
    if on_wsl2 and minimum and asked and older(asked, minimum):
        yield case.caveat("wsl2-old", least=minimum)


def plugin(case: Comparison) -> Iterator[Remark]:
    """Tell the plug-in that serves the GPU, and who says that the two go together."""
    if case.offer.plugin is not None:
        device = case.known.device_names[case.offer.device]
        yield case.because("plugin", device=device, plugin=case.offer.plugin)
        if case.offer.told_by in ("table", "report"):
            yield case.because(f"plugin-{case.offer.told_by}")


def glibc(case: Comparison, group: CellGroup) -> Iterator[Remark]:
    """Ask for the glibc that the wheel's tag demands."""
    yield from _demand(case, "glibc", group.glibc, case.question.glibc)


def macos(case: Comparison, group: CellGroup) -> Iterator[Remark]:
    """Ask for the macOS that the wheel's tag or the plug-in demands."""
    yield from _demand(case, "macos", group.macos, case.question.macos)


def _demand(
    case: Comparison, rule: Literal["glibc", "macos"], minimum: str | None, installed: str | None
) -> Iterator[Remark]:
    if minimum is None:
        return
    if installed is None:
        yield case.caveat(f"{rule}-any", least=minimum)
    elif older(installed, minimum):
        yield case.reason(rule, rule, least=minimum, installed=installed)


def standing(case: Comparison, group: CellGroup) -> Iterator[Remark]:
    """Reject what is broken; tell what is disputed."""
    if not group.pinned and not group.machines and group.standing in ("ok", "unknown"):
        return  # as nearly all do, and a question asks thousands
    asked = case.question
    own = recipe_for((asked,), group)
    stands = own.on(asked.os == "wsl2", asked.compute_capability)
    day, why, trust = stands.as_of or "", (stands.why or "").rstrip("."), stands.trust
    if stands.standing == "broken":
        if trust is None:
            yield case.reason("resolution", "resolution", why=why)
        else:
            yield case.reason("broken", "broken", day=day, why=why, trust=trust)
    elif stands.standing == "disputed":
        yield case.caveat("disputed", day=day, why=why)


def pins(case: Comparison, group: CellGroup) -> Iterator[Remark]:
    """Tell the pins that such a GPU needs; its set-up has them."""
    for pinned in group.pinned:
        if case.question.compute_capability is None:
            yield case.caveat("pin-any", below=pinned.below, pin=pinned.pin, reason=pinned.reason)
        elif applies(case.question, pinned):
            yield case.caveat("pin", pin=pinned.pin, reason=pinned.reason)


def applies(question: MachineQuestion, pinned: Pinned) -> bool:
    """Tell whether a pin under a condition holds for the GPU that is asked for."""
    asked = question.compute_capability
    return asked is not None and older(asked, pinned.below)


def recipe_for(questions: Sequence[MachineQuestion], group: CellGroup) -> CellGroup | Pinned:
    """Return what has the recipe for the GPUs that are asked about: a pin may change it."""
    changed = [pinned for pinned in group.pinned if any(applies(one, pinned) for one in questions)]
    return changed[-1] if changed else group


OF_OFFERS = (
    candidate,
    python,
    plugin,
    compute_capability,
    documented_capability,
    toolkit,
    driver,
    cuda,
    problem,
    without_xla,
    wsl2,
)
# Those that have a word for an offer without CUDA too.
OF_ALL_OFFERS = (candidate, python, plugin, problem, without_xla)
OF_CELLS = (glibc, macos, standing, pins)


def not_there(index: Index, question: MachineQuestion, device: str | None, release: int) -> Remark:
    """Tell why the series of a release has no build for a platform, or none for a device.

    A device that another platform has in this series is missing for the platform's sake.
    """
    platform, own = question.platform(), index.series[release]
    words = {"platform": index.platform_names.get(platform, platform)}
    if device is None:
        other = _of_same_series(index, question, release, platform)
        name = _span_words("platform", index.platforms.get(platform), own, words, other)
        instead, sources = index.without.get(platform, ((), ()))
        return Remark(
            kind="reason",
            rule="platform",
            template=index.words[name],
            words=tuple(words.items()),
            instead=tuple(instead),
            sources=tuple(sources),
        )
    words["device"] = index.device_names.get(device, device)
    other = _of_same_series(index, question, release, platform, device)
    name = _span_words("device", index.devices.get(f"{platform}/{device}"), own, words, other)
    elsewhere = any(
        known.endswith(f"/{device}") and _within(own, span) for known, span in index.devices.items()
    )
    rule: Rule = "platform" if elsewhere else "device"
    instead, sources = ((), ()) if name == "device-first" else index.elsewhere.get(device, ((), ()))
    for fault in problems_of(index, question):
        if fault.devices and _hits(fault, device, release):
            instead, sources = fault.instead, fault.sources
    found = Remark(kind="reason", rule=rule, template=index.words[name], words=tuple(words.items()))
    return found._replace(instead=tuple(instead), sources=tuple(sources))


def _within(version: str, span: SeriesSpan) -> bool:
    return not older(version, span.first) and not older(span.last, version)


def _span_words(
    kind: str, span: SeriesSpan | None, own: str, words: dict[str, str], other: str | None
) -> str:
    """Return the name of what to say of a span that a series lies outside of, or of the `other`
    release of the series that has what one lacks; adds its words.
    """
    if other is not None:
        words["release"] = other
        return f"{kind}-release"
    if span is None:
        return f"{kind}-none"
    if older(own, span.first):
        words["series"] = span.first
        return f"{kind}-first"
    if older(span.last, own):
        words.update(series=span.last, name=span.name)
        return f"{kind}-last"
    return f"{kind}-between"
