"""What a test of the scraper works with: a local index, a snapshot, a data folder, and its runs."""

import datetime as dt
import re
from pathlib import Path
from typing import NamedTuple

import pytest

import scraper.command_line as command
from kb.base.documents import load
from kb.base.model import OfficialRow, PluginFile, Release, SeriesFile, WheelsFile
from scraper.sources import SOURCES
from tests.scraper import official_tables
from tests.scraper.local_index import CUDA_BUILD, LINUX, LocalIndex
from tests.scraper.official_tables import Tables

FIRST_DAY = "2026-01-02"
_PROGRESS = re.compile(r"(index|wheels|METADATA): \d+ of \d+")
_STATE = re.compile(rf"({'|'.join(SOURCES)}) +((?:new|nothing new|failed|not asked)(?:: .*)?)")


class Run(NamedTuple):
    """How one scrape ended: its status, standard output without the states of the sources,
    standard error without progress, and the states by their sources.
    """

    status: int
    out: str
    error: str
    states: dict[str, str]


class Workbench:
    """Runs the scraper as its command line does, on a local index and a snapshot."""

    def __init__(
        self,
        index: LocalIndex,
        folder: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        self.index = index
        self.folder = folder
        self.data = folder / "data"
        self.snapshot = folder / "snapshot"
        self.tables: Tables = official_tables.small()
        self._monkeypatch = monkeypatch
        self._capsys = capsys
        self.sources: tuple[str, ...] = ()
        self.data.mkdir()

    def scrape(self, *arguments: str, day: str = FIRST_DAY) -> Run:
        """Run `python -m scraper` with these arguments on a given day, the tables from here."""
        official_tables.write_snapshot(self.snapshot, self.tables)
        options = ("--from", str(self.snapshot), *arguments)
        return self.scrape_live(*self.sources, *options, day=day)

    def scrape_live(self, *arguments: str, day: str = FIRST_DAY) -> Run:
        """Run it without a snapshot."""
        self._monkeypatch.setattr(command, "datetime", _clock(day))
        self._capsys.readouterr()
        status = command.main(["--data", str(self.data), *arguments])
        out, err = self._capsys.readouterr()
        lines = [line for line in err.splitlines() if not _PROGRESS.fullmatch(line)]
        told = {line: _STATE.fullmatch(line) for line in out.splitlines()}
        return Run(
            status=status,
            out="".join(f"{line}\n" for line, state in told.items() if state is None),
            error="\n".join(lines),
            states={state[1]: state[2] for state in told.values() if state is not None},
        )

    def refused(self, *arguments: str) -> str:
        """Run it, see one source fail with status 3 and one line, and nothing written; return the
        line.
        """
        return self.must_refuse(self.scrape, *arguments)

    def must_refuse(self, scrape, *arguments: str) -> str:
        """Do the same with any way to run it."""
        before = self.contents()
        run = scrape(*arguments)
        assert run.error.startswith("error: ")
        assert len(run.error.splitlines()) == 1
        assert run.status == 3
        if run.out:
            assert f"failed: {run.error.removeprefix('error: ')}" in run.states.values()
        assert self.contents() == before
        return run.error.removeprefix("error: ")

    def contents(self) -> dict[str, bytes]:
        """Return every file of the knowledge base by its path."""
        return {
            str(path.relative_to(self.data)): path.read_bytes()
            for path in sorted(self.data.rglob("*"))
            if path.is_file()
        }

    def restore(self, contents: dict[str, bytes]) -> None:
        """Write files of a knowledge base."""
        for name, content in contents.items():
            path = self.data / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)

    def series(self, name: str) -> SeriesFile:
        """Return the file of a series."""
        return load(self.data / "releases" / f"{name}.yaml", SeriesFile)

    def plugin(self, name: str) -> PluginFile:
        """Return the file of a plug-in."""
        return load(self.data / "plugins" / f"{name}.yaml", PluginFile)

    def wheels(self, name: str) -> WheelsFile:
        """Return the texts of the wheels of a series or plug-in."""
        return load(self.data / "wheels" / f"{name}.yaml", WheelsFile)

    def rows(self) -> list[OfficialRow]:
        """Return every official row."""
        files = (self.data / "releases").glob("*.yaml")
        return [row for path in sorted(files) for row in load(path, SeriesFile).official]

    def release(self, distribution: str, release: str) -> Release:
        """Return one release of the knowledge base."""
        file = self.series(".".join(release.split(".")[:2]))
        (found,) = (
            one
            for one in file.releases
            if (one.distribution, one.release) == (distribution, release)
        )
        return found

    def all_releases(self) -> list[str]:
        """Return every release by its distribution and version."""
        series = [load(path, SeriesFile) for path in sorted(self.data.glob("releases/*.yaml"))]
        plugins = [load(path, PluginFile) for path in sorted(self.data.glob("plugins/*.yaml"))]
        releases = [release for file in (*series, *plugins) for release in file.releases]
        return sorted(f"{one.distribution} {one.release}" for one in releases)


def stock(index: LocalIndex) -> None:
    """List every distribution that a scrape asks for, each with little."""
    index.add("tensorflow", "2.15.0", f"cp310-cp310-{LINUX}", build_info=CUDA_BUILD)
    index.add(
        "tensorflow",
        "2.15.0",
        f"cp311-cp311-{LINUX}",
        build_info=CUDA_BUILD,
        requires=["numpy (>=1.23.5)", "nvidia-cudnn-cu12 (==8.9.4.25) ; extra == 'and-cuda'"],
    )
    index.add(
        "tensorflow",
        "2.15.0",
        "cp311-cp311-win_amd64",
        build_info=None,
        requires=["tensorflow-intel (==2.15.0) ; platform_system == 'Windows'"],
    )
    index.add("tensorflow-gpu", "2.10.0", "cp310-cp310-win_amd64", day="2022-09-06")
    index.add("tensorflow-cpu", "2.15.0")
    index.add("tensorflow-intel", "2.15.0", "cp311-cp311-win_amd64")
    index.add("tensorflow-macos", "2.15.0", "cp311-cp311-macosx_12_0_arm64")
    index.add("tensorflow-aarch64", "2.15.0", "cp311-cp311-manylinux_2_17_aarch64")
    index.add("tensorflow-cpu-aws", "2.15.0", "cp311-cp311-manylinux_2_17_aarch64")
    index.add("tensorflow-rocm", "2.14.0.600")
    index.add("tensorflow-directml", "1.15.8", "cp37-cp37m-win_amd64", day="2022-10-12")
    index.add("tf-nightly", "2.22.0.dev20260101", "cp313-cp313-manylinux_2_27_x86_64")
    index.add("tensorflow-metal", "1.1.0", "cp311-cp311-macosx_12_0_arm64", build_info=None)
    index.add("tensorflow-directml-plugin", "0.4.0.dev230202", "cp310-cp310-win_amd64")
    index.add("intel-extension-for-tensorflow", "2.15.0.1", build_info=None)
    index.listed["tensorflow"].sort(key=lambda entry: entry["filename"], reverse=True)


def _clock(day: str) -> type[dt.datetime]:
    class Clock(dt.datetime):
        @classmethod
        def now(cls, tz: dt.tzinfo | None = None) -> dt.datetime:
            return dt.datetime.fromisoformat(f"{day}T12:00:00").replace(tzinfo=tz)

    return Clock
