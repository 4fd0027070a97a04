"""The hook by which `mkdocs build` makes the site: it adds the generated pages to those written by
hand, and gives every page a Content-Security-Policy.
"""

import os
from base64 import b64encode
from hashlib import sha256
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from kb.base.errors import DocumentError
from kb.base.printable import one_line
from kb.base.store import DATA
from pages.generate import generate
from pages.knowledge import read_knowledge
from pages.render import Renderer
from pages.theme_scripts import inline_scripts, theme_scripts

_HEAD = "<head>"
_POLICY = (
    "default-src 'none'; script-src 'self' {scripts}; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'"
)


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Take the address of the site from SITE_URL, where it is set."""
    config.site_url = os.environ.get("SITE_URL") or config.site_url
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the generated files. Raises PluginError, which MkDocs tells in one line."""
    root = Path(config.config_file_path or "mkdocs.yml").parent
    try:
        knowledge = read_knowledge(DATA, root / "runs")
    except DocumentError as error:
        raise PluginError(str(error)) from None
    for file in generate(knowledge, Renderer(root / "site" / "templates")):
        files.append(File.generated(config, file.path, content=file.text))
    return files


def on_post_page(output: str, page: Page, config: MkDocsConfig, **_: Any) -> str:
    """Add the policy to a page. Raises PluginError."""
    return with_policy(output, page.file.src_uri, _scripts(config))


def on_post_template(
    output_content: str, template_name: str, config: MkDocsConfig, **_: Any
) -> str:
    """Add the policy to the page for addresses that lead nowhere. Raises PluginError."""
    if not template_name.endswith(".html"):
        return output_content
    return with_policy(output_content, template_name, _scripts(config))


def _scripts(config: MkDocsConfig) -> frozenset[str]:
    return theme_scripts(Path(config.config_file_path or "mkdocs.yml"), config.site_url)


def with_policy(html: str, name: str, allowed: frozenset[str]) -> str:
    """Return a page with a Content-Security-Policy that allows the inline scripts of the theme by
    their hashes, and nothing from another host.

    Raises PluginError where the page has any other inline script.
    """
    own = inline_scripts(html)
    for script in own:
        if script not in allowed:
            shown = one_line(script, 60)
            raise PluginError(f"{name}: an inline script that is not the theme's: {shown}")
    scripts = " ".join(sorted({_hash(script) for script in own}))
    policy = _POLICY.format(scripts=scripts)
    meta = f'{_HEAD}\n<meta http-equiv="Content-Security-Policy" content="{policy}">'
    return html.replace(_HEAD, meta, 1)


def _hash(script: str) -> str:
    digest = sha256(script.encode()).digest()
    return f"'sha256-{b64encode(digest).decode()}'"
