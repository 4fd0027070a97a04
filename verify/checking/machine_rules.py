"""The machine of a run: its system, its C library, its processor."""

import re
from collections.abc import Iterator

from kb.base.names import MARKERS
from kb.base.versions import key
from kb.facts.processors import instructions_used
from verify.checking.contribution import Contribution, Rule, moment

# What an x86-64 processor has that has another instruction set: AVX came after SSE 4.2, and so on.
_IMPLIES = {
    "sse4_2": ("sse4_1",),
    "avx": ("sse4_2",),
    "fma": ("avx",),
    "avx2": ("avx",),
    "avx512f": ("avx2", "fma"),
}
_KEPT = ("avx", "avx2", "avx512f", "fma", "sse4_1", "sse4_2")
_X86 = re.compile(r"\b(Intel|AMD|EPYC|Xeon|Ryzen|Celeron|Pentium|Core\(TM\)|VIA|ZHAOXIN|Hygon)\b")
_ARM = re.compile(r"\b(Apple M[0-9]|Neoverse|Cortex|Ampere|Graviton|Grace|ThunderX|Kunpeng|Arm)\b")
# TensorFlow names the instructions that a processor has and its build makes no use of.
_UNUSED = re.compile(
    r"(?:following instructions: |instructions in performance-critical operations: "
    r"|was not compiled to use: )([A-Z0-9_. ]+)"
    r"|wasn't compiled to use ([A-Z0-9_.]+) instructions"
)
_NAMED = {"SSE4.1": "sse4_1", "SSE4.2": "sse4_2", "AVX": "avx", "AVX2": "avx2", "FMA": "fma"}
_NAMED["AVX512F"] = "avx512f"
# What processors lack, by their names. AMD has AVX-512 from Zen 4 on, EPYC 7xx4 and Ryzen 7000
# (https://en.wikichip.org/wiki/amd/microarchitectures/zen_2 lists what Zen 2 has). Intel has AVX2
# and FMA from Haswell on, Xeon v3 (https://stackoverflow.com/tags/avx2/info), and AVX-512 after
# Broadwell, Xeon v4 (https://en.wikipedia.org/wiki/AVX-512).
_LACKS = (
    (re.compile(r"\bEPYC 7[0-9A-Z][0-9][123]"), ("avx512f",)),
    (re.compile(r"\bRyzen (?:Threadripper (?:PRO )?|[3579] (?:PRO )?)[1-5][0-9]{3}"), ("avx512f",)),
    (re.compile(r"\bXeon\(R\) CPU E[357]-[0-9]{4}[A-Z]? [vV][34]\b"), ("avx512f",)),
    (re.compile(r"\bCore\(TM\) i[3579]-[23][0-9]{3}[A-Z]{0,2}\b"), ("avx512f", "avx2", "fma")),
    # 79xx, 78xx and 98xx with an X are the same chips as in servers, and have it.
    (re.compile(r"\bCore\(TM\) i[3579]-[4-9][0-9]{3}(?!X)(?!U)[A-Z]{0,2}\b"), ("avx512f",)),
    (
        re.compile(r"\bXeon\(R\) CPU E[357]-[0-9]{4}[A-Z]?(?: 0| [vV]2) @"),
        ("avx512f", "avx2", "fma"),
    ),
)
# glibc has a release each half-year (https://sourceware.org/glibc/wiki/Glibc%20Timeline): 2.36 was
# that of August 2022. A release more is let in, for one may come early.
_GLIBC = (2022 * 2 + 1, 36)


def _platform(contribution: Contribution) -> Iterator[str]:
    run, runner = contribution.run, contribution.run.runner
    marks = MARKERS[run.platform]
    is_like_it = (runner.system, runner.machine) == (marks.platform_system, marks.platform_machine)
    if not is_like_it or marks.os_name == "nt":  # cells are run by bash: never on Windows
        yield f"a runner with {runner.system} {runner.machine} is not {run.platform}"
    if runner.wsl2 and runner.system != "Linux":
        yield f"WSL2 runs Linux, not {runner.system}"


def _glibc(contribution: Contribution) -> Iterator[str]:
    run, own = contribution.run, contribution.run.runner.glibc
    if run.runner.system != "Linux":
        if own is not None:
            yield f"{run.runner.system} has no glibc, and it names {own}"
        return
    if own is None:
        if run.wheel is not None and "manylinux" in run.wheel.file:
            yield f"it installed {run.wheel.file}, which needs glibc, and names none"
        return
    try:
        day = moment(run.started)
    except ValueError:
        return
    half_years = day.year * 2 + (day.month > 6) - _GLIBC[0]
    newest = _GLIBC[1] + half_years + 1
    if key(own) > key(f"2.{newest}") or not own.startswith("2."):
        yield f"there was no glibc {own} on {run.started[:10]}"


def _processor(contribution: Contribution) -> Iterator[str]:
    run, runner = contribution.run, contribution.run.runner
    flags, cpu = set(runner.flags), runner.cpu or ""
    if list(runner.flags) != sorted(flags) or not flags <= set(_KEPT):
        yield "the flags of its processor are not those that the probe keeps, in its order"
    if flags and runner.machine not in ("x86_64", "AMD64"):
        yield f"a processor for {runner.machine} has no {runner.flags[0]}"
    for flag in sorted(flags):
        for implied in _IMPLIES.get(flag, ()):
            if implied not in flags:
                yield f"a processor with {flag} has {implied} as well"
    other = _ARM if runner.machine == "x86_64" else _X86
    if runner.system == "Linux" and other.search(cpu):
        yield f"the processor {cpu} is not one for {runner.machine}"
    used = instructions_used(run.release, run.platform)
    if contribution.imported() and used and runner.system == "Linux" and used.flag not in flags:
        yield f"TensorFlow {run.release} ends at import without {used.flag}, which it does not list"


def _model(contribution: Contribution) -> Iterator[str]:
    runner = contribution.run.runner
    for pattern, lacked in _LACKS:
        if pattern.search(runner.cpu or ""):
            for flag in sorted(set(lacked) & set(runner.flags)):
                yield f"the processor {runner.cpu} has no {flag}, which it lists"


def _unused_instructions(contribution: Contribution) -> Iterator[str]:
    flags = set(contribution.run.runner.flags)
    told = {
        tuple("".join(found).split())
        for _, text in contribution.texts()
        for found in _UNUSED.findall(text)
    }
    for names in sorted(told):
        of_processor = {_NAMED[name.rstrip(".,")] for name in names if name.rstrip(".,") in _NAMED}
        for flag in sorted(of_processor - flags):
            yield f"TensorFlow saw {flag}, and its processor is said to have none"
        if len(names) > 1 and "AVX2" in names and "avx512f" in flags - of_processor:
            yield "its processor is said to have avx512f, and TensorFlow saw none"


RULES: tuple[Rule, ...] = (_platform, _glibc, _processor, _model, _unused_instructions)
