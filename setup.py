"""What pyproject.toml cannot say: a package's data are read when it is built, not at each start."""

import sys
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

sys.path.insert(0, str(Path(__file__).parent))

from kb.base.prepared import prepare
from kb.base.store import Store


class _BuildPy(build_py):
    """Lays the prepared form of each data file beside it; an editable installation has none."""

    def run(self) -> None:
        super().run()
        if not self.editable_mode:
            for path, record in Store(Path(self.build_lib, "kb", "data")).records():
                prepare(path, record)


setup(cmdclass={"build_py": _BuildPy})
