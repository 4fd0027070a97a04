"""A wheel, or its server, that misbehaves: one clear line, nothing changes, nothing read whole."""

import io
import struct
import tracemalloc
import warnings
import zipfile

import pytest

from kb.base.errors import SourceFailed
from kb.facts.wheel_text import MAX_TEXT
from scraper import wheels
from scraper.http import open_session
from tests.scraper import local_index
from tests.scraper.local_index import CPU_BUILD, LINUX, LocalIndex, metadata, padding, zipped

FILE = f"tensorflow-2.16.1-cp311-cp311-{LINUX}.whl"
PATH = f"/files/{FILE}"
METADATA = "tensorflow-2.16.1.dist-info/METADATA"
BUILD_INFO = "tensorflow/python/platform/build_info.py"
TEXT = metadata("tensorflow", "2.16.1")
PAD = ("padding/a.so", padding("a", 300_000))
END = ("padding/z.so", padding("z", 300_000))


def refused(bench, content: bytes) -> str:
    """Publish a release whose one wheel is `content`; return what the scrape says of the wheel."""
    bench.index.add("tensorflow", "2.16.1", content=content)
    error = bench.refused()
    assert error.startswith(f"wheels: {FILE}: ")
    sent, size = bench.index.sent(PATH), len(content)
    assert sent < size
    return error.removeprefix(f"wheels: {FILE}: ")


def made(*members):
    return zipped([PAD, *members, END])


def good() -> bytes:
    return made((METADATA, TEXT), (BUILD_INFO, CPU_BUILD))


def test_a_server_that_ignores_range_changes_nothing(narrow):
    content = zipped([("padding/a.so", bytes(48_000_000)), (METADATA, TEXT)])
    narrow.index.add("tensorflow", "2.16.1", content=content)
    narrow.index.fault(PATH, local_index.ignores_range)
    assert narrow.refused() == (
        f"wheels: {FILE}: the server ignores Range and would send the whole wheel; "
        "use an index that has it"
    )
    assert narrow.index.sent(PATH) < len(content) / 2


@pytest.mark.parametrize(
    "stated",
    ["bytes 0-9/10", "bytes */5", "", "bytes 0-", "lines 1-2/3", "bytes 1-2/3; \u00e9" * 40],
)
def test_a_server_that_sends_another_range_changes_nothing(narrow, stated):
    content = good()
    narrow.index.fault(PATH, local_index.header("Content-Range", stated))
    first, last = len(content) - wheels.TAIL, len(content) - 1
    said = refused(narrow, content)
    assert said.startswith(f"asked for bytes {first}-{last} of {len(content)}, got {wheels.TAIL} ")


def test_a_server_that_sends_fewer_bytes_than_asked_for_changes_nothing(narrow):
    narrow.index.fault(PATH, lambda right, whole: right._replace(body=right.body[:-7]))
    assert f"got {wheels.TAIL - 7} bytes" in refused(narrow, good())


def test_a_server_that_sends_more_bytes_than_asked_for_changes_nothing(narrow):
    content = good()
    narrow.index.add("tensorflow", "2.16.1", content=content)
    narrow.index.fault(PATH, lambda right, whole: right._replace(body=right.body + bytes(5)))
    assert narrow.refused() == (f"wheels: {FILE}: the answer is larger than {wheels.TAIL} bytes")


@pytest.mark.parametrize("difference", [-1, 1, 50_000])
def test_a_wheel_of_another_size_than_the_index_says_changes_nothing(narrow, difference):
    content = good()
    narrow.index.add("tensorflow", "2.16.1", content=content, size=len(content) + difference)
    assert narrow.refused().startswith(f"wheels: {FILE}: asked for bytes ")


@pytest.mark.parametrize("code", [403, 404, 416])
def test_a_wheel_that_is_refused_changes_nothing(narrow, code):
    narrow.index.fault(PATH, local_index.status(code))
    assert f"HTTP {code}" in refused(narrow, good())


def test_a_wheel_whose_server_fails_once_is_read(narrow):
    narrow.index.add("tensorflow", "2.16.1")
    narrow.index.fault(
        PATH,
        local_index.status(503),
        local_index.status(429, Retry_After="0"),
        local_index.breaks_off,
        local_index.right,
    )
    run = narrow.scrape()
    assert (run.status, run.error) == (0, "")
    assert "tensorflow 2.16.1" in narrow.all_releases()


def test_a_wheel_that_moved_is_followed_by_range(narrow):
    content = good()
    narrow.index.add("tensorflow", "2.16.1", content=content)
    narrow.index.files["/files/elsewhere"] = content
    narrow.index.fault(PATH, local_index.moved("/files/elsewhere"))
    assert narrow.scrape().status == 0
    assert {one.status for one in narrow.index.asked if "elsewhere" in one.path} == {206}


@pytest.mark.parametrize(
    "content",
    [padding("no zip", 200_000), b"<html>" * 40_000, bytes(200_000), b"PK\x05\x06" * 50_000],
    ids=["noise", "html", "zeros", "signatures"],
)
def test_a_wheel_that_is_no_zip_changes_nothing(narrow, content):
    assert refused(narrow, content).startswith("cannot be read as a zip: ")


@pytest.mark.parametrize("size", [1, 10, 30])
def test_a_wheel_of_a_few_bytes_changes_nothing(narrow, size):
    narrow.index.add("tensorflow", "2.16.1", content=b"P" * size)
    assert narrow.refused().startswith(f"wheels: {FILE}: ")


def test_a_wheel_cut_short_changes_nothing(narrow):
    content = good()
    assert refused(narrow, content[: len(content) // 2]).startswith("cannot be read as a zip: ")


def end(content: bytes) -> int:
    return content.rindex(b"PK\x05\x06")


def entry(content: bytes, name: str = METADATA) -> int:
    """Return where the directory's entry of a member starts."""
    return content.rindex(b"PK\x01\x02", 0, content.rindex(name.encode()))


def patched(content: bytes, place: int, kind: str, value: int) -> bytes:
    packed = struct.pack(f"<{kind}", value)
    return content[:place] + packed + content[place + len(packed) :]


@pytest.mark.parametrize("value", [1, 40, 40_000, 2**31 - 1, 2**32 - 2])
def test_a_directory_that_lies_about_its_size_changes_nothing(narrow, value):
    content = good()
    said = refused(narrow, patched(content, end(content) + 12, "L", value))
    assert said.startswith(("cannot be read as a zip: ", "its directory asks for a part of "))


@pytest.mark.parametrize("value", [0, 1, 500_000, 2**31 - 1, 2**32 - 2])
def test_a_directory_that_lies_about_its_place_changes_nothing(narrow, value):
    content = good()
    said = refused(narrow, patched(content, end(content) + 16, "L", value))
    assert said.startswith(("cannot be read as a zip: ", "its directory asks for a part of "))


@pytest.mark.parametrize("value", [2**20, 2**31 - 1, 2**32 - 2])
def test_an_entry_beyond_the_file_changes_nothing(narrow, value):
    content = good()
    said = refused(narrow, patched(content, entry(content) + 42, "L", value))
    assert said.startswith(("cannot be read as a zip: ", "its directory asks for a part of "))


@pytest.mark.parametrize("name", [METADATA, BUILD_INFO])
def test_an_entry_at_another_members_place_changes_nothing(narrow, name):
    content = good()
    said = refused(narrow, patched(content, entry(content, name) + 42, "L", 0))
    assert said.startswith(("cannot be read as a zip: ", "its directory asks for a part of "))


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("field", [26, 28], ids=["name", "extra"])
def test_a_local_header_that_lies_about_its_length_changes_nothing(narrow, field, first):
    text = (METADATA, TEXT)
    content = zipped([text, PAD, END] if first else [PAD, text, END])
    start = content.index(b"PK\x03\x04", 0 if first else 300_000)
    said = refused(narrow, patched(content, start + field, "H", 65_535))
    assert said.startswith(("cannot be read as a zip: ", "its directory asks for a part of "))


@pytest.mark.parametrize(
    "members", [[(METADATA, TEXT)], [PAD, END, (METADATA, TEXT)]], ids=["small", "large"]
)
@pytest.mark.parametrize("place", ["name", "extra", "stored"])
def test_a_last_member_that_claims_to_be_longer_than_the_wheel_changes_nothing(
    narrow, members, place
):
    content = zipped(members)
    start = content.index(METADATA.encode()) - 30
    stored = patched(content, entry(content) + 10, "H", zipfile.ZIP_STORED)
    stored = patched(stored, entry(content) + 20, "L", 200_000)
    content = {
        "name": patched(content, start + 26, "H", 65_535),
        "extra": patched(content, start + 28, "H", 65_535),
        "stored": patched(stored, entry(content) + 24, "L", 200_000),
    }[place]
    narrow.index.add("tensorflow", "2.16.1", content=content)
    assert narrow.refused().startswith(f"wheels: {FILE}: ")


def test_a_damaged_member_changes_nothing(narrow):
    content = bytearray(good())
    start = content.index(METADATA.encode()) + len(METADATA)
    content[start + 20 : start + 60] = b"\xff" * 40
    assert refused(narrow, bytes(content)).startswith("cannot be read as a zip: ")


def test_a_member_with_another_checksum_changes_nothing(narrow):
    content = good()
    said = refused(narrow, patched(content, entry(content) + 16, "L", 1))
    assert said.startswith("cannot be read as a zip: Bad CRC-32")


def test_an_encrypted_member_changes_nothing(narrow):
    content = good()
    content = patched(content, entry(content) + 8, "H", 1)
    start = content.index(METADATA.encode()) - 30
    said = refused(narrow, patched(content, start + 6, "H", 1))
    assert said.startswith("cannot be read as a zip: ")


def test_a_member_packed_in_an_unknown_way_changes_nothing(narrow):
    content = good()
    said = refused(narrow, patched(content, entry(content) + 10, "H", 14))
    assert said == f"{METADATA} is packed in an unknown way"


@pytest.mark.parametrize("name", [METADATA, BUILD_INFO])
@pytest.mark.parametrize("field", [20, 24], ids=["packed", "unpacked"])
def test_a_member_that_claims_gigabytes_changes_nothing(narrow, name, field):
    content = good()
    said = refused(narrow, patched(content, entry(content, name) + field, "L", 4_000_000_000))
    assert said == f"{name} has more than {MAX_TEXT} bytes"


@pytest.mark.parametrize("claimed", [100, MAX_TEXT])
def test_a_member_that_unpacks_to_far_more_than_it_claims_changes_nothing(index, claimed):
    content = made((METADATA, TEXT + " " * 60_000_000))
    content = patched(content, entry(content) + 24, "L", claimed)
    path = index.add("tensorflow", "2.16.1", content=content)
    with open_session() as session:
        tracemalloc.start()
        try:
            with pytest.raises(SourceFailed) as refusal:
                wheels.read(session, index.root + path, FILE, len(content), wheels.Traffic())
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert str(refusal.value).startswith(f"wheels: {FILE}: cannot be read as a zip: Bad CRC-32")
    assert peak < 8_000_000
    assert index.sent(path) < len(content)


def test_a_zip_bomb_changes_nothing(narrow):
    content = made((METADATA, TEXT + " " * 60_000_000))
    assert refused(narrow, content) == f"{METADATA} has more than {MAX_TEXT} bytes"


def test_a_wheel_without_metadata_changes_nothing(narrow):
    assert refused(narrow, made((BUILD_INFO, CPU_BUILD))) == "holds no METADATA"


def test_metadata_of_a_wheel_inside_the_wheel_does_not_count(narrow):
    said = refused(narrow, made((f"tensorflow/{METADATA}", TEXT)))
    assert said == "holds no METADATA"


@pytest.mark.parametrize("second", [METADATA, "other-1.0.dist-info/METADATA"])
def test_a_wheel_with_two_metadata_changes_nothing(narrow, second):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        content = made((METADATA, TEXT), (second, TEXT))
    assert refused(narrow, content) == f"holds {METADATA} more than once"


@pytest.mark.parametrize("name", [METADATA, BUILD_INFO])
def test_a_text_that_is_not_utf_8_changes_nothing(narrow, name):
    texts = {METADATA: TEXT.encode(), BUILD_INFO: CPU_BUILD.encode()}
    texts[name] += "# caf\u00e9\n".encode("latin-1")
    assert refused(narrow, made(*texts.items())) == f"{name} is not UTF-8"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "METADATA names no distribution and version"),
        ("Name: tensorflow\n", "METADATA names no distribution and version"),
        ("\n" + TEXT, "METADATA names no distribution and version"),
        (
            metadata("a", "1", "Requires-Dist: ==1"),
            "METADATA has a requirement that is none: '==1'",
        ),
        (
            metadata("a", "1", "Requires-Dist: numpy; os is old"),
            "METADATA has a requirement that is none: 'numpy; os is old'",
        ),
    ],
)
def test_metadata_that_is_none_changes_nothing(narrow, text, complaint):
    assert refused(narrow, made((METADATA, text))) == complaint


@pytest.mark.parametrize(
    "marker", ["platform_system ~= 'Linux'", "platform_machine < '1'", "python_version > 'new'"]
)
def test_a_shim_with_a_marker_that_cannot_be_evaluated_is_one_line_or_no_shim(narrow, marker):
    requires = [f"tensorflow-intel==2.16.1; {marker}"]
    narrow.index.add("tensorflow", "2.16.1", requires=requires, build_info=None)
    run = narrow.scrape()
    assert run.status in (0, 3)
    assert len(run.error.splitlines()) == (1 if run.status else 0)


@pytest.mark.parametrize(
    "requirement",
    ["numpy!=1" + "".join(f",!=1.{number}" for number in range(100)), "n" * 500],
    ids=["versions", "name"],
)
def test_a_requirement_that_is_too_long_changes_nothing(narrow, requirement):
    narrow.index.add("tensorflow", "2.16.1", requires=[requirement])
    assert "does not match" in narrow.refused()


NOT_LITERAL = {
    "call": "cuda_version = open('/etc/hostname').read()",
    "call of a name": "build_info = dict(cuda_version='12.2')",
    "import and call": "import os\ncuda_version = os.getcwd()",
    "comprehension": "build_info = {x: x for x in ['cuda_version']}",
    "lambda": "cuda_version = lambda: 0",
    "f-string": "cuda_version = f'{12}.2'",
    "name": "cuda_version = other",
    "ordered dict of a call": "import collections\nbuild_info = collections.OrderedDict(vars())",
    "ordered dict of no pairs": "build_info = OrderedDict([1, 2])",
    "ordered dict of lists": "build_info = OrderedDict([([], 1)])",
    "unhashable": "build_info = {[]: 1}",
    "deep": "build_info = " + "[" * 90 + "]" * 90 + "()",
    "deep minus": "cuda_version = " + "-" * 3000 + "1",
    "power": "cuda_version = 9 ** 9 ** 9 ** 9",
}


@pytest.mark.parametrize("text", NOT_LITERAL.values(), ids=NOT_LITERAL)
def test_build_info_that_is_not_literal_changes_nothing(narrow, text):
    said = refused(narrow, made((METADATA, TEXT), (BUILD_INFO, text)))
    assert said.startswith(("build_info.py is not literal at line ", "build_info.py is not Python"))


NOT_PYTHON = {
    "words": "this is a text",
    "null": "cuda_version = '12.2'\0",
    "brackets": "build_info = " + "[" * 100_000,
    "minus": "cuda_version = " + "-" * 100_000 + "1",
    "sum": "cuda_version = 1" + "+1" * 50_000,
    "attributes": "cuda_version = a" + ".a" * 50_000,
    "calls": "cuda_version = a" + "()" * 50_000,
    "indent": "".join(" " * depth + "if 1:\n" for depth in range(200)),
    "digits": "cuda_version = " + "1" * 5000,
    "html": "<html></html>",
}


@pytest.mark.parametrize("text", NOT_PYTHON.values(), ids=NOT_PYTHON)
def test_build_info_that_is_not_python_changes_nothing(narrow, text):
    content = zipped([PAD, (METADATA, TEXT), (BUILD_INFO, text), END])
    said = refused(narrow, content)
    assert said.startswith(("build_info.py is not Python: ", "build_info.py is not literal "))


WRONG_FACTS = {
    "number": ("cuda_version = 12.2", "cuda_version is no version: "),
    "list": ("cuda_version = ['12.2']", "cuda_version is no version: "),
    "words": ("cuda_version_number = 'new'", "cuda_version is no version: 'new'"),
    "cudnn": ("build_info = {'cudnn_version': b'8'}", "cudnn_version is no version: "),
    "long": (f"cuda_version = '1{'.1' * 30}'", "cuda_version is no version: '1.1.1.1.1"),
    "flag": ("is_cuda_build = 'yes'", "is_cuda_build is neither True nor False"),
    "flag 1": ("is_rocm_build = 1", "is_rocm_build is neither True nor False"),
    "mapping": ("build_info = ['cuda_version']", "build_info is no mapping"),
    "one capability": (
        "cuda_compute_capabilities = 'sm_50'",
        " has an unknown compute capability: ",
    ),
    "capability": (
        "cuda_compute_capabilities = ['sm_fifty']",
        " has an unknown compute capability: 'sm_fifty",
    ),
    "capability number": (
        "cuda_compute_capabilities = [5.0]",
        " has an unknown compute capability: ",
    ),
    "hexadecimal": (f"cuda_version = 0x{'f' * 5000}", "cuda_version is no version"),
    "hexadecimal capability": (
        f"cuda_compute_capabilities = [0x{'f' * 5000}]",
        " has an unknown compute capability",
    ),
}


@pytest.mark.parametrize(("text", "complaint"), WRONG_FACTS.values(), ids=WRONG_FACTS)
def test_build_info_with_facts_of_another_kind_changes_nothing(narrow, text, complaint):
    said = refused(narrow, made((METADATA, TEXT), (BUILD_INFO, text)))
    start = "build_info.py" if complaint.startswith(" ") else "build_info.py's "
    assert said.startswith(start + complaint)


def test_build_info_that_is_too_long_changes_nothing(narrow):
    content = made((METADATA, TEXT), (BUILD_INFO, "#" * (MAX_TEXT + 1)))
    assert refused(narrow, content) == f"{BUILD_INFO} has more than {MAX_TEXT} bytes"


def test_build_info_is_never_run(narrow, tmp_path):
    mark = tmp_path / "run"
    text = f"open({str(mark)!r}, 'w')\nraise SystemExit\nimport this\nis_cuda_build = True\n"
    narrow.index.add("tensorflow", "2.16.1", build_info=text)
    run = narrow.scrape()
    assert run.status == 0
    assert not mark.exists()
    assert narrow.release("tensorflow", "2.16.1").builds[0].says.cuda_build is True


@pytest.mark.parametrize(
    "name",
    [
        "tensorflow_core/python/platform/build_info.py",
        "tensorflow-2.16.1.data/purelib/tensorflow/python/platform/build_info.py",
        "tensorflow-2.16.1.data/purelib/tensorflow_core/python/platform/build_info.py",
        "tensorflow_gpu-2.16.1.data/platlib/tensorflow/python/platform/build_info.py",
    ],
)
def test_build_info_is_found_wherever_a_wheel_has_it(narrow, name):
    content = made((METADATA, TEXT), (name, "is_cuda_build = True\n"))
    narrow.index.add("tensorflow", "2.16.1", content=content)
    assert narrow.scrape().status == 0
    assert narrow.release("tensorflow", "2.16.1").builds[0].says.cuda_build is True


def test_a_shim_of_two_kilobytes_is_read(narrow):
    content = zipped(
        [(METADATA, metadata("tensorflow", "2.16.1", "Requires-Dist: tensorflow-cpu==2"))]
    )
    narrow.index.add("tensorflow", "2.16.1", content=content)
    assert narrow.scrape().status == 0
    assert narrow.release("tensorflow", "2.16.1").builds[0].says.shim == "tensorflow-cpu==2"


def test_a_wheel_with_a_comment_at_its_end_is_read(narrow):
    buffer = io.BytesIO(good())
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.comment = b"c" * 60_000
    narrow.index.add("tensorflow", "2.16.1", content=buffer.getvalue())
    run = narrow.scrape()
    assert run.status in (0, 3)
    assert "Traceback" not in run.error


def test_many_entries_are_read_in_one_more_request(index: LocalIndex):
    names = [(f"tensorflow/module_{number:05}.py", "") for number in range(2000)]
    content = made((METADATA, TEXT), *names)
    path = index.add("tensorflow", "2.16.1", content=content)
    traffic = wheels.Traffic()
    with open_session() as session:
        texts = wheels.read(session, index.root + path, FILE, len(content), traffic)
    assert (texts.metadata, texts.build_info) == (TEXT.split("\n\n", maxsplit=1)[0] + "\n", None)
    assert traffic.requests == len(index.asked) == 3
    assert traffic.bytes == index.sent(path) <= 1.2 * traffic.least + wheels.TAIL
