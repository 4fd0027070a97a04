"""An index that misbehaves: one clear line, and nothing changes."""

import gzip
import json

import pytest

from kb.machine import index_setting
from kb.machine.index_setting import IndexSetting
from scraper import http, index
from tests.scraper import local_index
from tests.scraper.local_index import JSON, LINUX

PAGE = "/simple/tensorflow/"
NOTHING_NEW = "0 added, 0 changed, 0 removed; 0 files written; "


def test_an_index_that_answers_404_changes_nothing(scraped):
    scraped.index.fault(PAGE, local_index.status(404))
    assert scraped.refused() == "index: tensorflow: not there (HTTP 404)"


@pytest.mark.parametrize("code", [401, 403, 410, 418])
def test_an_index_that_refuses_changes_nothing(narrow, code):
    narrow.index.fault(PAGE, local_index.status(code))
    assert narrow.refused() == f"index: tensorflow: HTTP {code}"


def test_an_index_that_asks_to_wait_is_asked_again_after_that_time(narrow, monkeypatch):
    waited = []
    monkeypatch.setattr("urllib3.util.retry.time.sleep", waited.append)
    narrow.index.fault(
        PAGE,
        local_index.status(429, Retry_After="1"),
        local_index.status(429, Retry_After="0"),
        local_index.right,
    )
    run = narrow.scrape()
    assert (run.status, run.error) == (0, "")
    assert run.out.startswith(NOTHING_NEW)
    assert waited[0] == 1
    assert [one.status for one in narrow.index.asked if one.path == PAGE] == [429, 429, 200]


def test_an_index_that_asks_to_wait_for_a_day_is_not_waited_for_that_long(narrow, monkeypatch):
    waited = []
    monkeypatch.setattr("urllib3.util.retry.time.sleep", waited.append)
    narrow.index.fault(PAGE, local_index.status(429, Retry_After="86400"), local_index.right)
    assert narrow.scrape().status == 0
    assert max(waited) <= 60


def test_an_index_that_never_stops_asking_to_wait_changes_nothing(narrow):
    narrow.index.fault(PAGE, local_index.status(429, Retry_After="0"))
    error = narrow.refused()
    assert error == "index: tensorflow: too many requests (HTTP 429); try again later"
    assert len([one for one in narrow.index.asked if one.path == PAGE]) == http.RETRIES + 1


@pytest.mark.parametrize("code", [500, 502, 503, 504])
def test_an_index_that_fails_once_is_asked_again(narrow, code):
    narrow.index.fault(PAGE, local_index.status(code), local_index.right)
    run = narrow.scrape()
    assert (run.status, run.error) == (0, "")
    assert run.out.startswith(NOTHING_NEW)
    assert [one.status for one in narrow.index.asked if one.path == PAGE] == [code, 200]


def test_an_index_that_keeps_failing_changes_nothing(narrow):
    narrow.index.fault(PAGE, local_index.status(500))
    assert narrow.refused() == "index: tensorflow: HTTP 500; try again later"
    assert len([one for one in narrow.index.asked if one.path == PAGE]) == http.RETRIES + 1


def test_an_answer_that_breaks_off_once_is_asked_for_again(narrow):
    narrow.index.fault(PAGE, local_index.breaks_off, local_index.right)
    run = narrow.scrape()
    assert (run.status, run.error) == (0, "")
    assert run.out.startswith(NOTHING_NEW)


def test_an_answer_that_always_breaks_off_changes_nothing(narrow):
    narrow.index.fault(PAGE, local_index.breaks_off)
    assert narrow.refused() == ("index: tensorflow: the answer broke off 5 times; try again later")


@pytest.mark.parametrize("kind", ["text/html; charset=utf-8", "text/html", "", "application/xml"])
def test_an_index_that_answers_html_changes_nothing(narrow, kind):
    narrow.index.fault(PAGE, local_index.body(b"<!DOCTYPE html><a href='x'>x</a>", kind))
    shown = kind.partition(";")[0] or "no type"
    assert narrow.refused() == (
        f"index: tensorflow: the index answered {shown!r}, not JSON; "
        "set an index that answers PEP 691 JSON"
    )


def page(**changes):
    whole = {"meta": {"api-version": "1.1"}, "name": "tensorflow", "files": [], **changes}
    return json.dumps(whole).encode()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"<html></html>",
        b"\xff\xfe\x00",
        b"null",
        b"[]",
        b'"files"',
        b"{}",
        page(files=None),
        page(files=["x"]),
        page(files=[{"filename": "x"}]),
        page(files={}),
        page(meta={"api-version": "2.0"}),
        page(meta=None),
        b'{"a": ' + b"1" * 5000 + b"}",
    ],
)
def test_json_that_is_no_page_of_an_index_changes_nothing(narrow, content):
    narrow.index.fault(PAGE, local_index.body(content))
    assert narrow.refused().startswith("index: tensorflow: the index's JSON cannot be read: ")


@pytest.mark.parametrize("bracket", [b"[", b'{"a":'])
def test_json_that_nests_without_end_changes_nothing(narrow, bracket):
    narrow.index.fault(PAGE, local_index.body(bracket * 100_000))
    assert narrow.refused() == "index: tensorflow: the index's JSON nests too deep"


def test_an_index_that_lists_nothing_changes_nothing(narrow):
    narrow.index.listed["tensorflow"] = []
    assert narrow.refused() == "index: tensorflow: the index lists no release of it"


def test_an_index_that_lists_only_builds_of_a_day_changes_nothing(narrow):
    narrow.index.listed["tensorflow"] = []
    narrow.index.add("tensorflow", "2.16.0.dev20260101")
    assert narrow.refused() == "index: tensorflow: the index lists no release of it"


def test_an_answer_beyond_the_limit_changes_nothing(narrow, monkeypatch):
    monkeypatch.setattr(index, "MAX_PAGE", 1000)
    assert "the answer is larger than 1000 bytes" in narrow.refused()


def test_a_compressed_answer_is_limited_by_what_it_unpacks_to(narrow, monkeypatch):
    monkeypatch.setattr(index, "MAX_PAGE", 1_000_000)
    packed = local_index.Reply(
        200,
        gzip.compress(b" " * 50_000_000),
        {"Content-Type": JSON, "Content-Encoding": "gzip"},
    )
    narrow.index.fault(PAGE, lambda right, whole: packed)
    assert narrow.refused() == "index: tensorflow: the answer is larger than 1000000 bytes"


def test_an_answer_that_says_it_is_packed_and_is_not_changes_nothing(narrow):
    narrow.index.fault(PAGE, local_index.header("Content-Encoding", "gzip"))
    assert narrow.refused().startswith("index: tensorflow: ")


def test_an_index_that_moved_is_followed(narrow):
    listed = narrow.index.listed["tensorflow"]
    narrow.index.listed["moved"] = listed
    narrow.index.fault(PAGE, local_index.moved("/simple/moved/"))
    run = narrow.scrape()
    assert (run.status, run.error) == (0, "")
    assert run.out.startswith(NOTHING_NEW)


def test_an_index_that_moves_in_circles_changes_nothing(narrow):
    narrow.index.fault(PAGE, local_index.moved(PAGE))
    assert narrow.refused().startswith("index: tensorflow: ")


def test_an_index_that_nobody_serves_changes_nothing(narrow, monkeypatch):
    closed = IndexSetting("http://127.0.0.1:9/simple/", None)
    monkeypatch.setattr(index_setting, "read", lambda: closed)
    error = narrow.refused()
    assert error.startswith("index: ")
    assert error.endswith(": no connection; try again later")


NEW = f"tensorflow-2.16.1-cp311-cp311-{LINUX}.whl"


def test_a_file_without_a_day_of_upload_changes_nothing(narrow):
    narrow.index.add("tensorflow", "2.16.1", **{"upload-time": None})
    assert narrow.refused() == (
        f"index: tensorflow: {NEW}: no day of upload; use an index that has it"
    )


@pytest.mark.parametrize(
    "hashes",
    [{}, {"md5": "0" * 32}, {"sha256": ""}, {"sha256": "0" * 63}, {"sha256": "G" * 64}],
)
def test_a_file_without_a_sha256_changes_nothing(narrow, hashes):
    narrow.index.add("tensorflow", "2.16.1", hashes=hashes)
    assert narrow.refused() == (
        f"index: tensorflow: {NEW}: no sha256 or size; use an index with both"
    )


@pytest.mark.parametrize("size", [None, 0, -1])
def test_a_file_without_a_size_changes_nothing(narrow, size):
    narrow.index.add("tensorflow", "2.16.1", size=size)
    assert narrow.refused() == (
        f"index: tensorflow: {NEW}: no sha256 or size; use an index with both"
    )


@pytest.mark.parametrize("size", [1e400, 1.5, "much", [1]])
def test_a_file_whose_size_is_no_whole_number_changes_nothing(narrow, size):
    narrow.index.add("tensorflow", "2.16.1", size=size)
    assert narrow.refused().startswith("index: tensorflow: ")


@pytest.mark.parametrize("day", ["yesterday", "2023-99-99", [], ""])
def test_a_day_of_upload_that_is_none_changes_nothing(narrow, day):
    narrow.index.add("tensorflow", "2.16.1", **{"upload-time": day})
    assert narrow.refused().startswith("index: tensorflow: ")


def test_the_day_of_upload_is_the_day_at_greenwich(narrow):
    narrow.index.add("tensorflow", "2.16.1", **{"upload-time": "2024-03-08T22:30:00-05:00"})
    assert narrow.scrape().status == 0
    assert narrow.release("tensorflow", "2.16.1").released == "2024-03-09"


@pytest.mark.parametrize(
    ("tags", "complaint"),
    [
        ("cp311-cp311-freebsd_13_amd64", "has an unknown platform tag 'freebsd_13_amd64'"),
        ("cp311-cp311-win32", "has an unknown platform tag 'win32'"),
        ("cp311-cp311-any", "has an unknown platform tag 'any'"),
        ("jy27-none-win_amd64", "has an unknown Python tag 'jy27'"),
        ("cp311-cp311-win_amd64.macosx_12_0_arm64", "is for 2 platforms; one is expected"),
    ],
)
def test_a_wheel_with_unknown_tags_changes_nothing(narrow, tags, complaint):
    narrow.index.add("tensorflow", "2.16.1", tags)
    assert narrow.refused() == f"index: tensorflow: 'tensorflow-2.16.1-{tags}.whl' {complaint}"


def test_a_file_of_another_distribution_changes_nothing(narrow):
    file = f"tensorflow_gpu-2.16.1-cp311-cp311-{LINUX}.whl"
    narrow.index.add_file("tensorflow", file, b"x")
    assert narrow.refused() == (
        f"index: tensorflow: lists {file!r}, a file of another distribution"
    )


@pytest.mark.parametrize(
    "file",
    [
        "../tensorflow-2.16.1-cp311-cp311-win_amd64.whl",
        "tensorflow-2.16.1-cp311.whl",
        "tensorflow-2.16.1.exe",
        "",
    ],
)
def test_a_file_whose_name_is_none_that_an_index_can_have_is_passed_over(narrow, file):
    before = narrow.contents()
    narrow.index.add_file("tensorflow", file, b"x")
    run = narrow.scrape()
    assert (run.status, run.error) == (0, "")
    assert run.out.startswith(NOTHING_NEW)
    assert narrow.contents() == before


@pytest.mark.parametrize("address", ["ftp://127.0.0.1/x", "file:///etc/hostname", "http://", "//"])
def test_a_wheel_at_an_address_that_cannot_be_read_changes_nothing(narrow, address):
    narrow.index.add("tensorflow", "2.16.1", url=address)
    assert narrow.refused().startswith(f"wheels: {NEW}: ")


@pytest.mark.parametrize(
    "file",
    [
        f"tensorflow-2.{'1' * 5000}-cp311-cp311-{LINUX}.whl",
        f"tensorflow-2.16.1-cp3{'1' * 5000}-cp311-{LINUX}.whl",
        f"tensorflow-2.16.1-cp311-cp311-manylinux_2_{'1' * 5000}_x86_64.whl",
    ],
    ids=["version", "python", "glibc"],
)
def test_a_number_of_thousands_of_digits_in_a_file_name_changes_nothing(narrow, file):
    before = narrow.contents()
    narrow.index.add_file("tensorflow", file, b"x")
    run = narrow.scrape()
    assert run.status in (0, 3)
    assert len(run.error.splitlines()) == (1 if run.status else 0)
    assert narrow.contents() == before


def test_a_file_that_is_listed_twice_is_not_recorded_twice(narrow):
    before = narrow.contents()
    narrow.index.listed["tensorflow"].append(dict(narrow.index.listed["tensorflow"][0]))
    narrow.scrape()
    assert narrow.contents() == before
