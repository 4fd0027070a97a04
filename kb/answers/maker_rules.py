"""The rules of `find` for the GPUs of AMD and Intel: does the code serve it, and what is needed
first. Each is a small function, as those of `kb.answers.fit_rules`, and rejects by their rules: a
kind of GPU stands for a compute capability here, ROCm for a toolkit.
"""

from collections.abc import Iterator

from kb.answers.comparison import Comparison, Remark, older


def rocm(case: Comparison) -> Iterator[Remark]:
    """Tell the ROCm that a wheel needs; on WSL2 an old one knows no GPU."""
    facts = case.rocm()
    if facts is None:
        return
    first = case.known.rocm_on_wsl2
    if facts.rocm is None:
        yield case.caveat("rocm-unknown")
    elif case.question.os == "wsl2" and first is not None and older(facts.rocm, first):
        yield case.reason("toolkit", "rocm-wsl2", rocm=facts.rocm, first=first)
    else:
        yield case.caveat("rocm-by-hand", rocm=facts.rocm)


def rocm_code(case: Comparison) -> Iterator[Remark]:
    """Ask for code for the GPU's target."""
    facts, kind = case.rocm(), case.question.gpu_kind
    if facts is None:
        return
    if not facts.targets:
        yield case.caveat("rocm-code-unread")
        return
    targets = ", ".join(facts.targets)
    if kind is None:
        named = case.question.gpu is not None
        yield case.caveat("rocm-code-unnamed" if named else "rocm-code-any", targets=targets)
    elif kind in facts.targets:
        yield case.because("rocm-code", kind=kind)
    else:
        yield case.reason("compute-capability", "rocm-no-code", kind=kind, targets=targets)


def rocm_hardware(case: Comparison) -> Iterator[Remark]:
    """Hold the GPU against AMD's list of those that the ROCm supports; an old one has no list."""
    facts, kind = case.rocm(), case.question.gpu_kind
    if facts is None or facts.rocm is None or kind is None:
        return
    words = {"rocm": facts.rocm, "kind": kind}
    if facts.supported is None:
        yield case.caveat("rocm-no-list", **words)
    elif kind in facts.unsupported:
        yield case.reason("toolkit", "rocm-unsupported", **words)
    elif kind in facts.deprecated:
        yield case.caveat("rocm-deprecated", **words)
    elif kind in facts.supported:
        yield case.because("rocm-supported", **words)
    else:
        yield case.caveat("rocm-unlisted", **words)


def tried_kinds(case: Comparison) -> Iterator[Remark]:
    """Tell on which kinds of GPUs the plug-in's maker tried it."""
    by_standing, kind = case.known.supported_kinds.get(case.offer.device), case.question.gpu_kind
    if by_standing is None:
        return
    if kind is None:
        named = ", ".join(name for names in by_standing.values() for name in names)
        yield case.caveat("kind-unnamed", named=named)
    elif kind in by_standing.get("verified", ()):
        yield case.because("kind-verified", kind=kind)
    elif kind in by_standing.get("experimental", ()):
        yield case.caveat("kind-experimental", kind=kind)
    else:
        named = ", ".join(name for names in by_standing.values() for name in names)
        yield case.caveat("kind-unjudged", kind=kind, named=named)


def directml(case: Comparison) -> Iterator[Remark]:
    """Tell that no list says which GPUs DirectML serves."""
    if case.offer.device == "directml":
        yield case.caveat("directml-unjudged")


OF_MAKERS = (rocm, rocm_code, rocm_hardware, tried_kinds, directml)
