"""The command line: `python -m scraper`."""

import sys

from scraper.command_line import main

if __name__ == "__main__":
    sys.exit(main())
