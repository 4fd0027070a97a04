"""The JSON document that `python -m kb find --json` promises: its records, and how what was found
fills them. Fields may be added; none may go, and none may change its meaning.
"""

from typing import Literal

from kb.answers.comparison import AskedGpu, Remark, Rule
from kb.answers.found import Fit, Found, NearestChange, Other, Rejected
from kb.answers.published import OutsideBuild
from kb.base.json_values import json_text
from kb.base.model import Format
from kb.base.record import Record
from kb.base.versions import Kind
from kb.base.vocabulary import Arch, Os
from kb.index.words import Maker


class QuestionDocument(Record):
    """What was asked, and the platform that it comes to; what was not told is null. `release` is
    the release or the series that alone was asked about, `further_gpus` are those beside the
    first; `xla` is off where XLA is left off.
    """

    platform: str
    os: Os
    arch: Arch
    python: str | None
    device: Literal["cpu", "gpu"]
    maker: Maker
    gpu: str | None
    compute_capability: str | None
    driver: str | None
    cuda: str | None
    glibc: str | None
    macos: str | None
    gpu_kind: str | None
    release: str | None
    further_gpus: tuple[AskedGpu, ...] | None
    xla: Literal["off"] | None


class ReasonDocument(Record):
    """A reason against a series, by which rule; what to do instead, and who says so."""

    rule: Rule
    text: str
    instead: tuple[str, ...]
    sources: tuple[str, ...]


class RejectedDocument(Record):
    """A series that does not fit: its release that comes closest, and every reason against it. Of a
    series that has a candidate alone, `kind` says so.
    """

    release: str
    kind: Kind
    series: str
    reasons: tuple[ReasonDocument, ...]


class GpuDocument(Record):
    """A GPU that was asked about, the newest release that fits it alone, and what speaks against
    the newest one that does not, where that is newer.
    """

    gpu: str | None
    compute_capability: str | None
    maker: Maker
    answer: str | None
    reasons: tuple[ReasonDocument, ...]


class FindDocument(Record):
    """The answer, the newest fit that a run proves, the best fits of the other series, and the
    series that do not fit; each newest first. The answer is a candidate only where no release fits.
    `elsewhere` is what others publish outside the index. Where no release fits, `nearest` has the
    nearest changes with which one does, the cheapest first. `gpus` has each GPU by itself, `notes`
    what is to be minded of what was seen of this machine.
    """

    format: Format
    question: QuestionDocument
    answer: Fit | None
    proven: Fit | None
    also: tuple[Other, ...]
    rejected: tuple[RejectedDocument, ...]
    elsewhere: tuple[OutsideBuild, ...]
    nearest: tuple[NearestChange, ...]
    gpus: tuple[GpuDocument, ...]
    notes: tuple[str, ...]


def document(found: Found) -> str:
    """Return the JSON document of what was found."""
    return json_text(find_document(found))


def find_document(found: Found) -> FindDocument:
    """Return the document of what was found."""
    question = found.question
    return FindDocument(
        format=1,
        question=QuestionDocument(platform=question.platform(), **question._asdict()),
        answer=found.answer,
        proven=found.proven,
        also=found.also,
        rejected=tuple(map(_rejected, found.rejected)),
        elsewhere=found.elsewhere,
        nearest=found.nearest,
        gpus=tuple(
            GpuDocument(**{**gpu._asdict(), "reasons": _reasons(gpu.reasons)}) for gpu in found.gpus
        ),
        notes=found.notes,
    )


def _rejected(rejected: Rejected) -> RejectedDocument:
    return RejectedDocument(
        release=rejected.release,
        kind=rejected.kind,
        series=rejected.series,
        reasons=_reasons(rejected.reasons),
    )


def _reasons(reasons: tuple[Remark, ...]) -> tuple[ReasonDocument, ...]:
    return tuple(
        ReasonDocument(
            rule=reason.rule,
            text=reason.text,
            instead=reason.instead,
            sources=reason.sources,
        )
        for reason in reasons
        if reason.rule is not None
    )
