"""The rule of `find` for NVIDIA's drivers: is one new enough for the CUDA, the PTX and the GPU, and
not too new for the GPU. A small function a part, as in `kb.answers.fit_rules`.
"""

from collections.abc import Iterator

from kb.answers.comparison import Comparison, Remark, older
from kb.answers.drivers import (
    LastBranch,
    forward_compatibility,
    is_before_gpu,
    is_past,
    last_branch,
)
from kb.index.records import CodeCounts, ToolkitFacts
from kb.index.words import fill


def driver(case: Comparison) -> Iterator[Remark]:
    """Ask for the minimum driver of the build's CUDA, and for one that still serves the GPU; on
    WSL2 the driver is that of Windows.
    """
    facts, asked = case.toolkit(), case.question.driver
    if facts is None:
        return
    minimum, counts = minimum_driver(case, facts), case.counts()
    last = last_branch(case.known, case.question.compute_capability)
    if last is not None:
        ended = _with_last_branch(case, facts, minimum, last)
        yield from ended
        if any(remark.kind == "reason" for remark in ended):
            return
    unknown = list(_knows_gpu(case, minimum))
    yield from unknown
    if unknown and (asked is not None or minimum is not None):
        return
    asks_more = _asks_more(case, counts, minimum)
    if counts is not None and asks_more:
        yield from _compiles(case, counts, facts.cuda)
    if facts.cuda is not None and (minimum is None or not asks_more):
        yield from _old_enough(case, facts, facts.cuda, minimum)
    if counts is not None and leaves_lone_ptx(case, counts):
        yield _lone_ptx(case, counts)


def _with_last_branch(
    case: Comparison, facts: ToolkitFacts, minimum: str | None, last: LastBranch
) -> tuple[Remark, ...]:
    """Return what speaks against an offer where drivers have ended for the GPU, or else the last
    branch where no driver is told; one remark or none.
    """
    asked, (branch, before, source) = case.question.driver, last
    words = {"branch": branch, "capability": case.question.compute_capability or ""}
    if asked is not None and is_past(asked, last):
        instead = fill(case.known.words["driver-newest-instead"], **words)
        found = case.reason("driver", "driver-newest", driver=asked, **words)
        return (found._replace(instead=(instead,), sources=(source,)),)
    if not case.has_no_code():
        if minimum is not None and is_past(minimum, last):
            words |= {"cuda": facts.cuda or "", "least": minimum}
            return (case.reason("driver", "driver-none", **words),)
        first = case.known.wsl2_branch if case.question.os == "wsl2" else None
        if first is not None and is_past(first, last):
            return (case.reason("driver", "driver-none-wsl2", first=first, **words),)
    if asked is None:
        return (case.caveat("driver-newest-any", before=before, **words),)
    return ()


def _knows_gpu(case: Comparison, minimum: str | None) -> Iterator[Remark]:
    """Ask for a driver that is not older than the first CUDA that knows the GPU, where no more is
    asked for anyway: only then can a machine have such a GPU and a driver that fits.
    """
    asked, capability = case.question.driver, case.question.compute_capability or ""
    first, counts = case.known.first_branches.get(capability), case.counts()
    if first is None or (minimum is not None and not older(minimum, first)):
        return
    words = {"branch": first, "capability": capability}
    if asked is None:
        if counts is None or counts.branch is None or older(counts.branch, first):
            yield case.caveat("driver-first-any", **words)
    elif is_before_gpu(case.known, asked, capability):
        words["first"] = case.known.knows[capability]
        yield case.reason("driver", "driver-first", driver=asked, **words)


def _asks_more(case: Comparison, counts: CodeCounts | None, minimum: str | None) -> bool:
    """Tell whether the driver that compiles a wheel's PTX is newer than the minimum for its CUDA,
    and not asked for in vain, the driver at hand being older than both.
    """
    if counts is None or counts.branch is None:
        return False
    if minimum is None:
        return True
    asked = case.question.driver
    return older(minimum, counts.branch) and (asked is None or not older(asked, minimum))


def _compiles(case: Comparison, counts: CodeCounts, cuda: str | None) -> Iterator[Remark]:
    """Ask for a driver that compiles the PTX of a wheel for a GPU."""
    asked, branch = case.question.driver, counts.branch or ""
    words = {
        "capability": case.question.compute_capability or "",
        "branch": branch,
        "newest": str(counts.newest),
        "objects": str(counts.objects),
    }
    if asked is None:
        on_windows = case.question.os in case.known.windows_driver
        yield case.caveat("driver-ptx-any-windows" if on_windows else "driver-ptx-any", **words)
    elif older(asked, branch):
        found = case.reason("driver", "driver-ptx", driver=asked, **words)
        yield found if cuda is None else with_compat(case, cuda, asked, found)
    else:
        yield case.because("driver-ptx-fits", driver=asked, **words)


def leaves_lone_ptx(case: Comparison, counts: CodeCounts) -> bool:
    """Tell whether the driver at hand does not compile objects of PTX alone."""
    asked, branch = case.question.driver, counts.lone_branch
    return asked is not None and branch is not None and older(asked, branch)


def _lone_ptx(case: Comparison, counts: CodeCounts) -> Remark:
    words = {
        "lone": str(counts.lone),
        "objects": str(counts.objects),
        "branch": counts.lone_branch or "",
    }
    return case.caveat("driver-ptx-lone", driver=case.question.driver or "", **words)


def minimum_driver(case: Comparison, facts: ToolkitFacts) -> str | None:
    """Return the minimum driver of a CUDA on the system that is asked for, or None; of patches that
    ask for different drivers that of the newest.
    """
    if case.question.os == "wsl2":
        return facts.wsl2
    return facts.windows if case.question.os == "windows" else facts.linux


def _old_enough(
    case: Comparison, facts: ToolkitFacts, cuda: str, minimum: str | None
) -> Iterator[Remark]:
    """Ask that a driver is not older than the minimum for a CUDA."""
    asked, on_windows = case.question.driver, case.question.os in case.known.windows_driver
    if minimum is None:
        branch = case.known.wsl2_branch
        if case.question.os == "wsl2" and branch is not None:
            if asked is not None and older(asked, branch):
                yield case.caveat("driver-wsl2-older", driver=asked, branch=branch)
            else:
                yield case.caveat("driver-wsl2-unknown", cuda=cuda, branch=branch)
    elif asked is None:
        yield case.caveat("driver-any-windows" if on_windows else "driver-any", least=minimum)
    elif not older(asked, minimum):
        yield case.because("driver-fits", driver=asked, least=minimum, cuda=cuda)
    else:
        patches = [
            (patch, windows if on_windows else linux) for patch, linux, windows in facts.patches
        ]
        for patch, least in patches:
            if not older(asked, least):
                words = {"patch": patches[0][0], "least": minimum, "driver": asked}
                yield case.caveat("driver-patch", earlier=patch, **words)
                return
        least = patches[-1][1] if patches else minimum
        if asked == least.partition(".")[0]:
            yield case.reason("driver", "driver-branch", driver=asked, least=least, cuda=cuda)
            return
        name = "driver-windows" if on_windows else "driver"
        found = case.reason("driver", name, driver=asked, least=least, cuda=cuda)
        yield with_compat(case, cuda, asked, found)


def with_compat(case: Comparison, cuda: str, asked: str, found: Remark) -> Remark:
    """Return a reason against an older driver with what NVIDIA's cuda-compat can do, under Linux
    and for the GPUs that it serves.
    """
    question = case.question
    if question.os != "linux":
        return found
    counts = case.counts()
    advice = forward_compatibility(
        case.known,
        cuda,
        asked,
        question.gpu,
        question.compute_capability,
        compiles=counts.branch if counts else None,
    )
    if advice is None:
        return found
    text, source = advice
    return found._replace(instead=(text,), sources=(source,))
