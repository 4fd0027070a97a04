"""The command line: `python -m kb`."""

import gc
import sys

gc.disable()  # a command ends before collecting garbage could pay

from kb.command_line import main  # noqa: E402

if __name__ == "__main__":
    sys.exit(main())
