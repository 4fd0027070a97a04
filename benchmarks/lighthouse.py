"""Print what Lighthouse says of the site: `python benchmarks/lighthouse.py`.

Home, a series page and the matrix, with Lighthouse's mobile defaults in Debian's Chromium, served
compressed on loopback as GitHub Pages does; the median of three of each counts. It needs node, npm
and chromium; Lighthouse itself is installed into a throw-away folder, as package-lock.json pins it.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from serving import served

ROOT = Path(__file__).parent.parent
PINNED = Path(__file__).parent / "lighthouse"
PAGES = ("", "tf/2.15/", "matrix/", "find/")
ROUNDS = 3
GOALS = {"performance": 95, "accessibility": 100, "best-practices": 100, "seo": 100}
FLAGS = (
    "--headless=new --no-sandbox --disable-gpu --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)


def scores(program: Path, address: str, report: Path) -> dict[str, float]:
    """Return the scores of a page, of 100."""
    subprocess.run(
        [program, address, "--output=json", f"--output-path={report}", "--quiet",
         f"--chrome-flags={FLAGS}"],
        check=True,
        env=os.environ | {"CHROME_PATH": shutil.which("chromium") or "chromium"},
    )  # fmt: skip
    told = json.loads(report.read_text(encoding="utf-8"))["categories"]
    return {name: 100 * told[name]["score"] for name in GOALS}


def main() -> int:
    """Print the scores; return 1 where one is below its goal."""
    missing = [name for name in ("node", "npm", "chromium") if shutil.which(name) is None]
    if missing:
        print(f"needs {', '.join(missing)}", file=sys.stderr)
        return 3
    below = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copytree(PINNED, folder / "npm")
        subprocess.run(["npm", "ci", "--silent", "--no-audit"], check=True, cwd=folder / "npm")
        program = folder / "npm/node_modules/.bin/lighthouse"
        subprocess.run(
            [sys.executable, "-m", "mkdocs", "build", "--strict", "-q", "-d", folder / "site"],
            check=True,
            cwd=ROOT,
            env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
        )
        with served(folder / "site") as site:
            for page in PAGES:
                rounds = [scores(program, site + page, folder / "out.json") for _ in range(ROUNDS)]
                middle = {one: statistics.median(found[one] for found in rounds) for one in GOALS}
                said = ", ".join(f"{one} {middle[one]:.0f} ({GOALS[one]})" for one in GOALS)
                print(f"/{page:10} {said}", flush=True)
                below += any(middle[one] < goal for one, goal in GOALS.items())
    return 1 if below else 0


if __name__ == "__main__":
    sys.exit(main())
