"""The files of the knowledge base: how each is named, what it holds, who writes it."""

from typing import Literal

from kb.base import model
from kb.base.record import Record

Writer = Literal[
    "scraper", "verify", "verify merge", "verify tools", "verify attest", "verify senders", "people"
]


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
    DataFile(
        name="series", pattern="releases/<series>.yaml", kind=model.SeriesFile, writer="scraper"
    ),
    DataFile(
        name="plugins",
        pattern="plugins/<distribution>.yaml",
        kind=model.PluginFile,
        writer="scraper",
    ),
    DataFile(
        name="wheels",
        pattern="wheels/<series or plug-in>.yaml",
        kind=model.WheelsFile,
        writer="scraper",
    ),
    DataFile(
        name="companions",
        pattern="companions/<name>.yaml",
        kind=model.CompanionFile,
        writer="scraper",
    ),
    DataFile(
        name="companion_notes",
        pattern="companion_notes.yaml",
        kind=model.CompanionNotesFile,
        writer="people",
        may_be_missing=True,
    ),
    DataFile(
        name="code",
        pattern="code/<series>.yaml",
        kind=model.CodeFile,
        writer="scraper",
        may_be_missing=True,
    ),
    DataFile(
        name="resolutions",
        pattern="resolutions/<series>.yaml",
        kind=model.ResolutionsFile,
        writer="verify",
        may_be_missing=True,
    ),
    DataFile(
        name="evidence",
        pattern="evidence/<series>.yaml",
        kind=model.EvidenceFile,
        writer="verify merge",
        may_be_missing=True,
    ),
    DataFile(name="cuda", pattern="cuda.yaml", kind=model.CudaFile, writer="people"),
    DataFile(name="gpus", pattern="gpus.yaml", kind=model.GpusFile, writer="people"),
    DataFile(name="problems", pattern="problems.yaml", kind=model.ProblemsFile, writer="people"),
    DataFile(
        name="release_notes",
        pattern="release_notes.yaml",
        kind=model.ReleaseNotesFile,
        writer="people",
        may_be_missing=True,
    ),
    DataFile(name="pins", pattern="pins.yaml", kind=model.PinsFile, writer="people"),
    DataFile(
        name="library_paths",
        pattern="library_paths.yaml",
        kind=model.LibraryPathsFile,
        writer="people",
        may_be_missing=True,
    ),
    DataFile(
        name="tools",
        pattern="tools.yaml",
        kind=model.ToolsFile,
        writer="verify tools",
        may_be_missing=True,
    ),
    DataFile(
        name="errors",
        pattern="errors.yaml",
        kind=model.ErrorsFile,
        writer="people",
        may_be_missing=True,
    ),
    DataFile(
        name="libraries",
        pattern="libraries.yaml",
        kind=model.LibrariesFile,
        writer="people",
        may_be_missing=True,
    ),
    DataFile(
        name="plugin_pairs",
        pattern="plugin_pairs.yaml",
        kind=model.PluginPairsFile,
        writer="people",
        may_be_missing=True,
    ),
    DataFile(
        name="other_gpus",
        pattern="other_gpus.yaml",
        kind=model.OtherGpusFile,
        writer="people",
        may_be_missing=True,
    ),
    DataFile(
        name="rocm",
        pattern="rocm.yaml",
        kind=model.RocmFile,
        writer="people",
        may_be_missing=True,
    ),
    DataFile(
        name="elsewhere",
        pattern="elsewhere.yaml",
        kind=model.ElsewhereFile,
        writer="people",
        may_be_missing=True,
    ),
    DataFile(
        name="attestations",
        pattern="attestations.yaml",
        kind=model.AttestationsFile,
        writer="verify attest",
        may_be_missing=True,
    ),
    DataFile(
        name="senders",
        pattern="senders.yaml",
        kind=model.SendersFile,
        writer="verify senders",
        may_be_missing=True,
    ),
    DataFile(
        name="signers",
        pattern="signers.yaml",
        kind=model.SignersFile,
        writer="people",
        may_be_missing=True,
    ),
)
OF_KIND: dict[type[Record], DataFile] = {file.kind: file for file in DATA_FILES}
