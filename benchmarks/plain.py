"""A plain installation to measure: not editable, which would hide what a start costs."""

import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]
# Python compiles each module once, as it does where nobody forbids it to keep the result.
ENVIRONMENT = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}


@contextmanager
def plain_installation(source: Path = ROOT) -> Iterator[Path]:
    """Install a checkout into an environment of its own, and yield its Python."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        python = Path(folder, "Scripts" if os.name == "nt" else "bin", "python")
        install = [str(python), "-m", "pip", "install", "--quiet", "--no-warn-script-location"]
        subprocess.run([*install, str(source)], check=True, cwd=folder)
        yield python


def cpu_s(command: list[str], folder: Path) -> float:
    """Return the CPU time of a whole process and its children, in seconds."""
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, env=ENVIRONMENT, cwd=folder
    ) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} failed")
    return usage.ru_utime + usage.ru_stime


def medians(commands: Mapping[str, list[str]], rounds: int, folder: Path) -> dict[str, float]:
    """Return the median CPU time of each command, in seconds; they are measured in turn, so that a
    busy machine slows all alike.
    """
    taken: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            taken[name].append(cpu_s(command, folder))
    return {name: statistics.median(times) for name, times in taken.items()}
