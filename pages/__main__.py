"""`python -m pages DIR`: write the site's pages as plain Markdown, with a configuration."""

import argparse
import sys
from functools import partial
from pathlib import Path

from kb.base.errors import DocumentError
from kb.base.printable import printable
from kb.base.store import DATA
from kb.terminal.ladder import carry_out

ROOT = Path(__file__).parent.parent


def main(arguments: list[str] | None = None) -> int:
    """Write the pages. Return 0, or 2 for wrong usage, or 3 where the sources cannot be read."""
    return carry_out(partial(_run, arguments))


def _run(arguments: list[str] | None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m pages",
        description="Write the pages of the site as plain Markdown, with a configuration.",
        epilog="Example: python -m pages build/pages && mkdocs build -f build/pages/mkdocs.yml",
    )
    parser.add_argument("folder", metavar="DIR", type=Path, help="a new or an empty folder")
    parser.add_argument("--data", default=DATA, help="the knowledge base (default: this one's)")
    parser.add_argument("--runs", type=Path, default=ROOT / "runs", help="the runs")
    options = parser.parse_args(arguments)
    from pages.knowledge import read_knowledge
    from pages.plain import NotEmpty, write_plain
    from pages.render import Renderer  # needs an extra, and its lack is told

    try:
        knowledge = read_knowledge(options.data, options.runs)
        written = write_plain(options.folder, ROOT, knowledge, Renderer())
    except (NotEmpty, OSError) as error:
        print(printable(f"pages: {error}"), file=sys.stderr)
        return 2
    except DocumentError as error:
        print(printable(f"pages: {error}"), file=sys.stderr)
        return 3
    print(f"{written} files in {printable(str(options.folder))}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
