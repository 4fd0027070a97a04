"""Write an answer as the JSON document that `python -m kb lookup --json` promises."""

import json
from typing import Any

from kb.answers.releases import BuildAnswer
from kb.base.versions import strictest
from kb.cells import shells
from kb.cells.cells import Cell
from kb.cells.recipe_id import recipe_id
from kb.lookup.answer import Answer


def document(answer: Answer) -> str:
    """Return the JSON document of an answer."""
    return json.dumps(content(answer), indent=2, ensure_ascii=False)


def content(answer: Answer) -> dict[str, Any]:
    """Return the content of an answer's JSON document; what is unknown is None."""
    return {
        "format": 1,
        "release": answer.release,
        "series": answer.series,
        "builds": [_build(build) for build in answer.builds],
        "placeholders": [
            {"distribution": one.distribution, "release": one.release, "sdist": one.sdist}
            for one in answer.placeholders
        ],
        "contradictions": [
            {"about": one.about, "claims": [claim._asdict() for claim in one.claims]}
            for one in answer.contradictions
        ],
        "problems": [
            {
                "id": one.id,
                "title": one.title,
                "cause": one.cause,
                "way_out": [way.text for way in one.way_out],
                "sources": list(one.sources),
            }
            for one in answer.problems
        ],
        "sources": [source._asdict() for source in answer.sources],
    }


def _build(build: BuildAnswer) -> dict[str, Any]:
    one = build.published
    says = one.says()
    tools = build.toolkit
    capabilities = says.compute_capabilities if "cuda" in build.devices else None
    wheels = [w for w in one.build.wheels if set(w.python) & set(build.pythons)]
    return {
        "distribution": one.release.distribution,
        "release": one.release.release,
        "released": one.release.released,
        "platform": one.build.platform,
        "device": build.devices[0],
        "python": list(build.pythons),
        "glibc": strictest([w.glibc for w in wheels]),
        "macos": strictest([w.macos for w in wheels]),
        "requires": one.build.says.shim,
        "cuda": tools.cuda,
        "cudnn": {
            "built": tools.cudnn_built,
            "documented": tools.cudnn_documented,
            "installed": tools.cudnn_installed,
        },
        "compute_capabilities": capabilities
        and {"native": list(capabilities.native), "ptx": list(capabilities.ptx)},
        "driver": build.driver and {"linux": build.driver.linux, "windows": build.driver.windows},
        "wheels": [
            {
                "file": w.file,
                "python": list(w.python),
                "size": w.size,
                "sha256": w.sha256,
                "uploaded": w.uploaded,
                "yanked": w.yanked,
            }
            for w in wheels
        ],
        "cells": [_cell(cell) for cell in build.cells],
    }


def _cell(cell: Cell) -> dict[str, Any]:
    return {
        "python": cell.key.python,
        "device": cell.key.device,
        "rung": cell.standing.rung,
        "standing": cell.standing.standing,
        "as_of": cell.standing.as_of,
        "trust": cell.standing.trust,
        "why": cell.standing.why,
        "proof": [source.id for source in cell.standing.proof],
        "pins": [
            {
                "pin": pin.pin,
                "when": pin.compute_capability_below
                and f"compute capability below {pin.compute_capability_below}",
                "reason": pin.reason,
                "source": pin.source,
                "runs": list(pin.runs),
            }
            for pin in cell.pins
        ],
        "library_path": cell.library_path
        and {
            "reason": cell.library_path.reason,
            "source": cell.library_path.source,
            "runs": list(cell.library_path.runs),
        },
        "avoided": cell.avoided
        and {
            "requirements": list(cell.avoided.requirements),
            "conflict": cell.avoided.conflict,
            "since": cell.avoided.since,
        },
        "setup": list(shells.setup(cell.recipe)),
        "check": list(shells.check(cell.recipe)),
        "expected": [step.expected for step in cell.recipe.checks],
        "recipe": recipe_id(cell.recipe),
    }
