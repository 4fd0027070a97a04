"""What the page about installing with pip claims, and where wheels and tables contradict it."""

import json

import pytest

from kb import command_line
from kb.base.model import Driver
from kb.base.store import Store
from kb.facts.builds import published
from kb.facts.contradictions import contradictions
from kb.facts.sources import claims_of
from kb.facts.toolkits import minimum_driver, toolkit
from tests.kb.small_base import (
    ARM_MAC,
    CPU,
    CUDA_12,
    LINK,
    LINUX,
    WINDOWS,
    install_page,
    one_build,
    row,
    series_file,
    write_base,
)

PAGE = "official:pip.md"
SERIES = ("2.17", "2.18", "2.19", "2.20", "2.21")
OLD_TAGS, NEW_TAG = "manylinux_2_17_x86_64.manylinux2014_x86_64", "manylinux_2_27_x86_64"


def series(page, *releases, official=()):
    releases = releases or (one_build("tensorflow", "2.15.0", LINUX, "3.9 3.10", **CUDA_12),)
    return series_file("2.15", releases, official)._replace(install_page=page)


def found(page, *releases, official=()):
    """Return the contradictions, as what they are about and what each side says."""
    file = series(page, *releases, official=official)
    return {
        one.about: [tuple(claim) for claim in one.claims]
        for one in contradictions(file, claims_of(file))
    }


def test_a_page_that_agrees_contradicts_nothing():
    assert found(install_page()) == {}


@pytest.mark.parametrize(
    ("said", "about", "words"),
    [
        (
            {"cuda": "12.1"},
            "which CUDA",
            ["lists CUDA 12.1", "says that it was built with CUDA 12.2"],
        ),
        (
            {"cudnn": "7.6"},
            "which cuDNN",
            ["lists cuDNN 7.6", "says that it was built with cuDNN 8"],
        ),
        (
            {"compute_capabilities": ("3.5", "5.0", "6.0", "7.5")},
            "which GPUs",
            [
                "lists compute capabilities 3.5, 5.0, 6.0, 7.5 and higher",
                "says that it was built for 6.0, 7.0, 8.0: no code for 3.5, 5.0",
            ],
        ),
        (
            {"pip": "19.0"},
            "the oldest pip",
            [
                "names pip 19.0",
                "says that pip takes manylinux2014 from 19.3 on",
                "has wheels tagged manylinux2014",
            ],
        ),
    ],
)
def test_each_statement_of_the_page_is_held_against_the_wheel(said, about, words):
    told = found(install_page(**said))
    assert list(told) == [f"tensorflow 2.15.0 on {LINUX}: {about}"]
    ((first, *others),) = told.values()
    assert first[0] == PAGE
    assert [says for _, says in (first, *others)] == words


def test_the_pythons_of_the_page_are_those_of_all_systems_together():
    linux = one_build("tensorflow", "2.15.0", LINUX, "3.9 3.10", **CUDA_12)
    told = found(install_page(python="3.8-3.9"), linux)
    assert set(told) == {
        "tensorflow 2.15.0: Python 3.8 has no wheel",
        "tensorflow 2.15.0: Python 3.10 is not listed",
    }


def test_a_system_that_is_too_old_for_the_wheels_is_told():
    new = one_build("tensorflow", "2.15.0", LINUX, "3.9 3.10", **CUDA_12)
    (build,) = new.builds
    wheels = tuple(
        wheel._replace(file=wheel.file.replace(OLD_TAGS, NEW_TAG), glibc="2.27")
        for wheel in build.wheels
    )
    says = build.says._replace(wheel=wheels[-1].file)
    new = new._replace(builds=(build._replace(wheels=wheels, says=says),))
    told = found(install_page(), new)
    assert told[f"tensorflow 2.15.0 on {LINUX}: the oldest Ubuntu"] == [
        (PAGE, "names Ubuntu 16.04"),
        ("people:ubuntu/16.04", "says that 16.04 has glibc 2.23"),
        (told_by(new), "has wheels that need glibc 2.27"),
    ]
    assert told[f"tensorflow 2.15.0 on {LINUX}: the oldest pip"][1] == (
        "people:manylinux/manylinux_x_y",
        "says that pip takes manylinux_x_y from 20.3 on",
    )
    assert found(install_page(ubuntu="18.04", pip="20.3"), new) == {}
    assert found(install_page(ubuntu="99.04", pip="20.3"), new) == {}
    assert found(install_page(ubuntu=None, pip=None), new) == {}


def told_by(release):
    return f"index:{release.distribution}/{release.builds[0].says.wheel}"


def test_a_macos_that_is_too_old_for_the_wheels_is_told():
    mac = one_build("tensorflow", "2.15.0", ARM_MAC, "3.9 3.10", **CPU)
    assert found(install_page(macos="10.15"), mac) == {
        f"tensorflow 2.15.0 on {ARM_MAC}: the oldest macOS": [
            (PAGE, "names macOS 10.15"),
            (told_by(mac), "has wheels that need macOS 12.0"),
        ]
    }
    assert found(install_page(macos=None), mac) == {}


def test_a_page_that_says_no_gpu_on_windows_contradicts_a_table_with_cuda_there():
    windows = one_build("tensorflow", "2.15.0", WINDOWS, "3.9 3.10", **CPU)
    table = row("windows-gpu", "tensorflow-2.15.0", "3.9-3.10", "12.2", "8.9")
    told = found(install_page(windows_gpu_until="2.10"), windows, official=(table,))
    assert f"tensorflow 2.15.0 on {WINDOWS}: whether it is a CUDA build" in told
    assert found(install_page(windows_gpu_until="2.10"), windows) == {}


@pytest.mark.parametrize("version", ["2.15.0rc1", "2.15.0.dev20230101"])
def test_the_page_speaks_of_no_candidate_and_of_no_nightly(version):
    release = one_build("tensorflow", version, LINUX, "3.9", **CUDA_12)
    assert found(install_page(cuda="11.1", python="3.6"), release) == {}


def test_the_page_speaks_of_no_other_distribution():
    release = one_build("tensorflow-cpu", "2.15.0", LINUX, "3.9", **CPU)
    assert found(install_page(cuda="11.1", python="3.6"), release) == {}


def test_a_driver_of_the_page_is_a_claim_about_its_cuda():
    claims = claims_of(series(install_page()))
    (driver,) = claims.about("minimum driver")
    assert (driver.subject.release, driver.value) == ("12.2", "525.60.13")


def test_where_nobody_else_names_a_cuda_it_stays_unknown():
    silent = CUDA_12 | {"cuda": None, "cudnn": None, "compute_capabilities": None}
    file = series(install_page(), one_build("tensorflow", "2.15.0", LINUX, "3.9 3.10", **silent))
    claims = claims_of(file)
    (offer,) = published(file)
    tools = toolkit(claims, offer)
    assert (tools.cuda, tools.cuda_documented, tools.cudnn_documented) == (None, None, None)


def test_the_table_that_people_keep_is_believed_before_the_page():
    drivers = (Driver(cuda="12.x", linux="525.60.13", windows="528.33", source=LINK),)
    file = series(install_page())
    claims = claims_of(file, drivers)
    told = minimum_driver(claims, "12.2")
    assert (told.linux, told.source) == ("525.60.13", LINK)


def test_lookup_and_its_document_tell_page_and_source(tmp_path, capsys):
    write_base(tmp_path, series(install_page(cuda="12.1")))
    asked = ["--data", str(tmp_path), "lookup", "2.15"]
    assert command_line.main(asked) == 0
    assert "1 contradiction between sources: --sources" in capsys.readouterr().out
    assert command_line.main([*asked, "--sources"]) == 0
    assert "page   pip.md lists CUDA 12.1" in capsys.readouterr().out
    assert command_line.main([*asked, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert {"source": PAGE, "says": "lists CUDA 12.1"} in answer["contradictions"][0]["claims"]
    assert PAGE in [one["id"] for one in answer["sources"]]


def test_the_terminal_tells_once_what_differs_in_the_release_alone(tmp_path, capsys):
    first, last = (
        one_build("tensorflow", release, LINUX, python, **CUDA_12)
        for release, python in (("2.15.0", "3.9"), ("2.15.1", "3.10"))
    )
    page = install_page(cuda="12.1", python="3.9")
    write_base(tmp_path, series(page, first, last))
    assert command_line.main(["--data", str(tmp_path), "lookup", "2.15", "--sources"]) == 0
    out = capsys.readouterr().out
    assert f"tensorflow 2.15.0, 2.15.1 on {LINUX}: which CUDA" in out
    assert out.count("pip.md lists CUDA 12.1") == 1
    assert "tensorflow 2.15.1: Python 3.10 is not listed" in out


@pytest.mark.parametrize("version", SERIES)
def test_the_real_page_contradicts_the_wheels_from_2_17_on(version):
    file = Store().series(version)
    told = contradictions(file, claims_of(file))
    of_page = [one for one in told if any(claim.source == PAGE for claim in one.claims)]
    finals = {one.release for one in file.releases if one.distribution == "tensorflow"}
    assert {one.release for one in of_page if one.about.endswith("which GPUs")} == finals
    assert file.install_page.source.startswith("https://")


def test_the_real_page_says_nothing_of_releases_that_were_never_its_newest():
    for name in ("2.16", "2.10"):
        assert Store().series(name).install_page is None
