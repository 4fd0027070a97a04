"""Prints what reading the code in wheels costs, on a few builds or on those that are named.

Run: PYTHONPATH=. python benchmarks/machine_code.py [RELEASE ...]. It asks the real package index,
and keeps nothing.
"""

import os
import resource
import shutil
import sys
import tempfile
import time
from pathlib import Path

from kb.base.store import DATA
from kb.machine import index_setting
from scraper import code_run
from scraper.http import open_session

FEW = ("1.0.0", "2.21.0")


def main() -> None:
    """Read the wheels of some releases into a copy of the releases, where none was read."""
    releases = sys.argv[1:] or FEW
    everything = code_run.cuda_wheels
    code_run.cuda_wheels = lambda store: tuple(
        wheel for wheel in everything(store) if wheel.release in releases
    )
    setting = index_setting.read()
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        shutil.copytree(Path(DATA) / "releases", data / "releases")
        start = time.perf_counter()
        with open_session(certificates=setting.certificates) as session:
            outcome = code_run.read_all(data, setting, session, "2000-01-01", check=False)
        took = time.perf_counter() - start
        left = [path for path in data.rglob("*") if path.is_file() and path.suffix != ".yaml"]
        written = sum(path.stat().st_size for path in (data / "code").glob("*.yaml"))
    traffic = outcome.traffic
    failed = sum(code.failure is not None for code in outcome.read)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{len(outcome.read)} wheels, {failed} failed, in {took:.0f} s on {os.cpu_count()} cores")
    print(f"  {traffic.bytes / 1e6:.0f} MB in {traffic.requests} requests:", end=" ")
    print(f"{traffic.bytes / traffic.least:.3f} times the libraries in them (at most 1.05)")
    print(f"  held {peak:.0f} MB at most (at most 300), left {len(left)} files of them on disk")
    print(f"  wrote {written / 1e3:.1f} kB")
    kept = sum(path.stat().st_size for path in (Path(DATA) / "code").glob("*.yaml"))
    print(f"the knowledge base has {kept / 1e3:.0f} kB of it (all of it may grow by 3 MB)")


if __name__ == "__main__":
    main()
