"""A made-up third source of CUDA versions: one function, in one list, and all that shows claims."""

import json

import pytest

from kb import command_line
from kb.base.model import Driver
from kb.facts import sources, toolkits
from kb.facts.builds import published
from kb.facts.claims import CUDA, Claim, Source, Statement, Subject
from kb.facts.contradictions import contradictions
from tests.kb.small_base import (
    CUDA_12,
    LINK,
    LINUX,
    WINDOWS,
    one_build,
    row,
    series_file,
    write_base,
)


def recipes(_files):
    """Yield the CUDA of the recipes of a made-up project."""
    source = Source(id="recipes:made-up", url="https://example.com/recipes", read="2026-04-04")
    for release in ("2.15.0", "2.15.1"):
        yield Claim(
            source,
            Subject(name="tensorflow", release=release, platforms=(LINUX,), about="cuda"),
            "12.3",
        )


def test_a_third_source_is_in_the_answer_its_contradictions_and_its_json(
    monkeypatch, tmp_path, capsys
):
    monkeypatch.setattr(sources, "SOURCES", (*sources.SOURCES, recipes))
    silent = one_build("tensorflow", "2.15.1", LINUX, "3.10", **CUDA_12 | {"cuda": None})
    other = one_build("tensorflow", "2.15.0", LINUX, "3.9", **CUDA_12)
    write_base(tmp_path, series_file("2.15", (other, silent)))
    asked = ["--data", str(tmp_path), "lookup", "2.15"]
    assert command_line.main([*asked, "--sources"]) == 0
    page = capsys.readouterr().out
    assert "CUDA            12.3, cuDNN 8 (tensorflow 2.15.1)" in page
    assert "CUDA            12.2, cuDNN 8 (tensorflow 2.15.0)" in page
    assert "recipes made-up lists CUDA 12.3" in page
    assert command_line.main([*asked, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert [one["cuda"] for one in answer["builds"]] == ["12.3", "12.2"]
    (told,) = (one for one in answer["contradictions"] if one["about"].endswith("which CUDA"))
    assert told["claims"][0] == {"source": "recipes:made-up", "says": "lists CUDA 12.3"}
    assert "https://example.com/recipes" in [one["url"] for one in answer["sources"]]


def mirror(_files):
    """Yield the CUDA and the existence of a release as another index than that of the wheels."""
    source = Source(id="index:mirror", url=None, read=None)
    for about, value in (("cuda", "12.3"), ("exists", "yes")):
        subject = Subject(name="tensorflow", release="2.15.1", platforms=(LINUX,), about=about)
        yield Claim(source, subject, value)


def test_a_second_index_is_neither_the_wheel_nor_the_index_that_lists_it(monkeypatch):
    monkeypatch.setattr(sources, "SOURCES", (*sources.SOURCES, mirror))
    series = series_file("2.15", (one_build("tensorflow", "2.15.1", LINUX, "3.9", **CUDA_12),))
    claims = sources.claims_of(series)
    tools = toolkits.toolkit(claims, next(published(series)))
    assert (tools.cuda, tools.cuda_built, tools.cuda_documented) == ("12.2", "12.2", "12.3")
    (found,) = contradictions(series, claims)
    assert found.claims[0] == Statement("index:mirror", "lists CUDA 12.3")
    absent = series_file("2.15")
    (found,) = contradictions(absent, sources.claims_of(absent))
    assert found.about == "whether tensorflow 2.15.1 exists"


def contradictions_with(monkeypatch, *subjects_and_values, official=(), drivers=()):
    """Return the contradictions of 2.15.1 where one source more claims these values."""

    def notes(_files):
        source = Source(id="notes:made-up", url="https://example.com/notes", read=None)
        for subject, value in subjects_and_values:
            yield Claim(source, subject, value)

    monkeypatch.setattr(sources, "SOURCES", (*sources.SOURCES, notes))
    build = one_build("tensorflow", "2.15.1", LINUX, "3.9 3.10", **CUDA_12)
    series = series_file("2.15", (build,), official)
    return contradictions(series, sources.claims_of(series, drivers))


def minimum(cuda, driver, *platforms):
    """Return what a claim of a minimum driver is about, and its value."""
    about = "minimum driver"
    return Subject(name=CUDA, release=cuda, platforms=platforms, about=about), driver


def pythons(release, value):
    """Return what a claim of Pythons is about, and its value."""
    subject = Subject(name="tensorflow", release=release, platforms=(LINUX,), about="python")
    return subject, value


DRIVERS = (
    Driver(cuda="12.2", linux="535.54", windows="536.25", source=LINK),
    Driver(cuda="12.x", linux="525.60", windows="528.33", source=LINK),
)


@pytest.mark.parametrize(("cuda", "driver"), [("12.2", "530.30"), ("12.x", "525.60")])
def test_another_minimum_driver_for_the_cuda_of_a_build_is_a_contradiction(
    monkeypatch, cuda, driver
):
    (found,) = contradictions_with(monkeypatch, minimum(cuda, driver, LINUX), drivers=DRIVERS)
    assert (found.release, found.platforms) == ("2.15.1", (LINUX,))
    assert found.about == (
        "tensorflow 2.15.1 on linux-x86_64: which minimum driver for CUDA 12.2 on linux"
    )
    assert found.claims == (
        Statement("notes:made-up", f"lists driver {driver}"),
        Statement("people:cuda/12.2", "lists driver 535.54"),
    )


def test_the_minimum_driver_on_windows_can_be_contradicted_too(monkeypatch):
    claimed = minimum("12.2", "537", WINDOWS)
    (found,) = contradictions_with(monkeypatch, claimed, drivers=DRIVERS)
    assert found.about.endswith("which minimum driver for CUDA 12.2 on windows")


@pytest.mark.parametrize(
    "claimed",
    [minimum("12.2", "535.54.03", LINUX, WINDOWS), minimum("12.3", "545", LINUX)],
    ids=["the same, more exact", "of another CUDA"],
)
def test_a_minimum_driver_that_agrees_or_concerns_no_build_is_none(monkeypatch, claimed):
    linux_only = (DRIVERS[0]._replace(windows="535.54"),)
    assert contradictions_with(monkeypatch, claimed, drivers=linux_only) == ()


def test_other_pythons_are_a_contradiction_whoever_lists_them(monkeypatch):
    page = row("linux-cpu", "tensorflow-2.15.1", "3.9-3.10")
    claimed = pythons("2.15.1", "3.8-3.11")
    (found,) = contradictions_with(monkeypatch, claimed, official=(page,))
    assert found.about == "tensorflow 2.15.1 on linux: Python 3.8, 3.11 has no wheel"
    told, index = found.claims
    assert told == Statement("notes:made-up", "lists Python 3.8-3.11")
    assert index.says == "has wheels for Python 3.9-3.10"


def test_a_python_that_another_source_does_not_list_is_a_contradiction(monkeypatch):
    (found,) = contradictions_with(monkeypatch, pythons("2.15.1", "3.9"))
    assert found.about == "tensorflow 2.15.1 on linux: Python 3.10 is not listed"


@pytest.mark.parametrize(("release", "value"), [("2.15.1", "3.9-3.10"), ("2.15.7", "3.9")])
def test_the_same_pythons_or_those_of_no_build_contradict_nothing(monkeypatch, release, value):
    assert contradictions_with(monkeypatch, pythons(release, value)) == ()
