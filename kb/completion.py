"""`python -m kb completion`: print what completes commands in a shell.

A shell looks up what may come next: under the command, its positional words; under `command -`, its
options; under `command --option`, the values of that option; nothing where files may come.
"""

import argparse
import re
from collections.abc import Iterator, Mapping
from typing import get_args

from kb.base.model import Platform
from kb.base.store import Store
from kb.base.vocabulary import Arch, AskedDevice, Os

Words = tuple[str, ...]
# Words that need no quoting in any shell.
_PLAIN = re.compile(r"[A-Za-z0-9._/+-]+")
_NO_PART_OF_A_WORD = re.compile(r"[^A-Za-z0-9.]+")
_BEFORE_A_NUMBER = re.compile(r"^(?:RTX|GTX|GT|RX|MX)-(?=[A-Z]?[0-9])")
_BEFORE_A_GPU = re.compile(r"^(?:(?:NVIDIA|GeForce|Tesla|Quadro) )+(?=.*[0-9])")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.epilog = 'Example: eval "$(%(prog)s bash)"; in fish: %(prog)s fish | source'
    about = ", ".join(_SCRIPTS)
    parser.add_argument("shell", type=str.lower, choices=tuple(_SCRIPTS), help=about)


def run(options: argparse.Namespace) -> int:
    """Print the script for the parsers that `options.parsers` returns, and return the status."""
    entries = table(options.parsers(), known_words(Store(options.data)))
    print(script(options.shell, entries), end="")
    return 0


def known_words(store: Store) -> Mapping[str, Words]:
    """Return the words that a value may be, by what argparse calls it. Raises DocumentError."""
    from kb.index.records import open_index

    index = open_index(store)
    ids = {
        *(own.id for own in store.problems().problems),
        *(own.id for own in store.errors().errors),
        *(own.id for own in store.release_notes().release_notes),
    }
    pythons = {p for offer in index.offers for group in offer.cells for p in group.pythons}
    versions = ("latest", "nightly", *dict.fromkeys((*index.series, *index.releases)))
    return {
        **dict.fromkeys(("version", "before", "after", "release"), versions),
        "series": tuple(dict.fromkeys(index.series)),
        "first": tuple(dict.fromkeys(index.series)),
        "python": tuple(sorted(pythons, key=lambda python: [*map(int, python.split("."))])),
        "gpu": with_numbers(gpu_words(tuple(gpu.name for gpu in store.gpus().gpus))),
        "compute_capability": index.capabilities,
        "problem": tuple(sorted(ids)),
        "companion": store.companion_names(),
        "platform": get_args(Platform),
        "os": get_args(Os),
        "arch": get_args(Arch),
        "device": get_args(AskedDevice),
    }


def gpu_words(names: Words) -> Words:
    """Return names of GPUs as one word each, without the maker: `RTX-3090`."""
    short = (_BEFORE_A_GPU.sub("", name) for name in names)
    return tuple(dict.fromkeys(_NO_PART_OF_A_WORD.sub("-", name).strip("-") for name in short))


def with_numbers(gpus: Words) -> Words:
    """Return words for GPUs, and after them those that are known by their number: `3090`."""
    return tuple(dict.fromkeys((*gpus, *(_BEFORE_A_NUMBER.sub("", gpu) for gpu in gpus))))


def table(
    parsers: Mapping[str, argparse.ArgumentParser], known: Mapping[str, Words]
) -> dict[str, Words]:
    """Return what may come next, by the words before; nothing where a file may come.

    `parsers` are by command, such as `find` or `verify plan`; `known` are by `known_words`.
    """
    found: dict[str, Words] = {
        "": tuple(dict.fromkeys(name.partition(" ")[0] for name in parsers)),
        " -": ("--data", "--version", "--help"),
    }
    for name, parser in parsers.items():
        program, _, part = name.partition(" ")
        if part:
            found[program] = (*found.get(program, ()), part)
        found.update(_entries(name, parser, known))
    return found


def _entries(
    command: str, parser: argparse.ArgumentParser, known: Mapping[str, Words]
) -> Iterator[tuple[str, Words]]:
    options: list[str] = []
    for action in parser._actions:  # noqa: SLF001 - argparse tells them in no other way
        words = () if action.metavar == "PATH" else _values(action, known)
        if not action.option_strings:
            yield command, words
            continue
        options += [name for name in action.option_strings if name.startswith("--")]
        if action.nargs != 0:
            for name in action.option_strings:
                yield f"{command} {name}", words
    yield f"{command} -", tuple(options)


def _values(action: argparse.Action, known: Mapping[str, Words]) -> Words:
    words = tuple(action.choices) if action.choices else known.get(action.dest, ())
    return tuple(word for word in words if _PLAIN.fullmatch(word))


def script(shell: str, entries: Mapping[str, Words]) -> str:
    """Return the script of a shell; words that several entries share stand in it once."""
    lists = tuple(dict.fromkeys(words for words in entries.values() if words))
    numbers = {words: number for number, words in enumerate(lists)}
    one_list, one_entry, whole = _SCRIPTS[shell]
    named = "".join(one_list % (number, " ".join(words)) for number, words in enumerate(lists))
    chosen = "".join(one_entry % (key, numbers[words]) for key, words in entries.items() if words)
    return whole.replace("@LISTS@", named).replace("@ENTRIES@", chosen)


_BASH = """\
_tensorflow_compat() {
  local cur=${COMP_WORDS[COMP_CWORD]-} before=${COMP_WORDS[COMP_CWORD - 1]-}
  local command='' i=1 words=''
  if [[ ${COMP_WORDS[0]##*/} == python* ]]; then
    [[ ${COMP_WORDS[1]-} == -m && ${COMP_WORDS[2]-} == kb && COMP_CWORD -gt 2 ]] || return 0
    i=3
  fi
  [[ $cur == '=' ]] && cur='' && before='='
  [[ $before == '=' ]] && before=${COMP_WORDS[COMP_CWORD - 2]-}
  [[ $before == '=' ]] && before=${COMP_WORDS[COMP_CWORD - 3]-}
  for ((; i < COMP_CWORD; i++)); do
    case ${COMP_WORDS[i]} in
      --data) [[ -n $command ]] || i=$((i + 1)) ;;
      -* | =) ;;
      *)
        if [[ -z $command ]]; then command=${COMP_WORDS[i]}
        elif [[ $command == verify ]]; then command="verify ${COMP_WORDS[i]}"
        else break; fi ;;
    esac
  done
  [[ $before == -* ]] && _tensorflow_compat_words "$command $before"
  if [[ -z $words && $cur == -* ]]; then _tensorflow_compat_words "$command -"; fi
  if [[ -z $words && $before != --data && $before != --output ]]; then
    _tensorflow_compat_words "$command"
  fi
  local any_case='' word
  shopt -q nocasematch && any_case=1 || shopt -s nocasematch
  COMPREPLY=()
  for word in $words; do [[ $word != "$cur"* ]] || COMPREPLY+=("$word"); done
  [[ -n $any_case ]] || shopt -u nocasematch
}
_tensorflow_compat_words() {
  case $1 in
@ENTRIES@  esac
}
@LISTS@complete -o bashdefault -o default -F _tensorflow_compat tensorflow-compat python python3
"""
_ZSH = """\
#compdef tensorflow-compat
_tensorflow_compat() {
  local cur=${words[CURRENT]} before=${words[CURRENT-1]} chosen='' named='' word='' skip=''
  for word in "${words[@]:1:$((CURRENT - 2))}"; do
    if [[ -n $skip ]]; then skip=''; continue; fi
    case $word in
      --data) [[ -n $named ]] || skip=1 ;;
      -*) ;;
      *)
        if [[ -z $named ]]; then named=$word
        elif [[ $named == verify ]]; then named="verify $word"
        else break; fi ;;
    esac
  done
  [[ $before == -* ]] && _tensorflow_compat_words "$named $before"
  if [[ -z $chosen && $cur == -* ]]; then _tensorflow_compat_words "$named -"; fi
  if [[ -z $chosen && $before != --data && $before != --output ]]; then
    _tensorflow_compat_words "$named"
  fi
  if [[ -n $chosen ]]; then compadd -M 'm:{a-zA-Z}={A-Za-z}' -- ${=chosen}; else _files; fi
}
_tensorflow_compat_words() {
  case $1 in
@ENTRIES@  esac
}
@LISTS@if (( $+functions[compdef] )); then compdef _tensorflow_compat tensorflow-compat; fi
"""
_FISH = """\
@LISTS@function __tensorflow_compat_words
  switch $argv[1]
@ENTRIES@  end
end
function __tensorflow_compat
  set -l tokens (commandline -opc)
  set -l before $tokens[-1]
  set -l cur (commandline -ct)
  set -l named ''
  set -l skip ''
  for word in $tokens[2..-1]
    if test -n "$skip"
      set skip ''
    else if test "$word" = --data -a -z "$named"
      set skip 1
    else if string match -q -- '-*' $word
    else if test -z "$named"
      set named $word
    else if test "$named" = verify
      set named "verify $word"
    else
      break
    end
  end
  set -l chosen
  if string match -q -- '-*' $before
    set chosen (__tensorflow_compat_words "$named $before")
  end
  if test -z "$chosen"; and string match -q -- '-*' $cur
    set chosen (__tensorflow_compat_words "$named -")
  end
  if test -z "$chosen"; and not contains -- $before --data --output
    set chosen (__tensorflow_compat_words $named)
  end
  if test -n "$chosen"
    string split ' ' -- $chosen
  else
    __fish_complete_path $cur
  end
end
complete -c tensorflow-compat -f -a '(__tensorflow_compat)'
"""
_POWERSHELL = """\
Register-ArgumentCompleter -Native -CommandName tensorflow-compat -ScriptBlock {
  param($cur, $ast, $cursor)
  $lists = @{
@LISTS@  }
  $entries = @{
@ENTRIES@  }
  $tokens = @($ast.CommandElements | Where-Object { $_.Extent.EndOffset -lt $cursor } |
    ForEach-Object { $_.ToString() })
  $before = $tokens[-1]
  $named = ''
  $skip = $false
  foreach ($word in ($tokens | Select-Object -Skip 1)) {
    if ($skip) { $skip = $false }
    elseif ($word -eq '--data' -and $named -eq '') { $skip = $true }
    elseif ($word.StartsWith('-')) { }
    elseif ($named -eq '') { $named = $word }
    elseif ($named -eq 'verify') { $named = "verify $word" }
    else { break }
  }
  $key = $named
  if ($before.StartsWith('-') -and $entries.ContainsKey("$named $before")) {
    $key = "$named $before"
  } elseif ($cur.StartsWith('-')) {
    $key = "$named -"
  }
  if (-not $entries.ContainsKey($key) -or @('--data', '--output') -contains $before) { return }
  $lists[$entries[$key]] -split ' ' |
    Where-Object { $_.StartsWith($cur, 'OrdinalIgnoreCase') } |
    ForEach-Object {
      [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
    }
}
"""
# Of each shell: how a list of words is written, how an entry, and the whole.
_SCRIPTS = {
    "bash": ("_tensorflow_compat_%d='%s'\n", "    '%s') words=$_tensorflow_compat_%d ;;\n", _BASH),
    "zsh": ("_tensorflow_compat_%d='%s'\n", "    '%s') chosen=$_tensorflow_compat_%d ;;\n", _ZSH),
    "fish": (
        "set -g __tensorflow_compat_%d '%s'\n",
        "    case '%s'\n      echo $__tensorflow_compat_%d\n",
        _FISH,
    ),
    "powershell": ("    %d = '%s'\n", "    '%s' = %d\n", _POWERSHELL),
}
