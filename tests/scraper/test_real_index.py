"""The real index, asked as a user would; needs the network."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from kb.base.documents import load
from kb.base.model import WheelsFile
from kb.machine import index_setting
from scraper import http, index, wheels

ROOT = Path(__file__).parents[2]
DATA = ROOT / "kb" / "data"

pytestmark = pytest.mark.network


@pytest.fixture
def users_environment():
    """The environment as it was before the tests' own came over it."""
    return dict(BEFORE)


BEFORE = dict(os.environ)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.yaml")}


def test_a_check_of_the_real_index_reads_no_wheel_and_writes_nothing(tmp_path, users_environment):
    data = tmp_path / "data"
    shutil.copytree(DATA, data)
    before = contents(data)
    done = subprocess.run(
        [sys.executable, "-m", "scraper", "index", "--check", "--data", str(data)],
        cwd=ROOT,
        env={**users_environment, "XDG_CACHE_HOME": str(tmp_path / "cache")},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert "Traceback" not in done.stderr
    assert done.returncode in (0, 1), done.stderr
    assert re.search(r"; 0 wheels read in 0 requests, 0\.0 MB$", done.stdout.strip())
    assert contents(data) == before


def test_the_texts_of_a_real_wheel_are_those_of_the_knowledge_base(users_environment):
    setting = index_setting.read(users_environment)
    known = {text.sha256: text for text in load(DATA / "wheels" / "2.15.yaml", WheelsFile).wheels}
    traffic = wheels.Traffic()
    with http.open_session(certificates=setting.certificates) as session:
        listed = next(
            one
            for release in index.fetch(session, setting.address, "tensorflow")
            for one in release.files
            if release.release == "2.15.0"
            and one.platform == "linux-x86_64"
            and one.wheel.sha256 in known
        )
        wheel = listed.wheel
        texts = wheels.read(session, listed.address, wheel.file, wheel.size, traffic)
    text = known[wheel.sha256]
    assert (texts.metadata, texts.build_info) == (text.metadata, text.build_info)
    assert text.file == wheel.file
    assert traffic.bytes < wheel.size / 100
