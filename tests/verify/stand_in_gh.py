"""A stand-in for GitHub's `gh`, which answers from files, and what it says of attestations."""

import json
import os
import shlex
from pathlib import Path

import pytest

OURS = "our/kb"
COMMIT = "a" * 40
MAIN = "refs/heads/main"
NO_ATTESTATION = "Error: no attestations found for subject"


class Gh:
    """`gh` on PATH. It answers what it is told to, and notes what it was asked."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder / "gh"
        self.folder.mkdir()
        self.answers("exit 1")
        monkeypatch.setenv("PATH", f"{self.folder}{os.pathsep}{os.environ['PATH']}")

    def answers(self, script: str) -> None:
        """Make it a script of the shell, which has the arguments."""
        program = self.folder / "gh"
        program.write_text(f'#!/bin/sh\necho "$@" >> {self.folder}/asked\n{script}\n')
        program.chmod(0o755)

    def vouches(self, *results: dict) -> None:
        """Make it verify an attestation with these results."""
        self.answers(f"echo {shlex.quote(json.dumps(list(results)))}")

    def vouches_for(self, found: dict[str, dict]) -> None:
        """Make it verify attestations of some repositories alone: a result by repository."""
        cases = [
            f"*'--repo {name} '*) echo {shlex.quote(json.dumps([one]))};;"
            for name, one in found.items()
        ]
        none = f"*) echo '{NO_ATTESTATION}' >&2; exit 1;;"
        self.answers("\n".join(['case "$* " in', *cases, none, "esac"]))

    def fails(self, words: str) -> None:
        """Make it fail with these words."""
        self.answers(f"echo {shlex.quote(words)} >&2; exit 1")

    def asked(self) -> list[list[str]]:
        """Return the arguments of each call."""
        path = self.folder / "asked"
        return [line.split() for line in path.read_text().splitlines()] if path.exists() else []


def result(**said: str) -> dict:
    """Return what `gh` tells of an attestation by our own workflow, but for what is given."""
    certificate = {
        "buildSignerURI": f"https://github.com/{OURS}/.github/workflows/verify.yml@{MAIN}",
        "sourceRepositoryURI": f"https://github.com/{OURS}",
        "sourceRepositoryRef": MAIN,
        "sourceRepositoryDigest": COMMIT,
        "sourceRepositoryOwnerURI": "https://github.com/our",
        "sourceRepositoryOwnerIdentifier": "1",
        "runnerEnvironment": "github-hosted",
        **said,
    }
    return {
        "attestation": {"bundle": {"mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json"}},
        "verificationResult": {"signature": {"certificate": certificate}},
    }


def by_fork(**said: str) -> dict:
    """Return the same of the fork of `ann`, which ran our reusable workflow."""
    fork = {
        "buildSignerURI": f"https://github.com/{OURS}/.github/workflows/attested-run.yml@{MAIN}",
        "sourceRepositoryURI": "https://github.com/ann/kb",
        "sourceRepositoryDigest": "b" * 40,
        "sourceRepositoryOwnerURI": "https://github.com/ann",
        "sourceRepositoryOwnerIdentifier": "7",
    }
    return result(**{**fork, **said})
