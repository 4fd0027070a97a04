"""Each source stands on its own: one that fails hides and spoils nothing of the others."""

import pytest

from kb.base.store import Store
from kb.upkeep import index_file
from kb.upkeep.index_rules import index_faults
from scraper import sources
from tests.kb.small_base import write_usual_base
from tests.scraper import install_pages, local_index
from tests.scraper.local_index import LINUX
from tests.scraper.official_tables import row

LATER = "2026-03-04"
NEW = f"cp312-cp312-{LINUX}"


def without_page(bench):
    """Run with a snapshot that lacks the official tables."""
    empty = bench.folder / "empty"
    empty.mkdir(exist_ok=True)
    (empty / "pip.md").write_text(install_pages.markdown(), encoding="utf-8")
    return lambda *arguments: bench.scrape_live("--from", str(empty), *arguments, day=LATER)


def test_every_state_is_told_when_nothing_is_new(scraped):
    assert scraped.scrape("--check", day=LATER).states == {
        "official": "nothing new",
        "index": "nothing new",
        "wheels": "nothing new",
        "install-page": "nothing new",
    }


def test_every_state_is_told_when_all_is_new(bench):
    states = bench.scrape().states
    assert states["official"] == "new: 9 added, 0 changed, 0 removed"
    assert states["index"] == "new: 13 added, 0 changed, 0 removed"
    assert states["wheels"] == "new: 14 read"
    assert states["install-page"] == "new: of 2.15"


def test_a_page_out_of_reach_does_not_hide_what_the_index_says(scraped):
    scraped.index.add("tensorflow", "2.16.1", NEW)
    before = scraped.contents()
    run = without_page(scraped)("--check")
    assert run.status == 3
    assert run.states["official"].startswith("failed: official: no source.md in ")
    assert run.states["index"] == "new: 1 added, 0 changed, 0 removed"
    assert run.states["wheels"] == "new: 1 read"
    assert run.out.startswith("added    tensorflow 2.16.1 (linux-x86_64)\n")
    assert "2 files would change" in run.out
    assert scraped.contents() == before


def test_a_page_out_of_reach_leaves_its_rows_and_the_rest_is_taken(scraped):
    rows = scraped.rows()
    scraped.index.add("tensorflow", "2.16.1", NEW)
    run = without_page(scraped)()
    assert run.status == 3
    assert len(run.error.splitlines()) == 1
    assert scraped.rows() == rows
    assert "tensorflow 2.16.1" in scraped.all_releases()


def test_an_index_out_of_reach_does_not_hide_what_the_page_says(scraped):
    scraped.tables["linux-cpu"].append(row("tensorflow-2.16.1"))
    scraped.index.listed.pop("tensorflow")
    releases = scraped.all_releases()
    run = scraped.scrape(day=LATER)
    assert run.status == 3
    assert run.states["official"] == "new: 1 added, 0 changed, 0 removed"
    assert run.states["index"] == "failed: index: tensorflow: not there (HTTP 404)"
    assert run.states["wheels"] == "not asked: the index lists them"
    assert run.error == "error: index: tensorflow: not there (HTTP 404)"
    assert "official linux-cpu tensorflow-2.16.1" in run.out
    assert len(scraped.rows()) == 10
    assert scraped.all_releases() == releases


def test_what_one_source_no_longer_says_stops_that_source_alone(scraped):
    del scraped.tables["linux-cpu"][1]
    scraped.index.add("tensorflow", "2.16.1", NEW)
    run = scraped.scrape(day=LATER)
    assert run.status == 3
    assert "official row linux-cpu tensorflow-2.1.0" in run.states["official"]
    assert len(scraped.rows()) == 9
    assert "tensorflow 2.16.1" in scraped.all_releases()


def test_a_wheel_that_fails_holds_its_series_back_and_no_other(scraped):
    path = scraped.index.add("tensorflow", "2.16.1", NEW)
    scraped.index.add("tensorflow", "2.16.1", "cp312-cp312-win_amd64")
    scraped.index.add("tensorflow", "2.17.0", NEW)
    scraped.index.fault(path, local_index.ignores_range)
    run = scraped.scrape(day=LATER)
    assert run.status == 3
    assert run.states["index"] == "new: 2 added, 0 changed, 0 removed"
    assert run.states["wheels"].startswith("failed: wheels: tensorflow-2.16.1-")
    told = set(scraped.all_releases())
    assert "tensorflow 2.16.1" not in told
    scraped.index.fault(path, local_index.right)
    assert scraped.scrape(day=LATER).status == 0
    assert {"tensorflow 2.16.1", "tensorflow 2.17.0"} <= set(scraped.all_releases())


def test_a_wheel_that_says_what_cannot_be_meant_hides_nothing_of_the_others(scraped):
    scraped.tables["linux-cpu"].append(row("tensorflow-2.16.1"))
    requires = ["tensorflow-intel==2.16.1; platform_system ~= 'Linux'"]
    windows = "cp312-cp312-win_amd64"
    scraped.index.add("tensorflow", "2.16.1", windows, build_info=None, requires=requires)
    releases = scraped.all_releases()
    run = scraped.scrape(day=LATER)
    assert (run.status, len(run.error.splitlines())) == (3, 1)
    assert run.states["wheels"].startswith("failed: wheels: METADATA has a marker without meaning")
    assert run.states["official"] == "new: 1 added, 0 changed, 0 removed"
    assert scraped.all_releases() == releases
    assert len(scraped.rows()) == 10


def test_several_that_fail_are_a_line_each(scraped):
    scraped.index.listed.pop("tensorflow")
    run = without_page(scraped)("--check")
    assert (run.status, len(run.error.splitlines())) == (3, 2)


def test_an_upload_in_the_future_is_refused_in_one_line(scraped):
    scraped.index.add("tensorflow", "2.16.1", NEW, day="2026-03-05")
    before = scraped.contents()
    run = scraped.scrape(day=LATER)
    assert run.status == 3
    assert run.error == (
        f"error: index: tensorflow: tensorflow-2.16.1-{NEW}.whl: uploaded on 2026-03-05, which is "
        "in the future: today is 2026-03-04; set this machine's clock, or use another index"
    )
    assert scraped.contents() == before


def test_an_upload_of_today_is_taken(scraped):
    scraped.index.add("tensorflow", "2.16.1", NEW, day=LATER)
    assert scraped.scrape(day=LATER).status == 0


def test_a_snapshot_of_the_future_is_wrong_usage(bench, capsys):
    with pytest.raises(SystemExit) as ended:
        bench.scrape("--from-day", "2026-01-03", day="2026-01-02")
    assert ended.value.code == 2
    assert "2026-01-03 is in the future: today is 2026-01-02" in capsys.readouterr().err


def test_find_is_never_stale_after_a_scrape(bench):
    store = write_usual_base(bench.data)
    index_file.renew(bench.data, first=True)
    old = store.index_text()
    bench.index.add("tensorflow", "2.17.0", NEW)
    run = bench.scrape("--accept-removals", day=LATER)
    assert (run.status, run.out.splitlines()[-1]) == (0, "index.json made anew")
    assert store.index_text() != old
    assert "2.17.0" in store.index_text()
    assert list(index_faults(Store(bench.data))) == []
    assert "made anew" not in bench.scrape(day=LATER).out


def test_an_index_that_was_stale_before_a_scrape_is_not_after_it(bench):
    store = write_usual_base(bench.data)
    bench.scrape("--accept-removals", day=LATER)
    index_file.renew(bench.data, first=True)
    right = store.index_text()
    (bench.data / "index.json").write_text("{}")
    assert bench.scrape(day=LATER).status == 0
    assert store.index_text() == right


def test_a_check_makes_no_index_anew(bench):
    write_usual_base(bench.data)
    (bench.data / "index.json").write_text("{}")
    bench.scrape("--check", "--accept-removals", day=LATER)
    assert (bench.data / "index.json").read_text() == "{}"


@pytest.mark.parametrize(
    ("named", "asked"),
    [
        ((), sources.SOURCES),
        (("wheels",), ("index", "wheels")),
        (("index", "index"), ("index",)),
        (("wheels", "official"), sources.SOURCES),
        (("official",), ("official", "install-page")),
        (("install-page",), ("install-page",)),
    ],
)
def test_a_source_brings_what_it_cannot_be_told_without(named, asked):
    assert sources.asked(named) == asked


def test_a_knowledge_base_with_a_day_of_the_future_is_refused(scraped):
    before = scraped.contents()
    run = scraped.scrape(day="2026-01-01")
    assert run.status == 3
    assert run.error.startswith("error: releases/")
    assert "2026-01-02 is in the future: today is 2026-01-01" in run.error
    assert len(run.error.splitlines()) == 1
    assert scraped.contents() == before
