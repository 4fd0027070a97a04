"""The policy of each page allows the theme's own inline scripts; with any other no site is made."""

import subprocess
import sys
from pathlib import Path

import pytest
from mkdocs.exceptions import PluginError

from pages.hook import with_policy
from pages.theme_scripts import inline_scripts, theme_scripts
from tests.pages.built_site import ADDRESS, ROOT

PAGE = "<html><head><title>x</title></head><body>{}</body></html>"
HOOK = "from pages.hook import on_post_page\n"
CONFIG = "site_name: small\ntheme: {name: material, font: false}\nhooks: [hook.py]\n"


@pytest.fixture(scope="module")
def allowed():
    return theme_scripts(ROOT / "mkdocs.yml", ADDRESS)


def test_the_themes_scripts_are_read_from_a_site_without_anything_of_ours(allowed):
    roots = {script for script in allowed if script.startswith("__md_scope=")}
    assert {'__md_scope=new URL(".",', '__md_scope=new URL("../..",'} <= {
        script.partition("location")[0] for script in roots
    }
    assert not any("scripted" in script for script in allowed)


def test_a_script_of_the_theme_is_allowed_by_its_hash(allowed):
    script = min(allowed)
    html = with_policy(PAGE.format(f"<script>{script}</script>"), "x.md", allowed)
    assert "script-src 'self' 'sha256-" in html


@pytest.mark.parametrize(
    "script",
    [
        "<script>alert(1)</script>",
        "<SCRIPT\n>alert(1)</SCRIPT >",
        '<script type="module">alert(1)</script>',
        '<script data-src="x">alert(1)</script>',
        "<script type=text/javascript>alert(1)</script>",
    ],
)
def test_a_page_with_another_inline_script_is_refused(script, allowed):
    with pytest.raises(PluginError, match=r"x\.md: an inline script that is not the theme's: al"):
        with_policy(PAGE.format(script), "x.md", allowed)


def test_files_and_data_are_no_inline_scripts():
    html = '<script src="a.js"></script><script id=x type="application/json">{"a": 1}</script>'
    assert inline_scripts(html) == []


@pytest.mark.parametrize("text", ["plain", "<script>alert(1)</script>"])
def test_a_build_ends_at_an_injected_script(tmp_path, text):
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "index.md").write_text(f"# A page\n\n{text}\n")
    (tmp_path / "mkdocs.yml").write_text(CONFIG)
    (tmp_path / "hook.py").write_text(HOOK)
    done = subprocess.run(
        [Path(sys.executable).with_name("mkdocs"), "build", "-q", "-f", tmp_path / "mkdocs.yml"],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "NO_MKDOCS_2_WARNING": "1"},
    )
    if text == "plain":
        assert done.returncode == 0, done.stderr
        assert "script-src 'self' 'sha256-" in (tmp_path / "site" / "index.html").read_text()
    else:
        assert done.returncode != 0
        assert "index.md: an inline script that is not the theme's: alert(1)" in done.stderr
