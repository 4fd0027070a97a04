import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from kb import command_line
from kb.base.store import Store
from kb.lookup import command as lookup_command
from kb.lookup import document as as_json
from kb.machine.glance import MachineGlance
from tests.kb.lookup_contract import DOCUMENT
from tests.kb.small_base import LINUX, WINDOWS, series_2_15, wheel, write_base

contract = jsonschema.Draft202012Validator(DOCUMENT)


@pytest.fixture
def kb(usual_base, capsys, monkeypatch):
    """Run a command on the small base; return its status, standard output and standard error."""
    monkeypatch.setattr(lookup_command, "detect", lambda: MachineGlance(LINUX, "3.11", "cpu"))

    def run(*arguments, data=None):
        status = command_line.main(["--data", str(data or usual_base.data), *arguments])
        return status, *capsys.readouterr()

    return run


def start(*arguments, **options):
    """Run `python -m kb` as a process of its own."""
    command = [sys.executable, "-m", "kb", *arguments]
    return subprocess.run(command, capture_output=True, timeout=60, check=False, **options)


@pytest.mark.parametrize(
    ("version", "title"),
    [
        ("2.15", "TensorFlow 2.15.1 of 2023-03-03, the newest of 2.15"),
        ("2.15.0", "TensorFlow 2.15.0 of 2023-03-03; the newest of 2.15 is 2.15.1"),
        ("2.15.0.post1", "TensorFlow 2.15.0.post1 of 2023-03-03; the newest of 2.15 is 2.15.1"),
        ("1.15", "TensorFlow 1.15.0 of 2023-03-03, the newest of 1.15"),
        ("latest", "TensorFlow 2.15.1 of 2023-03-03, the newest of 2.15"),
        ("nightly", "TensorFlow 2.16.0.dev20260101, nightly of 2023-03-03, the newest of 2.16"),
    ],
)
def test_a_version_is_answered_with_a_page(version, title, kb):
    status, out, error = kb("lookup", version)
    assert (status, error) == (0, "")
    assert out.splitlines()[0] == title
    assert "Set up" in out


@pytest.mark.parametrize(
    ("version", "line"),
    [
        ("2.17", "nothing found: no TensorFlow 2.17; nearest: 1.15, 2.15, 2.16"),
        ("2.15.9", "nothing found: no TensorFlow 2.15.9; nearest: 2.15.0, 2.15.0.post1, 2.15.1"),
        ("3.x", "nothing found: no TensorFlow 3.x; nearest: 1.15, 2.15, 2.16"),
        ("12.", "nothing found: no TensorFlow 12.; nearest: 1.15, 2.15, 2.16"),
        ("", "nothing found: no TensorFlow ; nearest: 1.15, 2.15, 2.16"),
        ("<script>", "nothing found: no TensorFlow <script>; nearest: 1.15, 2.15, 2.16"),
        ("2.15.1;ls", "nothing found: no TensorFlow 2.15.1;ls; nearest: 1.15, 2.15, 2.16"),
        ("../pins", "nothing found: no TensorFlow ../pins; nearest: 1.15, 2.15, 2.16"),
    ],
)
@pytest.mark.parametrize("form", [[], ["--json"]])
def test_an_unknown_version_gets_status_1_and_the_nearest(version, line, form, kb):
    status, out, error = kb("lookup", version, *form)
    assert (status, error) == (1, line + "\n")
    if not form:
        assert out == ""
        return
    text = line.removeprefix("nothing found: ")
    nearest = text.partition("; nearest: ")[2].split(", ")
    told = {"kind": "nothing-found", "text": text}
    assert json.loads(out) == {"format": 1, "error": told, "nearest": nearest}


@pytest.mark.parametrize(
    "version",
    ["9" * 5000, "9" * 5000 + ".1", "2." + "1" * 5000, "x" * 100_000, "2.15" + ".0" * 50_000],
    ids=["digits", "major", "minor", "letters", "dots"],
)
def test_a_very_long_version_is_as_unknown_as_any(version, kb):
    status, out, error = kb("lookup", version)
    assert (status, out) == (1, "")
    assert error.startswith("nothing found: ")
    assert len(error.splitlines()) == 1


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["find-me"],
        ["lookup"],
        ["lookup", "2.15", "2.16"],
        ["lookup", "2.15", "--python"],
        ["lookup", "2.15", "--colour"],
        ["validate", "2.15"],
    ],
)
def test_wrong_usage_gets_status_2(arguments, capsys):
    with pytest.raises(SystemExit) as caught:
        command_line.main(arguments)
    out, error = capsys.readouterr()
    assert (caught.value.code, out) == (2, "")
    assert error.startswith("usage: python -m kb")


@pytest.mark.parametrize(
    "arguments",
    [
        ["verify", "--json"],
        ["verify", "plan", "--json"],
        ["verify", "bogus", "--json"],
        ["lookup", "--json=yes", "2.15"],
        ["lookup", "--json=", "2.15"],
        ["lookup", "--js", "--colour", "2.15"],
        ["--json", "lookup", "2.15"],
    ],
)
def test_wrong_usage_with_any_spelling_of_json_is_a_document(arguments, capsys):
    with pytest.raises(SystemExit) as caught:
        command_line.main(arguments)
    assert caught.value.code == 2
    document = json.loads(capsys.readouterr().out)
    assert document.keys() == {"format", "error", "nearest"}
    assert document["error"]["kind"] == "wrong-usage"


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        ([], "error: name a command, such as `python -m kb lookup 2.15`"),
        (["--data", "folder"], "error: name a command, such as `python -m kb lookup 2.15`"),
        (["--verison"], "error: no option '--verison'; nearest: --version"),
        (["--bogus"], "error: no option '--bogus'"),
        (["-x", "lookup"], "error: no option '-x'"),
        (["--json", "lookup", "2.15"], "error: --json goes after the command"),
    ],
)
def test_what_is_wrong_before_the_command_is_named(arguments, line, capsys):
    with pytest.raises(SystemExit) as caught:
        command_line.main(arguments)
    assert caught.value.code == 2
    assert capsys.readouterr().err.splitlines()[-1].startswith(line)


@pytest.mark.parametrize("option", ["-V", "--version", "--vers"])
def test_the_version_needs_no_command(option, capsys):
    with pytest.raises(SystemExit) as caught:
        command_line.main([option])
    assert caught.value.code == 0
    assert capsys.readouterr().out.startswith("tensorflow-compat")


@pytest.mark.parametrize("arguments", [["--help"], ["lookup", "--help"], ["validate", "--help"]])
def test_help_shows_the_usage_within_80_columns(arguments, capsys):
    with pytest.raises(SystemExit) as caught:
        command_line.main(arguments)
    out, error = capsys.readouterr()
    assert (caught.value.code, error) == (0, "")
    assert out.startswith("usage: python -m kb")
    assert max(map(len, out.splitlines())) <= 80


@pytest.mark.parametrize(
    ("narrowed", "status"),
    [
        (["--platform", WINDOWS], 0),
        (["--python", "3.11"], 0),
        (["--device", "cuda"], 0),
        (["--python", "3.12"], 1),
        (["--device", "metal"], 1),
        (["--platform", WINDOWS, "--device", "cuda"], 1),
    ],
)
def test_options_narrow_the_answer(narrowed, status, kb):
    found, out, error = kb("lookup", "2.15", "--json", *narrowed)
    document = json.loads(out)
    assert (found, "builds" in document, bool(error)) == (status, status == 0, status == 1)
    asked = dict(zip((name[2:] for name in narrowed[::2]), narrowed[1::2], strict=True))
    for build in document.get("builds", ()):
        assert build["platform"] == asked.get("platform", build["platform"])
        for cell in build["cells"]:
            for name in asked.keys() & {"python", "device"}:
                assert cell[name] == asked[name]


def test_the_page_is_for_the_device_that_is_asked(kb):
    _, on_cpu, _ = kb("lookup", "2.15")
    _, on_cuda, _ = kb("lookup", "2.15", "--device", "cuda")
    assert "tensorflow-cpu==2.15.1" in on_cpu
    assert "'tensorflow[and-cuda]==2.15.1'" in on_cuda


def test_a_series_takes_each_python_from_its_newest_release(kb):
    _, out, _ = kb("lookup", "2.15", "--json", "--platform", LINUX)
    found = [(b["distribution"], b["release"], b["python"]) for b in json.loads(out)["builds"]]
    assert found == [
        ("tensorflow", "2.15.1", ["3.10", "3.11"]),
        ("tensorflow-cpu", "2.15.1", ["3.10", "3.11"]),
        ("tensorflow", "2.15.0.post1", ["3.9"]),
    ]


def test_a_placeholder_is_told(kb):
    status, out, _ = kb("lookup", "2.16.0")
    assert status == 0
    assert "tensorflow-gpu 2.16.0 is only an sdist placeholder: it has no wheel." in out
    _, out, _ = kb("lookup", "2.16.0", "--json")
    assert json.loads(out)["placeholders"] == [
        {
            "distribution": "tensorflow-gpu",
            "release": "2.16.0",
            "sdist": "tensorflow-gpu-2.16.0.tar.gz",
        }
    ]


@pytest.mark.parametrize("version", ["1.15", "2.15", "2.15.0", "latest", "nightly", "2.16.0"])
def test_json_is_one_document_as_promised(version, kb):
    status, out, error = kb("lookup", version, "--json")
    assert (status, error) == (0, "")
    document = json.loads(out)
    contract.validate(document)
    ids = [source["id"] for source in document["sources"]]
    assert len(ids) == len(set(ids))
    for build in document["builds"]:
        for cell in build["cells"]:
            assert set(cell["proof"]) <= set(ids)


def test_every_real_series_is_answered_as_promised(real_answers):
    for name, answer in real_answers.items():
        document = json.loads(as_json.document(answer))
        contract.validate(document)
        assert document["series"] == name
        ids = {source["id"] for source in document["sources"]}
        proofs = {p for b in document["builds"] for c in b["cells"] for p in c["proof"]}
        assert proofs <= ids


def test_json_tells_the_figures_of_a_build(kb):
    _, out, _ = kb("lookup", "2.15.0", "--json", "--platform", LINUX)
    (build,) = json.loads(out)["builds"]
    expected = {
        "distribution": "tensorflow",
        "release": "2.15.0",
        "platform": LINUX,
        "device": "cuda",
        "python": ["3.9", "3.10"],
        "glibc": "2.17",
        "macos": None,
        "cuda": "12.2",
        "cudnn": {"built": "8", "documented": "8.9", "installed": "8.9.4.25"},
        "compute_capabilities": {"native": ["6.0", "7.0", "8.0"], "ptx": ["8.0"]},
        "driver": {"linux": "525.60.13", "windows": "528.33"},
    }
    assert {name: build[name] for name in expected} == expected
    assert [(c["python"], c["device"]) for c in build["cells"]] == [
        ("3.9", "cuda"),
        ("3.9", "cpu"),
        ("3.10", "cuda"),
        ("3.10", "cpu"),
    ]


def test_the_glibc_of_a_build_is_the_one_that_all_its_wheels_are_content_with(kb, tmp_path):
    file = series_2_15()
    first, *others = file.releases
    build = first.builds[0]
    newer = wheel("tensorflow-2.15.0-cp39-cp39-manylinux_2_28_x86_64.whl")
    build = build._replace(wheels=(newer, *build.wheels[1:]))
    first = first._replace(builds=(build, *first.builds[1:]))
    write_base(tmp_path, file._replace(releases=(first, *others)))
    _, out, _ = kb("lookup", "2.15.0", "--json", "--platform", LINUX, data=tmp_path)
    assert json.loads(out)["builds"][0]["glibc"] == "2.28"
    _, out, _ = kb("lookup", "2.15.0", "--platform", LINUX, data=tmp_path)
    assert "glibc 2.28" in out


def test_json_tells_the_condition_of_a_pin(kb):
    _, out, _ = kb("lookup", "2.15.1", "--json", "--device", "cuda", "--python", "3.11")
    (cell,) = json.loads(out)["builds"][0]["cells"]
    assert [(pin["pin"], pin["when"]) for pin in cell["pins"]] == [
        ("numpy<2", None),
        ("nvidia-cudnn-cu12<9.11", "compute capability below 7.5"),
    ]
    assert "'numpy<2'" in cell["setup"][-1]
    assert "cudnn" not in cell["setup"][-1]


def test_a_damaged_file_gets_status_3_and_one_line(kb, tmp_path):
    store = write_base(tmp_path, series_2_15())
    (tmp_path / "releases" / "2.15.yaml").write_text("format: 1\nseries: [2.15]\n")
    path = tmp_path / "releases" / "2.15.yaml"
    status, out, error = kb("lookup", "2.15", data=store.data)
    assert (status, out) == (3, "")
    assert error.startswith(f"error: {path}:2: series: a list does not match ")
    assert len(error.splitlines()) == 1


@pytest.mark.parametrize("arguments", [["lookup", "2.15"], ["lookup", "latest"], ["validate"]])
@pytest.mark.parametrize("damaged", ["releases/2.15.yaml", "cuda.yaml", "pins.yaml"])
def test_a_damaged_file_never_gives_a_traceback(arguments, damaged, kb, tmp_path):
    write_base(tmp_path, series_2_15())
    (tmp_path / damaged).write_bytes(b"\0\xff")
    status, _, error = kb(*arguments, data=tmp_path)
    assert status == (1 if arguments == ["validate"] else 3)
    assert str(tmp_path / damaged) in error
    assert "Traceback" not in error


def test_a_missing_table_gets_status_3(kb, tmp_path):
    write_base(tmp_path, series_2_15())
    (tmp_path / "cuda.yaml").unlink()
    status, out, error = kb("lookup", "2.15", data=tmp_path)
    assert (status, out) == (3, "")
    assert error == f"error: {tmp_path / 'cuda.yaml'}: No such file or directory\n"


def test_a_folder_that_is_not_there_is_not_answered_from(kb, tmp_path):
    status, out, error = kb("lookup", "2.15", data=tmp_path / "absent")
    assert (status, out) == (3, "")
    assert str(tmp_path / "absent") in error


def test_a_file_of_another_name_among_the_series_is_passed_over(kb, tmp_path):
    write_base(tmp_path, series_2_15())
    (tmp_path / "releases" / "notes.yaml").write_text("format: 1\n")
    status, _, error = kb("lookup", "latest", data=tmp_path)
    assert (status, error) == (0, "")


def test_validate_tells_a_sound_base_from_a_faulty_one(kb, tmp_path):
    write_base(tmp_path, series_2_15())
    assert kb("validate", data=tmp_path) == (0, "the knowledge base is sound\n", "")
    (tmp_path / "gpus.yaml").unlink()
    status, out, error = kb("validate", data=tmp_path)
    assert status == 1
    assert out.startswith("1 fault")
    assert error.startswith(f"{tmp_path / 'gpus.yaml'}: No such file or directory; ")


def test_schema_prints_one_json_schema(kb):
    status, out, error = kb("schema")
    assert (status, error) == (0, "")
    jsonschema.Draft202012Validator.check_schema(json.loads(out))


def test_the_module_runs_as_a_command(usual_base):
    done = start("--data", usual_base.data, "lookup", "2.15", "--json")
    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(done.stdout)["release"] == "2.15.1"


def test_the_command_runs_from_another_folder_on_its_own_data(tmp_path):
    environment = {**os.environ, "PYTHONPATH": str(Path(Store().data).parents[1])}
    done = start("lookup", "2.15", "--json", cwd=tmp_path, env=environment)
    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(done.stdout)["series"] == "2.15"


def test_statuses_reach_the_shell(usual_base):
    assert start("--data", usual_base.data, "lookup", "2.99").returncode == 1
    assert start("lookup").returncode == 2


def test_bytes_that_are_no_text_are_as_unknown_as_any(usual_base):
    done = start("--data", usual_base.data, "lookup", b"2.\xff\xfe")
    assert (done.returncode, done.stdout) == (1, b"")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("locale", ["C", "C.UTF-8"])
def test_any_locale_will_do(locale, usual_base):
    environment = {**os.environ, "LC_ALL": locale, "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = start("--data", usual_base.data, "lookup", "2.15", env=environment)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize(
    "command", [["lookup", "2.15"], ["lookup", "2.15", "--json"], ["validate"], ["schema"]]
)
def test_a_reader_that_goes_away_gets_no_traceback(command, usual_base):
    arguments = [sys.executable, "-m", "kb", "--data", usual_base.data, *command]
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as out:
        done = subprocess.run(
            arguments, stdout=out, stderr=subprocess.PIPE, timeout=60, check=False
        )
    assert (done.returncode, done.stderr) == (0, b"")


def test_the_first_line_alone_can_be_read():
    script = f"set -o pipefail; {sys.executable} -m kb lookup 2.15 --json | head -1"
    done = subprocess.run(
        [shutil.which("bash"), "-c", script], capture_output=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"{\n", b"")


@pytest.mark.parametrize("form", [[], ["--json"]])
@pytest.mark.parametrize(
    "redirected", [">&-", *(["> /dev/full"] if Path("/dev/full").exists() else [])]
)
def test_an_output_that_cannot_be_written_gets_no_traceback(redirected, form, usual_base):
    words = [sys.executable, "-m", "kb", "--data", usual_base.data, "lookup", "2.15", *form]
    done = subprocess.run(
        ["bash", "-c", f'"$@" {redirected}', "bash", *words],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "Traceback" not in done.stderr
