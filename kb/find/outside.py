"""What others publish outside the package index, in a few lines each."""

from kb.answers.published import OutsideBuild
from kb.base.addresses import short
from kb.terminal.layout import indented
from kb.terminal.style import Style


def outside(builds: tuple[OutsideBuild, ...], style: Style, most: int) -> list[str]:
    """Return what is published elsewhere, each release once: what it is for, and its command or
    address, which stay whole to be copied; at most so many.
    """
    newest: dict[str, OutsideBuild] = {}
    for build in builds:
        newest.setdefault(build.release, build)
    shown = list(newest.values())[:most]
    lines = [style.warn("Published elsewhere, and proven by no run of ours")] if shown else []
    for build in shown:
        lines += indented(_publication(build), style, torn=True)
        if build.command is None:
            lines.append(f"    {build.address}")
        else:
            lines += map(style.code, _command(build.command))
    if more := len(newest) - len(shown):
        lines += indented(f"{more} more: --why", style)
    return lines


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
    where = f" ({short(build.sources[0])})" if build.command else ""
    return f"{', '.join(told)}{note}{where}"
