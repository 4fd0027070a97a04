"""Writing the knowledge base's documents: they read back the same, whole or not at all."""

import stat

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.base.documents import parse
from kb.base.errors import WriteRefused
from kb.base.model import OfficialRow, SeriesFile, WheelsFile, WheelText
from kb.base.writing import check_folder, dump, plain, write
from scraper import reading_cache

PROPERTY = settings(deadline=None, derandomize=True)
TEXT = WheelText(file="a-1.whl", sha256="0" * 64, read="2026-01-02", metadata="Name: a\n")


def back(record):
    text = dump(record, "Generated.")
    assert text.startswith("# Generated.\n")
    return parse(text.encode(), type(record), "x")


@settings(PROPERTY, max_examples=200)
@given(st.text(st.characters(codec="utf-8")), st.one_of(st.none(), st.text(max_size=40)))
def test_any_text_reads_back_as_it_was_written(metadata, build_info):
    try:
        (build_info or "").encode()
    except UnicodeEncodeError:
        build_info = None
    record = WheelsFile(1, (TEXT._replace(metadata=metadata, build_info=build_info),))
    assert back(record) == record


ODD_TEXTS = ["", " ", "\n", "a\n", "a\n\n", "\n a\n", "  a\n b\n", "a\r\nb\r\n", "a\tb\n", "a \n"]
ODD_TEXTS += ["null", "~", "2.10", "true", "- a\n- b\n", "# a\n", "%YAML\n", "---\n", "a: b\n"]
ODD_TEXTS += ["\u2028", "\x85", "\U0001f600", "\0", "\x7f", "\ufeff", "'", '"', "|\n", "&a *a"]


@pytest.mark.parametrize("text", [*ODD_TEXTS, "x" * 5000])
def test_texts_that_yaml_makes_much_of_read_back_as_they_were_written(text):
    record = WheelsFile(1, (TEXT._replace(metadata=text, build_info=text),))
    assert back(record) == record


def test_the_same_text_twice_stands_twice():
    assert "&" not in dump(WheelsFile(1, (TEXT, TEXT)), "x")


def test_fields_at_their_default_are_left_out_and_versions_are_quoted():
    row = OfficialRow(
        table="linux-gpu",
        version="tensorflow-2.1.0",
        python="3.7",
        compiler="GCC",
        build_tools="Bazel",
        read="2026-01-02",
        cuda="10",
    )
    assert dump(SeriesFile(format=1, series="2.10", official=(row,)), "Generated.") == (
        "# Generated.\n"
        "format: 1\n"
        "series: '2.10'\n"
        "official:\n"
        "- table: linux-gpu\n"
        "  version: tensorflow-2.1.0\n"
        "  python: '3.7'\n"
        "  compiler: GCC\n"
        "  build_tools: Bazel\n"
        "  read: '2026-01-02'\n"
        "  cuda: '10'\n"
    )


def test_a_text_of_several_lines_is_a_block():
    text = dump(WheelsFile(1, (TEXT._replace(metadata="Name: a\nVersion: 1\n"),)), "x")
    assert "  metadata: |\n    Name: a\n    Version: 1\n" in text


def test_plain_gives_mappings_lists_and_scalars():
    assert plain((TEXT, 1, None)) == [
        {"file": "a-1.whl", "sha256": "0" * 64, "read": "2026-01-02", "metadata": "Name: a\n"},
        1,
        None,
    ]


def test_a_file_is_made_with_its_folder_readable_by_all(tmp_path):
    path = tmp_path / "deep" / "a.yaml"
    write(path, "caf\u00e9\r\n")
    assert path.read_bytes() == "caf\u00e9\r\n".encode()
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    assert list(path.parent.iterdir()) == [path]


def test_a_write_that_fails_leaves_the_file_and_nothing_beside_it(tmp_path, monkeypatch):
    path = tmp_path / "a.yaml"
    write(path, "before")

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        write(path, "after")
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_a_text_that_is_no_utf_8_leaves_the_file_as_it_was(tmp_path):
    path = tmp_path / "a.yaml"
    write(path, "before")
    with pytest.raises(UnicodeEncodeError):
        write(path, "\ud800")
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", ["site-packages", "dist-packages"])
def test_a_folder_of_an_installed_package_is_refused(tmp_path, name):
    data = tmp_path / name / "kb" / "data"
    data.mkdir(parents=True)
    with pytest.raises(WriteRefused, match="lies in an installed package"):
        check_folder(data)


def test_a_link_into_an_installed_package_is_refused(tmp_path):
    data = tmp_path / "site-packages" / "data"
    data.mkdir(parents=True)
    link = tmp_path / "data"
    link.symlink_to(data)
    with pytest.raises(WriteRefused, match="lies in an installed package"):
        check_folder(link)


def test_a_file_is_no_folder(tmp_path):
    (tmp_path / "data").touch()
    with pytest.raises(WriteRefused, match="no such folder"):
        check_folder(tmp_path / "data")


@pytest.mark.parametrize(
    "metadata", ["Name: a\n", "Author: caf\u00e9\r\n", "Summary: \U0001f600\n"]
)
def test_a_remembered_text_is_taken_up_until_it_is_forgotten(tmp_path, metadata):
    text = TEXT._replace(metadata=metadata, build_info=None)
    reading_cache.remember(tmp_path, text)
    assert reading_cache.load(tmp_path) == {text.sha256: text}
    reading_cache.forget(tmp_path, {text.sha256: text})
    assert reading_cache.load(tmp_path) == {}


def test_a_cache_that_is_not_there_holds_nothing(tmp_path):
    assert reading_cache.load(tmp_path / "no") == {}


def test_the_cache_follows_the_users_setting(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert reading_cache.folder() == tmp_path / "tensorflow-compat" / "wheels"
    monkeypatch.setenv("XDG_CACHE_HOME", "")
    assert reading_cache.folder() == tmp_path / "home" / ".cache" / "tensorflow-compat" / "wheels"
