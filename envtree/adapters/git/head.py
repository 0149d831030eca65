"""The commit that is checked out, from a single git command: a build that changes nothing asks git nothing else."""

from __future__ import annotations

from envtree.adapters.git.plumbing import GitError, git


def head(folder: str) -> str | None:
    """Return the full id of the commit that is checked out in a folder; None without a commit or a repository."""
    try:
        return git(folder, "rev-parse", "--verify", "--quiet", "HEAD^{commit}").decode().strip()
    except GitError:
        return None
