"""What the code in a build is for a GPU, and how what was read compares with what is declared."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.answers.releases import VersionQuestion
from kb.base.model import Capabilities, CodeFile, ObjectCode, Ptx
from kb.base.store import Store
from kb.base.versions import key
from kb.cells.cells import open_series_facts
from kb.facts.builds import devices, published
from kb.facts.contradictions import contradictions
from kb.facts.gpu_code import (
    TEGRA,
    BuildCode,
    GpuCode,
    for_gpu,
    native_in,
    native_serves,
    partly,
    ptx_counts,
    ptx_in,
    throughout,
)
from kb.facts.toolkits import toolkit
from kb.lookup.answer import lookup
from kb.lookup.document import lookup_document
from scraper.code_run import PLATFORMS
from tests.kb.small_base import (
    CUDA_12,
    LINUX,
    WINDOWS,
    code_of,
    extra,
    held,
    one_build,
    series_file,
    write_base,
)

SOME = BuildCode(
    (
        held(1149, "6.0 7.0 8.0 8.9", "9.0", "8.5"),
        held(249, "6.0 7.0 8.0 8.9 9.0", "9.0", "8.3"),
        held(2, "", "9.0", "8.3"),
    )
)


@pytest.mark.parametrize(
    ("capability", "expected"),
    [
        ("8.6", GpuCode("mixed", native=1398, without=2)),
        ("9.0", GpuCode("mixed", native=249, compiled=1151, ptx="8.5", newest=1149)),
        ("12.0", GpuCode("compiled", compiled=1400, ptx="8.5", newest=1149)),
        ("5.2", GpuCode("without", without=1400)),
        ("8.7", GpuCode("without", without=1400)),
        ("7.2", GpuCode("without", without=1400)),
    ],
)
def test_what_a_build_is_for_a_gpu_is_counted(capability, expected):
    assert for_gpu(SOME, capability) == expected


def test_native_means_every_object():
    assert for_gpu(BuildCode((held(3, "8.0"), held(2, "8.6"))), "8.9").kind == "native"
    assert for_gpu(BuildCode((held(3, "8.0"), held(2, "9.0"))), "8.9").kind == "mixed"


def test_ptx_of_the_highest_capability_that_the_gpu_has_is_compiled():
    both = ObjectCode(5, (), (Ptx("7.0", "6.5"), Ptx("8.0", "7.8"), Ptx("9.0", "8.5")))
    assert for_gpu(BuildCode((both,)), "8.6").ptx == "7.8"


def test_objects_of_ptx_alone_say_which_ptx_where_there_are_no_others():
    assert for_gpu(BuildCode((held(2, "", "9.0", "8.5"),)), "9.0").newest == 2
    beside = BuildCode((held(2, "", "9.0", "8.5"), held(3, "8.0", "9.0", "8.3")))
    expected = GpuCode("compiled", compiled=5, ptx="8.3", newest=3, lone_ptx="8.5", lone=2)
    assert for_gpu(beside, "9.0") == expected


def test_what_a_build_has_is_summed_up():
    whole = BuildCode(SOME.objects[:2])
    assert throughout(whole) == ("6.0", "7.0", "8.0", "8.9")
    assert partly(whole) == {"9.0": 249}
    assert ptx_counts(whole) == {Ptx("9.0", "8.3"): 249, Ptx("9.0", "8.5"): 1149}
    assert throughout(SOME) == ()


CAPABILITY = st.builds("{}.{}".format, st.integers(2, 12), st.integers(0, 9))
OBJECTS = st.lists(
    st.builds(
        lambda count, native, ptx: held(count, " ".join(native), " ".join(ptx)),
        st.integers(1, 2000),
        st.lists(CAPABILITY, max_size=4, unique=True),
        st.lists(CAPABILITY, max_size=2, unique=True),
    ),
    min_size=1,
    max_size=4,
)


@given(OBJECTS, CAPABILITY)
def test_every_object_is_counted_once_and_the_kind_follows(objects, gpu):
    code = BuildCode(tuple(objects))
    found = for_gpu(code, gpu)
    assert found.objects == code.of
    assert (found.kind == "native") == (found.native == code.of)
    assert (found.kind == "without") == (found.without == code.of)
    assert (found.kind == "compiled") == (not found.native and found.compiled > 0)
    assert (found.ptx is None) == (found.compiled == 0)
    assert found.newest <= found.compiled
    if all(key(own) > key(gpu) for own in (*native_in(code), *ptx_in(code))):
        assert found.kind == "without"


@given(CAPABILITY, CAPABILITY)
def test_machine_code_serves_its_major_version_from_its_minor_version_on(own, gpu):
    serves = native_serves(own, gpu)
    if own == gpu:
        assert serves
    elif own in TEGRA or gpu in TEGRA or own.split(".")[0] != gpu.split(".")[0]:
        assert not serves
    else:
        assert serves == (key(own) < key(gpu))


@given(OBJECTS, st.sampled_from(sorted(TEGRA)))
def test_ptx_counts_for_no_tegra(objects, gpu):
    assert for_gpu(BuildCode(tuple(objects)), gpu).compiled == 0
    declared = Capabilities(("3.0",), ("3.0",))
    assert for_gpu(BuildCode(declared=declared), gpu).kind == "without"


DECLARED = CUDA_12 | {"compute_capabilities": Capabilities(("6.0", "8.0"), ("8.0",))}


def answered(tmp_path, one, *objects, **code):
    store = write_base(
        tmp_path, series_file("2.15", (one,)), code=(code_of(one, *objects, **code),)
    )
    return lookup(store, VersionQuestion(version="2.15"))


def test_a_look_up_has_the_code_beside_the_list(tmp_path):
    one = one_build("tensorflow", "2.15.0", LINUX, "3.11", **DECLARED)
    answer = answered(tmp_path, one, held(3, "6.0", "8.0"), held(2, "6.0 8.0", "8.0", "8.3"))
    (build,) = lookup_document(answer).builds
    assert build.compute_capabilities.native == ("6.0", "8.0")
    assert build.code.objects == 5
    assert build.code.native == ("6.0",)
    assert tuple(map(tuple, build.code.partly)) == (("8.0", 2, 5),)
    assert tuple(map(tuple, build.code.ptx)) == (("8.0", "8.3", 2, "545"), ("8.0", "8.5", 3, "555"))
    assert answer.contradictions == ()


def test_a_look_up_of_what_was_not_read_has_no_code(tmp_path):
    one = one_build("tensorflow", "2.15.0", LINUX, "3.11", **DECLARED)
    store = write_base(tmp_path, series_file("2.15", (one,)))
    (build,) = lookup_document(lookup(store, VersionQuestion(version="2.15"))).builds
    assert build.code is None


def test_until_the_newest_pythons_wheel_is_read_another_speaks(tmp_path):
    old = one_build("tensorflow", "2.15.0", LINUX, "3.11", **DECLARED)
    new = one_build("tensorflow", "2.15.0", LINUX, "3.11 3.12", **DECLARED)
    assert new.builds[0].says.wheel != old.builds[0].says.wheel
    read = code_of(old, held(3, "6.0"))
    store = write_base(tmp_path, series_file("2.15", (new,)), code=(read,))
    (build,) = lookup_document(lookup(store, VersionQuestion(version="2.15"))).builds
    assert build.code.objects == 3


def test_a_wheel_that_could_not_be_read_has_no_code(tmp_path):
    one = one_build("tensorflow", "2.15.0", LINUX, "3.11", **DECLARED)
    failed = code_of(one)._replace(libraries=(), failure="it broke off")
    store = write_base(tmp_path, series_file("2.15", (one,)), code=(failed,))
    (build,) = lookup_document(lookup(store, VersionQuestion(version="2.15"))).builds
    assert build.code is None


@pytest.mark.parametrize(
    ("objects", "about", "told"),
    [
        (held(3, "6.0", "8.0"), "machine code", "has in its libraries 6.0"),
        (held(3, "6.0 8.0 9.0", "8.0"), "machine code", "has in its libraries 6.0, 8.0, 9.0"),
        (held(3, "6.0 8.0", "9.0"), "PTX", "has in its libraries 9.0"),
    ],
)
def test_code_that_differs_from_the_list_is_a_contradiction(objects, about, told, tmp_path):
    one = one_build("tensorflow", "2.15.0", LINUX, "3.11", **DECLARED)
    (found,) = answered(tmp_path, one, objects).contradictions
    assert found.about == (
        f"tensorflow 2.15.0 on linux-x86_64: for which compute capabilities it has {about}"
    )
    assert [claim.says for claim in found.claims][1] == told


SILENT = {"cuda_build": True, "cuda": None, "cudnn": None, "compute_capabilities": None}


@pytest.mark.parametrize(
    ("opens", "cuda", "cudnn"),
    [
        (("libcudart.so.8.0",), "8.0", None),
        (("libcudart.so.10.1", "libcudnn.so.7"), "10.1", "7"),
        (("cudart64_100.dll", "cudnn64_7.dll"), "10.0", "7"),
        (("cublas64_80.dll",), None, None),
        ((), None, None),
    ],
)
def test_the_libraries_it_opens_tell_the_cuda_of_a_wheel_that_names_none(
    opens, cuda, cudnn, tmp_path
):
    one = one_build("tensorflow", "2.15.0", WINDOWS, "3.11", **SILENT)
    (build,) = answered(tmp_path, one, held(1, "8.0"), opens=opens).builds
    assert (build.toolkit.cuda, build.toolkit.cudnn_built) == (cuda, cudnn)


def test_its_extra_tells_the_cuda_of_a_wheel_that_names_none(tmp_path):
    requires = extra("and-cuda", "nvidia-cuda-runtime-cu12<13.0,>=12.5.82")
    one = one_build("tensorflow", "2.22.0rc0", LINUX, "3.11", **SILENT, extras=(requires,))
    store = write_base(tmp_path, series_file("2.22", (one,)))
    facts = open_series_facts(store, store.series("2.22"))
    (offer,) = published(facts.series)
    assert toolkit(facts.claims, offer).cuda == "12"


def test_every_real_cuda_build_was_read_and_holds_what_it_declares():
    """How code and list compare, over all there are: `sm_XY` and `compute_XY` of the list are the
    machine code and the PTX in the libraries, `compute_XY` in a part of the objects alone.
    """
    store = Store()
    declared = mixed = unread = 0
    for name in store.series_names():
        facts = open_series_facts(store, store.series(name))
        strange = [c for c in contradictions(facts.series, facts.claims) if "it has" in c.about]
        assert strange == []
        for offer in published(facts.series):
            if offer.build.platform not in PLATFORMS or "cuda" not in devices(facts.series, offer):
                continue
            code = facts.code_of(offer)
            if code is None or not code.objects:
                unread += 1
                continue
            if code.declared is not None:
                declared += 1
                assert set(native_in(code)) == set(code.declared.native)
                assert set(ptx_in(code)) == set(code.declared.ptx)
                highest = max(code.declared.native, key=key)
                mixed += for_gpu(code, highest).kind == "mixed"
    assert declared > 60
    assert mixed > 40
    assert unread == 0


def test_what_was_read_is_named_by_wheels_and_no_wheel_failed():
    store = Store()
    for name in store.names(CodeFile):
        wheels = store.code(name).wheels
        assert [wheel.failure for wheel in wheels] == [None] * len(wheels)
        assert len({wheel.sha256 for wheel in wheels}) == len(wheels)
