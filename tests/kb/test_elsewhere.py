"""What others publish outside the package index, and platforms without a wheel on it."""

import json

import pytest

from kb import KnowledgeBase, command_line
from kb.base.store import Store
from kb.base.versions import key

BASE = KnowledgeBase()


def ask(**words):
    return BASE.find(BASE.question(**words))


def releases(found):
    return [(one.release, one.needs) for one in found.elsewhere]


def test_a_jetson_nano_gets_nvidias_build_for_its_jetpack_and_python():
    found = ask(os="linux", arch="arm64", gpu="Jetson Nano", python="3.6", device="gpu")
    assert found.answer is None
    first = found.elsewhere[0]
    assert (first.release, first.needs, first.python) == (
        "2.7.0+nv22.1",
        "JetPack 4.6.1",
        ("3.6",),
    )
    assert first.command == (
        "python3.6 -m pip install tensorflow==2.7.0+nv22.1 "
        "--extra-index-url https://developer.download.nvidia.com/compute/redist/jp/v461"
    )
    assert first.sources[0].startswith("https://docs.nvidia.com/")


@pytest.mark.parametrize(
    ("gpu", "python", "expected"),
    [
        ("Jetson AGX Orin", None, ["2.16.1+nv24.08", "2.12.0+nv23.06", "2.9.1+nv22.06"]),
        ("Jetson AGX Orin", "3.10", ["2.16.1+nv24.08", "2.12.0+nv23.06", "2.9.1+nv22.06"]),
        ("Jetson AGX Orin", "3.8", ["2.12.0+nv23.06", "2.9.1+nv22.06", "2.16.1+nv24.08"]),
        ("Jetson AGX Orin", "3.12", ["2.16.1+nv24.08", "2.12.0+nv23.06", "2.9.1+nv22.06"]),
        ("Jetson AGX Thor", None, []),
    ],
)
def test_a_jetson_gets_what_its_jetpacks_run(gpu, python, expected):
    words = {"gpu": gpu, "os": "linux", **({"python": python} if python else {})}
    assert [one.release for one in ask(**words).elsewhere] == expected


def test_a_desktop_gpu_gets_no_build_for_jetsons():
    assert ask(os="linux", gpu="RTX 3090", python="3.10").elsewhere == ()
    assert ask(os="linux", arch="arm64", gpu="GH200").elsewhere == ()


def test_amds_own_builds_are_told_with_the_rocm_that_they_need():
    found = ask(os="linux", gpu="RX 7900 XTX", python="3.10")
    assert found.answer is None
    assert ("2.20.0", "ROCm 7.2") in releases(found)
    assert ("2.17.0", "ROCm 6.3") in releases(found)
    named = next(one for one in found.elsewhere if one.needs == "ROCm 6.3")
    assert named.judged is True
    assert named.note == "AMD's list of the GPUs for ROCm 6.3 has gfx1100"
    assert named.command.endswith("-f https://repo.radeon.com/rocm/manylinux/rocm-rel-6.3/")


def test_a_gpu_that_amds_list_lacks_is_not_judged():
    found = ask(os="linux", gpu="RX 6700 XT", python="3.10")
    assert {one.judged for one in found.elsewhere} == {False}
    assert "is not judged" in found.elsewhere[0].note


def test_what_is_newer_than_the_answer_is_told_beside_it():
    found = ask(os="linux", gpu="MI250X", python="3.10")
    assert found.answer.release == "2.14.0.600"
    assert all(key(one.release) > key("2.14.0.600") for one in found.elsewhere)
    assert found.elsewhere


def test_wsl2_gets_the_rocm_that_amd_tells_how_to_install_there():
    found = ask(os="wsl2", gpu="RX 7900 XTX", python="3.10")
    assert found.answer.device == "directml"
    assert {one.needs for one in found.elsewhere} == {"ROCm 6.3"}


def test_amds_list_for_plain_linux_judges_no_gpu_on_wsl2():
    for gpu, target in (("RX 7900 XTX", "gfx1100"), ("MI300X", "gfx942")):
        found = ask(os="wsl2", gpu=gpu, python="3.10")
        assert {one.judged for one in found.elsewhere} == {None}
        assert {one.note for one in found.elsewhere} == {
            f"whether it serves {target} is not judged"
        }
        assert "Whether DirectML serves this GPU is not judged." in found.answer.caveats


def test_each_release_published_elsewhere_is_told_at_its_best(capsys):
    command_line.main(["find", "--os", "linux", "--gpu", "RX 7900 XTX"])
    out = " ".join(capsys.readouterr().out.split())
    assert "tensorflow-rocm 2.19.1 of AMD, for ROCm 7.2" in out


def test_for_which_python_amds_builds_are_is_said_to_be_unknown(capsys):
    command_line.main(["find", "--os", "linux", "--gpu", "RX 7900 XTX", "--python", "3.14"])
    assert "for which Python is not known" in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize("processor", ["armv7l", "armhf"])
def test_32_bit_arm_is_a_platform_with_an_answer(processor, capsys):
    status = command_line.main(["find", "--os", "linux", "--arch", processor, "--python", "3.7"])
    out, error = capsys.readouterr()
    assert (status, error) == (1, "")
    for text in ("tensorflow 1.14.0 of piwheels", "64-bit system", "tflite-runtime"):
        assert text in out


@pytest.mark.parametrize("processor", ["armv6l", "i686", "riscv64", "ppc64le"])
def test_a_processor_without_a_wheel_is_said_to_have_none(processor, capsys):
    status = command_line.main(["find", "--os", "linux", "--arch", processor])
    out, error = capsys.readouterr()
    assert (status, out) == (1, "")
    assert f"no TensorFlow on the package index has a wheel for {processor}" in error


def test_windows_on_arm_is_led_to_wsl2(capsys):
    words = ["find", "--os", "windows", "--arch", "arm64", "--python", "3.12", "--json"]
    status = command_line.main(words)
    document = json.loads(capsys.readouterr().out)
    assert (status, document["answer"]) == (1, None)
    (reason,) = document["rejected"][0]["reasons"]
    assert "WSL2" in reason["instead"][0]
    assert reason["sources"] == ["https://github.com/tensorflow/tensorflow/issues/84102"]
    assert ask(os="wsl2", arch="arm64", python="3.12").answer.platform == "linux-aarch64"


def test_every_row_has_an_address_and_a_source():
    for row in Store().elsewhere().published:
        assert row.address.startswith("https://")
        assert row.sources


def test_an_address_is_whole_and_what_has_a_command_comes_first(capsys):
    command_line.main(["find", "--os", "linux", "--gpu", "RX 7600"])
    out = capsys.readouterr().out.partition("Published elsewhere")[2].splitlines()
    assert "tensorflow-rocm 2.20.0 of AMD" in out[1]
    command_line.main(["find", "--os", "linux", "--gpu", "MI300X", "--why"])
    address = next(b.address for b in ask(os="linux", gpu="MI300X").elsewhere if not b.command)
    assert address in map(str.strip, capsys.readouterr().out.splitlines())


def test_a_python_without_a_rocm_wheel_is_not_said_to_have_none():
    (rocm,) = [one for one in ask(gpu="MI300X", python="3.12").rejected if one.series == "2.14"]
    assert rocm.reasons[0].text.startswith("no wheel for Python 3.12 with ROCm: no series has one")


def test_blackwell_gets_nvidias_last_container_with_its_command():
    container, *more = ask(os="linux", gpu="RTX 5090", python="3.13").elsewhere
    assert container.command == (
        "docker run --gpus all -it --rm nvcr.io/nvidia/tensorflow:25.02-tf2-py3"
    )
    assert (container.judged, more) == (True, [])
    assert container.note == "public reports have it on such a GPU (12.0)"
    assert ask(os="wsl2", gpu="RTX 5090").elsewhere == (container,)
    server = ask(os="linux", gpu="B200").elsewhere[0]
    assert server.note == "whether it serves 10.0 is not judged: public reports have it on 12.0"
    assert ask(os="linux", gpu="RTX 4090", driver="470.57").elsewhere == ()


@pytest.mark.parametrize(
    ("machine", "note"),
    [
        ({"driver": "550.54"}, "driver 550.54 is older than that; public reports have it on"),
        ({"release": "2.18"}, "public reports have it on"),
        ({"release": "2.22"}, "public reports have it on"),
        ({"os": "windows"}, "in WSL2; public reports have it on"),
        ({"python": "3.9"}, "public reports have it on"),
    ],
)
def test_where_nothing_fits_what_asks_for_a_change_is_told_with_it(machine, note):
    (container,) = ask(**{"os": "linux", "gpu": "RTX 5090", **machine}).elsewhere
    assert container.release == "2.17.0"
    assert container.note.startswith(note)


def test_what_asks_for_a_newer_glibc_is_not_told():
    assert ask(os="linux", gpu="H100", glibc="2.12").elsewhere == ()
    (build,) = ask(os="linux", gpu="H100", release="1.15", glibc="2.31").elsewhere
    assert build.distribution == "nvidia-tensorflow"


@pytest.mark.parametrize(
    "question",
    [
        ("--gpu", "RTX 5090", "--driver", "550.54"),
        ("--gpu", "RTX 5090", "--release", "2.18"),
        ("--gpu", "RTX 5090", "--os", "windows"),
        ("--gpu", "RTX 3090", "--release", "1.15"),
    ],
)
def test_the_page_tells_a_way_out_once(question, capsys):
    command_line.main(["find", *question])
    out = capsys.readouterr().out
    command = "nvidia-tensorflow[horovod]" if "1.15" in question else "nvcr.io/nvidia/tensorflow"
    assert out.count(command) == 1
    assert "jit_compile" not in out
    assert "What people use instead\n  Or " not in out


def test_a_grace_machine_gets_an_address_and_a_thor_is_told_of_no_other_machine():
    def ways(gpu):
        found = ask(os="linux", arch="arm64", gpu=gpu)
        return " ".join(found.rejected[0].reasons[0].instead)

    assert "docker run" in ways("GH200")
    assert "catalog.ngc.nvidia.com" in ways("GH200")
    assert "Grace" not in ways("Jetson Thor")


def test_ampere_gets_nvidias_own_build_of_what_is_asked_for():
    (build,) = ask(os="linux", gpu="RTX 3090", release="1.15").elsewhere
    assert build.command.startswith("python3.8 -m pip install nvidia-pyindex && ")
    assert ask(os="linux", gpu="GTX 1080", release="1.15", python="3.12").elsewhere == ()
