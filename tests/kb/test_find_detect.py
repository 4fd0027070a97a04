"""`find --detect` on machines whose GPUs are seen in part, or not as they should be."""

import pytest

from kb import command_line
from kb.answers.fits import find
from kb.base.store import Store
from kb.find.asked import GpuWords, MachineWords, question_of
from kb.find.document import find_document
from kb.find.page import page
from kb.find.this_machine import fill_in, with_notes
from kb.index.records import open_index
from kb.machine import detection
from kb.machine.detection import Detected, Gpu, detected
from kb.terminal.style import Style
from tests.kb.small_machine import UNTIL_470, SmallMachine

MISMATCH = "echo 'Failed to initialize NVML: Driver/library version mismatch'; exit 18"


@pytest.fixture(scope="module")
def store():
    return Store()


@pytest.fixture(scope="module")
def index(store):
    return open_index(store)


@pytest.fixture
def machine(tmp_path):
    return SmallMachine(tmp_path)


@pytest.fixture
def ask(machine, index, store):
    """Return what `find --detect` finds on the small machine."""

    def run(**told):
        seen = detected(machine.variables)._replace(os="linux", arch="x86_64", wsl2=False)
        words = MachineWords(**{"python": "3.9", **told})
        words = fill_in(words, index, seen, machine.root)
        return with_notes(find(index, question_of(words, index, store)), words.notes)

    return run


def gpus(found):
    return [(gpu.gpu, gpu.compute_capability) for gpu in found.question.gpus()]


def printed(found, index):
    return page(found, index, Style())


def test_a_driver_up_to_470_is_asked_again_and_its_gpu_known_by_its_name(machine, ask):
    machine.program("nvidia-smi", f"{UNTIL_470}echo 'Tesla K80, 470.82.01'")
    found = ask()
    assert gpus(found) == [("Tesla K80", "3.7")]
    assert (found.question.device, found.question.driver) == ("gpu", "470.82.01")
    assert found.answer.device == "cuda"
    assert found.notes == ()


def test_all_gpus_that_are_listed_have_to_be_served(machine, ask):
    lines = ("NVIDIA GeForce RTX 3090, 8.6, 535.104.05", "NVIDIA GeForce GTX 1080, 6.1, 535.104.05")
    machine.program("nvidia-smi", "\n".join(f"echo '{line}'" for line in lines))
    found = ask(python="3.12")
    assert gpus(found) == [("NVIDIA GeForce RTX 3090", "8.6"), ("NVIDIA GeForce GTX 1080", "6.1")]
    assert len(found.gpus) == 2
    assert "nvidia-cudnn-cu12<9.11" in "\n".join(found.answer.setup)


def test_a_query_that_fails_beside_a_driver_in_the_kernel_leaves_the_question_for_its_gpu(
    machine, ask, index
):
    machine.gpu(driver="535.104.05").program("nvidia-smi", MISMATCH)
    machine.put("proc/driver/nvidia/gpus/0/information", "Model: \t NVIDIA GeForce RTX 3090\n")
    found = ask()
    assert gpus(found) == [("NVIDIA GeForce RTX 3090", "8.6")]
    assert found.question.driver == "535.104.05"
    (note,) = found.notes
    assert note.startswith("nvidia-smi failed: Failed to initialize NVML")
    assert found.answer.caveats[0] == note
    assert "version mismatch" in " ".join(printed(found, index).split())


@pytest.mark.parametrize("tool", [None, MISMATCH, "echo 'No devices were found'; exit 6"])
def test_a_gpu_on_the_bus_leaves_the_question_for_a_gpu(tool, machine, ask, index):
    device = "sys/bus/pci/devices/0000:01:00.0"
    machine.put(f"{device}/vendor", "0x10de\n")
    machine.put(f"{device}/class", "0x030000\n")
    if tool is not None:
        machine.program("nvidia-smi", tool)
    found = ask()
    assert (gpus(found), found.question.device) == ([(None, None)], "gpu")
    assert found.answer.device == "cuda"
    text = " ".join(printed(found, index).split())
    assert "GPU of NVIDIA is on the PCI bus" in text
    assert "name it with --gpu" in text
    document = find_document(found)
    assert document.notes == found.notes
    assert document.answer.caveats[: len(found.notes)] == found.notes


@pytest.mark.parametrize(
    ("tool", "start"),
    [
        (MISMATCH, "nvidia-smi failed: Failed to initialize NVML"),
        ("echo 'No devices were found'", "nvidia-smi finds no GPU"),
        ("exit 9", "nvidia-smi failed: status 9"),
        (f"{UNTIL_470}exit 3", "nvidia-smi failed: status 3"),
    ],
)
def test_a_query_that_fails_where_no_gpu_is_seen_is_told_beside_the_answer(
    tool, start, machine, ask, index
):
    machine.program("nvidia-smi", tool)
    found = ask()
    assert (found.question.device, found.answer.device) == ("cpu", "cpu")
    (note,) = found.notes
    assert note.startswith(start)
    assert note.endswith("this is told for the CPU. Name a GPU with --gpu.")
    assert ".:" not in note
    assert find_document(found).answer.caveats[0] == note
    assert " ".join(printed(found, index).split()).count("a run set it up") == 0
    assert " ".join(note.split()) in " ".join(printed(found, index).split())
    nothing = ask(python="2.6")
    assert nothing.answer is None
    assert " ".join(note.split()) in " ".join(printed(nothing, index).split())


def test_a_machine_without_gpu_and_tool_is_for_the_cpu_without_more_words(ask):
    found = ask()
    assert (found.question.device, found.notes) == ("cpu", ())


def test_what_is_given_asks_for_no_look_at_the_gpus(machine, ask):
    machine.program("nvidia-smi", MISMATCH)
    found = ask(gpus=(GpuWords(name="Tesla T4"),), driver="535.104.05")
    assert (gpus(found), found.notes) == ([("Tesla T4", "7.5")], ())
    assert "--driver" in ask(gpus=(GpuWords(name="Tesla T4"),)).notes[0]
    assert ask(device="cpu").notes == ()


@pytest.mark.parametrize(
    ("line", "gpu", "note"),
    [
        ("[N/A], 8.6, 535.54", (None, "8.6"), None),
        ("Tesla T4, [N/A], 535.54", ("Tesla T4", "7.5"), None),
        ("NVIDIA GeForce RTX 9999, [N/A], 535.54", (None, None), "NVIDIA GeForce RTX 9999"),
        ("NVIDIA GeForce RTX 9999, 8.6, 535.54", ("NVIDIA GeForce RTX 9999", "8.6"), None),
        ("NVIDIA Z1, 99.0, 999.54", (None, None), "compute capability 99.0, that of NVIDIA Z1"),
        ("[N/A], [N/A], [N/A]", (None, None), "name it with --gpu"),
    ],
)
def test_a_gpu_that_is_told_in_part_is_asked_about_all_the_same(line, gpu, note, machine, ask):
    machine.program("nvidia-smi", f"echo '{line}'")
    found = ask()
    assert (gpus(found), found.question.device) == ([gpu], "gpu")
    assert (note in found.notes[0]) if note else found.notes == ()


def test_known_and_unknown_gpus_stand_side_by_side(machine, ask):
    machine.program("nvidia-smi", "echo 'Tesla T4, 7.5, 535.54'; echo 'X9, [N/A], 535.54'")
    found = ask()
    assert gpus(found) == [("Tesla T4", "7.5"), (None, None)]
    assert any("unknown" in text or "known" in text for text in found.answer.caveats)


def test_the_target_of_amds_driver_is_taken_where_there_is_no_gpu_of_nvidia(machine, ask):
    node = "sys/class/kfd/kfd/topology/nodes/1/properties"
    machine.put(node, "gfx_target_version 110000\n")
    assert ask().question.gpu_kind == "gfx1100"


def test_a_gpu_of_amd_without_its_compute_driver_is_told(machine, ask):
    device = "sys/bus/pci/devices/0000:06:00.0"
    machine.put(f"{device}/vendor", "0x1002\n")
    machine.put(f"{device}/class", "0x030000\n")
    found = ask()
    assert found.question.device == "cpu"
    (note,) = found.notes
    assert note.startswith("A GPU of AMD is on the PCI bus, without compute driver: ")
    assert note.endswith("this is told for the CPU. Name a GPU with --gpu.")
    assert "GPU of AMD" in ask(device="gpu").notes[0]


@pytest.mark.parametrize(
    ("board", "gpu"),
    [
        ("NVIDIA Jetson Nano Developer Kit", ("NVIDIA Jetson Nano Developer Kit", "5.3")),
        ("NVIDIA Jetson of the future", (None, None)),
    ],
)
def test_a_jetson_is_known_by_its_board(board, gpu, machine, ask):
    machine.put("proc/device-tree/model", f"{board}\0")
    found = ask(arch="arm64")
    assert (gpus(found), found.question.device) == ([gpu], "gpu")
    assert (found.notes == ()) == (gpu != (None, None))


def test_a_system_without_wheels_is_told_by_the_command(monkeypatch, capsys):
    lost = Detected(os=None, arch=None, python="3.12", glibc=None, macos=None, wsl2=False)
    monkeypatch.setattr(detection, "detected", lambda: lost)
    assert command_line.main(["find", "--detect"]) == 1
    assert "no wheel for a system like this one" in capsys.readouterr().err


def test_notes_are_on_standard_error_too_where_json_is_asked_for(monkeypatch, capsys):
    seen = Detected(
        os="linux", arch="x86_64", python="3.12", glibc="2.39", macos=None, wsl2=False,
        gpus=(Gpu("NVIDIA Z1", "99.0"),), driver="999.1",
    )  # fmt: skip
    monkeypatch.setattr(detection, "detected", lambda: seen)
    command_line.main(["find", "--detect", "--json"])
    _, error = capsys.readouterr()
    assert error == "note: compute capability 99.0, that of NVIDIA Z1, is not known here.\n"
