import shutil
from pathlib import Path

import pytest

from kb.base import prepared
from kb.base.prepared import beside, prepare
from kb.base.requirement import Requirement, Specifier
from kb.base.store import DATA, Store


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The real data as a built package has them: each file with its prepared form beside it."""
    folder = tmp_path_factory.mktemp("package") / "data"
    shutil.copytree(DATA, folder)
    for path, record in Store(folder).records():
        prepare(path, record)
    return Store(folder)


def test_a_package_reads_the_same_records_as_a_checkout(installed, monkeypatch):
    expected = dict(installed.records())
    monkeypatch.setattr(prepared, "PACKAGED", installed.data)
    assert dict(installed.records()) == expected
    kinds = {path: repr(record) for path, record in expected.items()}
    assert {path: repr(record) for path, record in installed.records()} == kinds


def test_a_package_knows_the_parts_of_a_requirement_as_a_checkout_does(installed, monkeypatch):
    monkeypatch.setattr(prepared, "PACKAGED", installed.data)
    series, pins = installed.series("2.15"), installed.pins()
    assert {type(pin.pin) for pin in pins.pins} == {Requirement}
    said = [build.says for release in series.releases for build in release.builds]
    assert {type(line) for one in said for line in one.requires} == {Requirement}
    assert {type(one.requires_python) for one in said} == {Specifier}


def test_a_package_reads_no_yaml(installed, monkeypatch):
    monkeypatch.setattr(prepared, "PACKAGED", installed.data)
    for path, _ in list(Store(installed.data).records()):
        Path(path).write_text("broken: [")
    assert Store(installed.data).series("2.15").series == "2.15"


def test_what_lies_in_another_folder_is_read_as_the_yaml_that_it_is(tmp_path):
    shutil.copytree(DATA, tmp_path / "data")
    store = Store(tmp_path / "data")
    Path(beside(f"{store.data}/pins.yaml")).write_text("[1, []]")
    assert store.pins() == Store().pins()
    assert store.pins().pins


def test_a_package_reads_requirements_into_their_parts(installed, monkeypatch):
    monkeypatch.setattr(prepared, "PACKAGED", installed.data)
    for mine, theirs in zip(installed.pins().pins, Store().pins().pins, strict=True):
        assert type(mine.pin) is type(theirs.pin)
        assert mine.pin.specifier.bounds == theirs.pin.specifier.bounds


def test_a_checkout_holds_nothing_prepared():
    # it would be read in place of the YAML beside it, and nobody would check it
    assert [path.name for path in Path(DATA).rglob("*.json")] == ["index.json"]
