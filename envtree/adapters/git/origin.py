"""The commit that a source is, or is based on. They are compared by content, since `git status` would run filters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envtree.adapters.git.contents import list_tree, read_blobs
from envtree.adapters.git.head import head
from envtree.adapters.git.repository import find_repository
from envtree.core.model.commit import Origin
from envtree.core.model.diagnostic import EnvtreeError
from envtree.core.model.listing import LINK, id_of, ids_of
from envtree.core.model.source import INDEX

if TYPE_CHECKING:
    from envtree.adapters.git.repository import Repository
    from envtree.core.model.source import Source


def origin_of_worktree(root: str, source: Source) -> Origin:
    """Return the commit that is checked out where a source was read, and whether the source differs from it.

    A folder without a repository, or where git can't be asked, has no origin; it is built anyway.
    """
    try:
        repository = find_repository(root)
    except EnvtreeError:
        return Origin(None, None)
    if repository is None or repository.is_bare:
        return Origin(None, None)
    commit = head(root)
    if commit is None:
        return Origin(None, is_dirty=True)
    current = {path: id_of(data, commit) for path, data in source.files.items()}
    try:
        return Origin(commit, is_dirty=current != _committed(repository, commit))
    except EnvtreeError:  # the commit is damaged, so its content is unknown
        return Origin(commit, is_dirty=True)


def origin_of_index(repository: Repository) -> Origin:
    """Return the commit that the index is based on, and whether the index differs from it."""
    commit = head(repository.where)
    is_dirty = commit is None or _committed(repository, INDEX) != _committed(repository, commit)
    return Origin(commit, is_dirty)


def _committed(repository: Repository, commit: str) -> dict[str, str]:
    """Return the id of the content of each path in a commit, after following links."""
    listing = list_tree(repository, commit)
    links = read_blobs(repository, (blob.id for blob in listing.values() if blob.mode == LINK))
    return ids_of(listing, links)
