"""Prints how long `python -m kb explain` takes for logs of 50 MB, and how much memory.

Run: python benchmarks/explain.py
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

SIZE = 50_000_000
ROUNDS = 3
FAULT = (
    "dso_loader.cc:64] Could not load dynamic library 'libcudart.so.11.0'; dlerror: "
    "libcudart.so.11.0: cannot open shared object file: No such file or directory\n"
)
# Python compiles each module once, as it does where nobody forbids it to keep the result.
ENVIRONMENT = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}


def training() -> Iterator[str]:
    """Yield the lines of a long training, with one fault at the end."""
    written = step = 0
    while written < SIZE:
        step += 1
        line = (
            f"Epoch {step}/100000 [==============================] - 3s 12ms/step - loss: "
            f"0.{step % 9973:04d} - accuracy: 0.{step % 8999:04d}\n"
            f"2026-02-03 09:{step % 60:02d}:07.118230: I tensorflow/core/common_runtime/gpu/"
            f"gpu_device.cc:{step % 3000}] Created device /job:localhost/replica:0/task:0\n"
            f'  File "/srv/env/lib/python3.11/site-packages/tensorflow/ops.py", line {step}\n'
        )
        written += len(line)
        yield line
    yield FAULT


def noise() -> Iterator[str]:
    """Yield nothing but lines that are known, over and over."""
    line = "I cuda_executor.cc:1015] successful NUMA node read from SysFS had negative value (-1)\n"
    yield from (line + FAULT for _ in range(SIZE // len(line + FAULT)))


def near_misses() -> Iterator[str]:
    """Yield lines full of texts whose expressions do not match, each unlike the one before."""
    piece = "version `GLIBC_2.x found, libcudnn.so., undefined symbol: _ZNx, DLL load, libdevice"
    yield from (f"{n} {piece} {n}\n" for n in range(SIZE // (len(piece) + 16)))


def main() -> None:
    """Measure each kind of log, and print the fastest of a few rounds."""
    with tempfile.TemporaryDirectory() as folder:
        for kind, limit in ((training, "at most 2"), (noise, "at most 2"), (near_misses, "worst")):
            log = Path(folder) / "big.log"
            with log.open("w") as file:
                file.writelines(kind())
            taken = []
            for _ in range(ROUNDS):
                start = time.perf_counter()
                command = [sys.executable, "-m", "kb", "explain", str(log)]
                subprocess.run(command, check=False, stdout=subprocess.DEVNULL, env=ENVIRONMENT)
                taken.append(time.perf_counter() - start)
            peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
            print(
                f"{kind.__name__:12} {log.stat().st_size / 1e6:5.1f} MB  {min(taken):5.2f} s "
                f"({limit})  {peak:4.0f} MB of memory (at most 100)"
            )


if __name__ == "__main__":
    main()
