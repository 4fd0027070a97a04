"""Make every generated file of the site from what is known."""

from collections.abc import Iterator

from kb.base.model import Device
from kb.diff.answer import changes, titles_of
from kb.diff.page import Line, shown_lines
from kb.lookup.answer import Answer
from pages import matrix, others, series
from pages.errors import ErrorShown
from pages.facts import cuda_facts, maker_facts
from pages.feed import entries
from pages.knowledge import Knowledge
from pages.machine_files import machine_files
from pages.render import File, Renderer
from pages.rungs import MarkRange, newest_first, range_of_marks


def generate(knowledge: Knowledge, renderer: Renderer) -> Iterator[File]:
    """Yield every generated file: pages as Markdown, JSON for machines, badges, the feed and
    `llms.txt`.
    """
    yield from _overviews(knowledge, renderer)
    yield from _series_pages(knowledge, renderer)
    yield from _other_ends(knowledge, renderer)
    yield from _error_pages(knowledge, renderer)
    yield from _run_pages(knowledge, renderer)
    yield from machine_files(knowledge)
    yield renderer.page("feed.xml", "feed.xml.j2", entries=entries(knowledge))
    yield renderer.page(
        "llms.txt", "llms.txt.j2", answers=knowledge.released(), unreleased=knowledge.unreleased()
    )


def _overviews(knowledge: Knowledge, renderer: Renderer) -> Iterator[File]:
    newest = knowledge.released()
    panels = matrix.system_panels(knowledge)
    yield renderer.page(
        "index.md",
        "home.md.j2",
        newest=[(answer, _marks(answer, "cpu"), _marks(answer, "cuda")) for answer in newest[:6]],
        cuda={answer.series: cuda_facts(answer) for answer in newest[:6]},
        unreleased=knowledge.unreleased(),
        counts=matrix.counts(knowledge),
        runs=knowledge.runs,
        pythons=others.pythons(knowledge),
        gpus=_gpu_names(knowledge),
    )
    yield renderer.page(
        "find.md",
        "find.md.j2",
        pythons=others.pythons(knowledge),
        gpus=_gpu_names(knowledge),
        systems=panels,
    )
    yield renderer.page(
        "matrix.md",
        "matrix.md.j2",
        systems=panels,
        pythons=others.pythons(knowledge),
        cudas=tuple(others.by_cuda(others.cuda_builds(knowledge))),
    )
    yield renderer.page(
        "tf/index.md",
        "releases.md.j2",
        answers=tuple(a for a in knowledge.answers.values() if a.kind == "release"),
        unreleased=knowledge.unreleased(),
        cuda={name: cuda_facts(answer) for name, answer in knowledge.answers.items()},
    )
    yield renderer.page(
        "which-python-for-a-gpu.md",
        "question.md.j2",
        builds=[
            build
            for build in others.cuda_builds(knowledge)
            if build.platform in ("linux-x86_64", "windows-x86_64")
            and build.toolkit.cuda
            and build.kind == "release"
        ],
    )


def _gpu_names(knowledge: Knowledge) -> list[str]:
    names = {gpu.name for gpu in knowledge.gpus.gpus}
    return sorted(names | {gpu.name for gpu in knowledge.other_gpus.gpus}, key=str.lower)


def _marks(answer: Answer, device: Device) -> MarkRange | None:
    return range_of_marks(
        cell for build in answer.builds for cell in build.cells if cell.key.device == device
    )


def _series_pages(knowledge: Knowledge, renderer: Renderer) -> Iterator[File]:
    known_runs = frozenset(run.id for run in knowledge.runs)
    names = list(knowledge.answers)
    messages = _messages(knowledge)
    for position, (name, answer) in enumerate(knowledge.answers.items()):
        older = names[position + 1] if position + 1 < len(names) else None
        pythons = newest_first(python for build in answer.builds for python in build.pythons)
        yield renderer.page(
            f"tf/{name}.md",
            "series.md.j2",
            answer=answer,
            nightlies=series.nightlies(answer),
            pythons=pythons[::-1],
            cuda=cuda_facts(answer),
            makers=maker_facts(answer),
            systems=series.system_choices(
                answer,
                tuple(trial for trial in knowledge.trials if trial.release.startswith(f"{name}.")),
            ),
            grid=series.grid(answer),
            pins=series.pins(answer),
            library_paths=series.library_paths(answer),
            builds=series.builds(answer),
            patches=series.patches(knowledge.files[name]),
            sources=series.sources(answer),
            links=series.proof_links(answer, known_runs, "../../"),
            runs=tuple(run for run in knowledge.runs if run.series == name),
            messages=messages,
            newer=names[position - 1] if position else None,
            older=older,
            changed=older and _changed(knowledge.answers[older], answer),
        )


def _changed(older: Answer, answer: Answer) -> tuple[tuple[Line, ...], str | None]:
    """Return what changed since an older series, in lines."""
    return shown_lines(changes(older, answer), titles_of(older, answer))


def _messages(knowledge: Knowledge) -> dict[str, list[ErrorShown]]:
    """Return the error messages by which each problem shows."""
    found: dict[str, list[ErrorShown]] = {}
    for error in knowledge.errors:
        for problem in error.problems:
            found.setdefault(problem, []).append(error)
    return found


def _other_ends(knowledge: Knowledge, renderer: Renderer) -> Iterator[File]:
    tables = {
        python: others.python_table(knowledge, python) for python in others.pythons(knowledge)
    }
    yield renderer.page("python/index.md", "pythons.md.j2", tables=tables)
    for python, table in tables.items():
        yield renderer.page(f"python/{python}.md", "python.md.j2", python=python, table=table)
    yield from _toolkits(knowledge, renderer)
    gpus = [others.gpu_page(knowledge, capability) for capability in others.capabilities(knowledge)]
    yield renderer.page("gpu/index.md", "gpus.md.j2", gpus=gpus)
    for gpu in gpus:
        yield renderer.page(
            f"gpu/{gpu.capability}.md", "gpu.md.j2", gpu=gpu, messages=_messages(knowledge)
        )


def _toolkits(knowledge: Knowledge, renderer: Renderer) -> Iterator[File]:
    every = others.cuda_builds(knowledge)
    cudas, cudnns = others.by_cuda(every), others.by_cudnn(every)
    yield renderer.page("cuda/index.md", "cudas.md.j2", cudas=cudas, cudnns=cudnns)
    for product, versions in (("CUDA", cudas), ("cuDNN", cudnns)):
        for version, builds in versions.items():
            yield renderer.page(
                f"{product.lower()}/{version}.md",
                "cuda.md.j2",
                product=product,
                version=version,
                builds=builds,
            )


def _error_pages(knowledge: Knowledge, renderer: Renderer) -> Iterator[File]:
    yield renderer.page("errors/index.md", "errors.md.j2", errors=knowledge.errors)
    for error in knowledge.errors:
        yield renderer.page(f"errors/{error.id}.md", "error.md.j2", error=error)


def _run_pages(knowledge: Knowledge, renderer: Renderer) -> Iterator[File]:
    of_series = {
        name: tuple(run for run in knowledge.runs if run.series == name)
        for name in dict.fromkeys(run.series for run in knowledge.runs)
    }
    # of a candidate that is gone there are runs, and no page of its series
    in_order = {name: of_series[name] for name in newest_first(of_series)}
    yield renderer.page("runs/index.md", "runs.md.j2", runs=in_order)
    for name, runs in in_order.items():
        yield renderer.page(f"runs/{name}.md", "runs_series.md.j2", series=name, runs=runs)
