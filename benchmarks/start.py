"""Prints what a question costs as a command: CPU time of the whole process against
`python -c pass`, in a plain installation.

Run: python benchmarks/start.py
"""

import tempfile
from pathlib import Path

from plain import medians, plain_installation

ROUNDS = 40
MOST = 5
QUESTIONS = {
    "lookup 2.15": ["lookup", "2.15"],
    "find --gpu 3090": ["find", "--gpu", "3090", "--python", "3.12"],
    "lookup --json": ["lookup", "2.15", "--json"],
    "find --json": ["find", "--gpu", "3090", "--python", "3.12", "--json"],
}
# The documents have no figure of their own.
ASKED = ("lookup 2.15", "find --gpu 3090")


def main() -> None:
    """Measure the questions in turn."""
    with plain_installation() as python, tempfile.TemporaryDirectory() as folder:
        commands = {"python -c pass": [str(python), "-c", "pass"]}
        for name, arguments in QUESTIONS.items():
            commands[name] = [str(python), "-m", "kb", *arguments]
        cpu = medians(commands, ROUNDS, Path(folder))
    least = cpu["python -c pass"]
    for name, seconds in cpu.items():
        limit = f" (at most {MOST})" if name in ASKED else ""
        print(f"{name:16} {seconds * 1000:6.1f} ms  {seconds / least:4.2f} x{limit}")


if __name__ == "__main__":
    main()
