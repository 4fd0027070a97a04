"""The command line: `python -m verify`."""

import signal
import sys

from verify.command_line import main

if __name__ == "__main__":
    # both clean up: what a terminal sends, and what a runner that gives up does
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(main())
