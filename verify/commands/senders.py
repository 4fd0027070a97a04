"""`python -m verify senders`: note in the ledger who ran what: whose key signed a run, or else who
opened the pull request that brought it.
"""

import argparse
from datetime import datetime, timezone
from pathlib import Path

from kb.base.model import Sender, SendersFile, Signer
from kb.base.printable import printable
from kb.base.store import Store
from kb.base.writing import check_folder, dump, write
from kb.runs.folder import Filed, filed, files
from verify.commands.arguments import Commands
from verify.commands.attest import repository
from verify.vouching.pull_requests import PullRequests
from verify.vouching.signatures import beside, signature

COMMENT = "The ledger of who ran what, written by `python -m verify senders`; maintainers own it."


def add(commands: Commands, folders: argparse.ArgumentParser) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "senders",
        parents=[folders],
        help="note in the ledger who ran what, by signatures and by pull requests",
        epilog="For runs that are on the main branch. Needs git, GitHub's `gh`, and ssh-keygen for "
        "signatures. Example: python -m verify senders --repository OWNER/NAME",
    )
    parser.add_argument(
        "files", nargs="*", type=Path, metavar="FILE", help="default: all runs of the folder"
    )
    parser.add_argument(
        "--noted", type=Path, metavar="FILE",
        help="write the paths of the runs that were noted, each ended by a NUL",
    )  # fmt: skip
    parser.add_argument("--repository", required=True, type=repository, metavar="OWNER/NAME")
    parser.set_defaults(command=_senders)


def _senders(options: argparse.Namespace) -> int:
    check_folder(options.data)
    store = Store(options.data)
    ledger, signers = store.senders(), store.signers().signers
    pulls = PullRequests(options.repository)
    rows = {row.run: row for row in ledger.senders}
    unknown = 0
    noted: list[Path] = []
    for path in options.files or files(options.runs):
        file = filed(path)
        if file.id in rows:
            continue
        found = _sender(file, signers, pulls)
        if found is None:
            print(printable(f"{path}: no signature and no pull request says who ran it"))
            unknown += 1
        else:
            rows[file.id] = found
            noted.append(path)
    after = SendersFile(1, tuple(rows[run] for run in sorted(rows)))
    if after != ledger:
        write(options.data / "senders.yaml", dump(after, COMMENT))
    if options.noted:
        write(options.noted, "".join(f"{path}\0" for path in noted))
    print(f"{len(noted)} noted, {unknown} not known")
    return 0


def _sender(file: Filed, signers: tuple[Signer, ...], pulls: PullRequests) -> Sender | None:
    """Return who ran a run: the account whose key signed it, or else the pull request's."""
    today = datetime.now(timezone.utc).date().isoformat()
    pull = pulls.of(file.path)
    own = beside(file.path)
    signed = signature(file.path, file.raw, signers) if own.exists() else None
    if signed is not None and pulls.came_together(file.path, own):
        return Sender(
            run=file.id,
            sha256=file.sha256,
            account=signed.signer.account,
            account_id=signed.signer.account_id,
            noted=today,
            repository=pull.repository if pull else None,
            key=signed.key,
        )
    if pull is None:
        return None
    return Sender(
        run=file.id,
        sha256=file.sha256,
        account=pull.account,
        account_id=pull.account_id,
        noted=today,
        pull_request=pull.number,
        repository=pull.repository,
    )
