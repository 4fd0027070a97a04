"""Which ROCm a release of tensorflow-rocm needs, and which GPUs its code serves."""

import pytest

from kb.base.model import RocmFile, RocmHardware, RocmTable, RocmTableRow, RocmWheel
from kb.base.store import Store
from kb.base.versions import agree
from kb.facts.rocm import rocm_need, table_disputes

FILE = Store().rocm()


@pytest.mark.parametrize(
    ("release", "rocm", "targets"),
    [
        ("2.14.0.600", "6.0.0", ["gfx900", "gfx906", "gfx908", "gfx90a", "gfx1030", "gfx1100"]),
        ("2.13.1.600", "6.0.0", ["gfx900", "gfx906", "gfx908", "gfx90a", "gfx1030"]),
        ("2.9.2", "5.2.0", ["gfx900", "gfx906", "gfx908", "gfx90a", "gfx1030"]),
        ("2.6.2", "4.3.1", ["gfx900", "gfx906", "gfx908", "gfx90a", "gfx1030"]),
        ("2.5.0", "4.2.0", ["gfx900", "gfx906", "gfx908"]),
        ("2.0.0", "2.9", ["gfx803", "gfx900", "gfx906"]),
        ("1.15.7", "3.7.0", ["gfx803", "gfx900", "gfx906", "gfx908"]),
    ],
)
def test_a_wheels_libraries_say_its_rocm_and_its_gpus(release, rocm, targets):
    need = rocm_need(FILE, release)
    assert (need.rocm, list(need.targets())) == (rocm, targets)


def test_every_release_on_the_index_was_read():
    store = Store()
    releases = {
        release.release
        for name in store.series_names()
        for release in store.series(name).releases
        if release.distribution == "tensorflow-rocm" and release.builds
    }
    assert {wheel.release for wheel in FILE.wheels} == releases
    assert all(rocm_need(FILE, release).rocm for release in releases)


def test_a_release_that_names_its_rocm_has_it_in_its_libraries():
    for wheel in FILE.wheels:
        name = wheel.release.split(".")
        if len(name) == 4 and name[3].isdigit():
            assert wheel.rocm == ".".join(name[3])


def test_amds_list_differs_from_two_wheels():
    differing = [
        wheel.release
        for wheel in FILE.wheels
        if wheel.rocm and wheel.listed and not agree(wheel.rocm, wheel.listed)
    ]
    assert differing == ["1.15.7", "1.15.6"]


@pytest.mark.parametrize(
    ("series", "rocms"),
    [("2.7", {"5.2"}), ("2.12", {"5.5"}), ("2.13", {"5.5", "5.6"}), ("2.14", {"5.6", "5.7"})],
)
def test_amds_tables_contradict_each_other(series, rocms):
    assert {dispute.rocm for dispute in table_disputes(FILE, series)} == rocms


def test_tables_that_agree_are_no_dispute():
    assert list(table_disputes(FILE, "2.9")) == []
    row = RocmTableRow(rocm="5.2", tensorflow=("2.9.1",))
    one = RocmTable(source="https://example.org/one", rows=(row,))
    other = RocmTable(source="https://example.org/other", rows=(row._replace(tensorflow=("2.9",)),))
    assert list(table_disputes(RocmFile(1, tables=(one, other)), "2.9")) == []


def test_without_a_word_of_it_nothing_is_known():
    need = rocm_need(RocmFile(1), "2.14.0.600")
    assert (need.rocm, need.targets(), need.hardware) == (None, (), None)


def test_the_hardware_is_that_of_the_minor_release():
    hardware = RocmHardware(rocm="6.0", supported=("gfx90a",), source="https://example.org")
    wheel = RocmWheel(
        release="2.14.0.600",
        wheel="a.whl",
        sha256="0" * 64,
        read="2026-11-26",
        rocm="6.0.2",
        code=(),
    )
    file = RocmFile(1, wheels=(wheel,), hardware=(hardware,))
    assert rocm_need(file, "2.14.0.600").hardware == hardware
