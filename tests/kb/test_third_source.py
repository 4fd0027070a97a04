"""A made-up third source of CUDA versions: one function, in one list, and all that shows claims."""

import json

from kb import command_line
from kb.facts import sources, toolkits
from kb.facts.builds import published
from kb.facts.claims import Claim, Source, Subject
from kb.facts.contradictions import Statement, contradictions
from tests.kb.small_base import CUDA_12, LINUX, one_build, series_file, write_base


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
    assert command_line.main(asked) == 0
    page = capsys.readouterr().out
    assert "CUDA     12.3 (Linux x86-64: tensorflow 2.15.1)" in page
    assert "CUDA     12.2 (Linux x86-64: tensorflow 2.15.0)" in page
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
