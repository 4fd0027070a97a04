"""A machine for runs in a folder: a package index on loopback with tiny wheels, a Python that makes
environments fast, a knowledge base, and a stand-in for TensorFlow.

The stand-in only multiplies: nothing here is a result of TensorFlow's.
"""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kb.base.model import CellRun, EvidenceFile, SeriesFile
from kb.base.store import Store
from kb.base.writing import dump
from kb.cells.cells import Cell
from kb.cells.recipe_id import recipe_id
from kb.cells.recipes import CellKey
from kb.machine.glance import detect
from kb.runs import folder as runs_folder
from kb.runs import run_file
from kb.runs.run_file import Run
from tests.kb.small_base import CPU, CUDA_12, one_build, series_file, write_base
from tests.scraper.local_index import LocalIndex, metadata, zipped
from verify.commands.command_line import main
from verify.plan import find
from verify.runner import run

PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
PLATFORM = detect().platform
RELEASE = "2.15.1"
_GRACE_S = 5.0
_NETWORK_SETTINGS = ("_PROXY", "_CERT_FILE", "_CERT_DIR", "_CA_BUNDLE")

_TENSORFLOW = """
import contextlib, math, os, signal, sys, time
{on_import}
__version__ = "{release}"

def __getattr__(name):
    # what a stand-in has not is not offered, which the probe has a word for
    raise getattr(sys.modules["__main__"], "NotOffered", AttributeError)(name)

class test:
    is_built_with_cuda = staticmethod(lambda: False)

def listed(kind):
    return ["gpu"] * {gpus} if kind == "GPU" else []

class config:
    list_physical_devices = list_logical_devices = staticmethod(listed)
    class experimental:
        get_device_details = staticmethod(
            lambda gpu: {{"device_name": "Stand-in", "compute_capability": (8, 6)}})
        set_memory_growth = staticmethod(lambda gpu, on: None)

class errors:
    OpError = OSError

@contextlib.contextmanager
def device(name):
    yield

class Tensor:
    device = "/job:localhost/replica:0/task:0/device:{computed_by}"
    def __init__(self, rows, kind=None):
        self.rows = rows
    def numpy(self):
        return self
    def tolist(self):
        return self.rows

float32, float64 = "float32", "float64"
constant = Tensor

def exp(a):
    return Tensor([math.exp(value) for value in a.rows])

def matmul(a, b):
    {matmul}
    columns = list(zip(*b.rows))
    return Tensor([[sum(x * y for x, y in zip(row, c)) for c in columns] for row in a.rows])
"""
_NUMPY = 'import sys\nraise getattr(sys.modules["__main__"], "NotOffered", ImportError)("numpy")\n'
_ENVIRONMENT_MAKER = """\
#!/bin/sh
# Copies an environment that was made once, for making one takes seconds.
if [ "$1 $2" != "-m venv" ]; then exec "{python}" "$@"; fi
cp -al "{made}" "$3" 2>/dev/null || cp -a "{made}/." "$3" || exit 1
rm "$3/bin/activate"
sed "s|{made}|$PWD/$3|" "{made}/bin/activate" > "$3/bin/activate"
"""


def program(path: Path, text: str) -> Path:
    """Write a program for the shell and return its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)
    return path


def tensorflow_wheel(
    release: str = RELEASE,
    on_import: str = "",
    matmul: str = "pass",
    computed_by: str = "CPU:0",
    gpus: int = 0,
    members: tuple[tuple[str, bytes | str], ...] = (),
    requires: tuple[str, ...] = (),
) -> bytes:
    """Return a wheel of the stand-in; `on_import` and `matmul` are lines that go wrong."""
    text = _TENSORFLOW.format(
        release=release, on_import=on_import, matmul=matmul, computed_by=computed_by, gpus=gpus
    )
    files = (("tensorflow/__init__.py", text), ("numpy.py", _NUMPY), *members)
    return wheel_of("tensorflow", release, files, requires)


def wheel_of(
    distribution: str,
    release: str,
    files: tuple[tuple[str, bytes | str], ...] = (),
    requires: tuple[str, ...] = (),
) -> bytes:
    """Return a wheel that pip installs."""
    info = f"{distribution.replace('-', '_')}-{release}.dist-info"
    head = ["Metadata-Version: 2.1", f"Name: {distribution}", f"Version: {release}"]
    head += [f"Requires-Dist: {one}" for one in requires]
    tags = "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    whole = (*files, (f"{info}/METADATA", "\n".join(head) + "\n"), (f"{info}/WHEEL", tags))
    record = "".join(f"{name},,\n" for name, _ in (*whole, (f"{info}/RECORD", "")))
    return zipped((*whole, (f"{info}/RECORD", record)))


def cell_key(release: str = RELEASE, device: str = "cpu", python: str = PYTHON) -> CellKey:
    """Return a cell of the distribution `tensorflow` on this platform."""
    return CellKey(
        distribution="tensorflow", release=release, platform=PLATFORM, python=python, device=device
    )


def seen_run(cell: Cell, day: str, outcome: str = "ok", **fields: object) -> CellRun:
    """Return what a run of a cell's recipe says of it, as evidence has it."""
    usual = {"recipe": recipe_id(cell.recipe), "trust": "self-reported"}
    return CellRun(
        run=f"{day}-{len(outcome):012x}",
        at=f"{day}T12:00:00Z",
        **cell.key._asdict(),
        outcome=outcome,
        **{**usual, **fields},
    )


def write_evidence(store: Store, series: str, *runs: CellRun) -> None:
    """Write the evidence of a series."""
    path = Path(store.data) / "evidence" / f"{series}.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(dump(EvidenceFile(1, runs), "Generated."), encoding="utf-8")


def one_release(release: str, python: str = PYTHON, cuda: bool = False) -> SeriesFile:
    """Return a series with one release of `tensorflow` for this platform."""
    says = CUDA_12 if cuda else CPU
    build = one_build("tensorflow", release, PLATFORM, python, **says)
    return series_file(release.rpartition(".")[0], (build,))


class Workbench:
    """The machine: its folders, its index, its knowledge base of one release."""

    def __init__(self, folder: Path, index: LocalIndex) -> None:
        self.index = index
        self.folder = folder
        self.scratch = folder / "scratch"
        self.cache = folder / "cache"
        self.runs = folder / "runs"
        self.programs = folder / "programs"
        self.store = write_base(folder / "base", one_release(RELEASE))

    def hold(self, *series: SeriesFile) -> None:
        """Have another knowledge base."""
        shutil.rmtree(self.store.data)
        self.store = write_base(Path(self.store.data), *series)

    def environment(self) -> dict[str, str]:
        """Return the environment variables of a user of this machine, who has one Python."""
        return {
            "PATH": os.pathsep.join([str(self.programs), "/usr/local/bin", "/usr/bin", "/bin"]),
            "HOME": str(self.folder / "home"),
            "PYENV_ROOT": str(self.folder / "no-pyenv"),
            "PIP_INDEX_URL": self.index.address,
            "NO_PROXY": "127.0.0.1,localhost",
        }

    def settle(self, monkeypatch: pytest.MonkeyPatch, made: Path) -> None:
        """Make this process one of a user's who has a Python that copies the environment `made`,
        which is made where it is missing, and no GPU; runs need no free space.
        """
        if not made.exists():
            subprocess.run([sys.executable, "-m", "venv", made], check=True)
        text = _ENVIRONMENT_MAKER.format(python=sys.executable, made=made)
        program(self.programs / f"python{PYTHON}", text)
        self.see_gpus()
        for name in list(os.environ):
            if name.upper().startswith("PIP_") or name.upper().endswith(_NETWORK_SETTINGS):
                monkeypatch.delenv(name)
        for name, value in self.environment().items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(run, "CPU_GB", 0)
        monkeypatch.setattr(run, "CUDA_GB", 0)

    def offer(self, **stand_in: object) -> str:
        """List a stand-in for TensorFlow and return its path."""
        content = tensorflow_wheel(**stand_in)
        release = str(stand_in.get("release", RELEASE))
        return self.index.add("tensorflow", release, "py3-none-any", content=content)

    def describe(self, distribution, release, day, content, requires=()):
        """List a wheel and, as uv asks for it, what it says of itself beside it."""
        named = {"day": day, "content": content, "core-metadata": True}
        path = self.index.add(distribution, release, "py3-none-any", **named)
        lines = (f"Requires-Dist: {one}" for one in requires)
        self.index.files[f"{path}.metadata"] = metadata(distribution, release, *lines).encode()

    def see_gpus(self, **answers: str) -> None:
        """Put an nvidia-smi on PATH that answers each query by its text; with none, no GPU."""
        cases = "".join(
            f"--query-gpu={name.replace('memory_total', 'memory.total')}) echo '{answer}' ;;\n"
            for name, answer in answers.items()
        )
        text = f'#!/bin/sh\ncase "$1" in\n{cases}*) echo no devices; exit 9 ;;\nesac\n'
        program(self.programs / "nvidia-smi", text)

    def arguments(self, command: str, *more: str) -> list[str]:
        """Return the arguments of a command that works on this machine's folders."""
        named = {
            "--data": self.store.data,
            "--runs": self.runs,
            "--scratch": self.scratch,
            "--cache": self.cache,
        }
        places = [str(part) for pair in named.items() for part in pair]
        return [command, *places, *more]

    def run(self, release: str = RELEASE, device: str = "cpu", python: str = PYTHON) -> int:
        """Carry `verify run` out and return its exit status."""
        cell = ("--release", release, "--python", python, "--device", device)
        return main(self.arguments("run", *cell))

    def seen(self) -> Run:
        """Return the one run that was written; nothing else is left by it."""
        assert self.left_over() == []
        (filed,) = runs_folder.read_all(self.runs)
        assert filed.path == self.runs / run_file.place(filed.run, filed.raw)
        return filed.run

    def raw(self) -> str:
        """Return the text of the one run that was written."""
        (path,) = runs_folder.files(self.runs)
        return path.read_text(encoding="utf-8")

    def cell(self, release: str = RELEASE, device: str = "cpu") -> Cell:
        """Return a cell that the knowledge base has."""
        return find(self.store, cell_key(release, device))

    def left_over(self) -> list[str]:
        """Return what is left in the scratch folder, and the processes that still work there."""
        files = [path.name for path in self.scratch.glob("*")]
        return sorted(files) + processes_in(self.scratch)


def processes_in(folder: Path) -> list[str]:
    """Return the command lines of the processes whose current folder lies in a folder, those left
    after a time in which one that was killed may end.
    """
    deadline = time.monotonic() + _GRACE_S
    while (found := _now_in(folder)) and time.monotonic() < deadline:
        time.sleep(0.02)
    return found


def _now_in(folder: Path) -> list[str]:
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            at = (process / "cwd").readlink()
            if at.is_relative_to(folder):
                found.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        except OSError:
            continue
    return found
