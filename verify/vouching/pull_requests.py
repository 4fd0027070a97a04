"""Which pull request brought a file to the main branch, and whose it was: git and GitHub say so."""

import subprocess
from pathlib import Path

from kb.base.documents import parse
from kb.base.errors import DocumentError, RunnerFailed
from kb.base.model import Account, Repository
from kb.base.record import Record
from verify.vouching import gh

_TIMEOUT_S = 60
# The fields of GitHub's answer that count, as a document of ours.
_JQ = (
    "[.[] | select(.merged_at != null and .user != null and .base.repo.full_name == $ours)"
    " | {number, account: .user.login, account_id: .user.id, repository: .head.repo.full_name}]"
)


class PullRequest(Record):
    """A pull request that was merged: its account, with GitHub's number for it, and where it came
    from; None where that repository is gone.
    """

    number: int
    account: Account
    account_id: int
    repository: Repository | None


class _Told(Record):
    pulls: tuple[PullRequest, ...]


class PullRequests:
    """The merged pull requests of a repository, of which GitHub is asked once for each commit."""

    def __init__(self, ours: Repository) -> None:
        self._ours = ours
        self._by_commit: dict[str, tuple[PullRequest, ...]] = {}

    def of(self, path: Path) -> PullRequest | None:
        """Return the one that brought a file, None where none did or where more than one may have.

        Raises RunnerFailed.
        """
        commit = _added(path)
        if commit is None:
            return None
        if commit not in self._by_commit:
            self._by_commit[commit] = _pulls(commit, self._ours)
        pulls = self._by_commit[commit]
        return pulls[0] if len(pulls) == 1 else None

    def came_together(self, run: Path, other: Path) -> bool:
        """Tell whether another file came with a run: a signature that comes later may be a
        stranger's, for a run that nobody signed. Raises RunnerFailed.
        """
        if _added(run) == _added(other):
            return True
        pull = self.of(run)
        return pull is not None and pull == self.of(other)


def _pulls(commit: str, ours: Repository) -> tuple[PullRequest, ...]:
    """Ask GitHub which merged pull requests of ours a commit came by. Raises RunnerFailed."""
    jq = _JQ.replace("$ours", f'"{ours}"')
    told = gh.ask(["api", f"repos/{ours}/commits/{commit}/pulls", "--jq", f"{{pulls: {jq}}}"])
    if not told.ok:
        raise told.failure()
    try:
        return parse(told.output.encode(), _Told, "GitHub").pulls
    except DocumentError as error:
        raise RunnerFailed(f"{error}; GitHub answers otherwise than it used to") from None


def _added(path: Path) -> str | None:
    """Return the commit that added a file, None where none did yet."""
    command = ["git", "-C", str(path.parent), "log", "--diff-filter=A", "--no-renames"]
    command += ["--max-count=1", "--format=%H", "--", path.name]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False
        )
    except (FileNotFoundError, subprocess.TimeoutExpired):
        raise RunnerFailed("git gave no answer; it says which commit brought a run") from None
    if done.returncode != 0:
        raise RunnerFailed(f"git does not know {path}; name a run of a checkout")
    return done.stdout.strip() or None
