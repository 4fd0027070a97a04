import pytest

from kb.answers.releases import VersionQuestion, best
from kb.base.errors import DocumentError, NothingFound
from kb.base.store import Store
from kb.facts import tags
from kb.facts.builds import devices, published
from kb.lookup.answer import lookup
from tests.kb.small_base import (
    ARM_MAC,
    CPU,
    CUDA_11,
    CUDA_12,
    INTEL_MAC,
    LINUX,
    NVIDIA,
    WINDOWS,
    build,
    one_build,
    pin,
    placeholder,
    problem,
    release,
    row,
    series_2_15,
    series_file,
    shim_to,
    verdict,
    write_base,
)


def ask(store, version, platform=None, python=None, device=None):
    return lookup(
        store, VersionQuestion(version=version, platform=platform, python=python, device=device)
    )


def offered(answer):
    """Return for each distribution, release and platform the Pythons that an answer offers."""
    return {
        f"{b.published.release.distribution} {b.published.release.release} "
        f"{b.published.build.platform}": " ".join(b.pythons)
        for b in answer.builds
    }


def cells(answer, device=None):
    """Return the cells of an answer, for one device or for all."""
    return [c for b in answer.builds for c in b.cells if device in (None, c.key.device)]


def test_a_series_means_for_each_python_its_newest_release_with_a_wheel(usual_base):
    answer = ask(usual_base, "2.15")
    assert offered(answer) == {
        f"tensorflow 2.15.1 {LINUX}": "3.10 3.11",
        f"tensorflow-cpu 2.15.1 {LINUX}": "3.10 3.11",
        f"tensorflow 2.15.0.post1 {LINUX}": "3.9",
        f"tensorflow 2.15.0 {WINDOWS}": "3.9",
        f"tensorflow-intel 2.15.0 {WINDOWS}": "3.9",
    }
    assert (answer.release, answer.series, answer.whole_series) == ("2.15.1", "2.15", True)


@pytest.mark.parametrize(
    ("version", "pythons"), [("2.15.0", "3.9 3.10"), ("2.15.0.post1", "3.9 3.10")]
)
def test_a_release_means_itself(version, pythons, usual_base):
    answer = ask(usual_base, version, LINUX)
    assert offered(answer) == {f"tensorflow {version} {LINUX}": pythons}
    assert (answer.release, answer.series, answer.whole_series) == (version, "2.15", False)


def test_latest_is_the_newest_series_with_tensorflow_itself(usual_base):
    assert ask(usual_base, "latest") == ask(usual_base, "2.15")
    assert ask(usual_base, "LATEST").release == "2.15.1"


def test_nightly_is_the_newest_series_with_a_nightly(usual_base):
    answer = ask(usual_base, "nightly")
    assert answer.series == "2.16"
    assert offered(answer) == {f"tf-nightly 2.16.0.dev20260101 {LINUX}": "3.11"}


def test_a_leading_v_is_no_matter(usual_base):
    assert ask(usual_base, "v2.15.0") == ask(usual_base, "2.15.0")


@pytest.mark.parametrize("version", ["latest", "nightly"])
def test_an_empty_base_has_neither_latest_nor_nightly(version, tmp_path):
    with pytest.raises(NothingFound, match="no release of"):
        ask(write_base(tmp_path), version)


@pytest.mark.parametrize(
    ("narrowed", "expected"),
    [
        ({"platform": WINDOWS}, ["tensorflow 2.15.0", "tensorflow-intel 2.15.0"]),
        ({"python": "3.11"}, ["tensorflow 2.15.1", "tensorflow-cpu 2.15.1"]),
        ({"device": "cuda"}, ["tensorflow 2.15.1", "tensorflow 2.15.0.post1"]),
        ({"device": "cuda", "python": "3.9"}, ["tensorflow 2.15.0.post1"]),
    ],
)
def test_an_answer_is_narrowed_to_what_is_asked(narrowed, expected, usual_base):
    answer = ask(usual_base, "2.15", **narrowed)
    assert [name.rpartition(" ")[0] for name in offered(answer)] == expected
    for cell in cells(answer):
        asked = {name: getattr(cell.key, name) for name in narrowed}
        assert asked == narrowed


@pytest.mark.parametrize(
    ("version", "nearest"),
    [
        ("2.17", ("1.15", "2.15", "2.16")),
        ("0.5", ("1.15", "2.15", "2.16")),
        ("2.15.9", ("2.15.0", "2.15.0.post1", "2.15.1")),
        ("3.x", ("1.15", "2.15", "2.16")),
        ("", ("1.15", "2.15", "2.16")),
    ],
)
def test_an_unknown_version_has_nearest_ones(version, nearest, usual_base):
    with pytest.raises(NothingFound) as caught:
        ask(usual_base, version)
    assert caught.value.nearest == nearest
    assert str(caught.value) == f"no TensorFlow {version}; nearest: {', '.join(nearest)}"


def test_a_major_version_is_told_its_series(usual_base):
    with pytest.raises(NothingFound) as caught:
        ask(usual_base, "2")
    assert caught.value.nearest == ("2.15", "2.16")
    assert str(caught.value).startswith("2 is many series of TensorFlow: name one; ")


def test_a_release_that_the_page_lists_and_the_index_does_not_have_names_the_page():
    with pytest.raises(NothingFound) as caught:
        lookup(Store(), VersionQuestion("1.13.0"))
    assert str(caught.value) == (
        "no TensorFlow 1.13.0 on the index, though the official page lists tensorflow-1.13.0 and "
        "tensorflow_gpu-1.13.0: "
        "https://www.tensorflow.org/install/source_windows#tested_build_configurations; "
        "nearest: 1.13.1, 1.13.2"
    )


@pytest.mark.parametrize(
    ("narrowed", "listed"),
    [
        ({"platform": WINDOWS}, "tensorflow-2.15.7"),
        ({"python": "3.8"}, "tensorflow-2.15.7"),
        ({"platform": LINUX}, None),
        ({"python": "3.7"}, None),
        ({"device": "cuda"}, None),
    ],
)
def test_the_page_is_named_for_what_it_lists_and_for_nothing_else(narrowed, listed, tmp_path):
    build = one_build("tensorflow", "2.15.0", LINUX, "3.9", **CPU)
    page = row("windows-cpu", "tensorflow-2.15.7", "3.8")
    store = write_base(tmp_path, series_file("2.15", (build,), (page,)))
    with pytest.raises(NothingFound) as caught:
        lookup(store, VersionQuestion("2.15.7", **narrowed))
    assert ("though the official page lists" in str(caught.value)) == (listed is not None)
    assert listed is None or f"lists {listed}: https://" in str(caught.value)


def test_the_nearest_series_stand_around_the_one_that_is_not_there(tmp_path):
    names = ("1.15", "2.0", "2.1", "2.4", "2.5", "2.6")
    store = write_base(tmp_path, *(series_file(name) for name in names))
    with pytest.raises(NothingFound) as caught:
        ask(store, "2.3")
    assert caught.value.nearest == ("2.0", "2.1", "2.4")


def test_an_unknown_python_has_the_known_ones_as_nearest(usual_base):
    with pytest.raises(NothingFound) as caught:
        ask(usual_base, "2.15", python="3.12")
    assert str(caught.value) == (
        "no TensorFlow 2.15 for Python 3.12; nearest: Python 3.9, Python 3.10, Python 3.11"
    )


@pytest.mark.parametrize("version", ["v2.15", "latest"])
def test_the_nearest_pythons_are_told_however_the_series_is_named(version, usual_base):
    with pytest.raises(NothingFound) as caught:
        ask(usual_base, version, python="3.12")
    assert caught.value.nearest == ("Python 3.9", "Python 3.10", "Python 3.11")


@pytest.mark.parametrize(
    ("narrowed", "nearest"),
    [
        ({"platform": INTEL_MAC}, (LINUX, WINDOWS)),
        ({"device": "metal"}, ("cpu", "cuda")),
        ({"platform": WINDOWS, "device": "cuda"}, (LINUX,)),
        ({"platform": WINDOWS, "python": "3.11"}, ("Python 3.9",)),
        ({"python": "3.12", "device": "cuda"}, ("Python 3.9", "Python 3.10", "Python 3.11")),
    ],
)
def test_the_nearest_answers_give_up_one_part_of_the_question(narrowed, nearest, usual_base):
    with pytest.raises(NothingFound) as caught:
        ask(usual_base, "2.15", **narrowed)
    assert caught.value.nearest == nearest


def test_a_yanked_wheel_is_not_offered(tmp_path):
    both = build("tensorflow", "2.15.0", LINUX, "3.9 3.10", yanked="3.9", **CPU)
    gone = build("tensorflow", "2.15.1", LINUX, "3.9 3.10", yanked="3.9 3.10", **CPU)
    file = series_file(
        "2.15", (release("tensorflow", "2.15.0", both), release("tensorflow", "2.15.1", gone))
    )
    store = write_base(tmp_path, file)
    assert offered(ask(store, "2.15")) == {f"tensorflow 2.15.0 {LINUX}": "3.10"}
    with pytest.raises(NothingFound):
        ask(store, "2.15.1")


def test_a_shim_is_offered_where_it_leads_to_code_and_else_not(usual_base):
    assert f"tensorflow 2.15.0 {WINDOWS}" in offered(ask(usual_base, "2.15"))
    assert f"tensorflow 2.15.0 {ARM_MAC}" not in offered(ask(usual_base, "2.15"))
    with pytest.raises(NothingFound):
        ask(usual_base, "2.15", ARM_MAC)


def test_a_release_with_nothing_but_an_sdist_is_told_as_such(usual_base):
    answer = ask(usual_base, "2.16.0")
    assert answer.builds == ()
    assert [one.sdist for one in answer.placeholders] == ["tensorflow-gpu-2.16.0.tar.gz"]
    assert (answer.release, answer.released) == ("2.16.0", "2023-03-03")
    assert [one.id for one in answer.problems] == ["hits-placeholders"]
    assert [one.sdist for one in ask(usual_base, "2.16").placeholders] == [
        "tensorflow-gpu-2.16.0.tar.gz"
    ]


def test_a_placeholder_does_not_name_the_series(tmp_path):
    file = series_file(
        "2.15",
        (
            one_build("tensorflow", "2.15.0", LINUX, "3.9", **CPU),
            placeholder("tensorflow-gpu", "2.15.9"),
        ),
    )
    assert ask(write_base(tmp_path, file), "2.15").release == "2.15.0"


@pytest.mark.parametrize("version", ["2.15", "2.15.0"])
def test_a_placeholder_is_no_answer_to_a_question_for_a_python(version, tmp_path):
    file = series_file(
        "2.15",
        (
            one_build("tensorflow", "2.15.0", LINUX, "3.9", **CPU),
            placeholder("tensorflow-gpu", "2.15.0"),
        ),
    )
    with pytest.raises(NothingFound) as caught:
        ask(write_base(tmp_path, file), version, python="2.7")
    assert caught.value.nearest == ("Python 3.9",)


def test_a_build_of_cuda_has_its_toolkit_and_its_least_driver(usual_base):
    one = ask(usual_base, "2.15.0", LINUX).builds[0]
    assert one.devices == ("cuda", "cpu")
    assert (one.toolkit.cuda, one.toolkit.cudnn_documented) == ("12.2", "8.9")
    assert (one.driver.linux, one.driver.windows) == ("525.60.13", "528.33")
    assert one.driver.wsl2 == "528.33"


def test_a_build_without_cuda_has_neither(usual_base):
    one = ask(usual_base, "2.15", WINDOWS).builds[0]
    assert one.driver is None
    assert set(one.toolkit) == {None}


@pytest.mark.parametrize(
    ("cuda", "expected"),
    [
        ("12.5.1", "525.60.13"),
        ("12", "525.60.13"),
        ("11.2", "450.80.02"),
        ("11.0", "450.51.06"),
        ("11.0.2", "450.51.05"),
        ("11", "450.80.02"),
        ("10.0", "410.48"),
        ("10.0.130", "410.48"),
        ("10.1", None),
        ("9", None),
        ("13.0", None),
    ],
)
def test_the_least_driver_is_that_of_the_cuda_release_or_of_its_major_one(cuda, expected, tmp_path):
    says = {"cuda_build": True, "rocm_build": False, "cuda": cuda}
    file = series_file("2.15", (one_build("tensorflow", "2.15.0", LINUX, "3.9", **says),))
    driver = ask(write_base(tmp_path, file), "2.15").builds[0].driver
    assert (driver and driver.linux) == expected


def test_claims_put_a_cell_on_the_rung_of_its_wheel(usual_base):
    (cuda,) = cells(ask(usual_base, "2.15.0", LINUX, "3.9", "cuda"))
    assert (cuda.standing.rung, cuda.standing.standing) == ("shipped", "unknown")
    assert [source.id.partition(":")[0] for source in cuda.standing.proof] == ["index", "official"]


def test_a_silent_wheel_leaves_a_cuda_cell_on_the_rung_of_the_page(tmp_path):
    file = series_file(
        "1.8",
        (one_build("tensorflow-gpu", "1.8.0", LINUX, "2.7 3.6"),),
        (row("linux-gpu", "tensorflow_gpu-1.8.0", "2.7", "9", "7"),),
    )
    listed, unlisted = cells(ask(write_base(tmp_path, file), "1.8"))
    assert (listed.standing.rung, listed.key.python) == ("documented", "2.7")
    assert (unlisted.standing.rung, unlisted.standing.proof) == (None, ())


EXTRA = ("tensorflow[and-cuda]==2.15.1",)
SINGLE = ("tensorflow==2.15.1", *NVIDIA)


def resolved(folder, *verdicts):
    """Return the CUDA cell of 2.15.1 on Python 3.11, given what a resolver found."""
    store = write_base(folder, series_2_15(), resolutions={"2.15": verdicts})
    (cell,) = cells(ask(store, "2.15.1", LINUX, "3.11", "cuda"))
    return cell


def test_a_resolver_raises_the_rung_of_what_it_can_resolve(tmp_path):
    cell = resolved(tmp_path, verdict("3.11", EXTRA, resolves=True))
    assert (cell.standing.rung, cell.standing.standing) == ("resolves", "unknown")
    assert cell.standing.as_of == "2026-03-03"
    assert cell.standing.proof[0].id.startswith("resolution:")
    assert cell.recipe.requirements() == EXTRA
    assert cell.avoided is None


def test_a_recipe_that_avoids_a_conflict_says_which(tmp_path):
    conflict = verdict("3.11", EXTRA, resolves=False)
    cell = resolved(tmp_path, conflict, verdict("3.11", SINGLE, resolves=True))
    assert cell.standing.rung == "resolves"
    assert cell.recipe.requirements() == SINGLE
    assert cell.avoided == conflict


def test_a_cell_that_nothing_can_resolve_is_broken(tmp_path):
    cell = resolved(tmp_path, *(verdict("3.11", one, resolves=False) for one in (EXTRA, SINGLE)))
    assert (cell.standing.rung, cell.standing.standing) == ("shipped", "broken")


def test_a_verdict_of_one_python_says_nothing_of_another(tmp_path):
    cell = resolved(tmp_path, verdict("3.10", EXTRA, resolves=False))
    assert (cell.standing.rung, cell.avoided) == ("shipped", None)


def test_the_pins_of_a_cell_are_told_and_those_without_condition_installed(usual_base):
    (cell,) = cells(ask(usual_base, "2.15.1", LINUX, "3.11", "cuda"))
    assert [one.pin for one in cell.pins] == ["numpy<2", "nvidia-cudnn-cu12<9.11"]
    assert cell.recipe.requirements() == ("tensorflow[and-cuda]==2.15.1", "numpy<2")


def test_problems_are_those_of_a_release_and_platform_of_the_answer(usual_base):
    def ids(*question):
        return [one.id for one in ask(usual_base, *question).problems]

    assert ids("2.15") == ["hits-2-15", "hits-windows-alone"]
    assert ids("2.15", LINUX) == ["hits-2-15"]
    assert ids("2.15.1") == ["hits-2-15"]
    assert ids("1.15") == []


def test_problems_are_narrowed_to_the_python_and_device_that_are_asked(tmp_path):
    store = write_base(
        tmp_path,
        series_2_15(),
        problems=(
            problem("of-cuda", None, None, devices=("cuda",)),
            problem("of-python-3-11", None, None, pythons=("3.11",)),
        ),
    )

    def ids(**narrowed):
        return [one.id for one in ask(store, "2.15", **narrowed).problems]

    assert ids() == ["of-cuda", "of-python-3-11"]
    assert ids(device="cpu") == ["of-python-3-11"]
    assert ids(python="3.9") == ["of-cuda"]


@pytest.mark.parametrize("version", ["2.15", "2.15.0", "2.15.1"])
def test_contradictions_are_those_about_the_releases_of_the_answer(version, tmp_path):
    shim = one_build("tensorflow", "2.15.0", WINDOWS, "3.9", **shim_to("tensorflow-intel==2.15.0"))
    file = series_file(
        "2.15",
        (
            release(
                "tensorflow",
                "2.15.0",
                build("tensorflow", "2.15.0", LINUX, "3.9", **CPU),
                *shim.builds,
            ),
            one_build("tensorflow", "2.15.1", LINUX, "3.9", **CPU),
        ),
    )
    abouts = [one.about for one in ask(write_base(tmp_path, file), version).contradictions]
    about = "tensorflow 2.15.0 on windows-x86_64: Python 3.9 gets no code"
    assert abouts == ([] if version == "2.15.1" else [about])


@pytest.mark.parametrize("version", ["2.15", "2.15.0"])
def test_a_row_that_stands_twice_contradicts_itself_in_the_answer_of_its_release(version, tmp_path):
    first = row("linux-cpu", "tensorflow-2.15.0", "3.9")
    file = series_file(
        "2.15",
        (one_build("tensorflow", "2.15.0", LINUX, "3.9", **CPU),),
        (first, first._replace(build_tools="Bazel 1")),
    )
    abouts = [one.about for one in ask(write_base(tmp_path, file), version).contradictions]
    assert abouts == ["tensorflow-2.15.0 stands twice in the table linux-cpu"]


def test_the_cell_to_recommend_is_made_for_the_device_the_python_and_the_newest_release(
    usual_base,
):
    answer = ask(usual_base, "2.15")

    def chosen(platform, python, device):
        cell = best(answer, platform, python, device)
        return cell and tuple(cell.key)

    assert chosen(LINUX, "3.10", "cpu") == ("tensorflow-cpu", "2.15.1", LINUX, "3.10", "cpu")
    assert chosen(LINUX, "3.10", "cuda") == ("tensorflow", "2.15.1", LINUX, "3.10", "cuda")
    assert chosen(LINUX, "3.9", "cpu") == ("tensorflow", "2.15.0.post1", LINUX, "3.9", "cpu")
    assert chosen(LINUX, "3.14", "cuda") == ("tensorflow", "2.15.1", LINUX, "3.11", "cuda")
    assert chosen(WINDOWS, "3.9", "cpu") == ("tensorflow", "2.15.0", WINDOWS, "3.9", "cpu")
    assert chosen(WINDOWS, "3.9", "cuda") is None
    assert chosen(INTEL_MAC, "3.9", "cpu") is None


def test_a_broken_cell_is_the_last_to_be_recommended(tmp_path):
    conflicts = tuple(verdict("3.11", one, resolves=False) for one in (EXTRA, SINGLE))
    store = write_base(tmp_path, series_2_15(), resolutions={"2.15": conflicts})
    cell = best(ask(store, "2.15"), LINUX, "3.11", "cuda")
    assert (cell.key.python, cell.key.release) == ("3.10", "2.15.1")


def test_what_every_proof_cites_is_among_the_sources_once(usual_base):
    for version in ("1.15", "2.15", "2.15.0", "2.16"):
        answer = ask(usual_base, version)
        ids = [source.id for source in answer.sources]
        assert len(ids) == len(set(ids))
        assert {s for c in cells(answer) for s in c.standing.proof} <= set(answer.sources)


def test_a_damaged_table_is_told_and_not_answered_without(tmp_path):
    store = write_base(tmp_path, series_2_15())
    (tmp_path / "pins.yaml").write_text("format: 1\npins: everything\n")
    with pytest.raises(DocumentError, match=r"pins\.yaml:2: pins: "):
        ask(store, "2.15")


def test_the_order_of_releases_in_a_file_does_not_matter(tmp_path):
    file = series_2_15()
    turned = file._replace(releases=file.releases[::-1])
    one = ask(write_base(tmp_path / "a", file), "2.15")
    other = ask(write_base(tmp_path / "b", turned), "2.15")
    assert offered(one) == offered(other)


def test_another_cuda_on_another_platform_is_kept_apart(tmp_path):
    both = release(
        "tensorflow",
        "2.15.0",
        build("tensorflow", "2.15.0", LINUX, "3.9", **CUDA_12),
        build("tensorflow", "2.15.0", WINDOWS, "3.9", **CUDA_11),
    )
    store = write_base(
        tmp_path, series_file("2.15", (both,)), pins=(pin("numpy<2", None, None, devices=("cpu",)),)
    )
    linux, windows = ask(store, "2.15").builds
    assert (linux.toolkit.cuda, windows.toolkit.cuda) == ("12.2", "11.2")
    assert windows.cells[0].recipe.steps[0].action == "cuda-by-hand"
    assert linux.cells[0].recipe.steps[0].action == "environment"
    assert [bool(cell.pins) for cell in linux.cells] == [False, True]


# The real knowledge base.


def test_the_real_2_11_takes_python_3_7_from_the_release_that_has_it(real_answers):
    found = offered(real_answers["2.11"])
    assert found[f"tensorflow 2.11.0 {LINUX}"] == "3.7"
    assert found[f"tensorflow 2.11.1 {LINUX}"] == "3.8 3.9 3.10"


def test_the_real_2_15_is_answered(real_answers):
    answer = real_answers["2.15"]
    linux = next(b for b in answer.builds if b.published.build.platform == LINUX)
    assert answer.release == "2.15.1"
    assert linux.pythons == ("3.9", "3.10", "3.11")
    assert linux.published.says().compute_capabilities.native == ("5.0", "6.0", "7.0", "7.5", "8.0")
    assert linux.driver.linux == "525.60.13"


def test_real_wheels_that_were_yanked_are_not_offered(real_answers):
    series = Store().series("2.6")
    yanked = {
        (r.release, p)
        for r in series.releases
        for b in r.builds
        for w in b.wheels
        for p in w.python
        if w.yanked
    }
    assert yanked
    offers = {(c.key.release, c.key.python) for c in cells(real_answers["2.6"], "rocm")}
    assert not yanked & offers


def test_every_real_cell_proves_its_rung_by_sources_that_are_listed_once(real_answers):
    for name, answer in real_answers.items():
        ids = [source.id for source in answer.sources]
        assert len(ids) == len(set(ids)), name
        for cell in cells(answer):
            assert {source.id for source in cell.standing.proof} <= set(ids), cell.key
            assert (cell.standing.rung is None) == (not cell.standing.proof), cell.key


def test_a_real_proof_cites_the_wheel_of_the_cells_own_python(real_answers):
    cited = {
        (cell.key, source.id.rpartition("/")[2])
        for answer in real_answers.values()
        for cell in cells(answer)
        for source in cell.standing.proof
        if source.id.startswith("index:")
    }
    others = [
        (key, file)
        for key, file in cited
        if not {key.python, key.python.partition(".")[0]} & {*tags.read(file).python}
    ]
    assert len(cited) > 1000
    assert others == []


def test_a_proof_has_the_sha256_of_the_wheel_that_it_cites(real_answers):
    for cell in cells(real_answers["2.15"]):
        for source in cell.standing.proof:
            if source.id.startswith("index:"):
                own = [
                    wheel.sha256
                    for build in real_answers["2.15"].builds
                    for wheel in build.published.build.wheels
                    if wheel.file == source.id.rpartition("/")[2]
                ]
                assert own == [source.sha256]


def test_every_file_and_row_that_a_real_contradiction_cites_is_among_the_sources(real_answers):
    for name, answer in real_answers.items():
        ids = {source.id for source in answer.sources}
        cited = {claim.source for one in answer.contradictions for claim in one.claims}
        assert {source for source in cited if "/" in source} <= ids, name


@pytest.mark.parametrize("name", ["1.0", "1.15", "2.0", "2.11", "2.15"])
def test_every_real_release_of_a_series_answers_for_itself(name):
    store = Store()
    file = store.series(name)
    offers = {
        one.release.release for one in published(file) if devices(file, one) and one.pythons()
    }
    assert offers
    for version in offers:
        answer = ask(store, version)
        assert {b.published.release.release for b in answer.builds} == {version}


def told(version, **narrowed):
    """Return the ids of what the real knowledge base tells of a version beside its problems."""
    return {note.id for note in ask(Store(), version, **narrowed).notes}


@pytest.mark.parametrize(
    ("note", "before", "since"),
    [
        ("tensorboard-not-brought", "2.20", "2.21"),
        ("tensorrt-gone", "2.17", "2.18"),
        ("estimator-gone", "2.15", "2.16"),
        ("onednn-windows", "2.14", "2.15"),
        ("onednn-linux", "2.8", "2.9"),
        ("security-fixes-with-the-next-series", "2.11", "2.12"),
    ],
)
def test_what_is_no_fault_is_told_from_the_first_series_on(note, before, since):
    assert note not in told(before)
    assert note in told(since)


def test_series_that_get_no_security_fixes_say_so():
    assert "security-fixes-ended" in told("1.15") & told("2.11")
    assert "security-fixes-ended" not in told("2.12")


def test_what_is_told_is_narrowed_to_the_platform_and_the_device():
    assert "onednn-windows" not in told("2.18", platform=LINUX)
    assert "tensorrt-gone" in told("2.18", platform=LINUX)
    assert "tensorrt-gone" not in told("2.18", device="cpu")
    assert "tensorrt-gone" not in told("2.18", platform=WINDOWS)
