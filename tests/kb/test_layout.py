import ast
import subprocess
import sys
from pathlib import Path

import pytest

import kb
from kb.base.store import Store

PACKAGE = Path(kb.__file__).parent
OTHERS = {"scraper", "verify", "pages", "tests"}
NETWORK = {
    *("aiohttp", "ftplib", "http", "httpx", "mailbits", "pypi_simple", "remotezip", "requests"),
    *("smtplib", "socket", "socketserver", "ssl", "urllib", "urllib3", "xmlrpc"),
}
# What the programs that do touch the network share, below both; each names its one library.
LIBRARIES = {"machine/index_setting.py": {"pypi_simple"}, "terminal/progress.py": {"rich"}}

# Prints the file of every opening below a folder, then what the command printed.
_WATCH = """\
import sys
folder = sys.argv.pop(1)
opened = []

def watch(event, arguments):
    if event == "open" and str(arguments[0]).startswith(folder):
        opened.append(str(arguments[0])[len(folder) + 1:])

sys.addaudithook(watch)
from kb.command_line import main
status = main(sys.argv[1:])
print("\\n".join(opened), file=sys.stderr)
sys.exit(status)
"""


def imported(path):
    """Yield the top-level name of every module that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name} imports relatively"
            yield node.module.partition(".")[0]


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: path.name)
def test_the_knowledge_base_imports_no_other_part_and_no_network(path):
    names = set(imported(path)) - LIBRARIES.get(path.relative_to(PACKAGE).as_posix(), set())
    assert names & OTHERS == set()
    assert names & NETWORK == set()
    known = set(sys.stdlib_module_names) | {
        "_sha2",
        "_sha256",
        "kb",
        "yaml",
        "packaging",
        "typing_extensions",
    }
    assert names <= known


def run(*arguments):
    """Run a command; return which files of the real data it opened, in order."""
    done = subprocess.run(
        [sys.executable, "-c", _WATCH, Store().data, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout
    return done.stderr.split()


@pytest.mark.parametrize("arguments", [[], ["--json"], ["--platform", "linux-x86_64"]])
@pytest.mark.parametrize("series", ["2.15", "1.15"])
def test_a_look_up_opens_only_the_files_it_needs(series, arguments):
    tables = ["cuda.yaml", "library_paths.yaml", "pins.yaml", "problems.yaml"]
    tables += ["release_notes.yaml", f"code/{series}.yaml"]
    resolutions = f"resolutions/{series}.yaml"
    if (PACKAGE / "data" / resolutions).exists():
        tables.append(resolutions)
    evidence = f"evidence/{series}.yaml"
    if (PACKAGE / "data" / evidence).exists():
        tables.append(evidence)
    if series == "1.15":
        tables.append("rocm.yaml")  # it has builds for AMD's GPUs
    if "--platform" in arguments:
        plugins = (PACKAGE / "data" / "plugins").iterdir()
        tables += ["plugin_pairs.yaml", *(f"plugins/{path.name}" for path in plugins)]
    opened = run("lookup", series, *arguments)
    assert sorted(opened) == sorted([f"releases/{series}.yaml", *tables])


def loaded(script):
    """Return the modules that are loaded when a script has run."""
    done = subprocess.run(
        [sys.executable, "-c", f"{script}\nimport sys; print('loaded', *sys.modules)"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return set(done.stdout.splitlines()[-1].split()[1:])


def test_a_look_up_loads_neither_the_other_parts_nor_what_it_can_do_without():
    anyway = loaded("")
    ours = loaded("from kb.command_line import main; main(['lookup', '2.15'])") - anyway
    assert "kb.lookup.page" in ours
    assert ours & {*OTHERS, *NETWORK, "packaging", "json", "hashlib", "pathlib"} == set()


def test_asking_for_help_opens_no_data():
    done = subprocess.run(
        [sys.executable, "-c", _WATCH, Store().data, "--help"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_one_word_names_one_class():
    root = PACKAGE.parent
    found = {}
    for part in ("kb", "pages", "scraper", "verify"):
        for path in sorted((root / part).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                    found.setdefault(node.name, []).append(path.relative_to(root).as_posix())
    assert {name: paths for name, paths in found.items() if len(paths) > 1} == {}
