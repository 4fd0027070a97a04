"""Print what the site costs: `python benchmarks/site.py`.

Building it with the pages made from the knowledge base, against building the same pages as plain
files; both include reading and rendering by MkDocs, and the best of three of each counts. Then ten
times the knowledge base: every series and its runs ten times, under other names. Then what a first
visit sends, compressed as GitHub Pages does: the page and every style, script and picture that it
names, and what its scripts fetch. At last, where there is a chromium, how long the finder takes.
"""

import gzip
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import sync_playwright
from serving import served

from kb.base.store import DATA
from kb.base.versions import series

ROOT = Path(__file__).parent.parent
ROUNDS = 3
GOALS = {"": 200, "find/": 200, "tf/2.15/": 200, "matrix/": 200}
TIMES = 10
# What the finder asks for when its page is there.
FINDER = ("api/v1/find.json", "assets/find-rules.js")
FETCHED = {"": FINDER, "find/": FINDER}
ANSWERS_MS = """async () => {
    const rules = await import("../assets/find-rules.js");
    const index = rules.opened(await (await fetch("../api/v1/find.json")).json());
    const times = [];
    for (const os of ["linux", "wsl2", "windows", "macos"])
        for (const python of [null, "3.8", "3.10", "3.12"])
            for (const gpu of [{ device: "cpu" }, { device: "gpu", compute_capability: "8.6" }]) {
                const begin = performance.now();
                rules.find(index, { os, arch: "x86_64", python, ...gpu });
                times.push(performance.now() - begin);
            }
    return Math.max(...times);
}"""
_NAMED = re.compile(r'(?:<script src|<link rel="(?:stylesheet|icon)" href|<img src)="([^"]+)"')


def mkdocs(config: Path, into: Path) -> float:
    """Build a site; return the seconds that it took."""
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "-q", "-f", config, "-d", into]
    environment = os.environ | {"NO_MKDOCS_2_WARNING": "1"}
    begin = time.perf_counter()
    subprocess.run(command, check=True, env=environment, cwd=config.parent)
    return time.perf_counter() - begin


def grown(folder: Path) -> Path:
    """Copy what a build needs, with TIMES as many series and runs; return its configuration."""
    for name in ("kb", "pages", "site"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("mkdocs.yml", "mkdocs_hook.py"):
        shutil.copy(ROOT / name, folder)
    for part in ("releases", "wheels", "resolutions", "evidence"):
        for path in (Path(DATA) / part).glob("*.yaml"):
            for number in range(1, TIMES):
                text = renamed(path.read_text(encoding="utf-8"), path.stem, number)
                (folder / "kb/data" / part / f"{number}{path.stem}.yaml").write_text(text)
    for path in (ROOT / "runs").glob("*/*/*.json"):
        place = path.relative_to(ROOT / "runs")
        text = path.read_text(encoding="utf-8")
        own = series(json.loads(text)["release"])
        for number in range(TIMES):
            name = f"{number or ''}{place}"
            copy = folder / "runs" / name
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_text(renamed(text, own, number), encoding="utf-8")
    subprocess.run(
        [sys.executable, "-m", "kb", "index"], check=True, cwd=folder, stdout=subprocess.DEVNULL
    )
    return folder / "mkdocs.yml"


def renamed(text: str, own: str, number: int) -> str:
    """Return a text about a series as one about the series that has a digit before it."""
    return re.sub(rf"(?<![0-9.]){re.escape(own)}(?![0-9])", f"{number or ''}{own}", text)


def sent(page: Path, fetched: set[Path]) -> int:
    """Return how many bytes a first visit to a page sends, compressed."""
    html = page.read_text(encoding="utf-8")
    files = {
        page,
        *(Path(os.path.normpath(page.parent / one)) for one in _NAMED.findall(html)),
        *fetched,
    }
    return sum(len(gzip.compress(file.read_bytes())) for file in files)


def main() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        plain = folder / "plain"
        begin = time.perf_counter()
        subprocess.run([sys.executable, "-m", "pages", plain], check=True, cwd=ROOT)
        print(f"python -m pages             {time.perf_counter() - begin:5.2f} s")
        # Turn about, so that what else the machine does hits both alike.
        times = [
            (
                mkdocs(ROOT / "mkdocs.yml", folder / "hook"),
                mkdocs(plain / "mkdocs.yml", folder / "files"),
            )
            for _ in range(ROUNDS)
        ]
        hook, files = (min(column) for column in zip(*times, strict=True))
        print(f"build, pages made           {hook:5.2f} s")
        print(f"build, the same as files    {files:5.2f} s")
        print(f"the making adds             {100 * (hook / files - 1):5.0f} %  (at most 30 %)")
        tenfold = mkdocs(grown(folder / "tenfold"), folder / "tenfold-site")
        print(
            f"{TIMES} times as much           {tenfold:5.2f} s, {tenfold / hook:.1f} x "
            f"(at most {TIMES + 1})"
        )
        for address, goal in GOALS.items():
            public = folder / "hook"
            fetched = {public / one for one in FETCHED.get(address, ())}
            kilobytes = sent(public / address / "index.html", fetched) / 1000
            title = f"first visit to /{address}"
            print(f"{title:27} {kilobytes:5.1f} kB (at most {goal} kB)")
        data = len(gzip.compress((folder / "hook/api/v1/find.json").read_bytes())) / 1000
        print(f"the finder's data           {data:5.1f} kB (at most 60 kB)")
        chromium = shutil.which("chromium")
        if chromium is None:
            print("an answer of the finder: there is no chromium here")
            return
        with served(folder / "hook") as site, sync_playwright() as playwright:
            page = playwright.chromium.launch(
                executable_path=chromium, args=["--no-sandbox"]
            ).new_page()
            page.goto(f"{site}find/")
            slowest = page.evaluate(ANSWERS_MS)
        print(f"an answer, the slowest      {slowest:5.1f} ms (under 16 ms)")


if __name__ == "__main__":
    main()
