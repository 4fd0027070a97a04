from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import HealthCheck, given, settings

from kb.base.documents import parse
from kb.base.errors import DocumentError
from kb.base.files import DATA_FILES
from kb.base.model import SeriesFile
from kb.base.schema import schema
from kb.base.store import Store
from kb.base.writing import dump, plain
from tests.kb.model_strategies import records
from tests.kb.small_base import series_2_15

FILES = {file.pattern: file.kind for file in DATA_FILES}
DATA = Path(Store().data)
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
SCHEMA = schema()


def validator(record: str) -> jsonschema.Draft202012Validator:
    """Return what checks a file against the definition named after its record."""
    return jsonschema.Draft202012Validator({**SCHEMA, "anyOf": [{"$ref": f"#/$defs/{record}"}]})


def record_of(path: Path) -> str:
    """Return the name of the record that a data file holds."""
    folder = path.parent.name
    key = path.name if path.parent == DATA else next(f for f in FILES if f.startswith(folder + "/"))
    return FILES[key].__name__


def content(text: str) -> Any:
    """Read YAML as any other program would, guessing types."""
    return yaml.load(text, LOADER)


@pytest.mark.parametrize(
    "path", sorted(DATA.rglob("*.yaml")), ids=lambda path: str(path.relative_to(DATA))
)
def test_every_real_file_matches_its_definition(path):
    faults = validator(record_of(path)).iter_errors(content(path.read_text(encoding="utf-8")))
    assert [f"{fault.json_path}: {fault.message[:200]}" for fault in faults] == []


def test_the_schema_is_a_json_schema():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_every_kind_of_file_has_its_definition():
    titles = {name: one.get("title") for name, one in SCHEMA["$defs"].items() if "title" in one}
    assert titles == {kind.__name__: name for name, kind in FILES.items()}
    for path in DATA.rglob("*.yaml"):
        assert record_of(path) in titles


def test_the_documents_tell_of_every_file_and_who_writes_it():
    told = (Path(__file__).parents[2] / "docs/architecture.md").read_text(encoding="utf-8")
    rows = [line.split(" | ") for line in told.splitlines() if line.startswith("| `")]
    for file in DATA_FILES:
        writers = [row[1] for row in rows if f"`{file.pattern}`" in row[0]]
        assert writers == [file.writer], file.pattern


def test_every_definition_is_described_and_closed():
    for name, one in SCHEMA["$defs"].items():
        assert one["description"], name
        mapping = one["anyOf"][1] if "anyOf" in one else one  # or a text that stands for it
        assert mapping["additionalProperties"] is False
        assert set(mapping["required"]) <= set(mapping["properties"])


SOUND = content(dump(series_2_15(), "A comment."))


def _without(field):
    return {name: value for name, value in SOUND.items() if name != field}


@pytest.mark.parametrize(
    "document",
    [
        _without("format"),
        _without("series"),
        {**SOUND, "format": 2},
        {**SOUND, "series": 2.15},
        {**SOUND, "series": "two"},
        {**SOUND, "sereis": "2.15"},
        {**SOUND, "releases": None},
        {**SOUND, "official": [{"table": "beos-cpu"}]},
        [],
        None,
    ],
)
def test_what_the_reader_refuses_the_schema_refuses(document):
    assert not validator("SeriesFile").is_valid(document)
    # Written by someone who quotes no number: the reader takes `2.15` for a text all the same.
    if not isinstance(document, dict) or document.get("series") != 2.15:
        with pytest.raises(DocumentError):
            parse(yaml.safe_dump(document).encode(), SeriesFile, "some.yaml")


def test_a_sound_file_matches():
    validator("SeriesFile").validate(SOUND)


@settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(records(SeriesFile))
def test_what_is_written_of_any_record_matches(record):
    written = content(dump(record, "A comment."))
    assert written == plain(record)
    validator("SeriesFile").validate(written)
