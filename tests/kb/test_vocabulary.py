"""One vocabulary for all commands and for Python: what it reads, and what it refuses."""

import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kb import KnowledgeBase, command_line
from kb.base import vocabulary as words
from kb.base.errors import CompatError, NothingFound, WrongUsage
from kb.base.model import Platform

READERS = [
    words.read_version,
    words.read_python,
    words.read_system,
    words.read_processor,
    words.read_platform,
    words.read_device,
    words.read_compute_capability,
    words.read_driver,
    words.read_cuda,
    words.read_glibc,
    words.read_macos,
]
_CASES = st.lists(st.booleans(), min_size=40, max_size=40)


@pytest.mark.parametrize(
    ("text", "version"),
    [
        *((text, "2.15") for text in ("2.15", "v2.15", "tf 2.15", "TF2.15", "tensorflow==2.15")),
        *((text, "2.15") for text in ("2.15.*", "2.15.x", "TensorFlow 2.15", "tensorflow 2.15.*")),
        ("tensorflow[and-cuda]==2.15.1", "2.15.1"),
        ("tensorflow-cpu==2.15.1", "2.15.1"),
        ("tf-gpu 2.10", "2.10"),
        ("==2.15.0.post1", "2.15.0.post1"),
        ("2", "2"),
        ("2.x", "2"),
        ("tensorflow 2", "2"),
        ("Latest", "latest"),
        ("tf-nightly", "nightly"),
        ("../pins", "../pins"),
        ("2.15;ls", "2.15;ls"),
        (">=2.15", ">=2.15"),
    ],
)
def test_a_version_is_read(text, version):
    assert words.read_version(text) == version


@pytest.mark.parametrize(
    ("text", "python"),
    [
        *((text, "3.11") for text in ("3.11", "3.11.4", "python3.11", "Python 3.11.4", "py311")),
        *((text, "3.11") for text in ("cp311", "py3.11", " 3.11 ", "CPython 3.11", "3.11.0rc1")),
        ("2.7", "2.7"),
        ("py27", "2.7"),
    ],
)
def test_a_python_is_read(text, python):
    assert words.read_python(text) == python


@pytest.mark.parametrize("text", ["3.13t", "python3.13t", "cp313t", "3.14.0t"])
def test_a_python_without_the_global_lock_has_no_wheel(text):
    with pytest.raises(NothingFound, match="free-threaded") as caught:
        words.read_python(text)
    assert caught.value.nearest[0].startswith("Python 3.1")


@pytest.mark.parametrize(
    ("text", "platform"),
    [
        *((text, "linux-x86_64") for text in ("linux", "Linux", "linux-amd64", "linux/amd64")),
        *((text, "linux-x86_64") for text in ("x86_64", "amd64", "WSL2", "x64 linux", "ubuntu")),
        *((text, "linux-aarch64") for text in ("linux-aarch64", "arm64", "aarch64", "linux/arm64")),
        *((text, "macos-arm64") for text in ("mac", "macOS", "darwin", "mac-arm64", "osx_arm64")),
        *((text, "macos-x86_64") for text in ("macos-x86_64", "mac x86-64", "darwin/amd64")),
        *((text, "windows-x86_64") for text in ("windows", "Win64", "win_amd64", "Windows 11")),
    ],
)
def test_a_platform_is_read(text, platform):
    assert words.read_platform(text) == platform


@pytest.mark.parametrize(
    ("read", "text", "near"),
    [
        (words.read_platform, "beos", ()),
        (words.read_platform, "linux-sparc", ()),
        (words.read_platform, "", ()),
        (words.read_platform, "linuks-x86_64", None),
        (words.read_system, "windoze", ("windows",)),
        (words.read_processor, "amd46", ("amd64",)),
        (words.read_device, "cdua", ("cuda",)),
        (words.read_device, "tpu", None),
        (words.read_python, "3", ()),
        (words.read_python, "three", ()),
        (words.read_python, "\u0663.\u0661\u0662", ()),
        (words.read_compute_capability, "8", ()),
        (words.read_driver, "N/A", ()),
    ],
)
def test_what_is_no_word_is_refused_with_the_nearest(read, text, near):
    with pytest.raises(WrongUsage, match=r" is not an? ") as caught:
        read(text)
    if near is not None:
        assert caught.value.nearest[: len(near)] == near
    assert str(caught.value).isprintable()


def test_windows_on_arm_has_no_wheel():
    with pytest.raises(NothingFound) as caught:
        words.read_platform("windows-arm64")
    assert caught.value.nearest == ("windows-x86_64",)


@pytest.mark.parametrize(
    ("device", "platform", "meant"),
    [
        ("gpu", None, "cuda"),
        ("gpu", "macos-arm64", "metal"),
        ("gpu", "windows-x86_64", "cuda"),
        ("cpu", "macos-arm64", "cpu"),
    ],
)
def test_a_gpu_is_what_a_platform_has(device, platform, meant):
    assert words.device_on(device, platform) == meant


@pytest.mark.parametrize("text", ["8.6", "86", "sm_86", "SM86", "compute_86"])
def test_a_compute_capability_is_read(text):
    assert words.read_compute_capability(text) == "8.6"


@pytest.mark.parametrize("read", READERS)
@given(text=st.text() | st.from_regex(r"[a-z0-9._ =-]{0,12}", fullmatch=True))
def test_a_reader_gives_a_word_or_refuses_and_reads_its_own_word_alike(read, text):
    refused = None
    try:
        word = read(text)
    except CompatError as error:
        refused = str(error)
    if refused is None:
        assert read(word) == word
    else:
        assert refused.isprintable()
        assert len(refused) < 400


@given(
    st.sampled_from(get_args(Platform)),
    st.sampled_from(["-", "_", "/", " "]),
    _CASES,
    st.booleans(),
)
def test_a_platform_is_read_in_any_case_with_any_sign_between(platform, sign, cases, turned):
    parts = platform.split("-", 1)
    text = sign.join(reversed(parts) if turned else parts)
    text = "".join(c.upper() if up else c for c, up in zip(text, cases, strict=False))
    assert words.read_platform(text) == platform


@given(st.integers(1, 3), st.integers(0, 99), st.sampled_from(["", "v", "tf ", "tensorflow=="]))
def test_a_series_is_read_behind_any_name(major, minor, before):
    assert words.read_version(f"{before}{major}.{minor}") == f"{major}.{minor}"


@pytest.fixture
def kb(capsys):
    """Run a command on the real knowledge base; return its status and both outputs."""

    def run(*arguments):
        try:
            status = command_line.main(list(arguments))
        except SystemExit as ended:
            status = ended.code
        return status, *capsys.readouterr()

    return run


@pytest.mark.parametrize(
    "lenient",
    [
        ["tensorflow==2.15", "--os", "Linux", "--arch", "amd64", "--python", "3.11.4"],
        ["tf 2.15", "--platform", "linux/amd64", "--python", "python3.11"],
        ["2.15.*", "--os", "wsl2", "--python", "py311"],
        ["tf", "2.15", "--os", "linux", "--python", "3.11"],
    ],
)
def test_lookup_understands_them_all(lenient, kb):
    strict = kb("lookup", "2.15", "--platform", "linux-x86_64", "--python", "3.11", "--json")
    assert kb("lookup", *lenient, "--json") == strict
    assert strict[0] == 0


def test_gpu_is_a_device_of_lookup(kb):
    where = ["lookup", "2.15", "--python", "3.11", "--json", "--platform"]
    status, out, _ = kb(*where, "linux", "--device", "gpu")
    assert status == 0
    assert {c["device"] for b in json.loads(out)["builds"] for c in b["cells"]} == {"cuda"}


@pytest.mark.parametrize(
    ("question", "platform", "device"),
    [
        (["--platform", "mac"], "macos-arm64", "cpu"),
        (["--os", "Mac", "--device", "gpu"], "macos-arm64", "gpu"),
        (["--device", "cuda", "--platform", "aarch64"], "linux-aarch64", "gpu"),
        (["--device", "metal"], "macos-arm64", "gpu"),
        (["--device", "directml"], "windows-x86_64", "gpu"),
        (["--platform", "WSL2"], "linux-x86_64", "cpu"),
        (["--compute-capability", "sm_86"], "linux-x86_64", "gpu"),
    ],
)
def test_find_understands_them_too(question, platform, device, kb):
    _, out, _ = kb("find", "--python", "py310", *question, "--json")
    asked = json.loads(out)["question"]
    assert (asked["platform"], asked["device"], asked["python"]) == (platform, device, "3.10")


@pytest.mark.parametrize(
    ("arguments", "status", "line"),
    [
        (
            ["lookup", "2.15", "--platform", "beos"],
            2,
            "error: --platform: 'beos' is not a platform",
        ),
        (["lookup", "2.15", "--python", "3"], 2, "error: --python: '3' is not a Python"),
        (["check", "x.txt", "--python", "three"], 2, "error: --python: 'three' is not a Python"),
        (["find", "--os", "beos"], 2, "error: --os: 'beos' is not an operating system"),
        (["find", "--device", "cuad"], 2, "error: --device: 'cuad' is not a device"),
        (["find", "--device", "rocm", "--os", "mac"], 1, "nothing found: no rocm on macos"),
        (
            ["lookup", "2.15", "--os", "mac", "--platform", "linux"],
            2,
            "error: --platform says linux",
        ),
        (
            ["lookup", "2.15", "--python", "3.13t"],
            1,
            "nothing found: no TensorFlow has a wheel for",
        ),
        (
            ["lookup", "2", "--python", "3.11"],
            1,
            "nothing found: 2 is many series of TensorFlow: name one; nearest: 2.0",
        ),
        (["diff", "2", "2.15"], 1, "nothing found: 2 is many series of TensorFlow"),
    ],
)
def test_what_is_refused_is_one_line(arguments, status, line, kb):
    found, out, error = kb(*arguments)
    assert (found, out) == (status, "")
    assert error.startswith(line)
    assert len(error.splitlines()) == 1
    told = json.loads(kb(*arguments, "--json")[1])
    assert told["error"]["text"] == error.partition(": ")[2].rstrip("\n")


@pytest.mark.parametrize(
    "arguments",
    [
        ["lookup"],
        ["diff", "2.15"],
        ["explain"],
        ["check"],
        ["find", "--gpu"],
        ["find", "--python"],
        ["find", "--platform"],
        ["lookup", "2.15", "--device"],
        ["doctor", "--python"],
        [],
        ["--data"],
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("form", [[], ["--json"]])
def test_what_steers_a_terminal_is_never_printed(arguments, form, kb):
    text = "Radeon\x1b[31m\x9b2J\u202e\x07\x00x"
    more = ["lookup", "2.15"] if arguments == ["--data"] else []
    status, out, error = kb(*arguments, text, *more, *form)
    assert status in (0, 1, 2, 3)
    assert (out + error).replace("\n", "").isprintable()
    assert "fault of this program" not in error


_STEERING = st.characters(categories=("Cc", "Cf", "Zl", "Zp"), exclude_characters="\0")


@pytest.mark.skipif(sys.platform == "win32", reason="has no such names")
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(_STEERING, min_size=1, max_size=9))
def test_a_name_that_steers_a_terminal_is_never_printed(kb, name):
    with TemporaryDirectory() as folder:
        file = Path(folder, f"x{name}.txt")
        file.write_text(f"tensorflow==2.99\n-r 'absent{name}.txt'\n", encoding="utf-8")
        Path(folder, name, "releases").mkdir(parents=True)
        for arguments in (
            ["check", str(file)],
            ["check", str(file), "--json"],
            ["check", str(file.with_suffix(f".{name}"))],
            ["explain", str(file)],
            ["--data", str(Path(folder, name)), "validate"],
            ["--data", str(Path(folder, name)), "lookup", "2.15"],
            ["--data", str(Path(folder, name)), "index"],
            ["export", "--format", "json", "--output", f"{folder}/absent/{name}"],
            ["verify", "check", str(file)],
            ["verify", "submit", str(file)],
        ):
            status, out, error = kb(*arguments)
            assert status in (0, 1, 2, 3), arguments
            assert (out + error).replace("\n", "").isprintable(), arguments
            assert "fault of this program" not in error, arguments


def test_python_takes_the_same_words():
    base = KnowledgeBase()
    strict = base.lookup("2.15", "linux-x86_64", "3.11", "cuda")
    assert base.lookup("tf 2.15", "Linux", "3.11.4", "gpu") == strict
    question = base.question(gpu="Radeon RX 7900 XTX", python="py310")
    assert (question.maker, question.device, question.python) == ("amd", "gpu", "3.10")
    assert base.question(compute_capability="sm_86").compute_capability == "8.6"
    with pytest.raises(WrongUsage):
        base.lookup("2.15", python="three")
    with pytest.raises(TypeError):
        base.question(colour="red")


@pytest.mark.parametrize(
    ("arguments", "nearest"),
    [
        (["completion", "bsh"], ["bash", "zsh"]),
        (["schema", "lookpu"], ["lookup"]),
        (["export", "--format", "jsn"], ["json"]),
        (["verify", "plan", "--format", "gitub"], ["github"]),
    ],
)
def test_a_mistyped_choice_gets_the_nearest(arguments, nearest, kb):
    status, out, error = kb(*arguments, "--json")
    assert status == 2
    assert "invalid choice: " in error
    assert json.loads(out)["nearest"] == nearest


def test_a_choice_is_read_in_any_case(kb):
    assert kb("completion", "BASH") == kb("completion", "bash")
    assert kb("schema", "Lookup") == kb("schema", "lookup")
    assert kb("export", "--format", "JSON")[0] == 0


@pytest.mark.parametrize(
    ("version", "nearest"),
    [
        ("lates", ["latest"]),
        ("nightlly", ["nightly"]),
        ("2.15.0-rc1", ["2.15.0", "2.15.0.post1", "2.15.1"]),
        ("1.15.0rc3", ["1.15.0", "1.15.1", "1.15.2"]),
    ],
)
def test_a_version_that_is_not_there_gets_what_stands_nearest(version, nearest, kb):
    status, out, _ = kb("lookup", version, "--json")
    assert (status, json.loads(out)["nearest"]) == (1, nearest)


@pytest.mark.parametrize(
    ("read", "text", "meant"),
    [
        (words.read_cuda, "cu121", "12.1"),
        (words.read_cuda, "CU118", "11.8"),
        (words.read_cuda, "cuda 12", "12"),
        (words.read_python, "v3.11", "3.11"),
        (words.read_python, "3.11.x", "3.11"),
        (words.read_python, "3.11.*", "3.11"),
        (words.read_system, "Win10", "windows"),
        (words.read_system, "Ubuntu 18.04", "linux"),
        (words.read_platform, "manylinux2014_x86_64", "linux-x86_64"),
        (words.read_platform, "manylinux_2_28_aarch64", "linux-aarch64"),
        (words.read_platform, "macosx_11_0_arm64", "macos-arm64"),
        (words.read_platform, "win_amd64", "windows-x86_64"),
    ],
)
def test_tags_and_other_spellings_are_read(read, text, meant):
    assert read(text) == meant


@pytest.mark.parametrize(
    "text", ["manylinux1_i686", "macosx_10_9_universal2", "musllinux_1_1_x86_64"]
)
def test_a_tag_of_no_platform_is_refused(text):
    with pytest.raises(WrongUsage):
        words.read_platform(text)


def test_each_processor_is_offered_in_one_spelling(kb):
    status, out, _ = kb("lookup", "2.15", "--arch", "x86", "--json")
    assert (status, json.loads(out)["nearest"]) == (2, ["x86_64"])


def test_the_version_of_a_macos_means_macos(kb):
    _, out, _ = kb("find", "--python", "3.10", "--macos", "14", "--json")
    assert json.loads(out)["question"]["platform"] == "macos-arm64"
    _, out, _ = kb("find", "--python", "3.10", "--macos", "14", "--os", "linux", "--json")
    assert json.loads(out)["question"]["platform"] == "linux-x86_64"


@pytest.mark.parametrize("version", ["3.11", "v3.11", "3"])
def test_doctor_wants_the_path_of_a_python(version, kb):
    status, out, error = kb("doctor", "--python", version)
    assert (status, out) == (2, "")
    assert error.startswith(f"error: --python: {version} is a version; give the path of a Python")
