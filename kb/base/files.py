"""The files of the knowledge base: how each is named, what it holds, who writes it."""

from typing import Literal

from kb.base import model
from kb.base.record import Record

Writer = Literal["scraper", "verify", "verify merge", "verify tools", "verify attest", "people"]


class DataFile(Record):
    """A file, or a folder of files that are named alike.

    `name` is what exports call it; in `pattern`, words in angle brackets stand for the name that
    each file of a folder has. One that may be missing holds nothing then.
    """

    name: str
    pattern: str
    kind: type[Record]
    writer: Writer
    may_be_missing: bool = False

    @property
    def folder(self) -> str | None:
        """The folder, or None for a single file."""
        folder, is_named, _ = self.pattern.partition("/<")
        return folder if is_named else None

    def path(self, name: str) -> str:
        """Return the path of the file in the data folder; a single file has an empty name."""
        return f"{self.folder}/{name}.yaml" if self.folder else self.pattern


DATA_FILES: tuple[DataFile, ...] = (
    DataFile("series", "releases/<series>.yaml", model.SeriesFile, "scraper"),
    DataFile("plugins", "plugins/<distribution>.yaml", model.PluginFile, "scraper"),
    DataFile("wheels", "wheels/<series or plug-in>.yaml", model.WheelsFile, "scraper"),
    DataFile("resolutions", "resolutions/<series>.yaml", model.ResolutionsFile, "verify", True),
    DataFile("evidence", "evidence/<series>.yaml", model.EvidenceFile, "verify merge", True),
    DataFile("cuda", "cuda.yaml", model.CudaFile, "people"),
    DataFile("gpus", "gpus.yaml", model.GpusFile, "people"),
    DataFile("problems", "problems.yaml", model.ProblemsFile, "people"),
    DataFile("pins", "pins.yaml", model.PinsFile, "people"),
    DataFile("library_paths", "library_paths.yaml", model.LibraryPathsFile, "people", True),
    DataFile("tools", "tools.yaml", model.ToolsFile, "verify tools", True),
    DataFile("errors", "errors.yaml", model.ErrorsFile, "people", True),
    DataFile("libraries", "libraries.yaml", model.LibrariesFile, "people", True),
    DataFile("plugin_pairs", "plugin_pairs.yaml", model.PluginPairsFile, "people", True),
    DataFile("attestations", "attestations.yaml", model.AttestationsFile, "verify attest", True),
)
OF_KIND: dict[type[Record], DataFile] = {file.kind: file for file in DATA_FILES}
