"""The command line: `python -m kb`."""

import sys

from kb.command_line import main

if __name__ == "__main__":
    sys.exit(main())
