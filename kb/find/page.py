"""Write what was found for a person at a terminal: the answer first, how sure, what to mind, how to
set it up; in short why nothing newer fits. The rest is behind options.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from kb.answers.comparison import AskedGpu, MachineQuestion, older
from kb.answers.found import Fit, Found, Other, Rejected
from kb.base.names import KIND_NAMES, meaning_of
from kb.base.record import Record
from kb.cells.checks import checks
from kb.cells.rungs import RUNG_MEANINGS
from kb.find.outside import outside
from kb.find.why_not import every_reason, in_short
from kb.index.records import Index
from kb.terminal.checks import check_lines
from kb.terminal.layout import field, fields, indented, wrapped
from kb.terminal.program import NAME, program
from kb.terminal.style import Style

_IN_WORDS: dict[str, str] = {str(rung): of.in_words for rung, of in RUNG_MEANINGS.items()}
_COLUMN = 8
_MOST_MIND = 6  # lines of what to mind, before they are joined
_MOST_LINES = 40
_MOST_GROUPS = 3  # of series that do not fit
_ROOMY = _MOST_GROUPS + 1  # where what to mind has a line each as well
# What a nearest change of a field says better than a text that has the word.
_WORDS_OF_CHANGES = (("os", "WSL2"), ("xla", "XLA"))
_ALSO = 6  # releases that are named where many fit


class FindWanted(Record):
    """What is wanted of a page beside the answer: how to check it, and every reason."""

    checks: bool = False
    reasons: bool = False


NOTHING_MORE = FindWanted()


def page(found: Found, index: Index, style: Style, wanted: FindWanted = NOTHING_MORE) -> str:
    """Return the page that answers a question: the more there is to tell, the less is told of what
    does not fit, until it is short enough.
    """
    text = ""
    for most in range(_ROOMY, -1, -1):
        text = _page(found, index, style, wanted, most)
        if wanted != NOTHING_MORE or text.count("\n") < _MOST_LINES:
            break
    return text


def _page(found: Found, index: Index, style: Style, wanted: FindWanted, most: int) -> str:
    answer = found.answer
    parts = _none(found, index, style, most)
    if answer is not None:
        parts = _fits(found, answer, index, style, most)
    groups = min(most, _MOST_GROUPS)
    most_outside = len(found.elsewhere) if wanted.reasons else max(1, groups - 1)
    parts += [outside(found.elsewhere, style, most_outside), _instead(found, style)]
    is_of_one = found.question.release is not None and answer is None
    if wanted.reasons or is_of_one:
        parts.append(every_reason(found.rejected, found.question.release, style))
    elif groups and (newer := _newer(found)):
        title = "Why not newer" if found.answer else "Why not"
        parts.append([style.bold(title), *in_short(newer, index, style, groups)])
        parts[-1] += [f"  {line}" for line in _hints(found, wanted, style)]
    else:
        parts.append(_hints(found, wanted, style))
    if wanted.checks and answer is not None:
        steps = checks(answer.release, answer.device != "cpu", _kind(answer))
        parts.append(check_lines(steps, answer.check, style))
    return "\n\n".join("\n".join(part) for part in parts if part)


def _fits(found: Found, answer: Fit, index: Index, style: Style, most: int) -> list[list[str]]:
    head = [_title(answer, index, style), *_asked(found, index, style)]
    meaning = meaning_of(answer.distribution, answer.release, answer.platform)
    if meaning:
        text = f"{answer.distribution}: {meaning}."
        head += [style.dim(line) for line in wrapped(text, style.width)]
    return [
        head,
        _why(found, answer, style, most),
        _each_gpu(found, style, most),
        _set_up(answer, style),
        _also(found.also, style, most),
        _nearest(found, index, style),
    ]


def _none(found: Found, index: Index, style: Style, most: int) -> list[list[str]]:
    release = found.question.release
    title = "No release fits." if release is None else f"TensorFlow {release} does not fit."
    head = [style.bold(title), *_asked(found, index, style)]
    return [head, _each_gpu(found, style, most), _nearest(found, index, style)]


def _newer(found: Found) -> tuple[Rejected, ...]:
    """Return the series that do not fit and are newer than the answer; all where there is none."""
    answer = found.answer
    if answer is None:
        return found.rejected
    return tuple(own for own in found.rejected if older(answer.release, own.release))


def _hints(found: Found, wanted: FindWanted, style: Style) -> list[str]:
    texts = [] if wanted.checks or found.answer is None else ["To check it: --check"]
    texts += [] if wanted.reasons or not found.rejected else ["Every reason: --why"]
    return [style.dim("   ".join(texts))] if texts else []


def _asked(found: Found, index: Index, style: Style) -> list[str]:
    """Tell what was asked, and what is to be minded of it."""
    told = style.dim, _question(found.question, index)
    notes = [(style.warn, note) for note in found.notes]
    return [mark(line) for mark, text in (told, *notes) for line in wrapped(text, style.width)]


def _question(question: MachineQuestion, index: Index) -> str:
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
        ("XLA", question.xla),
    ):
        if value:
            parts.append(f"{label} {value}")
    return f"For {', '.join(parts)}."


def _gpu_name(gpu: AskedGpu) -> str:
    """Return the name of a GPU, with its compute capability or its kind."""
    name = gpu.gpu or "a GPU"
    capability = gpu.compute_capability
    kind = f"compute capability {capability}" if capability else gpu.gpu_kind
    return f"{name} ({kind})" if kind and kind.lower() not in name.lower() else name


def _each_gpu(found: Found, style: Style, most: int) -> list[str]:
    """Tell of each GPU by itself what fits it, where there are several."""
    verdicts = dict.fromkeys(zip(found.question.gpus(), found.gpus, strict=True))
    if len(verdicts) < 2:
        return []
    lines = [style.bold("Each GPU by itself")]
    for gpu, verdict in verdicts:
        text = f"{_gpu_name(gpu)}: {verdict.answer or 'nothing fits'}"
        if verdict.reasons and most:
            newer = "; for a newer one " if verdict.answer else ": "
            text += f"{newer}{verdict.reasons[0].text}"
        lines += indented(text, style, torn=True)
    return lines


def _title(fit: Fit, index: Index, style: Style) -> str:
    title = style.bold(f"{fit.distribution} {fit.release}")
    aside = "" if fit.kind == "release" else f" ({KIND_NAMES[fit.kind]})"
    device = index.device_names.get(fit.device, fit.device)
    return f"{title} on Python {fit.python}, {device}{aside}"


def _why(found: Found, fit: Fit, style: Style, most: int) -> list[str]:
    lines = field("Sure", fit.proof.sentence, _COLUMN, style)
    lines += _proven(found, style)
    if because := fit.because if most else fit.because[:1]:
        lines += field("Why", f"{'; '.join(because)}.", _COLUMN, style)
    caveats = tuple(text for text in _untold(fit) if text not in found.notes)
    return [*lines, *_mind(caveats, style, most)]


def _untold(fit: Fit) -> tuple[str, ...]:
    """Return what to mind but for the pins, whose reasons stand below the set-up."""
    pins = tuple(f"With {reason.partition(':')[0]}:" for reason in fit.setup_reasons)
    return tuple(text for text in fit.caveats if not (pins and text.startswith(pins)))


def _set_up(fit: Fit, style: Style) -> list[str]:
    """Return the commands, and below them why they ask for more than TensorFlow."""
    told = [line for reason in fit.setup_reasons for line in indented(reason, style)]
    return [*map(style.code, fit.setup), *map(style.dim, told)]


def _mind(caveats: tuple[str, ...], style: Style, most: int) -> list[str]:
    """Return what to mind: a line each, or where there is no room for that, one text."""
    lines = fields("Mind", caveats, _COLUMN, style)
    if most == _ROOMY or (len(lines) <= _MOST_MIND and most > 1):
        return lines
    return field("Mind", " ".join(caveats), _COLUMN, style)


def _proven(found: Found, style: Style) -> list[str]:
    """Tell the newest that a run proves, where that is another one; or else the newest with which
    a GPU of another kind computed.
    """
    proven, answer = found.proven, found.answer
    if proven is not None and (answer is None or _cell(proven) != _cell(answer)):
        what = f"{proven.distribution} {proven.release} on Python {proven.python}"
        run = f"a run on {proven.proof.where} {proven.proof.done}"
        vouched = f"{proven.proof.when}, {proven.proof.by}"
        text = f"The newest that a run proves is {what}: {run} ({vouched})."
        return field("", text, _COLUMN, style)
    if proven is not None or answer is None or answer.rung == "runs-gpu":
        return []
    seen = next((other for other in found.also if other.rung == "runs-gpu"), None)
    if seen is None:
        return []
    return field("", f"{seen.release}: {seen.sure[0].lower()}{seen.sure[1:]}", _COLUMN, style)


def _cell(fit: Fit) -> tuple[str, ...]:
    return fit.distribution, fit.release, fit.python, fit.device


def _kind(fit: Fit) -> str:
    """Return what TensorFlow calls the device: its check names it."""
    text = fit.check[0]
    return next((kind for kind in ("XPU", "DML") if f'"{kind}"' in text), "GPU")


def _also(also: tuple[Other, ...], style: Style, most: int) -> list[str]:
    certain = [other.release for other in also if other.certain]
    perhaps = [other.release for other in also if not other.certain]
    lines = _also_line("Also fits", certain, style, most)
    return lines + _also_line(
        "May fit, for their wheels do not state their code:", perhaps, style, most
    )


def _also_line(label: str, releases: list[str], style: Style, most: int) -> list[str]:
    """Return releases behind a label, a few lines at most; of many the newest and the oldest."""
    if not releases:
        return []
    text = ", ".join(releases)
    if len(f"{label} {text}") > min(most, 2) * style.width:
        text = f"{', '.join(releases[:_ALSO])} … {releases[-1]}: {len(releases)} series"
    return wrapped(f"{label} {text}", style.width, hanging=2)


def _nearest(found: Found, index: Index, style: Style) -> list[str]:
    """Tell the nearest changes with which a release fits, each with its command."""
    lines = [style.bold("What comes nearest")] if found.nearest else []
    for nearest in found.nearest:
        fit = nearest.answer
        aside = "" if fit.kind == "release" else f" ({KIND_NAMES[fit.kind]})"
        what = f"{fit.distribution} {fit.release}{aside}"
        if found.question.python is None and "Python" not in nearest.told:
            what += f" on Python {fit.python}"
        if fit.device != "cpu":
            what += f", {index.device_names.get(fit.device, fit.device)}"
        sure = f"{fit.rung} ({_IN_WORDS[fit.rung]})" if fit.rung else "unproven"
        if index.words["but-wsl2"] in fit.proof.sentence:
            sure += index.words["but-wsl2"]
        lines += indented(f"{nearest.told}: {what}; {sure}", style)
        lines.append("    " + style.code(nearest.command.replace(NAME, program(), 1)))
    return lines


def _instead(found: Found, style: Style) -> list[str]:
    """Tell what people use instead, where the newest series does not fit; and where none fits, what
    to do about the driver, if that speaks against one.
    """
    newest = next((series for series in found.rejected if series.kind == "release"), None)
    if newest is None or (found.answer and not older(found.answer.release, newest.release)):
        return []
    changes = [nearest.change for nearest in found.nearest]
    texts: Iterable[str] = (text for reason in newest.reasons for text in reason.instead)
    if found.answer is None and _goes_back(changes, found.question.driver):
        texts = [t for r in newest.reasons if r.rule != "driver" for t in r.instead]
    elif found.answer is None:
        texts = dict.fromkeys((*_about_driver(found), *texts))
    told = [build.command for build in found.elsewhere if build.command]
    told += [text for name, text in _WORDS_OF_CHANGES if any(name in change for change in changes)]
    texts = [text for text in texts if not any(words in text for words in told)]
    title = "For a newer release" if found.answer else "What people use instead"
    lines = [
        line for text in _without_or(tuple(texts)) for line in indented(text, style, torn=True)
    ]
    return [style.bold(title), *lines] if lines else []


def _without_or(texts: tuple[str, ...]) -> tuple[str, ...]:
    """Return texts of which the first begins with no `Or`: what stood before it is told already."""
    if texts and texts[0].startswith("Or "):
        return (texts[0][3].upper() + texts[0][4:], *texts[1:])
    return texts


def _goes_back(changes: Sequence[Mapping[str, object]], driver: str | None) -> bool:
    """Tell whether a nearest change is an older driver, which says what to do about it."""
    drivers = [str(change["driver"]) for change in changes if change.get("driver")]
    return driver is not None and any(older(other, driver) for other in drivers)


def _about_driver(found: Found) -> tuple[str, ...]:
    """Return what to do about the driver, by the newest series of which that is told."""
    releases = (series for series in found.rejected if series.kind == "release")
    reasons = (reason for series in releases for reason in series.reasons)
    told = (reason.instead for reason in reasons if reason.rule == "driver" and reason.instead)
    return next(told, ())
