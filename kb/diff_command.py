"""`python -m kb diff`: what changes for a user between two versions."""

import argparse
import sys
from typing import TYPE_CHECKING, Any

from kb.lookup import NothingFound
from kb.store import Store

if TYPE_CHECKING:
    from kb.diff import Change, Diff
    from kb.terminal import Style

_LABEL = 24
# The bounds that users meet first; what is changed of all others is counted.
_SHOWN = frozenset({"numpy", "keras", "protobuf", "h5py", "tensorboard", "setuptools", "ml-dtypes"})
_TITLES = {
    "distributions": "Distributions",
    "platforms": "Platforms",
    "pythons": "Python",
    "devices": "Devices",
    "gpus": "GPUs served",
    "machine code": "Machine code",
    "ptx": "PTX",
    "cuda": "CUDA",
    "cudnn built": "cuDNN built with",
    "cudnn documented": "cuDNN tested",
    "cudnn installed": "cuDNN by and-cuda",
    "driver": "Least driver",
    "glibc": "glibc",
    "macos": "macOS",
    "extras": "Extras",
    "problems": "Known problems",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.epilog = "Example: python -m kb diff 2.15 2.16"
    parser.add_argument("before", help="a series (2.15), a release (2.15.1), latest or nightly")
    parser.add_argument("after", help="what to compare it with")
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def run(options: argparse.Namespace) -> int:
    """Print what changes, and return the exit status."""
    from kb.diff import diff
    from kb.terminal import style_for

    try:
        found = diff(Store(options.data), options.before, options.after)
    except NothingFound as error:
        print(f"nothing found: {error}", file=sys.stderr)
        return 1
    if options.json:
        import json

        print(json.dumps(content(found), indent=2, ensure_ascii=False))
    else:
        print(page(found, style_for(sys.stdout)))
    return 0


def content(found: "Diff") -> dict[str, Any]:
    """Return the content of the JSON document."""
    changes = [
        {**one._asdict(), "gained": list(one.gained), "lost": list(one.lost)}
        for one in found.changes
    ]
    return {"format": 1, "before": found.before, "after": found.after, "changes": changes}


def page(found: "Diff", style: "Style") -> str:
    """Return what changes, a line each."""
    title = f"{style.bold(f'TensorFlow {found.before}')} -> {style.bold(found.after)}"
    shown = [one for one in found.changes if _name(one) is None or _name(one) in _SHOWN]
    lines = [line for one in shown for line in _line(one, style)]
    rest = len(found.changes) - len(shown)
    if rest:
        said = f"and the bounds of {rest} other {'project' if rest == 1 else 'projects'}"
        lines.append(style.dim(f"  {said}: see --json"))
    return "\n".join([title, "", *(lines or ["  Nothing changes for a user."])])


def _name(change: "Change") -> str | None:
    """Return the project whose bounds change, or None where it is something else."""
    start, _, name = change.about.partition("requires ")
    return name if not start and name else None


def _line(change: "Change", style: "Style") -> list[str]:
    from textwrap import wrap

    from kb.terminal import PLATFORM_NAMES

    label = _name(change) or _TITLES[change.about]
    text = _said(change)
    if change.platform:
        text = f"{PLATFORM_NAMES[change.platform]}: {text}"
    first, *more = wrap(text, style.width - _LABEL, break_long_words=False, break_on_hyphens=False)
    head = f"  {style.dim(label.ljust(_LABEL - 2))}"
    return [head + first, *(" " * _LABEL + line for line in more)]


def _said(change: "Change") -> str:
    from kb.versions import spans

    if change.gained or change.lost:
        write = spans if change.about == "pythons" else ", ".join
        parts = [("gains", change.gained), ("loses", change.lost)]
        return "; ".join(f"{verb} {write(list(items))}" for verb, items in parts if items)
    nothing = "not required" if _name(change) else "unknown"
    if change.about == "cudnn installed":
        nothing = "none"
    ends = (change.before or nothing, change.after or nothing)
    return " -> ".join(end.replace(",", ", ") for end in ends)
