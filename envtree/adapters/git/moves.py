"""Where a tree was before it moved to another folder of its repository."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from envtree.adapters.git.history import commits, ids_at
from envtree.adapters.git.plumbing import GitError, failed, git
from envtree.core.model.source import CONFIGS, SCHEMAS, SETTINGS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from envtree.adapters.git.repository import Repository
    from envtree.core.model.commit import Commit


def commits_following_moves(repository: Repository, start: str) -> tuple[tuple[Commit, ...], tuple[str, ...]]:
    """Return a commit and its ancestors that touched the tree, and the folders that it was in, newest first."""
    top = replace(repository, prefix="")
    folders: list[str] = [repository.prefix]
    while True:
        found = commits(top, start, paths_in(folders))
        new = dict.fromkeys(folder for folder in _earlier_folders(top, found, folders) if folder not in folders)
        if not new:
            return found, tuple(folders)
        folders += new


def paths_in(folders: Iterable[str]) -> list[str]:
    """Return the paths of a tree's parts in each of these folders."""
    return [f"{folder}{part}" for folder in folders for part in (SETTINGS, CONFIGS, SCHEMAS)]


def _earlier_folders(repository: Repository, found: Sequence[Commit], folders: Sequence[str]) -> Iterator[str]:
    """Yield the folders that the tree came from, wherever it appears in its history."""
    wanted = [(commit.id, f"{folder}{SETTINGS}") for commit in found for folder in folders]
    settings: dict[str, str] = {}
    for (commit_id, _), object_id in zip(wanted, ids_at(repository, wanted), strict=True):
        if object_id:
            settings.setdefault(commit_id, object_id)
    for commit in found:
        if commit.id in settings and not (commit.parents and all(parent in settings for parent in commit.parents)):
            for parent in _parents(repository, commit.id):
                yield from _source(repository, parent, commit.id, settings[commit.id])


def _source(repository: Repository, parent: str, commit: str, settings: str) -> Iterator[str]:
    """Yield the folder whose settings disappeared: the one with the same content, or the only one."""
    after = _settings(repository, commit)
    gone = {path: object_id for path, object_id in _settings(repository, parent).items() if path not in after}
    unchanged = [path for path, object_id in gone.items() if object_id == settings]
    if len(unchanged or gone) == 1:
        yield next(iter(unchanged or gone)).removesuffix(SETTINGS)


def _settings(repository: Repository, commit: str) -> dict[str, str]:
    """Return the paths of all settings in a commit, with their ids."""
    found = {}
    try:
        output = git(repository.where, "ls-tree", "-r", "-z", "--full-tree", commit).decode("utf-8", "surrogateescape")
    except GitError as error:
        raise failed(error) from None
    for line in output.split("\0")[:-1]:
        fields, _, path = line.partition("\t")
        if path.rpartition("/")[2] == SETTINGS:
            found[path] = fields.split(" ")[2]
    return found


def _parents(repository: Repository, commit: str) -> list[str]:
    """Return all parents of a commit, including those that touched nothing of the tree."""
    from envtree.adapters.git.objects import parents

    try:
        return parents(repository, commit)
    except GitError as error:
        raise failed(error) from None
