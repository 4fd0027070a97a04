"""`python -m scraper code`: what the fatbins in the libraries of CUDA builds say."""

import io
import signal
import struct
import tracemalloc
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.base.documents import load
from kb.base.model import CodeFile, LibraryCode, ObjectCode, Ptx, WheelCode
from kb.facts.fatbins import MACHINE_CODE, MAGIC, PTX, fatbins
from scraper import index as distributions
from tests.scraper import local_index
from tests.scraper.local_index import CPU_BUILD, CUDA_BUILD, LINUX, metadata, padding

FILE = f"tensorflow-2.21.0-cp313-cp313-{LINUX}.whl"
PATH = f"/files/{FILE}"
BUILD_INFO = "tensorflow/python/platform/build_info.py"


def entry(kind, capability, content=b"code", version=(1, 7)):
    """An entry of a fatbin; its head as NVIDIA's tools write it."""
    major, minor = version
    return (
        struct.pack(
            "<HHIQIIHHIIIQQQ", kind, 0x101, 64, len(content), 0, 0, minor, major,
            capability, 0, 0, 0x11, 0, 0,
        )
        + content
    )  # fmt: skip


def machine_code(capability):
    return entry(MACHINE_CODE, capability, b"\x7fELF" + bytes(20))


def ptx(capability, version):
    return entry(PTX, capability, b".version", version)


def fatbin(*entries):
    body = b"".join(entries)
    return MAGIC + struct.pack("<HHQ", 1, 16, len(body)) + body


def library(*parts):
    """A library: these parts, with bytes between them that mean nothing."""
    return b"\x7fELF" + b"".join(padding(str(n), 3000) + part for n, part in enumerate(parts))


MIXED = [
    fatbin(machine_code(60), machine_code(80), machine_code(90), ptx(90, (8, 3))),
    fatbin(machine_code(60), machine_code(80), ptx(90, (8, 5))),
    fatbin(machine_code(60), machine_code(80), ptx(90, (8, 5))),
]


def wheel(*libraries, build_info=CUDA_BUILD):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("tensorflow-2.21.0.dist-info/METADATA", metadata("tensorflow", "2.21.0"))
        archive.writestr(BUILD_INFO, build_info)
        for name, content in libraries:
            archive.writestr(name, content)
        archive.writestr("tensorflow/notes.txt", fatbin(machine_code(35)))
        stored = zipfile.ZipInfo("tensorflow/last.so")
        archive.writestr(stored, library(fatbin(machine_code(75))))
    return buffer.getvalue()


LIBRARIES = (
    ("tensorflow/libtensorflow_cc.so.2", library(*MIXED, b"libcudart.so.11.0\0libcuda.so.1\0")),
    ("tensorflow/python/_plain.so", library(b"nothing")),
    ("tensorflow/python/_internal.pyd", library(MIXED[0], b"\0cudnn64_8.dll\0")),
)


@pytest.fixture
def published(narrow):
    """A knowledge base that knows one more CUDA build, whose code was not read; of the build that
    was there already it was.
    """
    narrow.index.add("tensorflow", "2.21.0", f"cp313-cp313-{LINUX}", content=wheel(*LIBRARIES))
    assert narrow.scrape().status == 0
    return narrow


def code(bench, series="2.21"):
    return load(bench.data / "code" / f"{series}.yaml", CodeFile).wheels


def test_what_the_fatbins_hold_is_kept_by_the_wheel(published):
    run = published.scrape_live("code", day="2026-01-03")
    assert run.status == 0
    assert "2 wheels read, 0 failed" in run.out
    (found,) = code(published)
    sha256 = published.index.entry(PATH)["hashes"]["sha256"]
    internal = ObjectCode(1, ("6.0", "8.0", "9.0"), (Ptx("9.0", "8.3"),))
    assert found == WheelCode(
        file=FILE,
        sha256=sha256,
        read="2026-01-03",
        libraries=(
            LibraryCode("tensorflow/last.so", (ObjectCode(1, ("7.5",)),)),
            LibraryCode(
                "tensorflow/libtensorflow_cc.so.2",
                (ObjectCode(2, ("6.0", "8.0"), (Ptx("9.0", "8.5"),)), internal),
            ),
            LibraryCode("tensorflow/python/_internal.pyd", (internal,)),
        ),
        opens=("cudnn64_8.dll", "libcudart.so.11.0"),
    )


def test_what_was_read_is_not_read_again(published):
    published.scrape_live("code")
    before = published.contents()
    published.index.forget()
    assert published.scrape_live("code").status == 0
    assert published.index.asked == []
    assert published.contents() == before


def test_check_tells_what_is_unread_and_reads_nothing(published):
    before = published.contents()
    run = published.scrape_live("code", "--check")
    assert run.status == 1
    assert f"unread   {FILE}" in run.out
    assert published.contents() == before
    published.scrape_live("code")
    assert published.scrape_live("code", "--check").status == 0


def test_only_builds_for_cuda_are_read(narrow):
    narrow.index.add(
        "tensorflow", "2.21.0", f"cp313-cp313-{LINUX}", content=wheel(build_info=CPU_BUILD)
    )
    narrow.scrape()
    narrow.scrape_live("code")
    assert not (narrow.data / "code" / "2.21.yaml").exists()


def test_the_ends_of_each_series_come_first(narrow):
    for release in ("2.20.0", "2.20.1", "2.20.2", "2.21.0"):
        narrow.index.add("tensorflow", release, build_info=CUDA_BUILD)
    narrow.scrape()
    out = narrow.scrape_live("code", "--check").out
    releases = [line.split("-")[1] for line in out.splitlines() if line.startswith("unread")]
    assert releases == ["2.21.0", "2.20.0", "2.20.2", "2.15.0", "2.20.1"]


def test_a_stream_that_breaks_off_goes_on(published):
    published.index.fault(
        PATH, *[local_index.right] * 1, local_index.breaks_off, local_index.breaks_off,
        local_index.right,
    )  # fmt: skip
    assert published.scrape_live("code").status == 0
    assert len(code(published)[0].libraries) == 3


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (library(MAGIC + struct.pack("<HHQ", 1, 16, 200) + bytes(200)), "makes no sense"),
        (library(fatbin(machine_code(80)[:-3] + b"x" * 90)), "makes no sense"),
    ],
)
def test_a_fatbin_that_makes_no_sense_is_named(narrow, content, why):
    name = "tensorflow/libtensorflow_cc.so.2"
    narrow.index.add("tensorflow", "2.21.0", f"cp313-cp313-{LINUX}", content=wheel((name, content)))
    narrow.scrape()
    run = narrow.scrape_live("code")
    assert run.status == 3
    (found,) = code(narrow)
    assert found.libraries == ()
    assert found.failure.startswith(f"{FILE}: {name}: ")
    assert why in found.failure
    assert why in run.out
    # it is tried again
    assert narrow.scrape_live("code", "--check").status == 1


def test_a_server_that_fails_leaves_what_it_is_called_and_the_others_are_read(published):
    published.index.fault(PATH, local_index.status(500))
    run = published.scrape_live("code")
    assert run.status == 3
    assert code(published)[0].failure == f"{FILE}: HTTP 500; try again later"
    assert code(published, "2.15")[0].failure is None


def test_a_damaged_member_is_not_taken(narrow):
    content = bytearray(wheel(("tensorflow/a.so", library(*MIXED))))
    at = bytes(content).index(b"tensorflow/last.so") + 100  # inside what is stored
    content[at] ^= 1
    narrow.index.add("tensorflow", "2.21.0", f"cp313-cp313-{LINUX}", content=bytes(content))
    narrow.scrape()
    assert narrow.scrape_live("code").status == 3
    assert "is not what the wheel's directory says" in code(narrow)[0].failure


def test_a_wheel_that_left_the_index_is_named(published):
    published.index.remove("tensorflow", "2.21.0")
    assert published.scrape_live("code").status == 3
    assert code(published)[0].failure == f"{FILE} is no longer on the index"


def test_an_interrupt_ends_it_and_the_next_run_goes_on(published):
    asked = []

    def interrupt(path):
        if path == PATH:
            asked.append(path)
            if len(asked) == 2:
                signal.raise_signal(signal.SIGINT)

    published.index.on_request = interrupt
    run = published.scrape_live("code")
    assert run.status == 130
    published.index.on_request = lambda path: None
    assert published.scrape_live("code").status == 0
    assert len(code(published)[0].libraries) == 3


def test_code_is_asked_for_alone(bench, capsys):
    with pytest.raises(SystemExit) as refused:
        bench.scrape_live("code", "index")
    assert refused.value.code == 2
    assert "ask for it alone" in capsys.readouterr().err


def test_a_large_library_is_never_held_whole(narrow):
    size = 80_000_000
    content = wheel(("tensorflow/huge.so", bytes(size) + fatbin(machine_code(80))))
    narrow.index.add("tensorflow", "2.21.0", f"cp313-cp313-{LINUX}", content=content)
    narrow.scrape()
    tracemalloc.start()
    assert narrow.scrape_live("code").status == 0
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < size / 4
    assert code(narrow)[0].libraries[0].library == "tensorflow/huge.so"


parts = st.lists(
    st.one_of(
        st.binary(max_size=80),
        st.just(MAGIC),
        st.just(MAGIC[:3]),
        st.lists(st.sampled_from([machine_code(60), ptx(90, (8, 5))]), max_size=3).map(
            lambda entries: fatbin(*entries)
        ),
    ),
    max_size=8,
)


@settings(max_examples=300)
@given(parts, st.lists(st.integers(1, 200), max_size=20))
def test_however_a_library_is_cut_the_same_fatbins_are_found(parts, lengths):
    content = b"".join(parts)
    pieces, at = [], 0
    for length in lengths:
        pieces.append(content[at : at + length])
        at += length
    pieces.append(content[at:])
    whole = list(fatbins([content], len(content)))
    assert list(fatbins(pieces, len(content))) == whole
    for found in whole:
        assert content[found.at : found.at + 4] == MAGIC
        assert all(entry.at + entry.size <= len(content) for entry in found.entries)


def test_the_code_of_a_nightly_that_was_replaced_goes_and_that_of_a_candidate_stays(
    narrow, monkeypatch
):
    monkeypatch.setattr(distributions, "DISTRIBUTIONS", ("tensorflow", "tf-nightly"))
    narrow.index.remove("tf-nightly", "2.22.0.dev20260101")
    tags, builds = f"cp313-cp313-{LINUX}", {"build_info": CUDA_BUILD}
    narrow.index.add("tf-nightly", "2.23.0.dev20260102", tags, **builds)
    narrow.index.add("tensorflow", "2.22.0rc0", tags, **builds)
    narrow.scrape()
    assert narrow.scrape_live("code").status == 0
    assert [wheel.file.split("-")[1] for wheel in code(narrow, "2.23")] == ["2.23.0.dev20260102"]
    narrow.index.remove("tf-nightly", "2.23.0.dev20260102")
    narrow.index.add("tf-nightly", "2.24.0.dev20260103", tags, **builds)
    narrow.index.remove("tensorflow", "2.22.0rc0")
    narrow.index.add("tensorflow", "2.22.0", tags, **builds)
    narrow.scrape()
    assert narrow.scrape_live("code").status == 0
    assert not (narrow.data / "code" / "2.23.yaml").exists()
    releases = {wheel.file.split("-")[1] for wheel in code(narrow, "2.22")}
    assert releases == {"2.22.0rc0", "2.22.0"}
    assert len(code(narrow, "2.24")) == 1
