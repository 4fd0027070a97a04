"""`python -m verify attest`: note in the ledger which runs our workflow vouches for, or verify
every row of it again.
"""

import argparse
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from pathlib import Path

from kb.base.errors import WrongUsage
from kb.base.model import Attestation, AttestationsFile, Repository
from kb.base.printable import printable
from kb.base.store import Store
from kb.base.writing import check_folder, dump, write
from kb.runs import attested, folder
from kb.runs.folder import Filed, filed
from verify.commands.arguments import Commands
from verify.vouching import attestations
from verify.vouching.attestations import Verified

COMMENT = "The ledger of attested runs, written by `python -m verify attest`; maintainers own it."
_AT_ONCE = 8  # each waits for `gh`
_REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}/[A-Za-z0-9._-]{1,100}")


def add(commands: Commands, folders: argparse.ArgumentParser) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "attest",
        parents=[folders],
        help="note in the ledger which runs an attestation of our workflow covers, or verify it",
        epilog="Needs GitHub's `gh`. Example: python -m verify attest runs/2.15/*/*.json "
        "--repository OWNER/NAME",
    )
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE")
    parser.add_argument(
        "--repository", required=True, type=repository, metavar="OWNER/NAME",
        help="the project's own repository, whose workflows vouch",
    )  # fmt: skip
    parser.add_argument(
        "--check", action="store_true", help="write nothing; verify each row of the ledger again"
    )
    parser.set_defaults(command=_attest)


def repository(text: str) -> Repository:
    """Return the name of a repository. Raises ArgumentTypeError."""
    if not _REPOSITORY.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not OWNER/NAME")
    return text


def _attest(options: argparse.Namespace) -> int:
    if options.check == bool(options.files):
        raise WrongUsage("name the files to attest, or --check to verify the ledger")
    return _check(options) if options.check else _note(options)


def _note(options: argparse.Namespace) -> int:
    check_folder(options.data)
    store = Store(options.data)
    ledger = store.attestations()
    forks = {row.sha256: row.repository for row in store.senders().senders}
    rows = {row.run: row for row in ledger.attestations}
    left_out = 0
    for path in options.files:
        file = filed(path)
        found = _found(file, options.repository, forks.get(file.sha256))
        if found is None:
            told = f"{path}: no attestation of our workflow covers it; it stays self-reported"
            print(printable(told))
            left_out += 1
            continue
        run = file.id
        kept = Path(attested.bundle(path))
        if run not in rows or rows[run].commit is None or not kept.exists():
            write(kept, found.bundle)
            today = datetime.now(timezone.utc).date().isoformat()
            rows[run] = attestations.row(run, file.sha256, found, options.repository, today)
    after = AttestationsFile(1, tuple(rows[run] for run in sorted(rows)))
    if after != ledger:
        write(options.data / "attestations.yaml", dump(after, COMMENT))
    print(f"{len(options.files) - left_out} of {len(options.files)} attested")
    return 1 if left_out else 0


def _found(file: Filed, ours: Repository, fork: Repository | None) -> Verified | None:
    """Return the attestation by our own workflow, or else by the fork that a run was sent from."""
    found = attestations.verified(file.path, attested.by_us(ours))
    if found is None and fork is not None and fork.lower() != ours.lower():
        found = attestations.verified(file.path, attested.by_fork(ours, fork))
    return found


def _check(options: argparse.Namespace) -> int:
    rows = Store(options.data).attestations().attestations
    there = {path.stem: path for path in folder.files(options.runs)}

    def fault(row: Attestation) -> str | None:
        return next(attestations.faults(row, there.get(row.run), options.repository), None)

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        found = dict(zip(rows, pool.map(fault, rows), strict=True))
    refused = {row: why for row, why in found.items() if why is not None}
    for row, why in refused.items():
        print(printable(f"attestations.yaml: {row.run}: refused: {why}"))
    print(f"{len(rows) - len(refused)} of {len(rows)} rows of the ledger hold")
    return 1 if refused else 0
