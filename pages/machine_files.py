"""What machines read: JSON, badges, and `llms.txt`."""

from collections.abc import Iterator
from typing import Any

from kb.base.findings import way_out_document
from kb.base.json_values import json_line
from kb.base.model import Problem
from kb.base.names import PLATFORM_NAMES
from kb.base.record import Record
from kb.base.versions import spans
from kb.lookup.answer import Answer
from kb.lookup.document import lookup_document
from pages.api_documents import (
    GpusDocument,
    OverviewDocument,
    ProblemEntry,
    ProblemsDocument,
    RunEntry,
    RunsDocument,
    SeriesEntry,
    api_schema,
)
from pages.facts import cuda_facts
from pages.knowledge import Knowledge
from pages.render import File
from pages.rungs import by_mark
from pages.runs import RunShown

API = "api/v1"
_COLOURS = {
    "": "lightgrey",
    "documented": "lightgrey",
    "shipped": "lightgrey",
    "resolves": "blue",
    "disputed": "orange",
    "broken": "red",
}


def machine_files(knowledge: Knowledge) -> Iterator[File]:
    """Yield every file that machines read, but for `llms.txt`."""
    yield _file(f"{API}/index.json", _overview(knowledge))
    yield _file(f"{API}/schema.json", api_schema())
    yield File(f"{API}/find.json", knowledge.index_text)
    yield _file(f"{API}/gpus.json", GpusDocument(1, knowledge.gpus.gpus))
    problems = tuple(map(_problem, knowledge.problems.problems))
    yield _file(f"{API}/problems.json", ProblemsDocument(1, problems))
    yield _file(f"{API}/runs.json", RunsDocument(1, tuple(map(_run, knowledge.runs))))
    for name, answer in knowledge.answers.items():
        yield _file(f"{API}/series/{name}.json", lookup_document(answer))
        yield _file(f"badges/{name}.json", _badge(answer))


def _file(path: str, content: Record | dict[str, Any]) -> File:
    return File(path, json_line(content) + "\n")


def _overview(knowledge: Knowledge) -> OverviewDocument:
    return OverviewDocument(
        format=1,
        promise="Within v1, fields are added and never renamed, removed or given another sense.",
        schema="schema.json",
        files={name: f"{name}.json" for name in ("find", "gpus", "problems", "runs")},
        series=tuple(map(_entry, knowledge.answers.values())),
    )


def _entry(answer: Answer) -> SeriesEntry:
    platforms = {build.published.build.platform for build in answer.builds}
    return SeriesEntry(
        series=answer.series,
        release=answer.release,
        kind=answer.kind,
        released=answer.released,
        nightly=answer.kind == "nightly",
        python=_pythons(answer),
        cuda=tuple(sorted({facts.cuda for facts in cuda_facts(answer) if facts.cuda})),
        platforms=tuple(platform for platform in PLATFORM_NAMES if platform in platforms),
        file=f"series/{answer.series}.json",
    )


def _problem(problem: Problem) -> ProblemEntry:
    own = problem._asdict() | {"way_out": tuple(way.text for way in problem.way_out)}
    return ProblemEntry(**own, ways_out=tuple(map(way_out_document, problem.way_out)))


def _run(run: RunShown) -> RunEntry:
    return RunEntry(
        id=run.id,
        distribution=run.distribution,
        release=run.release,
        platform=run.platform,
        python=run.python,
        device=run.device,
        recipe=run.recipe,
        started=run.started,
        outcome=run.outcome,
        proves=run.proves,
        why=run.why,
        trust=run.trust,
        runner=run.runner,
    )


def _pythons(answer: Answer) -> tuple[str, ...]:
    return tuple(dict.fromkeys(python for build in answer.builds for python in build.pythons))


def _badge(answer: Answer) -> dict[str, Any]:
    """Return what a shield shows: where the CPU cells of the series stand on the platform that is
    named first, Python by Python; the surest gives the colour where all are alike.
    """
    of_cpu = [c for build in answer.builds for c in build.cells if c.key.device == "cpu"]
    platform = next((p for p in PLATFORM_NAMES if any(c.key.platform == p for c in of_cpu)), None)
    groups = by_mark(cell for cell in of_cpu if cell.key.platform == platform)
    message, colour = "unknown", "lightgrey"
    if platform is not None and any(group.mark for group in groups):
        parts = [
            f"{group.mark.name if group.mark else 'unknown'} on Python {spans(list(group.pythons))}"
            for group in groups
        ]
        message = f"{', '.join(parts)}, {PLATFORM_NAMES[platform]}"
        least = groups[-1].mark
        colour = _COLOURS.get(least.name if least else "", "brightgreen")
    return {
        "schemaVersion": 1,
        "label": f"TensorFlow {answer.series}",
        "message": message if answer.kind == "release" else f"{answer.release}: {message}",
        "color": colour,
    }
