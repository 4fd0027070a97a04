import ast
import sys
from pathlib import Path

import pytest

import pages

PACKAGE = Path(pages.__file__).parent


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: path.name)
def test_the_pages_know_the_knowledge_base_and_no_other_part(path):
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module.partition(".")[0])
    allowed = {"kb", "pages", "jinja2", "markupsafe"}
    allowed |= {"mkdocs"} if path.name in ("hook.py", "theme_scripts.py") else set()
    allowed |= {"yaml"} if path.name in ("plain.py", "theme_scripts.py") else set()
    assert names - set(sys.stdlib_module_names) <= allowed
