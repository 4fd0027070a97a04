"""Find and open the files of the knowledge base, each only when it is asked for."""

import os
import re
from collections.abc import Iterator
from typing import Any, TypeVar

from kb.base.documents import load
from kb.base.errors import DocumentError
from kb.base.files import DATA_FILES, OF_KIND
from kb.base.model import (
    AttestationsFile,
    CodeFile,
    CompanionFile,
    CompanionNotesFile,
    CudaFile,
    ElsewhereFile,
    ErrorsFile,
    EvidenceFile,
    GpusFile,
    LibrariesFile,
    LibraryPathsFile,
    OtherGpusFile,
    PinsFile,
    PluginFile,
    PluginPairsFile,
    ProblemsFile,
    ReleaseNotesFile,
    ResolutionsFile,
    RocmFile,
    SendersFile,
    SeriesFile,
    SignersFile,
    ToolsFile,
    WheelsFile,
)
from kb.base.record import Record
from kb.base.versions import is_final, key

DATA = os.path.join(os.path.dirname(os.path.dirname(__file__)), "data")

_SERIES = re.compile(r"[0-9]{1,4}\.[0-9]{1,4}")

_File = TypeVar("_File", bound=Record)


class Store:
    """The files of one data folder. Every method that opens one raises DocumentError.

    `named_by` is how whoever asks names another folder.
    """

    def __init__(self, data: str | os.PathLike[str] = DATA, named_by: str = "--data") -> None:
        self.data = os.fspath(data)
        self._named_by = named_by

    def series_names(self) -> tuple[str, ...]:
        """Return the names of all series, oldest first. Raises DocumentError where there is no
        knowledge base at all.
        """
        if not os.path.isdir(self._path("releases")):
            remedy = f"name one with {self._named_by}"
            raise DocumentError(f"{self.data}: no knowledge base here; {remedy}")
        return tuple(sorted(filter(_SERIES.fullmatch, self.names(SeriesFile)), key=key))

    def released_names(self) -> tuple[str, ...]:
        """Return the names of the series that have a release, oldest first."""
        names = self.series_names()
        # a candidate is newer than all releases: only the newest series can have nothing else
        while names and not any(is_final(r.release) for r in self.series(names[-1]).releases):
            names = names[:-1]
        return names

    def strange_files(self) -> tuple[str, ...]:
        """Return the files among the series that no series is named like."""
        strange = (name for name in self.names(SeriesFile) if not _SERIES.fullmatch(name))
        return tuple(OF_KIND[SeriesFile].path(name) for name in strange)

    def series(self, name: str) -> SeriesFile:
        """Open one series."""
        return self.open(SeriesFile, name)

    def plugin_names(self) -> tuple[str, ...]:
        """Return the names of all plug-ins."""
        return self.names(PluginFile)

    def plugin(self, name: str) -> PluginFile:
        """Open the releases of one plug-in."""
        return self.open(PluginFile, name)

    def wheels_names(self) -> tuple[str, ...]:
        """Return the names of all files of wheel texts: series and plug-ins."""
        return self.names(WheelsFile)

    def wheels(self, name: str) -> WheelsFile:
        """Open the texts that were read inside the wheels of a series or a plug-in."""
        return self.open(WheelsFile, name)

    def companion_names(self) -> tuple[str, ...]:
        """Return the names of the companions of which something is known."""
        return self.names(CompanionFile)

    def companion(self, name: str) -> CompanionFile:
        """Open the releases of a companion."""
        return self.open(CompanionFile, name)

    def companion_notes(self) -> CompanionNotesFile:
        """Open what METADATA of companions do not tell; empty where nothing is known."""
        return self.open(CompanionNotesFile)

    def code(self, name: str) -> CodeFile:
        """Open what the machine code of a series says; empty where none was read yet."""
        return self.open(CodeFile, name)

    def cuda(self) -> CudaFile:
        """Open the table of CUDA releases."""
        return self.open(CudaFile)

    def gpus(self) -> GpusFile:
        """Open the table of GPUs."""
        return self.open(GpusFile)

    def problems(self) -> ProblemsFile:
        """Open the known problems."""
        return self.open(ProblemsFile)

    def release_notes(self) -> ReleaseNotesFile:
        """Open what is told of releases that is no fault; empty where there is nothing."""
        return self.open(ReleaseNotesFile)

    def pins(self) -> PinsFile:
        """Open the pins."""
        return self.open(PinsFile)

    def errors(self) -> ErrorsFile:
        """Open the messages that are known, and what they mean; empty where there are none."""
        return self.open(ErrorsFile)

    def libraries(self) -> LibrariesFile:
        """Open the table of library files; empty where there is none."""
        return self.open(LibrariesFile)

    def library_paths(self) -> LibraryPathsFile:
        """Open what is known of releases that do not find their libraries; empty where nothing."""
        return self.open(LibraryPathsFile)

    def tools(self) -> ToolsFile:
        """Open what came of set-ups by other tools than pip; empty where none was tried."""
        return self.open(ToolsFile)

    def plugin_pairs(self) -> PluginPairsFile:
        """Open which plug-ins go with which releases; empty where nothing is known."""
        return self.open(PluginPairsFile)

    def other_gpus(self) -> OtherGpusFile:
        """Open the table of the GPUs of other makers than NVIDIA; empty where there is none."""
        return self.open(OtherGpusFile)

    def rocm(self) -> RocmFile:
        """Open what is known of tensorflow-rocm's ROCm; empty where nothing is."""
        return self.open(RocmFile)

    def elsewhere(self) -> ElsewhereFile:
        """Open what there is outside the package index; empty where nothing is known."""
        return self.open(ElsewhereFile)

    def resolutions_names(self) -> tuple[str, ...]:
        """Return the names of the series of which a resolver was asked."""
        return self.names(ResolutionsFile)

    def resolutions(self, name: str) -> ResolutionsFile:
        """Open what a resolver found for a series; empty where no one has asked one yet."""
        return self.open(ResolutionsFile, name)

    def evidence_names(self) -> tuple[str, ...]:
        """Return the names of the series of which there are runs."""
        return self.names(EvidenceFile)

    def evidence(self, name: str) -> EvidenceFile:
        """Open what runs say of a series; empty where there are none yet."""
        return self.open(EvidenceFile, name)

    def attestations(self) -> AttestationsFile:
        """Open the ledger of attested runs; empty where none is attested yet."""
        return self.open(AttestationsFile)

    def senders(self) -> SendersFile:
        """Open the ledger of who ran what; empty where nobody is known yet."""
        return self.open(SendersFile)

    def signers(self) -> SignersFile:
        """Open the keys whose signatures count; empty where there are none."""
        return self.open(SignersFile)

    def records(self) -> Iterator[tuple[str, Record]]:
        """Yield the path and the record of every YAML file there is, opened one after the other."""
        for file in DATA_FILES:
            for name in self.names(file.kind) if file.folder else ("",):
                path = self._path(file.path(name))
                if os.path.exists(path):
                    yield path, self.open(file.kind, name)

    def names(self, kind: type[Record]) -> tuple[str, ...]:
        """Return the names of the files in the folder of a kind, sorted."""
        try:
            files = os.listdir(self._path(OF_KIND[kind].folder or ""))
        except OSError:
            return ()
        return tuple(sorted(file[: -len(".yaml")] for file in files if file.endswith(".yaml")))

    def open(self, kind: type[_File], name: str = "") -> _File:
        """Open the file of a kind, by its name where it is one of a folder."""
        file = OF_KIND[kind]
        path = self._path(file.path(name))
        if file.may_be_missing and not os.path.exists(path):
            return kind(1)
        return load(path, kind)

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

    def _path(self, path: str) -> str:
        return os.path.join(self.data, *path.split("/"))


class OpenedOnce(Store):
    """A store that opens each file once, however often it is asked for."""

    def __init__(self, data: str | os.PathLike[str] = DATA) -> None:
        super().__init__(data)
        self._opened: dict[tuple[type[Record], str], Any] = {}

    def open(self, kind: type[_File], name: str = "") -> _File:
        """Return the file of a kind as it was when it was asked for first."""
        if (kind, name) not in self._opened:
            self._opened[kind, name] = super().open(kind, name)
        opened: _File = self._opened[kind, name]
        return opened
