"""Sign a run with an SSH key, and tell whose key signed one: `ssh-keygen` does both.

A signature lies beside the run, `<run>.json.sig`. It counts where an account's key in
`signers.yaml` made it, for these very bytes, to sign a run.
"""

import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from kb.base.errors import RunnerFailed, Unreadable
from kb.base.model import Fingerprint, Signer
from kb.base.printable import one_line
from kb.base.record import Record

NAMESPACE = "tensorflow-compat-run"
_MOST = 10_000  # bytes of a signature
_TIMEOUT_S = 60


class Signature(Record):
    """Whose key signed a run, and which."""

    signer: Signer
    key: Fingerprint


def beside(run: Path) -> Path:
    """Return where the signature of a run lies."""
    return run.with_name(f"{run.name}.sig")


def sign(run: Path, key: Path) -> Path:
    """Sign a run with an SSH key and return the path of its signature; one that was there before is
    replaced. Raises Unreadable, RunnerFailed.
    """
    if not key.is_file():
        raise Unreadable(f"{key}: no such key; name an SSH key with --key")
    path = beside(run)
    path.unlink(missing_ok=True)
    # it asks for the passphrase on the terminal
    command = ["ssh-keygen", "-Y", "sign", "-q", "-n", NAMESPACE, "-f", str(key), str(run)]
    done = _run(command, None, timeout_s=None)
    if done.returncode != 0 or not path.is_file():
        raise RunnerFailed(
            f"ssh-keygen signed nothing: {one_line(done.stderr) or 'no word of why'}"
        )
    return path


def signature(run: Path, raw: bytes, signers: tuple[Signer, ...]) -> Signature | None:
    """Return whose key signed the bytes of a run, None where none of the signers did.

    Raises Unreadable where the signature cannot be read, RunnerFailed without `ssh-keygen`.
    """
    text = _read(beside(run))
    with tempfile.TemporaryDirectory() as folder:
        allowed, signed = Path(folder) / "allowed", Path(folder) / "signature"
        signed.write_bytes(text)
        for signer in signers:
            name = signer.account.replace("[bot]", "")
            allowed.write_text(f'{name} namespaces="{NAMESPACE}" {signer.key}\n', encoding="ascii")
            command = ["ssh-keygen", "-Y", "verify", "-f", str(allowed), "-I", name]
            command += ["-n", NAMESPACE, "-s", str(signed)]
            if _run(command, raw).returncode == 0:
                return Signature(signer, _fingerprint(signer))
    return None


def faults(run: Path, raw: bytes, signers: tuple[Signer, ...]) -> Iterator[str]:
    """Yield what is wrong with the signature of a run; nothing where it has none.

    Raises RunnerFailed without `ssh-keygen`.
    """
    if not beside(run).exists() and not beside(run).is_symlink():
        return
    try:
        if signature(run, raw, signers) is None:
            yield (
                f"{beside(run).name} is by no key in signers.yaml for these bytes; have your key "
                "added first, or send the run without a signature"
            )
    except Unreadable as error:
        yield str(error)


def _read(path: Path) -> bytes:
    if path.is_symlink():
        raise Unreadable(f"{path.name}: a signature is a plain file")
    try:
        with path.open("rb") as file:
            text = file.read(_MOST + 1)
    except OSError as error:
        raise Unreadable(f"{path.name}: {error.strerror or error}") from None
    if len(text) > _MOST:
        raise Unreadable(f"{path.name}: larger than {_MOST} bytes; no signature is")
    return text


def _fingerprint(signer: Signer) -> Fingerprint:
    told = _run(["ssh-keygen", "-l", "-f", "-"], signer.key.encode()).stdout.split()
    found = next((word for word in told if word.startswith("SHA256:")), None)
    if found is None:
        raise RunnerFailed(f"signers.yaml: {signer.account}: ssh-keygen cannot read the key")
    return found


def _run(
    command: list[str], given: bytes | None, timeout_s: float | None = _TIMEOUT_S
) -> "subprocess.CompletedProcess[str]":
    try:
        done = subprocess.run(
            command, input=given, capture_output=True, timeout=timeout_s, check=False
        )
    except FileNotFoundError:
        raise RunnerFailed("ssh-keygen is not installed; it is a part of OpenSSH") from None
    except subprocess.TimeoutExpired:
        raise RunnerFailed("ssh-keygen gave no answer; try again later") from None
    return subprocess.CompletedProcess(
        command,
        done.returncode,
        done.stdout.decode("utf-8", "replace"),
        done.stderr.decode("utf-8", "replace"),
    )
