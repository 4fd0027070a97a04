import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
import yaml

from kb.base.store import DATA
from pages.generate import generate
from pages.knowledge import read_knowledge
from pages.render import Renderer
from tests.kb.small_base import write_usual_base
from tests.pages.built_site import ROOT, read


def pages(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "pages", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=ROOT,
    )


def write_plain(folder):
    done = pages(folder)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.fixture(scope="module")
def plain(made_once):
    return made_once("plain", write_plain)


def test_plain_files_are_those_that_the_hook_adds(plain):
    files = list(generate(read_knowledge(DATA, ROOT / "runs"), Renderer()))
    for file in files:
        assert (plain / "docs" / file.path).read_text(encoding="utf-8") == file.text
    by_hand = {path.relative_to(ROOT / "site/docs") for path in (ROOT / "site/docs").rglob("*.*")}
    written = [path for path in (plain / "docs").rglob("*") if path.is_file()]
    assert len(written) == len(files) + len(by_hand)


def test_the_configuration_needs_nothing_of_the_checkout(plain):
    config = yaml.safe_load((plain / "mkdocs.yml").read_text(encoding="utf-8"))
    assert "hooks" not in config
    assert (plain / config["docs_dir"]).is_dir()
    assert (plain / config["theme"]["custom_dir"] / "main.html").is_file()
    for style in config["extra_css"]:
        assert (plain / config["docs_dir"] / style).is_file()


def build_by_zensical(plain):
    write_plain(plain)
    program = Path(sysconfig.get_path("scripts")) / "zensical"
    done = subprocess.run(
        [program, "build", "--config-file", plain / "mkdocs.yml"],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        cwd=plain,
    )
    assert done.returncode == 0, done.stderr
    assert "No issues found" in done.stdout + done.stderr


@pytest.fixture(scope="module")
def by_zensical(made_once):
    """Return the pages as Material's successor builds them, which runs no hooks."""
    return read(made_once("zensical", build_by_zensical) / "public")


TEN = (
    *("", "matrix/", "tf/", "tf/2.15/", "tf/1.15/", "python/3.12/", "cuda/12.5/", "gpu/8.9/"),
    *("runs/2.15/", "which-python-for-a-gpu/", "contribute/"),
)


@pytest.mark.parametrize("address", TEN)
def test_zensical_builds_the_same_headings_and_snippets(by_zensical, site, address):
    for tag in ("h1", "h2", "pre", "td", "th"):
        assert texts(by_zensical[address], tag) == texts(site.pages[address], tag)


def texts(page, tag):
    """Return the texts of the elements of a kind, without the sign that leads to a heading."""
    return [one.text.strip().removesuffix("\N{PILCROW SIGN}").strip() for one in page.all(tag)]


def test_a_folder_with_something_in_it_is_left_alone(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    done = pages(tmp_path)
    assert done.returncode == 2
    assert done.stderr == f"pages: {tmp_path} is not empty; name a new folder\n"
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_file_that_is_no_run_is_told_in_one_line(tmp_path):
    write_usual_base(tmp_path / "data")
    run = tmp_path / "runs/2.15/cell/2026-01-01-000000000000.json"
    run.parent.mkdir(parents=True)
    run.write_text('{"format": 1}')
    done = pages(tmp_path / "out", "--data", tmp_path / "data", "--runs", tmp_path / "runs")
    assert done.returncode == 3
    assert done.stderr.count("\n") == 1
    assert f"{run}: not a run" in done.stderr


def test_no_knowledge_base_is_told_in_one_line(tmp_path):
    done = pages(tmp_path / "out", "--data", tmp_path / "nowhere")
    assert done.returncode == 3
    assert "no knowledge base here" in done.stderr
