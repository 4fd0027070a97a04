"""The rules of `find`, each on a small knowledge base of its own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.answers.comparison import AskedGpu, MachineQuestion
from kb.answers.fits import find
from kb.base.model import (
    Architecture,
    Bounds,
    Capabilities,
    CellRun,
    EvidenceFile,
    GpuSupport,
    PluginFile,
    PluginPair,
    PluginPairsFile,
    Wsl2,
)
from kb.base.store import Store
from kb.base.versions import key, series
from kb.base.writing import dump
from kb.cells.cells import cell, open_series_facts
from kb.cells.plugins import Plugins, plugged_recipe
from kb.cells.recipe_id import recipe_id
from kb.cells.shells import setup
from kb.facts.builds import published
from kb.facts.sources import claims_of
from kb.facts.toolkits import NO_TOOLKIT, toolkit
from kb.index.build import build_index
from kb.index.records import open_index
from kb.index.words import MAKERS, fill
from tests.kb.small_base import (
    ARM_LINUX,
    ARM_MAC,
    CPU,
    CUDA,
    CUDA_11,
    CUDA_12,
    LINK,
    LINUX,
    WINDOWS,
    code_of,
    held,
    one_build,
    pin,
    problem,
    release,
    row,
    series_file,
    verdict,
    wheel,
    write_base,
)

GPU = {"device": "gpu"}


def base(folder, *releases, official=(), **tables):
    """Write a small base of some releases and return its index."""
    by_series = {}
    for one in releases:
        by_series.setdefault(series(one.release), []).append(one)
    files = [series_file(name, tuple(some), official) for name, some in by_series.items()]
    return build_index(write_base(folder, *files, **tables))


def ask(index, **question):
    return find(index, MachineQuestion(**question))


def reasons(found, name):
    """Return what speaks against a series."""
    (one,) = [one for one in found.rejected if one.series == name]
    return [(reason.rule, reason.text) for reason in one.reasons]


def cuda_build(version, pythons="3.10", platform=LINUX, **says):
    return one_build("tensorflow", version, platform, pythons, **{**CUDA_12, **says})


def test_the_answer_is_the_newest_release_that_fits(tmp_path):
    index = base(tmp_path, *(cuda_build(v) for v in ("2.14.0", "2.15.0", "2.15.1")))
    found = ask(index, python="3.10")
    assert (found.answer.release, found.answer.distribution) == ("2.15.1", "tensorflow")
    assert [one.release for one in found.also] == ["2.14.0"]
    assert found.rejected == ()


def test_a_release_that_does_not_fit_leaves_its_series_to_an_older_one(tmp_path):
    index = base(tmp_path, cuda_build("2.15.0", "3.9 3.10"), cuda_build("2.15.1", "3.10"))
    found = ask(index, python="3.9")
    assert found.answer.release == "2.15.0"
    assert found.rejected == ()


def run(one, **fields):
    """Return what a run says of a cell."""
    said = {"outcome": "ok", "trust": "attested", "proves": "runs", **fields}
    return CellRun(
        run="2026-04-04-0123456789ab",
        at="2026-04-04T04:04:04Z",
        distribution=one.key.distribution,
        release=one.key.release,
        platform=one.key.platform,
        python=one.key.python,
        device=one.key.device,
        **{"recipe": recipe_id(one.recipe), **said},
    )


def with_run(folder, version, python, device="cpu", **fields):
    """Write a run of one cell of a base and return the new index."""
    found = run(opened_cell(folder, version, python, device), **fields)
    path = folder / "evidence" / f"{series(version)}.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(dump(EvidenceFile(1, (found,)), "Runs."), encoding="utf-8")
    return build_index(Store(folder))


def opened_cell(folder, version, python, device="cpu"):
    """Return one cell of a base as it is published now."""
    store = Store(folder)
    file = store.series(series(version))
    (one,) = [one for one in published(file) if one.release.release == version]
    tools = toolkit(claims_of(file), one) if device == "cuda" else NO_TOOLKIT
    return cell(open_series_facts(store, file), one, tools, python, device)


def test_the_highest_rung_of_the_newest_release_decides_its_python(tmp_path):
    index = base(tmp_path, cuda_build("2.15.0", "3.9 3.10"))
    assert ask(index).answer.python == "3.10"
    index = with_run(tmp_path, "2.15.0", "3.9")
    answer = ask(index).answer
    assert (answer.python, answer.rung) == ("3.9", "runs")


def test_the_newest_that_a_run_proves_stands_beside_the_answer(tmp_path):
    index = base(tmp_path, cuda_build("2.14.0"), cuda_build("2.15.0"))
    assert ask(index).proven is None
    index = with_run(tmp_path, "2.14.0", "3.10")
    found = ask(index)
    assert (found.answer.release, found.proven.release) == ("2.15.0", "2.14.0")
    assert found.proven.setup[0] == "python3.10 -m venv tf-2.14.0"


def test_what_a_run_found_broken_is_no_answer(tmp_path):
    base(tmp_path, cuda_build("2.14.0"), cuda_build("2.15.0"))
    failed = {"outcome": "import", "proves": None, "why": "numpy is too new."}
    found = ask(with_run(tmp_path, "2.15.0", "3.10", **failed))
    assert found.answer.release == "2.14.0"
    assert reasons(found, "2.15") == [
        ("broken", "broken as of 2026-04-04, attested: numpy is too new")
    ]


def test_what_runs_disagree_about_is_told(tmp_path):
    base(tmp_path, cuda_build("2.15.0"))
    failed = {"outcome": "import", "proves": None, "trust": "self-reported", "why": "it broke."}
    with_run(tmp_path, "2.15.0", "3.10")
    worked = EvidenceFile(1, Store(tmp_path).evidence("2.15").runs)
    with_run(tmp_path, "2.15.0", "3.10", **failed)
    later = Store(tmp_path).evidence("2.15").runs[0]
    later = later._replace(run="2026-05-05-0123456789ab", at="2026-05-05T05:05:05Z")
    both = worked._replace(runs=(*worked.runs, later))
    (tmp_path / "evidence" / "2.15.yaml").write_text(dump(both, "Runs."), encoding="utf-8")
    index = build_index(Store(tmp_path))
    assert "Runs disagree, as of 2026-05-05: it broke." in ask(index).answer.caveats


def test_what_cannot_be_resolved_is_no_answer(tmp_path):
    both = [("tensorflow[and-cuda]==2.15.1",), ("tensorflow==2.15.1", *_nvidia())]
    verdicts = tuple(verdict("3.10", one, resolves=False) for one in both)
    index = base(
        tmp_path, cuda_build("2.14.0"), cuda_build("2.15.1"), resolutions={"2.15": verdicts}
    )
    found = ask(index, **GPU)
    assert found.answer.release == "2.14.0"
    assert reasons(found, "2.15") == [
        ("resolution", "its requirements cannot be resolved: tensorrt has no wheel")
    ]


def _nvidia():
    return tuple(one for one in CUDA_12["extras"][0].requires if one.startswith("nvidia-"))


@pytest.mark.parametrize(
    ("python", "name", "text"),
    [
        ("3.12", "2.15", "no wheel for Python 3.12: the first series with one is 2.16"),
        ("3.8", "2.15", "no wheel for Python 3.8: the last series with one is 2.14"),
        ("3.7", "2.14", "no wheel for Python 3.7: no series has one"),
    ],
)
def test_wheels_decide_for_which_python_a_release_is(python, name, text, tmp_path):
    index = base(
        tmp_path,
        cuda_build("2.14.0", "3.8"),
        cuda_build("2.15.0", "3.10"),
        cuda_build("2.16.0", "3.12"),
    )
    assert reasons(ask(index, python=python), name) == [("python", text)]


def test_requires_python_and_the_page_are_told_where_they_would_let_a_python_in(tmp_path):
    index = base(
        tmp_path,
        cuda_build("2.15.0", "3.10", requires_python=">=3.9"),
        official=(row("linux-cpu", "tensorflow-2.15.0", "3.9-3.11"),),
    )
    assert reasons(ask(index, python="3.11"), "2.15") == [
        (
            "python",
            (
                "no wheel for Python 3.11: no series has one (its own Requires-Python would let it "
                "in) (the official table lists it all the same)"
            ),
        )
    ]
    assert "Requires-Python" not in reasons(ask(index, python="3.8"), "2.15")[0][1]


def test_a_wheel_that_the_page_does_not_list_is_taken_with_a_caveat(tmp_path):
    index = base(
        tmp_path,
        cuda_build("2.15.0", "3.10 3.12"),
        official=(row("linux-cpu", "tensorflow-2.15.0", "3.9-3.11"),),
    )
    caveat = "The official table does not list Python 3.12 for it; the wheel exists."
    assert caveat in ask(index, python="3.12").answer.caveats
    assert caveat not in ask(index, python="3.10").answer.caveats


def test_a_nightly_is_no_answer_and_is_told(tmp_path):
    nightly = one_build("tf-nightly", "2.16.0.dev20260101", LINUX, "3.14", **CPU)
    index = base(tmp_path, cuda_build("2.15.0"), nightly)
    found = ask(index, python="3.14")
    assert found.answer is None
    assert reasons(found, "2.15") == [
        ("python", "no wheel for Python 3.14: only tf-nightly has one")
    ]


def candidate(release="2.16.0rc1", pythons="3.12 3.14", platform=LINUX, **facts):
    return one_build("tensorflow", release, platform, pythons, **(CPU | facts))


def test_a_candidate_answers_where_no_release_fits(tmp_path):
    found = ask(base(tmp_path, cuda_build("2.15.0"), candidate()), python="3.14")
    answer = found.answer
    assert (answer.release, answer.kind, answer.python) == ("2.16.0rc1", "candidate", "3.14")
    assert "python -m pip install tensorflow==2.16.0rc1" in answer.setup
    assert answer.caveats[0].startswith("A release candidate, not a release")
    assert (found.proven, found.also) == (None, ())
    text = "no wheel for Python 3.14: no release has one, only the release candidate 2.16.0rc1"
    assert reasons(found, "2.15") == [("python", text)]


def test_a_release_is_the_answer_wherever_one_fits(tmp_path):
    index = base(tmp_path, cuda_build("2.15.0", "3.12"), candidate())
    for question in ({}, {"python": "3.12"}):
        found = ask(index, **question)
        assert (found.answer.release, found.answer.kind) == ("2.15.0", "release")
        told = [one.release for one in (*found.also, *found.rejected)]
        assert "2.16.0rc1" not in told


def test_a_candidate_of_a_patch_stands_beside_the_releases_of_its_series(tmp_path):
    index = base(tmp_path, cuda_build("2.15.0"), candidate("2.15.1rc0"))
    assert ask(index, python="3.10").answer.release == "2.15.0"
    found = ask(index, python="3.14")
    assert (found.answer.release, found.answer.kind) == ("2.15.1rc0", "candidate")
    assert [(one.series, one.release, one.kind) for one in found.rejected] == [
        ("2.15", "2.15.0", "release")
    ]


def test_a_candidate_that_does_not_fit_is_told_with_the_reason(tmp_path):
    macos = candidate(platform=ARM_MAC)
    index = base(tmp_path, one_build("tensorflow", "2.15.0", ARM_MAC, "3.11", **CPU), macos)
    found = ask(index, os="macos", arch="arm64", python="3.13")
    assert found.answer is None
    first, second = found.rejected
    assert (first.release, first.kind, second.release) == ("2.16.0rc1", "candidate", "2.15.0")
    assert [one.release for one in ask(index, python="3.13").rejected] == ["2.15.0"]


def test_a_candidate_of_which_too_little_is_known_is_no_way_out(tmp_path):
    silent = {"cuda_build": True, "cuda": None, "cudnn": None, "compute_capabilities": None}
    index = base(tmp_path, cuda_build("2.15.0", "3.12"), candidate(**silent))
    for asked, reason in (
        ({"compute_capability": "3.5"}, "compute capabilities: whether it serves 3.5"),
        ({"driver": "300.1"}, "CUDA: whether driver 300.1 runs it"),
    ):
        found = ask(index, python="3.12", **asked, **GPU)
        assert found.answer is None
        texts = [text for _, text in reasons(found, "2.16")]
        assert f"its wheel does not state its {reason} is unknown" in texts


@pytest.mark.parametrize(
    ("last", "fits"), [("2.15.0", False), ("2.14.0", True), (None, False), ("2.16.0rc1", False)]
)
def test_a_problem_of_the_last_release_counts_against_a_candidate(last, fits, tmp_path):
    releases = [cuda_build("2.14.0"), cuda_build("2.15.0"), candidate("2.16.0rc1")]
    fault = problem("breaks", "2.14.0", last, rejects=True, pythons=("3.14",))
    found = ask(base(tmp_path, *releases, problems=(fault,)), python="3.14")
    assert (found.answer is not None) is fits
    if not fits:
        ((rule, text),) = reasons(found, "2.16")
        assert (rule, text.endswith("The title of breaks")) == ("problem", True)


def test_a_candidate_tells_which_nightlies_it_brings(tmp_path):
    requires = ("keras-nightly>=3.12.0.dev", "numpy>=1.26.0")
    index = base(tmp_path, candidate(requires=requires), cuda_build("2.15.0"))
    caveats = ask(index, python="3.14").answer.caveats
    (told,) = [text for text in caveats if "keras" in text]
    assert told == (
        "It requires keras-nightly, a nightly, which pip installs over the files of keras: have no "
        "keras in the same environment."
    )


def test_what_was_tested_of_a_series_speaks_of_no_candidate(tmp_path):
    page = (
        row("linux-cpu", "tensorflow-2.15.0", "3.9-3.14"),
        row("linux-gpu", "tensorflow-2.15.0", "3.9-3.14", "12.2", "8.9"),
    )
    silent = {"cuda_build": True, "cuda": None, "cudnn": None, "compute_capabilities": None}
    index = base(
        tmp_path, cuda_build("2.15.0", "3.12"), candidate("2.15.1rc0", **silent), official=page
    )
    assert {offer.listed for offer in index.candidates} == {None}
    (cuda,) = [offer for offer in index.candidates if offer.device == "cuda"]
    assert index.toolkits[cuda.toolkit].cuda is None
    assert cuda.cells[0].rung == "shipped"


@pytest.mark.parametrize(
    ("capability", "start", "because"),
    [
        ("6.1", None, "it has machine code that serves compute capability 6.1"),
        ("7.0", "A part of its code alone is machine code for compute capability 7.0", None),
        (
            "8.6",
            "No machine code for compute capability 8.6: the driver compiles its PTX 7.0",
            None,
        ),
    ],
)
def test_of_a_wheel_that_was_not_read_the_list_counts(capability, start, because, tmp_path):
    code = Capabilities(("6.0", "7.0"), ("7.0",))
    index = base(tmp_path, cuda_build("2.15.0", compute_capabilities=code))
    answer = ask(index, compute_capability=capability, **GPU).answer
    told = [text for text in answer.caveats if "PTX" in text]
    assert len(told) == (start is not None)
    assert all(text.startswith(start) for text in told)
    assert (because is None) or because in answer.because


def read_base(folder, *objects, **says):
    """Return the index of a base whose one build was read."""
    one = cuda_build("2.21.0", "3.12", **{"compute_capabilities": None, **says})
    hopper = Architecture(name="Hopper", compute_capabilities=("9.0",), source=LINK)
    cuda = CUDA._replace(architectures=(hopper, *CUDA.architectures))
    return base(folder, one, code=(code_of(one, *objects),), cuda=cuda)


MIXED = (held(1149, "6.0 7.0 8.0", "9.0"), held(330, "6.0 7.0 8.0 9.0", "9.0", "8.3"))
COMPILED = (
    "77 % of its code is compiled at first use on compute capability 9.0: 1149 of 1479 objects "
    "have only PTX for it. That takes minutes, once."
)
NEEDS = (
    "Needs driver 555 or newer: on compute capability 9.0 an older one does not compile the PTX "
    "of 1149 of its 1479 objects."
)
IN_ALL = "it has machine code that serves compute capability 8.6 in all of its 1479 objects"
IN_PART = "it has machine code that serves compute capability 9.0 in 330 of its 1479 objects"
READS = (
    "driver 555.42 is not older than 555, the first that compiles the PTX of 1149 of its 1479 "
    "objects on compute capability 9.0"
)
TOO_OLD = (
    "driver 535.54 is older than 555, the first that compiles the PTX that 1149 of its 1479 "
    "objects need on compute capability 9.0"
)


@pytest.mark.parametrize(
    ("capability", "driver", "caveats", "because"),
    [
        ("8.6", "535.54", [], [IN_ALL]),
        ("9.0", "555.42", [COMPILED], [IN_PART, READS]),
        ("9.0", None, [COMPILED, NEEDS], [IN_PART]),
    ],
)
def test_what_was_counted_in_the_code_is_told(capability, driver, caveats, because, tmp_path):
    index = read_base(tmp_path, *MIXED)
    answer = ask(index, compute_capability=capability, driver=driver, device="gpu").answer
    assert [text for text in answer.caveats if "objects" in text] == caveats
    assert [text for text in answer.because if capability in text] == because


def test_a_driver_that_does_not_read_the_ptx_is_too_old(tmp_path):
    index = read_base(tmp_path, *MIXED)
    found = ask(index, compute_capability="9.0", driver="535.54", device="gpu")
    assert found.answer is None
    assert reasons(found, "2.21") == [("driver", TOO_OLD)]


def test_objects_without_any_code_are_told_and_do_not_reject(tmp_path):
    index = read_base(tmp_path, held(1432, "6.0 8.0", "9.0"), held(232, "", "9.0"))
    answer = ask(index, compute_capability="8.6", driver="535.54", device="gpu").answer
    assert (
        "232 of its 1664 objects have no code for compute capability 8.6. What they are for is not "
        "known." in answer.caveats
    )
    assert (
        "it has machine code that serves compute capability 8.6 in 1432 of its 1664 objects"
        in answer.because
    )


def test_objects_of_ptx_alone_ask_for_no_newer_driver(tmp_path):
    index = read_base(
        tmp_path, held(1887, "7.5", "8.0", "8.3"), held(362, "", "8.0", "8.5"), held(265, "8.0")
    )
    found = ask(index, compute_capability="8.6", driver="545.23", device="gpu")
    assert (
        "362 of its 2514 objects hold PTX alone that driver 545.23 does not compile: 555 is the "
        "first that does. What they are for is not known: a newer driver is surer."
    ) in found.answer.caveats
    newer = ask(index, compute_capability="8.6", driver="555.42", device="gpu")
    assert not any("PTX alone" in text for text in newer.answer.caveats)


def test_the_code_counts_where_a_list_says_something_else(tmp_path):
    declared = Capabilities(("6.0",), ())
    index = read_base(tmp_path, held(10, "8.0"), compute_capabilities=declared)
    assert ask(index, compute_capability="6.1", device="gpu").answer is None
    assert ask(index, compute_capability="8.6", device="gpu").answer is not None


def test_a_gpu_older_than_all_code_cannot_work(tmp_path):
    index = base(tmp_path, cuda_build("2.15.0"))
    assert reasons(ask(index, compute_capability="3.5", **GPU), "2.15") == [
        (
            "compute-capability",
            "no code for compute capability 3.5: machine code for 6.0, 7.0, 8.0, PTX for 8.0",
        )
    ]


def test_a_wheel_that_does_not_state_its_code_may_serve(tmp_path):
    index = base(tmp_path, cuda_build("2.15.0", compute_capabilities=None))
    answer = ask(index, compute_capability="7.0", **GPU).answer
    assert any(text.endswith("whether it serves 7.0 is unknown.") for text in answer.caveats)


def test_the_cuda_libraries_must_know_the_gpu_whatever_the_ptx_allows(tmp_path):
    code = Capabilities(("6.0",), ("6.0",))
    says = {"cuda": "10.0", "extras": (), "compute_capabilities": code}
    index = base(tmp_path, cuda_build("2.15.0", **says))
    assert ask(index, compute_capability="7.0", **GPU).answer is not None
    assert reasons(ask(index, compute_capability="8.0", **GPU), "2.15") == [
        (
            "toolkit",
            (
                "its CUDA 10.0 libraries do not know compute capability 8.0: CUDA 11.0 is the "
                "first that does"
            ),
        )
    ]


def test_libraries_that_serve_a_gpu_by_the_code_for_an_older_one_are_a_caveat(tmp_path):
    newer = CUDA.knows[0]._replace(compute_capability="8.6", cuda="11.1", served_by="8.0")
    tables = {"cuda": CUDA._replace(knows=(newer, *CUDA.knows))}
    index = base(tmp_path, cuda_build("2.15.0", cuda="11.0", extras=()), **tables)
    answer = ask(index, compute_capability="8.6", **GPU).answer
    assert any("serve it by their code for 8.0" in text for text in answer.caveats)


def test_a_range_of_libraries_brings_ones_that_know_newer_gpus(tmp_path):
    newer = CUDA.knows[0]._replace(compute_capability="8.6", cuda="12.8")
    tables = {"cuda": CUDA._replace(knows=(newer, *CUDA.knows))}
    extra = CUDA_12["extras"][0]
    pinned = extra._replace(requires=("nvidia-cuda-runtime-cu12==12.5.82",))
    ranged = extra._replace(requires=("nvidia-cuda-runtime-cu12<13.0,>=12.5.82",))
    index = base(
        tmp_path,
        cuda_build("2.15.0", extras=(pinned,)),
        cuda_build("2.16.0", extras=(ranged,)),
        **tables,
    )
    found = ask(index, compute_capability="8.6", **GPU)
    assert found.answer.release == "2.16.0"
    assert [rule for rule, _ in reasons(found, "2.15")] == ["toolkit"]


@pytest.mark.parametrize(
    ("system", "driver", "fits"),
    [
        ("linux", "525.60.13", True),
        ("linux", "525.60.9", False),
        ("wsl2", "528.33", True),
        ("wsl2", "528.24", False),
        ("linux", "1000.1", True),
    ],
)
def test_the_driver_must_be_the_least_for_the_cuda(system, driver, fits, tmp_path):
    index = base(tmp_path, cuda_build("2.15.0"))
    found = ask(index, os=system, driver=driver, **GPU)
    assert (found.answer is not None) == fits
    if not fits:
        assert [rule for rule, _ in reasons(found, "2.15")] == ["driver"]


def test_without_a_driver_the_least_is_told(tmp_path):
    index = base(tmp_path, cuda_build("2.15.0"))
    assert "Needs driver 525.60.13 or newer." in ask(index, **GPU).answer.caveats
    on_wsl2 = ask(index, os="wsl2", **GPU).answer.caveats
    assert "Needs a Windows driver 528.33 or newer." in on_wsl2


@pytest.mark.parametrize(
    ("driver", "fits"),
    [("470.256.02", True), ("475.14", True), ("494.9", True), ("495.29.05", False), ("550", False)],
)
def test_a_driver_of_a_later_branch_than_the_last_for_the_gpu_does_not_fit(driver, fits, tmp_path):
    index = base(tmp_path, one_build("tensorflow", "2.10.0", LINUX, "3.10", **CUDA_11))
    found = ask(index, compute_capability="3.5", driver=driver, **GPU)
    assert (found.answer is not None) == fits
    if not fits:
        (one,) = [r for r in found.rejected[0].reasons if r.rule == "driver"]
        assert "the 470 branch is the last that does" in one.text
        assert one.instead == (
            "Install a driver of the 470 branch, the last for compute capability 3.5.",
        )


def test_a_pin_for_what_no_recipe_installs_is_in_no_set_up(tmp_path):
    held = pin(
        "nvidia-cudnn-cu11<8.8", None, None, compute_capability_below="5.0", only_beside=True
    )
    index = base(
        tmp_path,
        one_build("tensorflow", "2.10.0", LINUX, "3.10", **CUDA_11),
        pins=(held,),
    )
    answer = ask(index, compute_capability="3.5", driver="470.256.02", **GPU).answer
    assert not any("cudnn-cu11" in text for text in (*answer.setup, *answer.caveats))


@pytest.mark.parametrize(("capability", "fits"), [("3.5", False), ("6.0", True)])
def test_where_the_code_is_not_known_the_page_of_its_day_decides(capability, fits, tmp_path):
    said = GpuSupport(
        releases=Bounds("2.0.0", "2.1.0"),
        cuda="10.0",
        driver="410",
        read="2018-12-17",
        source=LINK,
        compute_capability="6.0",
    )
    silent = {"cuda_build": True, "cuda": "10", "compute_capabilities": None}
    index = base(
        tmp_path,
        one_build("tensorflow", "2.0.0", LINUX, "3.7", **silent),
        cuda=CUDA._replace(gpu_support=(said,)),
    )
    found = ask(index, compute_capability=capability, driver="410.48", **GPU)
    if fits:
        assert any("the minimum for CUDA 10.0" in text for text in found.answer.because)
    else:
        assert reasons(found, "2.0") == [
            (
                "compute-capability",
                (
                    "its wheel does not state its compute capabilities, and TensorFlow's page of "
                    "its day asks for 6.0 or higher"
                ),
            )
        ]


def test_no_driver_serves_a_new_cuda_and_an_old_gpu(tmp_path):
    built = {**CUDA_12, "compute_capabilities": None}
    index = base(tmp_path, cuda_build("2.15.0", **built))
    found = ask(index, compute_capability="3.5", **GPU)
    assert reasons(found, "2.15") == [
        (
            "toolkit",
            (
                "its CUDA 12.2 libraries no longer know compute capability 3.5: CUDA 11.x is "
                "the last that does"
            ),
        ),
        (
            "driver",
            (
                "no driver serves both: CUDA 12.2 needs 525.60.13, and the 470 branch is the last "
                "for compute capability 3.5"
            ),
        ),
    ]


def test_the_last_branch_for_a_gpu_is_told_where_no_driver_is(tmp_path):
    index = base(tmp_path, cuda_build("2.15.0"))
    caveats = ask(index, compute_capability="6.1", **GPU).answer.caveats
    assert any("The 580 branch of the driver is the last" in text for text in caveats)
    caveats = ask(index, compute_capability="8.0", **GPU).answer.caveats
    assert not any("branch" in text for text in caveats)


@pytest.mark.parametrize(
    ("driver", "told"),
    [
        (None, "Which Windows driver CUDA 11.2 needs on WSL2 is not known"),
        ("537.13", "Which Windows driver CUDA 11.2 needs on WSL2 is not known"),
        ("411.31", "Driver 411.31 is older than the 495 branch"),
    ],
)
def test_a_minimum_that_nobody_names_for_wsl2_is_unknown(driver, told, tmp_path):
    index = base(tmp_path, one_build("tensorflow", "2.10.0", LINUX, "3.10", **CUDA_11))
    answer = ask(index, os="wsl2", driver=driver, **GPU).answer
    assert any(text.startswith(told) for text in answer.caveats)
    assert not any("452.39" in text for text in (*answer.caveats, *answer.because))


@pytest.mark.parametrize(
    ("driver", "caveat", "reason"),
    [
        ("450.51.06", None, None),
        (
            "450.51.05",
            (
                "CUDA 11.0.3 asks for driver 450.51.06: with driver 450.51.05 install CUDA "
                "11.0.2 or older."
            ),
            None,
        ),
        ("450.36", None, "driver 450.36 is older than 450.51.05, the minimum for CUDA 11.0"),
    ],
)
def test_patches_of_a_cuda_ask_for_drivers_of_their_own(driver, caveat, reason, tmp_path):
    built = {**CUDA_11, "cuda": "11.0"}
    index = base(tmp_path, one_build("tensorflow", "2.4.0", LINUX, "3.8", **built))
    found = ask(index, driver=driver, **GPU)
    if reason is not None:
        assert reasons(found, "2.4") == [("driver", reason)]
    else:
        told = [text for text in found.answer.caveats if text.startswith("CUDA 11.0.3 asks")]
        assert told == ([caveat] if caveat else [])


def test_a_branch_alone_is_asked_back_where_the_minimum_is_within_it(tmp_path):
    index = base(tmp_path, cuda_build("2.15.0"))
    told = (
        "525 names a branch of the driver alone, and CUDA 12.2 asks for 525.60.13 of it or "
        "newer: tell the whole version, which nvidia-smi prints"
    )
    assert reasons(ask(index, driver="525", **GPU), "2.15") == [("driver", told)]
    assert "older than 525.60.13" in reasons(ask(index, driver="470", **GPU), "2.15")[0][1]
    assert ask(index, driver="535", **GPU).answer.release == "2.15.0"


def test_no_run_proves_what_nvidia_does_not_support_on_wsl2(tmp_path):
    tables = {"cuda": CUDA._replace(wsl2=Wsl2("7.5", LINK))}
    base(tmp_path, cuda_build("2.15.0"), **tables)
    seen = {"proves": "runs-gpu", "compute_capability": "7.0", "gpu": "Tesla V100"}
    index = with_run(tmp_path, "2.15.0", "3.10", "cuda", **seen)
    asked = {"compute_capability": "7.0", **GPU}
    assert ask(index, **asked).proven.release == "2.15.0"
    found = ask(index, os="wsl2", **asked)
    assert (found.answer.release, found.proven) == ("2.15.0", None)


@pytest.mark.parametrize(
    ("machine", "start"),
    [
        ({"gpu": "Tesla V100", "driver": "470.82.01"}, "For this data-centre GPU: NVIDIA's cuda-"),
        ({"driver": "470.82.01"}, "If it is a data-centre GPU, or an RTX card"),
        ({"gpu": "V100", "driver": "460.32.03"}, None),
        ({"gpu": "V100", "driver": "470.82.01", "os": "wsl2"}, None),
        ({"gpu": "GTX 1080", "compute_capability": "6.1", "driver": "470.82.01"}, None),
    ],
)
def test_cuda_compat_is_named_for_what_it_serves(machine, start, tmp_path):
    index = base(tmp_path, cuda_build("2.15.0"))
    found = ask(index, **{"compute_capability": "7.0", **GPU, **machine})
    (one,) = found.rejected[0].reasons
    assert (one.rule, len(one.instead)) == ("driver", 0 if start is None else 1)
    if start is not None:
        assert one.instead[0].startswith(start)
        assert "/usr/local/cuda-12.2/compat" in one.instead[0]
        assert one.sources == (LINK,)


@pytest.mark.parametrize(
    ("built", "installed", "fits"),
    [
        ("11.2", "11.2", True),
        ("11.2", "11.8", True),
        ("11.2", "11.0", False),
        ("11.2", "12.0", False),
        ("10.0", "10.0", True),
        ("10.0", "10.1", False),
        ("9", "9.2", True),
    ],
)
def test_cuda_on_the_machine_counts_where_the_recipe_brings_none(built, installed, fits, tmp_path):
    index = base(tmp_path, cuda_build("2.9.0", cuda=built, extras=()))
    caveats = ask(index, cuda=installed, **GPU).answer.caveats
    beside = [text for text in caveats if f"beside the CUDA {installed} on this machine" in text]
    assert bool(beside) != fits
    serves = [
        text for text in caveats if text.startswith(f"CUDA {installed} on this machine serves")
    ]
    assert bool(serves) == (fits and installed.startswith("11") and built != installed)


def test_what_goes_with_the_cuda_of_the_machine_is_preferred_to_one_beside_it(tmp_path):
    index = base(
        tmp_path,
        cuda_build("2.8.0", cuda="11.2", extras=()),
        cuda_build("2.9.0", cuda="12.2", extras=()),
    )
    found = ask(index, cuda="11.4", **GPU)
    assert found.answer.release == "2.8.0"
    assert [rule for rule, _ in reasons(found, "2.9")] == ["cuda"]


def test_cuda_on_the_machine_does_not_matter_where_the_recipe_brings_it(tmp_path):
    index = base(tmp_path, cuda_build("2.15.0"))
    caveats = ask(index, cuda="9.0", **GPU).answer.caveats
    assert "CUDA 9.0 on this machine does not matter: its recipe brings its own." in caveats


def test_a_recipe_without_cuda_tells_what_to_install(tmp_path):
    index = base(tmp_path, cuda_build("2.9.0", **CUDA_11, extras=()))
    by_hand = ask(index, **GPU).answer
    text = "Its recipe does not bring CUDA: install CUDA 11.2 and cuDNN 8 first."
    assert text in by_hand.caveats


def test_a_known_problem_rejects_with_its_reports_and_the_way_out(tmp_path):
    index = base(
        tmp_path,
        cuda_build("2.14.0"),
        cuda_build("2.15.0"),
        problems=(
            problem("bad", "2.15.0", None, compute_capabilities=("8.0",), rejects=True),
            problem("harmless", "2.14.0", None),
        ),
    )
    assert ask(index, compute_capability="7.0", **GPU).answer.release == "2.15.0"
    found = ask(index, compute_capability="8.0", **GPU)
    assert found.answer.release == "2.14.0"
    (reason,) = found.rejected[0].reasons
    assert (reason.rule, reason.text) == ("problem", "The title of bad")
    assert (reason.instead, reason.sources) == (("A way out.",), (LINK,))


def test_glibc_and_macos_are_what_the_tag_demands(tmp_path):
    one = cuda_build("2.15.0")
    first = one.builds[0]
    newer = wheel("tensorflow-2.15.0-cp310-cp310-manylinux_2_28_x86_64.whl")
    mac = one_build("tensorflow", "2.16.0", ARM_MAC, "3.10", **CPU)
    index = base(tmp_path, one._replace(builds=(first._replace(wheels=(newer,)),)), mac)
    assert "Needs glibc 2.28 or newer." in ask(index).answer.caveats
    assert reasons(ask(index, glibc="2.27"), "2.15") == [
        ("glibc", "it needs glibc 2.28, and this machine has 2.27")
    ]
    on_mac = {"os": "macos", "arch": "arm64"}
    assert ask(index, macos="14.5", **on_mac).answer.release == "2.16.0"
    assert reasons(ask(index, macos="11.7", **on_mac), "2.16") == [
        ("macos", "it needs macOS 12.0, and this machine has 11.7")
    ]


def test_a_pin_below_a_compute_capability_is_in_the_set_up_of_such_gpus(tmp_path):
    index = base(
        tmp_path,
        cuda_build("2.15.0"),
        pins=(pin("nvidia-cudnn-cu12<9.11", "2.15.0", None, compute_capability_below="7.5"),),
    )
    older, newer = (ask(index, compute_capability=one, **GPU).answer for one in ("7.0", "8.0"))
    assert "'nvidia-cudnn-cu12<9.11'" in older.setup[-1]
    assert "nvidia-cudnn" not in newer.setup[-1]
    assert "With nvidia-cudnn-cu12<9.11: It was found broken without." in older.caveats
    unnamed = ask(index, **GPU).answer
    assert "nvidia-cudnn" not in unnamed.setup[-1]
    assert any(text.startswith("On a GPU below") for text in unnamed.caveats)


def test_an_old_gpu_on_wsl2_is_a_caveat(tmp_path):
    tables = {"cuda": CUDA._replace(wsl2=Wsl2("7.0", LINK))}
    index = base(tmp_path, cuda_build("2.15.0"), **tables)
    caveat = "NVIDIA does not support GPUs below compute capability 7.0 on WSL2."
    question = {"compute_capability": "6.1", **GPU}
    assert caveat in ask(index, os="wsl2", **question).answer.caveats
    assert caveat not in ask(index, os="linux", **question).answer.caveats


def test_a_platform_without_the_device_is_told_apart_from_a_series_without_it(tmp_path):
    windows = one_build("tensorflow", "2.10.0", WINDOWS, "3.10", **CUDA_11)
    later = release("tensorflow", "2.11.0", *cuda_build("2.11.0").builds)
    on_cpu = one_build("tensorflow-cpu", "2.11.0", WINDOWS, "3.10", **CPU)
    rocm = one_build("tensorflow-rocm", "2.10.0", LINUX, "3.10", **(CPU | {"rocm_build": True}))
    index = base(tmp_path, windows, later, on_cpu, rocm)
    assert reasons(ask(index, os="windows", **GPU), "2.11") == [
        ("platform", "no CUDA on Windows x86-64: it ends with 2.10 (tensorflow 2.10.0)")
    ]
    assert reasons(ask(index, maker="amd", **GPU), "2.11") == [
        ("device", "no ROCm on Linux x86-64: it ends with 2.10 (tensorflow-rocm 2.10.0)")
    ]


def test_a_platform_without_wheels_is_told(tmp_path):
    index = base(
        tmp_path,
        cuda_build("2.14.0"),
        release(
            "tensorflow",
            "2.15.0",
            *one_build("tensorflow", "2.15.0", ARM_LINUX, "3.10", **CPU).builds,
        ),
    )
    assert reasons(ask(index, arch="arm64"), "2.14") == [
        ("platform", "no wheel for Linux Arm64: the first series with one is 2.15")
    ]
    assert reasons(ask(index, os="windows"), "2.15") == [
        ("platform", "no wheel for Windows x86-64: no series has one")
    ]


def test_a_missing_device_does_not_hide_that_the_python_is_wrong_too(tmp_path):
    index = base(tmp_path, one_build("tensorflow-cpu", "2.15.0", WINDOWS, "3.10", **CPU))
    found = ask(index, os="windows", python="3.13", **GPU)
    assert [rule for rule, _ in reasons(found, "2.15")] == ["device", "python"]


METAL = PluginFile(
    1,
    "tensorflow-metal",
    (
        one_build("tensorflow-metal", "1.0.0", ARM_MAC, "3.9 3.10"),
        one_build("tensorflow-metal", "1.1.0", ARM_MAC, "3.10"),
    ),
)
PAIRS = PluginPairsFile(
    1,
    tuple(
        PluginPair(
            plugin="tensorflow-metal",
            release=version,
            distributions=("tensorflow",),
            releases=Bounds(first, last),
            platforms=(ARM_MAC,),
            macos="12.1",
            source=LINK,
        )
        for version, first, last in (("1.0.0", "2.14.0", "2.14.0"), ("1.1.0", "2.15.0", "2.15.0"))
    ),
)


def metal_base(folder):
    """Write a base with Metal's plug-in for two of three series."""
    releases = [
        one_build("tensorflow", version, ARM_MAC, "3.9 3.10", **CPU)
        for version in ("2.14.0", "2.15.0", "2.16.0")
    ]
    write_base(folder, *(series_file(r.release[:4], (r,)) for r in releases), plugins=(METAL,))
    (folder / "plugin_pairs.yaml").write_text(dump(PAIRS, "Pairs."), encoding="utf-8")
    return Store(folder)


def test_a_plug_in_goes_with_the_releases_of_its_table(tmp_path):
    index = build_index(metal_base(tmp_path))
    asked = {"os": "macos", "arch": "arm64", "maker": "apple", **GPU}
    found = ask(index, **asked)
    assert (found.answer.release, found.answer.python) == ("2.15.0", "3.10")
    assert (found.answer.device, found.answer.rung) == ("metal", "documented")
    assert found.answer.setup[-1].endswith("tensorflow==2.15.0 tensorflow-metal==1.1.0")
    assert "Metal comes by the plug-in tensorflow-metal 1.1.0" in found.answer.because
    assert "Needs macOS 12.1 or newer." in found.answer.caveats
    assert [one.release for one in found.also] == ["2.14.0"]
    assert reasons(found, "2.16")[0][0] == "device"
    assert ask(index, python="3.9", **asked).answer.release == "2.14.0"


@pytest.mark.parametrize(
    ("requirement", "goes_with"),
    [
        ("tensorflow-cpu==2.10.0", {"2.10.0"}),
        ("tensorflow-cpu>=2.10.0", {"2.10.0"}),
        ("tensorflow-cpu~=2.10.0", {"2.10.0", "2.10.1"}),
        ("tensorflow==2.10.0", set()),
        ("tensorflow-cpu==2.9", set()),
    ],
)
def test_a_plug_in_goes_with_what_its_wheel_requires(requirement, goes_with, tmp_path):
    releases = tuple(
        one_build("tensorflow-cpu", version, WINDOWS, "3.10", **CPU)
        for version in ("2.10.0", "2.10.1", "2.11.0")
    )
    plugin = one_build(
        "tensorflow-directml-plugin", "0.4.0", WINDOWS, "3.10", requires=("six", requirement)
    )
    index = base(
        tmp_path, *releases, plugins=(PluginFile(1, "tensorflow-directml-plugin", (plugin,)),)
    )
    offers = [offer for offer in index.offers if offer.device == "directml"]
    assert {index.releases[offer.release] for offer in offers} == goes_with
    assert {offer.plugin for offer in offers} <= {"tensorflow-directml-plugin 0.4.0"}


@pytest.mark.parametrize(
    ("versions", "taken"),
    [(("0.4.0", "0.5.0rc1"), "0.4.0"), (("0.3.0.dev1", "0.4.0.dev2"), "0.4.0.dev2")],
)
def test_a_candidate_of_a_plug_in_stands_behind_its_releases(versions, taken, tmp_path):
    name = "tensorflow-directml-plugin"
    plugins = tuple(
        one_build(name, version, WINDOWS, "3.10", requires=("tensorflow-cpu==2.10.0",))
        for version in versions
    )
    own = one_build("tensorflow-cpu", "2.10.0", WINDOWS, "3.10", **CPU)
    index = base(tmp_path, own, plugins=(PluginFile(1, name, plugins),))
    assert {offer.plugin for offer in index.offers} == {None, f"{name} {taken}"}


def test_the_set_up_of_a_plug_in_is_that_of_its_recipe(tmp_path):
    store = metal_base(tmp_path)
    (one,) = published(store.series("2.15"))
    (plugged,) = Plugins(store).of(one, "3.10")
    answer = ask(build_index(store), os="macos", arch="arm64", maker="apple", **GPU).answer
    assert answer.setup == setup(plugged_recipe(one, "3.10", plugged, ()))


def test_words_are_filled_in_once_and_other_braces_stay():
    assert fill("{python} in ${PATH} of {release}", python="{release}", release="2.15") == (
        "{release} in ${PATH} of 2.15"
    )


QUESTIONS = st.builds(
    MachineQuestion,
    os=st.sampled_from(["linux", "wsl2", "windows", "macos"]),
    arch=st.sampled_from(["x86_64", "arm64"]),
    python=st.sampled_from([None, "2.7", "3.6", "3.9", "3.12", "3.14", "9.9"]),
    device=st.sampled_from(["cpu", "gpu"]),
    maker=st.sampled_from(list(MAKERS)),
    compute_capability=st.sampled_from([None, "2.0", "3.5", "5.2", "7.0", "8.9", "9.0", "12.1"]),
    driver=st.sampled_from([None, "1.0", "450.80.02", "525.60.13", "999"]),
    cuda=st.sampled_from([None, "8.0", "10.1", "11.8", "12.4", "13.0"]),
    glibc=st.sampled_from([None, "2.5", "2.17", "2.40"]),
    macos=st.sampled_from([None, "10.9", "12.0", "15.1"]),
    release=st.none(),
    further_gpus=st.sampled_from([None, (AskedGpu(compute_capability="6.1"),)]),
)


@pytest.fixture(scope="module")
def real_index():
    """Open the index of the real knowledge base."""
    return open_index(Store())


@given(question=QUESTIONS)
def test_each_series_fits_or_has_a_reason_whatever_is_asked(question, real_index):
    found = find(real_index, question)
    fits = ([found.answer] if found.answer else []) + list(found.also)
    told = [series(one.release) for one in fits] + [one.series for one in found.rejected]
    if fits and fits[0].kind == "candidate":
        told.remove(series(fits[0].release))
    told = [name for name in told if name in real_index.final_series()]
    assert sorted(told, key=key) == sorted(real_index.final_series(), key=key)
    assert all(one.reasons for one in found.rejected)
    assert all(
        reason.text and "{" not in reason.text for r in found.rejected for reason in r.reasons
    )
    places = [real_index.releases.index(one.release) for one in fits]
    assert places == sorted(places, reverse=True)
    assert found.answer is not None or not found.also
    for one in (found.answer, found.proven):
        if one is not None:
            assert question.python in (None, one.python)
            assert one.platform == question.platform()
            assert (one.device == "cpu") == (question.device == "cpu")


def test_metal_is_never_said_to_be_in_the_official_table():
    found = find(open_index(Store()), MachineQuestion(os="macos", arch="arm64", maker="apple"))
    assert found.answer.device == "metal"
    assert "the table in the plug-in's own wheel has the pair" in found.answer.because
    assert not any("official table lists" in text for text in found.answer.because)


ON_A100 = {"proves": "runs-gpu", "compute_capability": "8.0", "gpu": "NVIDIA A100"}


def test_libraries_that_load_prove_nothing_of_a_gpu(tmp_path):
    base(tmp_path, cuda_build("2.15.0"))
    found = ask(with_run(tmp_path, "2.15.0", "3.10", "cuda", proves="links"), **GPU)
    assert (found.answer.rung, found.answer.trust, found.proven) == ("links", "attested", None)
    assert "no GPU has computed with it yet" in found.answer.proof.sentence


@pytest.mark.parametrize(
    ("asked", "is_proven"),
    [
        ({}, True),
        ({"compute_capability": "8.0"}, True),
        ({"compute_capability": "8.0", "gpu": "A30"}, True),
        ({"compute_capability": "7.0"}, False),
        ({"gpu": "of which nobody knows anything"}, False),
        ({"os": "wsl2"}, False),
        ({"os": "wsl2", "compute_capability": "8.0"}, False),
    ],
)
def test_a_gpu_proves_what_is_asked_of_its_compute_capability(tmp_path, asked, is_proven):
    base(tmp_path, cuda_build("2.15.0"))
    found = ask(with_run(tmp_path, "2.15.0", "3.10", "cuda", **ON_A100), **GPU, **asked)
    assert found.answer.rung == "runs-gpu"
    assert (found.proven is not None) == is_proven
    text = found.answer.proof.sentence
    assert ("not run on WSL2 yet" in text) == (asked.get("os") == "wsl2")
    assert ("no GPU of compute capability 7.0" in text) == ("7.0" in asked.values())


def test_a_run_on_wsl2_proves_nothing_for_linux(tmp_path):
    base(tmp_path, cuda_build("2.15.0"))
    index = with_run(tmp_path, "2.15.0", "3.10", wsl2=True)
    assert ask(index, os="wsl2").proven.release == "2.15.0"
    assert ask(index).proven is None
    assert "a Linux x86-64 (WSL2) runner" in ask(index).answer.proof.sentence


def test_a_gpu_on_which_it_fails_is_told_from_one_on_which_it_computes(tmp_path):
    base(tmp_path, cuda_build("2.15.0"))
    with_run(tmp_path, "2.15.0", "3.10", "cuda", **ON_A100)
    worked = Store(tmp_path).evidence("2.15").runs
    failed = {**ON_A100, "proves": None, "outcome": "crash", "why": "it fell over."}
    with_run(tmp_path, "2.15.0", "3.10", "cuda", **{**failed, "compute_capability": "7.0"})
    runs = (*worked, *Store(tmp_path).evidence("2.15").runs)
    (tmp_path / "evidence" / "2.15.yaml").write_text(dump(EvidenceFile(1, runs), "Runs."))
    index = build_index(Store(tmp_path))
    assert ask(index, compute_capability="8.0", **GPU).proven.release == "2.15.0"
    told = "broken as of 2026-04-04, attested: it fell over"
    assert reasons(ask(index, compute_capability="7.0", **GPU), "2.15") == [("broken", told)]


def test_a_recipe_that_a_pin_changes_stands_on_what_is_proven_of_its_own(tmp_path):
    condition = {"compute_capability_below": "7.5", "devices": ("cuda",)}
    below = pin("nvidia-cudnn-cu12<9.11", None, None, **condition)
    base(tmp_path, cuda_build("2.15.0"), pins=(below,))
    index = with_run(tmp_path, "2.15.0", "3.10", "cuda", proves="links")
    assert ask(index, compute_capability="8.0", **GPU).answer.rung == "links"
    old = ask(index, compute_capability="7.0", **GPU).answer
    assert (old.rung, old.trust) == ("shipped", None)
    assert old.proof.sentence.startswith("Not run yet with nvidia-cudnn-cu12<9.11;")
    (changed,) = opened_cell(tmp_path, "2.15.0", "3.10", "cuda").pinned
    recipe = recipe_id(changed.recipe)
    index = with_run(tmp_path, "2.15.0", "3.10", "cuda", proves="links", recipe=recipe)
    assert ask(index, compute_capability="7.0", **GPU).answer.rung == "links"
    assert ask(index, compute_capability="8.0", **GPU).answer.rung == "shipped"
