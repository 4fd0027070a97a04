import pytest

from kb.base.model import CellRun, Driver
from kb.base.store import Store
from kb.facts import builds, toolkits
from kb.facts.claims import CUDA, Claim, Claims, Source, Subject
from kb.facts.sources import claims_of
from tests.kb.small_base import (
    AND_CUDA,
    ARM_LINUX,
    ARM_MAC,
    CPU,
    CUDA_12,
    INDEX_READ,
    LINK,
    LINUX,
    NVIDIA,
    PAGE_READ,
    WINDOWS,
    build,
    extra,
    one_build,
    release,
    row,
    series_1_15,
    series_2_15,
    series_file,
)


def published(series, distribution, version, platform):
    """Return one published build of a series."""
    (found,) = (
        one
        for one in builds.published(series)
        if (one.release.distribution, one.release.release) == (distribution, version)
        and one.build.platform == platform
    )
    return found


def only(*releases, official=()):
    """Return a series of these releases, and the first build of them."""
    series = series_file("2.15", releases, official)
    return series, next(builds.published(series))


def test_every_build_of_every_release_is_published():
    found = [(p.release.release, p.build.platform) for p in builds.published(series_2_15())]
    assert found == [
        ("2.15.0", LINUX),
        ("2.15.0", WINDOWS),
        ("2.15.0", ARM_MAC),
        ("2.15.0.post1", LINUX),
        ("2.15.1", LINUX),
        ("2.15.1", LINUX),
        ("2.15.0", WINDOWS),
    ]


def test_a_wheel_with_code_speaks_for_itself():
    one = published(series_2_15(), "tensorflow", "2.15.0", LINUX)
    assert one.code is one.build
    assert one.says().cuda == "12.2"


def test_a_shim_is_followed_to_the_wheel_that_holds_the_code():
    one = published(series_2_15(), "tensorflow", "2.15.0", WINDOWS)
    assert one.code.says.wheel.startswith("tensorflow_intel-")
    assert one.says().cuda_build is False
    assert one.source().id == f"index:tensorflow/{one.build.says.wheel}"


def test_a_chain_of_shims_is_followed_to_its_end():
    _, one = only(
        one_build("tensorflow", "2.15.0", WINDOWS, "3.9", shim="tensorflow-cpu==2.15.1"),
        one_build("tensorflow-cpu", "2.15.1", WINDOWS, "3.9", shim="tensorflow-intel==2.15.2"),
        one_build("tensorflow-intel", "2.15.2", WINDOWS, "3.9", **CPU),
    )
    assert one.code.says.wheel.startswith("tensorflow_intel-2.15.2")


@pytest.mark.parametrize(
    "others",
    [
        (),
        (one_build("tensorflow-macos", "2.15.1", ARM_MAC, "3.9"),),
        (one_build("tensorflow-macos", "2.15.0", LINUX, "3.9"),),
        (one_build("tensorflow-macos", "2.15.0", ARM_MAC, "3.9", shim="tensorflow==2.15.0"),),
        (one_build("tensorflow-macos", "2.15.0", ARM_MAC, "3.9", shim="tensorflow-macos==2.15.0"),),
    ],
    ids=["absent", "of another release", "for another platform", "back again", "to itself"],
)
def test_a_shim_that_leads_nowhere_holds_no_code(others):
    series, one = only(
        one_build("tensorflow", "2.15.0", ARM_MAC, "3.9", shim="tensorflow-macos==2.15.0"), *others
    )
    assert one.code is None
    assert builds.devices(series, one) == ()
    assert one.says().shim == "tensorflow-macos==2.15.0"


def test_a_shim_serves_only_the_pythons_of_the_code():
    _, one = only(
        one_build(
            "tensorflow", "2.15.0", WINDOWS, "3.9 3.10 3.11", shim="tensorflow-intel==2.15.0"
        ),
        one_build("tensorflow-intel", "2.15.0", WINDOWS, "3.10 3.11 3.12", **CPU),
    )
    assert one.pythons() == ("3.10", "3.11")


def test_a_yanked_wheel_is_not_offered_even_through_a_shim():
    _, one = only(
        one_build("tensorflow", "2.15.0", WINDOWS, "3.9 3.10", shim="tensorflow-intel==2.15.0"),
        one_build("tensorflow-intel", "2.15.0", WINDOWS, "3.9 3.10", yanked="3.9", **CPU),
    )
    assert one.pythons() == ("3.10",)


def test_a_source_tells_the_wheel_its_sha256_and_the_day_it_was_read_and_no_address():
    one = published(series_1_15(), "tensorflow", "1.15.0", LINUX)
    (wheel,) = (w for w in one.build.wheels if w.file == one.build.says.wheel)
    cited = Source(
        id=f"index:tensorflow/{wheel.file}", url=None, read=INDEX_READ, sha256=wheel.sha256
    )
    assert one.source() == cited


@pytest.mark.parametrize(
    ("distribution", "platform", "expected"),
    [
        ("tensorflow", LINUX, ("cpu",)),
        ("tensorflow-gpu", LINUX, ("cuda",)),
        ("tensorflow-rocm", LINUX, ("rocm",)),
        ("tensorflow-directml", WINDOWS, ("directml",)),
    ],
)
def test_a_distribution_made_for_a_kind_of_gpu_serves_that_alone(distribution, platform, expected):
    series = series_1_15()
    one = published(series, distribution, "1.15.0", platform)
    assert builds.devices(series, one) == expected


def test_a_cuda_build_serves_cuda_first_and_the_cpu():
    series = series_2_15()
    one = published(series, "tensorflow", "2.15.1", LINUX)
    assert builds.devices(series, one) == ("cuda", "cpu")


@pytest.mark.parametrize(
    ("says", "official", "expected"),
    [
        ({}, (), ()),
        ({}, (row("linux-gpu", "tensorflow_gpu-2.15.0", "3.9", "12.2", "8.9"),), ("cuda",)),
        ({}, (row("windows-gpu", "tensorflow_gpu-2.15.0", "3.9", "12.2", "8.9"),), ()),
        (
            {"cuda_build": False},
            (row("linux-gpu", "tensorflow_gpu-2.15.0", "3.9", "12.2", "8.9"),),
            (),
        ),
        ({"cuda_build": True}, (), ("cuda",)),
    ],
)
def test_a_silent_wheel_of_tensorflow_gpu_serves_cuda_where_the_page_says_so(
    says, official, expected
):
    series, one = only(
        one_build("tensorflow-gpu", "2.15.0", LINUX, "3.9", **says), official=official
    )
    assert builds.devices(series, one) == expected


def test_the_page_does_not_make_a_cuda_build_of_a_wheel_that_says_it_is_none():
    official = (row("linux-gpu", "tensorflow-2.15.0", "3.9", "12.2", "8.9"),)
    series, one = only(one_build("tensorflow", "2.15.0", LINUX, "3.9", **CPU), official=official)
    assert builds.devices(series, one) == ("cpu",)


ROWS = (
    row("linux-cpu", "tensorflow-2.15.0", "3.9"),
    row("linux-gpu", "tensorflow-2.15.0", "3.9", "12.2", "8.9"),
    row("linux-gpu", "tensorflow-2.15.1", "3.9", "12.3", "8.9"),
    row("macos-cpu", "tensorflow-2.15.0", "3.9"),
)


@pytest.mark.parametrize(
    ("version", "platform", "device", "expected", "exact"),
    [
        ("2.15.0", LINUX, "cpu", 0, True),
        ("2.15.0", LINUX, "cuda", 1, True),
        ("2.15.1", LINUX, "cuda", 2, True),
        ("2.15.9", LINUX, "cuda", 2, False),
        ("2.15.0", ARM_MAC, "cpu", 3, True),
    ],
)
def test_the_page_speaks_for_a_release_or_by_the_newest_row_of_its_series(
    version, platform, device, expected, exact
):
    found = builds.documented(series_file("2.15", (), ROWS), version, platform, device)
    assert found == (ROWS[expected], exact)


@pytest.mark.parametrize(("platform", "device"), [(WINDOWS, "cpu"), (ARM_LINUX, "cpu")])
def test_the_page_says_nothing_of_a_platform_without_a_table(platform, device):
    assert builds.documented(series_file("2.15", (), ROWS), "2.15.0", platform, device) is None


def test_a_row_is_cited_with_its_table_its_page_and_its_day():
    assert builds.row_source(ROWS[1]) == Source(
        id="official:linux-gpu/tensorflow-2.15.0",
        url="https://www.tensorflow.org/install/source#tested_build_configurations",
        read=PAGE_READ,
    )
    assert "source_windows" in builds.row_source(row("windows-cpu", "tensorflow-2.1.0", "3.7")).url


@pytest.mark.parametrize(
    ("built", "page", "expected"),
    [
        ("12", "12.2", "12.2"),
        ("12.2", "12", "12.2"),
        ("12.2", "12.2", "12.2"),
        ("12.2", "12.3", "12.2"),
        ("12.2", None, "12.2"),
        (None, "12.3", "12.3"),
        (None, None, None),
    ],
)
def test_cuda_is_the_wheels_word_made_more_exact_by_a_page_that_agrees(built, page, expected):
    official = () if page is None else (row("linux-gpu", "tensorflow-2.15.0", "3.9", page, "8.9"),)
    series, one = only(
        one_build("tensorflow", "2.15.0", LINUX, "3.9", cuda_build=True, cuda=built),
        official=official,
    )
    tools = toolkits.toolkit(claims_of(series), one)
    assert (tools.cuda, tools.cuda_built, tools.cuda_documented) == (expected, built, page)


def test_cudnn_is_told_as_built_as_documented_and_as_the_extra_installs_it():
    series = series_2_15()
    tools = toolkits.toolkit(claims_of(series), published(series, "tensorflow", "2.15.0", LINUX))
    assert (tools.cudnn_built, tools.cudnn_documented, tools.cudnn_installed) == (
        "8",
        "8.9",
        "8.9.4.25",
    )


@pytest.mark.parametrize(
    ("requirement", "expected"),
    [
        ("nvidia-cudnn-cu12==8.9.4.25", "8.9.4.25"),
        ('nvidia-cudnn-cu12==9.3.0.75; platform_system == "Linux"', "9.3.0.75"),
        ("nvidia-cudnn-cu12<10,>=9.3", None),
        ('nvidia-cudnn-cu12<10,>=9.3; platform_system == "Linux"', None),
        ("nvidia-cublas-cu12==12.2", None),
    ],
)
def test_only_an_exact_requirement_tells_which_cudnn_is_installed(requirement, expected):
    says = CUDA_12 | {"extras": (extra("and-cuda", requirement),)}
    series, one = only(one_build("tensorflow", "2.15.0", LINUX, "3.9", **says))
    assert toolkits.toolkit(claims_of(series), one).cudnn_installed == expected


@pytest.mark.parametrize(
    ("requirement", "expected"),
    [
        ("nvidia-cudnn-cu12<10.0,>=9.10.2.21", "9"),
        ("nvidia-cudnn-cu12<11,>=9.10", None),
        ("nvidia-cudnn-cu12>=9.10", None),
    ],
)
def test_of_a_wheel_that_names_no_cudnn_a_range_tells_the_major_release(requirement, expected):
    says = CUDA_12 | {"cudnn": None, "extras": (extra("and-cuda", requirement),)}
    series, one = only(one_build("tensorflow", "2.15.0", LINUX, "3.9", **says))
    assert toolkits.toolkit(claims_of(series), one).cudnn_installed == expected


def test_the_requirements_of_the_extra_are_those_under_its_own_name():
    other = extra("and-rocm", "rocm==1")
    _, one = only(one_build("tensorflow", "2.15.0", LINUX, "3.9", extras=(other, AND_CUDA)))
    assert builds.and_cuda(one.says()) == (*NVIDIA, "tensorrt==8.6.1.post1")
    _, without = only(one_build("tensorflow", "2.15.0", LINUX, "3.9", extras=(other,)))
    assert builds.and_cuda(without.says()) == ()


@pytest.mark.parametrize("version", Store().series_names())
def test_every_real_build_has_code_or_leads_nowhere_and_serves_accordingly(version):
    series = Store().series(version)
    for one in builds.published(series):
        if one.code is None:
            assert builds.devices(series, one) == ()
        else:
            assert one.code.says.shim is None
            assert one.code.platform == one.build.platform


def test_the_last_real_tensorflow_macos_is_a_shim_that_leads_to_itself():
    series = Store().series("2.15")
    one = published(series, "tensorflow-macos", "2.15.1", ARM_MAC)
    assert one.build.says.shim == "tensorflow-macos==2.15.1"
    assert one.code is None


def test_a_release_of_several_builds_keeps_them_apart():
    both = release(
        "tensorflow",
        "2.15.0",
        build("tensorflow", "2.15.0", LINUX, "3.9", **CUDA_12),
        build("tensorflow", "2.15.0", ARM_MAC, "3.9", **CPU),
    )
    series = series_file("2.15", (both,))
    assert [builds.devices(series, one) for one in builds.published(series)] == [
        ("cuda", "cpu"),
        ("cpu",),
    ]


@pytest.mark.parametrize(
    ("versions", "expected"),
    [
        ((), None),
        (("12", "12.2", "12.2.1"), "12.2.1"),
        (("12.2", "12"), "12.2"),
        (("12", "11.8", "12.3"), "12.3"),
        (("12.2", "12.3.1"), "12.2"),
    ],
)
def test_of_any_number_of_versions_the_first_holds_made_more_exact_by_those_that_agree(
    versions, expected
):
    assert toolkits.chosen(versions) == expected


OTHER = Source(id="other:somewhere", url="https://example.com/other", read=None)


def least_driver(release, platform, version):
    """Return what another source claims of a driver."""
    return Claim(
        OTHER,
        Subject(name=CUDA, release=release, platforms=(platform,), about="minimum driver"),
        version,
    )


def test_the_minimum_drivers_are_those_of_the_first_source_that_knows_the_cuda():
    known = claims_of(
        series_file("2.15"), (Driver(cuda="12.x", linux="525.60", windows="528.33", source=LINK),)
    )
    more = [least_driver("12.4", LINUX, "550.54"), least_driver("12.4", WINDOWS, "551.61")]
    own = list(known.about("minimum driver"))
    least = toolkits.minimum_driver(Claims(own + more), "12.4")
    assert least == toolkits.MinimumDriver("525.60", "528.33", LINK)
    least = toolkits.minimum_driver(Claims(more + own), "12.4")
    assert least == toolkits.MinimumDriver("550.54", "551.61", OTHER.url)
    assert toolkits.minimum_driver(Claims(more + own), "12.3").linux == "525.60"


@pytest.mark.parametrize("cuda", [None, "11.8"])
def test_no_minimum_driver_is_told_of_a_cuda_that_nobody_knows(cuda):
    known = claims_of(
        series_file("2.15"), (Driver(cuda="12.x", linux="525.60", windows="528.33", source=LINK),)
    )
    assert toolkits.minimum_driver(known, cuda) is None


def test_what_a_row_says_of_cuda_counts_for_later_patches_and_not_against_them():
    later = one_build("tensorflow", "2.15.9", LINUX, "3.9", **CUDA_12)
    series, one = only(later, official=(row("linux-gpu", "tensorflow-2.15.0", "3.9", "12.3"),))
    claims = claims_of(series)
    said_by = [claim.claimant for claim in toolkits.counting_for(claims, one, "cuda")]
    assert said_by == ["wheels", "official_table"]
    assert [one.value for one in claims.of("tensorflow", "2.15.9", (LINUX,), "cuda")] == ["12.2"]


def test_a_run_claims_the_rung_that_its_cell_reached_or_that_it_is_broken():
    worked = CellRun(
        run="2026-05-05-linux-x86_64-0123456789ab",
        at="2026-05-05T10:00:00Z",
        distribution="tensorflow",
        release="2.15.1",
        platform=LINUX,
        python="3.11",
        device="cuda",
        recipe="0123456789ab",
        outcome="ok",
        trust="attested",
        proves="links",
    )
    failed = worked._replace(run="2026-05-06-other", outcome="import", proves=None)
    claims = claims_of(series_file("2.15"), runs=(worked, failed))
    first, second = claims.of("tensorflow", "2.15.1", (LINUX,), "works")
    assert first.source == Source(id=f"run:{worked.run}", url=None, read="2026-05-05")
    assert (first.subject.python, first.subject.device) == ("3.11", "cuda")
    assert (first.value, second.value) == ("links", "broken")
