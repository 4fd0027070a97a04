"""What each question prints with `--json` matches the JSON Schema made of its own records."""

import json

import jsonschema
import pytest

from kb import command_line
from kb.upkeep.schema_command import ANSWERS, answer_schema

QUESTIONS = {
    "lookup": [
        ["2.15", "--json"],
        ["1.15", "--json"],
        ["2.10.1", "--json"],
        ["2.21", "--json"],
        ["nightly", "--json"],
        ["2.16.1", "--device", "cuda", "--json"],
    ],
    "list": [["--json"], ["1", "--json"]],
    "find": [
        ["--gpu", "3090", "--python", "3.12", "--json"],
        ["--gpu", "GTX 1060", "--os", "windows", "--json"],
        ["--os", "macos", "--arch", "arm64", "--device", "gpu", "--json"],
        ["--python", "2.6", "--json"],
    ],
    "diff": [["2.15", "2.16", "--json"], ["1.15", "latest", "--json"], ["2.15", "2.15", "--json"]],
    "explain": [
        ["AttributeError: _ARRAY_API not found", "--json"],
        ["Could not load dynamic library 'libcudart.so.11.0'", "--json"],
        ["the GPU and cuDNN fail to initialise", "--json"],
    ],
    "problem": [
        ["--json"],
        ["windows-without-cuda", "--json"],
        ["and-cuda-2-14-python-3-11", "--json"],
        ["pip-32-bit-arm", "--json"],
        ["estimator-gone", "--json"],
    ],
    "companion": [
        ["tensorflow-text", "--json"],
        ["tensorflow-probability", "0.25.0", "--python", "3.11", "--json"],
        ["keras", "--platform", "linux-x86_64", "--json"],
        ["torch", "--json"],
    ],
    "check": [
        ["requirements.txt", "--json"],
        ["requirements.txt", "--platform", "macos-arm64", "--python", "3.11", "--json"],
    ],
    "doctor": [["--json"]],
    "export": [["--format", "json"]],
    "error": [
        ["lookup", "2.99", "--json"],
        ["find", "--gpu", "TITAN X", "--json"],
        ["check", "nothing.txt", "--json"],
    ],
}
REQUIREMENTS = "tensorflow[and-cuda]==2.15.0\nnumpy>=2\nprotobuf<3.9; python_version<'3.10'\n???\n"


@pytest.fixture(autouse=True)
def _a_project(tmp_path, monkeypatch):
    (tmp_path / "requirements.txt").write_text(REQUIREMENTS, encoding="utf-8")
    monkeypatch.chdir(tmp_path)


def schema_of(capsys, name):
    assert command_line.main(["schema", name]) == 0
    return json.loads(capsys.readouterr().out)


def words(name, arguments):
    return arguments if name == "error" else [name, *arguments]


def printed(capsys, name, arguments):
    command_line.main(words(name, arguments))
    return json.loads(capsys.readouterr().out)


def test_every_answer_has_its_questions_here():
    assert QUESTIONS.keys() == ANSWERS.keys()


@pytest.mark.parametrize("name", ANSWERS)
def test_a_schema_is_a_json_schema_whose_definitions_are_described(capsys, name):
    schema = schema_of(capsys, name)
    jsonschema.Draft202012Validator.check_schema(schema)
    for told, one in schema["$defs"].items():
        assert one["description"], told
        assert one["required"] == list(one["properties"])


@pytest.mark.parametrize(
    ("name", "arguments"),
    [(name, arguments) for name, every in QUESTIONS.items() for arguments in every],
)
def test_what_is_printed_matches_its_schema(capsys, name, arguments):
    document = printed(capsys, name, arguments)
    validator = jsonschema.Draft202012Validator(schema_of(capsys, name))
    assert [
        f"{one.json_path}: {one.message[:200]}" for one in validator.iter_errors(document)
    ] == []


def test_a_document_may_gain_fields(capsys):
    document = printed(capsys, "diff", QUESTIONS["diff"][0])
    jsonschema.Draft202012Validator(answer_schema("diff")).validate({**document, "new": 1})


BROKEN = [
    ("lookup", lambda one: one.pop("placeholders")),
    ("lookup", lambda one: one["builds"][0].update(python=[3.11])),
    ("lookup", lambda one: one["builds"][0]["cells"][0].update(standing="fine")),
    ("lookup", lambda one: one["builds"][0]["cells"][0].pop("recipe")),
    ("lookup", lambda one: one["builds"][0]["wheels"][0].update(size="475 MB")),
    ("list", lambda one: one["series"][0]["rungs"].update(cpu="high")),
    ("find", lambda one: one.update(format=2)),
    ("find", lambda one: one["answer"].pop("setup")),
    ("find", lambda one: one["rejected"][0]["reasons"][0].update(rule="mood")),
    ("find", lambda one: one["question"].update(os="beos")),
    ("diff", lambda one: one.update(before=2.15)),
    ("diff", lambda one: one["changes"][0].update(gained=None)),
    ("explain", lambda one: one["matches"][0].update(severity="fatal")),
    ("explain", lambda one: one["matches"][0]["ways_out"][0].pop("command")),
    ("check", lambda one: one["findings"][0].update(line="1")),
    ("check", lambda one: one["findings"][0].pop("fix")),
    ("doctor", lambda one: one["machine"].pop("python")),
    ("doctor", lambda one: one["machine"]["python"].update(bits="64")),
    ("doctor", lambda one: one["findings"][0].update(severity="fine")),
    ("list", lambda one: one["series"][0].pop("rungs")),
    ("list", lambda one: one["series"][0].update(released="today")),
    ("error", lambda one: one.pop("nearest")),
    ("error", lambda one: one["error"].update(text=None)),
    ("export", lambda one: one.pop("attestations")),
    ("export", lambda one: one["cells"][0].update(rung="high")),
    ("export", lambda one: one["series"]["2.15"].update(series="two")),
]


@pytest.mark.parametrize(("name", "spoil"), BROKEN)
def test_a_broken_document_is_refused(capsys, name, spoil, usual_base):
    where = ["--data", usual_base.data] if name == "export" else []  # it is large
    command_line.main([*where, *words(name, QUESTIONS[name][0])])
    document = json.loads(capsys.readouterr().out)
    validator = jsonschema.Draft202012Validator(answer_schema(name))
    assert validator.is_valid(document)
    spoil(document)
    assert not validator.is_valid(document)


def test_an_unknown_answer_is_wrong_usage(capsys):
    with pytest.raises(SystemExit) as stopped:
        command_line.main(["schema", "weather"])
    assert stopped.value.code == 2
    assert "lookup" in capsys.readouterr().err
