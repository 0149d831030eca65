"""The commit that a revision names, and when it was made."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from envtree.adapters.git.head import head
from envtree.adapters.git.plumbing import GitError, failed, git
from envtree.core.model.diagnostic import Diagnostic, EnvtreeError

if TYPE_CHECKING:
    from envtree.adapters.git.repository import Repository

_COMMITTER = re.compile(rb"^committer .*> (\d{1,12}) [-+]\d+$", re.MULTILINE)


def commit_of(repository: Repository, revision: str) -> str:
    """Return the full id of the commit that a revision names; raises EnvtreeError where it names none."""
    from envtree.adapters.git.objects import resolve

    try:
        return resolve(repository, revision)
    except GitError:
        raise _unknown(repository, revision) from None


def commit_time(repository: Repository, commit: str) -> int:
    """Return when a commit, given by its full id, was made, in seconds since 1970; raises EnvtreeError if it says not.

    It is the time of the commit as it is, not of the change in it, which may be older.
    """
    try:
        header = git(repository.where, "cat-file", "commit", commit).partition(b"\n\n")[0]
    except GitError as error:
        raise failed(error) from None
    found = _COMMITTER.search(header)
    if found is None:
        raise failed(GitError(f"commit {commit[:12]} has no date"))
    return int(found[1])


def _unknown(repository: Repository, revision: str) -> EnvtreeError:
    message, advice = f"`{revision}` names no commit", "`git log --oneline --all` shows those there are"
    if head(repository.where) is None:
        message, advice = f"{message}: there is none on this branch yet", "commit first, or use `--staged`"
    if os.path.exists(f"{repository.common_dir}/shallow"):
        advice += "; the clone is shallow, and `git fetch --unshallow` gets those before"
    return EnvtreeError(Diagnostic("unknown-revision", message, help=advice))
