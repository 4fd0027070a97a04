"""The GPUs of AMD, Intel and Apple are known by their names, however they are written."""

import pytest

from kb import KnowledgeBase
from kb.base.store import Store
from kb.facts.gpu_names import AmbiguousGpu
from kb.facts.other_gpu_names import aliases, name_of
from kb.index.gpus import Meaning, meaning
from kb.index.records import open_index

LSPCI = "03:00.0 VGA compatible controller: Advanced Micro Devices, Inc. [AMD/ATI]"
OTHER_SPELLINGS = {
    "RX 7900 XTX": ("amd", "gfx1100"),
    "7900xtx": ("amd", "gfx1100"),
    "AMD Radeon™ RX 7900 XTX": ("amd", "gfx1100"),
    f"{LSPCI} Navi 31 [Radeon RX 7900 XT/7900 XTX/7900 GRE/7900M] (rev c8)": ("amd", "gfx1100"),
    f"{LSPCI} Vega 10 XL/XT [Radeon RX Vega 56/64] (rev c1)": ("amd", "gfx900"),
    "c1:00.0 Processing accelerators: Advanced Micro Devices, Inc. [AMD/ATI] Aqua Vanjaram "
    "[Instinct MI300X]": ("amd", "gfx942"),
    "AMD Radeon RX 6800 XT (radeonsi, navi21, LLVM 15.0.7, DRM 3.49)": ("amd", "gfx1030"),
    "  Marketing Name:          AMD Instinct MI250X": ("amd", "gfx90a"),
    "gfx90a:sramecc+:xnack-": ("amd", "gfx90a"),
    "  Name:                    gfx1036": ("amd", "gfx1036"),
    "Vega 64": ("amd", "gfx900"),
    "MI300X": ("amd", "gfx942"),
    "Radeon PRO W7900": ("amd", "gfx1100"),
    "RX 580": ("amd", "gfx803"),
    "Radeon 780M": ("amd", "gfx1103"),
    "Radeon RX 6500 XT": ("amd", None),
    "RX 9990 XT": ("amd", None),
    "Intel(R) Arc(TM) A770 Graphics": ("intel", "Arc A-Series"),
    "A770": ("intel", "Arc A-Series"),
    "Arc Pro A40": ("intel", "Arc Pro A-Series"),
    "Intel UHD Graphics 630": ("intel", None),
    "Data Center GPU Flex 170": ("intel", "Data Center GPU Flex Series 170"),
    "Apple M1": ("apple", "Apple M1"),
    "M2 Max": ("apple", "Apple M2"),
    "Apple M4": ("apple", "Apple M4"),
    "Apple M4 Pro": ("apple", None),
}
NVIDIAS = {"A40": "8.6", "GTX 780M": "3.0", "Tesla M4": "5.2", "M4": "5.2", "RTX A4000": "8.6"}


@pytest.fixture(scope="module")
def index():
    return open_index(Store())


@pytest.mark.parametrize("text", OTHER_SPELLINGS)
def test_a_gpu_is_known_however_it_is_written(text, index):
    maker, kind = OTHER_SPELLINGS[text]
    assert meaning(text, index) == Meaning(maker, kind=kind)


@pytest.mark.parametrize("text", NVIDIAS)
def test_the_name_of_an_nvidia_gpu_stays_nvidias(text, index):
    assert meaning(text, index) == Meaning("nvidia", (NVIDIAS[text],))


def test_on_a_mac_an_m4_is_apples(index):
    assert meaning("M4", index, "macos") == Meaning("apple", kind="Apple M4")
    assert KnowledgeBase().question(gpu="M4", os="macos").maker == "apple"


def test_where_no_system_is_told_an_m4_is_asked_back():
    with pytest.raises(AmbiguousGpu, match="Tesla M4 of NVIDIA or Apple M4") as caught:
        KnowledgeBase().question(gpu="M4")
    assert caught.value.nearest == ("Tesla M4", "Apple M4")
    assert KnowledgeBase().question(gpu="M4", os="linux").compute_capability == "5.2"


def test_every_name_in_the_table_means_its_own_row(index):
    gpus = Store().other_gpus().gpus
    for gpu in gpus:
        assert meaning(gpu.name, index) == Meaning(gpu.maker, kind=gpu.kind), gpu.name
        assert name_of(gpu.name, gpu.maker, gpus) == gpu.name


def test_a_short_form_that_would_mean_two_kinds_is_left_out():
    gpus = Store().other_gpus().gpus
    same = gpus[0]._replace(name="Radeon Pro 9", kind="gfx900")
    other = same._replace(name="Radeon RX 9", kind="gfx906")
    found = aliases((same, other))
    assert found == {("amd", "gfx900"): ("pro9",), ("amd", "gfx906"): ("rx9",)}


@pytest.mark.parametrize("gpu", ["Iris Xe", "Intel"])
def test_an_intel_gpu_without_a_kind_is_not_judged(gpu):
    caveats = KnowledgeBase().find(KnowledgeBase().question(os="linux", gpu=gpu)).answer.caveats
    assert any(text.startswith("Whether it serves this GPU is not judged") for text in caveats)


def test_a_python_without_a_plugin_is_no_fault_of_tensorflows_wheel():
    found = KnowledgeBase().find(KnowledgeBase().question(os="macos", gpu="M1", python="3.13"))
    reasons = {one.series: [reason.text for reason in one.reasons] for one in found.rejected}
    assert reasons["2.19"][0].startswith(
        "no Metal for Python 3.13: no series has it by tensorflow-metal"
    )


def test_no_run_proves_a_gpu_that_nvidia_gave_up_on_wsl2():
    found = KnowledgeBase().find(KnowledgeBase().question(os="wsl2", gpu="GTX 980"))
    assert found.answer is not None
    assert found.proven is None
