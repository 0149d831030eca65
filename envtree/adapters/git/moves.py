"""Where the tree stood before it was moved to another folder of its repository, and where a clone's history ends."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

from envtree.adapters.git.history import commits, ids_at
from envtree.adapters.git.plumbing import GitError, failed, git
from envtree.core.model.source import CONFIGS, SCHEMAS, SETTINGS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from envtree.adapters.git.repository import Repository
    from envtree.core.model.commit import Commit


def history(repository: Repository, start: str) -> tuple[tuple[Commit, ...], tuple[str, ...]]:
    """The commits down from one that touched the tree, and the folders that it has stood in, the newest first."""
    top = replace(repository, prefix="")
    folders: list[str] = [repository.prefix]
    while True:
        found = commits(top, start, paths_in(folders))
        new = dict.fromkeys(folder for folder in _moved(top, found, folders) if folder not in folders)
        if not new:
            return found, tuple(folders)
        folders += new


def paths_in(folders: Iterable[str]) -> list[str]:
    """What a tree is made of, in each of some folders."""
    return [f"{folder}{part}" for folder in folders for part in (SETTINGS, CONFIGS, SCHEMAS)]


def _moved(repository: Repository, found: Sequence[Commit], folders: Sequence[str]) -> Iterator[str]:
    """From where the tree came, wherever it appears in its history."""
    asked = [(commit.id, f"{folder}{SETTINGS}") for commit in found for folder in folders]
    there: dict[str, str] = {}
    for (commit_id, _), identity in zip(asked, ids_at(repository, asked), strict=True):
        if identity:
            there.setdefault(commit_id, identity)
    for commit in found:
        if commit.id in there and not (commit.parents and all(parent in there for parent in commit.parents)):
            for parent in _parents(repository, commit.id):
                yield from _source(repository, parent, commit.id, there[commit.id])


def _source(repository: Repository, parent: str, commit: str, settings: str) -> Iterator[str]:
    """The folder whose settings are gone: those with the same content, or the only ones."""
    after = _settings(repository, commit)
    gone = {path: identity for path, identity in _settings(repository, parent).items() if path not in after}
    same = [path for path, identity in gone.items() if identity == settings]
    if len(same or gone) == 1:
        yield next(iter(same or gone)).removesuffix(SETTINGS)


def _settings(repository: Repository, commit: str) -> dict[str, str]:
    """The paths of all settings in a commit, with their ids."""
    found = {}
    for line in _ask(repository, "ls-tree", "-r", "-z", "--full-tree", commit).split("\0")[:-1]:
        about, _, path = line.partition("\t")
        if path.rpartition("/")[2] == SETTINGS:
            found[path] = about.split(" ")[2]
    return found


def _parents(repository: Repository, commit: str) -> list[str]:
    """All of them: those that touched nothing of the tree too."""
    return _ask(repository, "rev-parse", f"{commit}^@").split()


def _ask(repository: Repository, *arguments: str) -> str:
    try:
        return git(repository.where, *arguments).decode("utf-8", "surrogateescape")
    except GitError as error:
        raise failed(error) from None


def shallow_ends(repository: Repository) -> frozenset[str]:
    """The commits whose parents a shallow clone lacks."""
    try:
        with open(os.path.join(repository.common_dir, "shallow"), encoding="ascii") as file:
            return frozenset(file.read().split())
    except FileNotFoundError:
        return frozenset()
