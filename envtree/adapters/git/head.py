"""The commit that is checked out, asked for in one question: a build that changes nothing asks no more."""

from __future__ import annotations

from envtree.adapters.git.plumbing import GitError, git


def head(folder: str) -> str | None:
    """The full id of the commit that is checked out where a folder lies; None before the first, or in no repository."""
    try:
        return git(folder, "rev-parse", "--verify", "--quiet", "HEAD^{commit}").decode().strip()
    except GitError:
        return None
