"""Where a repository keeps what a revision is read from: who can write there can put code into a commit.

This module imports little, since `validate --staged` needs it.
"""

from __future__ import annotations

import os

from envtree.adapters.git.plain import read_plain
from envtree.core.model.source import INDEX

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from envtree.adapters.git.repository import Repository

_DIGITS = frozenset("0123456789abcdef")
_FOLDER, _OBJECT = (2,), (38, 62)
"""The lengths of the names of a folder of loose objects, and of an object in it by SHA-1 and SHA-256."""


def storage(repository: Repository) -> tuple[str, ...]:
    """Return the folders of a repository's data: its own, the object stores that it borrows, and its working tree."""
    objects = f"{repository.common_dir}/objects"
    folders = dict.fromkeys((repository.common_dir, objects, repository.git_dir, *_borrowed(objects), repository.where))
    return tuple(folders)


def contents(repository: Repository, commit: str) -> Iterator[str]:
    """Yield what lies in these folders and decides what a commit, or the index, contains.

    The content of a file is compared with its id when it is read. Which ids a folder of a commit has is not, so that
    the loose objects of a commit count one by one.
    """
    for folder in dict.fromkeys((repository.git_dir, repository.common_dir)):
        yield from (f"{folder}/{name}" for name in ("HEAD", "config", "index", "packed-refs", "commondir"))
    if repository.index:
        yield repository.index
    objects = f"{repository.common_dir}/objects"
    for store in (objects, *_borrowed(objects)):
        for name in sorted(_names(store)):
            folder = f"{store}/{name}"
            if name in ("info", "pack"):
                yield from (folder, *(f"{folder}/{each}" for each in _names(folder)))
            elif _is_hex(name, _FOLDER):
                yield folder
                if commit != INDEX:
                    yield from (f"{folder}/{each}" for each in _names(folder) if _is_hex(each, _OBJECT))


def _borrowed(objects: str) -> tuple[str, ...]:
    """Return the other object folders that git searches, directly or not, as `clone --reference` records them."""
    found: dict[str, None] = {}
    pending = [objects]
    while pending:
        folder = pending.pop()
        lines = os.fsdecode(read_plain(f"{folder}/info/alternates") or b"").split("\n")
        for line in lines:
            other = os.path.normpath(os.path.join(folder, line))
            if line and not line.startswith("#") and other not in found and os.path.isdir(other):
                found[other] = None
                pending.append(other)
    return tuple(found)


def _is_hex(name: str, lengths: tuple[int, ...]) -> bool:
    return len(name) in lengths and _DIGITS.issuperset(name)


def _names(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []
