"""`python -m verify bundle` and `join`: a real pip, a local index, wheels of all kinds."""

import hashlib
import io
import json
import random
import shutil
import struct
import subprocess
import sys
import threading
import time
import zipfile
import zlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kb.base.errors import RunnerFailed
from kb.facts.fatbins import MAGIC
from tests.scraper.local_index import header, status
from tests.verify.secure_index import SecureIndex
from tests.verify.workbench import PYTHON, RELEASE, wheel_of
from verify.bundles import fatbins
from verify.bundles.join import join
from verify.bundles.split import split
from verify.commands.command_line import main

PART = 1 << 10
NAME = "thing-1-py3-none-any.whl"


def text(size: int, seed: int = 0) -> bytes:
    """Return bytes that pack to about a half."""
    return bytes(random.Random(seed).choices(b"abcdefgh  \n", k=size))


def zip_of(*members: tuple[str, bytes, int | None]) -> bytes:
    """Return a zip of members, each deflated at its level, or stored at None."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content, level in members:
            how = zipfile.ZIP_STORED if level is None else zipfile.ZIP_DEFLATED
            archive.writestr(name, content, how, level)
    return buffer.getvalue()


def fatbin(*payloads: tuple[int, bytes]) -> bytes:
    """Return a fatbin of entries of a kind, 1 PTX or 2 cubin, packed as NVIDIA's tools do."""
    entries = b""
    for kind, content in payloads:
        packed = fatbins.lz4_packed(content)
        padded = packed + bytes(-len(packed) % 8)
        head = (kind, 0, 64, len(padded), len(packed), 0, 0, 0, 80, 0, 0, 0x2011, 0, len(content))
        entries += struct.pack("<HHIQIIHHIIIQQQ", *head) + padded
    return struct.pack("<IHHQ", 0xBA55ED50, 1, 16, len(entries)) + entries


def library() -> bytes:
    """Return a library that holds one fatbin of three entries, and one that is cut short."""
    code = fatbin((2, text(40_000)), (1, text(20_000, 1)), (2, text(40_000) + b"x"))
    return b"\x7fELF" + text(5000, 2) + code + text(3000, 3) + fatbin((2, text(100)))[:70]


def odd_stream() -> bytes:
    """Return a zip whose one deflate stream no setting gives: it was flushed in the middle."""
    content = text(4000)
    packer = zlib.compressobj(6, zlib.DEFLATED, -15)
    odd = packer.compress(content[:2000]) + packer.flush(zlib.Z_FULL_FLUSH)
    odd += packer.compress(content[2000:]) + packer.flush()
    whole = zip_of(("odd", odd, None))
    # said to be deflated, in the member's own head and in the directory
    whole = whole.replace(b"PK\x03\x04\x14\0\0\0\0\0", b"PK\x03\x04\x14\0\0\0\x08\0")
    return whole.replace(b"PK\x01\x02\x14\x03\x14\0\0\0\0\0", b"PK\x01\x02\x14\x03\x14\0\0\0\x08\0")


WHEELS = {
    "stored": zip_of(("a", text(5000), None), ("b", b"", None)),
    "levels": zip_of(*((str(level), text(9000, level), level) for level in range(1, 10))),
    "no-compression": zip_of(("a", text(5000), 0)),
    "odd": odd_stream(),
    "said-to-be-deflated": odd_stream().replace(b"abc", b"\xff\xff\xff"),
    "library": zip_of(("lib.so", library(), 6), ("stored", b"x" + library(), None)),
    "empty": zip_of(),
    "with-a-comment": zip_of(("a", text(500), 9))[:-2] + struct.pack("<H", 4) + b"hear",
}


def folder_of(folder: Path, **wheels: bytes) -> Path:
    """Write wheels into a folder and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in wheels.items():
        (folder / f"{name}-1-py3-none-any.whl").write_bytes(content)
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def parts(tmp_path):
    """Return a folder of several parts of one wheel."""
    wheels = folder_of(tmp_path / "wheels", thing=zip_of(("a", text(20_000), 6)))
    split(wheels, tmp_path / "parts", PART, 1)
    assert len(list((tmp_path / "parts").glob("part-*"))) > 3
    return tmp_path / "parts"


def joined(parts: Path, *more: str) -> int:
    return main(["join", str(parts), str(parts.parent / "joined"), *more])


@pytest.mark.parametrize("part_size", [PART, 3000, 1 << 20])
def test_wheels_of_all_kinds_come_out_bit_for_bit(tmp_path, part_size):
    wheels = folder_of(tmp_path / "wheels", **WHEELS)
    made = split(wheels, tmp_path / "parts", part_size, 2)
    names = {f"part-{number:03}" for number in range(len(made.parts))}
    assert set(contents(tmp_path / "parts")) == {"manifest.json", *names}
    join(tmp_path / "parts", tmp_path / "joined", watch=False, jobs=2)
    assert contents(tmp_path / "joined") == contents(wheels)


def test_code_for_gpus_is_unpacked_and_shared(tmp_path, monkeypatch):
    wheels = folder_of(tmp_path / "wheels", library=zip_of(("lib.so", library(), 6)))
    made = split(wheels, tmp_path / "parts", PART, 1)
    segments = [s for b in made.wheels[0].blocks for p in b.pieces for s in p.segments if s.packed]
    kinds = [segment.kind for segment in segments]
    assert kinds == [fatbins.SASS, fatbins.PTX, fatbins.SASS]
    assert made.lz4 is not None
    monkeypatch.setitem(sys.modules, "lz4.block", None)
    without = split(wheels, tmp_path / "without", PART, 1)
    assert without.lz4 is None
    assert made.tape() < without.tape() * 0.9
    join(tmp_path / "without", tmp_path / "joined", watch=False, jobs=1)
    assert contents(tmp_path / "joined") == contents(wheels)


def test_a_bundle_that_needs_lz4_says_so(tmp_path, monkeypatch, capsys):
    split(folder_of(tmp_path / "w", library=WHEELS["library"]), tmp_path / "parts", PART, 1)
    monkeypatch.setitem(sys.modules, "lz4.block", None)
    assert joined(tmp_path / "parts") == 3
    assert "pip install 'tensorflow-compat[bundle]'" in capsys.readouterr().err


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    members=st.lists(
        st.tuples(
            st.one_of(
                st.binary(max_size=3000),
                st.builds(lambda head, seed: head + text(4000, seed),
                          st.sampled_from([b"", b"\x7fELF", b"\x7fELF" + MAGIC]),
                          st.integers(0, 9)),
                st.just(library()),
            ),
            st.one_of(st.none(), st.integers(0, 9)),
        ),
        max_size=6,
    ),
    tail=st.binary(max_size=40),
    part_size=st.integers(PART, 9000),
)  # fmt: skip
def test_any_zip_comes_out_bit_for_bit(tmp_path, members, tail, part_size):
    shutil.rmtree(tmp_path)
    content = zip_of(*((str(n), content, level) for n, (content, level) in enumerate(members)))
    wheels = folder_of(tmp_path / "wheels", thing=content + tail)
    split(wheels, tmp_path / "parts", part_size, 1)
    join(tmp_path / "parts", tmp_path / "joined", watch=False, jobs=1)
    assert contents(tmp_path / "joined") == contents(wheels)


@given(st.binary(max_size=400), st.integers(0, 500))
@settings(max_examples=100, deadline=None)
def test_segments_cover_any_library_in_order(noise, at):
    content = library()
    damaged = content[:at] + noise + content[at + len(noise) // 2 :]
    image = b""
    for segment, part in fatbins.segments(damaged, lz4=True):
        assert len(part) == segment.size
        packed = fatbins.lz4_packed(bytes(part)) if segment.packed else bytes(part)
        assert len(packed) == (segment.packed or segment.size)
        image += packed
    assert image == damaged


def test_what_is_no_wheel_is_told(tmp_path):
    with pytest.raises(RunnerFailed, match=r"thing-1-py3-none-any.whl: no wheel: .*; remove it"):
        split(folder_of(tmp_path / "w", thing=b"no zip"), tmp_path / "parts", PART, 1)
    with pytest.raises(RunnerFailed, match="no wheels there"):
        split(folder_of(tmp_path / "none"), tmp_path / "parts", PART, 1)


def test_packed_wheels_are_not_packed_again(tmp_path, monkeypatch):
    wheels = folder_of(tmp_path / "wheels", large=zip_of(("a", text(9000), 6)), small=b"no zip")
    with pytest.raises(RunnerFailed):
        split(wheels, tmp_path / "parts", PART, 1)
    folder_of(wheels, small=zip_of(("a", b"small", 6)))
    looked_into = []
    real = split.__globals__["stretches"]
    monkeypatch.setitem(
        split.__globals__, "stretches", lambda path: looked_into.append(path.name) or real(path)
    )
    first = split(wheels, tmp_path / "parts", PART, 1)
    assert split(wheels, tmp_path / "parts", PART, 1) == first
    assert looked_into == ["small-1-py3-none-any.whl"]
    folder_of(wheels, small=zip_of(("a", b"other", 6)))
    split(wheels, tmp_path / "parts", 2 * PART, 1)
    assert looked_into[1:] == ["large-1-py3-none-any.whl", "small-1-py3-none-any.whl"]
    join(tmp_path / "parts", tmp_path / "joined", watch=False, jobs=1)
    assert contents(tmp_path / "joined") == contents(wheels)


def test_a_missing_part_is_named(parts, capsys):
    (parts / "part-002").unlink()
    assert joined(parts) == 3
    told = f"error: {parts / 'part-002'}: missing; copy it there, or wait for it with --watch\n"
    assert told == capsys.readouterr().err
    assert contents(parts.parent / "joined") == {}


def test_a_part_that_is_cut_short_is_named(parts, capsys):
    (parts / "part-001").write_bytes((parts / "part-001").read_bytes()[:-1])
    assert joined(parts) == 3
    assert "part-001: cut short at 1,023 of 1,024 bytes; " in capsys.readouterr().err


@pytest.mark.parametrize(
    "damage", [lambda old: old + b"x", lambda old: bytes([old[0] ^ 1]) + old[1:]]
)
def test_a_damaged_part_is_named_watched_or_not(parts, capsys, damage):
    (parts / "part-001").write_bytes(damage((parts / "part-001").read_bytes()))
    for more in ((), ("--watch",)):
        assert joined(parts, *more) == 3
        told = f"error: {parts / 'part-001'}: not what the manifest says it is; copy it again\n"
        assert capsys.readouterr().err == told


def test_what_is_joined_already_stays_and_what_is_damaged_is_made_anew(tmp_path, capsys):
    wheels = folder_of(tmp_path / "wheels", a=WHEELS["levels"], b=WHEELS["stored"])
    split(wheels, tmp_path / "parts", PART, 1)
    assert joined(tmp_path / "parts") == 0
    kept, damaged = (tmp_path / "joined" / f"{name}-1-py3-none-any.whl" for name in "ab")
    before = kept.stat().st_mtime_ns
    damaged.write_bytes(b"cut")
    assert joined(tmp_path / "parts") == 0
    assert kept.stat().st_mtime_ns == before
    assert contents(tmp_path / "joined") == contents(wheels)
    for part in (tmp_path / "parts").glob("part-*"):
        part.unlink()
    assert joined(tmp_path / "parts") == 0
    assert capsys.readouterr().out.endswith("joined: 2 wheels, 0.0 MiB, bit for bit\n")


def test_parts_are_joined_while_they_arrive(tmp_path):
    wheels = folder_of(tmp_path / "wheels", **WHEELS)
    split(wheels, tmp_path / "parts", PART, 1)
    arriving = tmp_path / "arriving"
    arriving.mkdir()
    shutil.copy(tmp_path / "parts" / "manifest.json", arriving)
    failed = []

    def wait() -> None:
        try:
            join(arriving, tmp_path / "joined", watch=True, jobs=2)
        except Exception as error:  # noqa: BLE001 - told by the test
            failed.append(error)

    waiting = threading.Thread(target=wait, daemon=True)
    waiting.start()
    for path in sorted((tmp_path / "parts").glob("part-*"), reverse=True):
        assert waiting.is_alive()
        content = path.read_bytes()
        with (arriving / path.name).open("wb") as file:
            for half in (content[: len(content) // 2], content[len(content) // 2 :]):
                file.write(half)
                file.flush()
                time.sleep(0.001)
    waiting.join(30)
    assert not waiting.is_alive()
    assert failed == []
    assert contents(tmp_path / "joined") == contents(wheels)


def changed(parts: Path, change) -> None:
    document = json.loads((parts / "manifest.json").read_bytes())
    change(document)
    (parts / "manifest.json").write_text(json.dumps(document))


def _set(*path):
    """Return a change that sets what a path of keys leads to."""
    *steps, last, value = path

    def change(document):
        for step in steps:
            document = document[step]
        document[last] = value

    return change


HOSTILE = {
    "another format": _set("format", 2),
    "a path": _set("wheels", 0, "name", "../thing-1-py3-none-any.whl"),
    "an absolute path": _set("wheels", 0, "name", "/tmp/thing.whl"),
    "a hidden file": _set("wheels", 0, "name", ".thing.whl"),
    "another kind of file": _set("wheels", 0, "name", "thing.py"),
    "a line's end": _set("wheels", 0, "name", "thing.whl\n"),
    "a name that is a number": _set("wheels", 0, "name", 7),
    "a wheel twice": lambda d: d["wheels"].append(d["wheels"][0]),
    "a size below 0": _set("wheels", 0, "size", -1),
    "a size out of reason": _set("wheels", 0, "size", 1 << 50),
    "a size that is no number": _set("wheels", 0, "size", "7"),
    "a size that is a truth": _set("wheels", 0, "blocks", 0, 0, 0, True),
    "pieces larger than the wheel": _set("wheels", 0, "blocks", 0, 1, 0, 0, 99_999),
    "a kind that there is not": _set("wheels", 0, "blocks", 0, 1, 0, 3, 0, 4),
    "a kind below 0": _set("wheels", 0, "blocks", 0, 1, 0, 3, 0, -1),
    "a stream that is missing": _set("wheels", 0, "blocks", 0, 0, 0, 0),
    "a stream too many": _set("wheels", 0, "blocks", 0, 0, 3, 5),
    "streams too many": lambda d: d["wheels"][0]["blocks"][0][0].append(0),
    "a level out of range": _set("wheels", 0, "blocks", 0, 1, 1, 1, 10),
    "a memory level out of range": _set("wheels", 0, "blocks", 0, 1, 1, 2, 0),
    "plain text as packed by LZ4": _set("wheels", 0, "blocks", 0, 1, 0, 3, 2, 7),
    "a segment too short": _set("wheels", 0, "blocks", 0, 1, 0, 3, []),
    "wheels that are no list": _set("wheels", {}),
    "parts too few": lambda d: d["parts"].pop(),
    "a part without a hash": _set("parts", 0, "x"),
    "parts of nothing": _set("part_size", 0),
    "a wheel without a hash": lambda d: d["wheels"][0].pop("sha256"),
    "nothing": lambda d: d.clear(),
}


@pytest.mark.parametrize("change", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_manifest_is_refused_before_anything_is_written(parts, capsys, change):
    changed(parts, change)
    assert joined(parts) == 3
    told = capsys.readouterr().err
    assert told.startswith(f"error: {parts / 'manifest.json'}: no manifest of a bundle (")
    assert told.endswith("); copy it again\n")
    assert len(told.splitlines()) == 1
    assert not (parts.parent / "joined").exists()


@pytest.mark.parametrize("content", [b"", b"[]", b"\xff", b"[" * 100_000, b"7", b'{"format": 1}'])
def test_what_is_no_manifest_is_told(parts, capsys, content):
    (parts / "manifest.json").write_bytes(content)
    assert joined(parts) == 3
    assert "manifest.json: no manifest of a bundle (" in capsys.readouterr().err


def test_a_folder_without_a_manifest_is_told(tmp_path, capsys):
    assert joined(tmp_path / "absent") == 3
    assert (
        "manifest.json: No such file or directory; copy it there first" in capsys.readouterr().err
    )


LIES = {
    "another hash": (_set("wheels", 0, "sha256", "0" * 64), f"{NAME}: not what the manifest"),
    "another level": (_set("wheels", 0, "blocks", 0, 1, 1, 1, 1), f"{NAME}: a piece does not come"),
    "more content than there is": (
        _set("wheels", 0, "blocks", 0, 1, 1, 3, 1, 30_000), "a stream of the bundle is damaged",
    ),
    "less content than there is": (
        _set("wheels", 0, "blocks", 0, 1, 1, 3, 1, 3), f"{NAME}: a piece does not come"),
    "another zlib": (_set("zlib", "0" * 64), "this Python's zlib packs otherwise"),
    "another lz4": (_set("lz4", "0" * 64), "this lz4 packs otherwise"),
}  # fmt: skip


@pytest.mark.parametrize(("change", "told"), LIES.values(), ids=LIES)
def test_a_manifest_that_lies_leaves_no_wheel(parts, capsys, change, told):
    changed(parts, change)
    assert joined(parts) == 3
    error = capsys.readouterr().err
    assert error.startswith(f"error: {told}")
    assert len(error.splitlines()) == 1
    assert not (parts.parent / "joined").exists() or contents(parts.parent / "joined") == {}


@pytest.mark.parametrize("size", ["50", "50MB", "0MiB", "1023KB", "1.5MiB", "999999999GiB"])
def test_a_part_size_that_is_none_is_refused(workbench, capsys, size):
    cell = ("--release", RELEASE, "--python", PYTHON, "--part-size", size, "here")
    with pytest.raises(SystemExit, match="2"):
        main(workbench.arguments("bundle", *cell))
    assert "is no size like 50MiB" in capsys.readouterr().err


def bundled(workbench, *more: str) -> int:
    cell = ("--release", RELEASE, "--python", PYTHON)
    return main(workbench.arguments("bundle", *cell, *more, str(workbench.folder / "bundle")))


def offer_all(workbench) -> None:
    workbench.offer(requires=("absl-py>=1",))
    workbench.index.add("absl-py", "2.1.0", "py3-none-any", content=wheel_of("absl-py", "2.1.0"))
    workbench.index.add("absl-py", "0.9", "py3-none-any", content=wheel_of("absl-py", "0.9"))
    workbench.index.add("pip", "0.1", "py3-none-any", content=wheel_of("pip", "0.1"))
    for path in workbench.index.files:
        workbench.index.fault(path, header("Cache-Control", "max-age=600"))


def test_a_bundle_is_carried_over_in_parts_and_run_from(workbench, capsys):
    offer_all(workbench)
    bundle = workbench.folder / "bundle"
    assert bundled(workbench, "--part-size", "1KiB", "--jobs", "1") == 0
    wheels = contents(bundle / "wheels")
    assert set(wheels) == {
        f"tensorflow-{RELEASE}-py3-none-any.whl",
        "absl_py-2.1.0-py3-none-any.whl",
        "pip-0.1-py3-none-any.whl",
    }
    assert all(content in workbench.index.files.values() for content in wheels.values())
    lines = [f"{hashlib.sha256(wheels[n]).hexdigest()}  wheels/{n}" for n in sorted(wheels)]
    assert (bundle / "SHA256SUMS").read_text().splitlines() == lines
    told = capsys.readouterr().out.splitlines()
    assert [line.partition(":")[0] for line in told] == [
        str(bundle / "wheels"),
        str(bundle / "parts"),
    ]
    joining = [sys.executable, "-m", "verify", "join", bundle / "parts", bundle / "far"]
    subprocess.run(joining, check=True, capture_output=True)
    assert contents(bundle / "far") == wheels
    workbench.index.forget()
    cell = ("--release", RELEASE, "--python", PYTHON, "--wheels", str(bundle / "far"))
    assert main(workbench.arguments("run", *cell)) == 0
    assert workbench.index.asked == []
    assert workbench.seen().proves == "runs"


def test_a_bundle_that_is_fetched_again_comes_out_of_the_cache_and_holds_nothing_else(
    workbench, certificate, monkeypatch
):
    monkeypatch.setenv("PIP_CERT", str(certificate))
    with SecureIndex(certificate) as workbench.index:
        monkeypatch.setenv("PIP_INDEX_URL", workbench.index.address)
        offer_all(workbench)
        assert bundled(workbench) == 0
        wheels = workbench.folder / "bundle" / "wheels"
        before = contents(wheels)
        folder_of(wheels, other=zip_of())
        workbench.index.forget()
        assert bundled(workbench) == 0
        assert contents(wheels) == before
        assert workbench.index.wheels_asked() == []
    assert workbench.left_over() == []


def test_a_wheel_that_cannot_be_had_leaves_the_bundle_as_it_was(workbench, capsys):
    offer_all(workbench)
    assert bundled(workbench) == 0
    before = contents(workbench.folder / "bundle" / "wheels")
    shutil.rmtree(workbench.cache)
    workbench.index.fault("/files/absl_py-2.1.0-py3-none-any.whl", status(404))
    capsys.readouterr()
    assert bundled(workbench) == 3
    told = capsys.readouterr().err
    assert told.startswith("error: pip fetched not all that the recipe installs: ")
    assert len(told.splitlines()) == 1
    assert contents(workbench.folder / "bundle" / "wheels") == before


def test_a_folder_of_wheels_that_is_no_bundles_stays(workbench, capsys):
    offer_all(workbench)
    own = folder_of(workbench.folder / "bundle" / "wheels", own=zip_of())
    assert bundled(workbench) == 3
    told = f"error: {own}: not of a bundle, and would be replaced; name another folder\n"
    assert capsys.readouterr().err == told
    assert list(contents(own)) == ["own-1-py3-none-any.whl"]


def test_without_lz4_a_bundle_says_what_it_costs(workbench, capsys, monkeypatch):
    offer_all(workbench)
    monkeypatch.setitem(sys.modules, "lz4.block", None)
    assert bundled(workbench, "--part-size", "1MiB") == 0
    assert "no lz4 here: code for GPUs is packed as it is; see --help" in capsys.readouterr().err


def test_a_python_that_is_not_here_is_told(workbench, capsys, monkeypatch):
    monkeypatch.setenv("PATH", str(workbench.folder / "nothing"))
    assert bundled(workbench) == 3
    assert f"Python {PYTHON}: bundles need it on this machine" in capsys.readouterr().err
