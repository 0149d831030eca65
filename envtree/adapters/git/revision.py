"""The commit that a revision names."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from envtree.adapters.git.head import head
from envtree.adapters.git.plumbing import GitError
from envtree.core.model.diagnostic import Diagnostic, EnvtreeError

if TYPE_CHECKING:
    from envtree.adapters.git.repository import Repository


def commit_of(repository: Repository, revision: str) -> str:
    """Return the full id of the commit that a revision names; raises EnvtreeError where it names none."""
    from envtree.adapters.git.objects import resolve

    try:
        return resolve(repository, revision)
    except GitError:
        raise _unknown(repository, revision) from None


def _unknown(repository: Repository, revision: str) -> EnvtreeError:
    message, advice = f"`{revision}` names no commit", "`git log --oneline --all` shows those there are"
    if head(repository.where) is None:
        message, advice = f"{message}: there is none on this branch yet", "commit first, or use `--staged`"
    if os.path.exists(f"{repository.common_dir}/shallow"):
        advice += "; the clone is shallow, and `git fetch --unshallow` gets those before"
    return EnvtreeError(Diagnostic("unknown-revision", message, help=advice))
