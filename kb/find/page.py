"""Write what was found for a person at a terminal: the answer first, aligned, quiet."""

from collections import Counter
from itertools import groupby

from kb.answers.fit_rules import AskedGpu, MachineQuestion, Remark, older
from kb.answers.fits import Fit, Found, Other, Rejected
from kb.answers.published import OutsideBuild
from kb.base.names import KIND_NAMES
from kb.cells.checks import Check, checks
from kb.cells.rungs import RUNG_MEANINGS
from kb.index.records import Index
from kb.terminal.layout import beside, field, fields, indented, wrapped
from kb.terminal.program import NAME, program
from kb.terminal.style import Style

_IN_SHORT: dict[str, str] = {str(rung): of.in_short for rung, of in RUNG_MEANINGS.items()}
_COLUMN = 9
_REASONS = 16  # the column of them
_MOST = 8  # groups of series that do not fit
_MOST_PUBLISHED = 4


def page(found: Found, index: Index, style: Style) -> str:
    """Return the page that answers a question."""
    asked = wrapped(_asked(found.question, index), style.width)
    answer = found.answer
    if answer is None:
        release = found.question.release
        title = "No release fits." if release is None else f"TensorFlow {release} does not fit."
        head = _joined(style.bold(title), asked, style)
        notes = "\n".join(fields("Mind", found.notes, _COLUMN, style))
        parts = [head, notes, _each_gpu(found, style), _nearest(found, index, style)]
        parts += [_published(found, style), _instead(found, style)]
    else:
        head = _joined(_title(answer, index, style), asked, style)
        parts = [head, _why(found, answer, style), _each_gpu(found, style)]
        parts += [_set_up(answer, style)]
        parts += [*_checks(answer, style), _also(found.also, style)]
        parts += [_nearest(found, index, style)]
        parts += [_published(found, style), _instead(found, style)]
    parts += [_rejected(found, style)]
    return "\n\n".join(part for part in parts if part)


def _asked(question: MachineQuestion, index: Index) -> str:
    platform = index.platform_names.get(question.platform(), question.platform())
    parts = [f"{platform} (WSL2)" if question.os == "wsl2" else platform]
    if question.python:
        parts.append(f"Python {question.python}")
    if question.device == "cpu":
        parts.append("CPU; --device gpu asks for a GPU")
    else:
        counts = Counter(map(_gpu_name, question.gpus()))
        parts += [f"{number} x {name}" if number > 1 else name for name, number in counts.items()]
    for label, value in (
        ("driver", question.driver),
        ("CUDA", question.cuda),
        ("glibc", question.glibc),
        ("macOS", question.macos),
    ):
        if value:
            parts.append(f"{label} {value}")
    return f"For {', '.join(parts)}."


def _gpu_name(gpu: AskedGpu) -> str:
    """Return the name of a GPU, with its compute capability or its kind."""
    name = gpu.gpu or "a GPU"
    kind = (
        f"compute capability {gpu.compute_capability}" if gpu.compute_capability else gpu.gpu_kind
    )
    return f"{name} ({kind})" if kind and kind.lower() not in name.lower() else name


def _each_gpu(found: Found, style: Style) -> str:
    """Tell of each GPU by itself what fits it, where there are several."""
    verdicts = dict.fromkeys(zip(found.question.gpus(), found.gpus, strict=True))
    if len(verdicts) < 2:
        return ""
    lines = [style.dim("Each GPU by itself")]
    for gpu, verdict in verdicts:
        text = f"{_gpu_name(gpu)}: {verdict.answer or 'nothing fits'}"
        if verdict.reasons:
            text += (
                f"; for a newer one {verdict.reasons[0].text}"
                if verdict.answer
                else (f": {verdict.reasons[0].text}")
            )
        lines += indented(text, style, torn=True)
    return "\n".join(lines)


def _joined(title: str, asked: list[str], style: Style) -> str:
    return "\n".join([title, *map(style.dim, asked)])


def _title(fit: Fit, index: Index, style: Style) -> str:
    title = style.bold(f"{fit.distribution} {fit.release}")
    aside = "" if fit.kind == "release" else f" ({KIND_NAMES[fit.kind]})"
    device = index.device_names.get(fit.device, fit.device)
    return f"{title} on Python {fit.python}, {device}{aside}"


def _why(found: Found, fit: Fit, style: Style) -> str:
    lines = field("Sure", fit.proof.sentence, _COLUMN, style)
    lines += fields("Why", fit.because, _COLUMN, style)
    lines += fields("Mind", fit.caveats, _COLUMN, style)
    return "\n".join([*lines, *_proven(found, style)])


def _proven(found: Found, style: Style) -> list[str]:
    proven, answer = found.proven, found.answer
    if proven is None:
        text = "no run proves a release on a machine like this yet"
    elif answer is not None and proven == answer:
        text = "by a run" if found.question.release else "by a run; no newer release fits"
    else:
        what = f"{proven.distribution} {proven.release} on Python {proven.python}"
        run = f"a run {proven.proof.done}: {proven.proof.when}, {proven.trust}"
        text = f"the newest that a run proves is {what}: {run}"
    return field("Proven", text, _COLUMN, style)


def _set_up(fit: Fit, style: Style) -> str:
    return "\n".join([style.dim("Set up"), *map(style.code, fit.setup)])


def _checks(fit: Fit, style: Style) -> list[str]:
    steps: tuple[Check, ...] = checks(fit.release, fit.device != "cpu", _kind(fit))
    parts = []
    for number, (step, command) in enumerate(zip(steps, fit.check, strict=True), 1):
        head = style.dim(f"Check {number}: {step.title}")
        expected = [style.dim("Expected:"), *map(style.dim, step.expected.split("\n"))]
        parts.append("\n".join([head, style.code(command), *expected]))
    return parts


def _kind(fit: Fit) -> str:
    """Return what TensorFlow calls the device: its check names it."""
    text = fit.check[0]
    return next((kind for kind in ("XPU", "DML") if f'"{kind}"' in text), "GPU")


def _also(also: tuple[Other, ...], style: Style) -> str:
    certain = [other.release for other in also if other.certain]
    perhaps = [other.release for other in also if not other.certain]
    lines = [style.dim("Also fits")] if also else []
    lines += indented(", ".join(certain), style, torn=True)
    if perhaps:
        text = f"perhaps, for their wheels do not state their code: {', '.join(perhaps)}"
        lines += indented(text, style, torn=True)
    return "\n".join(lines)


def _nearest(found: Found, index: Index, style: Style) -> str:
    """Tell the nearest changes with which a release fits, each with its command."""
    lines = [style.warn("What comes nearest")] if found.nearest else []
    for nearest in found.nearest:
        fit = nearest.answer
        aside = "" if fit.kind == "release" else f" ({KIND_NAMES[fit.kind]})"
        what = f"{fit.distribution} {fit.release}{aside}, Python {fit.python}"
        sure = _IN_SHORT[fit.rung] if fit.rung else "unproven"
        device = index.device_names.get(fit.device, fit.device)
        lines += indented(f"{nearest.told}: {what}, {device}: {sure}", style)
        lines.append("    " + style.code(nearest.command.replace(NAME, program(), 1)))
    return "\n".join(lines)


def _published(found: Found, style: Style) -> str:
    """Tell what others publish outside the package index; no run of ours proves any of it."""
    if not found.elsewhere:
        return ""
    lines = [style.warn("Published elsewhere, and proven by no run of ours")]
    newest: dict[str, OutsideBuild] = {}
    for build in found.elsewhere:
        newest.setdefault(build.release, build)
    shown = list(newest.values())[:_MOST_PUBLISHED]
    for build in shown:
        lines += [""] if build is not shown[0] else []
        lines += indented(_publication(build), style, torn=True)
        if build.command is None:
            lines += ["  see:", style.code(build.address)]
        else:
            lines += map(style.code, _command(build.command))
    if more := len(found.elsewhere) - len(shown):
        lines += indented(f"{more} more; --json tells them all", style)
    return "\n".join(lines)


def _command(command: str) -> list[str]:
    """Lay a command of pip out, the place where it looks on a line of its own."""
    for option in (" -f ", " --extra-index-url "):
        asked, found, where = command.partition(option)
        if found:
            return [f"{asked} \\", f" {found}{where}"]
    return [command]


def _publication(build: OutsideBuild) -> str:
    told = [f"{build.distribution} {build.release} of {build.publisher}"]
    if build.needs:
        told.append(f"for {build.needs}")
    pythons = (
        f"Python {', '.join(build.python)}" if build.python else "for which Python is not known"
    )
    told.append(pythons)
    note = f": {build.note}" if build.note else ""
    where = f" ({_short(build.sources[0])})" if build.command else ""
    return f"{', '.join(told)}{note}{where}"


def _instead(found: Found, style: Style) -> str:
    """Tell what people use instead, where the newest series does not fit; and where none fits, what
    to do about the driver, if that speaks against one.
    """
    newest = next((series for series in found.rejected if series.kind == "release"), None)
    if newest is None or (found.answer and not older(found.answer.release, newest.release)):
        return ""
    texts = [text for reason in newest.reasons for text in reason.instead]
    if found.answer is None:
        texts = list(dict.fromkeys((*_about_driver(found), *texts)))
    title = "For a newer release" if found.answer else "What people use instead"
    lines = [line for text in texts for line in indented(text, style, torn=True)]
    return "\n".join([style.warn(title), *lines]) if lines else ""


def _about_driver(found: Found) -> tuple[str, ...]:
    """Return what to do about the driver, by the newest series of which that is told."""
    releases = (series for series in found.rejected if series.kind == "release")
    reasons = (reason for series in releases for reason in series.reasons)
    told = (reason.instead for reason in reasons if reason.rule == "driver" and reason.instead)
    return next(told, ())


def _rejected(found: Found, style: Style) -> str:
    rejected, asked = found.rejected, found.question.release
    if not rejected:
        return ""
    groups = [(reasons, list(group)) for (_, reasons), group in groupby(rejected, key=_group_key)]
    lines = [style.dim("Does not fit")]
    for reasons, group in groups[:_MOST]:
        lines += _group(asked or _span(group), reasons, style)
    older_ones = [rejection for _, group in groups[_MOST:] for rejection in group]
    if older_ones:
        lines += _group(_span(older_ones), ("Nor do these; --json tells every reason",), style)
    return "\n".join(lines)


def _span(group: list[Rejected]) -> str:
    if group[0].kind != "release":
        return group[0].release
    newest, oldest = group[0].series, group[-1].series
    return newest if newest == oldest else f"{oldest} to {newest}"


def _group(span: str, reasons: tuple[str, ...], style: Style) -> list[str]:
    lines: list[str] = []
    for text in reasons:
        head = "" if lines else f"  {span}"
        lines += beside(head.ljust(_REASONS), text, _REASONS, style, torn=True)
    return lines


def _group_key(rejection: Rejected) -> tuple[str, tuple[str, ...]]:
    """Return what series have in common that are told together; a candidate is told alone."""
    name = rejection.release if rejection.kind != "release" else ""
    return name, tuple(_reason(reason) for reason in rejection.reasons)


def _reason(reason: Remark) -> str:
    text = reason.text[0].upper() + reason.text[1:]
    return f"{text} ({_short(reason.sources[0])})" if reason.sources else text


def _short(address: str) -> str:
    """Write an address in short: an issue by its number, a file by its project, any other by its
    host.
    """
    short = address.removeprefix("https://")
    host, *path = short.split("/")
    if host == "gitlab.com":
        return short.partition("/-/")[0]
    if host != "github.com":
        return host
    owner_and_name = "/".join(path[:2])
    is_thread = len(path) == 4 and path[2] in ("issues", "pull")
    return f"{owner_and_name}#{path[3]}" if is_thread else owner_and_name
