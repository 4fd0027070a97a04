"""How to set the best cell for a machine up: how sure we are, the commands, why each pin."""

from kb.answers.releases import best
from kb.base.addresses import short
from kb.base.model import Device, Pin, ToolTrial
from kb.base.names import DEVICE_NAMES, PLATFORM_NAMES, meaning_of, place_name
from kb.base.record import Record
from kb.base.versions import key
from kb.cells import shells
from kb.cells.cells import Cell
from kb.cells.reasons import path_reason, pin_reason
from kb.cells.recipes import Recipe
from kb.cells.sureness import Sureness
from kb.lookup.answer import Answer
from kb.lookup.makers import PluginOffer
from kb.machine.glance import MachineGlance
from kb.terminal.layout import indented
from kb.terminal.style import Style

_NO_DIRECTML = "Not for this machine: on Linux there is DirectML in WSL2 alone; else on Windows."


class Chosen(Record):
    """The cell that a page sets up, and its recipe: with the plug-in of an offer, if there is one.
    `is_here` tells that it is for the platform of the machine; `note` what else is not as there;
    `wsl2` that it is set up on WSL2.
    """

    cell: Cell
    recipe: Recipe
    offer: PluginOffer | None
    is_here: bool
    note: str
    wsl2: bool

    def sureness(self) -> Sureness:
        """Say how sure we are of the recipe."""
        return self.offer.sureness() if self.offer else self.cell.sureness(self.wsl2)


def chosen(answer: Answer, machine: MachineGlance) -> Chosen | None:
    """Return the cell to show: this machine's best, or else the best of the first platform; None
    where there is nothing to set up.
    """
    cell, note = _for_machine(answer, machine)
    if cell is None:
        return None
    plugged = _recipe_of_plugin(answer, cell, machine.device)
    offer, recipe = plugged or (None, cell.recipe)
    of = recipe.cell
    is_here = of.platform == machine.platform
    wsl2 = machine.wsl2 and of.platform.startswith("linux")
    if is_here and place_name(of.platform, of.device) == "WSL2" and not wsl2:
        is_here, note = False, _NO_DIRECTML
    return Chosen(cell=cell, recipe=recipe, offer=offer, is_here=is_here, note=note, wsl2=wsl2)


def set_up(
    own: Chosen,
    style: Style,
    *,
    everything: bool,
    tool: str | None = None,
    trials: tuple[ToolTrial, ...] = (),
) -> list[str]:
    """Return the lines that set a cell up, by pip or by another tool; `trials` are of tools, and
    `everything` tells the whole of a conflict.
    """
    of = own.recipe.cell
    where = "here" if own.is_here else f"on {place_name(of.platform, of.device)}"
    what = f"{of.distribution} {of.release}, Python {of.python}, {DEVICE_NAMES[of.device]}"
    lines = [style.bold(f"Set up {where}: {what}")]
    lines += indented(own.sureness().sentence, style)
    lines += [style.warn(line) for line in indented(own.note, style)]
    meaning = meaning_of(of.distribution, of.release, of.platform)
    if meaning:
        lines += [style.dim(line) for line in indented(f"{of.distribution}: {meaning}.", style)]
    avoided = own.cell.avoided if own.offer is None else None
    if avoided:
        text = f"Not by {avoided.requirements[0]}, whose requirements conflict: --all"
        if everything:
            text = f"Not by {avoided.requirements[0]}: {avoided.conflict}"
        lines += [style.dim(line) for line in indented(text, style)]
    lines.append("")
    if tool is None or tool == "pip":
        lines += map(style.code, shells.setup(own.recipe))
        return [*lines, *_reasons(own.cell, style)]
    return [*lines, *_by_tool(own.recipe, tool, trials, style)]


def _by_tool(recipe: Recipe, tool: str, trials: tuple[ToolTrial, ...], style: Style) -> list[str]:
    """Return the commands of another tool, and whether anybody carried them out."""
    from kb.cells.tools import ways  # few look-ups ask for it

    own = next((way for way in ways(recipe, trials) if way.tool.lower() == tool), None)
    if own is None:
        return indented(f"Nothing true can be said of a set-up by {tool} here.", style)
    lines = []
    for text in own.texts:
        lines += [style.dim(text.title)] if len(own.texts) > 1 else []
        lines.append(style.code(text.text))
    return [*lines, *indented(own.note or "", style)]


def _reasons(cell: Cell, style: Style) -> list[str]:
    """Tell why each pin, and why a search path is set, with what proves it."""
    texts = [_pin(pin, cell) for pin in cell.pins if not pin.only_beside]
    if cell.library_path:
        texts.append(path_reason(cell.library_path))
    return [style.dim(line) for text in texts for line in indented(text, style)]


def _pin(pin: Pin, cell: Cell) -> str:
    """Tell why a pin is there; of one under a condition, what is proven of the recipe with it."""
    changed = next((own for own in cell.pinned if own.pin == pin), None)
    if changed is None:
        return pin_reason(pin)
    start = f"On a GPU below compute capability {pin.compute_capability_below} add {pin.pin}"
    source = f" ({short(pin.source)})" if pin.source else ""
    return f"{start}: {pin.reason.rstrip('.')}{source}. {changed.sureness().sentence}"


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


def _for_machine(answer: Answer, machine: MachineGlance) -> tuple[Cell | None, str]:
    """Return the cell to show, and a note where it is not for this machine."""
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
        return None, ""
    first = min(cells, key=lambda cell: list(PLATFORM_NAMES).index(cell.key.platform)).key
    devices = [cell.key.device for cell in cells if cell.key.platform == first.platform]
    device: Device = machine.device if machine.device in devices else devices[-1]
    return best(answer, first.platform, machine.python, device), "Not for this machine."


def hints(own: Chosen, others: tuple[Device, ...], style: Style, *, checked: bool) -> list[str]:
    """Return what else can be asked for, as options; `others` are other devices served there."""
    texts = []
    if others:
        first, *rest = others
        beside = f" (or {', '.join(rest)})" if rest else ""
        texts.append(f"For a GPU: --device {first}{beside}")
    texts += [] if checked else ["To check it: --check"]
    texts += ["With uv: --tool uv"] if own.offer is None else []
    lines = [""]
    for text in texts:
        joined = f"{lines[-1]}   {text}" if lines[-1] else text
        lines[-1:] = [joined] if len(joined) <= style.width else [lines[-1], text]
    return list(map(style.dim, lines))
