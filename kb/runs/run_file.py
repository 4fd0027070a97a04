"""The file of a run: what one runner saw when it carried out a recipe. Never changed once written.

It is JSON, which the reader of the knowledge base takes as the YAML that it is: sizes, depth and
patterns are bounded before anything looks at it.
"""

import json
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Literal

from packaging.utils import canonicalize_name

from kb.base.documents import parse
from kb.base.model import (
    Capability,
    Device,
    Distribution,
    Dotted,
    File,
    Format,
    Line,
    Moment,
    Outcome,
    Platform,
    Proves,
    Python,
    RecipeId,
    Sha256,
    Version,
)
from kb.base.record import Record
from kb.base.versions import series
from kb.base.writing import plain
from kb.cells.recipes import CellKey

MAX_BYTES = 512 * 1024
TAIL = 2000
Tail = Annotated[str, rf"(?![\s\S]*<[A-Za-z/!?])[\n\x20-\x7e]{{0,{TAIL}}}"]
Commands = Annotated[str, r"[\n\x20-\x7e]{1,20000}"]
Package = Annotated[str, r"[A-Za-z0-9][A-Za-z0-9._-]{0,100}==[A-Za-z0-9][A-Za-z0-9.!+_-]{0,60}"]
Word = Annotated[str, r"[A-Za-z0-9][A-Za-z0-9 ._:+/-]{0,100}"]
Hardware = Annotated[str, r"[A-Za-z0-9][A-Za-z0-9 ()@.,/+:_-]{0,120}"]
Flag = Annotated[str, r"[a-z0-9_]{1,20}"]
Float32 = Annotated[str, r"[0-9a-f]{8}"]
DeviceName = Annotated[str, r"/[A-Z_]{1,20}:[0-9]{1,3}"]
CheckOutcome = Literal["ok", "not-offered", "wrong-result", "error", "crash", "timeout"]


class StepSeen(Record):
    """One step of the recipe as it was carried out; `output` is the tail of what it printed."""

    name: Annotated[str, r"[a-z][a-z0-9-]{1,30}"]
    commands: Commands
    outcome: Outcome
    seconds: float
    output: Tail

    @property
    def is_check(self) -> bool:
        """Whether it is one of the recipe's own checks, and not of its set-up."""
        return self.name.startswith("check-")


class CheckSeen(Record):
    """One check of the probe: what came out, and the device that computed it."""

    name: Annotated[str, r"[a-z][a-z0-9-]{1,30}"]
    outcome: CheckOutcome
    seconds: float
    device: DeviceName | None = None
    signal: int | None = None
    error: Tail | None = None
    loaded: tuple[Word, ...] = ()


class GpuSeen(Record):
    """A GPU as nvidia-smi or TensorFlow names it; memory in MiB."""

    name: Hardware | None
    compute_capability: Capability | None
    memory_mib: int | None = None


class Runner(Record):
    """The machine: nothing of it that would name its owner."""

    system: Word
    machine: Word
    glibc: Dotted | None
    cpu: Hardware | None
    flags: tuple[Flag, ...]
    wsl2: bool
    driver: Dotted | None
    gpus: tuple[GpuSeen, ...]


class Built(Record):
    """What TensorFlow says that it was built with."""

    is_cuda_build: bool | None = None
    cuda_version: Word | None = None
    cudnn_version: Word | None = None
    cuda_compute_capabilities: tuple[Word, ...] = ()


class Seen(Record):
    """The versions that the probe met, and the GPUs that TensorFlow lists."""

    python: Word | None = None
    tensorflow: Word | None = None
    git_version: Word | None = None
    numpy: Word | None = None
    keras: Word | None = None
    protobuf: Word | None = None
    built: Built | None = None
    gpus: tuple[GpuSeen, ...] = ()


class ChallengeAnswer(Record):
    """What came out of a run's challenge, for which its day and its cell determine the numbers.

    `product32` and `product64` are digests of products of whole numbers, exact in float32 and
    float64. `own` and `common` are float32 numbers to the last bit: of the run's own fractions, and
    of some that are the same for all runs, by which two machines can be compared.
    """

    product32: Sha256
    product64: Sha256
    own: tuple[Float32, ...]
    common: tuple[Float32, ...]


class WheelUsed(Record):
    """The wheel of TensorFlow that was installed."""

    file: File
    sha256: Sha256


class Run(Record):
    """A run. `outcome`, `proves` and `why` follow from the rest by `kb.runs.judge`."""

    format: Format
    distribution: Distribution
    release: Version
    platform: Platform
    python: Python
    device: Device
    recipe: RecipeId
    started: Moment
    seconds: float
    outcome: Outcome
    proves: Proves | None
    why: Line | None
    steps: tuple[StepSeen, ...]
    checks: tuple[CheckSeen, ...]
    wheel: WheelUsed | None
    packages: tuple[Package, ...]
    runner: Runner
    seen: Seen
    challenge: ChallengeAnswer | None = None

    def cell(self) -> CellKey:
        """Return the cell that was set up."""
        return CellKey(
            distribution=self.distribution,
            release=self.release,
            platform=self.platform,
            python=self.python,
            device=self.device,
        )

    def versions(self) -> dict[str, str]:
        """Return the version of each package that was installed, by its canonical name."""
        named = (package.partition("==") for package in self.packages)
        return {canonicalize_name(name): version for name, _, version in named}


def read(raw: bytes, name: str) -> Run:
    """Read a run from the bytes of its file. Raises DocumentError."""
    return parse(raw, Run, name)


def text(run: Run) -> str:
    """Return what stands in the file of a run."""
    return json.dumps(plain(run), indent=1, ensure_ascii=False) + "\n"


def run_id(run: Run, raw: bytes) -> str:
    """Return the id of a run: its day, and the start of the hash of its file's bytes."""
    return f"{run.started[:10]}-{sha256(raw).hexdigest()[:12]}"


def cell_name(cell: CellKey) -> str:
    """Return the folder of a cell's runs."""
    return f"{cell.distribution}-{cell.release}-{cell.platform}-py{cell.python}-{cell.device}"


def place(run: Run, raw: bytes) -> Path:
    """Return where the file of a run belongs, below the folder of all runs."""
    return Path(series(run.release)) / cell_name(run.cell()) / f"{run_id(run, raw)}.json"
