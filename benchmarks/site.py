"""Print what the site costs: `python benchmarks/site.py`.

Building it with the pages made from the knowledge base, against building the same pages as plain
files; both include reading and rendering by MkDocs, and the best of three of each counts. Then what
a first visit sends, compressed as GitHub Pages does: the page and every style, script and picture
that it names.
"""

import gzip
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
ROUNDS = 3
GOALS = {"": 200, "find/": 200, "tf/2.15/": 200, "matrix/": 200}
# What the finder asks for when its page is there.
FETCHED = {"find/": ("api/v1/find.json", "assets/find-rules.js")}
_NAMED = re.compile(r'(?:<script src|<link rel="(?:stylesheet|icon)" href|<img src)="([^"]+)"')


def mkdocs(config: Path, into: Path) -> float:
    """Build a site; return the seconds that it took."""
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "-q", "-f", config, "-d", into]
    environment = os.environ | {"NO_MKDOCS_2_WARNING": "1"}
    begin = time.perf_counter()
    subprocess.run(command, check=True, env=environment, cwd=ROOT)
    return time.perf_counter() - begin


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
        for address, goal in GOALS.items():
            public = folder / "hook"
            fetched = {public / one for one in FETCHED.get(address, ())}
            kilobytes = sent(public / address / "index.html", fetched) / 1000
            title = f"first visit to /{address}"
            print(f"{title:27} {kilobytes:5.1f} kB (at most {goal} kB)")
        data = len(gzip.compress((folder / "hook/api/v1/find.json").read_bytes())) / 1000
        print(f"the finder's data           {data:5.1f} kB (at most 60 kB)")


if __name__ == "__main__":
    main()
