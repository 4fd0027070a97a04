"""A Python that only makes environments and writes down what it was asked: for shell scripts."""

import json
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

_PROGRAM = """\
#!{interpreter} -S
import json, os, sys
log = {log!r}
with open(log, "a") as file:
    asked = {{"program": os.path.relpath(sys.argv[0], {folder!r}), "words": sys.argv[1:]}}
    asked["environment"] = os.environ.get("VIRTUAL_ENV")
    asked["libraries"] = os.environ.get("LD_LIBRARY_PATH")
    file.write(json.dumps(asked) + "\\n")
if sys.argv[1:3] in (["-m", "venv"], ["-m", "virtualenv"]):
    folder = os.path.join(os.getcwd(), sys.argv[-1])
    os.makedirs(os.path.join(folder, "bin"))
    with open(os.path.join(folder, "bin", "activate"), "w") as file:
        file.write("VIRTUAL_ENV='%s'\\nexport VIRTUAL_ENV\\n" % folder)
        file.write("PATH=\\"$VIRTUAL_ENV/bin:$PATH\\"\\nexport PATH\\n")
    own = os.path.join(folder, "bin", "python")
    with open(__file__) as source, open(own, "w") as file:
        file.write(source.read())
    os.chmod(own, 0o755)
"""


class Asked(NamedTuple):
    """One call of a Python: which one, its words, and what it found in its surroundings."""

    program: str
    words: list[str]
    environment: str | None
    libraries: str | None


class Shell:
    """Carries shell text out in bash, with stand-ins for every Python, and lists their calls."""

    def __init__(self, folder: Path, *pythons: str) -> None:
        self._folder = folder
        self._log = folder / "asked.jsonl"
        self._programs = folder / "programs"
        self._programs.mkdir()
        self._log.touch()
        for name in pythons:
            path = self._programs / name
            text = _PROGRAM.format(
                interpreter=sys.executable, log=str(self._log), folder=str(folder)
            )
            path.write_text(text, encoding="utf-8")
            path.chmod(0o755)

    def carry_out(self, commands: tuple[str, ...], **environment: str) -> list[Asked]:
        """Run commands as if pasted one after the other; return the calls of Python."""
        done = subprocess.run(
            ["bash", "--noprofile", "--norc"],
            input="set -e\n" + "\n".join(commands) + "\n",
            env={"PATH": f"{self._programs}:/usr/bin:/bin", **environment},
            cwd=self._folder,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        if done.returncode or done.stderr:
            raise AssertionError(f"bash ended with {done.returncode}: {done.stderr}")
        lines = self._log.read_text(encoding="utf-8").splitlines()
        return [Asked(**json.loads(line)) for line in lines]
