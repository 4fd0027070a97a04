import re
from typing import get_args

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kb.base.documents import MAX_BYTES, load, parse
from kb.base.errors import DocumentError
from kb.base.model import CudaFile, OfficialRow, PinsFile, Release, SeriesFile, Version, WheelsFile
from kb.base.writing import dump
from tests.kb import small_base
from tests.kb.model_strategies import records

NAME = "releases/2.10.yaml"
# Building whole records is slow; a few of them still meet every field.
few = settings(
    max_examples=15,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
HEAD = "format: 1\nseries: '2.10'\n"
SOUND = dump(small_base.series_2_15(), "A comment.").encode()


def fault(text: str | bytes, kind=SeriesFile) -> str:
    """Return the message with which a document is refused: one line."""
    raw = text if isinstance(text, bytes) else text.encode()
    with pytest.raises(DocumentError) as caught:
        parse(raw, kind, NAME)
    message = str(caught.value)
    assert message.startswith(f"{NAME}:")
    assert message.isprintable()
    return message


@few
@given(records(SeriesFile))
def test_any_series_that_is_written_is_read_back(record):
    assert parse(dump(record, "A comment.").encode(), SeriesFile, NAME) == record


@few
@given(records(WheelsFile))
def test_any_texts_of_wheels_that_are_written_are_read_back(record):
    assert parse(dump(record, "A comment.").encode(), WheelsFile, NAME) == record


@few
@given(records(CudaFile), records(PinsFile))
def test_tables_that_are_written_are_read_back(cuda, pins):
    assert parse(dump(cuda, "A comment.").encode(), CudaFile, NAME) == cuda
    assert parse(dump(pins, "A comment.").encode(), PinsFile, NAME) == pins


@settings(max_examples=40)
@given(st.from_regex(re.compile(get_args(Version)[1], re.ASCII), fullmatch=True))
def test_versions_stay_the_texts_that_they_are(version):
    release = Release(
        distribution="tensorflow",
        release=version,
        released="2026-01-01",
        builds=(),
        sdist="tensorflow.tar.gz",
    )
    file = small_base.series_file("2.10", (release,))
    read = parse(dump(file, "A comment.").encode(), SeriesFile, NAME)
    assert read.releases[0].release == version


@pytest.mark.parametrize("written", ["2.10", "'2.10'", '"2.10"', "!!str 2.10", "&here 2.10"])
def test_a_version_keeps_its_zero_however_it_is_written(written):
    assert parse(f"format: 1\nseries: {written}\n".encode(), SeriesFile, NAME).series == "2.10"


def test_a_quoted_null_is_a_text_and_a_bare_one_is_nothing():
    row = "  - {table: linux-cpu, version: tensorflow-2.10.0, python: '3.9', compiler: 'null',\n"
    rest = "     build_tools: ~tools, read: '2026-01-01', cuda: null, cudnn: ~}\n"
    read = parse(f"{HEAD}official:\n{row}{rest}".encode(), SeriesFile, NAME)
    assert read.official == (
        OfficialRow(
            table="linux-cpu",
            version="tensorflow-2.10.0",
            python="3.9",
            compiler="null",
            build_tools="~tools",
            read="2026-01-01",
            cudnn=None,
            cuda=None,
        ),
    )


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused_in_one_line(raw):
    assert fault(raw)


@given(st.text(alphabet="[]{}:-,?&*!|>'\"%@` \n\tab12#~", max_size=60))
def test_any_punctuation_is_read_or_refused_in_one_line(text):
    assert fault(text)


@given(st.integers(0, len(SOUND)), st.integers(0, 40), st.binary(max_size=6))
def test_a_sound_document_with_a_damaged_place_is_read_or_refused(start, length, instead):
    damaged = SOUND[:start] + instead + SOUND[start + length :]
    try:
        read = parse(damaged, SeriesFile, NAME)
    except DocumentError:
        assert fault(damaged)
    else:
        assert isinstance(read, SeriesFile)


@pytest.mark.parametrize("before", ["", HEAD + "official: ", HEAD + "official:\n- table: ", "? "])
@pytest.mark.parametrize("opening", ["[", "{", "- ", "? ", "[{a: ", "!!seq [", "&a [", "'"])
def test_nesting_without_end_is_refused(before, opening):
    assert fault(before + opening * 1_000_000)


@pytest.mark.parametrize(
    ("text", "line", "place"),
    [
        (f"{HEAD}official: *rows\n", 3, "official"),
        (f"{HEAD}official: &rows []\nreleases: *rows\n", 4, "releases"),
        ("format: 1\nseries: *name\n", 2, "series"),
        ("*anything\n", 1, "the document"),
        (f"{HEAD}*official: []\n", 3, "the document"),
    ],
)
def test_aliases_are_refused(text, line, place):
    message = fault(text)
    assert message.startswith(f"{NAME}:{line}: ")
    assert "an alias" in message or "undefined alias" in message
    assert place in message or "undefined alias" in message


def test_a_field_that_stands_twice_is_refused():
    assert fault(f"{HEAD}series: '2.11'\n") == (
        f"{NAME}:3: the document: the field 'series' stands twice"
    )


def test_a_second_document_is_refused():
    assert fault(f"{HEAD}---\n{HEAD}") == f"{NAME}: holds more than one document"


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment\n"])
def test_an_empty_document_is_refused(text):
    assert fault(text) == f"{NAME}: the document is empty"


def test_a_document_that_is_too_large_is_refused_unread(tmp_path):
    path = tmp_path / "large.yaml"
    path.write_bytes(HEAD.encode() + b"#" * MAX_BYTES)
    with pytest.raises(DocumentError) as caught:
        load(path, SeriesFile)
    assert str(caught.value) == f"{path}: larger than {MAX_BYTES} bytes"


def test_what_is_not_utf_8_is_refused_with_its_place():
    assert fault(HEAD.encode() + b"# caf\xe9\n") == f"{NAME}: not UTF-8 at byte {len(HEAD) + 5}"
    assert "not UTF-8" in fault(HEAD.encode("utf-16"))


@pytest.mark.parametrize("character", ["\0", "\x07", "\x1b", "\x7f"])
def test_control_characters_are_refused(character):
    assert "control character" in fault(f"{HEAD}# {character}\n") or fault(
        f"format: 1\nseries: '2.1{character}'\n"
    ).startswith(f"{NAME}:2: ")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("series: '2.10'\n", "1: the document: the field 'format' is missing"),
        (f"{HEAD}sereis: 1\n", "3: the document: the field 'sereis' is none of: format, series,"),
        ("format: 2\nseries: '2.10'\n", "1: format: '2' is none of: 1"),
        ("format: 1\nseries: two\n", "2: series: 'two' does not match"),
        (f"{HEAD}official: 7\n", "3: official: '7' is not a list"),
        (f"{HEAD}official:\n- 7\n", "4: official[0]: '7' is not a mapping"),
        (f"{HEAD}[a]: 7\n", "3: the document: the field a list is none of: format,"),
        ("- format: 1\n", "1: the document: a list is not a mapping"),
        (f"{HEAD}releases:\n- distribution: tensorrflow\n", "4: releases[0].distribution: "),
    ],
)
def test_a_fault_is_told_with_its_line_and_path(text, expected):
    assert fault(text).startswith(f"{NAME}:{expected}")


def test_the_path_leads_through_lists_to_the_field():
    text = SOUND.decode().replace("size: 1000", "size: 1_000", 1)
    line = text[: text.index("1_000")].count("\n") + 1
    assert fault(text) == (
        f"{NAME}:{line}: releases[0].builds[0].wheels[0].size: '1_000' is not a whole number"
    )


@pytest.mark.parametrize("size", ["-1", "1.0", "01", "1e3", "''", "9" * 19, "9" * 5000])
def test_a_size_is_a_whole_number(size):
    assert "size: " in fault(SOUND.decode().replace("size: 1000", f"size: {size}", 1))


def test_a_long_value_is_quoted_in_part():
    assert len(fault(f"format: 1\nseries: {'x' * 100_000}\n")) < 200


@pytest.mark.parametrize("digits", ["\u0662.\u0661\u0665", "2.1\uff10"])
def test_digits_of_other_scripts_are_no_version(digits):
    # JSON Schema's \d knows only 0 to 9, and what one of the two takes the other must take.
    assert "series: " in fault(f"format: 1\nseries: '{digits}'\n")


@pytest.mark.parametrize(
    ("flag", "read"), [("true", True), ("false", False), ("null", None), ("yes", ...), ("1", ...)]
)
def test_a_flag_is_true_or_false(flag, read):
    text = SOUND.decode().replace("cuda_build: true", f"cuda_build: {flag}", 1)
    if read is ...:
        assert "cuda_build: " in fault(text)
    else:
        says = parse(text.encode(), SeriesFile, NAME).releases[0].builds[0].says
        assert says.cuda_build is read


def test_a_file_that_cannot_be_opened_is_named(tmp_path):
    with pytest.raises(DocumentError, match=r"absent\.yaml: No such file or directory"):
        load(tmp_path / "absent.yaml", SeriesFile)
    with pytest.raises(DocumentError, match="Is a directory"):
        load(tmp_path, SeriesFile)


def test_the_slower_reader_reads_the_same(monkeypatch):
    monkeypatch.delattr(yaml, "CBaseLoader")
    assert parse(SOUND, SeriesFile, NAME) == small_base.series_2_15()
    assert "stands twice" in fault(f"{HEAD}series: '2.11'\n")
