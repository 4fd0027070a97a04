"""Recipes carried out on other Pythons than the one that runs the tests, whose first pip is old."""

import hashlib
import json

import pytest

from tests.scraper.local_index import LocalIndex, Reply
from tests.verify.workbench import RELEASE, Workbench, one_release, program
from verify.runner import pythons

pytestmark = pytest.mark.pythons


class OldIndex(LocalIndex):
    """The index in HTML, which the first pip of an old environment reads too."""

    def reply(self, path, wanted):
        reply = super().reply(path, wanted)
        if not path.startswith("/simple/") or reply.status != 200:
            return reply
        links = (
            f'<a href="{file["url"]}#sha256={file["hashes"]["sha256"]}">{file["filename"]}</a>'
            for file in json.loads(reply.body)["files"]
        )
        page = f"<!DOCTYPE html><html><body>{''.join(links)}</body></html>"
        return Reply(200, page.encode(), {"Content-Type": "text/html"})


@pytest.mark.parametrize("python", ["3.6", "3.7", "3.8", "3.9", "3.12", "3.13"])
def test_a_recipe_is_carried_out_on_other_pythons(tmp_path, tmp_path_factory, monkeypatch, python):
    found = pythons.found().get(python)
    if found is None:
        pytest.skip(f"no Python {python} here")
    with OldIndex() as index:
        machine = Workbench(tmp_path, index)
        program(machine.programs / f"python{python}", f'#!/bin/sh\nexec "{found}" "$@"\n')
        machine.settle(monkeypatch, tmp_path_factory.getbasetemp() / "made")
        machine.hold(one_release(RELEASE, python))
        path = machine.offer()
        machine.run(python=python)
        seen = machine.seen()
        assert {step.outcome for step in seen.steps[:3]} == {"ok"}
        # from pip's report, or from the log of a pip that writes none
        assert seen.wheel.sha256 == hashlib.sha256(index.files[path]).hexdigest()
        assert f"tensorflow=={RELEASE}" in seen.packages
        assert seen.seen.python.startswith(f"{python}.")
        assert seen.proves == ("runs" if python != "3.6" else None)  # the stand-in is for 3.7 on
