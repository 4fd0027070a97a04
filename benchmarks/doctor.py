"""Prints how long `python -m kb doctor` takes, whole processes: of this machine and its active
environment, and of an environment with many distributions and a GPU's tool that answers at once.

Run: python benchmarks/doctor.py
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path

ROUNDS = 15
DISTRIBUTIONS = 400
LIMIT_S = 1.0
_METADATA = "Metadata-Version: 2.1\nName: {name}\nVersion: 2.15.1\n{requires}\n\n{text}"


def main() -> None:
    """Measure both in turn, so that a busy machine slows both alike."""
    with tempfile.TemporaryDirectory() as folder:
        large = large_environment(Path(folder))
        places = {"as it is here": dict(os.environ), f"{DISTRIBUTIONS} distributions": large}
        times: dict[str, list[float]] = {name: [] for name in places}
        for _ in range(ROUNDS):
            for name, variables in places.items():
                start = time.perf_counter()
                command = [sys.executable, "-m", "kb", "doctor"]
                done = subprocess.run(
                    command, check=False, stdout=subprocess.DEVNULL, env=variables
                )
                times[name].append(time.perf_counter() - start)
                if done.returncode not in (0, 1):
                    raise SystemExit(f"the doctor ended with {done.returncode}")
    for name, taken in times.items():
        median = statistics.median(taken)
        print(f"{name:18} {median:5.2f} s, at worst {max(taken):5.2f} s (at most {LIMIT_S:g})")


def large_environment(folder: Path) -> dict[str, str]:
    """Make an environment with many distributions, and return the variables that activate it."""
    place = folder / "env"
    venv.create(place, symlinks=os.name == "posix")
    site = next(path for path in place.rglob("site-packages") if path.is_dir())
    needs = "\n".join(f"Requires-Dist: package-{number}>=2" for number in range(40))
    for number in range(DISTRIBUTIONS):
        name = "tensorflow" if number == 0 else f"package-{number}"
        info = site / f"{name.replace('-', '_')}-2.15.1.dist-info"
        info.mkdir()
        text = _METADATA.format(name=name, requires=needs, text="A description.\n" * 400)
        (info / "METADATA").write_text(text, encoding="utf-8")
        (info / "RECORD").write_text("tensorflow/__init__.py,,\n" * 30_000, encoding="utf-8")
    tool = folder / "nvidia-smi"
    tool.write_text("#!/bin/sh\necho 'Tesla T4, 7.5, 550.54.14'\n", encoding="utf-8")
    tool.chmod(0o755)
    path = os.pathsep.join([str(folder), os.environ.get("PATH", "")])
    return {**os.environ, "VIRTUAL_ENV": str(place), "PATH": path}


if __name__ == "__main__":
    main()
