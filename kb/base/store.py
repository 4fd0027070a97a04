"""Find and open the files of the knowledge base, each only when it is asked for."""

import os
import re
from collections.abc import Iterator

from kb.base.documents import load
from kb.base.errors import DocumentError
from kb.base.model import (
    AttestationsFile,
    CudaFile,
    ErrorsFile,
    EvidenceFile,
    GpusFile,
    LibrariesFile,
    LibraryPathsFile,
    PinsFile,
    PluginFile,
    PluginPairsFile,
    ProblemsFile,
    ResolutionsFile,
    SeriesFile,
    ToolsFile,
    WheelsFile,
)
from kb.base.versions import key

DATA = os.path.join(os.path.dirname(os.path.dirname(__file__)), "data")


_SERIES = re.compile(r"[0-9]{1,4}\.[0-9]{1,4}")


class Store:
    """The files of one data folder. Every method that opens one raises DocumentError."""

    def __init__(self, data: str | os.PathLike[str] = DATA) -> None:
        self.data = os.fspath(data)

    def series_names(self) -> tuple[str, ...]:
        """Return the names of all series, oldest first. Raises DocumentError where there is no
        knowledge base at all.
        """
        if not os.path.isdir(self._path("releases")):
            raise DocumentError(f"{self.data}: no knowledge base here; name one with --data")
        return tuple(sorted(filter(_SERIES.fullmatch, self._names("releases")), key=key))

    def strange_files(self) -> tuple[str, ...]:
        """Return the files among the series that no series is named like."""
        names = self._names("releases")
        return tuple(f"releases/{name}.yaml" for name in names if not _SERIES.fullmatch(name))

    def series(self, name: str) -> SeriesFile:
        """Open one series."""
        return load(self._path("releases", f"{name}.yaml"), SeriesFile)

    def plugin_names(self) -> tuple[str, ...]:
        """Return the names of all plug-ins."""
        return tuple(self._names("plugins"))

    def plugin(self, name: str) -> PluginFile:
        """Open the releases of one plug-in."""
        return load(self._path("plugins", f"{name}.yaml"), PluginFile)

    def wheels_names(self) -> tuple[str, ...]:
        """Return the names of all files of wheel texts: series and plug-ins."""
        return tuple(self._names("wheels"))

    def wheels(self, name: str) -> WheelsFile:
        """Open the texts that were read inside the wheels of a series or a plug-in."""
        return load(self._path("wheels", f"{name}.yaml"), WheelsFile)

    def cuda(self) -> CudaFile:
        """Open the table of CUDA releases."""
        return load(self._path("cuda.yaml"), CudaFile)

    def gpus(self) -> GpusFile:
        """Open the table of GPUs."""
        return load(self._path("gpus.yaml"), GpusFile)

    def problems(self) -> ProblemsFile:
        """Open the known problems."""
        return load(self._path("problems.yaml"), ProblemsFile)

    def pins(self) -> PinsFile:
        """Open the pins."""
        return load(self._path("pins.yaml"), PinsFile)

    def errors(self) -> ErrorsFile:
        """Open the messages that are known, and what they mean; empty where there are none."""
        path = self._path("errors.yaml")
        return load(path, ErrorsFile) if os.path.exists(path) else ErrorsFile(1)

    def libraries(self) -> LibrariesFile:
        """Open the table of library files; empty where there is none."""
        path = self._path("libraries.yaml")
        return load(path, LibrariesFile) if os.path.exists(path) else LibrariesFile(1)

    def library_paths(self) -> LibraryPathsFile:
        """Open what is known of releases that do not find their libraries; empty where nothing."""
        path = self._path("library_paths.yaml")
        return load(path, LibraryPathsFile) if os.path.exists(path) else LibraryPathsFile(1)

    def tools(self) -> ToolsFile:
        """Open what came of set-ups by other tools than pip; empty where none was tried."""
        path = self._path("tools.yaml")
        return load(path, ToolsFile) if os.path.exists(path) else ToolsFile(1)

    def plugin_pairs(self) -> PluginPairsFile:
        """Open which plug-ins go with which releases; empty where nothing is known."""
        path = self._path("plugin_pairs.yaml")
        return load(path, PluginPairsFile) if os.path.exists(path) else PluginPairsFile(1)

    def resolutions_names(self) -> tuple[str, ...]:
        """Return the names of the series of which a resolver was asked."""
        return tuple(self._names("resolutions"))

    def resolutions(self, name: str) -> ResolutionsFile:
        """Open what a resolver found for a series; empty where no one has asked one yet."""
        path = self._path("resolutions", f"{name}.yaml")
        return load(path, ResolutionsFile) if os.path.exists(path) else ResolutionsFile(1)

    def evidence_names(self) -> tuple[str, ...]:
        """Return the names of the series of which there are runs."""
        return tuple(self._names("evidence"))

    def evidence(self, name: str) -> EvidenceFile:
        """Open what runs say of a series; empty where there are none yet."""
        path = self._path("evidence", f"{name}.yaml")
        return load(path, EvidenceFile) if os.path.exists(path) else EvidenceFile(1)

    def attestations(self) -> AttestationsFile:
        """Open the ledger of attested runs; empty where none is attested yet."""
        path = self._path("attestations.yaml")
        return load(path, AttestationsFile) if os.path.exists(path) else AttestationsFile(1)

    def records(self) -> Iterator[tuple[str, object]]:
        """Yield the path and the record of every YAML file there is, opened one after the other."""
        for folder, open_file in (
            ("releases", self.series),
            ("plugins", self.plugin),
            ("wheels", self.wheels),
            ("resolutions", self.resolutions),
            ("evidence", self.evidence),
        ):
            for name in self._names(folder):
                yield self._path(folder, f"{name}.yaml"), open_file(name)
        for name, open_table in (
            ("cuda", self.cuda),
            ("gpus", self.gpus),
            ("problems", self.problems),
            ("pins", self.pins),
            ("errors", self.errors),
            ("libraries", self.libraries),
            ("library_paths", self.library_paths),
            ("tools", self.tools),
            ("plugin_pairs", self.plugin_pairs),
            ("attestations", self.attestations),
        ):
            path = self._path(f"{name}.yaml")
            if os.path.exists(path):
                yield path, open_table()

    def index_path(self) -> str:
        """Return where the index is."""
        return self._path("index.json")

    def index_text(self) -> str:
        """Return the text of the index, which `python -m kb index` writes."""
        path = self.index_path()
        try:
            with open(path, encoding="utf-8") as file:
                return file.read()
        except (OSError, UnicodeDecodeError) as error:
            why = getattr(error, "strerror", None) or "not UTF-8"
            raise DocumentError(f"{path}: {why}; run `python -m kb index`") from None

    def _path(self, *parts: str) -> str:
        return os.path.join(self.data, *parts)

    def _names(self, folder: str) -> list[str]:
        try:
            files = os.listdir(self._path(folder))
        except OSError:
            return []
        return sorted(file[: -len(".yaml")] for file in files if file.endswith(".yaml"))
