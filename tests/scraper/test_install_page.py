"""The page about installing with pip: each statement, from Markdown and from the web page."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.base.errors import SourceFailed
from kb.base.model import InstallPage
from kb.facts.sources import claims_of
from scraper.install_page import PAGE, read_page
from tests.scraper.install_pages import markdown, page
from tests.scraper.local_index import LINUX

DAY, LATER = "2026-01-02", "2026-03-04"
USUAL = InstallPage(
    read=DAY,
    source=PAGE,
    python="3.9-3.11",
    compute_capabilities=("5.0", "6.0", "8.0"),
    cuda="12.2",
    cudnn="8.9.4",
    driver_linux="525.60",
    driver_wsl2="528.33",
    ubuntu="16.04",
    macos="12.0",
    pip="19.0",
    pip_macos="20.3",
    windows_gpu_until="2.10",
)
WRITTEN = pytest.mark.parametrize("write", [markdown, page])


def refusal(text):
    with pytest.raises(SourceFailed) as refused:
        read_page(text, DAY)
    return str(refused.value)


@WRITTEN
def test_every_statement_is_read_and_what_stands_in_other_sections_is_not(write):
    assert read_page(write(), DAY) == USUAL


@WRITTEN
def test_what_the_page_need_not_say_is_unknown_where_it_does_not_say_it(write):
    text = (
        write().replace("Ubuntu 16.04 or", "Linux or").replace("12.0 (Monterey) or", "of late or")
    )
    assert read_page(text, DAY) == USUAL._replace(ubuntu=None, macos=None)


def test_the_driver_in_the_words_of_2022_is_read():
    text = markdown().replace("    * >= 525.60 for Linux", "    version 525.60 or higher.")
    text = text.replace("    * >= 528.33 for WSL on Windows", "")
    assert text.count("525.60") == 1
    assert read_page(text, DAY) == USUAL._replace(driver_wsl2=None)


@WRITTEN
@pytest.mark.parametrize(
    ("lost", "told"),
    [
        ("architectures", "compute capabilities under 'hardware requirements'"),
        ("Python 3.9", "python under 'software requirements'"),
        ("for Linux<", "driver linux under 'software requirements'"),
        ("Toolkit", "cuda under 'software requirements'"),
        ("SDK", "cudnn under 'software requirements'"),
    ],
)
def test_a_page_that_lost_a_statement_is_refused_in_words_that_say_so(write, lost, told):
    text = write().replace("525.60 for Linux", "525.60 for Linux<b></b>").replace(lost, "")
    assert refusal(text) == f"install-page: pip.md says nothing of {told}; has the page changed?"


@WRITTEN
def test_a_page_without_the_sections_is_refused(write):
    assert "says nothing of" in refusal(write().replace("requirements", "wishes"))


@WRITTEN
def test_a_page_that_says_two_things_is_refused(write):
    text = write().replace("The following NVIDIA", "Python 3.8-3.9. The following NVIDIA")
    assert refusal(text) == (
        "install-page: pip.md says two things of python under 'software requirements'; "
        "has the page changed?"
    )


@WRITTEN
@pytest.mark.parametrize(
    "said", [{"gpus": "5.0, , 8.0"}, {"python": "3.11-3.9"}, {"gpus": "5.0, 80000.0"}]
)
def test_a_statement_that_cannot_be_meant_is_one_line(write, said):
    message = refusal(write(**said))
    assert message.startswith("install-page: pip.md: cannot be read: ")
    assert "\n" not in message


@settings(deadline=None, derandomize=True, max_examples=100)
@given(st.lists(st.sampled_from([*markdown().split(), "<", "![", "\n## "]), max_size=60))
def test_arbitrary_words_never_raise_anything_but_source_failed(words):
    assert len(refusal(" ".join(words)).splitlines()) == 1


def test_the_page_is_kept_with_the_series_that_was_the_newest(bench):
    assert bench.scrape("--from-day", "2023-11-20").status == 0
    assert bench.series("2.15").install_page == USUAL._replace(read="2023-11-20")
    bench.index.add("tensorflow", "2.16.1", f"cp312-cp312-{LINUX}", day="2026-03-01")
    assert bench.scrape(day=LATER).status == 0
    assert bench.series("2.15").install_page == USUAL._replace(read="2023-11-20")
    assert bench.series("2.16").install_page == USUAL._replace(read=LATER)


def test_a_page_that_says_the_same_keeps_its_day_and_an_older_one_moves_nothing(scraped):
    before = scraped.contents()
    assert scraped.scrape(day=LATER).status == 0
    other = scraped.folder / "other"
    other.mkdir()
    (other / "pip.md").write_text(markdown(cuda="12.1"), encoding="utf-8")
    older = ("install-page", "--from", str(other), "--from-day", "2023-12-01")
    assert scraped.scrape_live(*older).states == {"install-page": "nothing new"}
    assert scraped.contents() == before
    newer = (*older[:-1], LATER)
    assert scraped.scrape_live(*newer, day=LATER).out.startswith(
        f"changed  install page of 2.15: read {DAY} is now {LATER}; cuda 12.2 is now 12.1\n"
    )


def test_a_candidate_is_no_newest_release(scraped):
    scraped.index.add("tensorflow", "2.16.0rc0", f"cp312-cp312-{LINUX}", day="2026-03-01")
    assert scraped.scrape(day=LATER).states["install-page"] == "nothing new"


def test_a_page_before_any_release_speaks_of_none(bench):
    run = bench.scrape("install-page", "--from-day", "2015-11-09")
    assert run.status == 0
    assert run.states == {
        "install-page": "not asked: no release is known that was out on 2015-11-09"
    }


def test_a_page_that_fails_hides_nothing_of_the_others(scraped, monkeypatch):
    scraped.index.add("tensorflow", "2.16.1", f"cp312-cp312-{LINUX}")
    scraped.snapshot.mkdir(exist_ok=True)
    monkeypatch.setattr("tests.scraper.install_pages.markdown", lambda: "# Moved")
    run = scraped.scrape("--check", day=LATER)
    assert run.status == 3
    assert run.error.startswith("error: install-page: pip.md says nothing of ")
    assert run.states["index"] == "new: 1 added, 0 changed, 0 removed"


def test_what_the_page_claims_is_a_source_of_its_own(scraped):
    claims = claims_of(scraped.series("2.15"))
    (cuda,) = (
        claim
        for claim in claims.of("tensorflow", "2.15.0", ("linux-x86_64",), "cuda")
        if claim.claimant == "install_page"
    )
    assert (cuda.value, cuda.source) == ("12.2", ("official:pip.md", PAGE, DAY, None))
