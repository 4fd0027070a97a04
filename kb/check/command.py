"""`python -m kb check`: does what a project asks for exist, and does it fit together?"""

import argparse
import sys
from typing import TYPE_CHECKING, Any, get_args

from kb.base.model import Platform
from kb.base.store import Store

if TYPE_CHECKING:
    from kb.check.answer import Checked
    from kb.check.asked import Finding
    from kb.terminal.style import Style


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.epilog = "Example: python -m kb check requirements.txt --python 3.11"
    parser.add_argument(
        "files", nargs="+", metavar="FILE", help="a requirements file or a pyproject.toml"
    )
    parser.add_argument(
        "--platform", choices=get_args(Platform), metavar="P", help=", ".join(get_args(Platform))
    )
    parser.add_argument("--python", metavar="X.Y", help="only this Python, such as 3.11")
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def run(options: argparse.Namespace) -> int:
    """Print what is found, and return the exit status: 1 where something cannot work."""
    import re

    from kb.check.answer import check
    from kb.check.toml import NeedsToml
    from kb.terminal.style import style_for

    if options.python is not None and not re.fullmatch(r"[0-9]\.[0-9]{1,3}", options.python):
        print(f"error: --python {options.python}: name it as in 3.11", file=sys.stderr)
        return 2
    store = Store(options.data)
    checked = []
    for file in options.files:
        try:
            checked.append(check(store, file, options.platform, options.python))
        except OSError as error:
            print(f"error: {file}: {error.strerror or error}", file=sys.stderr)
            return 2
        except NeedsToml as error:
            print(f"error: {file}: {error}", file=sys.stderr)
            return 2
    if options.json:
        import json

        print(json.dumps(content(tuple(checked)), indent=2, ensure_ascii=False))
    else:
        style = style_for(sys.stdout)
        print("\n".join(page(one, style) for one in checked))
    return 1 if any(one.errors() for one in checked) else 0


def content(checked: "tuple[Checked, ...]") -> dict[str, Any]:
    """Return the content of the JSON document."""
    return {
        "format": 1,
        "files": [one.file for one in checked],
        "takes": [
            {
                "file": one.file,
                "distribution": taken.distribution,
                "release": taken.release,
                "platform": taken.platform,
                "python": list(taken.pythons),
            }
            for one in checked
            for taken in one.takes
        ],
        "findings": [
            {**found._asdict(), "fix": list(found.fix), "sources": list(found.sources)}
            for one in checked
            for found in one.findings
        ],
    }


def page(checked: "Checked", style: "Style") -> str:
    """Return what is found as a compiler tells it, and a last line that sums it up."""
    from kb.terminal.layout import counted, wrapped

    lines = [line for finding in checked.findings for line in _told(finding, style)]
    errors, warnings = checked.errors(), len(checked.findings) - checked.errors()
    counts = ((errors, "error"), (warnings, "warning"))
    said = ", ".join(counted(number, word) for number, word in counts if number)
    summary = f"{checked.file}: {said or 'nothing is wrong'}; {_takes(checked)}"
    return "\n".join([*lines, *wrapped(summary, style.width, hanging=2)])


def _takes(checked: "Checked") -> str:
    from kb.base.names import PLATFORM_NAMES
    from kb.base.versions import spans

    if not checked.asks:
        return "it asks for no TensorFlow"
    platforms = {one.platform for one in checked.takes}
    parts = [
        f"{one.distribution} {one.release} on Python {spans(list(one.pythons))}"
        + (f" of {PLATFORM_NAMES[one.platform]}" if len(platforms) > 1 else "")
        for one in checked.takes
    ]
    if not parts:
        return "pip finds no TensorFlow to take"
    where = f" ({PLATFORM_NAMES[checked.takes[0].platform]})" if len(platforms) == 1 else ""
    return f"pip takes {', '.join(parts)}{where}"


def _told(finding: "Finding", style: "Style") -> list[str]:
    from kb.terminal.layout import wrapped

    place = f"{finding.file}:{finding.line}:"
    first, *more = wrapped(f"{place} {finding.severity}: {finding.text}", style.width, hanging=4)
    head = f"{place} {finding.severity}:"
    mark = style.warn(f"{finding.severity}:")
    if first.startswith(head):
        first = f"{style.bold(place)} {mark}{first[len(head) :]}"
    lines = [first, *more]
    for fix in finding.fix:
        lines += wrapped(f"  fix: {fix}", style.width, hanging=7)
    for source in finding.sources:
        lines.append(style.dim(f"  see: {source}"))
    return lines
