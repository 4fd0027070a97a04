"""Is a contributed run possible? Rules hold it against itself and against the knowledge base, and
say in words what a contributor can do.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from kb.base.errors import DocumentError, NoCell
from kb.base.store import Store
from kb.base.versions import series
from kb.cells.cells import SeriesFacts, open_series_facts
from kb.facts.toolkits import NO_TOOLKIT, minimum_driver, toolkit
from kb.runs import run_file
from kb.runs.folder import Filed, filed
from verify.checking import (
    challenge_rules,
    gpu_rules,
    machine_rules,
    package_rules,
    printed_rules,
    privacy_rules,
    probe_rules,
    recipe_rules,
    time_rules,
)
from verify.checking.challenge_rules import before_challenges
from verify.checking.commits import Commits
from verify.checking.contribution import Contribution, KnownFacts, Rule
from verify.checking.copies import Durations
from verify.checking.recipe_rules import recipe_of
from verify.plan import find_on

_LINE = re.compile(r"\A([0-9]+):")
RULES: tuple[Rule, ...] = (
    *machine_rules.RULES,
    *recipe_rules.RULES,
    *package_rules.RULES,
    *printed_rules.RULES,
    *probe_rules.RULES,
    *gpu_rules.RULES,
    *time_rules.RULES,
    *privacy_rules.RULES,
    *challenge_rules.RULES,
)


class Reviewer:
    """Holds files against a knowledge base, of which each part is read once, and against the runs
    in a folder, where one is named.
    """

    def __init__(self, store: Store, now: datetime, runs: Path | None = None) -> None:
        self.store = store
        self.now = now
        self.durations = Durations(runs)
        self.commits = Commits(runs)
        self.known = KnownFacts(
            gpus=store.gpus().gpus,
            cuda=store.cuda(),
            libraries=store.libraries().libraries,
            problems=store.problems().problems,
        )
        self.series_facts: dict[str, SeriesFacts] = {}

    def faults(self, filed: Filed) -> Iterator[str]:
        """Yield what is wrong with a run, wherever it lies; nothing where it fits.

        Raises DocumentError.
        """
        if filed.raw != run_file.text(filed.run).encode():
            yield "its text is not what `verify run` writes; send the file as it was written"
        try:
            contribution = self._contribution(filed)
        except NoCell as error:
            yield str(error)
            return
        copied = self.durations.copied_from(filed)
        if copied is not None:
            yield f"it is a copy of {copied}: part by part it took as many milliseconds"
        without_sense = tuple(package_rules.unreadable(filed.run))
        yield from without_sense
        for rule in RULES if not without_sense else ():
            yield from rule(contribution)
        self.durations.add(filed)

    def _contribution(self, filed: Filed) -> Contribution:
        """Gather what a run is held against. Raises NoCell, DocumentError."""
        series_facts = self._series_facts(series(filed.run.release))
        offered = find_on(series_facts, filed.run.cell())
        is_cuda = filed.run.device == "cuda"
        tools = toolkit(series_facts.claims, offered.published) if is_cuda else NO_TOOLKIT
        return Contribution(
            run=filed.run,
            offered=offered,
            recipe=recipe_of(offered, filed.run),
            known=self.known,
            code=series_facts.code_of(offered.published),
            toolkit=tools,
            driver=minimum_driver(series_facts.claims, tools.cuda),
            installs=offered.cell.installs,
            pins=offered.cell.pins,
            commit=self.commits.of(filed.run.distribution, filed.run.release),
            before_challenges=filed.sha256 in before_challenges(),
            now=self.now,
        )

    def _series_facts(self, name: str) -> SeriesFacts:
        if name not in self.store.series_names():
            raise NoCell(f"there is no series {name}")
        if name not in self.series_facts:
            self.series_facts[name] = open_series_facts(self.store, self.store.series(name))
        return self.series_facts[name]


def verdict(reviewer: Reviewer, path: Path) -> tuple[Filed | None, tuple[str, ...]]:
    """Return the run in a file, None where it holds none, and every fault."""
    try:
        file = filed(path)
        return file, tuple(reviewer.faults(file))
    except DocumentError as error:
        return None, (_LINE.sub(r"line \1:", str(error).removeprefix(f"{path}:")).strip(),)


def misplaced(filed: Filed) -> Iterator[str]:
    """Yield what is wrong with the place of a file below a folder `runs`."""
    parts = filed.path.parts
    if "runs" in parts:
        below = Path(*parts[len(parts) - parts[::-1].index("runs") :])
        if below != filed.place:
            yield f"belongs at runs/{filed.place}; `python -m verify submit FILE` puts it there"
