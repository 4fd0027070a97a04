"""Where the official tables come from: a snapshot, the Markdown live, or else the web page."""

import pytest

from scraper import install_page, official, official_document
from scraper.official_document import Document
from tests.scraper import install_pages, local_index, official_tables
from tests.scraper.official_tables import markdown, page, small
from tests.scraper.workbench import FIRST_DAY


@pytest.fixture
def live(bench, monkeypatch):
    """A workbench whose server has both documents, as Markdown and as pages."""
    documents = []
    for known in official.DOCUMENTS:
        stem = known.file.removesuffix(".md")
        bench.index.files[f"/docs/{known.file}"] = markdown(known.file, small()).encode()
        bench.index.files[f"/install/{stem}"] = page(known.file, small()).encode()
        documents.append(
            Document(
                source=known.source,
                file=known.file,
                markdown=f"{bench.index.root}/docs/{known.file}",
                page=f"{bench.index.root}/install/{stem}",
                platform=known.platform,
            )
        )
    monkeypatch.setattr(official, "DOCUMENTS", tuple(documents))
    bench.index.files["/docs/pip.md"] = install_pages.markdown().encode()
    bench.index.files["/install/pip"] = install_pages.page().encode()
    pip = install_page.DOCUMENT._replace(
        markdown=f"{bench.index.root}/docs/pip.md", page=f"{bench.index.root}/install/pip"
    )
    monkeypatch.setattr(install_page, "DOCUMENT", pip)
    return bench


def paths(bench):
    return [one.path for one in bench.index.asked]


def row_count():
    return sum(len(rows) for rows in small().values())


def test_the_markdown_is_read_and_the_pages_are_left_alone(live):
    run = live.scrape_live("official")
    assert (run.status, run.error) == (0, "")
    assert paths(live) == ["/docs/source.md", "/docs/source_windows.md"]
    assert len(live.rows()) == row_count()
    assert {row.read for row in live.rows()} == {FIRST_DAY}


@pytest.mark.parametrize(
    "fault",
    [
        local_index.status(404),
        local_index.body(b"moved, see elsewhere", "text/plain"),
        local_index.body(b"\xff\xfe\x00\x80" * 100, "text/plain"),
        local_index.breaks_off,
    ],
    ids=["404", "moved", "noise", "broken off"],
)
def test_the_web_page_is_read_when_the_markdown_fails(live, fault):
    assert live.scrape_live("official").status == 0
    before = live.contents()
    live.index.forget()
    live.index.fault("/docs/source.md", fault)
    live.index.fault("/docs/source_windows.md", local_index.status(404))
    run = live.scrape_live("official", day="2026-03-04")
    assert (run.status, run.error) == (0, "")
    assert set(paths(live)) == {
        "/docs/source.md",
        "/docs/source_windows.md",
        "/install/source",
        "/install/source_windows",
    }
    assert live.contents() == before


def test_when_both_fail_one_line_gives_both_reasons(live):
    assert live.scrape_live("official").status == 0
    live.index.fault("/docs/source.md", local_index.status(404))
    live.index.fault("/install/source", local_index.status(500))
    assert live.must_refuse(live.scrape_live, "official") == (
        "official: source.md: not there (HTTP 404); "
        "and its web page: official: source.md: HTTP 500; try again later"
    )


def test_a_live_answer_beyond_the_limit_is_refused(live, monkeypatch):
    monkeypatch.setattr(official_document, "MAX_PAGE", 500)
    error = live.must_refuse(live.scrape_live, "official")
    assert error.count("the answer is larger than 500 bytes") == 2


def test_the_index_is_read_when_the_tables_fail(live):
    for path in ("/docs/source.md", "/install/source"):
        live.index.fault(path, local_index.status(404))
    run = live.scrape_live()
    assert (run.status, len(run.error.splitlines())) == (3, 1)
    assert [path for path in paths(live) if path.startswith("/files/")]
    assert live.rows() == []
    assert live.all_releases()


def test_a_snapshot_may_lie_in_any_folder_below(bench):
    deep = bench.folder / "taken" / "tensorflow-docs"
    official_tables.write_snapshot(deep, small())
    run = bench.scrape_live("official", "--from", str(bench.folder / "taken"))
    assert run.status == 0
    assert len(bench.rows()) == row_count()


def failed_alike(bench, snapshot, why):
    """See both kinds of official documents fail alike, a line each, and nothing change."""
    before = bench.contents()
    run = bench.scrape_live("--from", str(snapshot))
    assert run.status == 3
    assert run.error.splitlines() == [
        f"error: official: {why}",
        f"error: install-page: {why.replace('source.md', 'pip.md')}",
    ]
    assert bench.contents() == before


def test_a_snapshot_without_a_document_changes_nothing(scraped):
    scraped.snapshot.mkdir(exist_ok=True)
    for file in scraped.snapshot.iterdir():
        file.unlink()
    failed_alike(scraped, scraped.snapshot, f"no source.md in {scraped.snapshot}")


def test_a_snapshot_that_is_no_folder_changes_nothing(scraped):
    nowhere = scraped.folder / "nowhere"
    failed_alike(scraped, nowhere, f"no source.md in {nowhere}")


def test_a_document_that_is_a_folder_changes_nothing(scraped):
    strange = scraped.folder / "strange"
    (strange / "source.md").mkdir(parents=True)
    (strange / "pip.md").mkdir()
    failed_alike(scraped, strange, f"{strange / 'source.md'}: Is a directory")


def table_gone(bench):
    del bench.tables["macos-gpu"]
    return "official: no table for macos-gpu; has the page changed?"


def tables_gone(bench):
    bench.tables = {name: [] for name in bench.tables if name.startswith("windows")}
    return "official: source.md has no tables under 'tested build configurations'"


def cell_gone(bench):
    bench.tables["linux-cpu"].append({**bench.tables["linux-cpu"][0], "compiler": ""})
    return (
        "official: source.md, table linux-cpu: cannot read the row: "
        "tensorflow-2.15.0 | 3.9-3.11 |  | Bazel 6.1.0 ("
    )


def range_backwards(bench):
    bench.tables["linux-cpu"].append({**bench.tables["linux-cpu"][0], "python": "3.11-3.9"})
    return (
        "official: source.md, table linux-cpu: cannot read the row: "
        "tensorflow-2.15.0 | 3.11-3.9 | Clang 16.0.0 | Bazel 6.1.0 "
        "('3.11-3.9' is no range of Pythons)"
    )


def script_in_a_cell(bench):
    script = "<script>alert(1)</script>"
    bench.tables["windows-cpu"].append({**bench.tables["windows-cpu"][0], "compiler": script})
    return "official: source_windows.md, table windows-cpu: cannot read the row: tensorflow-2.15.0"


def endless_version(bench):
    version = "tensorflow-2.1." + "1" * 5000
    bench.tables["linux-cpu"].append({**bench.tables["linux-cpu"][0], "version": version})
    return "official: source.md, table linux-cpu: cannot read the row: tensorflow-2.1.111111"


SPOILS = [
    table_gone,
    tables_gone,
    cell_gone,
    range_backwards,
    script_in_a_cell,
    endless_version,
]


@pytest.mark.parametrize("spoil", SPOILS)
def test_a_page_that_was_spoiled_changes_nothing(scraped, spoil):
    complaint = spoil(scraped)
    assert scraped.refused().startswith(complaint)


@pytest.mark.parametrize("lost", official_tables.GPU)
def test_a_page_whose_table_lost_a_column_changes_nothing(scraped, monkeypatch, lost):
    usual = official_tables.columns

    def columns(table):
        return [one for one in usual(table) if table != "linux-gpu" or one != lost]

    monkeypatch.setattr(official_tables, "columns", columns)
    assert scraped.refused() == (
        f"official: source.md, table linux-gpu: no column for {lost}; has the page changed?"
    )


def test_a_page_whose_table_gained_a_column_changes_nothing(scraped, monkeypatch):
    usual = official_tables.columns
    rows = scraped.tables["windows-cpu"]
    scraped.tables["windows-cpu"] = [{**one, "cuda": "12.2"} for one in rows]

    def columns(table):
        return (*usual(table), "cuda") if table == "windows-cpu" else usual(table)

    monkeypatch.setattr(official_tables, "columns", columns)
    assert scraped.refused() == (
        "official: source_windows.md, table windows-cpu: unknown column 'CUDA'; "
        "has the page changed?"
    )
