import pytest

from kb.base.errors import DocumentError
from kb.base.model import ResolutionsFile
from kb.base.store import OpenedOnce, Store
from tests.kb.small_base import LINUX, series_2_15, series_file, verdict, write_base


def test_series_are_named_oldest_first(tmp_path):
    store = write_base(tmp_path, *(series_file(name) for name in ("2.10", "2.9", "1.15", "2.0")))
    assert store.series_names() == ("1.15", "2.0", "2.9", "2.10")


def test_a_base_without_releases_has_no_series(tmp_path):
    assert write_base(tmp_path / "base").series_names() == ()


def test_a_folder_that_is_not_there_is_told(tmp_path):
    with pytest.raises(DocumentError, match="no knowledge base here"):
        Store(tmp_path / "absent").series_names()


@pytest.mark.parametrize("name", ["notes", "2", "2.15.1", "2.15 copy", "2.15.orig"])
def test_a_file_that_no_series_is_named_like_is_no_series(name, tmp_path):
    store = write_base(tmp_path, series_2_15())
    (tmp_path / "releases" / f"{name}.yaml").write_text("format: 1\n")
    assert store.series_names() == ("2.15",)
    assert store.strange_files() == (f"releases/{name}.yaml",)


def test_what_no_resolver_was_asked_is_empty(tmp_path):
    store = write_base(tmp_path, series_2_15())
    assert store.resolutions_names() == ()
    assert store.resolutions("2.15") == ResolutionsFile(1)


def test_what_a_resolver_found_is_kept_by_series(tmp_path):
    found = (verdict("3.11", ("tensorflow==2.15.1",), resolves=True),)
    store = write_base(tmp_path, series_2_15(), resolutions={"2.15": found})
    assert store.resolutions_names() == ("2.15",)
    assert store.resolutions("2.15").resolutions == found
    assert found[0].platform == LINUX


def test_a_file_is_opened_once_however_often_it_is_asked_for(tmp_path):
    write_base(tmp_path, series_2_15())
    store = OpenedOnce(tmp_path)
    first, pins = store.series("2.15"), store.pins()
    (tmp_path / "releases/2.15.yaml").unlink()
    (tmp_path / "pins.yaml").write_text("spoilt", encoding="utf-8")
    assert store.series("2.15") is first
    assert store.pins() is pins
    with pytest.raises(DocumentError):
        Store(tmp_path).pins()
