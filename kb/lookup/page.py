"""Write an answer for a person at a terminal: the answer first, aligned, quiet."""

from collections.abc import Iterable, Iterator

from kb.answers.releases import BuildAnswer, best
from kb.base.model import Architecture, Capabilities, CudaFile, Device, Platform
from kb.base.names import DEVICE_NAMES, KIND_NAMES, OWN, PLATFORM_NAMES
from kb.base.versions import key, spans, strictest
from kb.cells import shells
from kb.cells.cells import Cell
from kb.cells.ranking import surest
from kb.cells.recipes import Recipe
from kb.cells.rungs import RUNG_MEANINGS
from kb.facts import gpu_code
from kb.facts.claims import Contradiction, Statement
from kb.facts.gpu_code import BuildCode
from kb.facts.nightlies import nightlies_beside
from kb.facts.toolkits import MinimumDriver
from kb.lookup.answer import Answer
from kb.lookup.makers import PluginOffer, plugin_texts, rocm_text, told_by
from kb.machine.glance import MachineGlance
from kb.terminal.layout import beside, field, indented, table, wrapped
from kb.terminal.style import Style

_COLUMN = 11
_RELEASE = "\0"  # where a release stands in what a contradiction is about
_CUDA_LABELS = ("CUDA", "cuDNN", "Driver", "GPUs")


def page(answer: Answer, machine: MachineGlance, style: Style) -> str:
    """Return the page that answers a look-up."""
    parts = [_title(answer, style)]
    if answer.builds:
        parts.append(_glance(answer, style))
        parts.append(_platforms(answer, style))
    parts += [
        _placeholders(answer, style),
        _contradictions(answer, style),
        _problems(answer, style),
        _notes(answer, style),
    ]
    if answer.builds:
        parts.append(_beside(answer, style))
        parts.append(_recipe(answer, machine, style))
    return "\n\n".join(part for part in parts if part)


def _title(answer: Answer, style: Style) -> str:
    if not answer.whole_series:
        what = "released" if answer.kind == "release" else f"{KIND_NAMES[answer.kind]}, uploaded"
        return f"{style.bold(f'TensorFlow {answer.release}')}, {what} {answer.released}"
    newest = f"newest {KIND_NAMES[answer.kind]} {answer.release}, of {answer.released}"
    return f"{style.bold(f'TensorFlow {answer.series}')}, {newest}"


def _glance(answer: Answer, style: Style) -> str:
    own = [b for b in answer.builds if b.published.release.distribution == OWN] or answer.builds
    pythons = {python for build in own for python in build.pythons}
    lines = field("Python", spans(sorted(pythons)), _COLUMN, style)
    groups = _cuda_groups(answer)
    if not groups:
        devices = [DEVICE_NAMES[d] for d in _served(answer) if d != "cpu"]
        alone = "by a plug-in alone" if answer.plugins else "none: these builds compute on the CPU"
        text = ", ".join(devices) or alone
        lines += field("GPU", text, _COLUMN, style)
    for facts, builds in groups.items():
        where = f" ({_where(builds)})" if len(groups) > 1 else ""
        for label, text in zip(_CUDA_LABELS, facts, strict=True):
            lines += field(label, text + (where if label == "CUDA" else ""), _COLUMN, style)
    for own in answer.rocm:
        lines += field("ROCm", rocm_text(own), _COLUMN, style)
    for title, text in plugin_texts(answer.plugins or ()):
        lines += field(title, text, _COLUMN, style)
    return "\n".join(lines)


def _served(answer: Answer) -> tuple[Device, ...]:
    return tuple(d for d in DEVICE_NAMES if any(d in build.devices for build in answer.builds))


def _where(builds: list[BuildAnswer]) -> str:
    platforms = dict.fromkeys(PLATFORM_NAMES[b.published.build.platform] for b in builds)
    releases = dict.fromkeys(
        f"{b.published.release.distribution} {b.published.release.release}" for b in builds
    )
    return f"{', '.join(platforms)}: {', '.join(releases)}"


def _cuda_groups(answer: Answer) -> dict[tuple[str, ...], list[BuildAnswer]]:
    """Group the CUDA builds of which the same can be said."""
    groups: dict[tuple[str, ...], list[BuildAnswer]] = {}
    for build in answer.builds:
        if "cuda" in build.devices:
            groups.setdefault(_cuda(build, answer.cuda), []).append(build)
    return groups


def _cuda(build: BuildAnswer, cuda: CudaFile) -> tuple[str, ...]:
    """Return what is to be said under each of the _CUDA_LABELS."""
    return (
        _cuda_version(build),
        _cudnn(build),
        _driver(build.driver),
        _gpus(build, cuda),
    )


def _cuda_version(build: BuildAnswer) -> str:
    text = build.toolkit.cuda or "unknown: the wheel does not say"
    other = build.other_cuda
    return f"{text}; its recipe installs {other.cuda} (resolved {other.since})" if other else text


def _driver(minimum: MinimumDriver | None) -> str:
    if minimum is None:
        return "unknown for this CUDA"
    if minimum.wsl2 == minimum.windows:
        on_windows = f"on Windows and WSL2 {minimum.windows} or newer"
    else:
        wsl2 = f"{minimum.wsl2} or newer" if minimum.wsl2 else "unknown"
        on_windows = f"on Windows {minimum.windows} or newer; on WSL2 {wsl2}"
    return f"{minimum.linux} or newer; {on_windows}"


def _cudnn(build: BuildAnswer) -> str:
    tools, found = build.toolkit, build.installs
    resolved = found and found.cudnn != tools.cudnn_installed and found
    versions = [
        f"{version} {verb}"
        for version, verb in (
            (tools.cudnn_documented, "tested"),
            (tools.cudnn_built, "built with"),
            (tools.cudnn_installed, "installed by and-cuda"),
            (
                resolved and resolved.cudnn,
                f"installed by its recipe (resolved {resolved.since})" if resolved else "",
            ),
        )
        if version
    ]
    return ", ".join(versions) or "unknown: the wheel does not say"


def _gpus(build: BuildAnswer, cuda: CudaFile) -> str:
    code = build.code
    if code is None:
        return _not_read(build.documented_capability)
    if not code.objects:
        return _declared(code.declared or Capabilities((), ()), cuda.architectures)
    everywhere, partly = gpu_code.throughout(code), gpu_code.partly(code)
    counts = dict.fromkeys(everywhere, code.of) | partly
    native = tuple(sorted(counts, key=key))
    groups: dict[int, list[str]] = {}
    for capability in native:
        named = "/".join(_served_by(capability, native, cuda.architectures))
        groups.setdefault(counts[capability], []).append(f"{capability} {named}".strip())
    texts = [
        f"{', '.join(names)} in {'all ' if count == code.of else ''}{count}"
        for count, names in groups.items()
    ]
    texts[0] += " objects" if everywhere else f" of {code.of} objects"
    return "; ".join(texts + _ptx(code, cuda))


def _not_read(documented: str | None) -> str:
    silent = "this wheel does not state its compute capabilities, nor was its code read"
    if documented is None:
        return f"unknown: {silent}"
    return f"{documented} or higher, says TensorFlow's page of its day; {silent}"


def _ptx(code: BuildCode, cuda: CudaFile) -> list[str]:
    """Tell the PTX of the highest capability, which newer GPUs get compiled."""
    highest = gpu_code.highest_ptx(code)
    if highest is None:
        return []
    branch = gpu_code.first_branch(highest.version, cuda.ptx)
    by = f" by driver {branch} or newer" if branch else ""
    capability, objects = highest.compute_capability, highest.objects
    return [f"PTX for {capability} and newer in {objects}, compiled at first use{by}"]


def _declared(capabilities: Capabilities, architectures: tuple[Architecture, ...]) -> str:
    named = [
        f"{capability} {'/'.join(_served_by(capability, capabilities.native, architectures))}"
        for capability in capabilities.native
    ]
    text = ", ".join(name.strip() for name in named)
    if not capabilities.ptx:
        return text
    return f"{text}; newer ones by PTX {capabilities.ptx[-1]}, compiled at first use"


def _served_by(
    capability: str, native: tuple[str, ...], architectures: tuple[Architecture, ...]
) -> list[str]:
    """Name the architectures that machine code for a capability serves: those of its major
    version from its minor version on, up to the next capability that has code of its own.
    """
    ends = [key(other) for other in native if key(other) > key(capability)]
    return [
        architecture.name
        for architecture in reversed(architectures)
        if any(
            own.partition(".")[0] == capability.partition(".")[0]
            and key(capability) <= key(own)
            and all(key(own) < end for end in ends)
            for own in architecture.compute_capabilities
        )
    ]


def _platforms(answer: Answer, style: Style) -> str:
    rows = [("Platform", "Python", "Needs", "CPU", "GPU")]
    for platform, name in PLATFORM_NAMES.items():
        builds = [b for b in answer.builds if b.published.build.platform == platform]
        if builds:
            pythons = {python for build in builds for python in build.pythons}
            first, *more = [*_gpu_sureness(builds), *_plugged(answer, platform)] or ["-"]
            rows.append(
                (name, spans(sorted(pythons)), _needs(builds), _highest(builds, "cpu"), first)
            )
            rows += [("", "", "", "", gpu) for gpu in more]
    return "\n".join([*table(rows, style), *_trust(answer, style)])


def _trust(answer: Answer, style: Style) -> list[str]:
    """Say whom to believe for the rungs that runs prove."""
    trusts = {cell.standing.trust for build in answer.builds for cell in build.cells} - {None}
    if not trusts:
        return []
    trust = "in part self-reported" if len(trusts) > 1 else trusts.pop()
    return [style.dim(f"  What runs prove here is {trust}.")]


def _needs(builds: list[BuildAnswer]) -> str:
    """Return the minimum glibc or macOS with which every wheel of TensorFlow's own installs."""
    own = [b for b in builds if b.published.release.distribution == "tensorflow"]
    return needs(own or builds) or "-"


def needs(builds: list[BuildAnswer]) -> str:
    """Return the minimum glibc or macOS with which every wheel of these builds installs; empty
    where their tags demand neither.
    """
    wheels = [wheel for build in builds for wheel in build.published.build.wheels]
    for name, versions in (
        ("glibc", [wheel.glibc for wheel in wheels]),
        ("macOS", [wheel.macos for wheel in wheels]),
    ):
        if minimum := strictest(versions):
            return f"{name} {minimum}"
    return ""


def _gpu_sureness(builds: list[BuildAnswer]) -> list[str]:
    """Return how sure we are of each kind of GPU on one platform."""
    gpus = []
    for device, title in DEVICE_NAMES.items():
        served = [build for build in builds if device in build.devices]
        if device == "cpu" or not served:
            continue
        cuda = next((b.toolkit.cuda for b in served if b.toolkit.cuda), None)
        gpus.append(f"{f'{title} {cuda}' if cuda else title}: {_highest(served, device)}")
    return gpus


def _plugged(answer: Answer, platform: Platform) -> list[str]:
    """Return how sure we are of each plug-in on one platform."""
    offers = [offer for offer in answer.plugins or () if offer.platform == platform]
    return list(dict.fromkeys(f"{DEVICE_NAMES[o.device]}: {o.rung}" for o in offers))


def _highest(builds: list[BuildAnswer], device: Device) -> str:
    found = surest(c for build in builds for c in build.cells if c.key.device == device)
    if found is None or found.standing.rung is None:
        return "-"
    return "broken" if found.standing.standing == "broken" else found.standing.rung


def _placeholders(answer: Answer, style: Style) -> str:
    lines = []
    for placeholder in answer.placeholders:
        name = f"{placeholder.distribution} {placeholder.release}"
        lines += indented(f"{name} is only an sdist placeholder: it has no wheel.", style)
    return "\n".join(lines)


def _contradictions(answer: Answer, style: Style) -> str:
    if not answer.contradictions:
        return ""
    lines = [style.warn("Sources that contradict each other")]
    for about, claims in _alike(answer.contradictions):
        lines += indented(about, style)
        for who, says in claims:
            head = f"    {style.dim(f'{who} '.ljust(_COLUMN - 4))}"
            lines += beside(head, says, _COLUMN, style)
    return "\n".join(lines)


def _alike(found: Iterable[Contradiction]) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Yield what each contradiction is about, and who says what; those that differ in nothing but
    the release are told once.
    """
    releases: dict[tuple[str, tuple[tuple[str, str], ...]], list[str]] = {}
    for contradiction in found:
        about = contradiction.about.replace(contradiction.release, _RELEASE, 1)
        claims = tuple(map(_claim_line, contradiction.claims))
        releases.setdefault((about, claims), []).append(contradiction.release)
    for (about, claims), of in releases.items():
        yield about.replace(_RELEASE, ", ".join(of), 1), list(claims)


def _claim_line(claim: Statement) -> tuple[str, str]:
    kind, _, name = claim.source.partition(":")
    where, _, path = name.partition("/")
    if kind == "amd" and path:
        # two of AMD's pages for one ROCm tell different things: name the table
        where = f"{where} {path.rpartition('/')[2].removesuffix('.html')}"
    return "page" if kind in ("official", "amd") else kind, f"{where} {claim.says}"


def _beside(answer: Answer, style: Style) -> str:
    """Tell which nightlies a candidate or a nightly brings along."""
    if answer.kind == "release":
        return ""
    found = dict.fromkeys(
        nightly for build in answer.builds for nightly in nightlies_beside(build.published.says())
    )
    lines = [
        f"It requires {nightly.name}, a nightly, which pip installs over the files of "
        f"{nightly.over}: have no {nightly.over} in the same environment."
        for nightly in found
    ]
    return "\n".join(style.warn(line) for text in lines for line in wrapped(text, style.width))


def _problems(answer: Answer, style: Style) -> str:
    inherited = answer.inherited
    lines = [style.warn("Known problems")] if answer.problems else []
    for problem in answer.problems:
        lines += indented(problem.title, style)
    if inherited.problems:
        lines.append(style.warn(f"Known problems of {inherited.before}, unknown whether gone"))
    for problem in inherited.problems:
        lines += indented(problem.title, style)
    return "\n".join(lines)


def _notes(answer: Answer, style: Style) -> str:
    if not answer.notes:
        return ""
    lines = [style.bold("Good to know")]
    for note in answer.notes:
        lines += indented(note.title, style)
    return "\n".join(lines)


def _recipe(answer: Answer, machine: MachineGlance, style: Style) -> str:
    cell, note = _for_machine(answer, machine)
    if cell is None:
        return note
    plugged = _recipe_of_plugin(answer, cell, machine.device)
    if plugged is not None:
        return _plugged_recipe(*plugged, note, style)
    where = f"{PLATFORM_NAMES[cell.key.platform]}, Python {cell.key.python}"
    title = (
        f"{cell.key.distribution} {cell.key.release} on {where}, {DEVICE_NAMES[cell.key.device]}"
    )
    lines = [style.bold(title), *(style.dim(line) for line in wrapped(_sure(cell), style.width))]
    if note:
        lines += [style.warn(line) for line in wrapped(note, style.width)]
    if cell.avoided:
        text = f"not by {cell.avoided.requirements[0]}: {cell.avoided.conflict}"
        lines += [style.dim(line) for line in wrapped(text, style.width)]
    lines += _pins(cell, style)
    return "\n".join([*lines, *_steps(cell.recipe, style)])


def _steps(recipe: Recipe, style: Style) -> list[str]:
    """Lay out how to set a recipe up, and how to check it."""
    lines = ["", style.dim("Set up"), *(style.code(c) for c in shells.setup(recipe))]
    commands = shells.check(recipe)
    for number, (step, command) in enumerate(zip(recipe.checks, commands, strict=True), 1):
        lines += ["", style.dim(f"Check {number}: {step.title}"), style.code(command)]
        lines += [style.dim("Expected:"), *map(style.dim, step.expected.split("\n"))]
    return lines


def _recipe_of_plugin(
    answer: Answer, cell: Cell, device: Device
) -> tuple[PluginOffer, Recipe] | None:
    """Return the plug-in that serves a device beside a cell's build, and the recipe for both: on
    the cell's Python, or else the newest that has the plug-in.
    """
    found = [
        (own.cell.python == cell.key.python, key(own.cell.python), offer, own)
        for offer in answer.plugins or ()
        for own in offer.recipes
        if offer.device == device and own.cell.platform == cell.key.platform
    ]
    return max(found, key=lambda item: item[:2])[2:] if found else None


def _plugged_recipe(offer: PluginOffer, recipe: Recipe, note: str, style: Style) -> str:
    """Lay out the recipe of a build with a plug-in: no run of ours proves any of them."""
    cell = recipe.cell
    where = f"{PLATFORM_NAMES[cell.platform]}, Python {cell.python}"
    title = f"{cell.distribution} {cell.release} on {where}, {DEVICE_NAMES[cell.device]}"
    sure = f"{offer.rung}: {told_by(offer)}; no run of ours proves it yet"
    lines = [style.bold(title), *(style.dim(line) for line in wrapped(sure, style.width))]
    lines += [style.warn(line) for line in wrapped(note, style.width)] if note else []
    return "\n".join([*lines, *_steps(recipe, style)])


def _sure(cell: Cell) -> str:
    standing = cell.standing
    why = standing.why or "its requirements cannot be resolved"
    trust = f" ({standing.trust})" if standing.trust else ""
    if standing.standing == "broken":
        return f"broken as of {standing.as_of}: {why}{trust}"
    if standing.rung is None:
        return "nothing proves this"
    if standing.standing == "disputed":
        return f"disputed as of {standing.as_of}: {standing.rung} by one run; another says: {why}"
    return f"{standing.rung} as of {standing.as_of}: {RUNG_MEANINGS[standing.rung].of_cell}{trust}"


def _pins(cell: Cell, style: Style) -> list[str]:
    lines = []
    for pin in cell.pins:
        when = "with"
        if pin.compute_capability_below:
            when = f"on a GPU below compute capability {pin.compute_capability_below} with"
        if pin.only_beside:
            when = f"where {pin.pin.name} is installed, {when}"
        proven = "" if pin.runs else " No run of ours proves this yet."
        lines += wrapped(f"{when} {pin.pin}: {pin.reason}{proven}", style.width)
    if cell.library_path:
        lines += wrapped(f"with a search path: {cell.library_path.reason}", style.width)
    return [style.dim(line) for line in lines]


def _for_machine(answer: Answer, machine: MachineGlance) -> tuple[Cell | None, str]:
    """Return the cell to show: this machine's best, or else the best of the first platform."""
    if machine.platform is None:
        wanted = None
    else:
        wanted = best(answer, machine.platform, machine.python, machine.device)
        if wanted is None and machine.device != "cpu":
            wanted = best(answer, machine.platform, machine.python, "cpu")
    if wanted is not None:
        if wanted.key.python == machine.python:
            return wanted, ""
        return wanted, f"It has no wheel for this machine's Python {machine.python}."
    cells = [cell for build in answer.builds for cell in build.cells]
    if not cells:
        return None, "There is nothing here that can be set up."
    first = min(cells, key=lambda cell: list(PLATFORM_NAMES).index(cell.key.platform)).key
    devices = [cell.key.device for cell in cells if cell.key.platform == first.platform]
    device: Device = machine.device if machine.device in devices else devices[-1]
    return best(answer, first.platform, machine.python, device), "Not for this machine."
