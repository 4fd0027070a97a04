"""Find and open the files of the knowledge base, each only when it is asked for."""

from pathlib import Path

from kb.documents import load
from kb.model import (
    CudaFile,
    GpusFile,
    PinsFile,
    PluginFile,
    ProblemsFile,
    ResolutionsFile,
    SeriesFile,
    WheelsFile,
)
from kb.versions import key

DATA = Path(__file__).parent / "data"


class Store:
    """The files of one data folder. Every method that opens one raises DocumentError."""

    def __init__(self, data: Path = DATA) -> None:
        self.data = data

    def series_names(self) -> tuple[str, ...]:
        """Return the names of all series, oldest first."""
        return tuple(sorted((path.stem for path in self._files("releases")), key=key))

    def series(self, name: str) -> SeriesFile:
        """Open one series."""
        return load(self.data / "releases" / f"{name}.yaml", SeriesFile)

    def plugin_names(self) -> tuple[str, ...]:
        """Return the names of all plug-ins."""
        return tuple(path.stem for path in self._files("plugins"))

    def plugin(self, name: str) -> PluginFile:
        """Open the releases of one plug-in."""
        return load(self.data / "plugins" / f"{name}.yaml", PluginFile)

    def wheels_names(self) -> tuple[str, ...]:
        """Return the names of all files of wheel texts: series and plug-ins."""
        return tuple(path.stem for path in self._files("wheels"))

    def wheels(self, name: str) -> WheelsFile:
        """Open the texts that were read inside the wheels of a series or a plug-in."""
        return load(self.data / "wheels" / f"{name}.yaml", WheelsFile)

    def cuda(self) -> CudaFile:
        """Open the table of CUDA releases."""
        return load(self.data / "cuda.yaml", CudaFile)

    def gpus(self) -> GpusFile:
        """Open the table of GPUs."""
        return load(self.data / "gpus.yaml", GpusFile)

    def problems(self) -> ProblemsFile:
        """Open the known problems."""
        return load(self.data / "problems.yaml", ProblemsFile)

    def pins(self) -> PinsFile:
        """Open the pins."""
        return load(self.data / "pins.yaml", PinsFile)

    def resolutions(self) -> ResolutionsFile:
        """Open what a resolver found; empty where no one has asked one yet."""
        path = self.data / "resolutions.yaml"
        return load(path, ResolutionsFile) if path.exists() else ResolutionsFile(1)

    def _files(self, folder: str) -> list[Path]:
        return sorted((self.data / folder).glob("*.yaml"))
