"""Reads what a tree passes over, but a repository holds: Markdown and dotfiles below `configs/` and `schemas/`."""

from __future__ import annotations

import os

from envtree.adapters.files.worktree import FOLDER, read_plain
from envtree.core.model.source import IGNORED, MAX_FOLDERS, is_ignored


def read_ignored(root: str) -> dict[str, bytes]:
    """Return the files below the tree's folders that are no part of it, but no links, nor what can't be read."""
    found: dict[str, bytes] = {}
    try:
        top = os.open(root, FOLDER)
    except OSError:
        return found
    try:
        for folder in IGNORED:
            _add_folder(top, folder.rstrip("/"), found)
    finally:
        os.close(top)
    return found


def _add_folder(parent: int, folder: str, found: dict[str, bytes]) -> None:
    try:
        here = os.open(folder.rpartition("/")[2], FOLDER, dir_fd=parent)
    except OSError:
        return
    try:
        for entry in sorted(os.scandir(here), key=lambda each: each.name):
            path = f"{folder}/{entry.name}"
            if entry.is_dir(follow_symlinks=False):
                if entry.name not in (".git", "__pycache__") and path.count("/") <= MAX_FOLDERS:
                    _add_folder(here, path, found)
            elif entry.is_file(follow_symlinks=False) and is_ignored(path):
                data = read_plain(entry.name, here)
                found |= {} if data is None else {path: data}
    finally:
        os.close(here)
