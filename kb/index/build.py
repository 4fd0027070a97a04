"""Work `index.json` out from the knowledge base."""

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from kb.base.model import (
    CudaFile,
    Device,
    Platform,
    PluginSupport,
    Problem,
    Python,
    Release,
    WayOut,
)
from kb.base.names import DEVICE_NAMES, OWN, PLATFORM_NAMES, PREFERENCE
from kb.base.store import Store
from kb.base.versions import Kind, key, kind, series, strictest, within
from kb.base.vocabulary import CAPABILITY_FORMS, LEAST_DRIVER
from kb.cells import shells
from kb.cells.cells import Cell, PinnedRecipe, SeriesFacts, cell, open_series_facts
from kb.cells.plugins import Plugged, Plugins, plugged_recipe
from kb.cells.reasons import reasons
from kb.cells.recipes import Recipe
from kb.cells.rungs import PROVEN, RUNGS
from kb.cells.standing import Standing
from kb.cells.sureness import SURENESS_WORDS
from kb.facts import official, other_gpu_names
from kb.facts.builds import Published, and_cuda, devices, documented
from kb.facts.builds import published as builds_of
from kb.facts.gpu_code import BESIDE_ARM, TEGRA, THOR
from kb.facts.gpu_names import CUT, DELETED, aliases, data_centre_keys
from kb.facts.nightlies import nightlies_beside
from kb.facts.rocm import rocm_need
from kb.facts.toolkits import NO_TOOLKIT, Toolkit, documented_capability, minimum_driver
from kb.facts.toolkits import toolkit as toolkit_of
from kb.index import words as find_words
from kb.index.records import (
    CellGroup,
    Code,
    Index,
    KnownProblem,
    Offer,
    Pinned,
    PublishedFacts,
    RocmFacts,
    SeriesSpan,
    ToolkitFacts,
)
from kb.index.verdicts import brought, code_facts, minimum_python, serving, toolkit_verdicts

_Item = TypeVar("_Item")
_GRACE = "9.0"  # the oldest GPU beside a Grace processor, that of GH200


def build_index(store: Store) -> Index:
    """Return the index of a knowledge base. Raises DocumentError."""
    return _Builder(store).index()


class _Table(list[_Item]):
    """A list that holds each item once."""

    def __init__(self) -> None:
        super().__init__()
        self._positions: dict[_Item, int] = {}

    def position(self, item: _Item) -> int:
        """Return the position of an item, and add it where it is new."""
        if item not in self._positions:
            self._positions[item] = len(self)
            self.append(item)
        return self._positions[item]


def _is_of_find(way: WayOut) -> bool:
    """Tell whether `find` answers a way out itself: by a release, a nearest change, or a build that
    is published elsewhere.
    """
    words = ("pip install", "kb lookup", "--device cpu", "--compute-capability")
    return any(word in (way.command or "") for word in words)


def _without_pythons(ways: list[WayOut]) -> Iterator[WayOut]:
    """Yield ways out without the Pythons that they are for, by which `find` leaves them out."""
    return (way._replace(pythons=()) for way in ways)


class _Builder:
    """Gathers offers and the tables that they refer to."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._cuda: CudaFile = store.cuda()
        self._plugins = Plugins(store)
        self._pins = store.pins().pins
        self._rocm = store.rocm()
        self._capabilities = tuple(
            sorted({c for a in self._cuda.architectures for c in a.compute_capabilities}, key=key)
        )
        self._published = [
            (series_facts, published)
            for series_facts in (
                open_series_facts(store, store.series(n)) for n in store.series_names()
            )
            for published in builds_of(series_facts.series)
            if published.pythons()
        ]
        self._releases = sorted(
            {
                published.release.release
                for _, published in self._published
                if not _is_nightly(published)
            },
            key=key,
        )
        # the own distribution's day last, so that it counts where it has the release
        dated = sorted(self._published, key=lambda pair: pair[1].release.distribution == OWN)
        self._days = {
            published.release.release: published.release.released for _, published in dated
        }
        self._codes: _Table[Code] = _Table()
        self._toolkits: _Table[ToolkitFacts] = _Table()
        self._rocms: _Table[RocmFacts] = _Table()
        self._paths = store.library_paths().library_paths
        self._libraries = store.libraries().libraries
        self._setups: _Table[tuple[tuple[str, ...], tuple[str, ...]]] = _Table()
        self._checks: _Table[tuple[str, ...]] = _Table()

    def index(self) -> Index:
        offers, candidates = tuple(self._offers("release")), tuple(self._offers("candidate"))
        cuda = self._cuda
        nightly = self._newest_nightly()
        pythons = self._spans(offers, _python_names)
        pairs = self._store.plugin_pairs()
        elsewhere = self._store.elsewhere()
        without = {row.platform: row for row in elsewhere.platforms}
        return Index(
            words=find_words.WORDS,
            makers=find_words.MAKERS,
            maker_words=find_words.MAKER_WORDS,
            weak_maker_words=find_words.WEAK_MAKER_WORDS,
            arm_words=find_words.ARM_WORDS,
            arm_capabilities=tuple(c for c in self._capabilities if c in BESIDE_ARM),
            word_break=find_words.WORD_BREAK,
            capability_forms=CAPABILITY_FORMS,
            platform_of=find_words.PLATFORM_OF,
            windows_driver=find_words.WINDOWS_DRIVER,
            own_devices=find_words.OWN_DEVICES,
            platform_names={
                **{str(name): text for name, text in PLATFORM_NAMES.items()},
                **{platform: row.name for platform, row in without.items()},
            },
            device_names={str(name): text for name, text in DEVICE_NAMES.items()},
            rungs=RUNGS,
            least_proven=PROVEN,
            distributions=tuple(PREFERENCE),
            releases=tuple(self._releases),
            released=tuple(map(self._days.__getitem__, self._releases)),
            series=tuple(map(series, self._releases)),
            kinds=tuple(map(kind, self._releases)),
            capabilities=self._capabilities,
            knows={row.compute_capability: row.cuda for row in cuda.knows},
            served_by={r.compute_capability: r.served_by for r in cuda.knows if r.served_by},
            last={c: row.cuda for row in cuda.last_toolkits for c in row.compute_capabilities},
            maximum_drivers={
                capability: (row.branch, row.before, row.source)
                for row in cuda.maximum_drivers
                for capability in row.compute_capabilities
            },
            compat=tuple(
                (row.cuda, row.branch, row.on_branches, row.source)
                for row in reversed(cuda.forward_compatibility)
            ),
            first_branches=self._first_branches(),
            data_centre=data_centre_keys(self._store.gpus().gpus),
            least_driver=LEAST_DRIVER,
            wsl2_least=cuda.wsl2.compute_capability if cuda.wsl2 else None,
            wsl2_branch=cuda.wsl2.branch if cuda.wsl2 else None,
            platforms=self._spans(offers, lambda offer: [offer.platform]),
            devices=self._spans(offers, lambda offer: [f"{offer.platform}/{offer.device}"]),
            pythons=pythons,
            candidate_pythons=self._candidate_pythons(candidates, pythons),
            nightly=self._nightly(),
            nightly_release=nightly.release if nightly else None,
            nightly_day=nightly.released if nightly else None,
            elsewhere={row.device: (row.instead, row.sources) for row in pairs.elsewhere},
            without={name: (row.instead, row.sources) for name, row in without.items()},
            supported_kinds=_supported_kinds(pairs.support),
            rocm_on_wsl2=self._rocm.first_on_wsl2,
            container_glibc=find_words.CONTAINER_GLIBC,
            change_costs=find_words.CHANGE_COSTS,
            changes_apart=find_words.CHANGES_APART,
            asking_devices=find_words.ASKING_DEVICES,
            plain_word=find_words.PLAIN_WORD,
            quotable_word=find_words.QUOTABLE_WORD,
            gpus=self._gpus(),
            other_gpus=self._other_gpus(),
            other_gpu_deleted=other_gpu_names.DELETED,
            gpu_target=other_gpu_names.TARGET,
            gpu_board=other_gpu_names.BOARD,
            gpu_deleted=DELETED,
            gpu_cut=CUT,
            codes=tuple(self._codes),
            toolkits=tuple(self._toolkits),
            rocms=tuple(self._rocms),
            published=tuple(PublishedFacts(**row._asdict()) for row in elsewhere.published),
            problems=tuple(self._problems(offers)),
            checks=tuple(self._checks),
            setups=tuple(setup for setup, _ in self._setups),
            setup_reasons=tuple(told for _, told in self._setups),
            offers=offers,
            candidates=candidates,
        )

    def _offers(self, wanted: Kind) -> Iterator[Offer]:
        for series_facts, published in self._published:
            if kind(published.release.release) != wanted:
                continue
            served = devices(series_facts.series, published)
            tools = toolkit_of(series_facts.claims, published) if "cuda" in served else NO_TOOLKIT
            for device in served:
                yield self._offer(series_facts, published, device, tools)
            yield from self._plugged_offers(published)

    def _offer(
        self, series_facts: SeriesFacts, published: Published, device: Device, tools: Toolkit
    ) -> Offer:
        code = toolkit = rocm = None
        if device == "rocm":
            rocm = self._rocms.position(self._rocm_facts(published.release.release))
        if device == "cuda":
            held = series_facts.code_of(published)
            code = self._codes.position(code_facts(held, self._capabilities, self._cuda.ptx))
            toolkit = self._toolkits.position(self._toolkit(series_facts, published, tools))
        row = documented(
            series_facts.series, published.release.release, published.build.platform, device
        )
        listed = official.pythons(row.row) if row and device in ("cpu", "cuda") else None
        groups = [
            (python, self._cell(published, cell(series_facts, published, tools, python, device)))
            for python in published.pythons()
        ]
        return Offer(
            distribution=published.release.distribution,
            release=self._releases.index(published.release.release),
            platform=published.build.platform,
            device=device,
            code=code,
            toolkit=toolkit,
            plugin=None,
            told_by=None,
            listed=listed,
            least_python=minimum_python(published.build.says),
            rocm=rocm,
            nightlies=tuple(map(tuple, nightlies_beside(published.says()))),
            cells=_grouped(groups),
        )

    def _plugged_offers(self, published: Published) -> Iterator[Offer]:
        found: dict[str, list[tuple[Plugged, Python]]] = {}
        for python in published.pythons():
            for plugged in self._plugins.of(published, python):
                found.setdefault(plugged.distribution, []).append((plugged, python))
        for pairs in found.values():
            for plugin in dict.fromkeys(plugged.requirement() for plugged, _ in pairs):
                same = [pair for pair in pairs if pair[0].requirement() == plugin]
                cells = [
                    (python, self._plugged_cell(published, python, plugged))
                    for plugged, python in same
                ]
                yield Offer(
                    distribution=published.release.distribution,
                    release=self._releases.index(published.release.release),
                    platform=published.build.platform,
                    device=same[0][0].kind.device,
                    code=None,
                    toolkit=None,
                    plugin=plugin.replace("==", " "),
                    told_by=same[0][0].told_by,
                    listed=None,
                    least_python=minimum_python(published.build.says),
                    rocm=None,
                    nightlies=tuple(map(tuple, nightlies_beside(published.says()))),
                    cells=_grouped(cells),
                )

    def _cell(self, published: Published, found: Cell) -> CellGroup:
        standing = found.standing
        rule, why = _against(standing, found.why())
        return self._group(
            published,
            found.recipe,
            CellGroup(
                pythons=(),
                rung=standing.rung,
                standing=standing.standing,
                rule=rule,
                day=standing.as_of if rule else None,
                why=why,
                glibc=None,
                macos=None,
                setup=0,
                check=0,
                pinned=tuple(map(self._pinned, found.pinned)),
                as_of=standing.as_of,
                trust=standing.trust,
                runners=standing.runners,
                machines=standing.machines,
            ),
        )

    def _plugged_cell(self, published: Published, python: Python, plugged: Plugged) -> CellGroup:
        group = CellGroup(
            pythons=(),
            rung=plugged.rung,
            standing="unknown",
            rule=None,
            day=None,
            why=None,
            glibc=plugged.glibc,
            macos=plugged.macos,
            setup=0,
            check=0,
            pinned=(),
            as_of=plugged.source.read,
            trust=None,
            runners=0,
            machines=(),
        )
        return self._group(published, plugged_recipe(published, python, plugged, self._pins), group)

    def _group(self, published: Published, recipe: Recipe, group: CellGroup) -> CellGroup:
        """Fill in the demands of the wheel, the set-up and the check."""
        code = published.code or published.build
        python = recipe.cell.python
        wheels = [
            wheel
            for build in (published.build, code)
            for wheel in build.wheels
            if python in wheel.python and wheel.yanked is None
        ]
        return group._replace(
            glibc=strictest([group.glibc, *(wheel.glibc for wheel in wheels)]),
            macos=strictest([group.macos, *(wheel.macos for wheel in wheels)]),
            setup=self._set_up(recipe),
            check=self._checks.position(shells.check(recipe)),
        )

    def _set_up(self, recipe: Recipe) -> int:
        """Return the place of a recipe's set-up, and of the reasons for what it asks for."""
        told = reasons(recipe, self._pins, self._paths)
        return self._setups.position((setup_template(recipe), told))

    def _pinned(self, own: PinnedRecipe) -> Pinned:
        standing = own.standing
        rule, why = _against(standing, standing.why)
        return Pinned(
            below=own.pin.compute_capability_below or "",
            pin=own.pin.pin,
            reason=own.pin.reason,
            setup=self._set_up(own.recipe),
            rung=standing.rung,
            standing=standing.standing,
            rule=rule,
            as_of=standing.as_of,
            trust=standing.trust,
            why=why,
            runners=standing.runners,
            machines=standing.machines,
        )

    def _toolkit(
        self, series_facts: SeriesFacts, published: Published, tools: Toolkit
    ) -> ToolkitFacts:
        requires = and_cuda(published.says())
        libraries = brought(published.says(), requires) if requires else tools.cuda
        driver = minimum_driver(series_facts.claims, tools.cuda)
        serves = serving(tools.cuda, self._libraries)
        return ToolkitFacts(
            cuda=tools.cuda,
            cudnn=tools.cudnn_documented or tools.cudnn_built,
            brings=bool(requires),
            least=serves.minimum if serves else None,
            below=serves.below if serves else None,
            linux=driver.linux if driver else None,
            windows=driver.windows if driver else None,
            wsl2=driver.wsl2 if driver else None,
            patches=tuple((p.cuda, p.linux, p.windows) for p in driver.patches) if driver else (),
            documented=documented_capability(series_facts.claims, published),
            verdicts=toolkit_verdicts(
                libraries, self._cuda.knows, self._capabilities, self._cuda.last_toolkits
            ),
        )

    def _rocm_facts(self, release: str) -> RocmFacts:
        need = rocm_need(self._rocm, release)
        hardware = need.hardware
        return RocmFacts(
            rocm=need.rocm,
            targets=need.targets(),
            supported=hardware.supported if hardware else None,
            deprecated=hardware.deprecated if hardware else (),
            unsupported=hardware.unsupported if hardware else (),
        )

    def _problems(self, offers: tuple[Offer, ...]) -> Iterator[KnownProblem]:
        for problem in self._store.problems().problems:
            if problem.rejects:
                first, last = self._first_and_last(problem)
                ways = [way for way in problem.way_out if not _is_of_find(way)]
                if first <= last:
                    yield KnownProblem(
                        title=problem.title,
                        first=first,
                        last=last,
                        platforms=problem.platforms,
                        devices=problem.devices,
                        pythons=problem.pythons,
                        capabilities=problem.compute_capabilities,
                        instead=tuple(way.text for way in _without_pythons(ways)),
                        sources=problem.sources,
                        kinds=problem.kinds,
                        helps=tuple(self._helps(way, offers) for way in ways),
                        only_with=problem.only_with,
                    )

    def _helps(
        self, way: WayOut, offers: tuple[Offer, ...]
    ) -> tuple[tuple[str, ...], tuple[Python, ...]]:
        """Return the compute capabilities and the Pythons of the machines that a way out is for;
        none where it is for all.
        """
        if "wsl2" in way.presupposes:
            fitting = self._fitting_in_wsl2(offers)
            pythons = [own for own in fitting.values() if own]
            both = set.intersection(*pythons) if pythons else set[Python]()
            return tuple(c for c, own in fitting.items() if own), tuple(sorted(both, key=key))
        found = self._capabilities
        if "jetson" in way.presupposes:
            return tuple(c for c in found if c in TEGRA), way.pythons
        if "grace" in way.presupposes:
            beside_grace = (c for c in found if key(c) >= key(_GRACE) and c != THOR)
            return tuple(beside_grace), way.pythons
        return (), way.pythons

    def _fitting_in_wsl2(self, offers: tuple[Offer, ...]) -> dict[str, set[Python]]:
        """Return the Pythons for which a release serves each compute capability in WSL2."""
        least = self._cuda.wsl2.compute_capability if self._cuda.wsl2 else None
        known = [problem for problem in self._store.problems().problems if problem.rejects]
        fitting: dict[str, set[Python]] = {}
        for number, capability in enumerate(self._capabilities):
            if capability in TEGRA or (least and key(capability) < key(least)):
                continue
            hitting = [p for p in known if capability in (p.compute_capabilities or (capability,))]
            fitting[capability] = {
                python
                for offer in offers
                if (offer.platform, offer.device) == ("linux-x86_64", "cuda")
                and self._serves(offer, number)
                and not any(self._is_hit(problem, offer) for problem in hitting)
                for group in offer.cells
                if group.standing != "broken"
                for python in group.pythons
            }
        return fitting

    def _serves(self, offer: Offer, capability: int) -> bool:
        code = None if offer.code is None else self._codes[offer.code]
        tools = None if offer.toolkit is None else self._toolkits[offer.toolkit]
        return all(own is None or own.verdicts[capability] != "x" for own in (code, tools))

    def _is_hit(self, problem: Problem, offer: Offer) -> bool:
        return (
            offer.device in (problem.devices or (offer.device,))
            and offer.platform in (problem.platforms or (offer.platform,))
            and within(self._releases[offer.release], *problem.releases)
        )

    def _first_and_last(self, problem: Problem) -> tuple[int, int]:
        first, last = problem.releases
        positions = [
            position
            for position, release in enumerate(self._releases)
            if (first is None or key(first) <= key(release))
            and (last is None or key(release) <= key(last))
        ]
        return (positions[0], positions[-1]) if positions else (1, 0)

    def _spans(
        self, offers: tuple[Offer, ...], names: Callable[[Offer], list[str]]
    ) -> dict[str, SeriesSpan]:
        """Return the first and the last series of what each offer has a name for."""
        last: dict[str, Offer] = {}
        first: dict[str, Offer] = {}
        for offer in sorted(offers, key=lambda o: (o.release, -PREFERENCE[o.distribution])):
            for name in names(offer):
                first.setdefault(name, offer)
                last[name] = offer
        return {
            name: SeriesSpan(
                self._series(first[name]),
                self._series(last[name]),
                last[name].plugin
                or f"{last[name].distribution} {self._releases[last[name].release]}",
            )
            for name in sorted(first)
        }

    def _series(self, offer: Offer) -> str:
        return series(self._releases[offer.release])

    def _first_branches(self) -> dict[str, str]:
        """Return the driver branch of the first CUDA that knows each compute capability; a Tegra
        has drivers of its own.
        """
        branches = {row.cuda: row.branch for row in self._cuda.ptx}
        return {
            row.compute_capability: branches[row.cuda]
            for row in self._cuda.knows
            if row.cuda in branches and row.compute_capability not in TEGRA
        }

    def _gpus(self) -> dict[str, tuple[str, ...]]:
        """Return the aliases of the GPUs of each compute capability."""
        found: dict[str, list[str]] = {}
        for name, capabilities in sorted(aliases(self._store.gpus().gpus).items()):
            for capability in capabilities:
                found.setdefault(capability, []).append(name)
        return {capability: tuple(found[capability]) for capability in sorted(found, key=key)}

    def _candidate_pythons(
        self, candidates: tuple[Offer, ...], pythons: dict[str, SeriesSpan]
    ) -> dict[str, dict[Python, str]]:
        found: dict[str, dict[Python, str]] = {}
        for offer in sorted(candidates, key=lambda o: (o.release, -PREFERENCE[o.distribution])):
            for name in _python_names(offer):
                platform, _, python = name.split("/")
                if f"{platform}/cpu/{python}" not in pythons:
                    found.setdefault(platform, {})[python] = self._releases[offer.release]
        return found

    def _other_gpus(self) -> dict[str, dict[str, tuple[str, ...]]]:
        """Return the aliases of the GPUs of each other maker and kind."""
        found: dict[str, dict[str, tuple[str, ...]]] = {}
        named = other_gpu_names.aliases(self._store.other_gpus().gpus)
        for (maker, gpu_kind), names in named.items():
            found.setdefault(maker, {})[gpu_kind] = names
        return found

    def _nightly(self) -> dict[Platform, tuple[Python, ...]]:
        found: dict[Platform, set[Python]] = {}
        for _, published in self._published:
            if _is_nightly(published):
                found.setdefault(published.build.platform, set()).update(published.pythons())
        return {name: tuple(sorted(found[name], key=key)) for name in sorted(found)}

    def _newest_nightly(self) -> Release | None:
        nightlies = [offer.release for _, offer in self._published if _is_nightly(offer)]
        return max(nightlies, key=lambda release: key(release.release), default=None)


def _python_names(offer: Offer) -> list[str]:
    return [
        f"{offer.platform}/{offer.device}/{python}"
        for group in offer.cells
        for python in group.pythons
    ]


def _supported_kinds(
    support: tuple[PluginSupport, ...],
) -> dict[str, dict[str, tuple[str, ...]]]:
    """Return the kinds of GPUs that each device's plug-in was tried on, by how it stands."""
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    for row in support:
        found.setdefault(row.device, {})[row.standing] = row.kinds
    return found


def _is_nightly(published: Published) -> bool:
    return kind(published.release.release) == "nightly"


def _against(standing: Standing, why: str | None) -> tuple[str | None, str | None]:
    """Return by which rule a standing speaks against a cell, and why; None where it does not."""
    if standing.standing not in ("broken", "disputed"):
        return None, None
    if standing.trust is None:
        return "resolution", why or SURENESS_WORDS["why-unresolved"]
    return "broken", why


def _grouped(cells: list[tuple[Python, CellGroup]]) -> tuple[CellGroup, ...]:
    """Bring together the cells that differ in their Python alone."""
    groups: dict[CellGroup, list[Python]] = {}
    for python, group in cells:
        groups.setdefault(group, []).append(python)
    return tuple(group._replace(pythons=tuple(pythons)) for group, pythons in groups.items())


def setup_template(recipe: Recipe) -> tuple[str, ...]:
    """Return the set-up of a recipe with `{python}` and `{release}` in their places."""
    release, python = recipe.cell.release, recipe.cell.python
    replacements: tuple[tuple[Any, str], ...] = (
        (f"tf-{release}", "tf-{release}"),
        (f"=={release}", "=={release}"),
        (f"python{python}", "python{python}"),
        (f"py -{python}", "py -{python}"),
    )
    commands = []
    for command in shells.setup(recipe):
        text = command
        for found, replacement in replacements:
            text = text.replace(found, replacement)
        commands.append(text)
    return tuple(commands)
