"""`python -m kb diff` and what it works out."""

import json
import re
from itertools import pairwise

import pytest

from kb import command_line
from kb.base.model import Capabilities
from kb.base.store import Store
from kb.diff.answer import Difference, diff
from tests.kb.small_base import (
    ARM_LINUX,
    CPU,
    LINUX,
    WINDOWS,
    build,
    extra,
    one_build,
    problem,
    release,
    series_file,
    write_base,
)

OLD_CUDA = {
    "cuda_build": True,
    "cuda": "11.2",
    "cudnn": "8",
    "requires": ("keras<3", "numpy>=1.20", "wheel"),
}
NEW_CUDA = {
    "cuda_build": True,
    "cuda": "12.2",
    "cudnn": "9",
    "requires": ("numpy<2.0,>=1.26; python_version >= '3.9'", "numpy<2.0; python_version < '3.9'"),
}


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    old = OLD_CUDA | {"compute_capabilities": Capabilities(("3.5", "6.0", "7.0"), ("7.0",))}
    new = NEW_CUDA | {
        "compute_capabilities": Capabilities(("7.0", "8.0"), ("8.0",)),
        "extras": (extra("and-cuda", "nvidia-cudnn-cu12<10,>=9.3"),),
    }
    return write_base(
        tmp_path_factory.mktemp("data"),
        series_file(
            "2.9",
            (
                release(
                    "tensorflow",
                    "2.9.0",
                    build("tensorflow", "2.9.0", LINUX, "3.8 3.9", **old),
                    build("tensorflow", "2.9.0", WINDOWS, "3.8 3.9", **old),
                ),
                one_build("tensorflow-cpu", "2.9.0", LINUX, "3.8", **CPU),
            ),
        ),
        series_file(
            "2.10",
            (
                release(
                    "tensorflow",
                    "2.10.0",
                    build("tensorflow", "2.10.0", LINUX, "3.9 3.10 3.11", **new),
                    build("tensorflow", "2.10.0", WINDOWS, "3.9 3.10 3.11", **CPU),
                    build("tensorflow", "2.10.0", ARM_LINUX, "3.10", **CPU),
                ),
            ),
        ),
        problems=(problem("gone", None, "2.9.0"), problem("came", "2.10.0", None)),
    )


def test_what_changes_for_a_user_is_told(store):
    found = diff(store, "2.9", "2.10")
    assert (found.before, found.after) == ("2.9.0", "2.10.0")
    assert found.changes == (
        Difference(about="distributions", platform=None, lost=("tensorflow-cpu",)),
        Difference(about="platforms", platform=None, gained=(ARM_LINUX,)),
        Difference(about="pythons", platform=None, gained=("3.10", "3.11"), lost=("3.8",)),
        Difference(about="devices", platform=WINDOWS, lost=("cuda",)),
        Difference(about="gpus", platform=None, lost=("3.5", "6.0", "6.1")),
        Difference(about="machine code", platform=None, gained=("8.0",), lost=("3.5", "6.0")),
        Difference(about="ptx", platform=None, gained=("8.0",), lost=("7.0",)),
        Difference(about="cuda", platform=None, before="11.2", after="12.2"),
        Difference(about="cudnn built", platform=None, before="8", after="9"),
        Difference(about="cudnn installed", platform=None, before=None, after="<10,>=9.3"),
        Difference(about="driver", platform=None, before="450.80.02", after="525.60.13"),
        Difference(about="extras", platform=LINUX, gained=("and-cuda",)),
        Difference(about="requires keras", platform=None, before="<3", after=None),
        Difference(
            about="requires numpy",
            platform=None,
            before=">=1.20",
            after='<2.0 if python_version < "3.9"; <2.0,>=1.26 if python_version >= "3.9"',
        ),
        Difference(about="requires wheel", platform=None, before="any", after=None),
        Difference(about="problems", platform=None, gained=("came",), lost=("gone",)),
    )


def test_the_other_way_round_what_was_gained_is_lost(store):
    there, back = diff(store, "2.9", "2.10").changes, diff(store, "2.10", "2.9").changes
    assert [(one.about, one.gained, one.lost, one.before, one.after) for one in there] == [
        (one.about, one.lost, one.gained, one.after, one.before) for one in back
    ]


def test_nothing_changes_from_a_version_to_itself(store, capsys):
    assert diff(store, "2.9", "2.9.0").changes == ()
    assert command_line.main(["--data", store.data, "diff", "2.9", "2.9"]) == 0
    out = capsys.readouterr().out
    assert out == "TensorFlow 2.9.0 -> 2.9.0\n\n  Nothing changes for a user.\n"


def test_the_page_is_aligned_and_counts_what_it_leaves_out(store, capsys):
    assert command_line.main(["--data", store.data, "diff", "2.9", "2.10"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "TensorFlow 2.9.0 -> 2.10.0"
    assert "  Python                gains 3.10-3.11; loses 3.8" in lines
    assert "  Devices               Windows x86-64: loses cuda" in lines
    assert "  cuDNN by and-cuda     none -> <10, >=9.3" in lines
    assert "  keras                 <3 -> not required" in lines
    assert lines[-1] == "  and the bounds of 1 other project: see --json"
    assert max(map(len, lines)) <= 80


def test_problems_are_named_by_their_titles(store, capsys):
    assert command_line.main(["--data", store.data, "diff", "2.9", "2.10"]) == 0
    lines = [line for line in capsys.readouterr().out.splitlines() if "Known problems" in line]
    titles = {problem.id: problem.title for problem in store.problems().problems}
    assert lines == [
        f"  Known problems        gains: {titles['came']} (came)",
        f"  Known problems        loses: {titles['gone']} (gone)",
    ]


@pytest.mark.parametrize("after", ["2.22.0rc0", "nightly"])
def test_nobody_knows_whether_a_candidate_or_a_nightly_is_rid_of_a_problem(after, capsys):
    changed = diff(Store(), "2.21", after).changes
    assert not any(one.about == "problems" and one.lost for one in changed)
    (unknown,) = [one for one in changed if one.about == "problems unknown"]
    assert unknown.lost == ("blackwell-xla-ptx-8-5",)
    back = diff(Store(), after, "2.21").changes
    assert not any(one.about == "problems" and one.gained for one in back)
    assert command_line.main(["diff", "2.21", after]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "unknown whether gone: 2.21 crashes on Blackwell GPUs when XLA compiles" in out


def test_what_is_known_less_exactly_is_no_change(capsys):
    assert command_line.main(["diff", "2.21", "2.22.0rc0"]) == 0
    out = capsys.readouterr().out
    assert "12.5.1 before, 12 after: one is known less exactly" in out
    assert "9 before; not known after" in out


def test_the_json_document_has_every_change(store, capsys):
    assert command_line.main(["--data", store.data, "diff", "2.9", "2.10", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    found = diff(store, "2.9", "2.10")
    assert {name: document[name] for name in ("format", "before", "after")} == {
        "format": 1,
        "before": "2.9.0",
        "after": "2.10.0",
    }
    assert [one["about"] for one in document["changes"]] == [one.about for one in found.changes]
    assert document["changes"][2] == {
        "about": "pythons",
        "platform": None,
        "before": None,
        "after": None,
        "gained": ["3.10", "3.11"],
        "lost": ["3.8"],
    }


@pytest.mark.parametrize("versions", [("2.9", "3.x"), ("12.", "2.9"), ("2.9", "2.10.7")])
def test_an_unknown_version_gets_status_1_and_the_nearest(versions, store, capsys):
    assert command_line.main(["--data", store.data, "diff", *versions]) == 1
    out, error = capsys.readouterr()
    assert out == ""
    assert error.startswith("nothing found: no TensorFlow ")
    assert "; nearest: " in error


def test_neighbouring_real_series_can_be_compared_within_80_columns(capsys):
    names = Store().series_names()
    for before, after in pairwise(names):
        assert command_line.main(["diff", before, after]) == 0
        lines = capsys.readouterr().out.splitlines()
        assert max(map(len, lines)) <= 80
        assert "Nothing changes" not in lines[2]


def test_what_is_known_of_2_15_and_2_16_is_told():
    changes = {one.about: one for one in diff(Store(), "2.15", "2.16").changes}
    assert changes["pythons"].gained == ("3.12",)
    assert (changes["cuda"].before, changes["cuda"].after) == ("12.2", "12.3")
    assert changes["requires keras"].after == ">=3.0.0"
    assert "keras-3-from-2-16" in changes["problems"].gained
    assert "tf.estimator is gone; 2.15 is the last series that has it" in changes["notes"].gained


@pytest.mark.parametrize(("before", "after"), [("1.15", "2.0"), ("1.4", "2.21"), ("2.5", "1.15")])
def test_from_1_to_2_the_api_changes(before, after, capsys):
    first = diff(Store(), before, after).changes[0]
    assert (first.about, first.before, first.after) == ("api", before[0], after[0])
    assert command_line.main(["diff", before, after]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert f"API TensorFlow {before[0]} -> {after[0]}: From 2.0 on the API is another" in out
    for name in ("tf_upgrade_v2", "tf.compat.v1", "(tensorflow-1-api)"):
        assert name in out


def test_within_a_major_version_the_api_is_no_change():
    for before, after in (("1.4", "1.15"), ("2.0", "2.21")):
        assert "api" not in {one.about for one in diff(Store(), before, after).changes}


def test_every_problem_that_is_named_can_be_opened(capsys):
    command_line.main(["diff", "2.10", "2.16"])
    lines = " ".join(capsys.readouterr().out.split())
    named = re.findall(r"(?:gains|loses): [^()]*\(([a-z0-9-]+)\)", lines)
    assert len(named) > 3
    for name in named:
        assert command_line.main(["problem", name]) == 0
