"""`python -m kb completion`: print what completes commands in a shell."""

import argparse
import sys
from importlib import import_module

# shtab completes commands of one word, so each script brings the word `kb` for `python -m kb`.
_SHORT = """
command -v kb > /dev/null || kb() { python -m kb "$@"; }
"""
_BASH = """
_kb_after_python() {
  [[ ${COMP_WORDS[1]-} == -m && ${COMP_WORDS[2]-} == kb && COMP_CWORD -gt 2 ]] || return
  COMP_WORDS=(kb "${COMP_WORDS[@]:3}")
  COMP_CWORD=$((COMP_CWORD - 2))
  _shtab_kb
}
complete -o bashdefault -o default -F _kb_after_python python python3
"""
_MORE = {"bash": _SHORT + _BASH, "zsh": _SHORT, "tcsh": "\nalias kb 'python -m kb'\n"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.epilog = 'Example: eval "$(python -m kb completion bash)"'
    parser.add_argument("shell", choices=tuple(_MORE), help=", ".join(_MORE))


def run(options: argparse.Namespace) -> int:
    """Print the script, and return the exit status."""
    from kb.command_line import COMMANDS

    try:
        shtab = import_module("shtab")
    except ImportError:
        print("error: completion needs shtab: pip install shtab", file=sys.stderr)
        return 3
    whole = argparse.ArgumentParser(prog="kb")
    commands = whole.add_subparsers()
    for name, (module, about) in COMMANDS.items():
        import_module(module).add_arguments(commands.add_parser(name, help=about))
    print(f"{shtab.complete(whole, options.shell)}\n{_MORE[options.shell]}", end="")
    return 0
