import json
import re
import subprocess
import sys
import time
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet

from kb import command_line
from kb.answers import message_scan as scan
from kb.answers.messages import explain
from kb.answers.ways_out import requirements
from kb.base.model import Bounds, ErrorsFile, KnownError, LibrariesFile, Library, Pattern, WayOut
from kb.base.names import is_tensorflow
from kb.base.store import Store
from kb.facts.builds import published
from kb.upkeep.error_rules import errors_faults, libraries_faults
from tests.kb.error_cases import CASES


class KeptStore(Store):
    """The real knowledge base, each file of it read once for all tests."""

    errors = cache(Store.errors)
    problems = cache(Store.problems)
    libraries = cache(Store.libraries)
    series = cache(Store.series)


STORE = KeptStore()
ERRORS = STORE.errors().errors
LOGS = Path(__file__).parent / "logs"
EXPRESSIONS = [
    pytest.param(error.id, pattern, id=f"{error.id}-{number}")
    for error in ERRORS
    for number, pattern in enumerate(error.patterns)
    if pattern.expression
]


def explained(text):
    """Return the matches in a text."""
    return explain(STORE, [text.encode()]).matches


def first(text):
    """Return the match that a text is explained by first."""
    return explained(text)[0]


def ran(capsys, *arguments):
    """Run the command; return its status, standard output and standard error."""
    status = command_line.main(["explain", *arguments])
    return status, *capsys.readouterr()


def test_every_message_has_a_case():
    assert [error.id for error in ERRORS] == list(CASES)
    assert len(ERRORS) >= 60


@pytest.mark.parametrize("name", CASES)
def test_each_message_is_recognised_first_and_told_in_full(name):
    case = " ".join(CASES[name].split())
    match = first(f"Traceback (most recent call last):\r\n{CASES[name]}\r\n")
    assert match.id == name
    assert match.cause
    assert match.sources
    assert match.fix or match.severity == "harmless"
    assert match.seen.strip(".") in case
    assert not re.search(r"\{[a-z_]+\}", " ".join((match.cause, *match.fix)))


@pytest.mark.parametrize("name", CASES)
def test_commands_in_the_ways_out_name_series_that_there_are(name):
    names = STORE.series_names()
    known = {*names, *(r.release for n in names for r in STORE.series(n).releases)}
    for line in first(CASES[name]).fix:
        for series in re.findall(r"kb lookup ([0-9.]+)", line):
            assert series in known


def test_a_case_says_nothing_more_when_all_are_told_together():
    matches = explained("\n".join(CASES.values()))
    assert [match.id for match in matches] == list(CASES)


def test_harmless_lines_alone_are_no_fault():
    matches = explained((LOGS / "harmless.log").read_text())
    assert {match.severity for match in matches} == {"harmless"}
    assert {match.id for match in matches} >= {"numa-node", "onednn-on", "tensorrt-not-found"}


def test_missing_libraries_come_before_what_follows_from_them():
    ids = [match.id for match in explained((LOGS / "no-cuda-11.log").read_text())]
    assert ids == [
        "missing-cuda-library",
        "missing-cudnn",
        "cannot-dlopen-gpu-libraries",
        "skipping-gpu-devices",
        "cudart-without-gpu",
        "numa-node",
    ]


def test_several_libraries_together_narrow_the_cuda_and_the_releases():
    match = first((LOGS / "no-cuda-11.log").read_text())
    assert "CUDA 11.1 to 11.8" in match.cause
    assert match.releases == (Bounds("2.5.0", "2.14.1"),)
    assert any("kb lookup 2.14" in line for line in match.fix)


def missing(library):
    """Return the match for one missing library."""
    if library.endswith(".dll"):
        return first(f"Could not load dynamic library '{library}'; dlerror: {library} not found")
    return first(f"ImportError: {library}: cannot open shared object file: No such file")


@pytest.mark.parametrize(
    ("library", "versions", "releases"),
    [
        ("libcublas.so.9.0", "CUDA 9.0", [("1.5.0", "1.12.3")]),
        ("libcudart.so.10.1", "CUDA 10.1", [("2.1.0", "2.3.4")]),
        ("libcufft.so.10", "CUDA 10.1 to 11.8", [("2.1.0", "2.14.1")]),
        ("libcusolver.so.10", "CUDA 10.1 to 11.0", [("2.1.0", "2.4.4")]),
        ("libcudart.so.11.0", "CUDA 11.0 to 11.8", [("2.4.0", "2.14.1")]),
        ("libcublas.so.12", "CUDA 12.0 to 12.9", [("2.15.0", "2.21.0")]),
        ("libcudnn.so.8", "cuDNN 8", [("2.4.0", "2.17.1")]),
        ("libcudnn.so.9", "cuDNN 9", [("2.18.0", "2.21.0")]),
        ("cudart64_100.dll", "CUDA 10.0", [("1.13.1", "2.0.4")]),
        ("cudart64_101.dll", "CUDA 10.1", [("2.1.0", "2.3.4")]),
        ("cudart64_110.dll", "CUDA 11.0 to 11.8", [("2.4.0", "2.10.1")]),
        ("cudnn64_7.dll", "cuDNN 7", [("1.5.0", "2.3.4")]),
        ("libcublas.so.13", "CUDA 13.0 to 13.5", []),
        ("libcusparse.so.10", "CUDA 10.1 to 10.2", [("2.1.0", "2.3.4")]),
        ("libcusparse.so.12", "CUDA 12.0 to 13.5", [("2.15.0", "2.21.0")]),
        ("cublas64_12.dll", "CUDA 12.0 to 12.9", []),
        ("cudnn64_9.dll", "cuDNN 9", []),
    ],
)
def test_a_library_tells_its_cuda_and_the_releases_built_with_it(library, versions, releases):
    match = missing(library)
    assert [tuple(span) for span in match.releases] == releases
    assert (f"of {versions}," in match.cause) == bool(releases)


def test_a_library_that_the_table_does_not_know_is_told_without_guesses():
    match = missing("libcusparse.so.77")
    assert match.id == "missing-cuda-library"
    assert match.releases == ()
    assert "CUDA 7" not in match.cause
    assert not any("kb lookup" in line for line in match.fix)


@pytest.mark.parametrize(
    ("lowest", "python"),
    [
        ("1.13.1", "3.7"),
        ("2.2.0rc1", "3.8"),
        ("2.5.0", "3.9"),
        ("2.8.0rc0", "3.10"),
        ("2.12.0rc0", "3.11"),
        ("2.16.0rc0", "3.12"),
        ("2.20.0rc0", "3.13"),
        ("2.10.0rc0", "3.7 to 3.10 on linux-aarch64"),
    ],
)
def test_the_first_release_that_pip_lists_tells_the_python(lowest, python):
    listed = f"(from versions: {lowest}, 2.20.0)"
    match = first(f"Could not find a version that satisfies the requirement tensorflow==9 {listed}")
    assert f"So that Python is {python}." in match.cause


def test_a_list_of_a_candidate_alone_tells_of_it():
    match = first(
        "Could not find a version that satisfies the requirement tensorflow==2.21.0 "
        "(from versions: 2.22.0rc0)"
    )
    assert "So that Python is 3.14." in match.cause
    assert "No release has a wheel for it, only the release candidate 2.22.0rc0." in match.cause
    assert "Or take the candidate; its set-up: python -m kb lookup 2.22.0rc0" in [
        way.text for way in match.ways_out
    ]


def test_a_candidate_that_is_gone_is_no_way_out():
    match = first(
        "Could not find a version that satisfies the requirement tensorflow==2.19.0 "
        "(from versions: 2.20.0rc0)"
    )
    assert "So that Python is 3.13." in match.cause
    assert "candidate" not in match.cause


def test_the_newest_series_is_one_with_a_release():
    match = first(CASES["pip-no-version"])
    assert f"The newest series, {STORE.released_names()[-1]}, has wheels" in match.cause
    assert "The release candidate 2.22.0rc0 has wheels for Python 3.10 to 3.14." in match.cause


def test_the_release_that_is_asked_for_tells_the_pythons_to_use():
    match = first(CASES["pip-other-python"])
    assert "TensorFlow 2.3 has wheels for Python 3.5 to 3.8." in match.cause
    assert any("python -m kb lookup 2.3" in line for line in match.fix)


def test_the_pythons_are_those_of_the_distribution_that_is_asked_for():
    listed = "(from versions: 2.8.0rc0, 2.8.0)"
    match = first(
        f"Could not find a version that satisfies the requirement tensorflow-gpu==2.0.0 {listed}"
    )
    assert "TensorFlow 2.0 has wheels for Python 2.7, 3.5 to 3.7." in match.cause


@pytest.mark.parametrize("listed", ["2.8.0, 2.9.0", "none"])
def test_other_packages_with_the_name_of_tensorflow_in_theirs_are_not_meant(listed):
    wanted = f"requirement tensorflow-text==2.3.0 (from versions: {listed})"
    told = explained(f"Could not find a version that satisfies the {wanted}")
    assert not any(match.id.startswith("pip-") for match in told)


def test_the_name_of_a_wheel_tells_what_it_is_for():
    assert "Python 3.8 on windows-x86_64" in first(CASES["wheel-not-supported"]).cause


def test_both_cudnn_versions_are_read():
    match = first(CASES["cudnn-older-than-built"])
    assert "Loaded is 9.1.0, and this TensorFlow was built with 9.3.0." in match.cause
    assert any('"nvidia-cudnn-cu12>=9.3,<10"' in line for line in match.fix)


def test_pins_and_problems_are_told_in_their_own_words():
    pins = {pin.pin for pin in STORE.pins().pins}
    problems = {problem.id: problem for problem in STORE.problems().problems}
    assert "numpy<2" in pins
    assert any('"numpy<2"' in line for line in first(CASES["numpy-too-old"]).fix)
    match = first(CASES["protobuf-4"])
    own, other = problems["protobuf-4-with-2-7"].way_out
    assert own in match.ways_out
    told = "Or take a later patch, where it is 2.7.0 to 2.7.2"
    assert other._replace(told=told) in match.ways_out
    assert len(match.releases) == 3


@pytest.mark.parametrize(
    "line",
    [
        "ImportError: numpy.core.multiarray failed to import",
        "ImportError: numpy._core.multiarray failed to import",
        "ImportError: numpy.core._multiarray_umath failed to import",
    ],
)
def test_numpy_that_fails_to_import_is_told_after_what_says_more(line):
    assert first(line).id == "numpy-bfloat16"
    assert first(f"{line}\n{CASES['numpy-2']}").id == "numpy-2"


def test_a_blackwell_card_is_told_as_a_fault_and_an_older_one_as_slow():
    assert first((LOGS / "blackwell.log").read_text()).id == "blackwell-invalid-ptx"
    slow = first(CASES["kernels-compiled-at-first-use"])
    assert slow.severity == "harmless"
    assert any("2.16" in line for line in slow.fix)


def test_libraries_that_were_opened_are_no_fault():
    names = ("libcudart.so.11.0", "libcuda.so.1", "libcudnn.so.8", "cudnn64_8.dll", "nvcuda.dll")
    log = "\n".join(f"I Successfully opened dynamic library {name}" for name in names)
    log += "\nI successfully opened CUDA library libcudnn.so.5 locally"
    assert explained(log) == ()


def test_a_text_that_nothing_matches_gets_the_closest_as_guesses():
    explanation = explain(STORE, [b"numpy was compiled for another kind of machine, it says"])
    assert explanation.matches == ()
    assert 1 <= len(explanation.closest) <= 3
    assert all(name in CASES for name, _ in explanation.closest)
    assert explain(STORE, [b"qwertz"]).closest == ()


# Whatever the log


@pytest.mark.parametrize("size", [7, 64, 1000])
def test_a_log_may_be_cut_anywhere(size):
    log = (LOGS / "no-cuda-11.log").read_bytes()
    blocks = [log[n : n + size] for n in range(0, len(log), size)]
    assert explain(STORE, blocks) == explain(STORE, [log])


@settings(max_examples=40)
@given(st.binary(max_size=300), st.sampled_from(sorted(CASES)), st.binary(max_size=300))
def test_noise_around_a_message_does_not_hide_it(before, name, after):
    log = before + b"\n" + CASES[name].encode() + b"\n" + after
    assert name in {match.id for match in explain(STORE, [log]).matches}


@pytest.mark.parametrize("name", ["missing-cuda-library", "numpy-2", "pip-no-version"])
def test_a_message_is_found_within_a_line_of_ten_megabytes(name):
    filler = b"loss: 0.0245 - accuracy: 0.9929 \r" * 160_000
    log = filler + CASES[name].encode() + b" " + filler
    blocks = [log[n : n + scan.BLOCK] for n in range(0, len(log), scan.BLOCK)]
    (match,) = explain(STORE, blocks).matches
    assert match.id == name
    assert len(match.seen) < 300


def hostile_texts(name, pattern):
    """Yield long lines that nearly match a pattern, over and over."""
    case = CASES[name]
    yield pattern.text * 4000
    for length in range(1, 60, 7):
        yield (case[: len(case) - length] + pattern.text) * 600
    for letter in "a0.-_ ('":
        yield (case[: len(case) // 2] + letter * 500 + pattern.text) * 100


@pytest.mark.parametrize(("name", "pattern"), EXPRESSIONS)
def test_no_expression_backtracks_without_end(name, pattern):
    texts = [text.encode()[:200_000] for text in hostile_texts(name, pattern)]
    start = time.process_time()
    for text in texts:
        scan.scan([text], [(name, pattern)])
    assert time.process_time() - start < 0.1 * len(texts)


# The command


def test_the_answer_is_for_people_on_a_terminal(capsys):
    status, out, err = ran(capsys, str(LOGS / "no-cuda-11.log"))
    assert (status, err) == (0, "")
    assert out.startswith("A library of the CUDA toolkit is missing\n")
    assert out.rstrip().splitlines()[-3].startswith("Harmless")
    commands = [line for line in out.splitlines() if "python -m" in line]
    assert commands
    assert all(len(line) <= 80 for line in out.splitlines() if line not in commands)


def test_the_document_keeps_its_promise(capsys):
    status, out, _ = ran(capsys, str(LOGS / "no-cuda-11.log"), "--json")
    document = json.loads(out)
    assert status == 0
    assert document["format"] == 1
    for match in document["matches"]:
        assert set(match) >= {"id", "title", "severity", "cause", "fix", "releases", "source"}
        assert match["severity"] in ("error", "harmless")
        assert match["source"].startswith("https://")
        assert isinstance(match["fix"], list)
    assert document["matches"][0]["releases"] == [{"first": "2.5.0", "last": "2.14.1"}]
    assert document["matches"][2]["releases"] is None
    assert document["closest"] == []


def test_a_text_is_taken_as_it_stands(capsys):
    status, out, _ = ran(capsys, "AttributeError: _ARRAY_API not found", "--json")
    assert status == 0
    assert json.loads(out)["matches"][0]["id"] == "numpy-2"


def test_harmless_lines_are_told_as_such(capsys):
    status, out, _ = ran(capsys, str(LOGS / "harmless.log"))
    assert status == 0
    assert out.startswith("Nothing here is a fault.")


@pytest.mark.parametrize("text", ["", "all went well", "\x00\x01\x02", "ünï" * 500])
def test_what_nothing_matches_ends_with_status_1(text, capsys):
    status, out, err = ran(capsys, text)
    assert (status, err) == (1, "")
    assert out.startswith("Nothing in this text")


def from_standard_input(*arguments, log=b""):
    """Run the command in a process of its own, with a log on its standard input."""
    command = [sys.executable, "-m", "kb", "explain", *arguments]
    return subprocess.run(command, input=log, capture_output=True, timeout=60, check=False)


def test_standard_input_is_read_where_nothing_else_is_named():
    log = CASES["pkg-resources"].encode()
    for arguments in ([], ["-"]):
        done = from_standard_input("--json", *arguments, log=log)
        assert (done.returncode, done.stderr) == (0, b"")
        assert json.loads(done.stdout)["matches"][0]["id"] == "pkg-resources"


def test_a_log_of_binary_noise_and_broken_utf_8_is_read(tmp_path, capsys):
    log = tmp_path / "noise.log"
    noise = bytes(range(256)) * 2000
    log.write_bytes(noise + b"\n\xff\xfe\xc3(" + CASES["numpy-2"].encode() + b"\xe9\n" + noise)
    status, out, err = ran(capsys, str(log), "--json")
    assert (status, err) == (0, "")
    (match,) = json.loads(out)["matches"]
    assert match["id"] == "numpy-2"
    assert match["seen"].isprintable()


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-8-sig", "latin-1"])
def test_logs_as_other_shells_write_them_are_read(encoding, tmp_path, capsys):
    log = tmp_path / "shell.log"
    mark = "\ufeff" if encoding == "utf-16-be" else ""
    log.write_bytes(f"{mark}Gerät: {CASES['numpy-2']}\r\n".encode(encoding))
    status, out, _ = ran(capsys, str(log), "--json")
    assert status == 0
    assert json.loads(out)["matches"][0]["id"] == "numpy-2"


def test_an_empty_log_says_so_with_status_1(tmp_path, capsys):
    (tmp_path / "empty.log").touch()
    status, out, err = ran(capsys, str(tmp_path / "empty.log"))
    assert (status, err) == (1, "")
    assert "No known message shares words" in out


@pytest.mark.parametrize("name", ["missing.log", "no/such/file"])
def test_a_file_that_is_not_there_is_told_in_one_line(name, capsys):
    status, out, err = ran(capsys, name)
    assert (status, out) == (2, "")
    assert err.count("\n") == 1
    assert "no such file" in err


def test_a_directory_is_told_in_one_line(tmp_path, capsys):
    status, out, err = ran(capsys, str(tmp_path))
    assert (status, out) == (2, "")
    assert err.startswith(f"error: {tmp_path}: ")
    assert err.count("\n") == 1


def test_a_broken_knowledge_base_ends_with_status_3(tmp_path, capsys):
    (tmp_path / "errors.yaml").write_text("format: 1\nerrors: {}\n")
    assert command_line.main(["--data", str(tmp_path), "explain", "x"]) == 3
    assert "errors.yaml:2" in capsys.readouterr().err


# What must hold of the files

SOUND = KnownError(
    id="some-error",
    severity="error",
    patterns=(Pattern("some text", r"found (?P<library>lib[a-z]{1,9})"),),
    title="A title",
    cause=("A cause of {library}.",),
    fix=(WayOut("A fix."),),
    sources=("https://example.com/source",),
)


def faults(*errors):
    """Return what is wrong with a file of these errors."""
    return list(errors_faults(ErrorsFile(1, errors), {"a-problem"}, {"2.15.0"}))


def test_a_sound_row_has_no_faults():
    assert faults(SOUND) == []
    assert faults(SOUND._replace(problems=("a-problem",), title=None, cause=(), sources=())) == []


@pytest.mark.parametrize(
    ("errors", "said"),
    [
        ([SOUND, SOUND], "stands twice"),
        ([SOUND._replace(id="b", severity="harmless"), SOUND], "harmless ones last"),
        ([SOUND._replace(patterns=(), cause=("A cause.",))], "patterns: is empty"),
        ([SOUND._replace(problems=("other",))], "there is no other in problems.yaml"),
        ([SOUND._replace(title=None)], "give title, cause and sources"),
        ([SOUND._replace(fix=())], "tell a way out"),
        ([SOUND._replace(cause=("About {nothing}.",))], "{nothing}"),
        ([SOUND._replace(fix=(WayOut("Take {native_series}."),))], "name a group capability"),
        ([SOUND._replace(patterns=(Pattern("some text", "(a"),))], "no regular expression"),
        ([SOUND._replace(patterns=(Pattern("some text", "a.*b"),))], "repeats without end"),
        ([SOUND._replace(patterns=(Pattern("some text", "[a]{2,}"),))], "repeats without end"),
        ([SOUND._replace(releases=("9.9.9", None))], "there is no release 9.9.9"),
    ],
)
def test_each_fault_of_a_row_is_told(errors, said):
    assert any(said in fault for fault in faults(*errors))


def test_each_fault_of_the_libraries_is_told():
    row = Library(
        files=("libcudart.so.12",),
        product="CUDA",
        first="12.0",
        last="12.9",
        source="https://example.com/source",
    )
    assert list(libraries_faults(LibrariesFile(1, (row,)))) == []
    twice = list(libraries_faults(LibrariesFile(1, (row, row))))
    assert any("stands twice" in fault for fault in twice)
    for broken in (
        row._replace(first="13.0"),
        row._replace(files=()),
        row._replace(source=None),
    ):
        assert len(list(libraries_faults(LibrariesFile(1, (broken,))))) == 1


OTHER_FORMS = {
    "AttributeError: module 'tensorflow._api.v2.v2' has no attribute 'estimator'": "estimator-gone",
    "ModuleNotFoundError: No module named 'tensorflow_estimator'": "estimator-gone",
    "AttributeError: module 'keras' has no attribute 'estimator'": None,
    "cannot import name 'keras' from 'tensorflow' (unknown location)": "empty-tensorflow",
    "Distribution `tensorflow==2.18.0 @ registry+https://example.com/simple` can't be installed as "
    "it doesn't have a source distribution or wheel for the current platform": "uv-no-wheel",
    "[mutex.cc : 452] RAW: Lock blocking 0x600000968138   @": "macos-mutex",
    "dlopen(/srv/tensorflow_io/python/ops/libtensorflow_io.so, 0x0006): symbol not found in flat "
    "namespace '__ZN10tensorflow6tensor6ConcatERKN4absl'": "undefined-symbol-io",
    "dlopen(/srv/tensorflow_text/core/pywrap.so, 0x0002): symbol not found in flat namespace "
    "'__ZN10tensorflow8OpKernel11TraceStringEPNS'": "undefined-symbol",
    "RuntimeWarning: numpy.dtype size changed, may indicate binary incompatibility. Expected 96, "
    "got 88": None,
    "ModuleNotFoundError: No module named 'tensorboard.plugins'": None,
    "The TensorFlow library was compiled to use AVX instructions, but these aren't available on "
    "your machine.": "illegal-instruction",
}


@pytest.mark.parametrize("text", OTHER_FORMS)
def test_other_forms_of_a_message_are_told_apart(text):
    assert [match.id for match in explained(text)] == list(filter(None, [OTHER_FORMS[text]]))


def test_a_series_that_a_message_names_is_in_the_command():
    match = first("ValueError: You have tensorflow 2.18.1 and this requires tf-keras package.")
    assert 'python -m pip install "tf-keras==2.18.*"' in match.fix


def test_an_illegal_instruction_is_not_cleared_by_avx_alone():
    match = first("Illegal instruction (core dumped)")
    assert "2.4.0 for Linux use AVX2" in match.cause
    assert any("avx2" in line for line in match.fix)
    assert not any("-w avx " in line for line in match.fix)


NO_CUDA = "cudart_stub.cc:32] Could not find cuda drivers on your machine, GPU will not be used.\n"
TRACEBACK = 'Traceback (most recent call last):\n  File "train.py", line 10, in <module>\n'


def test_the_exception_at_the_end_is_told_where_nothing_explains_it(capsys):
    text = f"{NO_CUDA}{TRACEBACK}ValueError: no such colour: mauve\n"
    explanation = explain(STORE, [text.encode()])
    assert explanation.unknown == "ValueError: no such colour: mauve"
    assert [match.id for match in explanation.matches] == ["no-cuda-driver-found"]
    _, out, _ = ran(capsys, text)
    assert out.startswith(
        "The error that this ends with is not known here.\n  Seen       ValueError"
    )
    assert "need not be its cause" in out
    _, out, _ = ran(capsys, text, "--json")
    assert json.loads(out)["unknown"] == "ValueError: no such colour: mauve"


@pytest.mark.parametrize(
    "end",
    [
        "",
        f"{TRACEBACK}AttributeError: module 'numpy' has no attribute 'object'.\n",
        f"{TRACEBACK}ImportError: DLL load failed\n\n{TRACEBACK}ImportError: see above\n",
        "ValueError: it was only printed\n",
    ],
)
def test_an_exception_that_is_explained_or_not_raised_is_not_called_unknown(end):
    assert explain(STORE, [(NO_CUDA + end).encode()]).unknown is None


def test_harmless_lines_before_an_unknown_exception_are_not_all_there_is(capsys):
    text = f"{CASES['onednn-on']}\n{TRACEBACK}KeyError: 'mauve'\n"
    _, out, _ = ran(capsys, text)
    assert out.startswith("The error that this ends with is not known here.")
    assert "Nothing here is a fault" not in out


@pytest.mark.parametrize(("capability", "told"), [("6.1", True), ("7.5", False), ("12.0", False)])
def test_a_crash_is_laid_to_a_cudnn_only_on_a_gpu_that_it_left_out(capability, told):
    text = f"name: Some GPU, compute capability: {capability})\nSegmentation fault (core dumped)\n"
    (match,) = explained(text)
    assert match.id == "segmentation-fault"
    assert any("nvidia-cudnn-cu12<9.11" in line for line in match.fix) is told


def test_the_gpu_that_a_build_for_rocm_ignores_is_named_with_those_it_serves():
    match = first(CASES["rocm-gpu-ignored"])
    assert "gfx1032" in match.cause
    assert "gfx1030, gfx900" in match.cause
    assert any(line.endswith("find --gpu gfx1032") for line in match.fix)


def test_a_list_of_piwheels_is_not_laid_to_the_python():
    assert [match.id for match in explained(CASES["pip-32-bit-arm"])] == ["pip-32-bit-arm"]


PIP = (
    "ERROR: Could not find a version that satisfies the requirement tensorflow=={} (from versions: "
    "2.20.0, 2.21.0, 2.22.0rc0)\n"
)


def test_a_release_that_is_not_there_is_said_not_to_be_known():
    match = first(PIP.format("2.22.0"))
    assert match.id == "pip-other-python"
    assert "No release 2.22.0 is known." in match.cause
    assert "release candidate 2.22.0rc0" in match.cause
    assert any("kb lookup 2.22.0rc0" in line for line in match.fix)
    assert not match.fix[0].startswith("Or ")


def test_a_release_that_is_there_is_not_said_to_be_unknown():
    match = first(PIP.format("2.9.1"))
    assert "No release" not in match.cause
    assert "candidate" not in match.cause
    assert "TensorFlow 2.9 has wheels for Python 3.7 to 3.10." in match.cause


def test_a_ptxas_that_does_not_know_a_gpu_is_told_with_the_first_that_does():
    for sm, cuda in (("86", "11.1"), ("120", "12.8")):
        match = first(f"ptxas fatal   : Value 'sm_{sm}' is not defined for option 'gpu-name'")
        assert f"CUDA {cuda} is the first that does." in match.cause


_PLACES = {
    "linux": "/home/ann/env/lib/python{}/site-packages/a.py",
    "macos": "/opt/homebrew/lib/python{}/site-packages/a.py",
    "windows": "C:\\Users\\ann\\Python{}\\Lib\\site-packages\\a.py",
}


def _on(system, python, message):
    """Return a log of a machine that shows its system and its Python."""
    named = python.replace(".", "") if system == "windows" else python
    return f'  File "{_PLACES[system].format(named)}", line 3\n{message}'


def test_a_way_out_is_for_the_release_that_the_log_shows():
    log = f"tensorflow 2.9.0 requires numpy\n{CASES['protobuf-4']}"
    fixes = first(log).fix
    assert 'Or take the next patch, which bounds it: pip install "tensorflow==2.9.1" "numpy<2"' in (
        fixes
    )
    assert not any("2.7.4" in fix for fix in fixes)


def test_a_way_out_is_for_the_python_that_the_log_shows():
    message = CASES["windows-without-cuda"]
    newer = first(_on("windows", "3.12", message)).fix
    assert not any("2.10" in fix or "DirectML" in fix for fix in newer)
    older = first(_on("windows", "3.10", message)).fix
    assert any("lookup 2.10" in fix for fix in older)
    assert any("(on Python 3.7-3.10)" in fix for fix in first(message).fix)


@pytest.mark.parametrize("system", _PLACES)
@pytest.mark.parametrize("python", ["3.8", "3.12", "3.13"])
def test_what_is_installed_has_a_wheel_for_the_machine_that_the_log_shows(system, python):
    offers = [
        (offer.release.distribution, offer.release.release)
        for name in STORE.series_names()
        for offer in published(STORE.series(name))
        if offer.build.platform.startswith(system) and python in offer.pythons()
    ]
    shown = {name: _on(system, python, message) for name, message in CASES.items()}
    shown.pop("windows-without-cuda")  # it shows another system itself
    for name, message in shown.items():
        for match in explained(message):
            for way in match.ways_out:
                for wanted in requirements(way):
                    if "pip install" in (way.command or "") and is_tensorflow(wanted.name):
                        fits = SpecifierSet(wanted.specifier).filter(
                            release for own, release in offers if own == wanted.name
                        )
                        assert list(fits), (name, way)


def test_a_way_out_is_for_the_system_that_the_log_shows():
    message = CASES["cuinit-unknown-error"]
    assert any("modprobe" in fix for fix in first(_on("linux", "3.12", message)).fix)
    assert not any("modprobe" in fix for fix in first(_on("windows", "3.12", message)).fix)


@pytest.mark.parametrize(
    "message",
    [
        "Could not load dynamic library 'libcudart.so.11.0'",
        "Could not load dynamic library 'cudart64_110.dll'",
        "Could not load dynamic library 'libcudnn.so.8'",
        "Cannot dlopen some GPU libraries",
        "Skipping registering GPU devices",
    ],
)
def test_where_a_gpu_lacks_a_library_the_set_up_for_a_gpu_is_shown(message):
    commands = [way.command or "" for way in first(message).ways_out]
    lookups = [command for command in commands if " lookup " in command]
    assert lookups
    assert all("--device cuda" in command for command in lookups)
