"""The command line: `python -m verify`."""

import sys

from verify.commands.command_line import start

if __name__ == "__main__":
    sys.exit(start())
