"""Runs that were forged by somebody who had not seen the rules: every one is refused.

See the README beside them.
"""

import json
import re
from datetime import datetime, timezone
from pathlib import Path

import pytest

from kb.base.store import Store
from kb.runs.folder import files
from tests.verify.sent_runs import RUNS
from verify.check import Reviewer, misplaced, verdict

FORGED = sorted((Path(__file__).parent / "forged").glob("*.json"))
OF_CHALLENGES = re.compile("answers no challenge")
NOW = datetime(2026, 12, 1, tzinfo=timezone.utc)


@pytest.fixture(scope="module")
def reviewer():
    return Reviewer(Store(), NOW, RUNS)


def test_there_are_sixty():
    assert len(FORGED) == 60


@pytest.mark.parametrize("path", FORGED, ids=lambda path: path.stem)
def test_a_forged_run_is_refused(path, reviewer, tmp_path):
    forged = json.loads(path.read_text(encoding="utf-8"))
    sent = tmp_path / forged["path"]
    sent.parent.mkdir(parents=True)
    sent.write_text(json.dumps(forged["run"], indent=1, ensure_ascii=False) + "\n", "utf-8")
    filed, faults = verdict(reviewer, sent)
    if filed is not None:
        faults = (*faults, *misplaced(filed))
    # none answers a challenge, which alone would be refused: each has another fault too
    assert [fault for fault in faults if not OF_CHALLENGES.search(fault)], forged["about"]


def test_no_two_runs_of_ours_took_as_long_in_all_their_parts():
    reviewer = Reviewer(Store(), NOW, RUNS)
    told = [verdict(reviewer, path)[1] for path in files(RUNS)]
    assert [fault for faults in told for fault in faults if "copy" in fault] == []
