import json
import re
import shutil
import subprocess
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.base.model import GpuModel, GpusFile
from kb.base.store import Store
from kb.facts.gpu_names import (
    CUT,
    DELETED,
    AmbiguousGpu,
    Identified,
    UnknownGpu,
    aliases,
    identify,
    normalised,
)
from kb.facts.other_gpu_names import keys_of, target_in
from kb.index.records import open_index
from kb.upkeep.table_rules import gpus_faults

GPUS = Store().gpus().gpus
RULES = Path(__file__).parents[2] / "site/docs/assets/find-rules.js"
LINK = "https://example.org/gpus"
ROWS = {Identified(gpu.name, gpu.compute_capability) for gpu in GPUS}
MEANT = {
    "NVIDIA GeForce RTX 3090": "8.6",
    "rtx3090": "8.6",
    "3090": "8.6",
    "3090 Ti": "8.6",
    "RTX-3090": "8.6",
    "GeForce(R) RTX(TM) 3090": "8.6",
    "GeForce RTX™ 3090": "8.6",
    "NVIDIA GeForce RTX 3070 Laptop GPU": "8.6",
    "GeForce GTX 1650 with Max-Q Design": "7.5",
    "GeForce GTX 1650 Mobile / Max-Q": "7.5",
    "gtx1660super": "7.5",
    "RTX 2060": "7.5",
    "MX450": "7.5",
    "GeForce MX150": "6.1",
    "GTX 1060 6 GB": "6.1",
    "GTX 960": "5.2",
    "GTX 960M": "5.0",
    "GTX 960 Mobile": "5.0",
    "Quadro M2000": "5.2",
    "Quadro M2000 Mobile": "5.0",
    "RTX 2060M": "7.5",
    "RTX 3050": "8.6",
    "GeForce RTX 3050 A Laptop GPU": "8.9",
    "Tesla T4": "7.5",
    "T4": "7.5",
    "A100-SXM4-80GB": "8.0",
    "NVIDIA A100 80GB PCIe": "8.0",
    "NVIDIA A100-PG509-200": "8.0",
    "Tesla A100": "8.0",
    "H100 PCIe": "9.0",
    "NVIDIA H100 80GB HBM3": "9.0",
    "NVIDIA GH200 480GB": "9.0",
    "H20": "9.0",
    "A10G": "8.6",
    "L4": "8.9",
    "L40S": "8.9",
    "GB200": "10.0",
    "B300": "10.3",
    "GeForce RTX 5090 Laptop GPU": "12.0",
    "NVIDIA RTX PRO 6000 Blackwell Max-Q Workstation Edition": "12.0",
    "rtx pro 6000": "12.0",
    "DGX Spark": "12.1",
    "Quadro P2000": "6.1",
    "Quadro RTX 6000": "7.5",
    "Quadro RTX A6000": "8.6",
    "Quadro T1000": "7.5",
    "NVIDIA RTX 6000 Ada Generation": "8.9",
    "NVIDIA RTX A2000 12GB": "8.6",
    "GeForce GTX TITAN X": "5.2",
    "NVIDIA TITAN X (Pascal)": "6.1",
    "Tesla K80": "3.7",
    "GeForce GTX 680": "3.0",
    "Jetson Nano": "5.3",
    "orin nano": "8.7",
    "Orin (nvgpu)": "8.7",
    "GRID K520": "3.0",
    "GRID M40": "5.0",
    "Tesla M40 24GB": "5.2",
}
LINES = {
    "GPU 0: NVIDIA GeForce RTX 3090 (UUID: GPU-5f9d1c3e-0000-1111-2222-333344445555)": "8.6",
    "GPU 0: Tesla T4 (UUID: GPU-1)\nGPU 1: Tesla T4 (UUID: GPU-2)\n": "7.5",
    "|   0  NVIDIA GeForce RTX 3090        Off | 00000000:01:00.0  On |   N/A |": "8.6",
    "|   1  Tesla V100-SXM2...  On   | 00000000:00:1E.0 Off |                    0 |": "7.0",
    "NVIDIA GeForce RTX 3090, 24576 MiB": "8.6",
    'Device 0: "Tesla K40c"': "3.5",
    "device: 0, name: Tesla P4, pci bus id: 0000:01:00.0, compute capability: 6.1": "6.1",
    "NVIDIA A100-SXM4-40GB MIG 1g.5gb": "8.0",
    "GRID T4-16Q": "7.5",
    "NVIDIA A40-8Q": "8.6",
    "GRID V100D-8Q": "7.0",
    "GRID T4-2B4": "7.5",
    "NVIDIA A100D-1-10C": "8.0",
    "NVIDIA L40S-48Q": "8.9",
    "NVIDIA RTX6000-Ada-48Q": "8.9",
    "NVIDIA Corporation GA102 [GeForce RTX 3090] (rev a1)": "8.6",
    "01:00.0 VGA compatible controller [0300]: NVIDIA Corporation GA102 [GeForce RTX 3090] "
    "[10de:2204] (rev a1)": "8.6",
    "0000:af:00.0 3D controller: NVIDIA Corporation GV100GL [Tesla V100 PCIe 32GB] (rev a1)": "7.0",
    "02:00.0 VGA compatible controller: NVIDIA Corporation GB203M / GN22-X11 "
    "[GeForce RTX 5090 Max-Q / Mobile] (rev a1)": "12.0",
    "NVIDIA Corporation GK208B [GeForce GT 730] (rev a1)": "3.5",
    "NVIDIA Corporation GF108 [GeForce GT 730] (rev a1)": "2.1",
    "NVIDIA Corporation GM107GLM [a name that no one knows] (rev a2)": "5.0",
    "GA102": "8.6",
    "tu116": "7.5",
    "GK110BGL": "3.5",
}
# Names that GPUs of different capabilities bear, or that sources disagree on.
SHARED = {
    "TITAN X": ("5.2", "6.1"),
    "GT 730": ("2.1", "3.0", "3.5"),
    "GT 710": ("2.1", "3.5"),
    "GeForce GTX 860M": ("3.0", "5.0"),
    "Quadro M5000M": ("5.0", "5.2"),
    "RTX 6000": ("7.5", "8.9"),
    "4000": ("2.0", "7.5", "8.9"),
}


@pytest.mark.parametrize(("text", "capability"), (MEANT | LINES).items())
def test_a_gpu_is_found_however_its_name_is_written(text, capability):
    assert identify(text, GPUS).compute_capability == capability


def test_the_row_that_has_the_very_name_is_the_one_told():
    assert identify("geforce rtx 3080", GPUS) == Identified("GeForce RTX 3080", "8.6")
    assert identify("3080 ti", GPUS) == Identified("GeForce RTX 3080 Ti", "8.6")
    assert identify("NVIDIA T4", GPUS) == Identified("NVIDIA T4", "7.5")
    assert identify("Tesla T4", GPUS) == Identified("Tesla T4", "7.5")
    assert identify("TU116M", GPUS) == Identified("TU116", "7.5")
    workstation = "NVIDIA RTX PRO 6000 Blackwell Workstation Edition"
    assert identify(f"GPU 0: {workstation} (UUID: GPU-1)", GPUS) == Identified(workstation, "12.0")


@pytest.mark.parametrize(("text", "capabilities"), SHARED.items())
def test_a_name_of_different_gpus_is_asked_about(text, capabilities):
    with pytest.raises(AmbiguousGpu) as caught:
        identify(text, GPUS)
    assert tuple(one.compute_capability for one in caught.value.choices) == capabilities
    message = str(caught.value)
    assert message.startswith(f'"{text}" can mean GPUs of different compute capabilities: ')
    assert all(
        one.name in message and one.compute_capability in message for one in caught.value.choices
    )


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("RTX 3095", "GeForce RTX 3090"),
        ("GTX 3090", "GeForce RTX 3090"),
        ("RTX 1660 Ti", "GeForce GTX 1660 Ti"),
        ("Quadro P2001", "Quadro P2000"),
        ("GeForce GTX 108...", "GeForce GTX 1080"),
    ],
)
def test_a_near_miss_is_not_guessed(text, near):
    with pytest.raises(UnknownGpu) as caught:
        identify(text, GPUS)
    assert near in caught.value.nearest
    assert str(caught.value) == (
        f'no GPU is known as "{text}"; nearest: {", ".join(caught.value.nearest)}'
    )


@pytest.mark.parametrize(
    "text", ["nano", "titan", "NVIDIA", "RTX", "Radeon RX 7900", "3090, 2080", "GTX 960 Laptop"]
)
def test_what_names_no_single_model_is_unknown(text):
    with pytest.raises(UnknownGpu, match=f'^no GPU is known as "{text}"'):
        identify(text, GPUS)


@pytest.mark.parametrize("text", ["", " \n\t", "\x00"])
def test_an_empty_name_is_unknown(text):
    with pytest.raises(UnknownGpu, match=r"^no GPU is known as an empty name; write it as"):
        identify(text, GPUS)


@pytest.mark.parametrize(
    "text", ["MIG 1g.5gb Device", "  MIG 3g.20gb     Device  0: (UUID: MIG-c6d4f1ef-42e4)"]
)
def test_a_part_of_a_gpu_asks_for_the_gpu(text):
    with pytest.raises(UnknownGpu, match=r"is a part of a GPU: name the GPU that it is part of$"):
        identify(text, GPUS)


def test_a_name_of_its_own_is_no_longer_one_than_is_asked_for():
    gpus = (
        GpuModel(name="GeForce GTX 960", compute_capability="5.2", source=LINK),
        GpuModel(name="GeForce GTX 960M", compute_capability="5.0", source=LINK),
    )
    assert identify("960", gpus).compute_capability == "5.2"
    assert identify("960m", gpus).compute_capability == "5.0"
    with pytest.raises(UnknownGpu):
        identify("GTX 960 Ti", gpus)


VENDORS = st.sampled_from(["", "NVIDIA ", "nvidia ", "NVIDIA GeForce ", "NVIDIA Corporation "])
CASES = st.sampled_from([str, str.lower, str.upper, str.title])
GAPS = st.sampled_from([" ", "  ", "\t", "-", "_", "\N{NO-BREAK SPACE}"])


def told(text):
    """Return the capabilities that a text can mean: one, or several to choose from."""
    try:
        return (identify(text, GPUS).compute_capability,)
    except AmbiguousGpu as ambiguous:
        return tuple(one.compute_capability for one in ambiguous.choices)


@given(st.sampled_from(GPUS), VENDORS, CASES, GAPS)
def test_every_row_is_found_by_its_name(gpu, vendor, case, gap):
    name = gpu.name.removeprefix("NVIDIA ").removeprefix("GeForce ")
    meant = aliases(GPUS)[normalised(gpu.name)]
    assert gpu.compute_capability in meant
    assert told(vendor + case(name).replace(" ", gap)) == meant


@given(st.sampled_from(GPUS), CASES)
def test_every_row_is_found_by_its_name_without_spaces(gpu, case):
    assert told(case(gpu.name).replace(" ", "")) == told(gpu.name)


@given(st.sampled_from(GPUS))
def test_every_row_is_found_without_its_family_word(gpu):
    short = re.sub(r"^((NVIDIA|GeForce|Quadro|Tesla|Jetson|GTX|GT|RTX) )+", "", gpu.name)
    if any(map(str.isdigit, short)):
        assert gpu.compute_capability in told(short)


def test_few_rows_share_their_name_with_a_row_of_another_capability():
    shared = {normalised(gpu.name) for gpu in GPUS if len(told(gpu.name)) > 1}
    assert {normalised("GT 730"), normalised("NVIDIA TITAN X")} <= shared
    assert len(shared) < 25


NOISE = st.one_of(
    st.text(max_size=400),
    st.lists(
        st.sampled_from(
            [*MEANT, *LINES, "|", "[", "]", "(rev", "GPU 0:", "MIG 1g.5gb", "-8Q", ","]
        ),
        max_size=6,
    ).map(" ".join),
)


@given(NOISE)
def test_noise_is_identified_or_explained_in_one_line(text):
    explained = ""
    try:
        assert identify(text, GPUS) in ROWS
    except (AmbiguousGpu, UnknownGpu) as error:
        explained = str(error)
    assert explained.isprintable()
    assert len(explained) < 400


@given(NOISE)
def test_the_key_of_a_key_is_itself(text):
    key = normalised(text)
    assert normalised(key) == key
    assert re.fullmatch("[a-z0-9]*", key)


def test_every_alias_is_a_key_that_is_looked_up_as_it_stands():
    found = aliases(GPUS)
    assert len(found) > len(GPUS)
    for key, capabilities in found.items():
        assert key
        assert normalised(key) == key
        assert told(key) == capabilities


@pytest.mark.parametrize(
    "piece", ["[", "| ", "-1", "name: ", " ", "(rev ", "9", "nvidia", "ga102 ["]
)
def test_long_input_is_cut_and_quick(piece):
    began = time.process_time()
    with pytest.raises(UnknownGpu) as caught:
        identify(piece * 100_000, GPUS)
    assert time.process_time() - began < 1
    assert len(str(caught.value)) < 400


def test_text_behind_the_cut_does_not_count():
    assert identify("RTX 3090" + " " * CUT + "Ti", GPUS).name == "GeForce RTX 3090"


@pytest.mark.skipif(shutil.which("node") is None, reason="needs Node.js to read as a browser does")
def test_a_browser_comes_to_the_same_keys(tmp_path):
    texts = [
        *MEANT,
        *LINES,
        *SHARED,
        *(gpu.name for gpu in GPUS),
        "İRTX 3090",
        "K40",
        "\ud83d\ude00",
    ]
    rules = tmp_path / "rules.mjs"
    shutil.copy(RULES, rules)
    program = """
        import { readFileSync } from "node:fs"
        import { normalised } from "./rules.mjs"
        const { texts, ...index } = JSON.parse(readFileSync(0, "utf8"))
        console.log(JSON.stringify(texts.map((text) => normalised(index, text))))
    """
    done = subprocess.run(
        ["node", "--input-type=module", "-e", program],
        input=json.dumps({"gpu_cut": CUT, "gpu_deleted": DELETED, "texts": texts}),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        cwd=tmp_path,
    )
    assert json.loads(done.stdout) == [normalised(text) for text in texts]


def test_the_table_covers_kepler_to_blackwell():
    capabilities = {gpu.compute_capability for gpu in GPUS}
    assert {
        "3.0",
        "3.5",
        "3.7",
        "5.0",
        "5.2",
        "6.0",
        "6.1",
        "7.0",
        "7.5",
        "8.0",
        "8.6",
    } <= capabilities
    assert {
        "5.3",
        "6.2",
        "7.2",
        "8.7",
        "8.9",
        "9.0",
        "10.0",
        "10.3",
        "11.0",
        "12.0",
    } <= capabilities


def test_a_chip_without_a_row_of_the_same_capability_is_a_fault():
    chip = GpuModel(name="TU116", compute_capability="7.5", source=LINK)
    right = GpuModel(
        name="GeForce GTX 1660", compute_capability="7.5", source=LINK, chips=("TU116",)
    )
    assert list(gpus_faults(GpusFile(1, (right, chip)), None)) == []
    wrong = right._replace(compute_capability="7.0")
    (fault,) = gpus_faults(GpusFile(1, (wrong, chip)), None)
    assert fault == (
        "gpus.yaml: GeForce GTX 1660: no row says that its chip TU116 has compute capability 7.0; "
        "add one, or correct this one"
    )


@pytest.mark.parametrize(
    ("text", "capability"),
    [
        ("GTX 580", "2.0"),
        ("GeForce GTX 480", "2.0"),
        ("NVIDIA Tesla M2090", "2.0"),
        ("Tesla C2075", "2.0"),
        ("GTX 560 Ti", "2.1"),
        ("GTX 460", "2.1"),
        ("Quadro 600", "2.1"),
        ("Jetson Orin", "8.7"),
        ("Jetson Thor", "11.0"),
    ],
)
def test_fermi_and_the_families_of_jetson_are_known_by_name(text, capability):
    assert identify(text, Store().gpus().gpus).compute_capability == capability


@given(st.text("adelmnoqrtuvxgb 0123456789", max_size=40))
def test_words_alone_are_brought_to_their_key_as_any_text_is(text):
    key = text.lower()
    while True:
        shorter = key
        for expression in DELETED:
            shorter = re.sub(expression, " ", shorter, flags=re.ASCII)
        shorter = shorter.replace(" ", "")
        if shorter == key:
            break
        key = shorter
    assert normalised(text) == key


def test_a_key_of_the_index_is_its_own_key_by_every_table():
    for names in open_index(Store()).gpus.values():
        for name in names:
            assert normalised(name) == name
            assert keys_of(name) == (name,)
            assert target_in(name) is None
