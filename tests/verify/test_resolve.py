"""`python -m verify resolve` from end to end: a real resolver asks a local index of tiny wheels."""

from pathlib import Path

import pytest

from kb.base.errors import ResolverFailed
from kb.base.store import Store
from kb.machine import index_setting
from kb.machine.index_setting import IndexSetting
from tests.kb.small_base import CUDA_12, LINUX, NVIDIA, one_build, series_file, write_base
from tests.scraper.local_index import LocalIndex, metadata
from verify.commands.command_line import main
from verify.resolver import resolve

EXTRA = "tensorflow[and-cuda]==2.15.0"


class Index(LocalIndex):
    """A local index that also serves each wheel's METADATA, which is all that a resolver reads."""

    def offer(self, distribution: str, release: str, *lines: str) -> None:
        """List a wheel whose METADATA has these headers more."""
        path = self.add(distribution, release, **{"core-metadata": True})
        self.files[f"{path}.metadata"] = metadata(distribution, release, *lines).encode()


@pytest.fixture
def index(tmp_path, monkeypatch):
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "uv"))
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with Index() as local:
        monkeypatch.setattr(index_setting, "read", lambda: IndexSetting(local.address, None))
        yield local


def ask(index, *requirements):
    return resolve(requirements, "3.11", LINUX, index.address)


def with_cuda(index, *gone):
    """List TensorFlow 2.15.0 and what its extra requires, but for what is gone."""
    lines = [f"Requires-Dist: {one}; extra == 'and-cuda'" for one in (*NVIDIA, "tensorrt==8.6.1")]
    index.offer("tensorflow", "2.15.0", "Provides-Extra: and-cuda", *lines)
    for one in (*NVIDIA, "tensorrt==8.6.1"):
        name, _, release = one.partition("==")
        index.offer(name, "0.1" if one in gone else release)


@pytest.fixture
def base(tmp_path):
    build = one_build("tensorflow", "2.15.0", LINUX, "3.11", **CUDA_12)
    return write_base(tmp_path / "base", series_file("2.15", (build,)))


def resolutions(base):
    return [
        (one.requirements, one.resolves) for one in Store(base.data).resolutions("2.15").resolutions
    ]


def test_a_complete_set_resolves(index):
    index.offer("tensorflow", "2.15.0", "Requires-Dist: numpy<2")
    index.offer("numpy", "1.26.4")
    assert ask(index, "tensorflow==2.15.0") == (
        True,
        None,
        False,
        ("numpy==1.26.4", "tensorflow==2.15.0"),
    )


def test_a_requirement_that_nothing_meets_is_a_conflict_in_words_without_an_address(index):
    index.offer("tensorflow", "2.15.0", "Requires-Dist: numpy<2")
    index.offer("numpy", "2.1.0")
    resolves, conflict, needs_building, installs = ask(index, "tensorflow==2.15.0")
    assert (resolves, needs_building, installs) == (False, False, ())
    assert "numpy" in conflict
    assert "127.0.0.1" not in conflict
    assert conflict.isascii()
    assert conflict.isprintable()


def test_what_has_only_a_source_archive_is_not_built(index):
    index.add_sdist("tensorrt", "8.6.1")
    resolves, conflict, needs_building, _ = ask(index, "tensorrt==8.6.1")
    assert (resolves, needs_building) == (False, True)
    assert "no usable wheels" in conflict


def test_an_index_that_fails_is_no_verdict(index):
    with pytest.raises(ResolverFailed, match=r"^uv failed: .*; try again later$"):
        resolve(("tensorflow==2.15.0",), "3.11", LINUX, "http://127.0.0.1:9/simple/")


def test_an_extra_that_resolves_is_asked_for_alone(index, base):
    with_cuda(index)
    assert main(["resolve", "2.15", "--data", base.data]) == 0
    assert resolutions(base) == [((EXTRA,), True), (("tensorflow==2.15.0",), True)]


def test_where_the_extra_is_in_conflict_its_libraries_are_asked_for_one_by_one(index, base, capsys):
    with_cuda(index, "tensorrt==8.6.1")
    assert main(["resolve", "--data", base.data]) == 0
    assert resolutions(base) == [
        ((EXTRA,), False),
        (("tensorflow==2.15.0",), True),
        (("tensorflow==2.15.0", *NVIDIA), True),
    ]
    assert capsys.readouterr().out == "2.15: 3 asked, 1 in conflict\n"
    (avoided, *_) = Store(base.data).resolutions("2.15").resolutions
    assert "tensorrt==8.6.1" in avoided.conflict


def test_a_cpu_cell_that_would_need_building_gets_no_verdict(index, base):
    index.offer("tensorflow", "2.15.0", "Provides-Extra: and-cuda", "Requires-Dist: gast<0.4")
    index.add_sdist("gast", "0.2.2")
    index.add_sdist("gast", "0.3.0")
    assert main(["resolve", "2.15", "--data", base.data]) == 0
    assert ("tensorflow==2.15.0",) not in [one for one, _ in resolutions(base)]


def test_a_cpu_cell_whose_set_is_not_to_be_had_is_in_conflict(index, base):
    index.offer("tensorflow", "2.15.0", "Provides-Extra: and-cuda", "Requires-Dist: numpy<2")
    index.offer("numpy", "2.1.0")
    assert main(["resolve", "2.15", "--data", base.data]) == 0
    assert (("tensorflow==2.15.0",), False) in resolutions(base)


def test_a_verdict_that_stays_keeps_its_file_byte_for_byte(index, base):
    with_cuda(index, "tensorrt==8.6.1")
    main(["resolve", "2.15", "--data", base.data])
    path = Path(base.data) / "resolutions" / "2.15.yaml"
    text = path.read_text(encoding="utf-8")
    aged = text.replace(text.split("since: '")[1][:10], "2020-02-02")
    path.write_text(aged, encoding="utf-8")
    main(["resolve", "2.15", "--data", base.data])
    assert path.read_text(encoding="utf-8") == aged


def test_what_is_installed_of_nvidia_is_kept_with_its_day(index, base, monkeypatch):
    def found():
        return {
            one.requirements: (one.since, one.installs_since, one.installs)
            for one in Store(base.data).resolutions("2.15").resolutions
        }

    with_cuda(index)
    main(["resolve", "2.15", "--data", base.data])
    since, installs_since, installs = found()[(EXTRA,)]
    assert installs_since == since
    assert set(installs) == {*NVIDIA, "tensorrt==8.6.1"}
    assert found()[("tensorflow==2.15.0",)][1:] == (None, ())
    path = Path(base.data) / "resolutions" / "2.15.yaml"
    aged = path.read_text(encoding="utf-8").replace(since, "2020-02-02")
    path.write_text(aged.replace(f"- {NVIDIA[0]}", f"- {NVIDIA[0]}.1"), encoding="utf-8")
    main(["resolve", "2.15", "--data", base.data])
    assert found()[(EXTRA,)] == ("2020-02-02", since, installs)


def test_a_failure_in_the_middle_writes_nothing(index, base, capsys):
    index.fault("/simple/tensorflow/", lambda reply, whole: reply._replace(status=500))
    assert main(["resolve", "2.15", "--data", base.data]) == 3
    assert resolutions(base) == []
    error = capsys.readouterr().err.splitlines()[-1]
    assert error.startswith("error: uv failed: ")
    assert "127.0.0.1" not in error


def test_a_series_that_is_not_there_is_wrong_usage(index, base, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["resolve", "9.9", "--data", base.data])
    assert ended.value.code == 2
    assert "no series '9.9'" in capsys.readouterr().err
