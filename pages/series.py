"""The page of one series: what it needs, how to set it up, how sure we are, and by what proof."""

from collections.abc import Iterable, Iterator

from kb.answers.releases import BuildAnswer
from kb.base.model import Device, LibraryPath, Pin, Platform, Python, Release, SeriesFile, ToolTrial
from kb.base.names import DEVICE_NAMES, PLATFORM_NAMES
from kb.base.record import Record
from kb.base.versions import Kind, kind
from kb.cells import shells
from kb.cells.cells import Cell
from kb.cells.recipe_id import recipe_id
from kb.cells.tools import Tool, ways
from kb.facts.claims import Source
from kb.facts.nightlies import NightlyBeside, nightlies_beside
from kb.lookup.answer import Answer
from kb.lookup.platforms import needs
from pages.rungs import MarkOfPythons, Target, by_mark, by_target, newest_first
from pages.systems import SYSTEMS, System


class Snippet(Record):
    """Text to copy into a shell, what it does, and what it prints when all is well."""

    title: str
    shell: str
    text: str
    expected: str = ""


class WayShown(Record):
    """How one tool sets a cell up: its snippets, what to know, and the source of that."""

    id: str
    tool: Tool
    snippets: tuple[Snippet, ...]
    note: str | None
    source: str | None


class PythonChoice(Record):
    """One cell as a person sets it up, by each tool."""

    id: str
    cell: Cell
    recipe: str
    ways: tuple[WayShown, ...]


class DeviceChoice(Record):
    """The cells of one system and device, the newest Python first, and the check of all."""

    id: str
    device: Device
    name: str
    choices: tuple[PythonChoice, ...]
    checks: tuple[tuple[Snippet, ...], ...]


class SystemChoice(Record):
    """What can be set up on one system. On WSL2, `needs_driver` tells whether something needs the
    driver of Windows, and `driver` is the minimum one, if it is known.
    """

    id: str
    system: System
    devices: tuple[DeviceChoice, ...]
    needs_driver: bool
    driver: str | None


def system_choices(answer: Answer, trials: tuple[ToolTrial, ...]) -> tuple[SystemChoice, ...]:
    """Return what can be set up, by system, device and Python; `trials` are those of its
    series, of set-ups by other tools than pip.
    """
    found: dict[Platform, list[tuple[Device, dict[Python, Cell]]]] = {}
    for (platform, device), cells in by_target(answer).items():
        found.setdefault(platform, []).append((device, cells))
    return tuple(
        _system(system, found[system.platform], answer, trials)
        for system in SYSTEMS
        if system.has_tab and system.platform is not None and system.platform in found
    )


def _system(
    system: System,
    targets: list[tuple[Device, dict[Python, Cell]]],
    answer: Answer,
    trials: tuple[ToolTrial, ...],
) -> SystemChoice:
    is_wsl2 = system.id != system.platform
    return SystemChoice(
        id=f"on-{system.id}",
        system=system,
        devices=tuple(_device(system, device, cells, trials) for device, cells in targets),
        needs_driver=is_wsl2 and any(device == "cuda" for device, _ in targets),
        driver=_driver_on_wsl2(answer) if is_wsl2 else None,
    )


def _driver_on_wsl2(answer: Answer) -> str | None:
    drivers = (
        build.driver.wsl2
        for build in answer.builds
        if build.driver and build.published.build.platform == "linux-x86_64"
    )
    return next(drivers, None)


def _device(
    system: System, device: Device, cells: dict[Python, Cell], trials: tuple[ToolTrial, ...]
) -> DeviceChoice:
    name = f"on-{system.id}-{device}"
    choices = tuple(_choice(f"{name}-{python}", cell, trials) for python, cell in cells.items())
    checks = tuple(dict.fromkeys(_checks(choice.cell) for choice in choices))
    return DeviceChoice(
        id=name, device=device, name=DEVICE_NAMES[device], choices=choices, checks=checks
    )


def _choice(name: str, cell: Cell, trials: tuple[ToolTrial, ...]) -> PythonChoice:
    shell = _shell(cell)
    shown = tuple(
        WayShown(
            id=f"{name}-{way.tool.lower()}",
            tool=way.tool,
            snippets=tuple(
                Snippet(title=text.title, shell=shell, text=text.text) for text in way.texts
            ),
            note=way.note,
            source=way.source,
        )
        for way in ways(cell.recipe, trials)
    )
    return PythonChoice(id=name, cell=cell, recipe=recipe_id(cell.recipe), ways=shown)


def _checks(cell: Cell) -> tuple[Snippet, ...]:
    commands = shells.check(cell.recipe)
    return tuple(
        Snippet(title=check.title, shell=_shell(cell), text=command, expected=check.expected)
        for check, command in zip(cell.recipe.checks, commands, strict=True)
    )


def _shell(cell: Cell) -> str:
    return "PowerShell" if shells.is_powershell(cell.recipe) else "bash"


class Grid(Record):
    """Pythons by platforms and devices; a cell is None where there is nothing."""

    targets: tuple[Target, ...]
    rows: tuple[tuple[Python, tuple[Cell | None, ...]], ...]


def grid(answer: Answer) -> Grid:
    """Return the grid of an answer's best cells."""
    cells = by_target(answer)
    pythons = newest_first(python for here in cells.values() for python in here)
    rows = tuple((python, tuple(here.get(python) for here in cells.values())) for python in pythons)
    return Grid(tuple(cells), rows)


class PinShown(Record):
    """A pin, and the platforms and Pythons of the cells that need it."""

    pin: Pin
    platforms: tuple[str, ...]
    pythons: tuple[Python, ...]


def pins(answer: Answer) -> tuple[PinShown, ...]:
    """Return the pins of an answer's cells, each once."""
    cells: dict[Pin, list[Cell]] = {}
    for cell in _cells(answer):
        for pin in cell.pins:
            cells.setdefault(pin, []).append(cell)
    return tuple(
        PinShown(
            pin,
            tuple(dict.fromkeys(PLATFORM_NAMES[cell.key.platform] for cell in hit)),
            newest_first(cell.key.python for cell in hit),
        )
        for pin, hit in cells.items()
    )


def library_paths(answer: Answer) -> tuple[LibraryPath, ...]:
    """Return why cells of an answer set a search path, each reason once."""
    return tuple(dict.fromkeys(cell.library_path for cell in _cells(answer) if cell.library_path))


class BuildShown(Record):
    """A build: who it is for, what it needs, and where its cells of each device stand."""

    build: BuildAnswer
    needs: str
    marks: tuple[tuple[Device, tuple[MarkOfPythons, ...]], ...]


def builds(answer: Answer) -> tuple[BuildShown, ...]:
    """Return every build of an answer."""
    shown = []
    for build in answer.builds:
        marks = tuple(
            (device, by_mark(cell for cell in build.cells if cell.key.device == device))
            for device in build.devices
        )
        shown.append(BuildShown(build, needs([build]), marks))
    return tuple(shown)


def nightlies(answer: Answer) -> tuple[NightlyBeside, ...]:
    """Return the nightlies of other projects that an answer's builds require, each once."""
    found = (one for build in answer.builds for one in nightlies_beside(build.published.says()))
    return tuple(dict.fromkeys(found))


class Patch(Record):
    """A release of the series: its distributions, its day, its withdrawn wheels and why; or a
    candidate or a nightly, as `kind` tells.
    """

    release: str
    kind: Kind
    released: str
    distributions: tuple[str, ...]
    yanked: tuple[tuple[str, str], ...]
    is_placeholder: bool


def patches(file: SeriesFile) -> tuple[Patch, ...]:
    """Return the releases of a series, the newest first."""
    by_name: dict[str, list[Release]] = {}
    for release in file.releases:
        by_name.setdefault(release.release, []).append(release)
    return tuple(
        Patch(
            release=name,
            kind=kind(name),
            released=min(release.released for release in by_name[name]),
            distributions=tuple(release.distribution for release in by_name[name]),
            yanked=tuple(_yanked(by_name[name])),
            is_placeholder=not any(release.builds for release in by_name[name]),
        )
        for name in newest_first(by_name)
    )


def _yanked(releases: list[Release]) -> Iterator[tuple[str, str]]:
    """Yield the distributions that withdrew wheels of a release, and why, each once."""
    found = {
        (release.distribution, wheel.yanked)
        for release in releases
        for build in release.builds
        for wheel in build.wheels
        if wheel.yanked is not None
    }
    yield from sorted(found)


class SourceShown(Record):
    """A source, and its anchor on the page."""

    anchor: str
    kind: str
    name: str
    source: Source


_KINDS = {
    "official": "The official pages",
    "index": "Wheels on the package index",
    "run": "Runs",
    "resolution": "Answers of the resolver",
}
_OTHERS = "Other sources"


def sources(answer: Answer) -> dict[str, tuple[SourceShown, ...]]:
    """Return the sources of an answer by kind."""
    found: dict[str, list[SourceShown]] = {title: [] for title in (*_KINDS.values(), _OTHERS)}
    for source, anchor in _anchors(answer.sources):
        kind, _, name = source.id.partition(":")
        found[_KINDS.get(kind, _OTHERS)].append(
            SourceShown(anchor=anchor, kind=kind, name=name, source=source)
        )
    return {title: tuple(here) for title, here in found.items() if here}


def _anchors(cited: Iterable[Source]) -> Iterator[tuple[Source, str]]:
    for number, source in enumerate(cited, 1):
        yield source, f"source-{number}"


def proof_links(answer: Answer, known_runs: frozenset[str], root: str) -> dict[str, str]:
    """Return where the proof of each source is to be seen: the run's page, or the page's list."""
    links = {}
    for source, anchor in _anchors(answer.sources):
        kind, _, name = source.id.partition(":")
        is_run = kind == "run" and name in known_runs
        links[source.id] = f"{root}runs/{answer.series}/#run-{name}" if is_run else f"#{anchor}"
    return links


def _cells(answer: Answer) -> Iterator[Cell]:
    for build in answer.builds:
        yield from build.cells
