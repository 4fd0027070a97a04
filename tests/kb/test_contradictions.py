import pytest

from kb.base.store import Store
from kb.facts import install_page
from kb.facts.builds import published
from kb.facts.claims import Statement
from kb.facts.contradictions import contradictions as contradictions_of
from kb.facts.sources import claims_of
from tests.kb.small_base import (
    ARM_MAC,
    CPU,
    CUDA_12,
    INTEL_MAC,
    LINUX,
    WINDOWS,
    build,
    extra,
    one_build,
    placeholder,
    release,
    row,
    series_2_15,
    series_file,
)

PAGE = "official:linux-gpu/tensorflow-2.15.0"
WHEEL = (
    "index:tensorflow/tensorflow-2.15.0-cp39-none-manylinux_2_17_x86_64.manylinux2014_x86_64.whl"
)


def contradictions(series):
    """Return the contradictions among all claims about a series."""
    return contradictions_of(series, claims_of(series))


def found(releases=(), official=()):
    """Return the contradictions of a series, as what they are about and what each side says."""
    return {
        one.about: [tuple(claim) for claim in one.claims]
        for one in contradictions(series_file("2.15", tuple(releases), tuple(official)))
    }


def gpu_row(python="3.9", cuda="12.2", cudnn="8.9"):
    return row("linux-gpu", "tensorflow-2.15.0", python, cuda, cudnn)


def linux(pythons="3.9", **says):
    return one_build("tensorflow", "2.15.0", LINUX, pythons, **{**CUDA_12, **says})


def test_sources_that_agree_contradict_nothing():
    assert found([linux()], [gpu_row()]) == {}


@pytest.mark.parametrize(
    ("cuda", "cudnn", "built_cuda", "built_cudnn"),
    [("9", "7", "9.0", "7.4"), ("9.0", "7.4", "9", "7"), ("12.5.1", "8", "12.5", "8")],
)
def test_one_side_that_says_less_is_no_contradiction(cuda, cudnn, built_cuda, built_cudnn):
    wheel = linux(cuda=built_cuda, cudnn=built_cudnn, extras=())
    assert found([wheel], [gpu_row("3.9", cuda, cudnn)]) == {}


def test_another_cuda_or_cudnn_than_the_page_lists_is_one():
    assert found([linux(cuda="12.3", cudnn="9", extras=())], [gpu_row()]) == {
        "tensorflow 2.15.0 on linux-x86_64: which CUDA": [
            (PAGE, "lists CUDA 12.2"),
            (WHEEL, "says that it was built with CUDA 12.3"),
        ],
        "tensorflow 2.15.0 on linux-x86_64: which cuDNN": [
            (PAGE, "lists cuDNN 8.9"),
            (WHEEL, "says that it was built with cuDNN 9"),
        ],
    }


def test_a_wheel_that_does_not_say_contradicts_nothing():
    silent = {"cuda_build": None, "cuda": None, "cudnn": None, "extras": ()}
    assert found([linux(**silent)], [gpu_row()]) == {}


def test_a_build_without_cuda_in_a_gpu_table_is_one():
    wheel = one_build("tensorflow", "2.15.0", LINUX, "3.9", **CPU)
    assert found([wheel], [gpu_row()]) == {
        "tensorflow 2.15.0 on linux-x86_64: whether it is a CUDA build": [
            (PAGE, "lists it with CUDA 12.2"),
            (WHEEL, "says that it is no CUDA build"),
        ]
    }


def test_a_listed_python_without_a_wheel_is_one():
    assert found([linux()], [gpu_row("3.8-3.9")]) == {
        "tensorflow 2.15.0 on linux: Python 3.8 has no wheel": [
            (PAGE, "lists Python 3.8-3.9"),
            (WHEEL, "has wheels for Python 3.9"),
        ]
    }


def test_a_wheel_for_a_python_that_is_not_listed_is_one():
    about = "tensorflow 2.15.0 on linux: Python 3.10-3.11 is not listed"
    one = found([linux("3.10 3.11 3.9")], [gpu_row("3.9")])
    assert one == {about: [(PAGE, "lists Python 3.9"), (WHEEL, "has wheels for Python 3.9-3.11")]}


def test_a_wheel_for_any_python_3_contradicts_no_list():
    assert found([linux("3")], [gpu_row("3.8-3.9")]) == {}


def test_the_wheels_of_both_kinds_of_mac_count_for_the_tables_of_macos():
    macs = release(
        "tensorflow",
        "2.15.0",
        build("tensorflow", "2.15.0", INTEL_MAC, "3.8", **CPU),
        build("tensorflow", "2.15.0", ARM_MAC, "3.9", **CPU),
    )
    assert found([macs], [row("macos-cpu", "tensorflow-2.15.0", "3.8-3.9")]) == {}


def test_a_listed_release_without_any_wheel_is_one():
    about = "whether tensorflow 2.15.0 exists"
    claims = [(PAGE, "lists it, table linux-gpu"), ("index:tensorflow", "has no wheel of it")]
    assert found([], [gpu_row()]) == {about: claims}
    assert found([placeholder("tensorflow", "2.15.0")], [gpu_row()]) == {about: claims}


def test_a_listed_release_without_a_wheel_for_its_system_is_one():
    official = [row("windows-cpu", "tensorflow-2.15.0", "3.9")]
    assert found([linux()], official) == {
        "whether tensorflow 2.15.0 exists for windows": [
            ("official:windows-cpu/tensorflow-2.15.0", "lists it, table windows-cpu"),
            ("index:tensorflow", "has no wheel of it for windows"),
        ]
    }


def test_a_row_that_stands_twice_and_says_two_things_is_one():
    first = row("macos-cpu", "tensorflow-2.15.0", "3.9", build_tools="Bazel 1")
    second = first._replace(build_tools="Bazel 2")
    mac = one_build("tensorflow", "2.15.0", INTEL_MAC, "3.9", **CPU)
    assert found([mac], [first, second]) == {
        "tensorflow-2.15.0 stands twice in the table macos-cpu": [
            ("official:macos-cpu/tensorflow-2.15.0", "Python 3.9, Bazel 1"),
            ("official:macos-cpu/tensorflow-2.15.0", "Python 3.9, Bazel 2"),
        ]
    }
    assert found([mac], [first, first]) == {}


def test_the_same_release_in_two_tables_is_no_row_that_stands_twice():
    wheel = linux(extras=())
    assert found([wheel], [row("linux-cpu", "tensorflow-2.15.0", "3.9"), gpu_row()]) == {}


def test_a_shim_that_leads_nowhere_is_one():
    shim = one_build("tensorflow", "2.15.0", ARM_MAC, "3.9", shim="tensorflow-macos==2.15.0")
    wheel = "index:tensorflow/tensorflow-2.15.0-cp39-none-macosx_12_0_arm64.whl"
    assert found([shim]) == {
        "tensorflow 2.15.0 on macos-arm64: Python 3.9 gets no code": [
            (wheel, "has no code and requires tensorflow-macos 2.15.0"),
            ("index:tensorflow-macos", "has no wheel of 2.15.0 with code for them"),
        ]
    }


def test_a_shim_for_more_pythons_than_the_code_is_one():
    shim = one_build("tensorflow", "2.15.0", WINDOWS, "3.9 3.10", shim="tensorflow-intel==2.15.0")
    code = one_build("tensorflow-intel", "2.15.0", WINDOWS, "3.10", **CPU)
    assert list(found([shim, code])) == [
        "tensorflow 2.15.0 on windows-x86_64: Python 3.9 gets no code"
    ]
    whole = one_build("tensorflow-intel", "2.15.0", WINDOWS, "3.9 3.10", **CPU)
    assert found([shim, whole]) == {}


def test_a_yanked_wheel_of_a_shim_whose_code_is_there_is_none():
    shim = build(
        "tensorflow", "2.15.0", WINDOWS, "3.9 3.10", yanked="3.9", shim="tensorflow-intel==2.15.0"
    )
    code = one_build("tensorflow-intel", "2.15.0", WINDOWS, "3.9 3.10", **CPU)
    assert found([release("tensorflow", "2.15.0", shim), code]) == {}


def test_an_extra_that_installs_another_cudnn_than_was_built_with_is_one():
    brings = extra("and-cuda", "nvidia-cudnn-cu12==9.1.0.70")
    assert found([linux(extras=(brings,))]) == {
        "tensorflow 2.15.0: cuDNN of its extra and-cuda": [
            (WHEEL, "says that it was built with 8"),
            (WHEEL, "requires 9.1.0.70 under and-cuda"),
        ]
    }


def test_the_same_contradiction_from_two_tables_is_told_once_with_every_side():
    official = [row("linux-cpu", "tensorflow-2.15.0", "3.8-3.9"), gpu_row("3.8-3.9")]
    assert found([linux()], official) == {
        "tensorflow 2.15.0 on linux: Python 3.8 has no wheel": [
            ("official:linux-cpu/tensorflow-2.15.0", "lists Python 3.8-3.9"),
            (WHEEL, "has wheels for Python 3.9"),
            (PAGE, "lists Python 3.8-3.9"),
        ]
    }


def test_a_placeholder_alone_contradicts_nothing():
    assert found([placeholder("tensorflow-gpu", "2.15.0")]) == {}


def test_the_small_series_contradicts_itself_only_where_its_shim_leads_nowhere():
    abouts = [one.about for one in contradictions(series_2_15())]
    assert abouts == ["tensorflow 2.15.0 on macos-arm64: Python 3.9 gets no code"]


def real(version):
    return {one.about: one.claims for one in contradictions(Store().series(version))}


def test_the_real_page_lists_pythons_for_1_15_0_that_have_no_wheel():
    claims = real("1.15")["tensorflow 1.15.0 on linux: Python 3.3-3.4 has no wheel"]
    page, wheel = claims[:2]
    assert page == Statement("official:linux-cpu/tensorflow-1.15.0", "lists Python 2.7, 3.3-3.7")
    assert wheel.source.startswith("index:tensorflow/tensorflow-1.15.0-")
    assert wheel.says == "has wheels for Python 2.7, 3.5-3.7"


def test_the_real_page_lists_2_0_0_with_cuda_where_its_wheel_says_it_has_none():
    claims = real("2.0")["tensorflow 2.0.0 on linux-x86_64: whether it is a CUDA build"]
    page, wheel = claims
    assert page == Statement("official:linux-gpu/tensorflow-2.0.0", "lists it with CUDA 10.0")
    assert wheel.source.startswith("index:tensorflow/tensorflow-2.0.0-")
    assert wheel.says == "says that it is no CUDA build"


@pytest.mark.parametrize("version", Store().series_names())
def test_every_real_contradiction_names_two_sides_that_exist(version):
    series = Store().series(version)
    wheels = {one.source().id for one in published(series)}
    rows = {f"official:{one.table}/{one.version}" for one in series.official}
    beside = {claim.source.id for claim in install_page.claims(series)}
    for one in contradictions(series):
        assert one.release.startswith(f"{version}.")
        assert len(one.claims) >= 2
        assert len(set(one.claims)) == len(one.claims)
        for claim in one.claims:
            known = claim.source in wheels | rows | beside
            assert known or claim.source.startswith("index:"), claim
            assert known or "/" not in claim.source, claim
