"""Which commit a source is, or lies on top of: they are compared by content, since `status` would run filters."""

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
    """The commit that is checked out where a source was read, and whether the source differs from it.

    A folder that is in no repository, or that no git can be asked about, has no origin: it is built all the same.
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
    written = {path: id_of(data, commit) for path, data in source.files.items()}
    try:
        return Origin(commit, is_dirty=written != _committed(repository, commit))
    except EnvtreeError:  # of a commit that is damaged nobody knows what it holds
        return Origin(commit, is_dirty=True)


def origin_of_index(repository: Repository) -> Origin:
    """The commit that the index is to be committed on, and whether it differs."""
    commit = head(repository.where)
    is_dirty = commit is None or _committed(repository, INDEX) != _committed(repository, commit)
    return Origin(commit, is_dirty)


def _committed(repository: Repository, commit: str) -> dict[str, str]:
    listing = list_tree(repository, commit)
    links = read_blobs(repository, (blob.id for blob in listing.values() if blob.mode == LINK))
    return ids_of(listing, links)
