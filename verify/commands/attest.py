"""`python -m verify attest`: note in the ledger which runs this project's workflow vouches for."""

import argparse
import re
import subprocess
from datetime import datetime, timezone
from hashlib import sha256
from pathlib import Path

from kb.base.errors import RunnerFailed
from kb.base.model import Attestation, AttestationsFile
from kb.base.printable import printable
from kb.base.store import Store
from kb.base.writing import check_folder, dump, write
from kb.runs import run_file
from kb.runs.folder import filed
from verify.commands.arguments import Commands

COMMENT = "The ledger of attested runs, written by `python -m verify attest`; maintainers own it."
_WORKFLOW = ".github/workflows/verify.yml"
_BRANCH = "refs/heads/main"  # a changed workflow on another branch must not vouch for anything
_TIMEOUT_S = 120


def add(commands: Commands, folders: argparse.ArgumentParser) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "attest",
        parents=[folders],
        help="note in the ledger which runs an attestation of our workflow covers",
        epilog="Needs GitHub's `gh`. Example: python -m verify attest runs/2.15/*/*.json "
        "--repository OWNER/NAME",
    )
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument("--repository", required=True, type=_repository, metavar="OWNER/NAME")
    parser.set_defaults(command=_attest)


def _repository(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+", text):
        raise argparse.ArgumentTypeError(f"{text!r} is not OWNER/NAME")
    return text


def _attest(options: argparse.Namespace) -> int:
    check_folder(options.data)
    ledger = Store(options.data).attestations()
    rows = {row.run: row for row in ledger.attestations}
    left_out = 0
    for path in options.files:
        file = filed(path)
        run = run_file.run_id(file.run, file.raw)
        if not covered(path, options.repository):
            told = f"{path}: no attestation of {_WORKFLOW} covers it; it stays self-reported"
            print(printable(told))
            left_out += 1
        elif run not in rows:
            today = datetime.now(timezone.utc).date().isoformat()
            rows[run] = Attestation(run, sha256(file.raw).hexdigest(), today)
    after = AttestationsFile(1, tuple(rows[run] for run in sorted(rows)))
    if after != ledger:
        write(options.data / "attestations.yaml", dump(after, COMMENT))
    print(f"{len(options.files) - left_out} of {len(options.files)} attested")
    return 1 if left_out else 0


def covered(path: Path, repository: str) -> bool:
    """Tell whether GitHub holds an attestation, signed by the verification workflow of
    `repository`, of the very bytes of a file. Raises RunnerFailed where it cannot be asked.
    """
    command = ["gh", "attestation", "verify", str(path.absolute()), "--repo", repository]
    command += ["--signer-workflow", f"{repository}/{_WORKFLOW}", "--source-ref", _BRANCH]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False
        )
    except FileNotFoundError:
        raise RunnerFailed(
            "gh is not installed; attestations are asked for by GitHub's gh"
        ) from None
    except subprocess.TimeoutExpired:
        raise RunnerFailed(f"gh gave no answer in {_TIMEOUT_S} s; try again later") from None
    if done.returncode == 0:
        return True
    if re.search(r"no attestations found|HTTP 404|verification failed", done.stderr, re.IGNORECASE):
        return False
    reason = " ".join(done.stderr.split())[:200] or f"exit status {done.returncode}"
    raise RunnerFailed(f"gh failed: {reason}")
