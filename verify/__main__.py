"""The command line: `python -m verify`."""

import signal
import sys

from verify.commands.command_line import main

if __name__ == "__main__":
    # all of them clean up: what a terminal sends, also as it closes, and a runner that gives up
    for ends in (signal.SIGINT, signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)):
        signal.signal(ends, signal.default_int_handler)
    sys.exit(main())
