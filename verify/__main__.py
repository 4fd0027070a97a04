"""The command line: `python -m verify`."""

import sys

from verify.command_line import main

if __name__ == "__main__":
    sys.exit(main())
